"""Shares and their differences: published examples, brute-force twins, coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom

from synthaudit.errors import UsageError
from synthaudit.stats.binomial import (
    Bounds,
    clopper_pearson,
    difference,
    lower_bound,
    share_estimate,
    upper_bound,
    wilson,
)


def test_rule_of_three_by_hand() -> None:
    # nothing seen in 100: the upper end solves (1 - p)^100 = 0.025
    found = clopper_pearson(0, 100)
    assert found.value == 0.0
    assert found.low == 0.0
    assert found.high == pytest.approx(1 - 0.025 ** (1 / 100))


@pytest.mark.parametrize(("k", "n"), [(0, 1), (1, 1), (3, 10), (50, 50), (7, 400)])
def test_clopper_pearson_against_a_search_over_shares(k: int, n: int) -> None:
    grid = np.linspace(0, 1, 20001)
    # naive twin: every share under which the count is not too surprising in either tail
    kept = grid[(binom.sf(k - 1, n, grid) > 0.025) & (binom.cdf(k, n, grid) > 0.025)]
    found = clopper_pearson(k, n)
    assert found.low == pytest.approx(kept.min() if k else 0.0, abs=1e-4)
    assert found.high == pytest.approx(kept.max() if k < n else 1.0, abs=1e-4)


def test_wilson_by_hand() -> None:
    assert wilson(0, 0) == Bounds(0.5, 0.0, 1.0)
    z2 = 1.959963984540054**2
    assert wilson(0, 10).high == pytest.approx(z2 / (10 + z2))
    assert wilson(10, 10).low == pytest.approx(10 / (10 + z2))


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        # Newcombe 1998, table II, method 10
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0),
    ],
)
def test_difference_reproduces_newcombe(
    counts: tuple[int, int, int, int], low: float, high: float
) -> None:
    found = difference(*counts)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


@pytest.mark.parametrize(
    ("n1", "p1", "n0", "p0"),
    [(300, 0.5, 300, 0.45), (4000, 0.01, 4000, 0.0005), (60, 0.2, 500, 0.1), (1000, 0.9, 50, 0.9)],
)
def test_difference_covers(n1: int, p1: float, n0: int, p0: float) -> None:
    rng = np.random.default_rng(0)
    pairs = zip(rng.binomial(n1, p1, 1500), rng.binomial(n0, p0, 1500), strict=True)
    found = [difference(float(a), n1, float(b), n0) for a, b in pairs]
    covered = np.mean([f.low <= p1 - p0 <= f.high for f in found])
    assert 0.93 <= covered <= 0.985


def test_one_sided_bounds_at_the_ends() -> None:
    assert lower_bound(0, 5, 0.05) == 0.0
    assert upper_bound(5, 5, 0.05) == 1.0
    assert lower_bound(5, 5, 0.05) == pytest.approx(0.05 ** (1 / 5))


def test_nothing_to_count_is_no_number() -> None:
    found = share_estimate("x", 0, 0)
    assert found.value is None
    assert found.note


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(UsageError, match="0 <= count <= n"):
        clopper_pearson(3, 2)
    assert math.isfinite(wilson(0, 0).high)
