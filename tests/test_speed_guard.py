"""The quick regression guard runs with the suite: a slower engine is a failed test."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

CHECK = Path(__file__).parents[1] / "benchmarks" / "check.py"


@pytest.fixture(scope="module")
def check() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmarks_check", CHECK)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_engine_is_as_fast_as_recorded(
    check: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check.main(["--quick"]) == 0, capsys.readouterr().out


def test_a_slow_engine_fails_the_guard(
    check: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check, "ratio", lambda guard: (guard.bound * 0.99, 0))
    assert check.main(["--quick"]) == 1
    monkeypatch.setattr(check, "ratio", lambda guard: (guard.bound * 2, 1))
    assert check.main(["--quick"]) == 1
    assert "1 of 500 wrong" in capsys.readouterr().out
