"""The engine against its slow twin: same rows, same distances, on every kind of table."""

from __future__ import annotations

import pickle
from dataclasses import dataclass

import numpy as np
import pytest

from synthaudit.neighbors import NeighborIndex
from synthaudit.types import Codes, Floats, Floats32, Ints


@dataclass(frozen=True)
class Twin:
    """The definition, written out in numpy: the whole matrix in double precision."""

    numbers: Floats32
    codes: Codes
    cap: float
    number_weights: Floats
    code_weights: Floats

    def matrix(self, numbers: Floats32, codes: Codes, exclude: Ints | None) -> Floats:
        total = np.zeros((codes.shape[0], self.codes.shape[0]))
        for j in range(self.numbers.shape[1]):
            a, b = numbers[:, j, None].astype(float), self.numbers[None, :, j].astype(float)
            gap = np.minimum(np.abs(a - b), self.cap)
            gap = np.where(np.isnan(a) & np.isnan(b), 0.0, gap)
            gap = np.where(np.isnan(a) != np.isnan(b), self.cap, gap)
            total += self.number_weights[j] * gap
        for j in range(self.codes.shape[1]):
            total += self.code_weights[j] * (codes[:, j, None] != self.codes[None, :, j])
        distances: Floats = total / (self.number_weights.sum() + self.code_weights.sum())
        if exclude is not None:
            own = np.flatnonzero(exclude >= 0)
            distances[own, exclude[own]] = np.inf
        return distances

    def query(
        self, numbers: Floats32, codes: Codes, k: int, exclude: Ints | None = None
    ) -> tuple[Floats, Ints]:
        distances = self.matrix(numbers, codes, exclude)
        rows = np.argsort(distances, axis=1, kind="stable")[:, :k]
        distances = np.take_along_axis(distances, rows, axis=1)
        return distances, np.where(np.isinf(distances), -1, rows)


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


def table(rng: np.random.Generator, n: int, p: int, q: int, levels: int) -> tuple[Floats32, Codes]:
    numbers = rng.normal(size=(n, p)).astype(np.float32)
    if rng.random() < 0.5:
        numbers = np.round(numbers, 1)  # ties
    if p and rng.random() < 0.3:
        numbers[:, 0] *= np.float32(10.0 ** rng.integers(-6, 12))  # wide columns get clamped
    numbers[rng.random((n, p)) < rng.choice([0.0, 0.1, 0.9])] = np.nan
    skewed = (levels * rng.random((n, q)) ** rng.integers(1, 5)).astype(np.int32)
    return numbers, skewed


def random_case(seed: int) -> Case:
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 3000)), 60
    p, q = int(rng.integers(0, 7)), int(rng.integers(0, 7))
    if p + q == 0:
        q = 1
    levels = int(rng.choice([1, 2, 10, 3000]))
    numbers, codes = table(rng, n, p, q, levels)
    other_numbers, other_codes = table(rng, m, p, q, levels + 2)
    copies = rng.integers(0, n, m)
    is_copy = rng.random((m, 1)) < 0.5
    weighted = rng.random() < 0.5
    number_weights = rng.choice([0.0, 0.3, 1.0, 7.0], p) if weighted else np.ones(p)
    code_weights = rng.choice([0.0, 0.3, 1.0, 7.0], q) if weighted else np.ones(q)
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


@pytest.mark.parametrize("seed", range(60))
def test_equals_its_twin(seed: int) -> None:
    case = random_case(seed)
    settings = (case.cap, case.number_weights, case.code_weights)
    twin = Twin(case.numbers, case.codes, *settings)
    index = NeighborIndex(
        case.numbers,
        case.codes,
        cap=case.cap,
        number_weights=case.number_weights,
        code_weights=case.code_weights,
        jobs=1 + seed % 2,
    )
    queries = case.query_numbers, case.query_codes
    found = index.query(*queries, case.k, exclude=case.exclude)
    distances, rows = twin.query(*queries, case.k, case.exclude)
    np.testing.assert_array_equal(found.rows, rows)
    np.testing.assert_array_equal(found.distances, distances)
    matrix = twin.matrix(*queries, case.exclude)
    radius = np.where(np.isinf(distances[:, -1]), 0.5, distances[:, -1])
    within = index.count_within(*queries, radius, exclude=case.exclude)
    np.testing.assert_array_equal(within, (matrix <= radius[:, None] + 1e-9).sum(axis=1))
    ties = index.count_ties(*queries, radius, exclude=case.exclude)
    np.testing.assert_array_equal(ties, (np.abs(matrix - radius[:, None]) <= 1e-9).sum(axis=1))


def test_an_index_travels_to_another_process() -> None:
    case = random_case(3)
    index = NeighborIndex(case.numbers, case.codes)
    found = index.query(case.query_numbers, case.query_codes, 3)
    again = pickle.loads(pickle.dumps(index)).query(case.query_numbers, case.query_codes, 3)  # noqa: S301
    np.testing.assert_array_equal(found.rows, again.rows)
