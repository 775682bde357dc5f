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

from synthaudit.data.files import write_atomically
from synthaudit.types import Floats32


@dataclass(frozen=True)
class ArrayStore:
    """Arrays under a private directory."""

    root: Path

    def _path(self, key: str) -> Path:
        return self.root / f"{key}.npy"

    def get(self, key: str) -> Floats32 | None:
        """The array stored under ``key``; None when there is none or it cannot be read."""
        try:
            with self._path(key).open("rb") as file:
                array: Floats32 = np.load(file, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            # absent, truncated by a full disk, or not ours: made again
            return None
        return array

    def put(self, key: str, array: Floats32) -> None:
        """Store ``array`` (mode 0600: features are derived from real rows)."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        buffer = io.BytesIO()
        np.save(buffer, array, allow_pickle=False)
        write_atomically(self._path(key), buffer.getvalue(), mode=0o600)
