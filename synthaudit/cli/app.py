"""The application commands register themselves with."""

from __future__ import annotations

from typing import Annotated

import typer

from synthaudit._version import __version__

app = typer.Typer(
    name="synthaudit",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"synthaudit {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Attack a synthetic table and measure how far it gives its training members away.

    Exit codes: 0 policy met, 1 leak above the policy, 2 bad usage or input,
    3 inconclusive or invalid, 4 internal error.
    """
