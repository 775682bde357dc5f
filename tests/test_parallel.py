"""Work is handed over and comes back in order, wherever the workers are."""

from __future__ import annotations

import ast
import subprocess
import sys
import threading

import pytest

from synthaudit.errors import UsageError
from synthaudit.parallel import Backend, Context, process_map, thread_map
from synthaudit.seeds import Streams


def square(value: int) -> int:
    return value * value


@pytest.mark.parametrize("jobs", [1, 2])
def test_process_map_keeps_the_order_and_tells_progress(jobs: int) -> None:
    told: list[int] = []
    assert process_map(square, range(5), jobs, told.append) == [0, 1, 4, 9, 16]
    assert told == [1, 2, 3, 4, 5]


def test_thread_map_keeps_the_order_and_uses_threads() -> None:
    names: set[str] = set()

    def work(value: int) -> int:
        names.add(threading.current_thread().name)
        return -value

    assert thread_map(work, range(20), 2) == [-v for v in range(20)]
    assert all(name != threading.main_thread().name for name in names)


def test_limits_hold_for_libraries_that_are_loaded_later() -> None:
    code = """
from synthaudit.parallel import process_map, steady_threads
from threadpoolctl import threadpool_info

def pools(_):
    import scipy.linalg, sklearn.ensemble
    return {pool["user_api"]: pool["num_threads"] for pool in threadpool_info()}

with steady_threads(1):
    print(pools(0))
print(process_map(pools, [0], 1)[0])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        found = ast.literal_eval(line)
        assert {"blas", "openmp"} <= set(found) and set(found.values()) == {1}, found


def test_a_child_context_has_streams_of_its_own() -> None:
    context = Context(Streams(1), jobs=3)
    child = context.child("a")
    assert child.jobs == 3 and child.streams == Streams(1).child("a")


@pytest.mark.parametrize(("name", "address"), [("slurm", None), ("dask", None)])
def test_backends_that_cannot_be_are_refused(name: str, address: str | None) -> None:
    with pytest.raises(UsageError):
        Backend(name, address)


def test_a_cluster_that_does_not_answer_is_one_sentence() -> None:
    pytest.importorskip("distributed")
    with pytest.raises(UsageError, match="No Dask scheduler answers"):
        process_map(square, range(3), 2, backend=Backend("dask", "tcp://127.0.0.1:9"))


@pytest.mark.slow
def test_a_real_dask_cluster_gives_the_same_answers() -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        backend = Backend("dask", cluster.scheduler_address)
        assert process_map(square, range(7), 2, backend=backend) == [v * v for v in range(7)]
