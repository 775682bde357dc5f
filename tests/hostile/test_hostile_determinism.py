"""Same tables, same seed: the same report, whatever it ran on and however often."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import make_case

ATTACKS = "closest_record,value_combinations,density_ratio,shadow_lira"


def numbers(path: Path) -> dict[str, Any]:
    """A report without times, versions and how it was run."""
    content: dict[str, Any] = json.loads(path.read_text())
    for key in ("seconds", "created", "command", "inputs", "versions"):
        content.pop(key, None)
    content["config"].pop("jobs")
    for result in content["results"]:
        result.pop("seconds")
    return content


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    for name, frame in zip(("train", "holdout", "synthetic"), make_case(80, 5, 0.4), strict=True):
        frame.to_csv(folder / f"{name}.csv", index=False)
        frame.to_parquet(folder / f"{name}.parquet")
    return folder


def audited(files: Path, out: Path, suffix: str, jobs: int, seed: str) -> dict[str, Any]:
    flags = [part for name in ("train", "holdout", "synthetic")
             for part in (f"--{name}", str(files / f"{name}.{suffix}"))]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "synthaudit", "audit", *flags, "--out", str(out), "--quiet",
         "--shadows", "4", "--attacks", ATTACKS, "--generator", "cart", "--jobs", str(jobs)],
        env=os.environ | {"PYTHONHASHSEED": seed},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1, 3), done.stderr
    return numbers(out / "report.json")


@pytest.mark.slow
def test_workers_hash_seeds_containers_and_repetition_change_nothing(
    files: Path, tmp_path: Path
) -> None:
    first = audited(files, tmp_path / "a", "csv", 1, "0")
    assert {result["status"] for result in first["results"] if result["kind"] == "attack"} == {
        "MEASURED"
    }
    assert audited(files, tmp_path / "b", "csv", 2, "1") == first
    assert audited(files, tmp_path / "c", "parquet", 4, "4711") == first
    assert audited(files, tmp_path / "a", "csv", 1, "0") == first  # again, over the first
