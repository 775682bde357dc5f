"""Placeholder search (numpy, blocked) until the compiled engine lands behind the same two classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthaudit.types import Codes, Floats, Floats32, Ints


@dataclass(frozen=True, eq=False)
class Neighbors:
    """The k nearest reference rows of every query.

    Attributes
    ----------
    distances : (n_queries, k) float64, ascending; Gower mean over columns.
    rows : (n_queries, k) int64; reference rows, ties by lower row number.
    """

    distances: Floats
    rows: Ints

    @property
    def k(self) -> int:
        """Neighbours per query."""
        return int(self.distances.shape[1])

    def first(self, k: int) -> Neighbors:
        """The first k neighbours (fewer when fewer were found)."""
        return self if k >= self.k else Neighbors(self.distances[:, :k], self.rows[:, :k])


class NeighborIndex:
    """Exact k nearest under ``mean_j w_j * d_j``; d = min(|a-b|, cap) or mismatch in {0, 1}."""

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
        self.numbers, self.codes, self.cap, self.jobs = numbers, codes, cap, jobs
        self.number_weights = (
            np.ones(numbers.shape[1]) if number_weights is None else number_weights
        )
        self.code_weights = np.ones(codes.shape[1]) if code_weights is None else code_weights

    @property
    def n_rows(self) -> int:
        """Rows of the reference table."""
        return int(self.codes.shape[0])

    def _distances(self, numbers: Floats32, codes: Codes) -> Floats:
        total = np.zeros((codes.shape[0], self.n_rows))
        for j in range(self.numbers.shape[1]):
            a, b = numbers[:, j, None].astype(float), self.numbers[None, :, j].astype(float)
            gap = np.minimum(np.abs(a - b), self.cap)
            gap = np.where(np.isnan(a) & np.isnan(b), 0.0, np.where(np.isnan(gap), self.cap, gap))
            total += self.number_weights[j] * gap
        for j in range(self.codes.shape[1]):
            total += self.code_weights[j] * (codes[:, j, None] != self.codes[None, :, j])
        mean: Floats = total / (self.number_weights.sum() + self.code_weights.sum())
        return mean

    def query(
        self, numbers: Floats32, codes: Codes, k: int, *, exclude: Ints | None = None
    ) -> Neighbors:
        """The k nearest reference rows of every query; ``exclude[i]`` is skipped for query i."""
        distances, rows = [], []
        for start in range(0, codes.shape[0], 256):
            stop = min(start + 256, codes.shape[0])
            block = self._distances(numbers[start:stop], codes[start:stop])
            if exclude is not None:
                own = exclude[start:stop]
                has = own >= 0
                block[np.flatnonzero(has), own[has]] = np.inf
            order = np.argsort(block, axis=1, kind="stable")[:, :k]
            distances.append(np.take_along_axis(block, order, axis=1))
            rows.append(order)
        return Neighbors(np.concatenate(distances), np.concatenate(rows).astype(np.int64))

    def count_within(
        self, numbers: Floats32, codes: Codes, radius: Floats, *, exclude: Ints | None = None
    ) -> Ints:
        """How many reference rows lie at distance <= radius[i] of query i."""
        counts = []
        for start in range(0, codes.shape[0], 256):
            stop = min(start + 256, codes.shape[0])
            block = self._distances(numbers[start:stop], codes[start:stop])
            if exclude is not None:
                own = exclude[start:stop]
                has = own >= 0
                block[np.flatnonzero(has), own[has]] = np.inf
            counts.append((block <= radius[start:stop, None]).sum(axis=1))
        return np.concatenate(counts).astype(np.int64)
