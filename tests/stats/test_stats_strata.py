"""Who bears it: bins, one global threshold, suppression, coverage."""

from __future__ import annotations

import numpy as np
import pytest

from synthaudit.errors import UsageError
from synthaudit.stats.strata import (
    exposure_by_isolation,
    exposure_by_stratum,
    isolation_bins,
)


def test_bins_by_hand() -> None:
    bins = isolation_bins(np.arange(1.0, 101.0))
    assert np.bincount(bins).tolist() == [50, 30, 10, 5, 5]
    assert bins[0] == 0
    assert bins[-1] == 4


def test_ties_stay_together() -> None:
    bins = isolation_bins(np.concatenate([np.zeros(70), np.ones(30)]))
    assert set(bins[:70].tolist()) == {0}
    assert len(set(bins[70:].tolist())) == 1


def test_the_few_who_bear_it_are_found() -> None:
    rng = np.random.default_rng(0)
    distance = rng.random(8000)
    is_member = rng.permutation(np.arange(8000) < 4000)
    isolated = distance > np.quantile(distance, 0.95)
    scores = rng.normal(size=8000) + 4 * (isolated & is_member)
    found = exposure_by_isolation(scores, is_member, distance)
    assert [s.name for s in found][-1] == "most isolated 5 %"
    assert (found[0].auc.value or 1) < 0.55
    assert (found[-1].auc.value or 0) > 0.95
    assert (found[-1].tpr.value or 0) > 0.5
    assert (found[0].tpr.value or 1) < 0.05
    assert sum(s.n_members for s in found) == 4000


def test_the_threshold_is_global() -> None:
    # one stratum scores higher throughout: its non-members bear the false accusations
    rng = np.random.default_rng(1)
    strata = np.arange(4000) % 2
    is_member = rng.permutation(np.arange(4000) < 2000)
    found = exposure_by_stratum(
        rng.normal(size=4000) + 2 * strata, is_member, strata, {0: "low", 1: "high"}, fpr=0.1
    )
    low, high = found
    assert (high.fpr.value or 0) > 0.15
    assert (low.fpr.value or 1) < 0.02
    weights = [s.n_nonmembers / 2000 for s in found]
    total = sum(w * (s.fpr.value or 0) for w, s in zip(weights, found, strict=True))
    assert total == pytest.approx(0.1, abs=1e-9)


def test_small_groups_are_suppressed() -> None:
    rng = np.random.default_rng(2)
    strata = np.where(np.arange(400) < 15, 1, 0)
    is_member = rng.permutation(np.arange(400) < 200)
    found = exposure_by_stratum(
        rng.normal(size=400), is_member, strata, {0: "many", 1: "few"}, fpr=0.1
    )
    assert not found[0].is_suppressed
    assert found[1].is_suppressed
    assert found[1].auc.value is None
    assert found[1].tpr.low is None
    assert "fewer than 20" in found[1].fpr.note
    few = found[1]
    assert [e.null for e in (few.auc, few.tpr, few.fpr)] == [0.5, 0.1, 0.1]
    assert [e.n for e in (few.auc, few.tpr, few.fpr)] == [15, few.n_members, few.n_nonmembers]
    assert [e.name for e in (few.auc, few.tpr)] == ["auc", "tpr_at_fpr_0.1"]


def test_coverage_of_a_stratums_tpr() -> None:
    rng = np.random.default_rng(3)
    strata = np.arange(1600) % 4
    is_member = np.arange(1600) < 800
    hits = 0
    for _ in range(250):
        found = exposure_by_stratum(rng.normal(size=1600), is_member, strata, {3: "one"}, fpr=0.1)[
            0
        ]
        assert found.tpr.low is not None
        assert found.tpr.high is not None
        hits += found.tpr.low <= 0.1 <= found.tpr.high
    assert 0.925 <= hits / 250 <= 0.99


def test_unresolvable_and_misshapen() -> None:
    is_member = np.arange(60) < 30
    found = exposure_by_stratum(np.arange(60.0), is_member, np.zeros(60, int), {0: "all"}, fpr=0.01)
    assert found[0].tpr.value is None
    assert found[0].auc.value == 0.0
    with pytest.raises(UsageError, match="one entry a candidate"):
        exposure_by_stratum(np.zeros(3), np.ones(3, dtype=bool), np.zeros(2, int), {0: "x"})
