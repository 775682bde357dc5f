"""What must hold between searches, without knowing the answer to any."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neighbors_twin import random_case
from numpy.testing import assert_array_equal

from synthaudit.neighbors import NeighborIndex
from synthaudit.neighbors.prepared import prepare

SEEDS = st.integers(0, 10_000)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_permuting_the_reference_permutes_the_answer(seed: int) -> None:
    """Distances do not move, and untied rows move along."""
    case = random_case(seed, most_rows=900)
    shuffle = np.random.default_rng(seed).permutation(case.codes.shape[0])
    found = NeighborIndex(case.numbers, case.codes).query(*case.queries, case.k)
    moved = NeighborIndex(case.numbers[shuffle], case.codes[shuffle]).query(*case.queries, case.k)
    assert_array_equal(found.distances, moved.distances)
    untied = np.ones(found.rows.shape, dtype=bool)
    untied[:, 1:] &= np.diff(found.distances) > 0
    untied[:, :-1] &= np.diff(found.distances) > 0
    untied[:, -1] = False  # may be tied with a row that was not found
    assert_array_equal(found.rows[untied], shuffle[moved.rows][untied])


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_an_exact_copy_lies_at_exactly_zero(seed: int) -> None:
    case = random_case(seed, most_rows=900)
    index = case.index()
    found = index.query(case.numbers, case.codes, 1)
    assert_array_equal(found.distances, np.zeros_like(found.distances))
    assert (found.rows[:, 0] <= np.arange(index.n_rows)).all()
    assert (index.count_ties(case.numbers, case.codes, np.zeros(index.n_rows)) >= 1).all()


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_a_second_copy_of_the_reference_doubles_every_count(seed: int) -> None:
    case = random_case(seed, most_rows=500)
    index = NeighborIndex(case.numbers, case.codes)
    double = NeighborIndex(np.tile(case.numbers, (2, 1)), np.tile(case.codes, (2, 1)))
    radius = index.query(*case.queries, 3).distances[:, -1]
    once, twice = (i.count_within(*case.queries, radius) for i in (index, double))
    assert_array_equal(2 * once, twice)
    assert_array_equal(double.query(*case.queries, 1).rows, index.query(*case.queries, 1).rows)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_units_never_exceed_the_true_distance(seed: int) -> None:
    """The lemma the pruning rests on: units <= distance * scale + slack, for every pair."""
    case = random_case(seed, most_rows=400)
    weights = case.number_weights, case.code_weights
    prepared = prepare(case.numbers, case.codes, case.cap, *weights)
    reference, queries = prepared.reference, prepared._queries(*case.queries, None)
    laid_out = prepared._queries(case.numbers, case.codes, None).units.astype(np.int64)
    gaps = np.abs(queries.units[:, None].astype(np.int64) - laid_out[None])
    caps, p = reference.caps.astype(np.int64), reference.numbers.shape[1]
    paid = np.where(np.arange(caps.size) < p, np.minimum(gaps, caps), (gaps > 0) * caps)
    units = paid.sum(axis=2)
    assert units.max() <= 65_534
    matrix = case.matrix()
    known = np.isfinite(matrix)  # the excluded are infinite in the twin
    limit = matrix * reference.scale * (1 + 1e-9) + reference.slack + 1e-3
    assert (units <= limit)[known].all()
    assert (units == 0)[matrix == 0].all()


@pytest.mark.parametrize("seed", range(5))
def test_results_do_not_depend_on_jobs(seed: int) -> None:
    case = random_case(seed + 900)
    answers = [case.index(jobs).query(*case.queries, case.k) for jobs in (1, 2, 5)]
    for other in answers[1:]:
        assert_array_equal(answers[0].rows, other.rows)
        assert_array_equal(answers[0].distances, other.distances)
