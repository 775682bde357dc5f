"""The re-use likelihood: by hand, against a slow twin, and its label-blind rate of re-use."""

from __future__ import annotations

from math import comb, lgamma, log, log1p

import numpy as np
import pytest
from density_views import none, planted, scored, view_of

from synthaudit.attacks._cell_keys import CellKeys, Tally
from synthaudit.attacks._reuse import (
    EXACT_UP_TO,
    LOOKED_UP,
    OVERDISPERSION,
    STRAY,
    UNREADABLE,
    _distinct,
    log_pmf,
    membership_log_ratio,
    reuse_rate,
)
from synthaudit.attacks.value_combinations import ValueCombinations
from synthaudit.attacks.value_fingerprint import ValueFingerprint
from synthaudit.errors import NotApplicable


def slow_log_pmf(count: float, mean: float) -> float:
    size = mean / OVERDISPERSION
    return (
        lgamma(count + size)
        - lgamma(size)
        - lgamma(count + 1)
        - size * log1p(OVERDISPERSION)
        + count * log(OVERDISPERSION / (1 + OVERDISPERSION))
    )


def slow_ratio(held: int, count: int, tally: Tally, worth: float) -> float:
    """The formula of the module's docstring, written out for one candidate."""
    rho = reuse_rate(tally)
    per_member = 2 * tally.n_rows / tally.n_candidates
    stray = (1 - rho) * tally.n_rows / tally.n_candidates * (held - 1 + worth) + STRAY * per_member
    inside = outside = 0.0
    for members in range(held):
        chance = comb(held - 1, members) / 2 ** (held - 1)
        inside += chance * np.exp(slow_log_pmf(count, per_member * rho * (members + 1) + stray))
        outside += chance * np.exp(slow_log_pmf(count, per_member * rho * members + stray))
    return log(inside) - log(outside)


def test_counts_are_negative_binomial() -> None:
    counts = np.arange(400.0)
    chance = np.exp(log_pmf(counts, np.full(400, 7.0)))
    assert chance.sum() == pytest.approx(1.0)
    mean = (chance * counts).sum()
    assert mean == pytest.approx(7.0)
    assert (chance * (counts - mean) ** 2).sum() == pytest.approx(7.0 * (1 + OVERDISPERSION))


def test_a_value_of_ones_own_by_hand() -> None:
    # four candidates with values of their own, two synthetic rows, both re-use one: rho = 1,
    # one draw per member; only stray draws otherwise
    tally = Tally(np.ones(4, dtype=int), np.array([1, 1, 0, 0]), 2, 2)
    assert reuse_rate(tally) == 1.0
    found = membership_log_ratio(tally)
    for place, count in ((0, 1.0), (2, 0.0)):
        by_hand = slow_log_pmf(count, 1.0 + STRAY) - slow_log_pmf(count, STRAY)
        assert found[place] == pytest.approx(by_hand)
    assert found[0] > 5 and -1 < found[2] < 0  # seen: nearly proof; unseen: a mild hint against


@pytest.mark.parametrize("seed", range(3))
def test_ratio_equals_its_slow_twin(seed: int) -> None:
    view = planted(40, seed, "resample").view
    tally = CellKeys.exact(view).tally((seed,))
    n_once = int((tally.in_pool == 1).sum())
    worth = min(1.0, int((tally.in_pool == 2).sum()) / n_once) if n_once else 0.5
    few = tally.in_pool - 1 <= EXACT_UP_TO
    expected = [
        slow_ratio(int(held), int(count), tally, worth)
        for held, count in zip(tally.in_pool[few], tally.in_table[few], strict=True)
    ]
    np.testing.assert_allclose(membership_log_ratio(tally)[few], expected, rtol=1e-9, atol=1e-12)


def test_matched_moments_continue_the_exact_mixture() -> None:
    held = np.r_[np.repeat([EXACT_UP_TO + 1, EXACT_UP_TO + 2], 15), np.ones(370)].astype(int)
    counts = np.r_[np.tile(np.arange(15), 2), np.ones(370)].astype(int)
    found = membership_log_ratio(Tally(held, counts, 200, 200))  # one draw per member
    exact, matched = found[:15], found[15:30]
    assert np.abs(exact - matched).max() < 0.12  # one holder more changes little
    assert np.ptp(exact) > 1.0


def test_the_more_often_the_likelier_and_common_values_say_little() -> None:
    held = np.tile(np.r_[np.ones(6), np.full(6, 8), np.full(6, 300)].astype(int), 30)
    counts = np.tile(np.r_[np.arange(6), np.arange(1, 13, 2), np.arange(120, 180, 10)], 30)
    found = membership_log_ratio(Tally(held, counts, 270, 270))[:18].reshape(3, 6)
    assert (np.diff(found, axis=1) > 0).all()
    spans = np.ptp(found, axis=1)
    assert spans[0] > spans[1] > spans[2] and spans[2] < 0.2


def test_rate_of_reuse_is_read_off_without_labels() -> None:
    resampled, fresh = planted(300, 0, "resample").view, planted(300, 0, "fresh").view
    assert reuse_rate(CellKeys.exact(resampled).tally((0,))) > 0.9
    assert reuse_rate(CellKeys.exact(fresh).tally((0,))) < 0.2
    assert reuse_rate(CellKeys.exact(fresh).tally((4,))) == UNREADABLE


def test_fingerprint_is_the_sum_over_columns() -> None:
    view = planted(50, 2, "resample").view
    keys = CellKeys.exact(view)
    by_hand = sum(membership_log_ratio(keys.tally((c,))) for c in range(6))
    np.testing.assert_allclose(scored(ValueFingerprint(), view), by_hand)


def test_a_table_without_candidates_values_gives_finite_scores() -> None:
    view = view_of([[1.0], [2.0], [3.0]], [[1], [1], [2]], [[7.0]], [[9]])
    for attack in (ValueFingerprint(), ValueCombinations()):
        assert np.isfinite(scored(attack, view)).all()


def test_combinations_need_two_columns_and_fingerprints_one() -> None:
    single = view_of([[1.0], [2.0]], none(2), [[1.0]], none(1))
    assert scored(ValueFingerprint(), single).argmax() == 0
    with pytest.raises(NotApplicable):
        scored(ValueCombinations(), single)
    with pytest.raises(NotApplicable):
        scored(ValueFingerprint(), view_of(none(2), none(2), none(2), none(2)))


def test_combinations_see_what_single_values_cannot() -> None:
    # every level is as frequent in S as in the pool; only who has which pair is re-used
    rng = np.random.default_rng(5)
    codes = rng.integers(1, 25, (600, 3))
    is_member = np.arange(600) < 300
    view = view_of(none(600), codes, none(300), codes[is_member])
    single, joint = (scored(a, view) for a in (ValueFingerprint(), ValueCombinations()))
    gap = [s[is_member].mean() - s[~is_member].mean() for s in (single, joint)]
    spread = [s.std() for s in (single, joint)]
    assert gap[1] / spread[1] > 1.5 > gap[0] / spread[0]


@pytest.mark.parametrize("largest", [30, 400])
def test_distinct_pairs_are_numbered_by_table_and_by_search_alike(largest: int) -> None:
    rng = np.random.default_rng(largest)
    held, counts = rng.integers(1, largest, 500), rng.integers(0, largest, 500)
    assert (int((held * (counts.max() + 1)).max()) < LOOKED_UP) == (largest == 30)
    others, count, back = _distinct(Tally(held, counts, 500, 500))
    np.testing.assert_array_equal(others[back], held - 1)
    np.testing.assert_array_equal(count[back], counts)
    assert len(others) == len(set(zip(held.tolist(), counts.tolist(), strict=True)))
