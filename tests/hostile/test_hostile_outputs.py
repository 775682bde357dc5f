"""Directories that are full, closed, shared or held by others: one sentence, and nothing half."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import make_case

from synthaudit.corridor import AuditRun, run_audit
from synthaudit.data.files import sole_writer, sweep, write_atomically
from synthaudit.data.store import ArrayStore
from synthaudit.errors import InputError
from synthaudit.outputs import refuse_unwritable, write_outputs
from synthaudit.request import AuditRequest

ROOT = Path(__file__).parents[2]
FORK = multiprocessing.get_context("fork")


def quick_run(seed: int) -> AuditRun:
    request = AuditRequest(seed=seed, attacks=("closest_record",), shadows=0, jobs=1)
    return run_audit(*make_case(40, seed), request)


@pytest.fixture(scope="module")
def runs() -> list[AuditRun]:
    return [quick_run(1), quick_run(2)]


def is_of(out: Path, run: AuditRun) -> bool:
    report = run.report
    return (out / "report.json").read_text() == report.to_json() and (
        out / "report.html"
    ).read_text() == report.to_html()


def test_two_audits_into_one_directory_leave_one_of_them_whole(
    runs: list[AuditRun], tmp_path: Path
) -> None:
    def write(number: int) -> None:
        for _ in range(5):
            write_outputs(runs[number], tmp_path, save_scores=True)

    writers = [FORK.Process(target=write, args=(i % 2,)) for i in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 4
    assert is_of(tmp_path, runs[0]) or is_of(tmp_path, runs[1])
    assert not list(tmp_path.rglob("*.part"))


def test_who_holds_a_directory_for_long_is_reported(
    runs: list[AuditRun], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synthaudit.outputs.sole_writer", lambda out: sole_writer(out, 0.2))
    with sole_writer(tmp_path), pytest.raises(InputError, match="Another audit is writing"):
        write_outputs(runs[0], tmp_path)
    write_outputs(runs[0], tmp_path)
    assert is_of(tmp_path, runs[0])


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    def hold() -> None:
        with sole_writer(tmp_path):
            (tmp_path / "held").touch()
            time.sleep(60)

    holder = FORK.Process(target=hold)
    holder.start()
    while not (tmp_path / "held").exists():
        time.sleep(0.01)
    assert holder.pid is not None
    os.kill(holder.pid, signal.SIGKILL)
    holder.join()
    with sole_writer(tmp_path, 5.0):
        pass


def test_four_processes_share_one_work_directory(tmp_path: Path) -> None:
    def arrays(number: int) -> np.ndarray[Any, Any]:
        return np.full((200, 50), float(number), dtype=np.float32)

    def work() -> None:
        store = ArrayStore(tmp_path)
        for number in [*range(25)] * 4:
            found = store.get(f"{number}", 200)
            assert found is None or np.array_equal(found, arrays(number))
            store.put(f"{number}", arrays(number))

    workers = [FORK.Process(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    time.sleep(0.1)
    workers[0].kill()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers][1:] == [0, 0, 0]
    for number in range(25):
        path = tmp_path / f"{number}.npy"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert np.array_equal(ArrayStore(tmp_path).get(f"{number}", 200), arrays(number))
    ArrayStore(tmp_path).tidy()  # what is young may be somebody's
    sweep(tmp_path, "*.npy")
    assert not list(tmp_path.glob("*.part"))


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_atomically(path, b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            write_atomically(path, b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.html"]


def limited(
    arguments: list[object], limits: dict[int, int] | None = None, **options: Any
) -> subprocess.CompletedProcess[str]:
    """The command under limits of the system."""

    def before() -> None:
        for which, most in (limits or {}).items():
            resource.setrlimit(which, (most, most))

    return subprocess.run(
        [sys.executable, "-m", "synthaudit", *map(str, arguments)],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        preexec_fn=before,
        **options,
    )


@pytest.fixture(scope="module")
def flags(tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    folder = tmp_path_factory.mktemp("tables")
    words: list[object] = []
    for name, frame in zip(("train", "holdout", "synthetic"), make_case(300, 5), strict=True):
        frame.to_csv(folder / f"{name}.csv", index=False)
        words += [f"--{name}", folder / f"{name}.csv"]
    return [*words, "--attacks", "closest_record", "--shadows", 0, "--jobs", 1, "--quiet"]


@pytest.mark.slow
def test_a_full_disk_is_exit_2_and_no_report(flags: list[object], tmp_path: Path) -> None:
    out = tmp_path / "out"
    # numba's and Python's own caches are small; the report is not
    done = limited(["audit", *flags, "--out", out], {resource.RLIMIT_FSIZE: 40_000})
    assert done.returncode == 2, done.stderr
    assert "cannot be written (File too large)" in done.stderr and done.stderr.count("\n") == 1
    assert not (out / "report.json").exists() and not list(out.rglob("*.part"))


@pytest.mark.slow
def test_too_little_memory_is_one_sentence(flags: list[object], tmp_path: Path) -> None:
    """Wherever it runs out: while libraries load, while tables are read, or inside an attack."""
    ends = set()
    for megabytes in (350, 700, 1000):
        out = tmp_path / f"{megabytes}"
        done = limited(
            ["audit", *flags, "--out", out],
            {resource.RLIMIT_AS: megabytes << 20},
            env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        ends.add(done.returncode)
        assert (out / "report.json").exists() == (done.returncode in (0, 1, 3))
        if done.returncode not in (0, 1, 3):
            assert done.returncode != 0
            assert not out.exists() or not list(out.rglob("*.part"))
    assert ends - {0, 1, 3}, "none of the limits was low enough to test anything"


def test_standard_output_that_is_full_or_closed_is_no_pass(
    runs: list[AuditRun], tmp_path: Path
) -> None:
    write_outputs(runs[0], tmp_path)
    render = ["render", tmp_path / "report.json", "--to", "text"]
    with Path("/dev/full").open("w") as full:
        done = limited(render, stdout=full)
    assert done.returncode == 2 and "No space left" in done.stderr
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr
    reader, writer = os.pipe()
    os.close(reader)
    done = limited(render, stdout=writer)
    os.close(writer)
    assert done.returncode == 141 and done.stderr == ""


def test_where_nothing_can_be_written_is_found_out_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="not a directory"):
        refuse_unwritable(tmp_path / "file")
    with pytest.raises(InputError, match="not a directory"):
        refuse_unwritable(tmp_path / "file" / "below")
    refuse_unwritable(tmp_path / "new" / "deep")
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write where nobody may
    with pytest.raises(InputError, match=r"cannot be written \(Permission denied\)"):
        refuse_unwritable(tmp_path / "new" / "deep")
    assert not (tmp_path / "new").exists()


def test_confidential_files_are_private_even_in_a_directory_that_was_not(
    runs: list[AuditRun], tmp_path: Path
) -> None:
    folder = tmp_path / "confidential"
    folder.mkdir(mode=0o755)
    write_outputs(runs[0], tmp_path, save_scores=True, findings=True)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


@pytest.mark.slow
def test_killed_audits_leave_nothing_half(tmp_path: Path) -> None:
    """A few trials of the committed runner; hundreds are in docs/reliability.md."""
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "reliability" / "kill.py", "--audit", "2",
         "--workers", "1", "--writing", "12", "--seed", str(os.getpid())],
        capture_output=True, text=True, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_lock_is_on_the_directory_and_leaves_no_file(tmp_path: Path) -> None:
    with sole_writer(tmp_path):
        assert list(tmp_path.iterdir()) == []
