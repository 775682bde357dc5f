"""Closest record, its ratio to the second closest, and their calibration by the pool."""

from __future__ import annotations

import numpy as np
import pytest
from distance_tables import attack_auc, attacked, auc, scores, split, table_of, view_of

from synthaudit.attacks._calibration import FLOOR, floor_of, log_ratio
from synthaudit.attacks.calibrated import (
    CalibratedClosestRecord,
    CalibratedClosestRecordK5,
    CalibratedClosestRecordK5Standard,
    CalibratedClosestRecordStandard,
)
from synthaudit.attacks.closest_record import (
    ClosestRecord,
    ClosestRecordStandard,
    NeighborDistanceRatio,
)
from synthaudit.errors import NotApplicable
from synthaudit.types import Attack, EncodedTable, Floats

CALIBRATED = (
    CalibratedClosestRecord(),
    CalibratedClosestRecordK5(),
    CalibratedClosestRecordStandard(),
    CalibratedClosestRecordK5Standard(),
)
ALL = (ClosestRecord(), ClosestRecordStandard(), NeighborDistanceRatio(), *CALIBRATED)


def gower(one: EncodedTable, other: EncodedTable, cap: float, kind: str) -> Floats:
    """All distances the slow way."""
    a, b = getattr(one, kind), getattr(other, kind)
    found = np.zeros((one.n_rows, other.n_rows))
    for i in range(one.n_rows):
        for r in range(other.n_rows):
            for x, y in zip(a[i].astype(float), b[r].astype(float), strict=True):
                if np.isnan(x) or np.isnan(y):
                    found[i, r] += 0.0 if np.isnan(x) and np.isnan(y) else cap
                else:
                    found[i, r] += min(abs(x - y), cap)
            found[i, r] += (one.codes[i] != other.codes[r]).sum()
    return found / one.n_columns


def test_closest_record_by_hand() -> None:
    pool = table_of([[0.0], [0.5], [1.0]], [[1], [1], [2]])
    released = table_of([[0.1], [0.9]], [[1], [1]])
    # one number, one category: (0.1 + 0) / 2, (0.4 + 0) / 2 both ways, (0.1 + 1) / 2
    found = scores(ClosestRecord(), view_of(pool, released))
    np.testing.assert_allclose(found, [-0.05, -0.2, -0.55], atol=1e-7)


def test_nndr_by_hand() -> None:
    pool = table_of([[0.0], [0.5], [1.0]], np.empty((3, 0)))
    released = table_of([[0.0], [0.0], [0.6], [0.9]], np.empty((4, 0)))
    found = scores(NeighborDistanceRatio(), view_of(pool, released))
    # distances to the two nearest: (0, 0), (0.1, 0.4), (0.1, 0.4); floor = 0.01 * 0.1 * median d2
    floor = 0.01 * FLOOR * 0.4
    expected = [0.0] + [np.log((0.4 + floor) / (0.1 + floor))] * 2
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_log_ratio_by_hand() -> None:
    reference = np.array([[0.2, 0.3], [0.4, 0.9]])
    released = np.array([[0.1, 0.3], [0.4, 0.3]])
    floor = FLOOR * 0.3
    first = [np.log((0.2 + floor) / (0.1 + floor)), 0.0]
    np.testing.assert_allclose(log_ratio(reference, released), first)
    second = [0.0, np.log((0.9 + floor) / (0.3 + floor))]
    expected = (np.array(first) + second) / 2
    np.testing.assert_allclose(log_ratio(reference, released, k=2), expected)
    # fewer neighbours were found than asked for: the ones there are
    np.testing.assert_allclose(log_ratio(reference[:, :1], released, k=5), first)


def test_the_floor_survives_pools_of_duplicates() -> None:
    assert floor_of(np.array([1.0, 2.0, 9.0])) == pytest.approx(0.2)
    assert floor_of(np.array([0.0, 0.0, 3.0])) == pytest.approx(0.1)
    assert floor_of(np.zeros(3)) == pytest.approx(0.1)


@pytest.mark.parametrize("standard", [False, True])
def test_calibrated_record_agrees_with_a_naive_twin(standard: bool) -> None:
    view, _ = attacked(*split(seed=4, n_rows=40))
    cap, kind = (3.0, "scaled") if standard else (1.0, "ranks")
    near = np.sort(gower(view.candidates, view.synthetic, cap, kind), axis=1)
    among = gower(view.candidates, view.candidates, cap, kind)
    np.fill_diagonal(among, np.inf)
    among = np.sort(among, axis=1)
    floor = FLOOR * np.median(among[:, 0])
    gaps = np.log(among[:, :5] + floor) - np.log(near[:, :5] + floor)
    one = CalibratedClosestRecordStandard() if standard else CalibratedClosestRecord()
    five = CalibratedClosestRecordK5Standard() if standard else CalibratedClosestRecordK5()
    np.testing.assert_allclose(scores(one, view), gaps[:, 0], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(scores(five, view), gaps.mean(axis=1), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("attack", ALL, ids=lambda a: a.card.id)
def test_half_copies_are_caught(attack: Attack) -> None:
    train, holdout, fresh = split(seed=5)
    fresh.iloc[:100] = train.iloc[:100]
    assert attack_auc(attack, (train, holdout, fresh)) > 0.62


@pytest.mark.parametrize("attack", ALL, ids=lambda a: a.card.id)
def test_near_copies_are_caught(attack: Attack) -> None:
    train, holdout, _ = split(seed=6)
    rng = np.random.default_rng(0)
    near = train.copy()
    for name in ("wage", "weight", "height"):
        near[name] += rng.normal(0, 0.05 * near[name].std(), len(near))
    assert attack_auc(attack, (train, holdout, near)) > 0.75


def test_calibration_helps_where_density_misleads() -> None:
    # members and non-members in a crowd and far out: copies of the far-out ones only
    rng = np.random.default_rng(1)
    found = {attack.card.id: [] for attack in (ClosestRecord(), CalibratedClosestRecord())}
    for _ in range(5):
        pool = np.concatenate([rng.normal(0, 0.1, (150, 3)), rng.normal(0, 3.0, (50, 3))])
        is_member = rng.random(200) < 0.5
        fresh = np.concatenate([rng.normal(0, 0.1, (75, 3)), rng.normal(0, 3.0, (25, 3))])
        leaked = pool[is_member & (np.arange(200) >= 150)] + 0.3
        view = view_of(
            table_of(pool, np.empty((200, 0))),
            table_of(np.concatenate([fresh, leaked]), np.empty((100 + len(leaked), 0))),
        )
        for attack in (ClosestRecordStandard(), CalibratedClosestRecordStandard()):
            key = attack.card.id.removesuffix("_standard")
            found[key].append(auc(scores(attack, view), is_member))
    assert np.mean(found["calibrated_closest_record"]) > np.mean(found["closest_record"]) + 0.02


def test_repeating_every_synthetic_row_changes_no_nearest_distance() -> None:
    view, _ = attacked(*split(seed=7, n_rows=60))
    doubled = view.with_synthetic(
        view.synthetic.take(np.repeat(np.arange(60), 3)), view.synthetic_frame
    )
    for attack in (ClosestRecord(), CalibratedClosestRecord()):
        np.testing.assert_array_equal(scores(attack, doubled), scores(attack, view))


def test_too_few_rows_are_declined() -> None:
    empty = np.empty((1, 0))
    one = table_of([[0.5]], empty)
    for attack in ALL:
        with pytest.raises(NotApplicable, match="candidates"):
            scores(attack, view_of(one, one))
    two = table_of([[0.5], [0.7]], np.empty((2, 0)))
    with pytest.raises(NotApplicable, match="synthetic table has 1 row;"):
        scores(NeighborDistanceRatio(), view_of(two, one))
    assert scores(CalibratedClosestRecordK5(), view_of(two, one)).shape == (2,)
