"""``synthaudit render``: a report again, without the data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthaudit.cli.app import app
from synthaudit.cli.say import say


@app.command()
def render(
    report: Annotated[Path, typer.Argument(help="A report.json.", show_default=False)],
    to: Annotated[str, typer.Option(help="html, md, text or pdf.")] = "html",
    out: Annotated[
        Path | None,
        typer.Option(
            help="File to write (default: beside the JSON; text: printed).", show_default=False
        ),
    ] = None,
) -> None:
    """Render a report again, without the data."""
    from synthaudit.outputs import read_report, render_as

    rendered = render_as(read_report(report), to)
    if to == "text" and out is None:
        say(rendered.decode())
        return
    from synthaudit.data.files import write_atomically

    target = out if out is not None else report.with_suffix(f".{to}")
    write_atomically(target, rendered)
    say(f"wrote {target}")
