"""TPR at a fixed FPR: exact vertex, interval against a Monte-Carlo twin, coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr, ndtri
from scipy.stats import binom

from synthaudit.stats.tpr import Scored, _false_positives, tpr_at_fpr, tpr_interval
from synthaudit.types import Bools, Floats


def members_first(n1: int, n0: int) -> Bools:
    return np.arange(n1 + n0) < n1


def test_by_hand() -> None:
    # non-members 0..9: FPR 0.1 allows one of them, so 9 may be flagged and the bar is above 8
    scores = np.concatenate([[8.5, 9.5, 1.5, 8.0], np.arange(10.0)])
    found = tpr_at_fpr(scores, members_first(4, 10), 0.1)
    assert found.value == 0.5
    assert found.null == 0.1


def test_ties_are_never_split() -> None:
    # five non-members share the top score with three members: FPR 0.1 of 20 allows only two
    scores = np.concatenate([np.ones(3), np.zeros(7), np.ones(5), np.zeros(15)])
    assert tpr_at_fpr(scores, members_first(10, 20), 0.1).value == 0.0
    assert tpr_at_fpr(scores, members_first(10, 20), 0.25).value == pytest.approx(0.3)


def test_below_one_false_positive_is_not_resolvable() -> None:
    rng = np.random.default_rng(0)
    found = tpr_at_fpr(rng.normal(size=1500), members_first(501, 999), 0.001)
    assert found.value is None
    assert "1000 non-members" in found.note
    assert tpr_at_fpr(rng.normal(size=1501), members_first(501, 1000), 0.001).value is not None


def test_few_false_positives_leave_no_lower_bound_even_if_all_members_are_on_top() -> None:
    scores = np.concatenate([np.full(500, 9.0), np.zeros(1000)]) + np.arange(1500) * 1e-6
    found = tpr_at_fpr(scores, members_first(500, 1000), 0.001)
    assert found.value == 1.0
    assert found.low is not None
    assert found.low < 0.01
    assert "lower bound" in found.note


def monte_carlo(
    scores: Floats, is_member: Bools, fpr: float, rng: np.random.Generator
) -> tuple[float, float]:
    """The twin: draw K and a beta, look at the quantiles."""
    inside, outside = scores[is_member], np.sort(scores[~is_member])[::-1]
    edges = np.concatenate([[np.inf], outside, [-np.inf]])
    k = rng.binomial(outside.size, fpr, 200_000) + (rng.random(200_000) < 0.5)
    x = np.array([np.sum(inside > edge) for edge in edges])[k]
    draws = rng.beta(x + 0.5, inside.size - x + 0.5)
    return float(np.quantile(draws, 0.025)), float(np.quantile(draws, 0.975))


def test_interval_against_the_monte_carlo_twin() -> None:
    rng = np.random.default_rng(2)
    is_member = members_first(400, 300)
    scores = rng.normal(size=700) + 1.0 * is_member
    _, low, high = tpr_interval(Scored.of(scores, is_member), 0.1)
    expected = monte_carlo(scores, is_member, 0.1, rng)
    assert (low, high) == pytest.approx(expected, abs=0.004)


@pytest.mark.parametrize(
    ("n1", "n0", "fpr", "shift", "exposed"),
    [
        (300, 300, 0.1, 0.0, 0.0),
        (300, 300, 0.1, 2.0, 0.0),
        (1000, 1000, 0.01, 0.0, 0.05),
        (2000, 50, 0.1, 0.0, 0.5),
        (50, 2000, 0.01, 0.0, 0.5),
        (1000, 5000, 0.001, 0.0, 0.05),
    ],
)
def test_coverage(n1: int, n0: int, fpr: float, shift: float, exposed: float) -> None:
    rng = np.random.default_rng(7)
    is_member = members_first(n1, n0)
    truth = exposed + (1 - exposed) * float(ndtr(shift - ndtri(1 - fpr)))
    hits = 0
    for _ in range(300):
        scores = rng.normal(size=n1 + n0) + shift * is_member
        scores[:n1] += 20 * (rng.random(n1) < exposed)
        _, low, high = tpr_interval(Scored.of(scores, is_member), fpr)
        hits += low <= truth <= high
    assert 0.925 <= hits / 300 <= 0.99


def test_extremes_err_on_the_wide_side() -> None:
    rng = np.random.default_rng(8)
    hits = 0
    for _ in range(300):  # 20 a side: two false positives expected
        _, low, high = tpr_interval(Scored.of(rng.normal(size=40), members_first(20, 20)), 0.1)
        hits += low <= 0.1 <= high
    assert hits / 300 >= 0.95


def test_groups_widen() -> None:
    rng = np.random.default_rng(4)
    groups = np.repeat(np.arange(200), 5)
    scores = rng.normal(size=200)[groups]
    is_member = groups < 100
    alone = tpr_at_fpr(scores, is_member, 0.1)
    grouped = tpr_at_fpr(scores, is_member, 0.1, groups)
    assert grouped.value == alone.value
    assert alone.high is not None
    assert alone.low is not None
    assert grouped.high is not None
    assert grouped.low is not None
    assert grouped.high - grouped.low > 1.6 * (alone.high - alone.low)


@pytest.mark.parametrize(("n", "rate"), [(40, 0.1), (3_000, 0.01), (3_000, 0.3)])
def test_false_positives_are_binomial_and_few_nodes_keep_their_moments(n: int, rate: float) -> None:
    k, p = _false_positives(n, rate, None)
    np.testing.assert_allclose(p, binom.pmf(k, n, rate), atol=1e-9)
    mean, spread = n * rate, np.sqrt(n * rate * (1 - rate))
    nodes, weights = _false_positives(n, rate, 12)
    assert nodes.size == 12 and weights.sum() == pytest.approx(1.0)
    assert abs(nodes @ weights - mean) < 0.06 * spread + 0.3
    assert 0.85 < np.sqrt(((nodes - mean) ** 2) @ weights) / spread < 1.1


@pytest.mark.parametrize(("inside", "outside"), [(5, 3), (6, 1), (1, 6)])
def test_rows_of_one_person_widen_the_interval_on_either_side(inside: int, outside: int) -> None:
    rng = np.random.default_rng(8)
    persons = np.repeat(np.arange(100), np.repeat([inside, outside], [40, 60]))
    is_member = persons < 40
    scores = (rng.normal(size=100) + 1.5 * (np.arange(100) < 40))[persons]
    alone = tpr_at_fpr(scores, is_member, 0.1)
    whole = tpr_at_fpr(scores, is_member, 0.1, codes=persons)
    assert alone.value == whole.value
    assert alone.low is not None and whole.low is not None and whole.low < alone.low - 0.02
    assert alone.high is not None and whole.high is not None and whole.high > alone.high + 0.02
    # as wide as it is for as many people of one row
    once = np.unique(persons, return_index=True)[1]
    people = tpr_at_fpr(scores[once], is_member[once], 0.1)
    assert people.low is not None and people.high is not None
    assert whole.high - whole.low == pytest.approx(people.high - people.low, abs=0.1)
