"""Halves and groups: balance, whole groups, effective sizes."""

from __future__ import annotations

import numpy as np
import pytest

from synthaudit.errors import UsageError
from synthaudit.seeds import Streams
from synthaudit.stats.clusters import effective_size, group_codes, group_sums
from synthaudit.stats.halves import split_halves


@pytest.mark.parametrize(("n1", "n0"), [(10, 10), (7, 12), (1, 1), (0, 5)])
def test_both_labels_are_halved(n1: int, n0: int) -> None:
    is_member = np.arange(n1 + n0) < n1
    first = split_halves(is_member, Streams(3))
    assert abs(2 * int(first[is_member].sum()) - n1) <= 1
    assert abs(2 * int(first[~is_member].sum()) - n0) <= 1


def test_same_streams_same_halves_whatever_else_is_drawn() -> None:
    is_member = np.arange(30) < 15
    a, b = Streams(1), Streams(1)
    b.rng("something else").random(10)
    assert np.array_equal(split_halves(is_member, a), split_halves(is_member, b))
    assert not np.array_equal(split_halves(is_member, a), split_halves(is_member, Streams(2)))


def test_groups_stay_whole_and_rows_stay_balanced() -> None:
    rng = np.random.default_rng(0)
    sizes = rng.integers(1, 9, 120)
    groups = np.repeat(rng.permutation(120), sizes)
    is_member = groups % 2 == 0
    first = split_halves(is_member, Streams(0), groups)
    for group in np.unique(groups):
        assert len(set(first[groups == group].tolist())) == 1
    for label in (True, False):
        assert abs(first[is_member == label].mean() - 0.5) < 0.05


def test_halves_are_random_also_for_groups() -> None:
    groups = np.repeat(np.arange(20), 3)
    is_member = groups < 10
    counts = np.mean([split_halves(is_member, Streams(i), groups) for i in range(400)], axis=0)
    assert np.all(np.abs(counts - 0.5) < 0.11)


@pytest.mark.parametrize("n_members", [4, 10, 16])
def test_labels_are_halved_exactly_where_groups_are_alike(n_members: int) -> None:
    groups = np.repeat(np.arange(20), 3)
    is_member = groups < n_members
    for seed in range(5):
        first = split_halves(is_member, Streams(seed), groups)
        assert first[is_member].sum() * 2 == is_member.sum()
        assert first[~is_member].sum() * 2 == (~is_member).sum()


def test_the_larger_of_two_groups_is_in_either_half() -> None:
    groups = np.repeat(np.arange(12), [9, 1] * 6)
    is_member = groups < 6
    firsts = np.array([split_halves(is_member, Streams(i), groups) for i in range(400)])
    assert np.all(np.abs(firsts.mean(axis=0) - 0.5) < 0.11)


def test_groups_of_one_are_none() -> None:
    assert group_codes(np.arange(5), 5) is None
    assert group_codes(None, 5) is None
    with pytest.raises(UsageError, match="one entry a candidate"):
        group_codes(np.arange(4), 5)


def test_effective_size_by_hand() -> None:
    # ten persons, four identical rows each: ten independent answers
    codes = np.repeat(np.arange(10), 4)
    hits = codes < 5
    assert effective_size(hits, codes) == pytest.approx(10 * 9 / 10)
    assert effective_size(hits, None) == 40
    # no variation to measure: the worst case
    assert effective_size(np.zeros(40, dtype=bool), codes) == pytest.approx(10)
    # independent answers within persons: no gain is claimed beyond the number of rows
    rng = np.random.default_rng(0)
    assert 25 < effective_size(rng.random(40) < 0.5, codes) <= 40


def test_group_sums() -> None:
    assert group_sums(np.array([1.0, 2.0, 4.0]), np.array([7, 3, 7])).tolist() == [2.0, 5.0]
