"""Exact and near copies: by hand, planted, null, odd sizes, low entropy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from check_views import array_view, context, get, value, view_of

from synthaudit.checks._isolation import isolation
from synthaudit.checks.exact_copies import ExactCopies
from synthaudit.checks.near_copies import NearCopies, hugs
from synthaudit.data.views import Geometry


def split(frame: pd.DataFrame, *sizes: int) -> list[pd.DataFrame]:
    ends = np.cumsum(sizes)
    return [
        frame.iloc[end - size : end].reset_index(drop=True)
        for size, end in zip(sizes, ends, strict=True)
    ]


def test_exact_copies_by_hand() -> None:
    train, holdout = [[1], [2], [3], [3]], [[3], [4], [5], [6]]
    synthetic = [[1], [1], [3], [4], [9]]
    finding = ExactCopies().run(array_view(codes=(train, holdout, synthetic)), context())
    assert value(finding, "copied_rows_train") == pytest.approx(3 / 5)  # 1, 1, 3
    assert value(finding, "copied_rows_holdout") == pytest.approx(2 / 5)  # 3, 4
    assert value(finding, "excess_copies") == pytest.approx(1 / 5)
    assert value(finding, "copied_unique_share") == pytest.approx(2 / 5)  # 1, 1
    assert value(finding, "copied_common_share") == pytest.approx(1 / 5)  # 3
    assert value(finding, "copied_train_records") == pytest.approx(1 / 4)  # only 1


def test_contents_of_one_real_row_by_hand() -> None:
    train, holdout = [[1], [2], [3], [3]], [[3], [4], [5], [6]]
    synthetic = [[1], [1], [2], [3], [4], [9]]
    finding = ExactCopies().run(array_view(codes=(train, holdout, synthetic)), context())
    assert value(finding, "copied_train_records") == pytest.approx(2 / 4)  # 1 and 2
    assert value(finding, "excess_unique_copies") == pytest.approx(3 / 6 - 1 / 6)  # 1, 1, 2; 4
    test = get(finding, "p_value")
    # of three contents that one real row has and a synthetic one copies, two are of train
    assert (test.value, test.n) == (pytest.approx(0.5), 3)


@pytest.mark.parametrize("sizes", [(900, 100), (100, 900), (300, 300)])
def test_planted_copies_are_found_whatever_the_sizes(sizes: tuple[int, int]) -> None:
    rng = np.random.default_rng(5)
    train, holdout, fresh = (rng.normal(size=(n, 4)) for n in (*sizes, 400))
    synthetic = np.concatenate([train[:40], fresh[40:]])
    finding = ExactCopies().run(array_view((train, holdout, synthetic)), context())
    copies = get(finding, "excess_copies")
    assert copies.value == pytest.approx(0.1)
    assert copies.high == pytest.approx(0.1)
    if sizes != (900, 100):  # ten in a hundred rows cannot prove forty copies in nine hundred
        assert copies.low is not None
        assert copies.low > 0.08


@pytest.mark.parametrize("sizes", [(900, 100), (100, 900), (400, 400)])
def test_null_lies_at_expectation_when_rows_coincide_anyway(sizes: tuple[int, int]) -> None:
    rng = np.random.default_rng(6)
    levels = 1 / np.arange(1, 400)
    levels /= levels.sum()
    values = []
    for _ in range(60):
        tables = tuple(rng.choice(399, (n, 1), p=levels) + 1 for n in (*sizes, 300))
        finding = ExactCopies().run(array_view(codes=tables), context())
        values.append(value(finding, "copied_rows_train") - value(finding, "copied_rows_holdout"))
    error = np.std(values) / np.sqrt(len(values))
    assert abs(np.mean(values)) < 3.5 * error


def test_a_copy_of_a_low_entropy_train_counts_only_what_train_alone_has() -> None:
    rng = np.random.default_rng(7)
    draw = [rng.integers(1, 4, size=(600, 5)) for _ in range(3)]
    null = ExactCopies().run(array_view(codes=tuple(draw)), context())
    copy = ExactCopies().run(array_view(codes=(draw[0], draw[1], draw[0])), context())
    assert value(null, "copied_rows_train") > 0.85  # coincidence, not leakage
    chance = get(null, "excess_copies")
    assert chance.low is not None and chance.high is not None
    assert chance.low <= 0 <= chance.high
    held = {tuple(row) for row in draw[1]}
    only_train = np.mean([tuple(row) not in held for row in draw[0]])
    assert value(copy, "excess_copies") == pytest.approx(only_train)


def test_copies_survive_missing_cells_and_32_bits(population: pd.DataFrame) -> None:
    train, holdout, fresh = split(population, 200, 200, 200)
    copies = train.iloc[:50].assign(income=train["income"].iloc[:50].astype(np.float32))
    synthetic = pd.concat([copies, fresh.iloc[50:]], ignore_index=True)
    assert copies["height"].isna().any()
    finding = ExactCopies().run(view_of(train, holdout, synthetic), context())
    assert value(finding, "excess_copies") == pytest.approx(0.25)


def naive_near_share(train: np.ndarray, holdout: np.ndarray, synthetic: np.ndarray) -> float:
    """Share of synthetic rows within a fifth of the way from a training row to its neighbour."""
    real = np.concatenate([train, holdout])
    count = 0
    for row in synthetic:
        for i in range(len(train)):
            others = np.delete(real, i, axis=0)
            alone = np.minimum(np.abs(others - real[i]), 3).mean(axis=1).min()
            far = np.minimum(np.abs(row - real[i]), 3).mean()
            count += bool(0 < far <= 0.2 * alone)
    return count / len(synthetic)


def test_near_copies_equal_a_naive_count() -> None:
    rng = np.random.default_rng(8)
    train, holdout, synthetic = (rng.normal(size=(n, 2)) for n in (40, 30, 50))
    synthetic[:20] = train[:20] + rng.normal(0, 0.03, (20, 2))
    synthetic[20:25] = train[20:25]  # exact: counted elsewhere
    arrays = tuple(part.astype(np.float32).astype(float) for part in (train, holdout, synthetic))
    view = array_view(arrays)
    # both geometries are the same numbers here but for the cap, which no near copy meets
    finding = NearCopies().run(view, context())
    assert value(finding, "near_rows_train") == pytest.approx(naive_near_share(*arrays))
    assert value(finding, "exact_rows_set_apart") == pytest.approx(0.1)


def test_exact_copies_of_either_real_table_are_no_near_ones() -> None:
    rng = np.random.default_rng(13)
    tables = [rng.normal(size=(n, 2)).astype(np.float32).astype(float) for n in (40, 40, 60)]
    tables[2][:15], tables[2][15:27] = tables[0][:15], tables[1][:12]
    tables[2][27:33] = tables[1][20:26] + 1e-3
    finding = NearCopies().run(array_view(tuple(tables)), context())
    assert value(finding, "exact_rows_set_apart") == pytest.approx(27 / 60)
    # equal halves: chance would give train what the holdout has
    assert value(finding, "near_rows_train") < value(finding, "near_rows_holdout")
    near = get(finding, "excess_near_copies")
    assert near.value == pytest.approx(
        value(finding, "near_rows_train") - value(finding, "near_rows_holdout")
    )
    assert value(finding, "near_rows_holdout") == pytest.approx(6 / 60)
    # six near copies, all of holdout rows: the opposite of a leak
    test = get(finding, "p_value")
    assert test.value == pytest.approx(1.0) and test.n >= 6


def test_a_near_copy_belongs_to_one_real_row() -> None:
    rng = np.random.default_rng(9)
    train, holdout, synthetic = (rng.normal(size=(n, 3)) for n in (60, 60, 200))
    view = array_view((train, holdout, synthetic))
    closest = hugs(view, Geometry.STANDARD)
    near = closest.ratios < 0.5
    real = np.concatenate(
        [isolation(view, name, Geometry.STANDARD) for name in ("train", "holdout")]
    )
    pool = np.concatenate([train, holdout])
    for s in np.flatnonzero(near):
        distances = np.minimum(np.abs(pool - synthetic[s]), 3).mean(axis=1)
        assert np.sum(distances < 0.5 * real) == 1
        assert int(np.argmax(distances < 0.5 * real)) == closest.rows[s]


@pytest.mark.parametrize("how", ["noise", "rounding"])
def test_planted_near_copies_are_found(population: pd.DataFrame, how: str) -> None:
    train, holdout, fresh = split(population, 200, 200, 200)
    rng = np.random.default_rng(10)
    numbers = ["age", "income", "balance", "gain", "height"]
    copies = train.iloc[:60].copy()
    if how == "noise":
        copies[numbers] += rng.normal(0, 0.02, (60, 5)) * train[numbers].std().to_numpy()
    else:
        copies[["income", "balance"]] = copies[["income", "balance"]].round(0)
    synthetic = pd.concat([copies, fresh.iloc[60:]], ignore_index=True)
    finding = NearCopies().run(view_of(train, holdout, synthetic), context())
    found = get(finding, "excess_near_copies")
    assert found.low is not None and found.high is not None
    assert found.low > 0.15
    assert found.high < 0.35
    assert value(finding, "p_value") < 1e-6


def test_fresh_rows_are_no_near_copies() -> None:
    rng = np.random.default_rng(11)
    inside = 0
    for _ in range(40):
        tables = tuple(rng.normal(size=(n, 3)) for n in (150, 50, 150))
        found = get(NearCopies().run(array_view(tables), context()), "excess_near_copies")
        assert found.low is not None and found.high is not None
        inside += found.low <= 0 <= found.high
    assert inside >= 36
