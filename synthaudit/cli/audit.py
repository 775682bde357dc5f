"""``synthaudit audit``: three tables in, a scored report out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthaudit.cli.app import app
from synthaudit.cli.deliver import Delivery, Github, InconclusiveIs, Json, Junit, Metrics, Open
from synthaudit.cli.keeping import DigestKey, EvidenceFlag, Keeping, Log, SignKey
from synthaudit.cli.options import (
    Budget,
    GroupKey,
    Holdout,
    Jobs,
    Memory,
    Quiet,
    SchemaFile,
    ShadowRows,
    Split,
    Synthetic,
    TimeLimit,
    Train,
)
from synthaudit.cli.progress import announce, listener
from synthaudit.cli.say import say


@app.command()
def audit(
    train: Train,
    holdout: Holdout,
    synthetic: Synthetic,
    out: Annotated[
        Path, typer.Option("--out", help="Directory for report.json, .html and .md.")
    ] = Path("reports/audit"),
    seed: Annotated[int, typer.Option(min=0, help="Root of every random stream.")] = 0,
    jobs: Jobs = None,
    attacks: Annotated[
        str, typer.Option(help="Attack ids or threat models, separated by commas, or 'all'.")
    ] = "all",
    policy: Annotated[
        str, typer.Option(help="A preset (default, strict, lenient) or a policy.toml.")
    ] = "default",
    schema: SchemaFile = None,
    generator: Annotated[
        str | None,
        typer.Option(
            help="Generator to train shadows with, e.g. 'cart:min_leaf=5' (default: a stand-in, "
            "chosen by measurement).",
            show_default=False,
        ),
    ] = None,
    filters: Annotated[
        list[str] | None,
        typer.Option(
            "--filter",
            help="Post-processing that is part of the generator, e.g. 'dcr:0.3' or 'dedup'.",
            show_default=False,
        ),
    ] = None,
    shadows: Annotated[int, typer.Option(min=0, help="Shadows to train; 0 trains none.")] = 16,
    shadow_rows: ShadowRows = None,
    max_candidates: Annotated[
        int | None,
        typer.Option(min=2, help="Cap on candidates attacked on either side.", show_default=False),
    ] = None,
    workdir: Annotated[
        Path | None,
        typer.Option(
            help="Keeps finished shadows, so that an interrupted run resumes.", show_default=False
        ),
    ] = None,
    group_key: GroupKey = None,
    split: Split = "assumed",
    prevalence: Annotated[
        float | None,
        typer.Option(
            help="Share of members among the people an attacker would look at, such as 0.01.",
            show_default=False,
        ),
    ] = None,
    exposure_by: Annotated[
        list[str] | None,
        typer.Option(
            help="Also report exposure by the groups of this column (may be repeated).",
            show_default=False,
        ),
    ] = None,
    selftest: Annotated[
        bool,
        typer.Option(help="Also plant known leaks and report which are seen (takes a while)."),
    ] = False,
    time_limit: TimeLimit = None,
    backend: Annotated[
        str, typer.Option(help="Where shadows are trained: loky (here), dask or ray.")
    ] = "loky",
    scheduler: Annotated[
        str | None,
        typer.Option(help="Address of an existing Dask or Ray cluster.", show_default=False),
    ] = None,
    memory: Memory = None,
    budget: Budget = None,
    save_scores: Annotated[
        bool,
        typer.Option(help="Also write confidential/candidates.parquet (one row per candidate)."),
    ] = False,
    findings: Annotated[
        bool,
        typer.Option(
            "--findings",
            help="Also write confidential/findings.*: which training rows are exposed, by what.",
        ),
    ] = False,
    evidence: EvidenceFlag = False,
    sign_key: SignKey = None,
    digest_key: DigestKey = None,
    log: Log = None,
    json: Json = None,
    junit: Junit = None,
    github: Github = False,
    metrics: Metrics = None,
    inconclusive_is: InconclusiveIs = Open.FAIL,
    quiet: Quiet = False,
) -> None:
    """Attack SYNTHETIC and write a scored privacy report."""
    from synthaudit.budget import parse_duration
    from synthaudit.corridor import run_audit
    from synthaudit.outputs import refuse_unwritable, write_outputs
    from synthaudit.parallel import Backend
    from synthaudit.plan import parse_bytes
    from synthaudit.request import AuditRequest

    request = AuditRequest(
        seed=seed,
        attacks=tuple(name.strip() for name in attacks.split(",") if name.strip()),
        policy=policy,
        schema=schema,
        generator=generator,
        shadows=shadows,
        shadow_rows=shadow_rows,
        max_candidates=max_candidates,
        jobs=jobs,
        workdir=workdir,
        backend=Backend(backend, scheduler),
        time_limit=time_limit,
        filters=tuple(filters or ()),
        group_key=group_key,
        split=split,
        prevalence=prevalence,
        exposure_by=tuple(exposure_by or ()),
        selftest=selftest,
        memory=parse_bytes(memory) if memory is not None else None,
        budget=parse_duration(budget) if budget is not None else None,
    )
    if not quiet:
        announce(train, holdout, synthetic, request.memory)
    keeping = Keeping.of(evidence, sign_key, digest_key, log)
    refuse_unwritable(out)
    with listener(quiet) as progress:
        run = keeping.settle(run_audit(train, holdout, synthetic, request, progress))
    written = write_outputs(run, out, save_scores=save_scores, findings=findings)
    written += keeping.pack(run, out)
    delivery = Delivery(json, junit, github, metrics, inconclusive_is)
    if not quiet and not delivery.is_piped:
        say(run.report.to_text())
        for path in written:
            say(f"  wrote {path}")
    raise typer.Exit(delivery.send(run.report))
