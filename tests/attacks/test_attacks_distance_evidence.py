"""Weights of evidence: the search, rare agreement and record linkage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from distance_tables import (
    CATEGORIES,
    NUMBERS,
    attack_auc,
    attacked,
    scores,
    split,
    table_of,
    view_of,
)

from synthaudit.attacks._evidence import (
    Levels,
    Shares,
    Weights,
    Windows,
    fit_windows,
    spread_rows,
)
from synthaudit.attacks._evidence_search import strongest
from synthaudit.attacks._linkage import Reliability, learn, sources
from synthaudit.attacks._linkage_kernel import expect
from synthaudit.attacks._odds import gathered, log_odds
from synthaudit.attacks.calibrated import CalibratedClosestRecord, CalibratedClosestRecordStandard
from synthaudit.attacks.kernel_ratio import KernelRatio
from synthaudit.attacks.rare_agreement import RareAgreement, surprise
from synthaudit.attacks.record_linkage import RecordLinkage
from synthaudit.attacks.rotation_aligned import RotationAligned
from synthaudit.attacks.tracing import Tracing
from synthaudit.types import Attack, EncodedTable

ATTACKS = (RareAgreement(), RecordLinkage())


def odd_table(n_rows: int, seed: int) -> EncodedTable:
    """Numbers with ties, missing and infinite cells, and categories."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(n_rows, 3)).round(1)
    numbers[rng.random(numbers.shape) < 0.1] = np.nan
    numbers[rng.random(n_rows) < 0.05, 2] = np.inf
    return table_of(numbers, rng.integers(0, 4, (n_rows, 2)))


def test_windows_by_hand() -> None:
    # values 0 and 8, equally often: the only differing distance is 8, in every quantile
    windows = fit_windows(table_of([[0.0], [8.0]] * 5, np.empty((10, 0))))
    assert windows.widths[0, 0] == 0.0
    np.testing.assert_allclose(windows.widths[0, 1:], 8.0, rtol=1e-5)
    shares = windows.shares(table_of([[0.0], [4.0], [9.0], [np.nan]], np.empty((4, 0))))
    np.testing.assert_allclose(shares.numbers[0, 0], [0.5] + [1.0] * 10)
    np.testing.assert_allclose(shares.numbers[1, 0], [0.1] + [1.0] * 10)
    np.testing.assert_allclose(shares.numbers[2, 0], [0.1] + [0.5] * 9 + [1.0])
    np.testing.assert_allclose(shares.numbers[3, 0], [0.1] * 10 + [1.0])


def test_widths_grow_and_constants_are_harmless() -> None:
    windows = fit_windows(odd_table(200, seed=0))
    assert (np.diff(windows.widths, axis=1) >= 0).all() and np.isfinite(windows.widths).all()
    constant = fit_windows(table_of([[3.0], [3.0], [np.nan]], np.empty((3, 0))))
    np.testing.assert_array_equal(constant.widths, 0.0)


def test_shares_agree_with_a_naive_twin() -> None:
    pool, other = odd_table(60, seed=1), odd_table(20, seed=2)
    windows = fit_windows(pool)
    shares = windows.shares(other).numbers
    for i in range(20):
        for j in range(3):
            for m, width in enumerate(windows.widths[j]):
                x, column = other.values[i, j], pool.values[:, j]
                if np.isnan(x):
                    n = int(np.isnan(column).sum())
                else:
                    n = sum(bool(x == y or abs(x - y) <= width) for y in column)
                assert shares[i, j, m] == pytest.approx(max(n, 1) / 60)
    assert (shares[:, :, -1] == 1.0).all()


def test_level_shares_by_hand() -> None:
    pool = table_of(np.empty((4, 0)), [[1], [1], [2], [0]])
    found = Levels.of(pool).shares(np.array([[1], [2], [0], [7]], dtype=np.int32))
    # a level nobody in the pool holds counts as if one of the four did
    np.testing.assert_allclose(found, [[0.5], [0.25], [0.25], [0.25]])


def test_spread_rows_follow_content_not_order() -> None:
    table = odd_table(50, seed=3)
    order = np.random.default_rng(0).permutation(50)
    one, other = table, table.take(order)
    for n in (7, 50, 90):
        a, b = one.take(spread_rows(one, n)), other.take(spread_rows(other, n))
        np.testing.assert_array_equal(a.values, b.values)
        np.testing.assert_array_equal(a.codes, b.codes)
        assert a.n_rows == min(n, 50)


def naive_sums(
    windows: Windows, weights: Weights, one: EncodedTable, other: EncodedTable
) -> np.ndarray:
    found = np.zeros((one.n_rows, other.n_rows))
    for i in range(one.n_rows):
        for r in range(other.n_rows):
            for c in range(one.codes.shape[1]):
                same = one.codes[i, c] == other.codes[r, c]
                found[i, r] += weights.equal[i, c] if same else weights.unequal[c]
            for j in range(one.values.shape[1]):
                x, y = one.values[i, j], other.values[r, j]
                if x == y or (np.isnan(x) and np.isnan(y)):
                    m = 0
                elif np.isnan(x) or np.isnan(y):
                    m = windows.n_windows
                else:
                    inside = abs(x - y) <= windows.widths[j]
                    m = int(np.flatnonzero(inside)[0]) if inside.any() else windows.n_windows
                found[i, r] += weights.windows[i, j, m]
    return found


@pytest.mark.parametrize("itself", [False, True])
def test_search_agrees_with_a_naive_twin(itself: bool) -> None:
    one = odd_table(40, seed=4)
    other = one if itself else odd_table(70, seed=5)
    windows = fit_windows(one)
    reliability = Reliability(np.array([0.1, 0.4]), np.full((3, windows.n_windows + 1), 0.1))
    weights = reliability.weights(windows.shares(one))
    expected = naive_sums(windows, weights, one, other)
    if itself:
        np.fill_diagonal(expected, -np.inf)
    found = strongest(windows, one, other, reliability.weights, 6, itself=itself)
    np.testing.assert_allclose(found.sums, -np.sort(-expected, axis=1)[:, :6], rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(
        np.take_along_axis(expected, found.rows, axis=1), found.sums, rtol=1e-5, atol=1e-4
    )


def test_beyond_so_many_leaves_the_search_takes_the_most_promising() -> None:
    reference, queries = odd_table(6000, seed=8), odd_table(300, seed=9)
    copied = reference.take(np.arange(100) * 7)
    windows = fit_windows(odd_table(400, seed=10))
    exact, some = (
        strongest(windows, queries, reference, surprise, 3, most_leaves=most) for most in (999, 4)
    )
    assert (some.sums <= exact.sums).all()
    assert (some.sums[:, 0] == exact.sums[:, 0]).mean() > 0.5
    assert (some.sums < exact.sums).any()
    # a whole row's copy has the highest bound there is
    exact, some = (
        strongest(windows, copied, reference, surprise, 1, most_leaves=most) for most in (999, 4)
    )
    assert (some.sums == exact.sums).mean() > 0.95


def test_search_does_not_depend_on_threads_and_lists_what_there_is() -> None:
    one, other = odd_table(30, seed=6), odd_table(3, seed=7)
    windows = fit_windows(one)
    found = strongest(windows, one, other, surprise, 9, jobs=2)
    assert found.sums.shape == (30, 3)
    alone = strongest(windows, other, other, surprise, 3, itself=True)
    assert (alone.rows[:, 2] == -1).all() and np.isneginf(alone.sums[:, 2]).all()


def test_rare_agreement_by_hand() -> None:
    # pool of four: levels a a a b; the synthetic table has one b
    pool = table_of(np.empty((4, 0)), [[1], [1], [1], [2]])
    released = table_of(np.empty((1, 0)), [[2]])
    found = scores(RareAgreement(), view_of(pool, released))
    common, rare = -np.log(0.75), -np.log(0.25)
    # an a finds no a in S but other a's in the pool; the b finds a b in S and none in the pool
    np.testing.assert_allclose(found, [-common, -common, -common, rare], rtol=1e-6)


def test_surprise_by_hand() -> None:
    found = surprise(Shares(np.array([[[0.5, 1.0]]]), np.array([[0.25]])))
    np.testing.assert_allclose(found.windows, [[[np.log(2), 0.0]]])
    np.testing.assert_allclose(found.equal, [[np.log(4)]])
    np.testing.assert_array_equal(found.unequal, [0.0])


def test_log_odds_by_hand() -> None:
    found = log_odds(np.log(np.array([[1.0, 2.0, 5.0]])))
    np.testing.assert_allclose(np.exp(found), [[1 / 7, 2 / 6, 5 / 3]])
    with_nobody = log_odds(np.log(np.array([[1.0, 2.0, 5.0]])), np.log(3.0))
    np.testing.assert_allclose(np.exp(with_nobody), [[1 / 10, 2 / 9, 5 / 6]])
    near_certain = log_odds(np.array([[0.0, -200.0, -201.0]]))
    assert near_certain[0, 0] == pytest.approx(200.0 - np.log1p(np.exp(-1.0)))
    alone = log_odds(np.array([[3.0, -np.inf]]))
    assert np.isfinite(alone[0, 0]) and np.isneginf(alone[0, 1])


def test_gathered_by_hand() -> None:
    odds, rows = np.log([1.0, 3.0, 0.5]), np.array([2, 2, 0])
    found = gathered(odds, rows, 4)
    low = np.log(0.5) - 1.0
    np.testing.assert_allclose(found, [np.log(0.5), low, np.log(4.0), low])
    np.testing.assert_array_equal(gathered(np.empty(0), np.empty(0, dtype=np.int64), 2), [0, 0])


def test_likelihood_ratios_by_hand() -> None:
    reliability = Reliability(np.array([0.2]), np.array([[0.5, 0.3, 0.2]]))
    weights = reliability.weights(Shares(np.array([[[0.1, 0.4, 1.0]]]), np.array([[0.25]])))
    expected = [0.5 / 0.1 + 0.3 / 0.4 + 0.2, 0.3 / 0.4 + 0.2, 0.2]
    np.testing.assert_allclose(np.exp(weights.windows[0, 0]), expected)
    np.testing.assert_allclose(np.exp(weights.equal), [[0.8 / 0.25 + 0.2]])
    np.testing.assert_allclose(np.exp(weights.unequal), [0.2])


def redrawn(table: pd.DataFrame, names: list[str], share: float, seed: int) -> pd.DataFrame:
    """Some cells of some columns replaced by those of other rows."""
    rng = np.random.default_rng(seed)
    made = table.copy()
    for name in names:
        cells = rng.random(len(table)) < share
        made.loc[cells, name] = table[name].to_numpy()[rng.permutation(len(table))][cells]
    return made


def test_linkage_learns_what_was_done_to_the_columns() -> None:
    train, holdout, _ = split(seed=8, n_rows=400)
    made = redrawn(train, ["region", "plan"], 0.4, seed=1)
    made = redrawn(made, ["weight"], 1.0, seed=2)  # a permuted column
    made["wage"] += np.random.default_rng(3).normal(0, 0.02 * train["wage"].std(), len(made))
    view, is_member = attacked(train, holdout, made)
    windows = fit_windows(view.candidates)
    reliability = learn(windows, view.synthetic, 1)
    named = dict(zip(view.schema.categories, reliability.redrawn, strict=True))
    assert named["job"] < 0.05
    assert 0.25 < named["region"] < 0.55 and 0.25 < named["plan"] < 0.6
    numbers = dict(zip(view.schema.numbers, reliability.windows, strict=True))
    np.testing.assert_allclose(reliability.windows.sum(axis=1), 1.0)
    assert numbers["height"][0] > 0.9  # untouched: the very value
    assert numbers["weight"][0] < 0.1  # permuted: never the source's
    assert numbers["wage"][0] < 0.1 and numbers["wage"][-1] < 0.1  # noised: near, not equal
    ratios, rows, counts = sources(windows, view.synthetic, reliability, 1)
    assert (np.diff(ratios, axis=1) <= 0).all() and counts[:, 0].mean() > 0.95
    assert is_member[rows[:, 0]].mean() > 0.95


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a.card.id)
def test_copies_with_redrawn_columns_are_caught(attack: Attack) -> None:
    train, holdout, _ = split(seed=9)
    made = redrawn(train, NUMBERS + CATEGORIES, 0.4, seed=4)
    found = attack_auc(attack, (train, holdout, made))
    assert found > 0.85
    assert found > attack_auc(CalibratedClosestRecord(), (train, holdout, made)) + 0.05


def test_noise_of_unknown_size_is_seen_through() -> None:
    train, holdout, _ = split(seed=10)
    rng = np.random.default_rng(5)
    made = redrawn(train, CATEGORIES, 0.2, seed=6)
    for name in NUMBERS:
        made[name] += rng.normal(0, 0.15 * train[name].std(), len(made))
    linked = attack_auc(RecordLinkage(), (train, holdout, made))
    assert linked > 0.99
    assert linked > attack_auc(CalibratedClosestRecordStandard(), (train, holdout, made)) + 0.02


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a.card.id)
@pytest.mark.parametrize("names", [NUMBERS, CATEGORIES], ids=["numbers", "categories"])
def test_one_sided_tables(attack: Attack, names: list[str]) -> None:
    train, holdout, _ = (table[names] for table in split(seed=11))
    assert attack_auc(attack, (train, holdout, train)) > (0.95 if names is NUMBERS else 0.6)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a.card.id)
def test_the_order_of_rows_decides_nothing(attack: Attack) -> None:
    # categories only: full of ties, where row numbers could sneak in
    train, holdout, fresh = (table[CATEGORIES] for table in split(seed=12))
    view, _ = attacked(train, holdout, fresh)
    first = scores(attack, view)
    rng = np.random.default_rng(0)
    order = rng.permutation(view.synthetic.n_rows)
    other = view.with_synthetic(view.synthetic.take(order), view.synthetic_frame)
    np.testing.assert_allclose(scores(attack, other), first, rtol=1e-6, atol=1e-6)
    order = rng.permutation(view.n_candidates)
    moved = view_of(view.candidates.take(order), view.synthetic)
    np.testing.assert_allclose(scores(attack, moved), first[order], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a.card.id)
def test_fresh_rows_stay_at_chance(attack: Attack) -> None:
    found = [attack_auc(attack, split(seed=400 + seed, n_rows=80)) for seed in range(12)]
    assert abs(np.mean(found) - 0.5) < 3 * np.std(found, ddof=1) / np.sqrt(len(found))


def test_pools_of_equal_rows_are_no_evidence() -> None:
    # 120 candidates of two kinds: more equal sources than a list holds, so none of them counts
    pool = table_of(np.empty((120, 0)), [[1], [2]] * 60)
    released = table_of(np.empty((3, 0)), [[1], [2], [1]])
    np.testing.assert_array_equal(scores(RecordLinkage(), view_of(pool, released)), 0.0)


def test_an_expectation_step_agrees_with_the_slow_twin() -> None:
    rng = np.random.default_rng(4)
    n, k, numbers, levels, widths = 6, 5, 3, 2, 4
    window, equal = rng.integers(0, widths, (n, k, numbers)), rng.random((n, k, levels)) < 0.5
    counts = rng.random((n, k)) < 0.7
    counts[:, 0] = True
    windows, same = rng.normal(size=(n, numbers, widths)), rng.normal(size=(n, levels))
    other, passed_on = rng.normal(size=levels), rng.random((n, levels))
    pulls, kept = np.zeros((n, numbers, widths)), np.zeros(levels)
    expect(window, equal, counts, windows, same, other, passed_on, np.empty(k), pulls, kept)
    slow_pulls, slow_kept = np.zeros_like(pulls), np.zeros(levels)
    for i in range(n):
        odds = [
            counts[i, p]
            * np.exp(
                sum(windows[i, j, window[i, p, j]] for j in range(numbers))
                + np.where(equal[i, p], same[i], other).sum()
            )
            for p in range(k)
        ]
        for p, source in enumerate(np.array(odds) / sum(odds)):
            slow_kept += source * equal[i, p] * passed_on[i]
            for j in range(numbers):
                m = window[i, p, j]
                slow_pulls[i, j, m] += source / np.exp(windows[i, j, m])
    np.testing.assert_allclose(pulls, slow_pulls, rtol=1e-12)
    np.testing.assert_allclose(kept, slow_kept, rtol=1e-12)


@pytest.mark.parametrize("attack", [*ATTACKS, KernelRatio(), Tracing()], ids=lambda a: a.card.id)
def test_what_follows_from_the_pool_is_kept_and_changes_nothing(attack: Attack) -> None:
    first, _ = attacked(*split(seed=6))
    shadow = first.with_synthetic(first.synthetic.take(np.arange(40)), first.synthetic_frame)
    anew = view_of(first.candidates, shadow.synthetic)
    expected = scores(attack, anew)
    scores(attack, first)  # what follows from the candidates is made here
    np.testing.assert_array_equal(scores(attack, shadow), expected)


@pytest.mark.parametrize("attack", [*ATTACKS, RotationAligned()], ids=lambda a: a.card.id)
@pytest.mark.filterwarnings("error")
def test_numbers_beyond_single_precision_are_compared(attack: Attack) -> None:
    # found by Hypothesis: windows as wide as 1e160 overflowed
    rng = np.random.default_rng(8)
    tables = [
        pd.DataFrame({"a": rng.choice([-4e160, 0.0, 2e-244, 7e163], 30), "b": rng.normal(size=30)})
        for _ in range(3)
    ]
    view, _ = attacked(*tables)
    assert np.isfinite(scores(attack, view)).all()
