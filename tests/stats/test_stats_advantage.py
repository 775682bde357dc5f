"""Advantage: the optimism is gone, the interval is honest."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from synthaudit.seeds import Streams
from synthaudit.stats.advantage import (
    advantage_estimate,
    advantage_of,
    best_threshold,
    held_out_decisions,
)
from synthaudit.stats.halves import split_halves
from synthaudit.stats.roc import exact_roc


def test_by_hand() -> None:
    is_member = np.array([True, True, True, True, False, False, False, False])
    flagged = np.array([True, True, True, False, True, False, False, False])
    found = advantage_of(flagged, is_member)
    assert found.value == pytest.approx(0.5)
    assert found.null == 0.0


def test_threshold_maximises_tpr_minus_fpr() -> None:
    rng = np.random.default_rng(0)
    scores, is_member = rng.normal(size=200), np.arange(200) < 80
    scores[:80] += 1
    threshold = best_threshold(scores, is_member)

    def gain(t: float) -> float:
        return float(np.mean(scores[:80] >= t) - np.mean(scores[80:] >= t))

    assert gain(threshold) == pytest.approx(max(gain(t) for t in scores))


def test_each_half_is_judged_by_the_other() -> None:
    scores = np.array([0.0, 1.0, 10.0, 11.0])
    is_member = np.array([False, True, False, True])
    first = np.array([True, True, False, False])
    # the first half's threshold (1) flags the whole second half; its own (11) flags none here
    assert held_out_decisions(scores, is_member, first).tolist() == [False, False, True, True]


def test_a_useless_score_gets_nothing_where_the_naive_maximum_gets_plenty() -> None:
    rng = np.random.default_rng(1)
    is_member = np.arange(200) < 100
    honest, naive, hits = [], [], 0
    for i in range(400):
        scores = rng.normal(size=200)
        found = advantage_estimate(scores, is_member, split_halves(is_member, Streams(i)))
        assert found.value is not None
        assert found.low is not None
        assert found.high is not None
        honest.append(found.value)
        hits += found.low <= 0 <= found.high
        curve = exact_roc(scores, is_member)
        naive.append(float(np.max(curve.tpr - curve.fpr)))
    assert abs(np.mean(honest)) < 3 * np.std(honest) / 20
    assert np.mean(naive) > 0.07
    assert 0.93 <= hits / 400 <= 0.985


@pytest.mark.parametrize(("n1", "n0", "shift"), [(20, 20, 1.0), (200, 200, 0.5), (300, 40, 2.0)])
def test_coverage_of_what_the_chosen_thresholds_attain(n1: int, n0: int, shift: float) -> None:
    rng = np.random.default_rng(2)
    is_member = np.arange(n1 + n0) < n1
    hits = 0
    for i in range(500):
        scores = rng.normal(size=n1 + n0) + shift * is_member
        first = split_halves(is_member, Streams(i))
        truth = 0.0
        for chosen_on, applied in ((first, ~first), (~first, first)):
            t = best_threshold(scores[chosen_on], is_member[chosen_on])
            truth += np.sum(is_member & applied) / n1 * float(ndtr(shift - t))
            truth -= np.sum(~is_member & applied) / n0 * float(ndtr(-t))
        found = advantage_estimate(scores, is_member, first)
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= truth <= found.high
    assert 0.925 <= hits / 500 <= 0.985


def test_a_half_without_members_is_no_number() -> None:
    is_member = np.array([True, False, False, False])
    found = advantage_estimate(np.arange(4.0), is_member, np.array([True, True, False, False]))
    assert found.value is None
    assert "two members" in found.note


def test_all_ties_flag_nobody_or_everybody_and_gain_nothing() -> None:
    is_member = np.arange(40) < 20
    found = advantage_estimate(np.zeros(40), is_member, split_halves(is_member, Streams(0)))
    assert found.value == 0.0
    assert found.low is not None
    assert found.low < -0.05
