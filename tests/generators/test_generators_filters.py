"""Filters are part of what leaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from generator_tables import every_dtype, people

from synthaudit.errors import GeneratorError, UsageError
from synthaudit.generators import fingerprint, parse_generator
from synthaudit.generators.columns import TrainingColumns
from synthaudit.generators.command import CommandGenerator
from synthaudit.generators.filters import (
    CopyFilter,
    DcrFilter,
    DuplicateFilter,
    Filtered,
    parse_filter,
)
from synthaudit.generators.noisy_bootstrap import NoisyBootstrap
from synthaudit.types import Card


@dataclass(frozen=True)
class Repeats:
    """Training rows, drawn again and again."""

    card: ClassVar[Card] = Card("repeats", "Repeats", "?", "-")

    def synthesize(self, train: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
        return train.sample(n_rows, replace=True, random_state=seed, ignore_index=True)


def test_dcr_drops_the_nearest_by_hand() -> None:
    # ranks of the training values: 0.125, 0.375, 0.625, 0.875
    table = TrainingColumns.read(pd.DataFrame({"x": [0.0, 10.0, 20.0, 30.0]}))
    made = pd.DataFrame({"x": [5.0, 10.0, 14.0, 29.0, 21.0]})
    # distances in ranks: .125, 0, .1, .025, .025
    assert DcrFilter(0.2).keep(table, made).tolist() == [True, False, True, True, True]
    assert DcrFilter(0.6).keep(table, made).tolist() == [True, False, True, False, False]


def test_dcr_is_the_naive_filter() -> None:
    train, made = people(40, 1), people(50, 2)

    def numbers(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[["age", "income", "joined"]].assign(
            joined=(frame["joined"] - pd.Timestamp("2015-01-01")).dt.days
        )

    def ranks(frame: pd.DataFrame, column: str) -> list[float]:
        known = numbers(train)[column]
        middle = (known.rank() - 0.5) / known.count()
        pairs = sorted({(x, r) for x, r in zip(known, middle, strict=True) if pd.notna(x)})
        return [
            float(np.interp(x, [p[0] for p in pairs], [p[1] for p in pairs]))
            for x in numbers(frame)[column]
        ]

    def cells(frame: pd.DataFrame) -> list[tuple[object, ...]]:
        columns = [ranks(frame, c) for c in ("age", "income", "joined")]
        return list(zip(*columns, frame["job"], frame["married"], strict=True))

    def gap(a: object, b: object) -> float:
        if not isinstance(a, float) or not isinstance(b, float):
            return float(a != b)
        if np.isnan(a) or np.isnan(b):
            return float(np.isnan(a) != np.isnan(b))
        return abs(a - b)

    known = cells(train)
    nearest = [min(sum(map(gap, row, other)) for other in known) for row in cells(made)]
    dropped = set(np.argsort(nearest, kind="stable")[:15].tolist())
    kept = DcrFilter(0.3).keep(TrainingColumns.read(train), made)
    assert set(np.flatnonzero(~kept).tolist()) == dropped


def test_copies_and_duplicates_over_every_dtype() -> None:
    train = every_dtype(40)
    table = TrainingColumns.read(train)
    fresh = every_dtype(40, seed=6)
    made = pd.concat([train.iloc[5:9], fresh, fresh.iloc[:3]], ignore_index=True)
    made = made.astype(train.dtypes.to_dict())
    assert np.flatnonzero(~CopyFilter().keep(table, made)).tolist() == [0, 1, 2, 3]
    # names that training lacks are all one unknown level, the numbers still tell rows apart
    assert np.flatnonzero(~DuplicateFilter().keep(table, made)).tolist() == [44, 45, 46]


def test_minus_zero_is_zero() -> None:
    table = TrainingColumns.read(pd.DataFrame({"x": [0.0, 1.5, 2.25, 1 / 3]}))
    made = pd.DataFrame({"x": [-0.0, 0.7]})
    assert CopyFilter().keep(table, made).tolist() == [False, True]


@pytest.mark.parametrize("filters", [("dcr:0.3",), ("copies",), ("dedup",), ("dedup", "dcr:0.1")])
def test_filtered_keeps_the_contract(filters: tuple[str, ...]) -> None:
    train = people(300)
    generator = parse_generator("cart", filters)
    made = generator.synthesize(train, 200, seed=1)
    assert made.shape == (200, train.shape[1])
    assert made.dtypes.to_dict() == train.dtypes.to_dict()
    pd.testing.assert_frame_equal(made, generator.synthesize(train, 200, seed=1))
    assert not made.equals(generator.synthesize(train, 200, seed=2))
    assert generator.card.id.startswith("cart+")


def test_the_dcr_filter_pushes_rows_away_from_training_rows() -> None:
    train = people(400)
    table = TrainingColumns.read(train)

    def mean_distance(made: pd.DataFrame) -> float:
        from synthaudit.generators.search import blocks
        from synthaudit.neighbors import NeighborIndex

        found = NeighborIndex(*blocks(table, train)).query(*blocks(table, made), 1)
        return float(found.distances.mean())

    plain = mean_distance(NoisyBootstrap().synthesize(train, 400, 1))
    filtered = mean_distance(
        parse_generator("noisy-bootstrap", ["dcr:0.5"]).synthesize(train, 400, 1)
    )
    assert filtered > 1.3 * plain


def test_dedup_draws_a_larger_table_until_enough_rows_differ() -> None:
    train = people(100)
    made = Filtered(Repeats(), (DuplicateFilter(),)).synthesize(train, 70, seed=3)
    assert len(made) == 70
    assert not made.duplicated().any()


def test_too_few_rows_left_is_an_error_with_counts() -> None:
    train = people(100)
    with pytest.raises(GeneratorError, match="left 0 of the 20"):
        Filtered(Repeats(), (CopyFilter(),)).synthesize(train, 20, seed=3)
    with pytest.raises(GeneratorError, match="of the 500 asked for"):
        Filtered(Repeats(), (DuplicateFilter(),)).synthesize(train, 500, seed=3)


def test_filters_may_follow_the_generator_after_bars() -> None:
    barred = parse_generator("cart:min_leaf=7 | dedup | dcr:0.1", ("copies",))
    assert barred == parse_generator("cart:min_leaf=7", ("dedup", "dcr:0.1", "copies"))
    template = "command:prog 'a | b' {train} {out} | tee"
    assert parse_generator(template) == CommandGenerator("prog 'a | b' {train} {out} | tee")
    filtered = parse_generator(template + "  |  dcr:0.2 ")
    assert filtered == Filtered(
        CommandGenerator("prog 'a | b' {train} {out} | tee"), (DcrFilter(0.2),)
    )
    with pytest.raises(UsageError, match="unknown filter 'dcrr'"):
        parse_generator("cart:min_leaf=7 | dcrr:0.1")


def test_fingerprints_name_the_filters() -> None:
    prints = {
        fingerprint(parse_generator("cart", filters))
        for filters in ((), ("dcr:0.3",), ("dcr:0.2",), ("dedup",), ("dedup", "dcr:0.3"))
    }
    assert len(prints) == 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dcr", "dcr:0.3"),
        ("dcr:x", "dcr:0.3"),
        ("dcr:0", "between 0 and 1"),
        ("dcr:1", "between 0 and 1"),
        ("dedup:1", "takes no value"),
        ("dedupe", "did you mean 'dedup'"),
    ],
)
def test_filters_by_name(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_filter(text)
