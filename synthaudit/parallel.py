"""The one place that knows joblib.

Work is handed over as a pure function and a list of items; results come back in the order of the
items, so the number of workers cannot change a result. BLAS and OpenMP threads are capped inside
workers: two workers with two threads each on two cores are slower than one.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar, cast

from synthaudit.errors import SynthauditError, UsageError
from synthaudit.seeds import Name, Streams

Item = TypeVar("Item")
Answer = TypeVar("Answer")

Progress = Callable[[str, int, int], None]


def no_progress(task: str, done: int, total: int) -> None:
    """The default listener: says nothing."""


def available_cores() -> int:
    """Cores this process may use (an affinity mask or container limit counts, not the machine)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _load_thread_pools() -> None:
    """Load the libraries that bring thread pools, so that a limit set now holds for them.

    A limit reaches only what is loaded. And an OpenMP thread that waits for the others by spinning
    (the default, read when the library is loaded) takes their core away from them: on two cores
    shared with other work, boosting took 20 times the time of one thread.
    """
    before = os.environ.get("OMP_WAIT_POLICY")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        import sklearn.utils._openmp_helpers  # noqa: F401
    finally:
        if before is None:
            del os.environ["OMP_WAIT_POLICY"]


@contextmanager
def steady_threads(jobs: int) -> Iterator[None]:
    """One BLAS thread, ``jobs`` OpenMP threads, for the duration.

    A BLAS sum split over another number of threads rounds differently, which would let ``--jobs``
    move the last digits of a report; scikit-learn's OpenMP loops do not have that problem.
    """
    from threadpoolctl import threadpool_limits

    _load_thread_pools()
    with threadpool_limits(1, user_api="blas"), threadpool_limits(jobs, user_api="openmp"):
        yield


def _capped(function: Callable[[Item], Answer], item: Item) -> Answer:
    from threadpoolctl import threadpool_limits

    _load_thread_pools()
    with threadpool_limits(limits=1):
        return function(item)


@dataclass(frozen=True)
class _Watched(Generic[Item, Answer]):
    """The function as a worker on this machine runs it: it goes when its parent has gone.

    Workers of a killed process would otherwise work through the whole queue for nobody.
    """

    function: Callable[[Item], Answer]
    parent: int

    def __call__(self, item: Item) -> Answer:
        if self.parent not in _WATCHED:
            _WATCHED.add(self.parent)
            threading.Thread(target=_leave_with, args=(self.parent,), daemon=True).start()
        return _capped(self.function, item)


_WATCHED: set[int] = set()
"""Parents this worker process already watches."""


def _leave_with(parent: int) -> None:
    """End this process as soon as its parent is another one: the first has died."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


BACKENDS = ("loky", "dask", "ray")


@dataclass(frozen=True)
class Backend:
    """Where worker processes are: this machine, or an existing Dask or Ray cluster.

    Attributes
    ----------
    name : str
        ``loky`` (this machine), ``dask`` or ``ray``.
    address : str, optional
        Of the cluster's scheduler, e.g. ``tcp://127.0.0.1:8786``; without one a Ray cluster is
        looked for on this machine.
    """

    name: str = "loky"
    address: str | None = None

    def __post_init__(self) -> None:
        if self.name not in BACKENDS:
            raise UsageError(
                f"There is no backend {self.name!r}: use one of {', '.join(BACKENDS)}."
            )
        if self.name == "dask" and self.address is None:
            raise UsageError("The dask backend needs the address of a scheduler: give --scheduler.")

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Make this backend joblib's for the duration.

        Raises
        ------
        UsageError
            When its package is not installed or the cluster does not answer.
        """
        from joblib import parallel_config

        if self.name == "loky":
            with parallel_config(backend="loky"):
                yield
        elif self.name == "dask":
            with _dask_client(str(self.address)), parallel_config(backend="dask"):
                yield
        else:
            _connect_ray(self.address)
            with parallel_config(backend="ray"):
                yield


_CLUSTER: ContextVar[Backend | None] = ContextVar("cluster", default=None)


@contextmanager
def working_on(backend: Backend) -> Iterator[None]:
    """Let large searches of this thread use a Dask cluster, if that is what ``backend`` is.

    Ray starts its workers anew for every map, seconds each: a search is done sooner here. Workers
    inherit nothing of this: what they are asked to search they search themselves.
    """
    before = _CLUSTER.set(backend if backend.name == "dask" else None)
    try:
        yield
    finally:
        _CLUSTER.reset(before)


def cluster() -> Backend | None:
    """The cluster large searches may use, or None."""
    return _CLUSTER.get()


def _dask_client(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise UsageError("The dask backend needs the 'dask' extra: install '.[dask]'.") from None
    try:
        return Client(address, timeout="10s", set_as_default=True)
    except OSError as error:
        raise UsageError(
            f"No Dask scheduler answers at {address}: check --scheduler and that it runs."
        ) from error


def _connect_ray(address: str | None) -> None:
    try:
        import ray
        from ray.util.joblib import register_ray
    except ImportError:
        raise UsageError("The ray backend needs the 'ray' extra: install '.[ray]'.") from None
    if not ray.is_initialized():
        wanted = address or "auto"
        try:
            if wanted != "auto":  # Ray itself asks for three minutes, then ends the process
                host, _, port = wanted.removeprefix("ray://").rpartition(":")
                socket.create_connection((host, int(port)), timeout=10.0).close()
            ray.init(address=wanted, log_to_driver=False)
        except (OSError, ValueError, SystemExit) as error:
            raise UsageError(
                f"No Ray cluster answers at {wanted}: check --scheduler (HOST:PORT) and that it "
                "runs."
            ) from error
    register_ray()


def process_map(
    function: Callable[[Item], Answer],
    items: Sequence[Item],
    jobs: int,
    on_done: Callable[[int], None] | None = None,
    backend: Backend | None = None,
) -> list[Answer]:
    """Apply ``function`` to every item in worker processes; results in the order of ``items``.

    Parameters
    ----------
    function : callable
        Must be importable or picklable by cloudpickle (loky's rule).
    items : sequence
    jobs : int
        Workers; 1 runs in this process, unless a cluster was given.
    on_done : callable, optional
        Called with the number of finished items after each one.
    backend : Backend, optional
        Default: processes on this machine.

    Raises
    ------
    SynthauditError
        When a worker process was killed.
    """
    backend = backend if backend is not None else Backend()
    if backend.name == "loky" and (jobs <= 1 or len(items) <= 1):
        return _collected((_capped(function, item) for item in items), on_done)
    from joblib import Parallel, delayed

    with backend.connected():
        if backend.name != "loky":
            # cluster backends hand everything back at the end
            tasks = [delayed(_capped)(function, item) for item in items]
            return _collected(Parallel(n_jobs=-1)(tasks), on_done)
        watched = _Watched(function, os.getpid())
        with _ended_on_failure():
            return _collected(
                Parallel(n_jobs=min(jobs, len(items)), return_as="generator")(
                    [delayed(watched)(item) for item in items]
                ),
                on_done,
            )


@contextmanager
def _ended_on_failure() -> Iterator[None]:
    """No worker outlives an error, an interrupt or a time limit; a worker's death is explained."""
    from joblib.externals.loky import get_reusable_executor
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    try:
        yield
    except TerminatedWorkerError:
        raise SynthauditError(
            "A worker process was ended from outside, most often because memory ran out: use "
            "fewer --jobs or a machine with more memory."
        ) from None
    except BaseException:
        get_reusable_executor().shutdown(wait=True, kill_workers=True)
        raise


def _collected(stream: Iterable[Answer], on_done: Callable[[int], None] | None) -> list[Answer]:
    answers: list[Answer] = []
    for answer in stream:
        answers.append(answer)
        if on_done is not None:
            on_done(len(answers))
    return answers


def thread_map(
    function: Callable[[Item], Answer], items: Sequence[Item], jobs: int
) -> list[Answer]:
    """Apply ``function`` in threads: for kernels that release the interpreter lock."""
    if jobs <= 1 or len(items) <= 1:
        return [function(item) for item in items]
    with ThreadPoolExecutor(max_workers=min(jobs, len(items))) as pool:
        return list(pool.map(function, items))


def thread_stream(
    function: Callable[[Item], Answer], items: Iterable[Item], jobs: int
) -> Iterator[Answer]:
    """``thread_map`` for items that the caller's thread makes one by one, and uses one by one.

    Only a few of either exist at a time.
    """
    if jobs <= 1:
        yield from map(function, items)
        return
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        coming: deque[Future[Answer]] = deque()
        for item in items:
            coming.append(pool.submit(function, item))
            if len(coming) > 2 * jobs:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()


def ahead(stream: Iterator[Item], jobs: int) -> Iterator[Item]:
    """The items of ``stream``, each made in a thread while the one before it is used."""
    if jobs <= 1:
        yield from stream
        return
    end = object()
    with ThreadPoolExecutor(max_workers=1) as pool:
        coming = pool.submit(next, stream, end)
        while (item := coming.result()) is not end:
            coming = pool.submit(next, stream, end)
            yield cast("Item", item)


@dataclass(frozen=True)
class Context:
    """What a plug-in gets from outside: chance, workers and somebody to tell.

    Attributes
    ----------
    streams : Streams
        Random streams below the plug-in's own name.
    jobs : int
        Workers the plug-in may use.
    progress : callable
        ``progress(task, done, total)``; free to ignore.
    extras : dict
        Things the corridor lends to plug-ins that ask for them by a Need (see ``types.Need``).
    backend : Backend
        Where worker processes are.
    time_limit : float, optional
        Seconds one plug-in may take.
    """

    streams: Streams
    jobs: int = 1
    progress: Progress = no_progress
    extras: dict[str, Any] = field(default_factory=dict)
    backend: Backend = field(default_factory=Backend)
    time_limit: float | None = None

    def map(
        self, function: Callable[[Item], Answer], items: Sequence[Item], task: str = ""
    ) -> list[Answer]:
        """``process_map`` with this context's workers and progress listener."""
        total = len(items)
        return process_map(
            function, items, self.jobs, lambda done: self.progress(task, done, total), self.backend
        )

    def child(self, *names: Name) -> Context:
        """The same context with streams below ``names``."""
        return replace(self, streams=self.streams.child(*names))
