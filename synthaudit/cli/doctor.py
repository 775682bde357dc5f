"""``synthaudit doctor``: the inputs only."""

from __future__ import annotations

import typer

from synthaudit.cli.app import app
from synthaudit.cli.exits import Exit
from synthaudit.cli.options import GroupKey, Holdout, SchemaFile, Synthetic, Train
from synthaudit.cli.say import say


@app.command()
def doctor(
    train: Train,
    holdout: Holdout,
    synthetic: Synthetic,
    schema: SchemaFile = None,
    group_key: GroupKey = None,
) -> None:
    """Look at the inputs only: what was read, inferred, set aside, and what is in the way."""
    from synthaudit.examine import examine

    examination = examine(train, holdout, synthetic, schema=schema, group_key=group_key)
    say(examination.to_text())
    raise typer.Exit(Exit.INCONCLUSIVE if examination.in_the_way else Exit.POLICY_MET)
