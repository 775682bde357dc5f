"""Finished pieces of long work, kept by content key, so that interrupted work resumes.

One array a file, written to a temporary name and renamed: a reader finds a whole array or none. Two
processes that store the same key write the same bytes, so the last rename wins and nothing is lost.
Nothing is unpickled.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthaudit.data.files import sweep, write_atomically
from synthaudit.errors import InputError
from synthaudit.types import Floats32


@dataclass(frozen=True)
class ArrayStore:
    """Arrays under a private directory."""

    root: Path

    def _path(self, key: str) -> Path:
        return self.root / f"{key}.npy"

    def get(self, key: str, n_rows: int) -> Floats32 | None:
        """The array stored under ``key``; None when there is none of ``n_rows`` finite rows."""
        try:
            with self._path(key).open("rb") as file:
                array: Floats32 = np.load(file, allow_pickle=False)
        except (OSError, ValueError, EOFError, MemoryError, SyntaxError):
            # absent, truncated by a full disk, or not ours (a header may lie about sizes, or not be
            # one): made again
            return None
        is_ours = array.ndim == 2 and len(array) == n_rows and array.dtype.kind == "f"
        return array if is_ours and bool(np.isfinite(array).all()) else None

    def tidy(self) -> None:
        """Remove what killed runs left half written (an hour old: others may be writing now)."""
        sweep(self.root, "*.npy", older_than=3600.0)

    def put(self, key: str, array: Floats32) -> None:
        """Store ``array`` (mode 0600: features are derived from real rows).

        Raises
        ------
        InputError
            When the directory cannot be written.
        """
        buffer = io.BytesIO()
        np.save(buffer, array, allow_pickle=False)
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_atomically(self._path(key), buffer.getvalue(), mode=0o600)
        except OSError as error:
            raise InputError(
                f"The work directory {self.root.name} cannot be written "
                f"({error.strerror or type(error).__name__}): free some space or choose another "
                "with --workdir."
            ) from error
