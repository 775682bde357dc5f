"""The public face of the engine: an index over a reference table, and what a query gives back."""

from __future__ import annotations

import copy
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from synthaudit.errors import InputError, UsageError
from synthaudit.parallel import Backend, cluster, process_map
from synthaudit.types import Codes, Floats, Floats32, Ints

if TYPE_CHECKING:
    from synthaudit.neighbors.prepared import Prepared

TOLERANCE = 1e-9
"""Distances this close to a radius count as lying at it: sums of the same terms in another order,
or a radius that went through a file, differ by far less; different distances by far more."""

CLUSTER_QUERIES = 20_000
"""Queries a worker of a cluster is sent at a time; fewer are not worth the journey."""

_PREPARING = threading.Lock()
"""One for all indexes: a lock of its own would keep an index from being pickled."""


@dataclass(frozen=True, eq=False)
class Neighbors:
    """The k nearest reference rows of every query.

    Attributes
    ----------
    distances : (n_queries, k) float64, ascending; Gower mean over columns. Infinite where fewer
        than k rows were left to find.
    rows : (n_queries, k) int64; reference rows, ties by lower row number; -1 where none was left.
    """

    distances: Floats
    rows: Ints

    @property
    def k(self) -> int:
        """Neighbours per query."""
        return int(self.distances.shape[1])

    def joined(self, later: Neighbors, n_before: int, k: int) -> Neighbors:
        """The ``k`` nearest of two parts of one reference; ``later`` begins at row ``n_before``."""
        rows = np.where(later.rows < 0, -1, later.rows + n_before)
        distances = np.concatenate([self.distances, later.distances], axis=1)
        rows = np.concatenate([self.rows, rows], axis=1)
        # stable: of equally near rows those of the earlier part come first
        best = np.argsort(distances, axis=1, kind="stable")[:, :k]
        return Neighbors(
            np.take_along_axis(distances, best, axis=1), np.take_along_axis(rows, best, axis=1)
        )

    def first(self, k: int) -> Neighbors:
        """The first k neighbours (fewer when fewer were found)."""
        return self if k >= self.k else Neighbors(self.distances[:, :k], self.rows[:, :k])


class NeighborIndex:
    """Exact nearest neighbours under a weighted mean of column distances (Gower, 1971).

    ``d(x, y) = sum_j w_j d_j(x_j, y_j) / sum_j w_j``, where a number column gives
    ``min(|x_j - y_j|, cap)`` and a category column 0 (equal) or 1. A missing number lies at 0 from
    another missing one and at ``cap`` from any present one; a missing category is a code like any
    other.

    Parameters
    ----------
    numbers : (n_rows, n_numbers) float32
        NaN is missing; infinities of one sign are equal to each other.
    codes : (n_rows, n_categories) int32
        Any integers; a query's code that does not occur here matches nothing.
    cap : float
        Largest distance one number column can contribute.
    number_weights, code_weights : (n_numbers,) and (n_categories,) float, optional
        At least 0 each; 0 leaves the column out. All 1 by default.
    jobs : int
        Threads. Results do not depend on it.

    Raises
    ------
    UsageError
        For arrays that do not belong together, weights below 0 or all 0, a cap not above 0; at a
        query, for another number of columns than here or k below 0.
    InputError
        At the first query, when there are no rows.

    Notes
    -----
    The index is built at the first query and may be used from several threads.

    References
    ----------
    J. C. Gower, "A general coefficient of similarity and some of its properties", Biometrics 27
    (1971), doi:10.2307/2528823.
    """

    def __init__(
        self,
        numbers: Floats32,
        codes: Codes,
        *,
        cap: float = 1.0,
        number_weights: Floats | None = None,
        code_weights: Floats | None = None,
        jobs: int = 1,
    ) -> None:
        self.numbers, self.codes, self.cap, self.jobs = numbers, codes, float(cap), jobs
        self.number_weights = _weights(number_weights, numbers.shape[1], "number")
        self.code_weights = _weights(code_weights, codes.shape[1], "category")
        if numbers.shape[0] != codes.shape[0]:
            raise UsageError(
                f"Numbers have {numbers.shape[0]} rows and codes {codes.shape[0]}; "
                "both must describe the same table."
            )
        if not 0 < self.cap < 1e30:
            raise UsageError(f"The cap must be above 0 and finite; got {cap}.")
        if not self.number_weights.sum() + self.code_weights.sum() > 0:
            raise UsageError("No column carries weight; give at least one a weight above 0.")
        self._prepared: Prepared | None = None

    @property
    def n_rows(self) -> int:
        """Rows of the reference table."""
        return int(self.codes.shape[0])

    def query(
        self, numbers: Floats32, codes: Codes, k: int, *, exclude: Ints | None = None
    ) -> Neighbors:
        """The k nearest reference rows of every query.

        Parameters
        ----------
        numbers, codes : (n_queries, n_numbers) float32 and (n_queries, n_categories) int32
        k : int
            Clipped to the rows of the reference. 0 (a one-row table searched against itself)
            gives an answer without columns.
        exclude : (n_queries,) int64, optional
            A reference row each query must not find (itself, in a leave-one-out search); below 0
            for none.

        Returns
        -------
        Neighbors
            With ``min(k, n_rows)`` columns. An exact copy lies at exactly 0.
        """
        if k < 0:
            raise UsageError(f"The number of neighbours must be at least 0; got {k}.")
        prepared = self._ready(numbers, codes)
        if k == 0:
            return Neighbors(np.empty((len(codes), 0)), np.empty((len(codes), 0), dtype=np.int64))
        k = min(k, self.n_rows)
        workers = cluster()
        if workers is not None and len(codes) > CLUSTER_QUERIES:
            return self._query_on(workers, numbers, codes, k, exclude)
        return Neighbors(*prepared.search(numbers, codes, k, exclude, self.jobs))

    def _query_on(
        self, workers: Backend, numbers: Floats32, codes: Codes, k: int, exclude: Ints | None
    ) -> Neighbors:
        """The same search with the queries shared out among the workers of a cluster."""
        starts = range(0, len(codes), CLUSTER_QUERIES)
        pieces = [
            (numbers[i:j], codes[i:j], exclude[i:j] if exclude is not None else None)
            for i in starts
            for j in (i + CLUSTER_QUERIES,)
        ]
        alone = copy.copy(self)
        alone.jobs = 1  # the cluster has a worker for every core
        found = process_map(_Search(alone, k), pieces, self.jobs, backend=workers)
        return Neighbors(
            np.concatenate([each.distances for each in found]),
            np.concatenate([each.rows for each in found]),
        )

    def count_within(
        self, numbers: Floats32, codes: Codes, radius: Floats, *, exclude: Ints | None = None
    ) -> Ints:
        """How many reference rows lie at distance <= radius[i] of query i, ``(n_queries,)``.

        A distance that exceeds the radius by less than ``TOLERANCE`` counts as equal to it, so a
        radius taken from ``query`` counts the row it came from and every row tied with it.
        """
        prepared = self._ready(numbers, codes)
        return prepared.count(numbers, codes, radius, TOLERANCE, exclude, self.jobs)[0]

    def count_ties(
        self, numbers: Floats32, codes: Codes, distances: Floats, *, exclude: Ints | None = None
    ) -> Ints:
        """How many reference rows lie exactly at distances[i] of query i (within ``TOLERANCE``).

        With ``distances = found.distances[:, 0]`` the number of equally near nearest rows.
        """
        prepared = self._ready(numbers, codes)
        return prepared.count(numbers, codes, distances, TOLERANCE, exclude, self.jobs)[1]

    def _ready(self, numbers: Floats32, codes: Codes) -> Prepared:
        expected = (self.numbers.shape[1], self.codes.shape[1])
        if (numbers.shape[1], codes.shape[1]) != expected or numbers.shape[0] != codes.shape[0]:
            raise UsageError(
                f"Queries must have {expected[0]} number and {expected[1]} category columns and "
                f"equally many rows of both; got {numbers.shape} and {codes.shape}."
            )
        if self.n_rows == 0:
            raise InputError("The reference table has no rows; give it at least one.")
        with _PREPARING:
            if self._prepared is None:
                from synthaudit.neighbors.prepared import prepare

                self._prepared = prepare(
                    self.numbers, self.codes, self.cap, self.number_weights, self.code_weights
                )
            return self._prepared


@dataclass(frozen=True, eq=False)
class _Search:
    """A search that travels to a worker together with its reference, made ready."""

    index: NeighborIndex
    k: int

    def __call__(self, piece: tuple[Floats32, Codes, Ints | None]) -> Neighbors:
        numbers, codes, exclude = piece
        return self.index.query(numbers, codes, self.k, exclude=exclude)


def _weights(given: Floats | None, n_columns: int, kind: str) -> Floats:
    """Weights as float64; checked."""
    if given is None:
        return np.ones(n_columns)
    weights = np.asarray(given, dtype=np.float64)
    if weights.shape != (n_columns,):
        raise UsageError(
            f"There are {n_columns} {kind} columns but {weights.size} weights; give one for each."
        )
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise UsageError(f"Weights of {kind} columns must be finite and at least 0.")
    return weights
