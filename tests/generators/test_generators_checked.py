"""The guard before foreign code, and the reading of its output."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
from generator_tables import every_dtype, people

from synthaudit.errors import GeneratorError, UsageError
from synthaudit.generators import synthesize_checked
from synthaudit.generators.cart import Cart
from synthaudit.generators.dtypes import like, like_column
from synthaudit.generators.plain import plain_frame
from synthaudit.types import Card


@dataclass(frozen=True)
class Odd:
    """A generator that does whatever it is told."""

    behave: Callable[[pd.DataFrame, int, int], Any]
    card: ClassVar[Card] = Card("odd", "Odd", "?", "-")

    def synthesize(self, train: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
        return self.behave(train, n_rows, seed)


def _raise(error: Exception) -> Any:
    raise error


BAD = {
    "not a table": (lambda t, n, s: t.to_numpy(), "returned ndarray"),
    "nothing": (lambda t, n, s: None, "returned NoneType"),
    "too few": (lambda t, n, s: t.head(3), "returned 3 of the 20 rows"),
    "column lost": (lambda t, n, s: t.drop(columns="age"), "left out columns age"),
    "column added": (lambda t, n, s: t.assign(extra=1), "has once only .extra."),
    "column twice": (lambda t, n, s: t[[*t.columns, "age"]], "has once only .age."),
    "text for numbers": (lambda t, n, s: t.assign(age="ancient"), "'age' came back with 20 of 20"),
    "text for dates": (lambda t, n, s: t.assign(joined="soon"), "dates or times"),
    "numbers for dates": (lambda t, n, s: t.assign(joined=3), "ISO 8601"),
    "words for truths": (lambda t, n, s: t.assign(married="perhaps"), "true or false"),
    "raises": (lambda t, n, s: _raise(ValueError("Ann earns 7")), "raised ValueError on 20 rows"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_output_is_one_sentence_without_values(case: str) -> None:
    behave, said = BAD[case]
    with pytest.raises(GeneratorError, match=said) as caught:
        synthesize_checked(Odd(behave), people(20), 20, 0)
    message = str(caught.value)
    assert "\n" not in message
    assert not any(word in message for word in ("Ann", "ancient", "soon", "perhaps"))


def test_the_projects_own_errors_and_interrupts_pass() -> None:
    with pytest.raises(UsageError, match="mine"):
        synthesize_checked(Odd(lambda t, n, s: _raise(UsageError("mine"))), people(9), 9, 0)
    stop = Odd(lambda t, n, s: _raise(KeyboardInterrupt()))  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        synthesize_checked(stop, people(9), 9, 0)


def test_two_seeds_must_not_make_the_same_table() -> None:
    train = people(50)
    stuck = Odd(lambda t, n, s: t.sample(n, random_state=1, ignore_index=True))
    first = synthesize_checked(stuck, train, 20, seed=1)
    with pytest.raises(GeneratorError, match="same table for two seeds"):
        synthesize_checked(stuck, train, 20, seed=2, unlike=first)
    first = synthesize_checked(Cart(), train, 20, seed=1)
    synthesize_checked(Cart(), train, 20, seed=2, unlike=first)


def test_a_generator_that_scribbles_on_its_input_harms_nobody() -> None:
    def scribble(train: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
        train["age"] = 0
        return train

    train = people(20)
    synthesize_checked(Odd(scribble), train, 20, 0)
    pd.testing.assert_frame_equal(train, people(20))


def test_order_of_columns_surplus_rows_and_index_are_put_right() -> None:
    train = people(30)
    made = synthesize_checked(
        Odd(lambda t, n, s: t[t.columns[::-1]].set_index(np.arange(30) + 7)), train, 12, 0
    )
    pd.testing.assert_frame_equal(made, train.head(12))


def test_a_trip_through_csv_brings_every_dtype_back(tmp_path: Path) -> None:
    train = every_dtype(60).drop(columns="infinite")
    path = tmp_path / "made.csv"
    plain_frame(train).to_csv(path, index=False)
    texts = pd.read_csv(path, dtype=str)
    # text of whole numbers beyond 2**53 is read through doubles; Parquet keeps them
    texts["large"] = train["large"]
    for made in (texts, plain_frame(train)):
        back = like(made, train)
        assert back.dtypes.to_dict() == train.dtypes.to_dict()
        pd.testing.assert_frame_equal(back, train, check_exact=True)


def test_whole_numbers_that_grew_fractions_or_gaps_keep_them() -> None:
    whole = pd.Series([1, 2, 3], name="n")
    fractions = like_column(pd.Series([1.5, 2.0, 3.0]), whole)
    assert fractions.tolist() == [1.5, 2.0, 3.0]
    assert like_column(pd.Series([1.0, np.nan, 3.0]), whole).isna().tolist() == [False, True, False]
    assert like_column(pd.Series([1.0, 300.0]), whole.astype("int8")).tolist() == [1.0, 300.0]


def test_new_levels_stay_and_known_ones_are_found_by_spelling() -> None:
    train = pd.Series(["1", "2", None], dtype="category")
    made = like_column(pd.Series([1.0, 2.0, np.nan, 9.0]), train)
    assert made.astype(object).where(made.notna(), None).tolist()[:3] == ["1", "2", None]
    assert made.iloc[3] == "9"
    truths = like_column(pd.Series(["True", "false", "1", "0"]), pd.Series([True, False]))
    assert truths.tolist() == [True, False, True, False]
    assert truths.dtype == bool
