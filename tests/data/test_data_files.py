"""Atomic writing and digests."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from synthaudit.data import file_digest, write_atomically


def test_writes_content_and_mode(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret.json"
    write_atomically(path, b"abc", mode=0o600)
    assert path.read_bytes() == b"abc"
    assert path.stat().st_mode & 0o777 == 0o600
    assert file_digest(path) == hashlib.sha256(b"abc").hexdigest()


def test_a_failed_write_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.json"
    write_atomically(path, b"old")

    def full(_: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
