"""Worked by hand, and the tables nobody expects."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from synthaudit.errors import InputError, UsageError
from synthaudit.neighbors import NeighborIndex, Neighbors
from synthaudit.types import Codes, Floats32

NAN = np.nan


def floats(*rows: tuple[float, ...]) -> Floats32:
    return np.array(rows, dtype=np.float32)


def codes(*rows: tuple[int, ...]) -> Codes:
    return np.array(rows, dtype=np.int32)


def no_numbers(n: int) -> Floats32:
    return np.empty((n, 0), dtype=np.float32)


def no_codes(n: int) -> Codes:
    return np.empty((n, 0), dtype=np.int32)


def test_worked_by_hand() -> None:
    """One number, two categories, cap 1: sums 0.25, 1 + 0.5, 1 (missing) + 1, over 3 columns."""
    index = NeighborIndex(floats((0.5,), (0.25,), (NAN,)), codes((1, 7), (2, 7), (1, 8)))
    found = index.query(floats((0.75,)), codes((1, 7)), 3)
    assert_array_equal(found.rows, [[0, 1, 2]])
    assert_array_equal(found.distances, [[0.25 / 3, 1.5 / 3, 2.0 / 3]])


def test_cap_and_missing() -> None:
    """Missing lies at the cap from anything present, at 0 from missing, and so do far values."""
    index = NeighborIndex(floats((NAN,), (0.0,), (2.0,), (9.0,)), no_codes(4), cap=3.0)
    found = index.query(floats((NAN,), (0.0,)), no_codes(2), 4)
    assert_array_equal(found.rows, [[0, 1, 2, 3], [1, 2, 0, 3]])
    assert_array_equal(found.distances, [[0, 3, 3, 3], [0, 2, 3, 3]])


def test_ties_go_to_the_lower_row_and_are_counted() -> None:
    index = NeighborIndex(floats((0.75,), (0.25,), (0.25,), (0.5,)), no_codes(4))
    queries = floats((0.5,), (0.0,)), no_codes(2)
    assert_array_equal(index.query(*queries, 3).rows, [[3, 0, 1], [1, 2, 3]])
    assert_array_equal(index.count_ties(*queries, np.array([0.25, 0.25])), [3, 2])
    assert_array_equal(index.count_within(*queries, np.array([0.25, 0.5])), [4, 3])


def test_a_radius_a_rounding_error_short_still_counts() -> None:
    index = NeighborIndex(floats((0.1,), (0.2,), (0.7,)), codes((0,), (1,), (0,)))
    queries = floats((0.3,)), codes((0,))
    distance = index.query(*queries, 1).distances[:, 0]
    assert_array_equal(index.count_within(*queries, np.nextafter(distance, 0)), [1])
    assert_array_equal(index.count_within(*queries, distance - 1e-6), [0])
    assert_array_equal(index.count_within(*queries, np.array([-1.0])), [0])
    assert_array_equal(index.count_within(*queries, np.array([np.nan])), [0])
    assert_array_equal(index.count_within(*queries, np.array([np.inf])), [3])


def test_only_numbers_only_categories() -> None:
    found = NeighborIndex(floats((0.0,), (1.0,)), no_codes(2)).query(floats((0.9,)), no_codes(1), 1)
    assert_array_equal(found.rows, [[1]])
    found = NeighborIndex(no_numbers(2), codes((4,), (5,))).query(no_numbers(1), codes((5,)), 1)
    assert_array_equal(found.rows, [[1]])


def test_one_row_and_nothing_left() -> None:
    """Where fewer than k rows are left, distances are infinite and rows -1: never a wrong row."""
    index = NeighborIndex(floats((0.5,)), codes((1,)))
    found = index.query(floats((0.5,)), codes((1,)), 5)
    assert_array_equal(found.distances, [[0.0]])
    found = index.query(floats((0.5,)), codes((1,)), 5, exclude=np.array([0]))
    assert_array_equal(found.distances, [[np.inf]])
    assert_array_equal(found.rows, [[-1]])
    assert index.query(floats((0.5,)), codes((1,)), 0).rows.shape == (1, 0)


def test_no_queries() -> None:
    index = NeighborIndex(floats((0.5,), (0.6,)), codes((1,), (2,)))
    empty = np.empty((0, 1), np.float32), np.empty((0, 1), np.int32)
    assert index.query(*empty, 2).rows.shape == (0, 2)
    assert index.count_within(*empty, np.empty(0)).shape == (0,)


@pytest.mark.parametrize("n", [3, 2000])
def test_all_rows_alike(n: int) -> None:
    index = NeighborIndex(np.ones((n, 2), np.float32), np.ones((n, 2), np.int32))
    queries = np.ones((3, 2), np.float32), np.ones((3, 2), np.int32)
    found = index.query(*queries, 3, exclude=np.array([0, 1, -1]))
    assert_array_equal(found.rows[:, :2], [[1, 2], [0, 2], [0, 1]])
    assert_array_equal(found.distances[:, :2], np.zeros((3, 2)))
    assert_array_equal(index.count_ties(*queries, np.zeros(3)), [n] * 3)


def test_nothing_but_missing() -> None:
    missing = np.full((700, 3), NAN, np.float32)
    found = NeighborIndex(missing, no_codes(700)).query(missing[:2], no_codes(2), 2)
    assert_array_equal(found.rows, [[0, 1], [0, 1]])
    assert_array_equal(found.distances, np.zeros((2, 2)))
    found = NeighborIndex(missing, no_codes(700)).query(
        np.zeros((1, 3), np.float32), no_codes(1), 1
    )
    assert_array_equal(found.distances, [[1.0]])


def test_infinities_equal_themselves_and_nothing_else() -> None:
    index = NeighborIndex(floats((np.inf,), (-np.inf,), (1.0,), (NAN,)), no_codes(4))
    found = index.query(floats((np.inf,), (-np.inf,), (NAN,)), no_codes(3), 2)
    assert_array_equal(found.rows, [[0, 1], [1, 0], [3, 0]])
    assert_array_equal(found.distances, [[0, 1], [0, 1], [0, 1]])


def test_any_integer_is_a_code() -> None:
    low, high = np.iinfo(np.int32).min, np.iinfo(np.int32).max
    index = NeighborIndex(no_numbers(4), codes((low,), (-1,), (0,), (high,)))
    found = index.query(no_numbers(5), codes((high,), (low,), (-1,), (0,), (7,)), 1)
    assert_array_equal(found.rows.ravel(), [3, 0, 1, 2, 0])
    assert_array_equal(found.distances.ravel(), [0, 0, 0, 0, 1])


def test_more_levels_than_sixteen_bits_hold() -> None:
    """A near-unique column beside a number: levels beyond 65,534 share units, never an answer."""
    n = 70_000
    rng = np.random.default_rng(0)
    keys = rng.permutation(n).astype(np.int32)[:, None]
    numbers = rng.random((n, 1), dtype=np.float32)
    picked = np.array([5, n - 1, 40_000])
    found = NeighborIndex(numbers, keys).query(numbers[picked], keys[picked], 2)
    assert_array_equal(found.rows[:, 0], picked)
    assert_array_equal(found.distances[:, 0], np.zeros(3))
    gaps = np.abs(numbers[:, 0].astype(float) - numbers[picked].astype(float))
    gaps[np.arange(3), picked] = np.inf
    assert_array_equal(found.distances[:, 1], (gaps.min(axis=1) + 1) / 2)


def test_a_weight_of_zero_leaves_the_column_out() -> None:
    rng = np.random.default_rng(1)
    numbers, levels = rng.random((500, 3), dtype=np.float32), rng.integers(0, 3, (500, 3), np.int32)
    without = NeighborIndex(numbers[:, [0, 2]], levels[:, [1]])
    weights = np.array([1.0, 0.0, 1.0]), np.array([0.0, 1.0, 0.0])
    weighted = NeighborIndex(numbers, levels, number_weights=weights[0], code_weights=weights[1])
    some = np.arange(50)
    found = weighted.query(numbers[some], levels[some], 4, exclude=some)
    wanted = without.query(numbers[some][:, [0, 2]], levels[some][:, [1]], 4, exclude=some)
    assert_array_equal(found.rows, wanted.rows)
    assert_array_equal(found.distances, wanted.distances)


def test_read_only_and_strided_tables() -> None:
    rng = np.random.default_rng(2)
    wide = rng.random((300, 6), dtype=np.float32), rng.integers(0, 3, (300, 6), np.int32)
    strided = wide[0][::2, ::3], wide[1][::2, ::3]
    plain = np.ascontiguousarray(strided[0]), np.ascontiguousarray(strided[1])
    for array in wide:
        array.flags.writeable = False
    found = NeighborIndex(*strided).query(*strided, 3)
    assert_array_equal(found.rows, NeighborIndex(*plain).query(*plain, 3).rows)


def test_first_k() -> None:
    found = Neighbors(np.zeros((2, 3)), np.arange(6).reshape(2, 3))
    assert found.k == 3
    assert found.first(5) is found
    assert_array_equal(found.first(1).rows, [[0], [3]])


def test_an_index_travels_to_another_process() -> None:
    rng = np.random.default_rng(4)
    table = rng.random((400, 2), dtype=np.float32), rng.integers(0, 3, (400, 1), np.int32)
    index = NeighborIndex(*table)
    found = index.query(*table, 3)
    again = pickle.loads(pickle.dumps(index)).query(*table, 3)  # noqa: S301
    assert_array_equal(found.rows, again.rows)


def test_what_cannot_be_searched_is_refused() -> None:
    numbers, levels = floats((0.5,), (0.6,)), codes((1,), (2,))
    index = NeighborIndex(numbers, levels)
    with pytest.raises(UsageError, match="at least 0"):
        index.query(numbers, levels, -1)
    with pytest.raises(UsageError, match="1 number and 1 category"):
        index.query(no_numbers(2), levels, 1)
    with pytest.raises(UsageError, match="2 rows and codes 1"):
        NeighborIndex(numbers, levels[:1])
    with pytest.raises(UsageError, match="weight above 0"):
        NeighborIndex(no_numbers(2), no_codes(2))
    with pytest.raises(UsageError, match="finite and at least 0"):
        NeighborIndex(numbers, levels, code_weights=np.array([-1.0]))
    with pytest.raises(UsageError, match="but 2 weights"):
        NeighborIndex(numbers, levels, number_weights=np.ones(2))
    with pytest.raises(UsageError, match="above 0"):
        NeighborIndex(numbers, levels, cap=0.0)
    with pytest.raises(InputError, match="no rows"):
        NeighborIndex(numbers[:0], levels[:0]).query(numbers, levels, 1)


def test_weights_too_far_apart_for_the_units() -> None:
    """A column worth less than one unit is invisible to the scan and still decides."""
    index = NeighborIndex(
        no_numbers(3), codes((0, 1), (0, 2), (0, 0)), code_weights=np.array([1.0, 1e-9])
    )
    found = index.query(no_numbers(1), codes((0, 0)), 1)
    assert_array_equal(found.rows, [[2]])
    assert_array_equal(found.distances, [[0.0]])
