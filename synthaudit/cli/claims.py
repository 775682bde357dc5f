"""``synthaudit claims``: what a vendor says, against what was measured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synthaudit.cli.app import app
from synthaudit.cli.exits import Exit
from synthaudit.cli.options import (
    GroupKey,
    Jobs,
    MaybeHoldout,
    MaybeSynthetic,
    MaybeTrain,
    Quiet,
    SchemaFile,
    Split,
)
from synthaudit.cli.progress import listener
from synthaudit.cli.say import say

if TYPE_CHECKING:
    from synthaudit.claims import Finding
    from synthaudit.report.model import AuditReport
    from synthaudit.request import AuditRequest


@app.command()
def claims(
    claims_file: Annotated[
        Path, typer.Argument(metavar="CLAIMS", help="A claims.toml.", show_default=False)
    ],
    report: Annotated[
        Path | None,
        typer.Option(help="A report.json to answer from, instead of tables.", show_default=False),
    ] = None,
    train: MaybeTrain = None,
    holdout: MaybeHoldout = None,
    synthetic: MaybeSynthetic = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Directory for claims.md and claims.json.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Root of every random stream.")] = 0,
    jobs: Jobs = None,
    attacks: Annotated[
        str, typer.Option(help="Attack ids or threat models, separated by commas, or 'all'.")
    ] = "all",
    schema: SchemaFile = None,
    shadows: Annotated[int, typer.Option(min=0, help="Shadows to train; 0 trains none.")] = 16,
    group_key: GroupKey = None,
    split: Split = "assumed",
    quiet: Quiet = False,
) -> None:
    """Hold a vendor's claims against the three tables, or against a finished report.

    Exit code 0: none is contradicted; 1: one is; 3: none could be tested.
    """
    from synthaudit.claims import (
        claims_json,
        claims_markdown,
        claims_text,
        judge_claims,
        read_claims,
    )
    from synthaudit.data.files import write_atomically
    from synthaudit.request import AuditRequest

    stated = read_claims(claims_file)
    names = tuple(name.strip() for name in attacks.split(",") if name.strip())
    request = AuditRequest(
        seed=seed,
        attacks=names,
        schema=schema,
        shadows=shadows,
        jobs=jobs,
        group_key=group_key,
        split=split,
    )
    measured = _measured(report, (train, holdout, synthetic), request, quiet)
    findings = judge_claims(stated, measured)
    if out is not None:
        texts = {
            "claims.md": claims_markdown(stated, findings, measured),
            "claims.json": claims_json(stated, findings, measured),
        }
        if report is None:
            texts["report.html"] = measured.to_html()
            texts["report.json"] = measured.to_json()
        for name, text in texts.items():
            write_atomically(out / name, text.encode())
    if not quiet:
        say(claims_text(stated, findings))
    raise typer.Exit(_exit(findings))


def _measured(
    report: Path | None,
    tables: tuple[Path | None, Path | None, Path | None],
    request: AuditRequest,
    quiet: bool,
) -> AuditReport:
    from synthaudit.corridor import run_audit
    from synthaudit.errors import UsageError
    from synthaudit.outputs import read_report

    if report is not None:
        if any(table is not None for table in tables):
            raise UsageError("Give a report or the three tables, not both.")
        return read_report(report)
    if any(table is None for table in tables):
        raise UsageError("Give --train, --holdout and --synthetic, or a finished --report.")
    with listener(quiet) as progress:
        return run_audit(*tables, request, progress).report


def _exit(findings: tuple[Finding, ...]) -> Exit:
    answers = {str(finding.answer) for finding in findings}
    if "contradicted" in answers:
        return Exit.LEAK
    if answers <= {"not testable with these inputs", "outside any test"}:
        return Exit.INCONCLUSIVE
    return Exit.POLICY_MET
