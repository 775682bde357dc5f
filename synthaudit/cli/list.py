"""``synthaudit list``: what there is."""

from __future__ import annotations

import typer

from synthaudit.cli.app import app


@app.command(name="list")
def list_() -> None:
    """List attacks, checks and generators, with one line and their needs."""
    from synthaudit.catalogue import catalogue_text

    typer.echo(catalogue_text())
