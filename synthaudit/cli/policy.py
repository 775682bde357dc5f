"""``synthaudit policy show``: the limits, each with its reason and source."""

from __future__ import annotations

from typing import Annotated

import typer

from synthaudit.cli.app import app
from synthaudit.cli.say import say

policy = typer.Typer(no_args_is_help=True, help="Show the limits of a policy, with their reasons.")
app.add_typer(policy, name="policy")


@policy.callback()
def _root() -> None:
    """Show the limits of a policy, with their reasons."""


@policy.command()
def show(
    name: Annotated[
        str, typer.Argument(help="A preset (default, strict, lenient) or a policy.toml.")
    ] = "default",
) -> None:
    """Print every limit with what it is a number of, its reason and its source."""
    from synthaudit.policy import Policy

    say(Policy.load(name).to_text())
