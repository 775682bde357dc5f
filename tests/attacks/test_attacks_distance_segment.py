"""Synthetic rows between two people."""

from __future__ import annotations

import numpy as np
import pytest
from distance_tables import (
    CATEGORIES,
    NUMBERS,
    attack_auc,
    attacked,
    scores,
    smote,
    split,
    table_of,
    view_of,
)

from synthaudit.attacks._segment_kernels import (
    FREEDOM,
    MISSING_APART,
    Lanes,
    explain,
    lay_out,
    segments_from,
)
from synthaudit.attacks._segments import Segments, near_ends
from synthaudit.attacks.calibrated import CalibratedClosestRecordStandard
from synthaudit.attacks.segment import SegmentEnds
from synthaudit.errors import NotApplicable


def residual(
    point: np.ndarray, start: np.ndarray, stop: np.ndarray, scale: np.ndarray
) -> tuple[float, float]:
    """Squared distance of a point from one segment, and the segment's squared length."""
    lanes, none = Lanes.of(point.size, 0, 2), np.empty((2, 0), dtype=np.int32)
    lay_out(point, none[0], np.stack([start, stop]), none, np.arange(2), scale, lanes)
    segments_from(0, point, 2, scale, lanes)
    return lanes.apart[0], lanes.lengths[0]


def test_residual_by_hand() -> None:
    one = np.ones(2)
    start, stop = np.array([0.0, 0.0]), np.array([2.0, 0.0])
    # beside the middle, beyond the end, and at the start
    assert residual(np.array([1.0, 1.0]), start, stop, one) == (1.0, 4.0)
    assert residual(np.array([3.0, 0.0]), start, stop, one) == (1.0, 4.0)
    assert residual(start, start, stop, one) == (0.0, 4.0)
    # in units: the second column is tolerated half as far
    assert residual(np.array([1.0, 1.0]), start, stop, np.array([1.0, 2.0])) == (4.0, 4.0)
    # a segment of no length is a point
    assert residual(np.array([3.0, 4.0]), start, start, one) == (25.0, 0.0)


def test_residual_with_missing_cells_by_hand() -> None:
    one, gap = np.ones(2), np.nan
    whole, half = np.array([2.0, 0.0]), np.array([0.0, gap])
    assert residual(np.array([1.0, gap]), half, whole, one) == (1.0, 4.0)
    assert residual(np.array([1.0, 5.0]), half, whole, one) == (MISSING_APART, 4.0)
    assert residual(np.array([1.0, gap]), np.zeros(2), whole, one) == (MISSING_APART, 4.0)


def naive_odds(
    point: np.ndarray, pool: np.ndarray, codes: np.ndarray, held: np.ndarray, inherited: np.ndarray
) -> tuple[np.ndarray, float, np.ndarray]:
    """All pairs the slow way: log odds of each end, residual scale, weights by pair."""
    n, weights, apart, pairs = len(pool), [], [], []
    freedom = pool.shape[1] - 1
    for a in range(n):
        for b in range(a + 1, n):
            step, offset = pool[b] - pool[a], point - pool[a]
            t = np.clip(step @ offset / (step @ step), 0, 1)
            r = float(((offset - t * step) ** 2).sum())
            weight = (1 + r / FREEDOM) ** (-(FREEDOM + freedom) / 2) / np.sqrt(1 + step @ step)
            ends = (held[a] == codes).astype(int) + (held[b] == codes)
            weights.append(weight * np.exp(inherited[np.arange(len(codes)), ends].sum()))
            apart.append(r)
            pairs.append((a, b))
    weights_, apart_ = np.array(weights), np.array(apart)
    holds = np.array([[x in pair for pair in pairs] for x in range(n)])
    odds = np.log(holds @ weights_) - np.log(~holds @ weights_)
    part = weights_ / weights_.sum()
    scale = (part * apart_ * (FREEDOM + freedom) / (FREEDOM + apart_) / freedom).sum()
    return odds, float(scale), part


def test_explain_agrees_with_a_naive_twin() -> None:
    rng = np.random.default_rng(0)
    pool, points = rng.normal(size=(6, 3)), rng.normal(size=(4, 3))
    held = rng.integers(0, 2, (6, 2)).astype(np.int32)
    codes = rng.integers(0, 2, (4, 2)).astype(np.int32)
    inherited = np.log(np.array([[[0.1, 0.6, 1.1]] * 2] * 4))
    redrawn = np.full(2, 0.1)
    ends = np.tile(np.arange(6), (4, 1))
    odds, spread, foreign = np.full((4, 6), -np.inf), np.zeros(2), np.zeros(2)
    counts = np.full(4, 6)
    explain(
        points, codes, pool, held, ends, counts, np.ones(3), inherited, redrawn,
        Lanes.of(3, 2, 6), True, odds, spread, foreign,
    )  # fmt: skip
    scale = 0.0
    for i in range(4):
        expected, own, _ = naive_odds(points[i], pool, codes[i], held, inherited[i])
        np.testing.assert_allclose(odds[i], expected, rtol=1e-9)
        scale += own
    np.testing.assert_allclose(spread, [scale, 4.0])
    assert ((foreign > 0) & (foreign < 4)).all()


def test_segment_ends_by_hand() -> None:
    # corners of a square, far apart, and one synthetic row in the middle of one side
    pool = table_of([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0], [4.0, 4.0]], np.empty((4, 0)))
    released = table_of([[2.0, 0.0]], np.empty((1, 0)))
    found = scores(SegmentEnds(), view_of(pool, released))
    assert found[:2].min() > found[2:].max() + 2.0
    np.testing.assert_allclose(found[0], found[1])
    np.testing.assert_allclose(found[2], found[3])


def test_near_ends_are_the_nearest_without_doubles() -> None:
    view, _ = attacked(*split(seed=1, n_rows=100))
    ends = near_ends(view)
    assert ends.rows.shape == (100, 80)
    for row, count in zip(ends.rows, ends.counts, strict=True):
        assert (row[:count] >= 0).all() and (row[count:] == -1).all()
        assert len(set(row[:count])) == count >= 2


def test_interpolated_rows_are_caught() -> None:
    train, holdout, _ = split(seed=2)
    made = smote(train, seed=3)
    found = attack_auc(SegmentEnds(), (train, holdout, made))
    assert found > 0.8
    assert found > attack_auc(CalibratedClosestRecordStandard(), (train, holdout, made)) + 0.05


@pytest.mark.parametrize("names", [NUMBERS, CATEGORIES], ids=["numbers", "categories"])
def test_one_sided_tables(names: list[str]) -> None:
    train, holdout, _ = split(seed=4)
    made = smote(train, seed=5)
    tables = (train[names], holdout[names], made[names])
    assert attack_auc(SegmentEnds(), tables) > (0.8 if names is NUMBERS else 0.49)


def test_copies_are_ends_too() -> None:
    train, holdout, fresh = split(seed=6)
    fresh.iloc[:100] = train.iloc[:100]
    assert attack_auc(SegmentEnds(), (train, holdout, fresh)) > 0.65


def test_exactness_is_learned() -> None:
    train, holdout, fresh = (table[NUMBERS[1:4]] for table in split(seed=7))
    train = train.dropna().reset_index(drop=True)
    made = smote(train, seed=8)
    between, _ = Segments.of(attacked(train, holdout, made)[0]).learned()
    elsewhere, _ = Segments.of(attacked(train, holdout, fresh)[0]).learned()
    assert between < 0.5 * elsewhere, (between, elsewhere)


def test_the_order_of_rows_decides_nothing() -> None:
    train, holdout, _ = split(seed=9, n_rows=120)
    view, _ = attacked(train, holdout, smote(train, seed=10))
    first = scores(SegmentEnds(), view)
    order = np.random.default_rng(0).permutation(view.synthetic.n_rows)
    other = view.with_synthetic(view.synthetic.take(order), view.synthetic_frame)
    np.testing.assert_allclose(scores(SegmentEnds(), other), first, rtol=1e-6, atol=1e-6)


def test_two_candidates_make_no_contest() -> None:
    pool = table_of([[0.0], [1.0]], np.empty((2, 0)))
    with pytest.raises(NotApplicable, match="2 candidates"):
        scores(SegmentEnds(), view_of(pool, pool))


def test_fresh_rows_stay_at_chance() -> None:
    found = [attack_auc(SegmentEnds(), split(seed=500 + seed, n_rows=80)) for seed in range(12)]
    assert abs(np.mean(found) - 0.5) < 3 * np.std(found, ddof=1) / np.sqrt(len(found))
