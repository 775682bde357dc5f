"""The definition of the search, written out in numpy, and random tables to try it on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthaudit.neighbors import NeighborIndex
from synthaudit.types import Codes, Floats, Floats32, Ints


@dataclass(frozen=True)
class Case:
    """A reference table, queries against it, and the settings of the search."""

    numbers: Floats32
    codes: Codes
    query_numbers: Floats32
    query_codes: Codes
    cap: float
    number_weights: Floats
    code_weights: Floats
    exclude: Ints
    k: int

    @property
    def queries(self) -> tuple[Floats32, Codes]:
        return self.query_numbers, self.query_codes

    def index(self, jobs: int = 1) -> NeighborIndex:
        return NeighborIndex(
            self.numbers,
            self.codes,
            cap=self.cap,
            number_weights=self.number_weights,
            code_weights=self.code_weights,
            jobs=jobs,
        )

    def matrix(self) -> Floats:
        """Every distance, in double precision; infinite for the excluded."""
        total = np.zeros((self.query_codes.shape[0], self.codes.shape[0]))
        for j in range(self.numbers.shape[1]):
            a = self.query_numbers[:, j, None].astype(float)
            b = self.numbers[None, :, j].astype(float)
            gap = np.minimum(np.abs(a - b), self.cap)
            gap = np.where(np.isnan(a) & np.isnan(b), 0.0, gap)
            gap = np.where(np.isnan(a) != np.isnan(b), self.cap, gap)
            total += self.number_weights[j] * gap
        for j in range(self.codes.shape[1]):
            total += self.code_weights[j] * (self.query_codes[:, j, None] != self.codes[None, :, j])
        distances: Floats = total / (self.number_weights.sum() + self.code_weights.sum())
        own = np.flatnonzero(self.exclude >= 0)
        distances[own, self.exclude[own]] = np.inf
        return distances

    def nearest(self, matrix: Floats) -> tuple[Floats, Ints]:
        """Distances and rows of the k nearest, ties by lower row; -1 where none is left."""
        rows = np.argsort(matrix, axis=1, kind="stable")[:, : self.k]
        distances = np.take_along_axis(matrix, rows, axis=1)
        return distances, np.where(np.isinf(distances), -1, rows)


def table(rng: np.random.Generator, n: int, p: int, q: int, levels: int) -> tuple[Floats32, Codes]:
    """Numbers with ties, outliers and missing values; codes skewed towards the first levels."""
    numbers = rng.normal(size=(n, p)).astype(np.float32)
    if rng.random() < 0.5:
        numbers = np.round(numbers, 1)
    if p and rng.random() < 0.3:
        numbers[:, 0] *= np.float32(10.0 ** rng.integers(-6, 12))  # wide columns get clamped
    numbers[rng.random((n, p)) < rng.choice([0.0, 0.1, 0.9])] = np.nan
    codes = (levels * rng.random((n, q)) ** rng.integers(1, 5)).astype(np.int32)
    return numbers, codes * np.int32(rng.choice([1, 100_003]))


def drawn_case(
    seed: int, n_rows: int, n_numbers: int, n_categories: int, n_levels: int, kind: str
) -> Case:
    """A table of the given shape and kind, searched for a few of its own and a few other rows."""
    rng = np.random.default_rng(seed)
    n, m = n_rows + 8, 16
    numbers = rng.random((n, n_numbers), dtype=np.float32)
    codes = rng.integers(0, n_levels, (n, n_categories)).astype(np.int32)
    if kind == "ties":
        numbers = np.round(numbers, 1)
    elif kind == "missing":
        numbers[rng.random(numbers.shape) < 0.4] = np.nan
        codes[rng.random(codes.shape) < 0.4] = 0
    elif kind == "constant":
        numbers[:, ::2], codes[:, ::2] = 0.5, 1
    elif kind == "doubled":
        numbers, codes = numbers[rng.integers(0, 5, n)], codes[rng.integers(0, 5, n)]
    own = rng.integers(0, n_rows, m // 2)
    asked = np.concatenate([own, np.arange(n_rows, n)])
    exclude = np.concatenate([np.where(rng.random(m // 2) < 0.5, own, -1), np.full(8, -1)])
    return Case(
        numbers[:n_rows],
        codes[:n_rows],
        numbers[asked],
        codes[asked],
        1.0,
        np.ones(n_numbers),
        np.ones(n_categories),
        exclude.astype(np.int64),
        int(rng.integers(1, 51)),
    )


def random_case(seed: int, most_rows: int = 3000, n_queries: int = 60) -> Case:
    """Half of the queries are copies of reference rows, half of those are told to skip it."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, most_rows + 1)), n_queries
    p, q = int(rng.integers(0, 7)), int(rng.integers(0, 7))
    q = max(q, 1 - p)
    levels = int(rng.choice([1, 2, 10, 3000]))
    numbers, codes = table(rng, n, p, q, levels)
    other_numbers, other_codes = table(rng, m, p, q, levels + 2)
    copies = rng.integers(0, n, m)
    is_copy = rng.random((m, 1)) < 0.5
    weighted = rng.random() < 0.5
    number_weights = rng.choice([0.0, 1e-9, 0.3, 1.0, 7.0], p) if weighted else np.ones(p)
    code_weights = rng.choice([0.0, 1e-9, 0.3, 1.0, 7.0], q) if weighted else np.ones(q)
    if number_weights.sum() + code_weights.sum() == 0:
        number_weights, code_weights = np.ones(p), np.ones(q)
    return Case(
        numbers,
        codes,
        np.where(is_copy, numbers[copies], other_numbers),
        np.where(is_copy, codes[copies], other_codes - 1),
        float(rng.choice([1.0, 3.0])),
        number_weights,
        code_weights,
        np.where(rng.random(m) < 0.5, copies, -1),
        int(rng.integers(1, 51)),
    )
