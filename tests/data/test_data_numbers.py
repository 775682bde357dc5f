"""Numbers: spelled, typed, rounded, huge, infinite."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from data_people import (
    TABLES,
    assert_same,
    changed,
    codes,
    draw,
    load,
    three,
    write_csv,
    write_parquet,
)

from synthaudit.data import draw_challenge
from synthaudit.data.columns import text_column
from synthaudit.data.decimals import Convention, convention_of
from synthaudit.data.numerals import read_numerals
from synthaudit.seeds import Streams
from synthaudit.types import ColumnKind


def test_spellings_of_numbers() -> None:
    levels = pa.array(["7", "+7", "-7", "7.", ".5", "1e3", "1E-3", "inf", "-Infinity", "1e999"])
    read = read_numerals(levels)
    assert read.is_number.all()
    np.testing.assert_array_equal(
        read.values, [7, 7, -7, 7, 0.5, 1000, 0.001, np.inf, -np.inf, np.inf]
    )
    words = read_numerals(pa.array(["", "seven", "1,5", "0x10", "1_000", "NaN", "1 2", "--5"]))
    assert not words.is_number.any()
    assert words.is_word.tolist() == [False] * 5 + [True] + [False] * 2
    assert read_numerals(pa.array(["007", "12"])).is_lossy.tolist() == [True, False]
    assert read_numerals(pa.array(["0", "0.5", "-0"])).is_lossy.tolist() == [False] * 3


def test_whole_numbers_are_exact_and_decimals_correctly_rounded() -> None:
    read = read_numerals(pa.array(["9007199254740993", "-9007199254740993"]))
    assert read.values.tolist() == [2**53 + 1, -(2**53) - 1]
    texts = [repr(x) for x in np.random.default_rng(0).normal(size=2000).tolist()]
    np.testing.assert_array_equal(read_numerals(pa.array(texts)).values, [float(t) for t in texts])


@pytest.mark.parametrize(
    ("cells", "convention"),
    [
        (["1,5", "2"], Convention.COMMA),
        (["1.234,5", "2"], Convention.COMMA),
        (["0,125", "1,250"], Convention.COMMA),
        (["12345,678"], Convention.COMMA),
        (["1,234,567", "1,234"], Convention.GROUPS),
        (["1,234.5", "2.25"], Convention.GROUPS),
        (["1,234", "2.5"], Convention.GROUPS),
        (["1,234", "567"], Convention.UNCLEAR),
        (["1,234", "NA"], Convention.UNCLEAR),
        (["1.5", "2"], Convention.PLAIN),
        (["one, two", "1,5"], Convention.PLAIN),
        (["1,5,6", "1"], Convention.PLAIN),
    ],
)
def test_conventions(cells: list[str], convention: Convention) -> None:
    assert convention_of(text_column(pa.array(cells))) is convention


def test_an_ambiguous_column_follows_its_table(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": ["1,234", "2,345", "3,456"] * 9, "b": ["1,5", "2,5", "3,25"] * 9})
    loaded = load(dict.fromkeys(TABLES, frame))
    assert loaded.frames["train"]["a"].tolist()[:3] == [1.234, 2.345, 3.456]
    frame = frame.assign(b=["1,234,567", "2,345,678", "3,456,789"] * 9)
    loaded = load(dict.fromkeys(TABLES, frame))
    assert loaded.frames["train"]["a"].tolist()[:3] == [1234, 2345, 3456]
    loaded = load(dict.fromkeys(TABLES, frame[["a"]]))
    assert "unclear-numbers" in codes(loaded)
    assert loaded.schema.columns[0].kind is ColumnKind.CATEGORY


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.assign(age=f["age"].astype(float)),
        lambda f: f.assign(age=f["age"].astype("Int64")),
        lambda f: f.assign(age=f["age"].astype("int8"), visits=f["visits"].astype("uint16")),
        lambda f: f.assign(age=f["age"].astype(str), income=f["income"].astype(str)),
        lambda f: f.assign(age=f["age"].astype(float).astype(str)),
        lambda f: f.assign(age=f["age"].astype("float32"), visits=f["visits"].astype("float16")),
        lambda f: f.assign(income=f["income"].astype("float32")),
        lambda f: f.assign(age=f["age"].astype("category"), visits=f["visits"].astype(object)),
        lambda f: f.assign(income=f["income"].astype("Float64")),
        lambda f: f.assign(city=f["city"].astype("category"), smoker=f["smoker"].astype(object)),
        lambda f: f.assign(city=f["city"].astype("string"), smoker=f["smoker"].astype(str)),
        lambda f: f.assign(smoker=f["smoker"].astype(int)),
        lambda f: f.assign(smoker=f["smoker"].astype(float)),
        lambda f: f.assign(smoker=np.where(f["smoker"], "yes", "no")),
        lambda f: f.assign(smoker=np.where(f["smoker"], "TRUE", "false")),
        lambda f: f.assign(born=f["born"].astype("M8[s]")),
        lambda f: f.assign(visits=pd.arrays.SparseArray(f["visits"])),
    ],
)
@pytest.mark.parametrize("names", [("synthetic",), ("holdout",), TABLES])
def test_one_value_one_encoding_whatever_its_type(change: Any, names: tuple[str, ...]) -> None:
    frames = three()
    assert_same(draw(frames), draw(changed(frames, change, *names)))


def test_single_precision_must_not_tell_train_from_holdout() -> None:
    frames = three()
    rounded = changed(frames, lambda f: f.assign(income=f["income"] + 1e-7), "train")
    single = changed(rounded, lambda f: f.assign(income=f["income"].astype("float32")), "train")
    loaded = load(single)
    assert "single-precision" in codes(loaded)
    assert_same(draw(frames), draw_challenge(loaded, Streams(0)))


def test_a_synthetic_single_stands_for_the_real_value_it_was() -> None:
    frames = three()
    exact = changed(frames, lambda f: f.assign(place=59.0 + f["age"] / 1e6 + 1e-9))
    for frame in exact.values():
        frame["place"] = frame["place"].round(9)
    exact["synthetic"]["place"] = exact["train"]["place"].to_numpy()
    single = changed(exact, lambda f: f.assign(place=f["place"].astype("float32")), "synthetic")
    got, want = draw(single), draw(exact)
    column = want.adversary.schema.numbers.index("place")
    known = want.adversary.candidates.values[:, column]
    assert set(got.auditor.synthetic.values[:, column]) <= set(known)


def test_big_integers_stay_apart(tmp_path: Path) -> None:
    frames = three()
    for name, frame in frames.items():
        frame["big"] = 2**62 + np.arange(len(frame)) * 3 + frame["age"] * 1000
        if name == "holdout":
            frame["big"] = frame["big"].astype("Int64").mask(frame["age"] < 25)
    typed, text = load(write_parquet(frames, tmp_path)), load(write_csv(frames, tmp_path))
    assert_same(draw_challenge(typed, Streams(0)), draw_challenge(text, Streams(0)))
    assert "big" in typed.schema.numbers
    column = typed.schema.numbers.index("big")
    values = draw_challenge(typed, Streams(0)).auditor.train.values[:, column]
    assert len(np.unique(values)) == frames["train"]["big"].nunique()
    assert typed.frames["train"]["big"].tolist() == frames["train"]["big"].tolist()


def test_a_fractional_synthetic_column_rounds_no_real_integer() -> None:
    frames = three()
    for frame in frames.values():
        frame["big"] = 2**60 + frame["age"] * 7
    frames["synthetic"]["big"] = frames["synthetic"]["big"] / 3.0
    challenge = draw(frames)
    column = challenge.adversary.schema.numbers.index("big")
    values = challenge.auditor.train.values[:, column]
    assert len(np.unique(values)) == frames["train"]["age"].nunique()


def test_every_integer_of_64_bits_is_read_as_it_is_spelled() -> None:
    ends = [2**63 - 1, -(2**63), -(2**63) + 1, 0]
    read = read_numerals(pa.array([str(end) for end in ends]))
    assert read.values.tolist() == ends and not read.is_lossy.any()
    beyond = read_numerals(pa.array([str(2**63), str(-(2**63) - 1), f"+{2**63}"]))
    assert beyond.is_lossy.all()


def test_keys_longer_than_a_number_are_texts() -> None:
    frames = three()
    for i, frame in enumerate(frames.values()):
        frame["key"] = [str(10**24 + 120 * i + k) for k in range(len(frame))]
    loaded = load(frames)
    assert loaded.schema.of_kind(ColumnKind.IDENTIFIER) == ("key",)
    assert loaded.frames["train"]["key"].tolist() == frames["train"]["key"].tolist()


def test_infinite_and_unreadable_cells_are_missing_and_counted(tmp_path: Path) -> None:
    frames = three()
    synthetic = frames["synthetic"].astype({"age": object})
    synthetic.loc[[3, 7], "age"] = ["thirty", "N/A"]
    synthetic.loc[5, "income"] = np.inf
    frames["synthetic"] = synthetic
    for loaded in (load(frames), load(write_csv(frames, tmp_path))):
        said = {(n.code, n.column): n for n in loaded.notices}
        unreadable = said["unreadable-cells", "age"]
        assert (unreadable.table, unreadable.severity) == ("synthetic", "warn")
        assert unreadable.message == (
            "synthetic.age: 1 of 120 values is not a number and is treated as missing."
        )
        assert "1 of 120 cells" in said["missing-words", "age"].message
        assert said["infinite-cells", "income"].severity == "warn"
        assert loaded.frames["synthetic"]["age"].isna().sum() == 2
        assert not any("thirty" in n.message for n in loaded.notices)


def test_extreme_numbers_are_cut_and_counted(tmp_path: Path) -> None:
    frames = three()
    for frame in frames.values():
        frame["mass"] = np.linspace(0.0, 1.0, len(frame))
    given = [2e37, -1e300, 1e37, 1e-100, 1e-101, -5e-324, 0.0]
    frames["synthetic"].loc[: len(given) - 1, "mass"] = given
    for loaded in (load(frames), load(write_csv(frames, tmp_path))):
        said = {(n.code, n.table): n for n in loaded.notices if n.column == "mass"}
        assert said["extreme-numbers", "synthetic"].severity == "warn"
        assert said["extreme-numbers", "synthetic"].message == (
            "synthetic.mass: 4 of 120 values are beyond 1e+37 in size, or nearer to zero than "
            "1e-100, and treated as that size, or as zero."
        )
        assert ("extreme-numbers", "train") not in said
        read = loaded.frames["synthetic"]["mass"].tolist()[: len(given)]
        assert read == [1e37, -1e37, 1e37, 1e-100, 0.0, 0.0, 0.0]


def test_numbers_stay_finite_whatever_their_size() -> None:
    frame = pd.DataFrame({"x": [1e308, -1e308, 1e-308, 0.0, 5.0, np.nan] * 5, "y": range(30)})
    challenge = draw(dict.fromkeys(TABLES, frame))
    scaled = challenge.auditor.train.scaled
    assert np.isfinite(scaled[~np.isnan(scaled)]).all()
