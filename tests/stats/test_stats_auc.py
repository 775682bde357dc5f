"""AUC and its interval: naive twins, edges, coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from synthaudit.stats.auc import auc, auc_estimate, auc_interval, delong_variance
from synthaudit.types import Bools, Floats, Ints


def naive_auc(scores: Floats, is_member: Bools) -> float:
    """All pairs, one by one."""
    wins = [
        1.0 if a > b else 0.5 if a == b else 0.0
        for a in scores[is_member]
        for b in scores[~is_member]
    ]
    return float(np.mean(wins))


def naive_delong(scores: Floats, is_member: Bools) -> float:
    """Structural components by their definition."""
    inside, outside = scores[is_member], scores[~is_member]
    psi = np.array([[1.0 if a > b else 0.5 if a == b else 0.0 for b in outside] for a in inside])
    v10, v01 = psi.mean(axis=1), psi.mean(axis=0)
    return float(np.var(v10, ddof=1) / inside.size + np.var(v01, ddof=1) / outside.size)


def test_by_hand() -> None:
    scores = np.array([4.0, 2.0, 2.0, 1.0, 3.0])
    is_member = np.array([True, True, False, False, False])
    # member 4 beats all three; member 2 beats 1, ties 2, loses to 3
    assert auc(scores, is_member) == pytest.approx((3 + 1.5) / 6)


@pytest.mark.parametrize("seed", range(4))
def test_against_the_naive_twins(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 9, 60).astype(float)
    is_member = rng.random(60) < 0.3
    assert auc(scores, is_member) == pytest.approx(naive_auc(scores, is_member))
    assert delong_variance(scores, is_member) == pytest.approx(naive_delong(scores, is_member))


def test_groups_of_one_are_no_groups_and_copies_carry_nothing_new() -> None:
    rng = np.random.default_rng(0)
    scores, is_member = rng.normal(size=400), np.arange(400) < 200
    alone = delong_variance(scores, is_member)
    assert delong_variance(scores, is_member, np.arange(400)) == pytest.approx(alone, rel=1e-12)
    # every row three times, grouped: the variance stays that of the 400 persons
    tripled = delong_variance(
        np.repeat(scores, 3), np.repeat(is_member, 3), np.repeat(np.arange(400), 3)
    )
    assert tripled == pytest.approx(alone, rel=0.02)


def test_groups_that_hold_both_labels_use_their_covariance() -> None:
    rng = np.random.default_rng(1)
    person = rng.normal(size=300)
    groups: Ints = np.tile(np.arange(300), 2)
    is_member = np.arange(600) < 300
    scores = np.tile(person, 2) + 0.3 * rng.normal(size=600)
    paired = delong_variance(scores, is_member, groups)
    assert paired < 0.5 * delong_variance(scores, is_member)


def test_interval_never_collapses() -> None:
    is_member = np.arange(20) < 10
    perfect = auc_estimate(np.where(is_member, 1.0, 0.0) + np.arange(20) * 1e-3, is_member)
    # ten disjoint pairs, all won: the exact lower bound is 0.025^(1/10)
    assert perfect.value == 1.0
    assert perfect.low == pytest.approx(0.025 ** (1 / 10))
    assert perfect.high == 1.0
    reversed_ = auc_estimate(np.where(is_member, 0.0, 1.0), is_member)
    assert reversed_.value == 0.0
    assert reversed_.high == pytest.approx(1 - 0.025 ** (1 / 10))
    tied = auc_estimate(np.zeros(20), is_member)
    assert tied.value == 0.5
    assert tied.low is not None
    assert tied.high is not None
    assert tied.low < 0.25
    assert tied.high > 0.75


@pytest.mark.parametrize(("n1", "n0"), [(1, 1), (1, 50), (50, 1), (2, 2)])
def test_tiny_sides_answer_and_stay_humble(n1: int, n0: int) -> None:
    rng = np.random.default_rng(0)
    found = auc_estimate(rng.normal(size=n1 + n0), np.arange(n1 + n0) < n1)
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert 0.0 <= found.low <= found.value <= found.high <= 1.0
    assert found.high - found.low > 0.4


def test_one_empty_side_is_no_number() -> None:
    found = auc_estimate(np.zeros(3), np.ones(3, dtype=bool))
    assert found.value is None
    assert found.note


@pytest.mark.parametrize(
    ("n1", "n0", "shift"),
    [
        (10, 10, 1.0),
        (30, 30, 2.0),
        (300, 300, 0.0),
        (300, 300, 1.0),
        (10, 400, 0.5),
        (400, 10, 2.0),
    ],
)
def test_coverage(n1: int, n0: int, shift: float) -> None:
    rng = np.random.default_rng(11)
    is_member = np.arange(n1 + n0) < n1
    truth = float(ndtr(shift / np.sqrt(2)))
    hits = 0
    for _ in range(600):
        _, low, high, _ = auc_interval(rng.normal(size=n1 + n0) + shift * is_member, is_member)
        hits += low <= truth <= high
    # 0.99: small unbalanced sides are widened on purpose
    assert 0.93 <= hits / 600 <= 0.997


def test_coverage_with_groups() -> None:
    rng = np.random.default_rng(5)
    groups = np.repeat(np.arange(200), 4)
    is_member = groups < 100
    grouped, naive = 0, 0
    for _ in range(300):
        scores = rng.normal(size=200)[groups] + 0.5 * rng.normal(size=800)
        _, low, high, _ = auc_interval(scores, is_member, groups)
        grouped += low <= 0.5 <= high
        _, low, high, _ = auc_interval(scores, is_member)
        naive += low <= 0.5 <= high
    assert 0.92 <= grouped / 300 <= 0.985
    assert naive / 300 < 0.85  # what ignoring persons would have claimed
