"""Power: the published table, and simulation of what is promised."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri

from synthaudit.errors import UsageError
from synthaudit.stats.auc import auc
from synthaudit.stats.power import (
    detectable_advantage,
    detectable_auc,
    detectable_tpr,
    power_of,
    rows_to_clear,
)


@pytest.mark.parametrize(
    ("n", "area"), [(250, 0.588), (1000, 0.544), (5000, 0.520), (20000, 0.510)]
)
def test_the_table_in_the_docs(n: int, area: float) -> None:
    assert detectable_auc(n, n, level=0.01) == pytest.approx(area, abs=5e-4)


def test_advantage_by_hand() -> None:
    # z 1.96 + 0.8416 * sqrt(1 - a^2), times sqrt(0.5 / 200)
    found = detectable_advantage(200, 200)
    assert found is not None
    sd = np.sqrt(0.5 / 200)
    assert found == pytest.approx(1.95996 * sd + 0.84162 * sd * np.sqrt(1 - found**2), abs=1e-4)


@pytest.mark.parametrize(("n1", "n0"), [(100, 100), (1000, 200)])
def test_auc_is_seen_as_often_as_promised(n1: int, n0: int) -> None:
    area = detectable_auc(n1, n0)
    assert area is not None
    rng = np.random.default_rng(0)
    is_member = np.arange(n1 + n0) < n1
    shift = float(np.sqrt(2) * ndtri(area))
    bar = 1.96 * np.sqrt((n1 + n0 + 1) / (12 * n1 * n0))
    seen = [
        auc(rng.normal(size=n1 + n0) + shift * is_member, is_member) - 0.5 > bar for _ in range(600)
    ]
    assert 0.75 <= np.mean(seen) <= 0.85


def test_advantage_is_seen_as_often_as_promised() -> None:
    gain = detectable_advantage(400, 400)
    assert gain is not None
    rng = np.random.default_rng(1)
    tpr = rng.binomial(400, 0.5 + gain / 2, 3000) / 400
    fpr = rng.binomial(400, 0.5 - gain / 2, 3000) / 400
    pooled = (tpr + fpr) / 2
    seen = (tpr - fpr) > 1.96 * np.sqrt(pooled * (1 - pooled) * 2 / 400)
    assert 0.77 <= np.mean(seen) <= 0.83


@pytest.mark.parametrize(("n", "fpr"), [(500, 0.1), (1000, 0.01), (5000, 0.001)])
def test_tpr_is_seen_as_often_as_promised(n: int, fpr: float) -> None:
    tpr = detectable_tpr(n, n, fpr)
    assert tpr is not None
    rng = np.random.default_rng(2)
    allowed = int(n * fpr + 1e-9)
    # the bar, by brute force: members above the (k+1)-th non-member when nothing leaks
    null = [above(rng.normal(size=n), rng.normal(size=n), allowed) for _ in range(3000)]
    bar = float(np.quantile(null, 0.975, method="higher"))
    exposed = (tpr - fpr) / (1 - fpr)
    seen = [
        above(rng.normal(size=n) + 9 * (rng.random(n) < exposed), rng.normal(size=n), allowed) > bar
        for _ in range(600)
    ]
    assert 0.68 <= np.mean(seen) <= 0.9


def above(inside: np.ndarray, outside: np.ndarray, allowed: int) -> int:
    """Members above the last permitted false positive."""
    return int(np.sum(inside > np.sort(outside)[::-1][allowed]))


def test_what_cannot_be_seen_is_none() -> None:
    found = power_of(5, 5)
    assert found.tpr_at_fpr == {"0.1": None, "0.01": None, "0.001": None}
    assert found.auc is not None
    assert power_of(0, 10).auc is None
    assert power_of(1, 1).auc is None
    assert power_of(2000, 999).tpr_at_fpr["0.001"] is None


def test_more_rows_see_more_and_a_higher_bar_sees_less() -> None:
    small, large = power_of(200, 200), power_of(2000, 2000)
    assert (small.auc or 0) > (large.auc or 1)
    assert (small.advantage or 0) > (large.advantage or 1)
    assert (power_of(200, 200, critical=3.2).auc or 0) > (small.auc or 1)


def test_refuses_nonsense() -> None:
    with pytest.raises(UsageError):
        power_of(10, 10, power=80)


def test_rows_to_clear_by_hand() -> None:
    # reach 0.07 over distance 0.05, 43 % to spare for the next sample, squared
    assert rows_to_clear(0.05, -0.02, 0.12, 0.10, 100) == pytest.approx(
        100 * (1.4 * (1 + 0.84162 / 1.95996)) ** 2, rel=1e-4
    )
    # nothing counted: the bound shrinks with the rows themselves
    assert rows_to_clear(0.0, 0.0, 0.02, 0.01, 100, is_count=True) == pytest.approx(300)
    # beyond the limit the lower end counts
    assert rows_to_clear(0.3, 0.2, 0.9, 0.1, 100) == 100
    assert rows_to_clear(0.1, 0.0, 0.2, 0.1, 100) is None
