"""The pool: what it holds, what it must not hold, and what must not move it."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pandas as pd
import pytest
from data_people import (
    BLOCKS,
    TABLES,
    assert_same,
    changed,
    draw,
    load,
    people,
    three,
)

from synthaudit.data import Challenge, draw_challenge
from synthaudit.errors import InputError, UsageError
from synthaudit.seeds import Streams
from synthaudit.types import ColumnKind


def reread(challenge: Challenge, frames: dict[str, pd.DataFrame]) -> None:
    """Every candidate is the row its source row says."""
    pool = challenge.adversary.candidate_frame
    for i in range(challenge.n_candidates):
        side = "train" if challenge.is_member[i] else "holdout"
        source = frames[side].iloc[challenge.source_rows[i]]
        for name in ("age", "visits", "smoker"):
            assert pool[name].iloc[i] == source[name]


def test_equal_sides_and_true_labels() -> None:
    frames = {"train": people(90, 1), "holdout": people(60, 2), "synthetic": people(70, 3)}
    challenge = draw(frames)
    assert challenge.n_candidates == 120
    assert challenge.n_members == challenge.n_nonmembers == 60
    assert (challenge.n_members_left_out, challenge.n_nonmembers_left_out) == (30, 0)
    assert challenge.adversary.n_candidates == 120
    assert challenge.adversary.synthetic.n_rows == 70
    for side in (True, False):
        rows = challenge.source_rows[challenge.is_member == side]
        assert len(np.unique(rows)) == 60
    assert challenge.source_rows.dtype == np.int64
    reread(challenge, frames)


def test_a_cap_on_candidates() -> None:
    frames = three()
    capped = draw(frames, max_candidates=10)
    assert (capped.n_members, capped.n_nonmembers, capped.n_members_left_out) == (10, 10, 110)
    assert draw(frames, max_candidates=10**6).n_members == 120
    reread(capped, frames)
    with pytest.raises(UsageError, match="at least 1"):
        draw(frames, max_candidates=0)


def test_the_auditor_sees_whole_tables_in_step_with_their_frames() -> None:
    frames = {"train": people(90, 1), "holdout": people(60, 2), "synthetic": people(70, 3)}
    auditor = draw(frames).auditor
    for name in TABLES:
        frame, table = auditor.frames[name], auditor.table(name)
        assert len(frame) == table.n_rows == len(frames[name])
        ages = table.values[:, auditor.schema.numbers.index("age")]
        np.testing.assert_array_equal(frame["age"], ages)
        np.testing.assert_array_equal(frames[name]["age"].iloc[frame.index], frame["age"])
        assert not frame.index.equals(pd.RangeIndex(len(frame)))


def test_the_pool_encodes_as_its_own_frame() -> None:
    view = draw(three()).adversary
    for frame, table in (
        (view.candidate_frame, view.candidates),
        (view.synthetic_frame, view.synthetic),
    ):
        again = view.encode(frame.iloc[:, ::-1].astype({"age": str}))
        for block in BLOCKS:
            np.testing.assert_array_equal(getattr(again, block), getattr(table, block))
    shadow = view.with_synthetic(view.candidates, view.candidate_frame)
    assert shadow.encoder is view.encoder
    with pytest.raises(InputError, match=r"lacks 1 of the 6 audited columns .*'born'"):
        view.encode(view.candidate_frame.drop(columns="born"))


# ---- labels must be unreachable -------------------------------------------------------------


def reachable(root: Any) -> list[np.ndarray]:
    """Every array that can be reached from an object by following references."""
    seen: set[int] = set()
    arrays: list[np.ndarray] = []
    stack = [root]
    skipped = (type, type(np), type(draw), type(gc.collect))
    while stack:
        item = stack.pop()
        if id(item) in seen or isinstance(item, skipped):
            continue
        seen.add(id(item))
        if isinstance(item, np.ndarray):
            arrays.append(item)
            stack.append(item.base)
            stack.extend([item.tolist()] if item.dtype == object else [])
            continue
        stack.extend(gc.get_referents(item))
        if isinstance(item, pd.DataFrame):
            stack.extend(item[name].to_numpy() for name in item)
            stack.append(item.index.to_numpy())
    return arrays


def test_the_walk_finds_what_is_planted() -> None:
    challenge = draw(three())
    challenge.adversary.notes = {"deep": [(challenge.is_member,)]}  # type: ignore[attr-defined]
    assert any(array is challenge.is_member for array in reachable(challenge.adversary))
    challenge = draw(three())
    challenge.adversary.candidate_frame.index = pd.Index(challenge.source_rows)
    found = reachable(challenge.adversary)
    assert any(np.array_equal(array, challenge.source_rows) for array in found)


def label_auc(column: np.ndarray, is_member: np.ndarray) -> float:
    """How well a column orders members before non-members, in either direction."""
    from scipy.stats import rankdata

    ranks = rankdata(np.nan_to_num(column.astype(float), nan=-1e9))
    n = int(is_member.sum())
    auc = (ranks[is_member].sum() - n * (n + 1) / 2) / (n * (is_member.size - n))
    return max(auc, 1 - auc)


@pytest.mark.parametrize("seed", range(3))
def test_no_array_within_the_adversary_s_reach_carries_a_label(seed: int) -> None:
    n = 300
    frames = three(n, seed=100 * seed)
    for i, frame in enumerate(frames.values()):
        # a running number and an index that would give the label away
        frame["customer_id"] = np.arange(n) + 10_000 * i
        frame.index = frame.index + 5_000 * i
    challenge = draw(frames, seed=seed)
    challenge.adversary.nearest_candidates(5)
    challenge.adversary.nearest_synthetic(5)
    labels, sources = challenge.is_member, challenge.source_rows
    found = reachable(challenge.adversary)
    assert len(found) > 15
    n_checked = 0
    for array in found:
        assert array is not labels
        assert array is not sources
        if array.dtype.kind not in "biufM" or 2 * n not in array.shape:
            continue
        table = np.moveaxis(array, array.shape.index(2 * n), 0).reshape(2 * n, -1)
        for column in table.T:
            n_checked += 1
            assert not np.array_equal(column.astype(float), labels.astype(float))
            assert not np.array_equal(column.astype(float), sources.astype(float))
            # six standard errors of an AUC of 300 against 300
            assert label_auc(column, labels) < 0.5 + 6 * 0.0236
    assert n_checked > 30


def test_position_in_the_pool_carries_no_label() -> None:
    aucs = []
    for seed in range(20):
        labels = draw(three(100, seed=10 * seed), seed=seed).is_member
        aucs.append(label_auc(np.arange(labels.size), labels))
    # folded at 0.5, the mean of the null is 0.5 + 0.8 * 0.041
    assert np.mean(aucs) < 0.5 + 0.8 * 0.041 + 4 * 0.025 / np.sqrt(20)


def test_labels_do_not_ride_on_ties() -> None:
    same = pd.DataFrame({"a": [1, 2] * 200, "b": ["x", "y"] * 200})
    first_half, runs = [], []
    for seed in range(30):
        labels = draw(dict.fromkeys(TABLES, same), seed=seed).is_member
        first_half.append(labels[:200].mean())
        runs.append(np.count_nonzero(np.diff(labels[:400])))
    # within a block of identical rows members come as in a shuffled deck: half of each half,
    # changing sides about every second row
    assert abs(np.mean(first_half) - 0.5) < 4 * 0.035 / np.sqrt(30)
    assert 180 < np.mean(runs) < 220


def test_keys_and_texts_stay_out_of_the_pool_s_frame() -> None:
    frames = three()
    for i, frame in enumerate(frames.values()):
        frame["customer_id"] = np.arange(120) + 1000 * i
        frame["note"] = [f"note {i} number {k} with words enough to be a text" for k in range(120)]
    challenge = draw(frames)
    schema = challenge.adversary.schema
    assert schema.of_kind(ColumnKind.IDENTIFIER, ColumnKind.TEXT) == ("customer_id", "note")
    for frame in (challenge.adversary.candidate_frame, challenge.adversary.synthetic_frame):
        assert set(frame.columns) == {"age", "born", "city", "income", "smoker", "visits"}
        assert frame.index.equals(pd.RangeIndex(len(frame)))
    assert "customer_id" in challenge.auditor.frames["train"].columns


# ---- what must not move a number ------------------------------------------------------------


def shuffled(frame: pd.DataFrame, seed: int = 5) -> pd.DataFrame:
    return frame.sample(frac=1, random_state=seed)


INCREASING = {
    "age": lambda s: s * 365.25 + 40,
    "income": lambda s: s / 1000,
    "visits": lambda s: np.sqrt(s + 2.0),
}
RENAMED = {"Oslo": "zz", "Bergen": "a b", "Trondheim": "中文", "Stavanger": "7", "Bodo": "q"}


def with_repeats(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Many identical rows within and across tables."""
    few = ["smoker", "city"]
    return changed(frames, lambda f: f[few])


@pytest.mark.parametrize("prepare", [lambda f: f, with_repeats])
@pytest.mark.parametrize(
    "change",
    [
        shuffled,
        lambda f: f.iloc[:, ::-1],
        lambda f: f.rename(index=lambda i: i + 17),
        lambda f: f.assign(city=f["city"].map(RENAMED)),
        lambda f: f.assign(smoker=np.where(f["smoker"], "no", "yes")),
    ],
)
def test_order_and_labels_move_nothing(prepare: Any, change: Any) -> None:
    frames = prepare(three())
    moved = changed(frames, change)
    assert_same(draw(frames, max_candidates=70), draw(moved, max_candidates=70))


@pytest.mark.parametrize("column", list(INCREASING))
def test_units_move_no_rank_no_code_and_no_row(column: str) -> None:
    frames = three()
    moved = changed(frames, lambda f: f.assign(**{column: INCREASING[column](f[column])}))
    # values of the synthetic table between two real ones are placed linearly: a unit keeps the
    # place up to the last bit, a curve does not, and neither moves the order of rows
    first, second = draw(frames, max_candidates=70), draw(moved, max_candidates=70)
    np.testing.assert_array_equal(first.is_member, second.is_member)
    np.testing.assert_array_equal(first.source_rows, second.source_rows)
    np.testing.assert_array_equal(
        first.adversary.candidates.codes, second.adversary.candidates.codes
    )
    np.testing.assert_array_equal(
        first.adversary.candidates.ranks, second.adversary.candidates.ranks
    )
    np.testing.assert_array_equal(
        first.auditor.frames["synthetic"].index, second.auditor.frames["synthetic"].index
    )
    if column != "visits":
        np.testing.assert_allclose(
            first.auditor.synthetic.ranks, second.auditor.synthetic.ranks, atol=1e-6
        )
        np.testing.assert_allclose(
            first.adversary.candidates.scaled, second.adversary.candidates.scaled, atol=1e-4
        )


def test_levels_that_nothing_tells_apart_keep_an_order_of_their_own() -> None:
    # two equally frequent levels in one column: only their spelling differs
    frames = {name: pd.DataFrame({"x": list("ababab") * 10}) for name in TABLES}
    assert_same(draw(frames), draw(changed(frames, shuffled)))


def test_another_synthetic_table_moves_no_candidate() -> None:
    frames = three()
    other = {**frames, "synthetic": people(200, 99)}
    first, second = draw(frames), draw(other)
    np.testing.assert_array_equal(first.is_member, second.is_member)
    np.testing.assert_array_equal(first.source_rows, second.source_rows)
    for block in BLOCKS:
        np.testing.assert_array_equal(
            getattr(first.adversary.candidates, block), getattr(second.adversary.candidates, block)
        )


def test_seeds_and_workers() -> None:
    frames = three()
    tables = load(frames)
    assert_same(draw_challenge(tables, Streams(4)), draw_challenge(tables, Streams(4), jobs=2))
    first, second = draw_challenge(tables, Streams(4)), draw_challenge(tables, Streams(5))
    assert not np.array_equal(first.source_rows, second.source_rows)


def test_the_sample_of_the_larger_side_is_fair() -> None:
    """Over seeds, every row of the larger side is drawn about equally often, copies included."""
    train = people(60, 1)
    train.iloc[30:] = train.iloc[[0] * 30].to_numpy()  # one row thirty-one times
    train = train.astype(people(2, 1).dtypes)
    frames = {"train": train, "holdout": people(20, 2), "synthetic": people(20, 3)}
    tables = load(frames)
    drawn = np.zeros(60)
    for seed in range(150):
        challenge = draw_challenge(tables, Streams(seed))
        drawn[challenge.source_rows[challenge.is_member]] += 1
    share = drawn / 150
    # a third each; binomial spread 0.039; copies as a block (their own turn depends on file order)
    assert abs(share[1:30] - 1 / 3).max() < 5 * 0.0385
    copies = np.r_[share[0], share[30:]]
    assert abs(copies.mean() - 1 / 3) < 4 * 0.0385 / np.sqrt(31) + 0.02


def test_one_row_and_one_column() -> None:
    single = {name: pd.DataFrame({"x": [float(i)]}) for i, name in enumerate(TABLES)}
    challenge = draw(single)
    assert challenge.n_candidates == 2
    flat = {name: pd.DataFrame({"x": ["same"] * 9}) for name in TABLES}
    challenge = draw(flat)
    assert challenge.adversary.candidates.n_columns == 0
    assert challenge.n_candidates == 18
