"""Utility context: noise is seen as noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from check_views import array_view, context, get, value, view_of
from scipy.stats import ks_2samp

from synthaudit.checks._fits import kolmogorov_smirnov, total_variation
from synthaudit.checks.utility import Utility, binned, pair_fits


def test_distances_by_hand() -> None:
    assert total_variation(np.array([0, 0, 1]), np.array([0, 2, 2])) == pytest.approx(2 / 3)
    assert kolmogorov_smirnov(np.array([1.0, 2, 3]), np.array([1.0, 2, 3])) == 0.0
    assert kolmogorov_smirnov(np.array([1.0, 2]), np.array([3.0, 4])) == 1.0
    gap = np.array([np.nan, np.nan, 1, 1])
    assert kolmogorov_smirnov(gap, np.ones(4)) == pytest.approx(0.5)


def test_kolmogorov_smirnov_equals_scipy() -> None:
    rng = np.random.default_rng(1)
    a, b = np.round(rng.normal(size=80), 1), np.round(rng.normal(0.4, 1, 50), 1)
    assert kolmogorov_smirnov(a, b) == pytest.approx(ks_2samp(a, b).statistic)


def test_pair_fit_sees_a_broken_dependence() -> None:
    rng = np.random.default_rng(2)
    a = rng.integers(1, 4, 600)
    real = np.stack([a, a], axis=1)
    broken = np.stack([a, rng.permutation(a)], axis=1)
    view = array_view(codes=(real, real, broken))
    fit = pair_fits(binned(view.synthetic), binned(view.train), [(0, 1)])
    assert fit[0] == pytest.approx(1 / 3, abs=0.06)


def test_noise_is_useless_and_real_rows_are_not(
    null_case: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame],
) -> None:
    train, holdout, fresh = null_case
    rng = np.random.default_rng(3)
    noise = pd.DataFrame({name: rng.permutation(fresh[name].to_numpy()) for name in fresh})
    noise["income"] = rng.uniform(train["income"].min(), train["income"].max(), len(noise))
    good = Utility().run(view_of(train, holdout, fresh), context())
    bad = Utility().run(view_of(train, holdout, noise), context())
    auc = get(good, "detector_auc")
    assert auc.low is not None and auc.low < 0.5 + 0.05
    assert value(bad, "detector_auc") > 0.8
    assert value(good, "column_fit") > value(bad, "column_fit")
    assert value(good, "pair_fit") > value(bad, "pair_fit")
    yardstick = get(good, "column_fit").null
    assert yardstick is not None
    assert value(good, "column_fit") == pytest.approx(yardstick, abs=0.03)
