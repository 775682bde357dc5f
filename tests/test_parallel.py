"""Work is handed over and comes back in order, wherever the workers are."""

from __future__ import annotations

import ast
import math
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from synthaudit.corridor import run_audit
from synthaudit.errors import UsageError
from synthaudit.neighbors import NeighborIndex
from synthaudit.neighbors import index as searching
from synthaudit.parallel import (
    Backend,
    Context,
    ahead,
    cluster,
    process_map,
    thread_map,
    thread_stream,
    working_on,
)
from synthaudit.request import AuditRequest
from synthaudit.seeds import Streams

SAMPLE = Path(__file__).parents[1] / "sample_data"


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


def counting(n: int, made: list[int]) -> Iterator[int]:
    """Numbers below ``n``, each noted in ``made`` when it is made."""
    for value in range(n):
        made.append(value)
        yield value


@pytest.mark.parametrize("jobs", [1, 2])
def test_streams_keep_the_order_and_hold_few_items(jobs: int) -> None:
    made: list[int] = []
    for used, answer in enumerate(thread_stream(square, counting(20, made), jobs)):
        assert answer == square(used)
        assert len(made) <= used + 1 + 2 * jobs
    assert made == list(range(20))


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_next_item_is_made_ahead_and_no_more(jobs: int) -> None:
    made: list[int] = []
    for used, item in enumerate(ahead(counting(5, made), jobs)):
        assert item == used
        assert len(made) <= used + 2
    assert made == list(range(5))
    assert list(ahead(iter(()), jobs)) == []


def test_an_error_in_a_stream_reaches_its_user() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    for stream in (ahead(items(), 2), thread_stream(square, items(), 2)):
        with pytest.raises(ValueError, match="broken"):
            list(stream)


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


@pytest.mark.parametrize("address", ["127.0.0.1:9", "ray://127.0.0.1:9", "nowhere"])
def test_a_ray_cluster_that_does_not_answer_is_one_sentence_too(address: str) -> None:
    pytest.importorskip("ray")
    with pytest.raises(UsageError, match=f"No Ray cluster answers at {address}"):
        process_map(square, range(3), 2, backend=Backend("ray", address))


@pytest.fixture(scope="module", params=["dask", "ray"])
def abroad(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """A cluster of two processes on loopback; Ray's only where Ray is installed."""
    if request.param == "ray":
        ray = pytest.importorskip("ray")
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
        yield Backend("ray")
        ray.shutdown()
        return
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        yield Backend("dask", cluster.scheduler_address)


@pytest.mark.slow
def test_a_real_cluster_gives_the_same_answers(abroad: Backend) -> None:
    # a function the workers can import: Ray's do not know the folder of the tests
    assert process_map(math.factorial, range(7), 2, backend=abroad) == [1, 1, 2, 6, 24, 120, 720]


@pytest.mark.slow
@pytest.mark.parametrize("abroad", ["dask"], indirect=True)
def test_a_search_is_shared_out_among_workers(
    abroad: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hundred queries a worker at a time: distances, rows and left-out rows are the same."""
    monkeypatch.setattr(searching, "CLUSTER_QUERIES", 200)
    rng = np.random.default_rng(0)
    numbers = rng.random((700, 3), dtype=np.float32)
    codes = rng.integers(0, 4, (700, 2)).astype(np.int32)
    index, itself = NeighborIndex(numbers, codes), np.arange(700)
    alone = index.query(numbers, codes, 5, exclude=itself)
    sent: list[int] = []
    real = searching.process_map

    def counted(function: Any, pieces: Any, *args: Any, **kwargs: Any) -> Any:
        sent.append(len(pieces))
        return real(function, pieces, *args, **kwargs)

    monkeypatch.setattr(searching, "process_map", counted)
    with working_on(abroad):
        shared = index.query(numbers, codes, 5, exclude=itself)
    assert sent == [4] and cluster() is None
    np.testing.assert_array_equal(shared.distances, alone.distances)
    np.testing.assert_array_equal(shared.rows, alone.rows)


@pytest.mark.slow
def test_an_audit_on_a_cluster_is_the_same_audit(
    abroad: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Searches, the classifiers' folds and the shadows, on workers and here: the same report."""
    monkeypatch.setattr(searching, "CLUSTER_QUERIES", 150)
    paths = [SAMPLE / f"{name}.csv" for name in ("train", "holdout", "synthetic_leaky")]
    train, holdout, made = (pd.read_csv(path).head(250) for path in paths)
    request = AuditRequest(
        attacks=("closest_record", "calibrated_closest_record", "shadow"),
        generator="cart:min_leaf=5",
        shadows=4,
        jobs=1,
    )
    here = run_audit(train, holdout, made, request)
    there = run_audit(train, holdout, made, replace(request, backend=abroad))
    assert set(here.observations.scores) == set(there.observations.scores) != set()
    for name, scores in here.observations.scores.items():
        np.testing.assert_array_equal(there.observations.scores[name], scores)
    assert there.report.verdict == here.report.verdict
    for one, other in zip(here.report.results, there.report.results, strict=True):
        assert (one.id, one.status, one.estimates) == (other.id, other.status, other.estimates)
