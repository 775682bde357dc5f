"""The engines compared: how each is built and asked."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tables import Pair

Search = Callable[[NDArray[np.float32], NDArray[np.int32]], NDArray[np.float64]]


def threads() -> int:
    """How many threads an engine may use: one, unless ``cores.py`` asks for more."""
    return int(os.environ.get("ENGINE_THREADS", "1"))


@dataclass(frozen=True)
class Engine:
    """One way to search.

    ``build`` returns a function from queries to the nearest distance, as a sum over columns.
    ``pairs`` is how many query-row pairs it is given at most; ``same_metric`` is False where the
    distance is another one (Euclid on one-hot columns), so that answers cannot be compared.
    """

    name: str
    build: Callable[[Pair], Search]
    pairs: float = np.inf
    needs: str = "numba"
    same_metric: bool = True
    adult_only: bool = True


def _ours(k: int) -> Callable[[Pair], Search]:
    def build(pair: Pair) -> Search:
        from synthaudit.neighbors import NeighborIndex

        index = NeighborIndex(pair.numbers, pair.codes, jobs=threads())
        index.query(pair.query_numbers[:1], pair.query_codes[:1], 1)
        n_columns = pair.numbers.shape[1] + pair.codes.shape[1]
        return lambda numbers, codes: index.query(numbers, codes, k).distances[:, 0] * n_columns

    return build


def _one_hot(numbers: NDArray[np.float32], codes: NDArray[np.int32], n_levels: list[int]):  # type: ignore[no-untyped-def]
    """Categories as columns of 0 and 1/2: the L1 distance is then Gower's sum."""
    width = numbers.shape[1] + sum(n_levels)
    table = np.zeros((codes.shape[0], width), dtype=np.float32)
    table[:, : numbers.shape[1]] = numbers
    start = numbers.shape[1]
    for j, n in enumerate(n_levels):
        table[np.arange(codes.shape[0]), start + codes[:, j]] = 0.5
        start += n
    return table


def _levels(pair: Pair) -> list[int]:
    both = np.vstack([pair.codes, pair.query_codes])
    return [int(column.max()) + 1 for column in both.T]


def _sklearn(metric: str) -> Callable[[Pair], Search]:
    def build(pair: Pair) -> Search:
        from sklearn.neighbors import NearestNeighbors

        levels = _levels(pair)
        index = NearestNeighbors(n_neighbors=1, algorithm="brute", metric=metric, n_jobs=threads())
        index.fit(_one_hot(pair.numbers, pair.codes, levels))
        return lambda x, c: index.kneighbors(_one_hot(x, c, levels))[0][:, 0].astype(np.float64)

    return build


def _ckdtree(pair: Pair) -> Search:
    from scipy.spatial import cKDTree

    levels = _levels(pair)
    tree = cKDTree(_one_hot(pair.numbers, pair.codes, levels))
    return lambda x, c: tree.query(_one_hot(x, c, levels), k=1, p=1, workers=threads())[0]


def _faiss(metric: str) -> Callable[[Pair], Search]:
    def build(pair: Pair) -> Search:
        import faiss

        faiss.omp_set_num_threads(threads())
        levels = _levels(pair)
        table = _one_hot(pair.numbers, pair.codes, levels)
        kind = faiss.METRIC_L1 if metric == "l1" else faiss.METRIC_L2
        index = faiss.IndexFlat(table.shape[1], kind)
        index.add(table)
        return lambda x, c: index.search(_one_hot(x, c, levels), 1)[0][:, 0].astype(np.float64)

    return build


def _pynndescent(pair: Pair) -> Search:
    from pynndescent import NNDescent

    levels = _levels(pair)
    index = NNDescent(
        _one_hot(pair.numbers, pair.codes, levels), metric="manhattan", random_state=0, n_jobs=1
    )
    index.prepare()
    return lambda x, c: index.query(_one_hot(x, c, levels), k=1)[1][:, 0].astype(np.float64)


ENGINES = (
    Engine("synthaudit, k = 1", _ours(1), 1e12, adult_only=False),
    Engine("synthaudit, k = 10", _ours(10), 4e9, adult_only=False),
    Engine("faiss flat, L1 one-hot", _faiss("l1"), 1e8, "faiss-cpu", adult_only=False),
    Engine("faiss flat, Euclid one-hot", _faiss("l2"), 1e9, "faiss-cpu", same_metric=False),
    Engine("scikit-learn brute, L1 one-hot", _sklearn("manhattan"), 2e7, "scikit-learn"),
    Engine(
        "scikit-learn brute, Euclid one-hot",
        _sklearn("euclidean"),
        3e8,
        "scikit-learn",
        same_metric=False,
    ),
    Engine("scipy cKDTree, L1 one-hot", _ckdtree, 2e7, "scipy"),
    Engine("pynndescent, L1 one-hot (approximate)", _pynndescent, 1e8, "pynndescent"),
)
