"""``synthaudit replay``: a recorded audit, run again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthaudit.cli.app import app
from synthaudit.cli.exits import Exit
from synthaudit.cli.keeping import DigestKey, PackDirectory
from synthaudit.cli.options import Holdout, Jobs, Quiet, Synthetic, Train
from synthaudit.cli.progress import listener
from synthaudit.cli.say import say


@app.command()
def replay(
    directory: PackDirectory,
    train: Train,
    holdout: Holdout,
    synthetic: Synthetic,
    digest_key: DigestKey = None,
    jobs: Jobs = None,
    workdir: Annotated[
        Path | None,
        typer.Option(help="Keeps finished shadows, so that a run resumes.", show_default=False),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Run a recorded audit again and name every number that differs.

    The tables must be the ones that were audited. Exit code 0: nothing differs; 1: something does.
    """
    from synthaudit.evidence.digests import read_key
    from synthaudit.evidence.replay import replay as run_again

    with listener(quiet) as progress:
        found = run_again(
            directory,
            {"train": train, "holdout": holdout, "synthetic": synthetic},
            digest_key=None if digest_key is None else read_key(digest_key),
            jobs=jobs,
            workdir=workdir,
            progress=progress,
        )
    if not quiet:
        say(found.to_text())
    raise typer.Exit(Exit.POLICY_MET if found.is_same else Exit.LEAK)
