"""Atomic writing and digests."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from synthaudit.data import file_digest, files, write_atomically


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


def test_an_exit_at_any_moment_leaves_the_old_file_or_the_new_one_and_nothing_else(
    tmp_path: Path,
) -> None:
    # a signal handler raises between any two lines; found once in some hundred killed writings
    path = tmp_path / "report.json"
    for nth in range(1, 100):
        write_atomically(path, b"old")
        seen = 0

        def exit_at(frame: FrameType, event: str, _: Any, nth: int = nth) -> Any:
            nonlocal seen
            if frame.f_code.co_filename != files.__file__:
                return None
            seen += event == "line"
            if seen == nth and event == "line":
                raise SystemExit(143)
            return exit_at

        before = sys.gettrace()
        sys.settrace(exit_at)
        try:
            write_atomically(path, b"new")
            left = False
        except SystemExit:
            left = True
        finally:
            sys.settrace(before)
        assert path.read_bytes() in (b"old", b"new")
        assert [file.name for file in tmp_path.iterdir()] == ["report.json"], nth
        if not left:
            break
    assert 5 < nth < 50 and path.read_bytes() == b"new"
