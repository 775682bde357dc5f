"""Closest records after undoing what was done to a whole release, or to part of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from distance_tables import (
    CATEGORIES,
    NUMBERS,
    attack_auc,
    attacked,
    auc,
    scores,
    split,
    table_of,
    view_of,
)

from synthaudit.attacks import repeated_offset, rotation_aligned
from synthaudit.attacks.aligned import RankAligned, own_ranks
from synthaudit.attacks.calibrated import CalibratedClosestRecord, CalibratedClosestRecordStandard
from synthaudit.attacks.repeated_offset import (
    Matches,
    RepeatedOffset,
    best_offset,
    find_offset,
    votes,
)
from synthaudit.attacks.rotation_aligned import (
    Cloud,
    RotationAligned,
    along_longest,
    axes,
    rotation_onto,
    standardised,
)
from synthaudit.errors import NotApplicable
from synthaudit.types import Floats


def test_own_ranks_by_hand() -> None:
    values = np.array([[10.0, 5.0], [30.0, 5.0], [10.0, np.nan], [20.0, 5.0]])
    # 10, 10, 20, 30 in four quarters: the tie takes the middle of the first two; one value: 1/2
    expected = [[0.25, 0.5], [0.875, 0.5], [0.25, np.nan], [0.625, 0.5]]
    np.testing.assert_allclose(own_ranks(values), expected)


def test_rank_alignment_does_not_see_monotone_transforms() -> None:
    train, holdout, fresh = split(seed=1)
    fresh.iloc[:80] = train.iloc[:80]
    view, _ = attacked(train, holdout, fresh)
    bent = view.synthetic.values.copy()
    bent[:, 0] = np.exp(bent[:, 0] / 100)
    bent[:, 1:] = 3.0 * bent[:, 1:] - 1000.0
    moved = view.with_synthetic(table_of(bent, view.synthetic.codes), view.synthetic_frame)
    np.testing.assert_array_equal(scores(RankAligned(), moved), scores(RankAligned(), view))


@pytest.mark.parametrize("factor,offset", [(1.0, 5.0), (1.5, 0.0), (0.3, -2.0)])
def test_moved_and_rescaled_copies_are_caught(factor: float, offset: float) -> None:
    train, holdout, _ = split(seed=2)
    moved = train.copy()
    for name in NUMBERS:
        moved[name] = moved[name] * factor + offset * moved[name].std()
    assert attack_auc(RankAligned(), (train, holdout, moved)) > 0.95
    assert attack_auc(CalibratedClosestRecord(), (train, holdout, moved)) < 0.75


def test_alignment_needs_numbers() -> None:
    train, holdout, fresh = (table[CATEGORIES] for table in split(seed=3))
    view, _ = attacked(train, holdout, fresh)
    for attack in (RankAligned(), RotationAligned()):
        with pytest.raises(NotApplicable, match="column"):
            scores(attack, view)
    assert scores(RepeatedOffset(), view).shape == (view.n_candidates,)


def test_votes_by_hand() -> None:
    keys, counts = votes(np.array([2.0, 2.04, -1.0, 2.0, 0.0]), step=0.5)
    assert keys.tolist() == [-2, 0, 4] and counts.tolist() == [1, 1, 3]


def test_best_offset_by_hand() -> None:
    within = np.array([0.0, 0.0, 1.0, -1.0, 7.0])
    released = np.concatenate([np.zeros(8), np.full(12, 7.0), [3.0, -4.0]])
    found = best_offset(released, within, step=1.0, n_columns=1)
    # 7 is expected 1 + 1 * 22 / 5 times; 12 votes are then no proof
    assert found is None
    found = best_offset(np.concatenate([released, np.full(40, 7.0)]), within, 1.0, 1)
    assert found is not None and found.value == 7.0
    expected = 1 + 62 / 5
    assert found.excess == pytest.approx((52 - expected + 1) / np.sqrt(expected))
    # differences of nothing, or of one step, are what nearest records are like anyway
    assert best_offset(np.ones(500), within, 1.0, 1) is None
    assert best_offset(np.empty(0), within, 1.0, 1) is None


def partly_moved(seed: int, column: str, share: float) -> tuple[pd.DataFrame, ...]:
    train, holdout, fresh = split(seed, n_rows=400)
    n = round(share * len(train))
    fresh.iloc[:n] = train.iloc[:n]
    fresh.loc[: n - 1, column] += round(5 * train[column].std())
    return train, holdout, fresh.sample(frac=1.0, random_state=seed).reset_index(drop=True)


@pytest.mark.parametrize("column", ["wage", "weight"])
def test_offset_of_a_fifth_of_the_rows_is_found_and_undone(column: str) -> None:
    tables = partly_moved(4, column, 0.2)
    view, is_member = attacked(*tables)  # type: ignore[arg-type]
    offset = find_offset(view)
    assert offset is not None and view.schema.numbers[offset.column] == column
    assert offset.value == pytest.approx(round(5 * tables[0][column].std()), rel=1e-6)
    found = scores(RepeatedOffset(), view)
    cut = np.sort(found[~is_member])[-2]  # one of 400 non-members above it
    assert (found[is_member] > cut).mean() > 0.15
    plain = scores(CalibratedClosestRecordStandard(), view)
    assert (plain[is_member] > np.sort(plain[~is_member])[-2]).mean() < 0.05


def test_in_a_wide_table_one_search_finds_the_offset_too(monkeypatch: pytest.MonkeyPatch) -> None:
    searched = []
    of = Matches.of.__func__  # type: ignore[attr-defined]

    def counted(cls: type[Matches], *args: Any, **settings: Any) -> Matches:
        searched.append(args[3])
        found: Matches = of(cls, *args, **settings)
        return found

    monkeypatch.setattr(Matches, "of", classmethod(counted))
    rng = np.random.default_rng(6)
    names = [f"c{j}" for j in range(repeated_offset.MOST_LEFT_OUT + 1)]
    train, holdout, fresh = (
        pd.DataFrame(rng.normal(1000, 100, (80, len(names))).round(), columns=names)
        for _ in range(3)
    )
    fresh.iloc[:20] = train.iloc[:20]
    fresh.loc[:19, "c7"] += 5471
    view, is_member = attacked(train, holdout, fresh)
    offset = find_offset(view)
    assert searched == [None, None]  # once in S and once in the pool, for all columns
    assert offset is not None and view.schema.numbers[offset.column] == "c7"
    assert offset.value == 5471
    found = scores(RepeatedOffset(), view)
    assert is_member[np.argsort(-found)[:20]].all()


def test_without_an_offset_it_is_the_calibrated_closest_record() -> None:
    view, _ = attacked(*split(seed=5))
    assert find_offset(view) is None
    np.testing.assert_array_equal(
        scores(RepeatedOffset(), view), scores(CalibratedClosestRecordStandard(), view)
    )


def turned(values: Floats, seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    basis, _ = np.linalg.qr(rng.normal(size=(values.shape[1], values.shape[1])))
    return values @ basis


def measurements(n_rows: int, seed: int) -> Floats:
    """Skewed, dependent measurements of six columns; the population is the same for all seeds."""
    rng = np.random.default_rng(seed)
    hidden = rng.gamma(2.0, size=(n_rows, 6)) * np.array([4.0, 2.5, 1.6, 1.0, 0.6, 0.4])
    return hidden @ np.random.default_rng(0).normal(size=(6, 6))


def test_rotated_copies_are_caught() -> None:
    train, holdout = measurements(200, 11), measurements(200, 12)
    names = list("abcdef")
    mean, spread = train.mean(axis=0), train.std(axis=0)
    released = turned((train - mean) / spread, seed=3)
    tables = tuple(pd.DataFrame(t, columns=names) for t in (train, holdout, released))
    assert attack_auc(RotationAligned(), tables) > 0.9  # type: ignore[arg-type]
    assert attack_auc(RankAligned(), tables) < 0.7  # type: ignore[arg-type]
    fresh = pd.DataFrame(turned(measurements(200, 5), seed=3), columns=names)
    assert abs(attack_auc(RotationAligned(), (tables[0], tables[1], fresh)) - 0.5) < 0.09


def test_rotated_copies_of_more_columns_than_axes_are_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rotation_aligned, "MOST_AXES", 8)
    hidden = np.random.default_rng(0).normal(size=(6, 30))

    def wide(seed: int) -> Floats:
        noise = 0.3 * np.random.default_rng(seed + 100).normal(size=(60, 30))
        return measurements(60, seed) @ hidden + noise

    train, holdout, other = wide(11), wide(12), wide(13)
    names = [f"c{j}" for j in range(30)]
    mean, spread = train.mean(axis=0), train.std(axis=0)
    tables = [pd.DataFrame(t, columns=names) for t in (train, holdout)]
    copied, fresh = (
        pd.DataFrame(turned((t - mean) / spread, seed=3), columns=names) for t in (train, other)
    )
    assert attack_auc(RotationAligned(), (*tables, copied)) > 0.9
    assert abs(attack_auc(RotationAligned(), (*tables, fresh)) - 0.5) < 0.16


def test_the_longest_axes_hold_a_cloud_of_few_rows_entirely() -> None:
    rows = standardised(np.random.default_rng(5).normal(size=(20, 300)))
    coordinates, directions = along_longest(rows)
    assert coordinates.shape == (20, rotation_aligned.MOST_AXES)
    np.testing.assert_allclose(coordinates @ directions, rows, atol=1e-9)


def test_axes_are_orthonormal_and_point_with_the_skew() -> None:
    rows = standardised(measurements(300, 4))
    found = axes(rows)
    np.testing.assert_allclose(found @ found.T, np.eye(6), atol=1e-9)
    along = rows @ found.T
    assert (np.diff(along.std(axis=0)) <= 1e-9).all()
    assert ((along**3).sum(axis=0) >= 0).all()
    # more columns than rows: as many axes as columns still
    assert axes(rows[:4]).shape == (6, 6)


def test_rotation_is_recovered() -> None:
    pool = standardised(measurements(300, 6))
    release = turned(pool[:150], seed=7)
    rotation = rotation_onto(Cloud(pool), release)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(6), atol=1e-9)
    np.testing.assert_allclose(release @ rotation, pool[:150], atol=1e-3)


def test_standardised_by_hand() -> None:
    found = standardised(np.array([[1.0, 5.0, np.nan], [3.0, 5.0, 1.0], [np.nan, 5.0, 3.0]]))
    np.testing.assert_allclose(found, [[-1, 0, 0], [1, 0, -1], [0, 0, 1]])


@pytest.mark.parametrize("attack", [RankAligned(), RotationAligned(), RepeatedOffset()])
def test_the_order_of_synthetic_rows_decides_nothing(attack: RankAligned) -> None:
    view, _ = attacked(*partly_moved(8, "wage", 0.2))  # type: ignore[arg-type]
    order = np.random.default_rng(0).permutation(view.synthetic.n_rows)
    other = view.with_synthetic(view.synthetic.take(order), view.synthetic_frame)
    np.testing.assert_allclose(scores(attack, other), scores(attack, view), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("attack", [RankAligned(), RotationAligned(), RepeatedOffset()])
def test_fresh_rows_stay_at_chance(attack: RankAligned) -> None:
    found = [attack_auc(attack, split(seed=300 + seed, n_rows=80)) for seed in range(12)]
    assert abs(np.mean(found) - 0.5) < 3 * np.std(found, ddof=1) / np.sqrt(len(found))


def test_a_view_by_hand_with_one_number_is_declined_by_rotation() -> None:
    pool = table_of([[0.0], [1.0], [2.0]], [[1], [2], [1]])
    with pytest.raises(NotApplicable, match="there are 1"):
        scores(RotationAligned(), view_of(pool, pool))
    assert auc(np.array([1.0, 0.0]), np.array([True, False])) == 1.0


def test_votes_of_differences_beyond_integers() -> None:
    # found by Hypothesis: cast to int64, they all became one difference
    keys, counts = votes(np.array([1e37, -1e37, 1e37, 3e30]), step=1e-3)
    assert (keys * 1e-3).tolist() == [-1e37, 3e30, 1e37] and counts.tolist() == [1, 1, 2]
