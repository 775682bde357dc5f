"""``synthaudit verify``: an evidence pack, checked without the data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthaudit.cli.app import app
from synthaudit.cli.exits import Exit
from synthaudit.cli.keeping import DigestKey, PackDirectory
from synthaudit.cli.options import MaybeHoldout, MaybeSynthetic, MaybeTrain
from synthaudit.cli.say import say


@app.command()
def verify(
    directory: PackDirectory,
    public_key: Annotated[
        Path | None,
        typer.Option(help="The signer's Ed25519 public key (PEM).", show_default=False),
    ] = None,
    train: MaybeTrain = None,
    holdout: MaybeHoldout = None,
    synthetic: MaybeSynthetic = None,
    digest_key: DigestKey = None,
) -> None:
    """Check an evidence pack without the data: digests, schema, verdict, signature.

    Tables at hand can be given to see whether they are the ones that were audited. Exit code 0:
    nothing is wrong; 1: something does not hold.
    """
    from synthaudit.evidence.digests import read_key
    from synthaudit.evidence.verify import verify_pack

    given = {"train": train, "holdout": holdout, "synthetic": synthetic}
    found = verify_pack(
        directory,
        public_key=public_key,
        tables={role: path for role, path in given.items() if path is not None},
        digest_key=None if digest_key is None else read_key(digest_key),
    )
    say(found.to_text())
    raise typer.Exit(Exit.POLICY_MET if found.holds else Exit.LEAK)
