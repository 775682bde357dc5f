"""What a lent generator is handed: the right columns in the right order, from the right owner."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pandas as pd
from conftest import make_population
from numpy.random import default_rng as rng

from synthaudit import audit
from synthaudit.data import draw_challenge, load_tables
from synthaudit.generators import parse_generator
from synthaudit.lending import LentGenerator, Reference, named, told_apart
from synthaudit.seeds import Streams
from synthaudit.types import Card, Status

ORDER = ["region", "income", "age", "married"]


@dataclass(frozen=True)
class Nosy:
    """Remembers in which order it got the columns."""

    seen: list[list[str]] = field(default_factory=list)
    card: ClassVar[Card] = Card("nosy", "Nosy", "In which order?", "It remembers.")

    def synthesize(self, train: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
        self.seen.append(list(train.columns))
        return train.sample(n_rows, replace=True, random_state=seed).reset_index(drop=True)


def tables() -> list[pd.DataFrame]:
    people = make_population(180, 5)[ORDER]
    return [people.iloc[60 * i : 60 * (i + 1)].reset_index(drop=True) for i in range(3)]


def test_the_order_of_the_training_table_is_remembered_not_that_of_the_others() -> None:
    train, holdout, synthetic = tables()
    padded = train.rename(columns={"income": " income "})
    loaded = load_tables(padded, holdout[ORDER[::-1]], synthetic.drop(columns="age"))
    assert list(loaded.given_order) == ["region", "income", "married"]
    assert set(loaded.frames["train"].columns) == {"income", "married", "region"}


def test_a_named_generator_gets_the_columns_as_the_training_file_has_them() -> None:
    nosy = Nosy()
    report = audit(*tables(), attacks=("insider",), generator=nosy, shadows=4, jobs=1)
    result = report.result("shadow")
    assert result is not None and result.status is Status.MEASURED, result
    assert len(nosy.seen) == 4 and all(columns == ORDER for columns in nosy.seen)


def test_the_order_is_part_of_the_generator() -> None:
    nosy = Nosy()
    plain = LentGenerator(nosy, "nosy")
    ordered = LentGenerator(nosy, "nosy", ("income", "gone", "age"))
    assert plain.fingerprint != ordered.fingerprint
    train = tables()[0]
    made = ordered.synthesize(train, 7, 1)
    # columns nobody gave an order come last; the result is a table of the same columns
    assert nosy.seen == [["income", "age", "region", "married"]]
    assert set(made.columns) == set(ORDER) and len(made) == 7


def test_another_order_makes_another_table_of_a_chain_of_trees() -> None:
    train = tables()[0]
    one, other = (
        named("cart").in_order(order).generator.synthesize(train, 60, 3)[ORDER]
        for order in (tuple(ORDER), tuple(ORDER[::-1]))
    )
    assert not one.equals(other)
    again = LentGenerator(parse_generator("cart"), "cart").synthesize(train, 60, 3)[ORDER]
    assert one.equals(again)


def test_of_a_pool_cut_down_as_small_a_part_is_compared_with() -> None:
    people = make_population(800, 8)
    train, holdout = people.iloc[:400].reset_index(drop=True), people.iloc[400:]
    release = parse_generator("cart").synthesize(train, 400, 1)
    loaded = load_tables(train, holdout.reset_index(drop=True), release)
    view = draw_challenge(loaded, Streams(8), max_candidates=100).adversary
    half = np.arange(view.n_candidates) % 2 == 0
    whole, fair = (Reference.of(view, half, n_train, rng(0)) for n_train in (100, 400))
    # by hand: 100 of the other half, and 100^2 / (2 * 400 - 100) = 14.3 of those trained on
    assert [len(r.rows.codes) for r in (whole, fair)] == [200, 114]
    # how much of "income" is re-used, by the release and by a stand-in, seen from either reference
    stand_in = parse_generator("cart").synthesize(view.candidate_frame[half], 200, 2)
    column = view.schema.numbers.index("income")
    met = {}
    for name, reference in (("whole", whole), ("fair", fair)):
        met[name] = [
            np.isin(table.values[:, column], reference.rows.values[:, column]).mean()
            for table in (view.synthetic, view.encode(stand_in))
        ]
    assert met["whole"][1] > 0.9 and met["whole"][0] < 0.5
    assert abs(met["fair"][0] - met["fair"][1]) < 0.06


def test_tables_are_told_apart_by_their_rows_and_never_on_fewer_than_there_are_folds() -> None:
    draw = rng(3).normal
    same, other = draw(size=(60, 2)), draw(2.0, size=(60, 2))
    assert told_apart(same, other, 0) > 0.9
    assert 0.3 < told_apart(same, draw(size=(60, 2)), 0) < 0.7
    assert told_apart(same, other[:2], 0) == told_apart(same[:1], other, 0) == 0.5
