"""Three tables that almost match: names, forms, levels, and a word about every change."""

from __future__ import annotations

import datetime
import decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from data_people import TABLES, assert_same, changed, codes, draw, load, three, write_csv

from synthaudit.data import draw_challenge
from synthaudit.data.categories import fold
from synthaudit.errors import InputError
from synthaudit.seeds import Streams
from synthaudit.types import ColumnKind


def test_canonical_frames() -> None:
    frames = three()
    loaded = load(frames)
    for name, frame in loaded.frames.items():
        assert sorted(frame.columns) == sorted(frames[name].columns)
        assert frame.index.equals(pd.RangeIndex(len(frames[name])))
        assert {c: str(t) for c, t in frame.dtypes.items()} == {
            "age": "int64",
            "born": "datetime64[ns]",
            "city": "object",
            "income": "float64",
            "smoker": "bool",
            "visits": "int64",
        }
        assert frame["city"].isna().sum() == frames[name]["city"].isna().sum()
        assert frame["age"].tolist() == frames[name]["age"].tolist()


@pytest.mark.parametrize(
    "rename",
    [
        {"age": "Age", "city": "CITY"},
        {"age": " age ", "city": "city\t"},
        {"visits": "Visits "},
    ],
)
def test_names_that_differ_in_case_and_space_only(rename: dict[str, str]) -> None:
    frames = three()
    loaded = load(changed(frames, lambda f: f.rename(columns=rename), "synthetic"))
    assert "column-renamed" in codes(loaded)
    assert_same(draw(frames), draw_challenge(loaded, Streams(0)))


def test_names_that_differ_in_case_only_within_a_table_stay_apart() -> None:
    frames = changed(three(), lambda f: f.assign(AGE=f["visits"]))
    loaded = load(frames)
    assert {"AGE", "age"} <= {c.name for c in loaded.schema.columns}
    spare = changed(frames, lambda f: f.rename(columns={"age": "Age"}), "synthetic")
    assert "column-missing" in codes(load(spare))


def test_columns_missing_somewhere_are_set_aside() -> None:
    frames = changed(three(), lambda f: f.drop(columns="age"), "holdout")
    frames = changed(frames, lambda f: f.assign(extra=1), "synthetic")
    loaded = load(frames)
    said = {n.column: n for n in loaded.notices if n.code == "column-missing"}
    assert (said["age"].table, said["age"].severity) == ("holdout", "warn")
    assert said["extra"].message == "'extra' is missing in train and holdout and is set aside."
    assert set(loaded.frames["train"].columns) == {"born", "city", "income", "smoker", "visits"}


def test_few_common_columns_are_warned_of_and_none_refused() -> None:
    frames = changed(three(), lambda f: f[["age", "city"]], "synthetic")
    assert "few-common-columns" in codes(load(frames))
    frames = changed(three(), lambda f: f.add_suffix("_x"), "synthetic")
    with pytest.raises(InputError, match=r"no column in common \(train 6, holdout 6, synthetic 6"):
        load(frames)


@pytest.mark.parametrize("name", TABLES)
def test_tables_without_rows(name: str) -> None:
    with pytest.raises(InputError, match=f"{name} has a header but no rows"):
        load(changed(three(), lambda f: f.iloc[:0], name))


def test_repeated_and_unnamed_columns(tmp_path: Path) -> None:
    frames = three()
    twice = changed(frames, lambda f: f.iloc[:, [0, 0, 1, 2, 3, 4, 5]], "synthetic")
    loaded = load(twice)
    assert "repeated-column" in codes(loaded)
    assert_same(draw(frames), draw_challenge(loaded, Streams(0)))
    clash = changed(frames, lambda f: f.set_axis(["age", "age", *f.columns[2:]], axis=1), "train")
    with pytest.raises(InputError, match="train has two columns named 'age' with different cells"):
        load(clash)
    numbered = changed(frames, lambda f: f.rename_axis("").reset_index())
    loaded = load(write_csv(numbered, tmp_path))
    assert codes(loaded) == {"index-column"}
    assert_same(draw(frames), draw_challenge(loaded, Streams(0)))
    noted = changed(frames, lambda f: f.assign(**{"": "note"}), "train")
    assert "unnamed-column" in codes(load(noted))


def test_a_pandas_index_in_a_parquet_file_is_no_column(tmp_path: Path) -> None:
    frames = three()
    for name, frame in frames.items():
        frame.sample(frac=1, random_state=1).to_parquet(tmp_path / f"{name}.parquet")
    loaded = load({name: tmp_path / f"{name}.parquet" for name in TABLES})
    assert "index-column" in codes(loaded)
    assert_same(draw(frames), draw_challenge(loaded, Streams(0)))


@pytest.mark.parametrize(
    "cells",
    [
        lambda n: [[1, 2]] * n,
        lambda n: [{"a": 1}] * n,
        lambda n: [b"x"] * n,
        lambda n: [1 + 2j] * n,
        lambda n: [[1], "x"] * (n // 2),
        lambda n: [{1, 2}] * n,
    ],
)
def test_nested_and_binary_columns_are_set_aside(cells: Any) -> None:
    frames = three()
    odd = changed(frames, lambda f: f.assign(odd=pd.Series(cells(len(f)))))
    loaded = load(odd)
    assert "nested-column" in codes(loaded)
    assert_same(draw(frames), draw_challenge(loaded, Streams(0)))
    with pytest.raises(InputError, match="Every common column"):
        load({name: frame[["odd"]] for name, frame in odd.items()})


def test_objects_of_many_types() -> None:
    frames = three()
    loaded = load(
        changed(
            frames,
            lambda f: f.assign(
                income=[decimal.Decimal(str(x)) if np.isfinite(x) else None for x in f["income"]],
                born=[datetime.datetime(d.year, d.month, d.day) for d in f["born"]],
                visits=f["visits"].map(lambda v: int(v) if v % 2 else float(v)).astype(object),
                age=f["age"].map(lambda v: str(v) if v % 2 else int(v)).astype(object),
            ),
        )
    )
    assert_same(draw(frames), draw_challenge(loaded, Streams(0)))


def test_times_of_day_and_durations_are_seconds() -> None:
    frames = changed(
        three(),
        lambda f: f.assign(
            wait=pd.to_timedelta(f["age"], unit="min"),
            at=[datetime.time(int(v), 30) for v in f["visits"]],
        ),
    )
    loaded = load(frames)
    wait = loaded.frames["train"]["wait"]
    assert (wait == frames["train"]["age"] * 60).all()
    assert loaded.frames["train"]["at"].iloc[0] == frames["train"]["visits"].iloc[0] * 3600 + 1800


def test_white_space_around_cells() -> None:
    frames = three()
    padded = changed(frames, lambda f: f.assign(city="  " + f["city"] + "\u00a0"), "synthetic")
    loaded = load(padded)
    (notice,) = [n for n in loaded.notices if n.code == "white-space"]
    n = int(frames["synthetic"]["city"].notna().sum())
    assert (notice.table, notice.severity) == ("synthetic", "warn")
    assert f"white space around {n} of {n} cells" in notice.message
    assert_same(draw(frames), draw_challenge(loaded, Streams(0)))
    everywhere = load(changed(frames, lambda f: f.assign(city=" " + f["city"])))
    assert [n.severity for n in everywhere.notices] == ["info"]
    blank = load(changed(frames, lambda f: f.assign(city=f["city"].fillna(" "))))
    assert_same(draw(frames), draw_challenge(blank, Streams(0)))


def test_levels_that_differ_in_spelling_only_are_matched_with_a_warning() -> None:
    frames = changed(three(), lambda f: f.assign(city=f["city"] + " self-emp"))
    shouted = changed(
        frames, lambda f: f.assign(city=f["city"].str.upper().str.replace("-", " ")), "synthetic"
    )
    loaded = load(shouted)
    (notice,) = [n for n in loaded.notices if n.code == "level-spelling"]
    assert notice.severity == "warn"
    assert "5 levels" in notice.message
    assert_same(draw(frames), draw_challenge(loaded, Streams(0)))


def test_case_that_means_something_is_left_alone() -> None:
    frames = changed(three(), lambda f: f.assign(city=np.where(f["age"] % 2, "a", "A")))
    mixed = changed(frames, lambda f: f.assign(city=np.where(f["age"] % 2, "a", "A")), "synthetic")
    loaded = load(mixed)
    assert "level-spelling" not in codes(loaded)
    assert {c.name: c.n_distinct for c in loaded.schema.columns}["city"] == 2
    blood = changed(three(), lambda f: f.assign(city="O+"), "train", "holdout")
    blood = changed(blood, lambda f: f.assign(city=np.where(f["age"] > 50, "O+", "A-")), "train")
    blood = changed(blood, lambda f: f.assign(city="O-"), "synthetic")
    assert "level-spelling" not in codes(load(blood))


@pytest.mark.parametrize(
    ("level", "folded"),
    [
        ("Self-emp-not-inc", "self emp not inc"),
        ("self_emp  NOT inc", "self emp not inc"),
        ("O+", "o+"),
        ("O-", "o-"),
        ("<=50K", "<=50k"),
        ("-5", "-5"),
        ("Straße", "strasse"),
    ],
)
def test_folding(level: str, folded: str) -> None:
    assert fold(level) == folded


def test_composed_and_decomposed_letters_are_one() -> None:
    frames = changed(three(), lambda f: f.assign(city=f["city"] + "\u00e9"))
    apart = changed(
        frames, lambda f: f.assign(city=f["city"].str.replace("\u00e9", "e\u0301")), "synthetic"
    )
    assert_same(draw(frames), draw(apart))


def test_words_for_missing_beside_real_gaps(tmp_path: Path) -> None:
    frames = three()
    words = changed(frames, lambda f: f.assign(city=f["city"].fillna("NA")), "synthetic")
    for source in (words, write_csv(words, tmp_path)):
        loaded = load(source)
        (notice,) = [n for n in loaded.notices if n.code == "missing-words"]
        assert (notice.table, notice.column, notice.severity) == ("synthetic", "city", "warn")
        assert_same(draw(frames), draw_challenge(loaded, Streams(0)))
    # a table that has both means two things
    both = changed(frames, lambda f: f.assign(city=f["city"].replace("Oslo", "None")))
    loaded = load(both)
    assert "missing-words" not in codes(loaded)
    assert_same(draw(frames), draw_challenge(loaded, Streams(0)))


def test_lost_leading_zeros_come_back() -> None:
    frames = changed(three(), lambda f: f.assign(zip=(f["age"] * 7).astype(str).str.zfill(5)))
    lost = changed(frames, lambda f: f.assign(zip=f["zip"].astype(int)), "synthetic")
    loaded = load(lost)
    assert "leading-zeros" in codes(loaded)
    assert_same(draw(frames), draw_challenge(loaded, Streams(0)))


def test_unseen_levels_and_empty_columns() -> None:
    frames = three()
    unseen = changed(frames, lambda f: f.assign(city="Tromso"), "synthetic")
    challenge = draw(unseen)
    place = challenge.adversary.schema.categories.index("city")
    assert (challenge.auditor.synthetic.codes[:, place] == 6).all()
    empty = changed(frames, lambda f: f.assign(city=None, age=np.nan), "synthetic")
    loaded = load(empty)
    assert {n.column for n in loaded.notices if n.code == "empty-column"} == {"age", "city"}
    assert np.isnan(draw_challenge(loaded, Streams(0)).auditor.synthetic.ranks[:, 0]).all()
    nowhere = changed(frames, lambda f: f.assign(city=None))
    kinds = {c.name: c.kind for c in load(nowhere).schema.columns}
    assert kinds["city"] is ColumnKind.CONSTANT
    assert str(load(nowhere).frames["train"]["city"].dtype) == "float64"


def test_the_same_table_twice() -> None:
    frames = three()
    said = {(n.table, n.severity) for n in load({**frames, "holdout": frames["train"]}).notices}
    assert said == {("holdout", "invalid")}
    said = {(n.table, n.severity) for n in load({**frames, "synthetic": frames["train"]}).notices}
    assert said == {("synthetic", "warn")}


def test_a_sentinel_is_left_alone() -> None:
    frames = changed(three(), lambda f: f.assign(income=f["income"].fillna(-999_999)), "synthetic")
    assert (load(frames).frames["synthetic"]["income"] == -999_999).any()


def test_no_notice_and_no_error_quotes_a_cell(tmp_path: Path) -> None:
    frames = changed(three(), lambda f: f.assign(city=f["city"].str.replace("Oslo", "Zanzibar")))
    messy = changed(
        frames,
        lambda f: f.assign(
            city=" " + f["city"].str.upper().fillna("NA"),
            age=f["age"].astype(str) + " Zanzibar",
            born=f["born"].dt.strftime("%d/%m/%Y Zanzibar"),
        ),
        "synthetic",
    )
    loaded = load(write_csv(messy, tmp_path))
    assert len(loaded.notices) >= 5
    assert not any("zanzibar" in n.message.lower() for n in loaded.notices)
