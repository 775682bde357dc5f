"""A private folder for the files of this run, and the end of it.

The folder is made with mode 0700 and carries a lock that the server holds for as long as it lives.
A server that was killed outright cannot tidy up, but its lock is released by the kernel: the next
one finds the folder unlocked and removes it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

PREFIX = "synthaudit-serve-"
LOCK = "lock"


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder only this user can read, gone afterwards with everything in it."""
    sweep_abandoned()
    # locked before it has the name by which others look for abandoned ones
    fresh = Path(tempfile.mkdtemp(prefix="synthaudit-new-"))
    folder = fresh.with_name(fresh.name.replace("synthaudit-new-", PREFIX))
    with (fresh / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fresh.rename(folder)
        try:
            yield folder
        finally:
            erase(folder)


def sweep_abandoned() -> None:
    """Remove the folders of servers that were killed before they could tidy up."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            with (folder / LOCK).open("r+") as lock:
                if _is_free(lock):
                    erase(folder)


def _is_free(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def erase(folder: Path) -> None:
    """Remove a folder and everything in it; one that is gone already is fine."""
    shutil.rmtree(folder, ignore_errors=True)
