"""Differences of two audits of the same candidates: by hand, by slow twins, by simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from synthaudit.seeds import Streams
from synthaudit.stats import strongest
from synthaudit.stats.auc import auc, delong_variance
from synthaudit.stats.binomial import Bounds, wilson
from synthaudit.stats.paired import (
    advantage_parts,
    auc_parts,
    correlation_of,
    difference_of,
    tpr_parts,
)
from synthaudit.types import Bools, Floats


def test_by_hand() -> None:
    first, second = Bounds(0.6, 0.5, 0.7), Bounds(0.4, 0.3, 0.5)
    independent = difference_of(first, second)
    assert independent.value == pytest.approx(0.2)
    assert independent.low == pytest.approx(0.2 - math.sqrt(0.02))
    assert independent.high == pytest.approx(0.2 + math.sqrt(0.02))
    # half correlated: 0.01 - 2 * 0.5 * 0.01 + 0.01
    paired = difference_of(first, second, 0.5)
    assert paired.low == pytest.approx(0.2 - 0.1)
    # one and the same estimate: no difference, and none in doubt
    same = difference_of(first, first, 1.0)
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)
    # 0.9973 are three standard errors where 0.95 are 1.96
    wide = difference_of(first, second, 0.0, 0.9973)
    assert wide.high - 0.2 == pytest.approx(math.sqrt(0.02) * 3.0 / 1.96, rel=1e-3)


def test_it_is_newcombes_paired_interval_for_two_shares_of_the_same_rows() -> None:
    """His example of 36, 12, 2 and 0 of 50 (both, first only, second only, neither), method 10.

    Newcombe 1998, doi:10.1002/(SICI)1097-0258(19981130)17:22<2635::AID-SIM954>3.0.CO;2-C.
    """
    # the association is negative, so there is no continuity correction
    phi = (36 * 0 - 12 * 2) / math.sqrt(48 * 2 * 38 * 12)
    found = difference_of(wilson(48, 50), wilson(38, 50), phi)
    assert found.value == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.0569, 0.3404), abs=5e-5)


def newcombe(both: int, only_first: int, only_second: int, neither: int) -> Bounds:
    """The twin: method 10 written for the four counts."""
    n = both + only_first + only_second + neither
    k1, k2 = both + only_first, both + only_second
    first, second = wilson(k1, n), wilson(k2, n)
    cross = float(both * neither - only_first * only_second)
    # the continuity correction applies to positive association only
    cross = max(cross - n / 2.0, 0.0) if cross > 0 else cross
    phi = cross / math.sqrt(k1 * (n - k1) * k2 * (n - k2))
    value = first.value - second.value
    dl1, du1 = first.value - first.low, first.high - first.value
    dl2, du2 = second.value - second.low, second.high - second.value
    return Bounds(
        value,
        value - math.sqrt(dl1**2 - 2 * phi * dl1 * du2 + du2**2),
        value + math.sqrt(du1**2 - 2 * phi * du1 * dl2 + dl2**2),
    )


def test_it_is_newcombes_twin_where_the_association_is_positive() -> None:
    both, only_first, only_second, neither = 30, 6, 21, 43
    n = both + only_first + only_second + neither
    cross = max(both * neither - only_first * only_second - n / 2, 0)
    phi = cross / math.sqrt(36 * 64 * 51 * 49)
    expected = newcombe(both, only_first, only_second, neither)
    found = difference_of(wilson(36, n), wilson(51, n), phi)
    assert (found.value, found.low, found.high) == pytest.approx(
        (expected.value, expected.low, expected.high)
    )


def test_newcombes_twin_covers_correlated_answers() -> None:
    rng = np.random.default_rng(1)
    shares = [0.05, 0.04, 0.01, 0.90]  # both, first only, second only, neither
    hits = 0
    for counts in rng.multinomial(400, shares, 1500):
        found = newcombe(*(int(c) for c in counts))
        hits += found.low <= 0.03 <= found.high
    assert 0.93 <= hits / 1500 <= 0.985


def game(seed: int, n: int = 60) -> tuple[Floats, Bools, Bools]:
    rng = np.random.default_rng(seed)
    is_member = rng.permutation(np.arange(n) < n // 2)
    # rounded, so that there are ties
    return np.round(rng.normal(size=n) + is_member, 1), is_member, rng.random(n) < 0.5


def test_auc_parts_agree_with_counting_pairs() -> None:
    scores, is_member, half = game(1)
    expected = np.zeros(scores.size)
    for side in (half, ~half):
        members, others = np.flatnonzero(side & is_member), np.flatnonzero(side & ~is_member)
        area = auc(scores[side], is_member[side])
        for i in members:
            below = np.mean(
                [(scores[i] > scores[j]) + (scores[i] == scores[j]) / 2 for j in others]
            )
            expected[i] = (below - area) / members.size / 2
        for j in others:
            above = np.mean(
                [(scores[i] > scores[j]) + (scores[i] == scores[j]) / 2 for i in members]
            )
            expected[j] = (above - area) / others.size / 2
    assert auc_parts(scores, is_member, half) == pytest.approx(expected)


def test_parts_of_one_half_square_to_delongs_variance() -> None:
    scores, is_member, _ = game(2, 400)
    everybody = np.ones(scores.size, dtype=bool)
    parts = 2 * auc_parts(scores, is_member, everybody)  # one half only: undo the mean of two
    assert np.sum(parts**2) == pytest.approx(delong_variance(scores, is_member), rel=0.01)


def test_parts_of_shares_square_to_binomial_variances() -> None:
    scores, is_member, _ = game(3, 500)
    flagged = scores > 1
    p1, p0 = flagged[is_member].mean(), flagged[~is_member].mean()
    variance = p1 * (1 - p1) / 250 + p0 * (1 - p0) / 250
    assert np.sum(advantage_parts(flagged, is_member) ** 2) == pytest.approx(variance)
    tail = tpr_parts(scores, is_member, 0.1)
    named = np.count_nonzero(tail > 0) / 250
    assert np.sum(tail**2) == pytest.approx(named * (1 - named) / 250)
    assert not tail[~is_member].any()


def test_correlation_is_of_the_same_candidates_and_bounded() -> None:
    scores, is_member, half = game(4, 300)
    parts = auc_parts(scores, is_member, half)
    width = 2 * 1.96 * math.sqrt(np.sum(parts**2))
    assert correlation_of(parts, parts, (width, width)) == pytest.approx(1.0, abs=1e-4)
    assert correlation_of(parts, -parts, (width, width)) == pytest.approx(-1.0, abs=1e-4)
    assert correlation_of(parts, parts, (2 * width, 2 * width)) == pytest.approx(0.25, abs=1e-3)
    assert correlation_of(parts, parts, (width / 10, width / 10)) == 1.0
    assert correlation_of(parts, parts, (0.0, width)) == 0.0


def test_paired_intervals_cover_and_are_narrower() -> None:
    """Two tables whose attacks share the candidates' luck; the truth is a difference of 0.117.

    The whole study is in ``benchmarks/compare``; 60 runs tell 0.95 from 0.85 and less.
    """
    n, gains, runs = 300, (1.2, 0.7), 60
    is_member = np.arange(n) < n // 2
    truth = (math.erf(1.2 / 2) - math.erf(0.7 / 2)) / 2  # Phi(g / sqrt 2) = (1 + erf(g / 2)) / 2
    covered, narrower = 0, 0
    for run in range(runs):
        rng = np.random.default_rng(run)
        luck = rng.normal(size=n)
        sides = []
        for gain in gains:
            mine = 0.9 * luck + 0.44 * rng.normal(size=n) + gain * is_member
            best = strongest({"a": mine, "b": rng.normal(size=n)}, is_member, Streams(run))
            e = best.bulk.estimate("auc")
            assert e.value is not None and e.low is not None and e.high is not None
            parts = auc_parts(best.bulk.scores, is_member, best.first)
            sides.append((Bounds(e.value, e.low, e.high), parts))
        (b1, p1), (b2, p2) = sides
        rho = correlation_of(p1, p2, (b1.high - b1.low, b2.high - b2.low))
        paired, plain = difference_of(b1, b2, rho), difference_of(b1, b2)
        covered += paired.low <= truth <= paired.high
        narrower += paired.high - paired.low < 0.85 * (plain.high - plain.low)
    assert covered >= 0.88 * runs
    assert narrower >= 0.9 * runs
