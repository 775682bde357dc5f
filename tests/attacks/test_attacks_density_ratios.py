"""Kernel ratio, tracing and the classifier: hand-worked, against slow twins, and their edges."""

from __future__ import annotations

import numpy as np
import pytest
from density_views import auc, encoded, none, permuted, planted, scored, view_of

from synthaudit.attacks import tracing
from synthaudit.attacks._cell_keys import row_keys
from synthaudit.attacks._moments import Moments
from synthaudit.attacks.density_ratio import DensityRatio, drawn
from synthaudit.attacks.kernel_ratio import KernelRatio
from synthaudit.attacks.parentage import Parentage
from synthaudit.attacks.tracing import RIDGE, Tracing, Whitening, lean
from synthaudit.data.views import AdversaryView
from synthaudit.errors import NotApplicable
from synthaudit.types import Attack, EncodedTable, Floats


def slow_odds(pool: EncodedTable, i: int, other: EncodedTable, row: int) -> float:
    """One over the product of coincidences of candidate ``i`` and one row, column by column."""
    product = 1.0
    for j in range(pool.values.shape[1]):
        mine, theirs = pool.values[i, j], other.values[row, j]
        same = np.isnan(pool.values[:, j]) if np.isnan(mine) else pool.values[:, j] == mine
        share = same.mean()
        if np.isnan(mine) and np.isnan(theirs):
            product *= share
        elif np.isnan(mine) or np.isnan(theirs):
            product *= 2.0
        else:
            gap = abs(float(pool.ranks[i, j]) - float(other.ranks[row, j]))
            product *= min(4.0 * gap + share, 2.0)
    for j in range(pool.codes.shape[1]):
        agree = pool.codes[i, j] == other.codes[row, j]
        product *= (pool.codes[:, j] == pool.codes[i, j]).mean() if agree else 2.0
    return 1.0 / product


def slow_kernel_ratio(view: AdversaryView) -> Floats:
    pool, table = view.candidates, view.synthetic
    scores = []
    for i in range(pool.n_rows):
        near = [slow_odds(pool, i, table, row) for row in range(table.n_rows)]
        others = [slow_odds(pool, i, pool, row) for row in range(pool.n_rows) if row != i]
        scores.append(np.log(np.mean(near)) - np.log(np.mean(others)))
    return np.array(scores)


def test_kernel_ratio_by_hand() -> None:
    # one category, levels 1 1 1 2; S holds only level 2
    view = view_of(none(4), [[1], [1], [1], [2]], none(2), [[2], [2]])
    # level 1: S mismatches (1/2); others: two agree (4/3 each), one mismatches (1/2)
    first = np.log(0.5) - np.log((4 / 3 + 4 / 3 + 1 / 2) / 3)
    # level 2: S agrees (1 / 0.25 = 4); others all mismatch
    last = np.log(4.0) - np.log(0.5)
    np.testing.assert_allclose(scored(KernelRatio(), view), [first, first, first, last])


def slow_parentage(view: AdversaryView) -> Floats:
    pool, table = view.candidates, view.synthetic
    odds = np.array(
        [
            [slow_odds(pool, i, table, row) for row in range(table.n_rows)]
            for i in range(pool.n_rows)
        ]
    )
    return np.log((odds / odds.sum(axis=0)).max(axis=1))


def test_parentage_by_hand() -> None:
    # one category; S holds levels 2 and 1. Row "2": odds 1/2 1/2 1/2 4. Row "1": 4/3 4/3 4/3 1/2
    view = view_of(none(4), [[1], [1], [1], [2]], none(2), [[2], [1]])
    crowd = (4 / 3) / (4 / 3 * 3 + 1 / 2)
    alone = 4 / (4 + 3 / 2)
    np.testing.assert_allclose(scored(Parentage(), view), np.log([crowd, crowd, crowd, alone]))


@pytest.mark.parametrize("kind", ["resample", "numbers", "categories"])
def test_parentage_equals_its_slow_twin(kind: str) -> None:
    view = planted(30, 5, kind).view
    np.testing.assert_allclose(
        scored(Parentage(), view), slow_parentage(view), rtol=1e-6, atol=1e-7
    )


def test_a_large_table_is_thinned_by_content() -> None:
    view = planted(100, 1, "copies").view
    order = np.random.default_rng(1).permutation(view.synthetic.n_rows)
    turned = AdversaryView(
        view.candidates,
        view.synthetic.take(order),
        view.schema,
        view.candidate_frame,
        view.synthetic_frame,
    )
    thinned = Parentage(max_pairs=200 * 60)
    some = scored(thinned, view)
    np.testing.assert_allclose(scored(thinned, turned), some)
    assert (some <= scored(Parentage(), view) + 1e-12).all()


@pytest.mark.parametrize("kind", ["resample", "numbers", "categories"])
def test_kernel_ratio_equals_its_slow_twin(kind: str) -> None:
    view = planted(30, 4, kind).view
    np.testing.assert_allclose(
        scored(KernelRatio(), view), slow_kernel_ratio(view), rtol=1e-6, atol=1e-7
    )


@pytest.mark.parametrize("attack", [KernelRatio(), Parentage()])
def test_threads_change_nothing(attack: KernelRatio | Parentage) -> None:
    view = planted(300, 1, "resample").view
    alone, together = (scored(attack, view, jobs=jobs) for jobs in (1, 3))
    np.testing.assert_array_equal(alone, together)


def test_a_large_pool_is_thinned_by_content() -> None:
    case = planted(150, 1, "copies")
    order = np.random.default_rng(1).permutation(300)
    thinned = KernelRatio(max_reference=100)
    whole, some = scored(KernelRatio(), case.view), scored(thinned, case.view)
    assert np.corrcoef(whole, some)[0, 1] > 0.9 and not np.array_equal(whole, some)
    np.testing.assert_allclose(scored(thinned, permuted(case.view, order)), some[order])


@pytest.mark.parametrize("attack", [KernelRatio(), Parentage()])
def test_two_thousand_columns_stay_finite(attack: KernelRatio | Parentage) -> None:
    rng = np.random.default_rng(0)
    pool, table = rng.normal(size=(30, 2000)), rng.normal(size=(20, 2000))
    found = scored(attack, view_of(pool, none(30), np.r_[table, pool[:5]], none(25)))
    assert np.isfinite(found).all() and found[:5].min() > found[5:].max()


def test_lean_by_hand() -> None:
    # one moment, pool -1 and 1 (variance 1), table mean 0.5, no ridge to speak of
    pool, table = np.array([[-1.0], [1.0]]), np.array([[0.5]])
    np.testing.assert_allclose(
        lean(pool, table, Whitening.of(pool, ridge=1e-12)), [-0.5 + 1.0, 0.5 + 1.0]
    )


def test_lean_leaves_the_candidate_out_of_the_pools_mean() -> None:
    rng = np.random.default_rng(3)
    pool, table = rng.normal(size=(40, 6)), rng.normal(0.1, 1, size=(30, 6))
    pool -= pool.mean(axis=0)
    inverse = np.linalg.inv(pool.T @ pool / 40 + RIDGE * np.eye(6))
    slow = [
        x @ inverse @ (table.mean(axis=0) - np.delete(pool, i, axis=0).mean(axis=0))
        for i, x in enumerate(pool)
    ]
    np.testing.assert_allclose(lean(pool, table, Whitening.of(pool)), slow)


def test_more_moments_than_candidates_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    pool, table = rng.normal(size=(12, 40)), rng.normal(size=(9, 40))
    pool -= pool.mean(axis=0)
    of_moments = lean(pool, table, Whitening.of(pool))
    monkeypatch.setattr(tracing, "MOST_MOMENTS", 20)
    np.testing.assert_allclose(lean(pool, table, Whitening.of(pool)), of_moments, rtol=1e-9)


def test_moments_are_on_the_pools_scale() -> None:
    view = planted(200, 0, "fresh").view
    moments = Moments.of(view.candidates, [(0, 1)])
    pool, table = moments(view.candidates), moments(view.synthetic)
    assert pool.shape[1] == table.shape[1] and np.isfinite(table).all()
    assert np.abs(pool.mean(axis=0)).max() < 0.05 and np.abs(pool).max() <= 8.0


def test_tracing_follows_averages_where_no_row_is_near() -> None:
    # S is made of the training table's mean and covariance alone: a Gaussian fitted to 60 rows
    found = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        rows = rng.normal(size=(120, 25))
        train = rows[:60]
        made = rng.multivariate_normal(train.mean(axis=0), np.cov(train.T), 2000)
        order = rng.permutation(120)
        view = view_of(rows[order], none(120), made, none(2000))
        found.append(auc(scored(Tracing(), view), order < 60))
    assert np.mean(found) > 0.75


def test_forest_finds_crowded_surroundings() -> None:
    case = planted(200, 6, "copies")
    scores = scored(DensityRatio(), case.view)
    assert auc(scores, case.is_member) > 0.65 and np.isfinite(scores).all()


def test_forest_scores_each_candidate_by_trees_that_did_not_see_it() -> None:
    # everybody's surroundings are mostly synthetic; a tree that knew the candidate, grown to
    # single rows, would vote "real" all the same
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(460, 3))
    found = scored(DensityRatio(n_trees=50), view_of(rows[:60], none(60), rows[60:], none(400)))
    assert np.median(found) > 1.0 and found.min() > -1.0


def test_rows_are_drawn_by_content() -> None:
    table = encoded([[1.0], [2.0], [1.0], [3.0]], [[1]] * 4)
    keys = row_keys(table)
    salts = np.random.default_rng(0).integers(0, 2**64, size=(400, 1), dtype=np.uint64)
    draws = np.array([drawn(keys, salt, 0.5) for salt in salts])
    np.testing.assert_array_equal(draws[:, 0], draws[:, 2])  # twins stay together
    assert 0.4 < draws.mean() < 0.6 and not np.array_equal(draws[:, 0], draws[:, 1])
    assert drawn(keys, salts[0], 1.0).all() and not drawn(keys, salts[0], 0.0).any()


def test_twins_get_one_score() -> None:
    twins = view_of([[1.0]] * 30 + [[2.0]] * 30, none(60), [[1.0]] * 40, none(40))
    found = scored(DensityRatio(n_trees=40), twins)
    assert np.unique(found).size == 2 and found[0] > found[-1]


@pytest.mark.parametrize("attack", [KernelRatio(), Parentage(), Tracing(), DensityRatio()])
def test_too_little_is_a_decline(attack: Attack) -> None:
    with pytest.raises(NotApplicable):
        scored(attack, view_of(none(1), [[1]], none(1), [[1]]))
    with pytest.raises(NotApplicable):
        scored(attack, view_of(none(50), none(50), none(50), none(50)))


def test_tracing_declines_when_nothing_varies() -> None:
    with pytest.raises(NotApplicable):
        scored(Tracing(), view_of(none(9), np.ones((9, 1)), none(9), np.ones((9, 1))))
