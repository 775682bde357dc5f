"""Small finished audits that several rooms look at: a leak, and a table that leaks nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from conftest import make_case

from synthaudit.corridor import AuditRun, run_audit
from synthaudit.request import AuditRequest

ROOT = Path(__file__).parents[1]
QUICK = ("closest_record", "tracing")
"""Attacks enough for a verdict, cheap enough for every room."""


def write_case(folder: Path, leak: float, n_rows: int = 150, seed: int = 5) -> dict[str, Path]:
    """Three CSV files on disk, by role."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / f"{name}.csv" for name in ("train", "holdout", "synthetic")}
    for path, frame in zip(paths.values(), make_case(n_rows, seed, leak), strict=True):
        frame.to_csv(path, index=False)
    return paths


SLOW = "blind_classifier"
"""The one check that takes longer than all the others together; left out where it is not asked
about."""
SITE = f"""
import synthaudit.registry as registry

every = registry.discover_checks
registry.discover_checks = lambda: tuple(c for c in every() if c.card.id != "{SLOW}")
"""


def without_slow_checks(folder: Path) -> str:
    """A ``PYTHONPATH`` for processes of the command that leave the slow check out."""
    (folder / "sitecustomize.py").write_text(SITE)
    return f"{folder}{os.pathsep}{ROOT}"


@contextmanager
def few_checks() -> Iterator[None]:
    """The same within this process."""
    from synthaudit.registry import discover_checks

    quick = tuple(check for check in discover_checks() if check.card.id != SLOW)
    with patch("synthaudit.corridor.discover_checks", lambda: quick):
        yield


def quick_audit(paths: dict[str, Path], **settings: object) -> AuditRun:
    """An audit of a second or two."""
    request = AuditRequest(**{"attacks": QUICK, "shadows": 0, "jobs": 1, **settings})  # type: ignore[arg-type]
    with few_checks():
        return run_audit(paths["train"], paths["holdout"], paths["synthetic"], request)


def run_command(
    *arguments: object, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "synthaudit", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=os.environ | {"COLUMNS": "100", "NO_COLOR": "1"} | environment,
    )


def flags(paths: dict[str, Path]) -> list[object]:
    """``--train FILE --holdout FILE --synthetic FILE``."""
    return [word for name, path in paths.items() for word in (f"--{name}", path)]
