"""Members singled out: conformal p-values, Benjamini-Hochberg, exact bounds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, f

from synthaudit.errors import UsageError
from synthaudit.stats.binomial import clopper_pearson
from synthaudit.stats.identified import (
    benjamini_hochberg,
    conformal_p_values,
    identified,
    level_at_prevalence,
    precision_at_top,
)
from synthaudit.types import Floats


def test_p_values_by_hand_ties_count_against() -> None:
    scores = np.array([5.0, 2.0, 0.0, 1.0, 2.0, 3.0])
    is_member = np.array([True, True, True, False, False, False])
    assert conformal_p_values(scores, is_member).tolist() == [1 / 4, 3 / 4, 4 / 4]


def test_p_values_of_nonleaking_scores_are_valid() -> None:
    rng = np.random.default_rng(0)
    is_member = np.arange(220) < 20
    p = np.concatenate([conformal_p_values(rng.normal(size=220), is_member) for _ in range(500)])
    for level in (0.01, 0.05, 0.2):
        assert np.mean(p <= level) <= level + 0.006


def test_benjamini_hochberg_by_hand() -> None:
    p = np.array([0.01, 0.04, 0.02, 0.3])
    # bars 0.0125, 0.025, 0.0375, 0.05 at q = 0.05: the two smallest pass
    assert benjamini_hochberg(p, 0.05).tolist() == [True, False, True, False]
    assert not benjamini_hochberg(np.array([0.5, 0.9]), 0.05).any()
    assert benjamini_hochberg(np.array([0.04, 0.04]), 0.05).all()
    assert benjamini_hochberg(np.empty(0)).size == 0
    # a hair above its bar is above it
    assert not benjamini_hochberg(np.array([0.025001, 0.9]), 0.05).any()


def test_benjamini_hochberg_against_the_naive_twin() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        p = rng.beta(0.4, 1.0, 30)
        n = max((k for k in range(31) if np.sum(p <= 0.1 * k / 30) >= k), default=0)
        assert int(benjamini_hochberg(p, 0.1).sum()) == n


def test_level_at_a_prevalence_by_hand() -> None:
    assert level_at_prevalence(0.05, 0.5) == pytest.approx(0.05)
    # odds of 1/19 against one member in a hundred people: 1 / (19 * 99)
    assert level_at_prevalence(0.05, 0.01) == pytest.approx(1 / (1 + 19 * 99))
    for prevalence in (0.0, 1.0, -0.1):
        with pytest.raises(UsageError, match="prevalence must lie between 0 and 1"):
            level_at_prevalence(0.05, prevalence)


def test_nobody_is_identified_when_nothing_leaks() -> None:
    rng = np.random.default_rng(2)
    is_member = np.arange(600) < 300
    found = [identified(rng.normal(size=600), is_member) for _ in range(200)]
    assert np.mean([f.n_identified > 0 for f in found]) <= 0.05
    assert all(f.share.low == 0.0 for f in found)


def test_false_share_is_controlled_when_members_are_a_mixture() -> None:
    # 30 % of members are exposed; the others score like non-members and are the false finds
    rng = np.random.default_rng(3)
    is_member = np.arange(1000) < 500
    false_shares = []
    for _ in range(100):
        scores = rng.normal(size=1000)
        scores[:150] += 6
        p = conformal_p_values(scores, is_member)
        named = benjamini_hochberg(p)
        false_shares.append(np.sum(named[150:]) / max(np.sum(named), 1))
    assert np.mean(false_shares) <= 0.05
    assert np.mean(false_shares) > 0.01


@pytest.mark.parametrize(("exposed", "n"), [(0.0, 400), (0.02, 2000), (0.3, 400)])
def test_interval_covers_the_identifiable_share(exposed: float, n: int) -> None:
    rng = np.random.default_rng(4)
    is_member = np.arange(2 * n) < n
    ratio = 0.05 / 0.95
    false = ratio * exposed / (1 - ratio * (1 - exposed))
    truth = exposed + (1 - exposed) * false
    hits = 0
    for _ in range(200):
        scores = rng.normal(size=2 * n)
        scores[:n] += 30 * (rng.random(n) < exposed)
        share = identified(scores, is_member).share
        assert share.low is not None
        assert share.high is not None
        hits += share.low <= truth <= share.high
    # two bounds have to err at once: conservative by construction
    assert hits / 200 >= 0.95


def test_bounds_are_worth_something() -> None:
    rng = np.random.default_rng(5)
    is_member = np.arange(8000) < 4000
    scores = rng.normal(size=8000)
    nothing = identified(scores, is_member).share
    assert nothing.high is not None
    assert nothing.high < 0.005
    scores[:400] += 30
    found = identified(scores, is_member)
    assert found.n_identified >= 400
    assert found.expected_false == pytest.approx(0.05 * found.n_identified)
    assert found.share.low is not None
    assert found.share.high is not None
    assert 0.08 < found.share.low < 0.1 < found.share.high < 0.13


TRIED = {
    45: [1, 2, 3, 4, 6, 8, 11, 16, 23, 32, 45],
    135: [1, 2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64, 91, 128, 135],
}
"""Thresholds among so many non-members."""


def bounds_one_by_one(
    inside: Floats, outside: Floats, q: float, rows_each: int = 1
) -> tuple[float, float]:
    """The twin: thresholds in turn, and the ratio of two gammas as an F instead of a beta.

    ``rows_each``: so many equal rows of one person stand for one.
    """
    ratio, tried = q / (1.0 - q), TRIED[len(outside)]
    above = [sum(score > sorted(outside)[-j] for score in inside) / rows_each for j in tried]
    n1, n0 = len(inside) / rows_each, len(outside) / rows_each
    tried = [j / rows_each for j in tried]

    def too_large(j: float, x: float) -> float:
        """P(FPR > ratio * TPR) for the j-th largest non-member and x members above."""
        return float(f.sf(ratio * (n0 / n1) * x / j, 2 * j, 2 * x))

    low, high = 0.0, 0.0
    for j, x, before in zip([*tried, None], [*above, n1], [None, *tried], strict=True):
        if j is not None and x > 0 and too_large(j, x) <= 0.025:
            low = max(low, clopper_pearson(x, n1).low)
        # up to this threshold, from the one before: surely too many non-members for every TPR?
        if before is None or not 1.0 - too_large(before, x + 1) <= 0.025:
            high = max(high, clopper_pearson(x, n1).high)
    return low, high


@pytest.mark.parametrize("q", [0.05, 0.3, 0.6])
@pytest.mark.parametrize("n1", [20, 45, 160])
def test_bounds_against_the_naive_twin(q: float, n1: int) -> None:
    rng = np.random.default_rng(6)
    seen = set()
    for exposed in (0.0, 0.2, 0.5, 0.9):
        inside = rng.normal(size=n1) + 3 * (rng.random(n1) < exposed)
        outside = rng.normal(size=45)
        scores = np.concatenate([inside, outside])
        share = identified(scores, np.arange(n1 + 45) < n1, q=q).share
        low, high = bounds_one_by_one(inside, outside, q)
        assert share.value is not None
        assert share.low == pytest.approx(min(low, share.value))
        assert share.high == pytest.approx(max(high, share.value))
        seen.add((low, high))
    assert len(seen) > 1


@pytest.mark.parametrize("q", [0.05, 0.4])
def test_bounds_of_people_with_three_rows_against_the_twin(q: float) -> None:
    rng = np.random.default_rng(7)
    for exposed in (0.3, 0.8):
        inside = np.repeat(rng.normal(size=90) + 3 * (rng.random(90) < exposed), 3)
        outside = np.repeat(rng.normal(size=45), 3)
        people = np.repeat(np.arange(135), 3)
        scores, is_member = np.concatenate([inside, outside]), np.arange(405) < 270
        share = identified(scores, is_member, q=q, groups=people).share
        low, high = bounds_one_by_one(inside, outside, q, rows_each=3)
        assert share.value is not None
        assert share.low == pytest.approx(min(low, share.value))
        assert share.high == pytest.approx(max(high, share.value))


@pytest.mark.parametrize(("n1", "n0"), [(1, 1), (1, 30), (30, 1)])
def test_tiny_sides(n1: int, n0: int) -> None:
    is_member = np.arange(n1 + n0) < n1
    found = identified(is_member.astype(float), is_member)
    assert found.share.high == 1.0
    assert found.share.low is not None
    assert found.share.low < 0.9


def test_an_empty_side_is_no_number() -> None:
    assert identified(np.zeros(3), np.ones(3, dtype=bool)).share.value is None


def test_groups_lower_the_bound() -> None:
    groups = np.repeat(np.arange(200), 5)
    is_member = groups < 100
    scores = is_member + np.arange(1000) * 1e-6
    alone = identified(scores, is_member).share.low
    grouped = identified(scores, is_member, groups=groups).share.low
    assert alone is not None
    assert grouped is not None
    assert grouped < alone


def test_precision_by_hand() -> None:
    scores = np.array([9.0, 8, 7, 6, 5, 4])
    is_member = np.array([True, True, False, True, False, False])
    top = precision_at_top(scores, is_member, 3)
    assert (top.value, top.n, top.null) == (pytest.approx(2 / 3), 3, 0.5)
    # one person in a hundred is a member: TPR 2/3, FPR 1/3 give 0.02 / 1.01
    rare = precision_at_top(scores, is_member, 3, prevalence=0.01)
    assert rare.value == pytest.approx(0.01 * 2 / 3 / (0.01 * 2 / 3 + 0.99 / 3))
    # half of the error for each of the two rates: 97.5 % intervals of 2 of 3 and of 1 of 3
    tpr, fpr = clopper_pearson(2, 3, 0.975), clopper_pearson(1, 3, 0.975)
    assert rare.low == pytest.approx(0.01 * tpr.low / (0.01 * tpr.low + 0.99 * fpr.high))
    assert rare.high == pytest.approx(0.01 * tpr.high / (0.01 * tpr.high + 0.99 * fpr.low))


def test_precision_never_splits_a_tie() -> None:
    scores = np.array([9.0, 5, 5, 5])
    is_member = np.array([True, True, False, False])
    assert precision_at_top(scores, is_member, 2).n == 1
    assert precision_at_top(np.zeros(4), is_member, 2).value is None


def test_precision_lower_bound_covers() -> None:
    rng = np.random.default_rng(6)
    hits = 0
    for _ in range(400):
        is_member = rng.random(1000) < 0.5
        scores = rng.normal(size=1000)
        found = precision_at_top(scores, is_member, 50)
        assert found.low is not None
        hits += found.low <= 0.5
    assert hits / 400 >= 0.96


def test_bounds_against_a_twin_of_binomial_sums() -> None:
    rng = np.random.default_rng(7)
    is_member = np.arange(1200) < 600
    scores = rng.normal(size=1200)
    scores[:150] += 6
    outside = np.sort(scores[~is_member])[::-1]
    tried = [1, 2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64, 91, 128, 181, 256, 362, 512, 600]
    hits = [int(np.sum(scores[:600] > outside[j - 1])) for j in tried]
    low, allowed = 0.0, [clopper_pearson(hits[0], 600).high]
    for j, x, following in zip(tried, hits, [*hits[1:], 600], strict=True):
        # of x + j - 1 flagged at most j - 1 are outsiders although one in twenty would be
        if x and binom.cdf(j - 1, x + j - 1, 0.05) <= 0.025:
            low = max(low, clopper_pearson(x, 600).low)
        # of following + j flagged at least j are outsiders although one in twenty would be
        if binom.sf(j - 1, following + j, 0.05) > 0.025:
            allowed.append(clopper_pearson(following, 600).high)
    share = identified(scores, is_member).share
    assert share.low == pytest.approx(low)
    assert share.high == pytest.approx(max(allowed))
