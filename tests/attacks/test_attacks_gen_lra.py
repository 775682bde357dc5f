"""Gen-LRA and its kernel: by hand, against a slow twin, planted, at chance."""

from __future__ import annotations

import numpy as np
import pytest
from density_views import auc, none, null_spread, permuted, scored, view_of

from synthaudit.attacks._gaussian import DISAGREEMENT, GaussianKernel, log_sums
from synthaudit.attacks.calibrated import CalibratedClosestRecordStandard
from synthaudit.attacks.gen_lra import GenLra
from synthaudit.data.views import AdversaryView
from synthaudit.errors import NotApplicable
from synthaudit.types import Bools, Floats


def smoothed(n_side: int, seed: int, leaks: bool) -> tuple[AdversaryView, Bools]:
    """Ten numbers that vary in two directions mostly; S is smoothed along all ten of them."""
    rng = np.random.default_rng([seed, n_side])
    shape = rng.normal(size=(2, 10)), 0.05 * np.ones(10)
    people = rng.normal(size=(3 * n_side, 2)) @ shape[0]
    people += rng.normal(size=people.shape) * shape[1]
    codes = rng.integers(0, 3, (3 * n_side, 1))
    rows = np.arange(n_side) if leaks else np.arange(2 * n_side, 3 * n_side)
    noise = rng.normal(size=(n_side, 2)) @ shape[0] + rng.normal(size=(n_side, 10)) * shape[1]
    made = people[rows] + 0.5 * noise
    order = rng.permutation(2 * n_side)
    return view_of(people[order], codes[order], made, codes[rows]), order < n_side


def slow(view: AdversaryView, k: int) -> Floats:
    """Pair by pair, the density with and without each candidate."""
    pool, table = view.candidates, view.synthetic
    numbers = np.clip(np.nan_to_num(pool.scaled.astype(float)), -10, 10)
    theirs = np.clip(np.nan_to_num(table.scaled.astype(float)), -10, 10)
    inverse = np.linalg.inv(np.cov(numbers.T).reshape(numbers.shape[1], -1))
    width = len(numbers) ** (-1 / (numbers.shape[1] + 4))
    kernel = np.empty((len(numbers), len(theirs)))
    for i in range(len(numbers)):
        for s in range(len(theirs)):
            gap = numbers[i] - theirs[s]
            differ = (pool.codes[i] != table.codes[s]).sum()
            differ += (np.isnan(pool.scaled[i]) != np.isnan(table.scaled[s])).sum()
            kernel[i, s] = np.exp(-gap @ inverse @ gap / (2 * width**2)) * DISAGREEMENT**differ
    lost = np.log(kernel.sum(axis=0)) - np.log(kernel.sum(axis=0) - kernel)
    return -np.sort(-lost, axis=1)[:, :k].sum(axis=1)


def test_it_equals_a_slow_twin() -> None:
    rng = np.random.default_rng(0)
    pool, table = rng.normal(size=(40, 3)), rng.normal(size=(25, 3))
    pool[rng.random(pool.shape) < 0.1] = np.nan
    table[rng.random(table.shape) < 0.1] = np.nan
    view = view_of(pool, rng.integers(0, 2, (40, 2)), table, rng.integers(0, 2, (25, 2)))
    np.testing.assert_allclose(scored(GenLra(k=4), view), slow(view, 4), rtol=1e-3, atol=1e-5)


def test_the_kernel_by_hand() -> None:
    # one number, variance 1 over two candidates at -1 and 1 ... times 2: n - 1 in the variance
    view = view_of([[-1.0], [1.0]], [[0], [1]], [[1.0]], [[1]])
    kernel = GaussianKernel.of(view.candidates)
    assert kernel.width == pytest.approx(2 ** (-1 / 5))
    logs = kernel.logs(kernel.points(view.candidates), kernel.points(view.synthetic))
    # squared distance 4, variance 2, bandwidth above; and one category differs
    far = -0.5 * (4 / 2) / kernel.width**2 + np.log(DISAGREEMENT)
    np.testing.assert_allclose(logs[:, 0], [far, 0.0], atol=1e-6)
    np.testing.assert_allclose(log_sums(logs.T), [np.log1p(np.exp(far))], rtol=1e-6)


def test_repeated_columns_count_once() -> None:
    view, _ = smoothed(60, 1, leaks=True)
    pool, table = (t.values for t in (view.candidates, view.synthetic))
    twice = view_of(
        np.c_[pool, pool[:, :1]], view.candidates.codes, np.c_[table, table[:, :1]],
        view.synthetic.codes,
    )  # fmt: skip
    kernels = [GaussianKernel.of(v.candidates) for v in (view, twice)]
    assert kernels[0].turn.shape[1] == kernels[1].turn.shape[1] == 10


def test_smoothing_along_the_data_is_seen_where_distances_see_less() -> None:
    gains = []
    for seed in range(3):
        view, is_member = smoothed(200, seed, leaks=True)
        mine = auc(scored(GenLra(), view), is_member)
        distance = auc(scored(CalibratedClosestRecordStandard(), view), is_member)
        gains.append((mine, mine - distance))
    assert np.mean(gains, axis=0)[0] > 0.7
    assert np.mean(gains, axis=0)[1] > 0.05


def test_a_true_null_stays_at_chance() -> None:
    found = []
    for seed in range(30):
        view, is_member = smoothed(60, 1000 + seed, leaks=False)
        found.append(auc(scored(GenLra(), view), is_member))
    spread = null_spread(60, 60)
    assert abs(np.mean(found) - 0.5) < 3 * spread / np.sqrt(30)
    assert 0.5 < np.std(found) / spread < 1.6


def test_order_and_threads_change_nothing_and_large_tables_are_thinned_by_content() -> None:
    view, _ = smoothed(700, 5, leaks=True)
    order = np.random.default_rng(2).permutation(view.n_candidates)
    whole = scored(GenLra(), view)
    np.testing.assert_allclose(scored(GenLra(), permuted(view, order)), whole[order], rtol=1e-3)
    np.testing.assert_array_equal(scored(GenLra(), view, jobs=3), whole)
    thin = GenLra(max_pairs=view.n_candidates * 300)
    some = scored(thin, view)
    np.testing.assert_allclose(scored(thin, permuted(view, order)), some[order], rtol=1e-3)
    assert (some <= whole * 1.001 + 1e-6).all() and (some < whole).any()


def test_without_numbers_that_vary_it_declines() -> None:
    with pytest.raises(NotApplicable, match="numbers that vary"):
        scored(GenLra(), view_of(none(5), [[1]] * 5, none(3), [[1]] * 3))
    with pytest.raises(NotApplicable, match="numbers that vary"):
        scored(GenLra(), view_of([[2.0]] * 5, [[1]] * 5, [[2.0]] * 3, [[1]] * 3))
    with pytest.raises(NotApplicable, match="three candidates"):
        scored(GenLra(), view_of([[2.0], [1.0]], [[1]] * 2, [[2.0]] * 3, [[1]] * 3))
