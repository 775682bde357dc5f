"""SIGKILL at any moment, another number of workers, a cluster: the same report in the end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import make_population

from synthaudit.generators import parse_generator

pytestmark = pytest.mark.slow

N_SHADOWS = 8


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three small tables."""
    folder = tmp_path_factory.mktemp("tables")
    people = make_population(400, 70)
    for i, name in enumerate(("train", "holdout")):
        people.iloc[200 * i : 200 * (i + 1)].to_csv(folder / f"{name}.csv", index=False)
    release = parse_generator("cart").synthesize(people.iloc[:200], 200, 0)
    release.to_csv(folder / "synthetic.csv", index=False)
    return folder


def command(folder: Path, workdir: Path, out: Path, *more: str) -> list[str]:
    tables = [f"--{n}={folder / n}.csv" for n in ("train", "holdout", "synthetic")]
    return [sys.executable, "-m", "synthaudit", "audit", *tables, f"--out={out}", "--quiet",
            "--attacks=insider", "--generator=cart", f"--shadows={N_SHADOWS}",
            f"--workdir={workdir}", *more]  # fmt: skip


def report(folder: Path, workdir: Path, out: Path, *more: str) -> Any:
    """Run to the end; the report without its times and the number of workers."""
    line = command(folder, workdir, out, *more)
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1, 3), done.stderr
    return timeless(json.loads((out / "report.json").read_text()))


def timeless(node: Any) -> Any:
    if isinstance(node, dict):
        return {k: timeless(v) for k, v in node.items() if k not in ("seconds", "created", "jobs")}
    return [timeless(item) for item in node] if isinstance(node, list) else node


def stored(workdir: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in workdir.glob("*.npy")}


def killed(folder: Path, workdir: Path, out: Path, at: int, *more: str) -> None:
    """Start, and end it with SIGKILL, workers and all, once ``at`` shadows are stored."""
    victim = subprocess.Popen(
        command(folder, workdir, out, *more), stdout=subprocess.DEVNULL, start_new_session=True
    )
    deadline = time.monotonic() + 300
    while len(stored(workdir)) < at and victim.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    os.killpg(victim.pid, signal.SIGKILL)
    assert victim.wait() == -signal.SIGKILL, "it ended before it could be killed"


@pytest.fixture(scope="module")
def whole(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The report of a run nobody disturbed."""
    base = tmp_path_factory.mktemp("whole")
    return report(folder, base / "work", base / "out", "--jobs=1")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_killed_twice_it_repeats_no_shadow_and_ends_the_same(
    folder: Path, whole: Any, tmp_path: Path, jobs: str
) -> None:
    work, out = tmp_path / "work", tmp_path / "out"
    killed(folder, work, out, 1, f"--jobs={jobs}")
    first = stored(work)
    killed(folder, work, out, min(len(first) + 2, N_SHADOWS), f"--jobs={jobs}")
    second = stored(work)
    assert first.items() <= second.items(), "a finished shadow was made again"
    assert not (out / "report.json").exists()
    assert report(folder, work, out, f"--jobs={jobs}") == whole
    last = stored(work)
    assert second.items() <= last.items() and len(last) == N_SHADOWS


def test_a_cluster_finishes_what_a_killed_run_began(
    folder: Path, whole: Any, tmp_path: Path
) -> None:
    distributed = pytest.importorskip("distributed")
    work, out = tmp_path / "work", tmp_path / "out"
    killed(folder, work, out, 3, "--jobs=1")
    before = stored(work)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        found = report(
            folder, work, out, "--backend=dask", f"--scheduler={cluster.scheduler_address}"
        )
    assert found == whole
    assert before.items() <= stored(work).items()
