"""``synthaudit audit-generator``: a real table and a generator in, several releases audited."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthaudit.cli.app import app
from synthaudit.cli.exits import exit_code
from synthaudit.cli.options import GroupKey, Jobs, Quiet, ShadowRows
from synthaudit.cli.progress import listener
from synthaudit.cli.say import say


@app.command(name="audit-generator")
def audit_generator(
    real: Annotated[Path, typer.Option(help="The real table.", show_default=False)],
    generator: Annotated[
        str, typer.Option(help="The generator, e.g. 'cart:min_leaf=5'.", show_default=False)
    ],
    out: Annotated[
        Path, typer.Option(help="Directory for the summary and each release's report.")
    ] = Path("reports/generator"),
    releases: Annotated[int, typer.Option(min=1, help="Independent releases to audit.")] = 3,
    seed: Annotated[int, typer.Option(min=0, help="Root of every random stream.")] = 0,
    jobs: Jobs = None,
    group_key: GroupKey = None,
    policy: Annotated[str, typer.Option(help="A preset or a policy.toml.")] = "default",
    filters: Annotated[
        list[str] | None,
        typer.Option("--filter", help="Post-processing of the generator.", show_default=False),
    ] = None,
    shadows: Annotated[int, typer.Option(min=0, help="Shadows to train a release.")] = 16,
    shadow_rows: ShadowRows = None,
    workdir: Annotated[
        Path | None,
        typer.Option(help="Keeps finished shadows, so that a run resumes.", show_default=False),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Split, generate, audit, and repeat: describes the generator, not one lucky draw."""
    from synthaudit.outputs import refuse_unwritable
    from synthaudit.releases import audit_releases
    from synthaudit.request import AuditRequest

    request = AuditRequest(
        seed=seed,
        policy=policy,
        generator=generator,
        filters=tuple(filters or ()),
        shadows=shadows,
        shadow_rows=shadow_rows,
        group_key=group_key,
        jobs=jobs,
        workdir=workdir,
    )
    refuse_unwritable(out)
    with listener(quiet) as progress:
        summary = audit_releases(real, request, releases, out, progress)
    say(summary.to_text())
    raise typer.Exit(exit_code(summary.level))
