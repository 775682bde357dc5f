"""``synthaudit list``: what there is."""

from __future__ import annotations

from synthaudit.cli.app import app
from synthaudit.cli.say import say


@app.command(name="list")
def list_() -> None:
    """List attacks, checks and generators, with one line and their needs."""
    from synthaudit.catalogue import catalogue_text

    say(catalogue_text())
