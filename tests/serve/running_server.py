"""``synthaudit serve`` in a process of its own, and small files to give it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[2]
ROLES = {"train": "train", "holdout": "holdout", "synthetic": "synthetic_leaky"}
COLUMNS = ["age", "workclass", "education", "marital_status", "sex", "hours_per_week", "income"]


def small_tables(folder: Path) -> dict[str, Path]:
    """150 rows and 7 columns of each of the sample tables, as CSV files."""
    found = {}
    for role, name in ROLES.items():
        table = pd.read_csv(ROOT / "sample_data" / f"{name}.csv", nrows=150)[COLUMNS]
        found[role] = folder / f"{name}.csv"
        table.to_csv(found[role], index=False)
    return found


def files_below(folder: Path) -> list[Path]:
    """Every file, while somebody may be removing them (``rglob`` raises then)."""
    return [Path(at, name) for at, _, names in os.walk(folder) for name in names]


class Running:
    """A server whose temporary files all land below ``folder``; a context manager."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "synthaudit", "serve", "--no-open", *options],
            env=os.environ | {"TMPDIR": str(folder), "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None and self.process.stderr is not None
        line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/\S+/", line)
        if found is None:
            raise AssertionError(line + self.process.stderr.read())
        self.address = found.group()
        self.port = int(found.group(1))

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def files(self) -> list[Path]:
        """Every file kept, but for the server's own lock."""
        return [path for path in files_below(self.folder) if path.name != "lock"]

    def stop(self, number: int = signal.SIGTERM) -> str:
        """Send a signal; what was printed until the end."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            out, error = self.process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        return out + error
