"""``synthaudit selftest``: what would an audit of these very tables have seen?"""

from __future__ import annotations

from typing import Annotated

import typer

from synthaudit.cli.app import app
from synthaudit.cli.options import GroupKey, Holdout, Jobs, Quiet, SchemaFile, Synthetic, Train
from synthaudit.cli.progress import listener
from synthaudit.cli.say import say


@app.command()
def selftest(
    train: Train,
    holdout: Holdout,
    synthetic: Synthetic,
    seed: Annotated[int, typer.Option(min=0, help="Root of every random stream.")] = 0,
    attacks: Annotated[
        str, typer.Option(help="Attack ids, separated by commas, or 'outsider'.")
    ] = "outsider",
    schema: SchemaFile = None,
    group_key: GroupKey = None,
    max_candidates: Annotated[
        int | None,
        typer.Option(min=2, help="Cap on candidates attacked on either side.", show_default=False),
    ] = None,
    jobs: Jobs = None,
    quiet: Quiet = False,
) -> None:
    """Plant known leaks of graded size into SYNTHETIC and print which of them are seen."""
    from synthaudit.corridor import run_selftest
    from synthaudit.request import AuditRequest
    from synthaudit.selftest import to_text

    request = AuditRequest(
        seed=seed,
        attacks=tuple(name.strip() for name in attacks.split(",") if name.strip()),
        schema=schema,
        group_key=group_key,
        max_candidates=max_candidates,
        jobs=jobs,
    )
    with listener(quiet) as progress:
        found = run_selftest(train, holdout, synthetic, request, progress)
    say(to_text(found))
