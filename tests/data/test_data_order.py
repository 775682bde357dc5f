"""The pieces of the canonical order."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from synthaudit.data.order import (
    copies_apart,
    mix,
    number_keys,
    occurrence,
    order_levels,
    refine_levels,
)

NUMBERS = np.zeros(6, dtype=np.uint64)


def test_mix_scrambles_without_collisions() -> None:
    keys = mix(np.arange(100_000, dtype=np.uint64))
    assert np.unique(keys).size == 100_000
    # splitmix64 of seed 0: the first output of the published generator
    assert int(mix(np.zeros(1, dtype=np.uint64))[0]) == 0xE220A8397B1DCDAF


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=30))
def test_occurrences_count_up(values: list[int]) -> None:
    got = occurrence(np.array(values, dtype=np.uint64))
    seen: dict[int, int] = {}
    want = []
    for value in values:
        want.append(seen.get(value, 0))
        seen[value] = want[-1] + 1
    assert got.tolist() == want


def test_copies_get_the_same_draws_in_any_order() -> None:
    keys = np.array([5, 9, 5, 5, 9, 1], dtype=np.uint64)
    shuffled = keys[[5, 4, 3, 2, 1, 0]]
    first, second = copies_apart(keys, 0, 1), copies_apart(shuffled, 0, 1)
    assert np.unique(first).size == 6
    assert sorted(first.tolist()) == sorted(second.tolist())
    assert set(first).isdisjoint(copies_apart(keys, 1, 1))
    assert set(first).isdisjoint(copies_apart(keys, 0, 2))


def test_number_keys_go_by_place() -> None:
    knots = np.array([1.0, 2.0, 5.0])
    values = np.array([0.5, 1.0, 1.2, 1.5, 2.0, 9.0, np.nan])
    moved = number_keys(np.exp(values), np.exp(knots))
    np.testing.assert_array_equal(number_keys(values, knots), moved)
    assert np.unique(moved).size == 7
    assert moved[-1] == 0


def test_equally_frequent_levels_are_told_apart_by_their_rows() -> None:
    # the levels of the first column occur twice each; 1 only with the frequent level of the second
    codes = np.array([[1, 1], [1, 1], [2, 1], [2, 2], [3, 1], [3, 2]], dtype=np.int32)
    keys = refine_levels(NUMBERS, codes, (3, 2), seed=0).by_column
    assert keys[0][1] != keys[0][2]
    assert keys[0][2] == keys[0][3]  # nothing tells them apart but their spelling
    renamed = codes.copy()
    renamed[:, 0] = np.array([0, 3, 1, 2])[codes[:, 0]]
    again = refine_levels(NUMBERS, renamed, (3, 2), seed=0).by_column
    np.testing.assert_array_equal(again[0][[3, 1, 2]], keys[0][[1, 2, 3]])


def test_levels_fall_in_frequency_then_by_key() -> None:
    counts = np.array([3, 7, 3, 0])
    keys = np.array([9, 1, 4, 2], dtype=np.uint64)
    assert order_levels(counts, keys).tolist() == [1, 2, 0, 3]
