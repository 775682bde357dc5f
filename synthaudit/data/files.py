"""Digests of files, and writing that is never half done."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def file_digest(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_atomically(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write ``content`` to ``path`` so that no reader ever sees a part of it.

    The bytes go to a temporary file in the same folder, which then replaces ``path`` in one step:
    a run killed at any moment leaves the old file or the new one. The mode is set before the first
    byte is written, so confidential content is never readable by others, not even briefly.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # named before it exists: an exit right after its creation knows what to remove
    temporary = path.parent / f".{path.name}.{secrets.token_hex(8)}.part"
    try:
        with open(temporary, "xb", opener=_for_owner) as stream:
            os.fchmod(stream.fileno(), mode)
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@contextmanager
def sole_writer(directory: Path, patience: float = 60.0) -> Iterator[None]:
    """Hold a directory against others who would write into it at the same time.

    The lock is on the directory itself, so no file is left behind, and the system lets go of it
    when the process dies, however it dies. Where there are no such locks, nothing is held.

    Raises
    ------
    BlockingIOError
        When somebody else holds it for longer than ``patience`` seconds.
    """
    try:
        import fcntl
    except ImportError:  # not a Unix
        yield
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        until = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
        yield
    finally:
        os.close(handle)


def sweep(directory: Path, name: str, older_than: float = 0.0) -> None:
    """Remove what a killed :func:`write_atomically` left of files called like ``name``."""
    for part in directory.glob(f".{name}.*.part"):
        try:
            if time.time() - part.stat().st_mtime >= older_than:
                part.unlink()
        except OSError:  # gone meanwhile, or not ours to remove: nothing depends on it
            continue
