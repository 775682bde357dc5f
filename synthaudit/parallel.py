"""The one place that knows joblib.

Work is handed over as a pure function and a list of items; results come back in the order of the
items, so the number of workers cannot change a result. BLAS and OpenMP threads are capped inside
workers: two workers with two threads each on two cores are slower than one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

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


def _capped(function: Callable[[Item], Answer], item: Item) -> Answer:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        return function(item)


def process_map(
    function: Callable[[Item], Answer],
    items: Sequence[Item],
    jobs: int,
    on_done: Callable[[int], None] | None = None,
) -> list[Answer]:
    """Apply ``function`` to every item in worker processes; results in the order of ``items``.

    Parameters
    ----------
    function : callable
        Must be importable or picklable by cloudpickle (loky's rule).
    items : sequence
    jobs : int
        Workers; 1 runs in this process.
    on_done : callable, optional
        Called with the number of finished items after each one.
    """
    answers: list[Answer] = []
    if jobs <= 1 or len(items) <= 1:
        stream: Iterable[Answer] = (_capped(function, item) for item in items)
    else:
        from joblib import Parallel, delayed

        parallel = Parallel(n_jobs=min(jobs, len(items)), return_as="generator")
        stream = parallel(delayed(_capped)(function, item) for item in items)
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
    """

    streams: Streams
    jobs: int = 1
    progress: Progress = no_progress
    extras: dict[str, Any] = field(default_factory=dict)

    def map(
        self, function: Callable[[Item], Answer], items: Sequence[Item], task: str = ""
    ) -> list[Answer]:
        """``process_map`` with this context's workers and progress listener."""
        total = len(items)
        return process_map(
            function, items, self.jobs, lambda done: self.progress(task, done, total)
        )

    def child(self, *names: Name) -> Context:
        """The same context with streams below ``names``."""
        return Context(self.streams.child(*names), self.jobs, self.progress, self.extras)
