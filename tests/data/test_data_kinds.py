"""What a column is, and why."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from data_people import TABLES, changed, load, three

from synthaudit.data.columns import Form
from synthaudit.data.kinds import RealCells, infer_column, looks_like_keys, number_step
from synthaudit.errors import InputError
from synthaudit.types import Column, ColumnKind, Schema

RNG = np.random.default_rng(7)
N = 400


def kind_of(cells: Any, name: str = "x") -> ColumnKind:
    """The kind of a column whose cells are spread over train and holdout."""
    cells = pd.Series(cells)
    parts = [cells.iloc[::2], cells.iloc[1::2], cells.iloc[:5]]
    frames = {
        table: pd.DataFrame({name: part.reset_index(drop=True), "other": np.arange(len(part)) % 3})
        for table, part in zip(TABLES, parts, strict=True)
    }
    return next(c.kind for c in load(frames).schema.columns if c.name == name)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        # continuous measurements are near-unique and no keys
        (RNG.normal(size=N), ColumnKind.NUMERIC),
        (RNG.normal(size=N).round(4), ColumnKind.NUMERIC),
        (RNG.lognormal(11, 1, N).astype(int), ColumnKind.NUMERIC),
        (RNG.integers(10_000, 1_500_000, N), ColumnKind.NUMERIC),
        (RNG.integers(0, 3, N), ColumnKind.NUMERIC),
        (RNG.integers(0, 200, N), ColumnKind.NUMERIC),
        (np.r_[np.zeros(N - 3), 1, 2, 3], ColumnKind.NUMERIC),
        # two levels have no scale
        (RNG.integers(0, 2, N), ColumnKind.BOOLEAN),
        (RNG.integers(0, 2, N) * 1.0, ColumnKind.BOOLEAN),
        (RNG.random(N) < 0.5, ColumnKind.BOOLEAN),
        (np.where(RNG.random(N) < 0.5, "True", "false"), ColumnKind.BOOLEAN),
        (RNG.integers(1, 3, N), ColumnKind.CATEGORY),
        (np.where(RNG.random(N) < 0.5, 5.0, np.nan), ColumnKind.CATEGORY),
        (np.where(RNG.random(N) < 0.5, "yes", "no"), ColumnKind.CATEGORY),
        # keys
        (np.arange(N), ColumnKind.IDENTIFIER),
        (1000 + RNG.permutation(N), ColumnKind.IDENTIFIER),
        (RNG.choice(4 * N, N, replace=False), ColumnKind.IDENTIFIER),
        (RNG.choice(4 * N, N, replace=False) / 100, ColumnKind.IDENTIFIER),
        ([f"C-{i:05d}" for i in range(N)], ColumnKind.IDENTIFIER),
        ([f"{i:05d}" for i in RNG.permutation(N)], ColumnKind.IDENTIFIER),
        # a draw with replacement from as many values is no key
        (RNG.choice(4 * N, N, replace=True), ColumnKind.NUMERIC),
        ([f"a sentence about the {i}. person, rather long" for i in range(N)], ColumnKind.TEXT),
        (np.array(list("abcde"))[RNG.integers(0, 5, N)], ColumnKind.CATEGORY),
        ([f"street {i}" for i in RNG.integers(0, N // 2, N)], ColumnKind.CATEGORY),
        (["1", "2", "3", "4+"] * (N // 4), ColumnKind.CATEGORY),
        ([*RNG.integers(18, 89, N - 1).astype(str), "90+"], ColumnKind.NUMERIC),
        (["01", "02", "13"] * 100, ColumnKind.CATEGORY),
        (pd.date_range("2020-01-01", periods=N), ColumnKind.DATETIME),
        ([5] * N, ColumnKind.CONSTANT),
        ([None] * N, ColumnKind.CONSTANT),
    ],
)
def test_kinds(cells: Any, kind: ColumnKind) -> None:
    assert kind_of(cells) is kind


@pytest.mark.parametrize(
    "name", ["id", "customer_id", "customerID", "PassengerId", "ID", "user key"]
)
def test_unique_numbers_under_a_name_that_says_key(name: str) -> None:
    sparse = np.sort(RNG.choice(10**9, N, replace=False))
    assert kind_of(sparse, name) is ColumnKind.IDENTIFIER
    assert kind_of(RNG.integers(0, 50, N), name) is ColumnKind.NUMERIC


@pytest.mark.parametrize("name", ["paid", "humidity", "width", "idle", "monkey", "Midday"])
def test_names_that_only_sound_like_keys(name: str) -> None:
    assert kind_of(np.sort(RNG.choice(10**9, N, replace=False)), name) is ColumnKind.NUMERIC


def test_few_rows_cannot_show_that_a_column_is_near_unique() -> None:
    assert kind_of([f"C-{i}" for i in range(10)]) is ColumnKind.CATEGORY
    assert kind_of(np.arange(10)) is ColumnKind.NUMERIC


def test_a_holdout_that_repeats_train_does_not_hide_a_key() -> None:
    frame = pd.DataFrame(
        {"key": [f"C-{i}" for i in range(50)], "n": np.arange(50), "x": [1, 2] * 25}
    )
    kinds = {c.name: c.kind for c in load(dict.fromkeys(TABLES, frame)).schema.columns}
    assert kinds["key"] is ColumnKind.IDENTIFIER
    assert kinds["n"] is ColumnKind.IDENTIFIER


def test_the_synthetic_table_has_no_say() -> None:
    frames = three()
    wild = changed(frames, lambda f: f.assign(age="x", city=range(len(f))), "synthetic")
    assert load(frames).schema == load(wild).schema


def test_chance_makes_keys_of_random_numbers_rarely() -> None:
    # twenty expected repetitions: the rule asks for at most two of them; Poisson(20) <= 2: 5e-7
    n, span = 200, 995
    hits = sum(looks_like_keys((RNG.integers(0, span, n),), 1.0) for _ in range(2000))
    assert hits == 0


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ([2.0, 4.0, 6.0], 2.0),
        ([3, 5], 1.0),
        ([10, 25], 5.0),
        ([0.05, 0.15, 1.0], 0.05),
        ([1.25, 2.5], 1.25),
        ([0.1 + 0.2, 0.7], 0.1),
        ([52.36368, 4.93187], 1e-5),
        ([np.pi, 1.0], None),
        ([0.0], None),
        ([-3.0, 6.0], 3.0),
        ([1e300, 1.0], None),
        ([2**62, 2**62 + 4], 4.0),
        ([*range(1, 1000), 1000.5], 0.5),
        ([*range(1, 1000), np.pi], None),
        ([0.25, *range(1, 1000)], 0.25),
    ],
)
def test_steps(values: list[float], step: float | None) -> None:
    assert number_step(np.array(values)) == (pytest.approx(step) if step else None)


def test_counts_are_of_the_real_tables_together() -> None:
    cells = RealCells("x", Form.NUMBER, (np.array([1, 2, 3]), np.array([3, 4])), n_missing=2)
    assert infer_column(cells) == Column(
        "x", ColumnKind.NUMERIC, 4, 2, 1.0, "whole numbers, 4 distinct"
    )


def test_a_given_kind_wins_and_says_so() -> None:
    given = Schema(
        (
            Column("age", ColumnKind.CATEGORY, 0, 0),
            Column("city", ColumnKind.IDENTIFIER, 0, 0),
            Column("visits", ColumnKind.CONSTANT, 0, 0),
        )
    )
    loaded = load(three(), schema=given)
    columns = {c.name: c for c in loaded.schema.columns}
    assert columns["age"].kind is ColumnKind.CATEGORY
    assert columns["age"].reason == "given by the schema"
    assert loaded.schema.of_kind(ColumnKind.IDENTIFIER) == ("city",)
    assert "visits" not in (*loaded.schema.numbers, *loaded.schema.categories)
    assert columns["income"].kind is ColumnKind.NUMERIC


def test_a_given_kind_that_cannot_be() -> None:
    with pytest.raises(InputError, match=r"'city' is numeric, but none of its \d+ values"):
        load(three(), schema=Schema((Column("city", ColumnKind.NUMERIC, 0, 0),)))
    with pytest.raises(InputError, match="not in all three tables"):
        load(three(), schema=Schema((Column("town", ColumnKind.NUMERIC, 0, 0),)))


def test_numbers_can_be_given_as_dates_and_back() -> None:
    frames = changed(three(), lambda f: f.assign(born=f["born"].astype("int64") // 10**9))
    given = Schema((Column("born", ColumnKind.DATETIME, 0, 0),))
    loaded = load(frames, schema=given)
    assert loaded.frames["train"]["born"].dtype.kind == "M"
    frames = three()
    given = Schema((Column("born", ColumnKind.NUMERIC, 0, 0),))
    assert load(frames, schema=given).frames["train"]["born"].dtype.kind in "if"
