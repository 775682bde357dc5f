"""``synthaudit serve``: the local page."""

from __future__ import annotations

from typing import Annotated

import typer

from synthaudit.cli.app import app
from synthaudit.cli.options import Jobs


@app.command()
def serve(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 finds a free one.")
    ] = 0,
    browse: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser.")
    ] = True,
    max_upload: Annotated[
        int, typer.Option(min=1, help="Megabytes the three files may have together.")
    ] = 500,
    forget_after: Annotated[
        float,
        typer.Option(
            min=0.05,
            help="Minutes after its tab was closed at which an audit is ended and removed.",
        ),
    ] = 15,
    jobs: Jobs = None,
) -> None:
    """Open a page on this computer to audit without a terminal; nothing leaves the machine."""
    from synthaudit.errors import UsageError

    try:
        from synthaudit.serve.server import listening_socket
        from synthaudit.serve.server import serve as answer
        from synthaudit.serve.settings import MEGABYTE, Settings
    except ModuleNotFoundError as error:
        raise UsageError(
            f"The local page needs the 'serve' extra ({error.name} is missing): install '.[serve]'."
        ) from None
    listener = listening_socket(port)
    settings = Settings(
        port=listener.getsockname()[1],
        max_upload=max_upload * MEGABYTE,
        forget_after=forget_after * 60,
        jobs=jobs,
    )

    def announce() -> None:
        typer.echo(f"The page is open at  {settings.address}")
        typer.echo("It answers this computer only. Ctrl+C stops it and removes every file it kept.")

    answer(settings, listener, announce, browse=browse)
    typer.echo("Stopped; every file was removed.")
