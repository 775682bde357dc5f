"""Options that several commands share, with the words of their help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Train = Annotated[
    Path,
    typer.Option("--train", help="The real table the generator was fitted on.", show_default=False),
]
Holdout = Annotated[
    Path,
    typer.Option(
        "--holdout",
        help="Real rows of the same population, never shown to the generator.",
        show_default=False,
    ),
]
Synthetic = Annotated[
    Path, typer.Option("--synthetic", help="The synthetic table to be shared.", show_default=False)
]
MaybeTrain = Annotated[
    Path | None, typer.Option("--train", help="The training table.", show_default=False)
]
MaybeHoldout = Annotated[
    Path | None, typer.Option("--holdout", help="The holdout.", show_default=False)
]
MaybeSynthetic = Annotated[
    Path | None, typer.Option("--synthetic", help="The synthetic table.", show_default=False)
]
SchemaFile = Annotated[
    Path | None,
    typer.Option(
        "--schema", help="Column kinds, as written by an earlier audit.", show_default=False
    ),
]
ShadowRows = Annotated[
    int | None,
    typer.Option(
        "--shadow-rows",
        min=1,
        help="Rows each shadow is trained on at most (default: half of the candidates).",
        show_default=False,
    ),
]
Split = Annotated[
    str,
    typer.Option(
        help="Were train and holdout split at random? 'random', 'stratified:COLUMN' (at random "
        "within its values), 'not-random' (no bounds on epsilon then), or 'assumed': nobody "
        "knows."
    ),
]
GroupKey = Annotated[
    str | None,
    typer.Option(
        "--group-key",
        help="Column of train and holdout naming the person, when a person has several rows: "
        "persons are then drawn, scored and counted.",
        show_default=False,
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        min=1,
        help="Workers (default: every core). Changes no number.",
        show_default=False,
    ),
]
Memory = Annotated[
    str | None,
    typer.Option(
        "--memory",
        help="Memory the audit may take, e.g. '8GB' (default: half the machine). Larger tables are "
        "read in parts, and the report says what was sampled.",
        show_default=False,
    ),
]
Budget = Annotated[
    str | None,
    typer.Option(
        "--budget",
        help="Time the audit may take, e.g. '5m': attacks, candidates and shadows are chosen to "
        "fit, and the report says what was left out.",
        show_default=False,
    ),
]
TimeLimit = Annotated[
    float | None,
    typer.Option(
        "--time-limit",
        min=0.001,
        help="Seconds one attack or check may take (default: no limit); then it counts as failed.",
        show_default=False,
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
