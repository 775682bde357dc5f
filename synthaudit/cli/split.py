"""``synthaudit split``: a proper holdout, before generating."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthaudit.cli.app import app
from synthaudit.cli.say import say


@app.command()
def split(
    real: Annotated[Path, typer.Option(help="The real table to be split.", show_default=False)],
    out: Annotated[
        Path, typer.Option(help="Directory for train, holdout and split.json.", show_default=False)
    ],
    holdout_share: Annotated[
        float, typer.Option(min=0.01, max=0.99, help="Share of the rows (or persons) held out.")
    ] = 0.5,
    group_key: Annotated[
        str | None,
        typer.Option(
            help="Column naming the person: one person never lands on both sides.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the split.")] = 0,
) -> None:
    """Make a proper holdout before generating: random, person-disjoint, recorded."""
    from synthaudit.data import split_table

    made = split_table(real, out, holdout_share=holdout_share, group_key=group_key, seed=seed)
    for notice in made.notices:
        say(f"[{notice.severity}] {notice.message}", err=True)
    for path in made.written:
        say(f"wrote {path}")
