"""``synthaudit gate``: a finished report, judged again, without the data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthaudit.cli.app import app
from synthaudit.cli.deliver import Delivery, Github, InconclusiveIs, Json, Junit, Metrics, Open
from synthaudit.cli.options import Quiet
from synthaudit.cli.say import say


@app.command()
def gate(
    report: Annotated[Path, typer.Argument(help="A report.json.", show_default=False)],
    policy: Annotated[
        str | None,
        typer.Option(
            help="A preset (default, strict, lenient) or a policy.toml; without one, the verdict "
            "stands as it is.",
            show_default=False,
        ),
    ] = None,
    junit: Junit = None,
    github: Github = False,
    metrics: Metrics = None,
    inconclusive_is: InconclusiveIs = Open.FAIL,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Judge a finished report, under another policy if asked, without the data."""
    from synthaudit.gate import rejudge
    from synthaudit.outputs import read_report

    found = read_report(report)
    if policy is not None:
        found = rejudge(found, policy)
    delivery = Delivery(json, junit, github, metrics, inconclusive_is)
    if not quiet and not delivery.is_piped:
        say(found.to_text())
    raise typer.Exit(delivery.send(found))
