"""The engine against its slow twin: same rows, same distances, on every kind of table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from neighbors_twin import Case, drawn_case, random_case
from numpy.testing import assert_array_equal

from synthaudit.neighbors.partition import own_leaves
from synthaudit.neighbors.prepared import Prepared, prepare
from synthaudit.neighbors.reference import Answer
from synthaudit.neighbors.scan import search_tiled
from synthaudit.neighbors.search import search


def check(case: Case, jobs: int = 1) -> None:
    matrix = case.matrix()
    distances, rows = case.nearest(matrix)
    index = case.index(jobs)
    found = index.query(*case.queries, case.k, exclude=case.exclude)
    assert_array_equal(found.rows, rows)
    assert_array_equal(found.distances, distances)
    radius = np.where(np.isinf(distances[:, -1]), 0.5, distances[:, -1])
    within = index.count_within(*case.queries, radius, exclude=case.exclude)
    assert_array_equal(within, (matrix <= radius[:, None] + 1e-9).sum(axis=1))
    ties = index.count_ties(*case.queries, radius, exclude=case.exclude)
    assert_array_equal(ties, (np.abs(matrix - radius[:, None]) <= 1e-9).sum(axis=1))


@pytest.mark.parametrize("seed", range(60))
def test_equals_its_twin(seed: int) -> None:
    check(random_case(seed), jobs=1 + seed % 2)


@settings(max_examples=30, deadline=None)
@example(seed=0, n_rows=1, n_numbers=1, n_categories=0, n_levels=1, kind="plain")
@example(seed=1, n_rows=300, n_numbers=0, n_categories=60, n_levels=2, kind="doubled")
@example(seed=2, n_rows=300, n_numbers=60, n_categories=0, n_levels=1, kind="missing")
@example(seed=3, n_rows=400, n_numbers=30, n_categories=30, n_levels=3, kind="constant")
@given(
    seed=st.integers(0, 2**31),
    n_rows=st.integers(1, 700),
    n_numbers=st.integers(0, 60),
    n_categories=st.integers(0, 60),
    n_levels=st.sampled_from([1, 2, 5, 400]),
    kind=st.sampled_from(["plain", "ties", "missing", "constant", "doubled"]),
)
def test_equals_its_twin_on_any_table(
    seed: int, n_rows: int, n_numbers: int, n_categories: int, n_levels: int, kind: str
) -> None:
    """1 to 60 columns; ties, missing values, constants, single rows, duplicated rows."""
    n_numbers = min(n_numbers, 60 - n_categories) if n_categories else max(n_numbers, 1)
    check(drawn_case(seed, n_rows, n_numbers, n_categories, n_levels, kind))


def both_ways(prepared: Prepared, case: Case) -> tuple[Answer, Answer]:
    """Query by query, and tiled: forced, whatever the data would have called for."""
    queries = prepared._queries(*case.queries, case.exclude)
    leaf_of = own_leaves(prepared.tree, queries.units)
    order = np.argsort(leaf_of, kind="stable")
    shape = (order.size, min(case.k, case.codes.shape[0]))
    answers = []
    for way in (search, search_tiled):
        answer = Answer(np.full(shape, -2.0), np.full(shape, -2, dtype=np.int64))
        way(prepared.reference, queries, leaf_of, order, answer, prepared._scratch())
        answers.append(answer)
    return answers[0], answers[1]


@pytest.mark.parametrize("seed", range(100, 130))
def test_many_small_leaves_searched_either_way(seed: int) -> None:
    """Several groups of leaves, and queries that do not fill the last tile."""
    case = random_case(seed, most_rows=12_000, n_queries=37)
    settings = case.cap, case.number_weights, case.code_weights
    prepared = prepare(case.numbers, case.codes, *settings, leaf_rows=16)
    distances, rows = case.nearest(case.matrix())
    for answer in both_ways(prepared, case):
        assert_array_equal(answer.rows, rows)
        assert_array_equal(answer.distances, distances)


def test_several_runs_of_groups() -> None:
    """More than 64 groups of 64 leaves: the bounds of groups themselves take several runs."""
    rng = np.random.default_rng(7)
    n, m = 90_000, 20
    numbers = rng.random((n, 3), dtype=np.float32)
    codes = rng.integers(0, 4, (n, 2)).astype(np.int32)
    picked = rng.integers(0, n, m)
    jitter = rng.normal(0, 0.01, (m, 3)).astype(np.float32)
    ones, exclude = (np.ones(3), np.ones(2)), np.where(np.arange(m) % 2 == 0, picked, -1)
    case = Case(numbers, codes, numbers[picked] + jitter, codes[picked], 1.0, *ones, exclude, 7)
    prepared = prepare(numbers, codes, 1.0, *ones, leaf_rows=16)
    assert prepared.reference.groups.low.shape[0] > 1
    matrix = case.matrix()
    distances, rows = case.nearest(matrix)
    for answer in both_ways(prepared, case):
        assert_array_equal(answer.rows, rows)
        assert_array_equal(answer.distances, distances)
    within, at = prepared.count(*case.queries, distances[:, 3], 1e-9, exclude, 1)
    assert_array_equal(within, (matrix <= distances[:, 3, None] + 1e-9).sum(axis=1))
    assert_array_equal(at, np.ones(m))


def test_hard_data_goes_tiled_and_stays_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    from synthaudit.neighbors import prepared as module

    monkeypatch.setattr(module, "TILED_FROM", 100)
    monkeypatch.setattr(module, "TILED_BYTES", 0)
    monkeypatch.setattr(module, "PROBED", 16)
    calls = []

    def counted(*arguments: object) -> int:
        calls.append(1)
        return int(search_tiled(*arguments))

    monkeypatch.setattr(module, "search_tiled", counted)
    rng = np.random.default_rng(3)
    numbers = rng.random((6000, 15), dtype=np.float32)
    queries = rng.random((150, 15), dtype=np.float32)
    no_codes = np.empty((6000, 0), np.int32), np.empty((150, 0), np.int32)
    none = np.full(150, -1, dtype=np.int64)
    check(Case(numbers, no_codes[0], queries, no_codes[1], 1.0, np.ones(15), np.ones(0), none, 5))
    assert calls


@pytest.mark.parametrize("jobs", [1, 2])
def test_chunks_and_pieces_change_nothing(jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from synthaudit.neighbors import prepared as module

    monkeypatch.setattr(module, "CHUNK_QUERIES", 25)
    monkeypatch.setattr(module, "PIECE_QUERIES", 7)
    check(random_case(11), jobs)
