"""``synthaudit compare``: finished audits side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthaudit.cli.app import app
from synthaudit.cli.options import Quiet
from synthaudit.cli.say import say


@app.command()
def compare(
    reports: Annotated[
        list[Path],
        typer.Argument(help="Two or more report.json, or their directories.", show_default=False),
    ],
    out: Annotated[
        Path, typer.Option("--out", help="Directory for comparison.html, .json and .txt.")
    ] = Path("reports/comparison"),
    quiet: Quiet = False,
) -> None:
    """Put finished audits side by side: several tables, or releases over time."""
    from synthaudit.comparing import compare as compared
    from synthaudit.outputs import write_comparison

    comparison = compared(reports)
    written = write_comparison(comparison, out)
    if not quiet:
        say(comparison.to_text())
        for path in written:
            say(f"  wrote {path}")
