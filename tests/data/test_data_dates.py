"""Dates: their spellings, their zones, numbers in their place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from data_people import TABLES, assert_same, changed, codes, draw, load, three, write_csv

from synthaudit.data import draw_challenge
from synthaudit.data.dates import read_dates
from synthaudit.data.kinds import moment_step
from synthaudit.seeds import Streams
from synthaudit.types import ColumnKind


def micros(text: str) -> int:
    return int(np.datetime64(text, "us").astype(np.int64))


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2024-02-29", "2024-02-29"),
        ("2024/2/9", "2024-02-09"),
        ("2024.02.29", "2024-02-29"),
        ("2024-02-29T23:59:58", "2024-02-29T23:59:58"),
        ("2024-02-29 23:59:58.250001", "2024-02-29T23:59:58.250001"),
        ("2024-02-29 23:59:58.123456789", "2024-02-29T23:59:58.123456"),
        ("2024-02-29T12:00Z", "2024-02-29T12:00"),
        ("2024-02-29 24:00", "2024-03-01"),
        ("2024-02-29 12:00:00+02:00", "2024-02-29T10:00"),
        ("2024-02-29 12:00:00-0530", "2024-02-29T17:30"),
        ("2024-02-29 12:00:00 UTC", "2024-02-29T12:00"),
        ("31/12/2024", "2024-12-31"),
        ("12/31/2024", "2024-12-31"),
        ("31.12.2024 8:05", "2024-12-31T08:05"),
        ("12/31/2024 11:05 PM", "2024-12-31T23:05"),
        ("12/31/2024 12:05 am", "2024-12-31T00:05"),
        ("31/12/99", "1999-12-31"),
        ("31/12/24", "2024-12-31"),
        ("9 Mar 2024", "2024-03-09"),
        ("9-March-2024", "2024-03-09"),
        ("March 9, 2024", "2024-03-09"),
        ("0001-01-01", "0001-01-01"),
        ("9999-12-31", "9999-12-31"),
    ],
)
def test_spellings(text: str, iso: str) -> None:
    read = read_dates(pa.array([text]))
    assert read.is_date.tolist() == [True]
    assert read.micros[0] == micros(iso)


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30", "2023-02-29", "2024-13-01", "32/01/2024", "13/13/2024", "2024-00-10",
        "2024-01-01 25:00", "2024-01-01 24:30", "2024-01-01 12:60",
        "1.10.12", "12", "20240101", "9 Foo 2024", "soon", "2024-01-01x",
    ],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    assert not read_dates(pa.array([text])).is_date.any()


def test_every_day_of_four_centuries_is_read_as_numpy_writes_it() -> None:
    days = np.arange("1800-01-01", "2200-01-01", 13, dtype="M8[D]")
    read = read_dates(pa.array([str(day) for day in days]))
    np.testing.assert_array_equal(read.micros, days.astype("M8[us]").astype(np.int64))


def test_day_first_is_told_by_the_cells_that_tell() -> None:
    told = read_dates(pa.array(["03/04/2024", "25/12/2024"]))
    assert not told.is_ambiguous
    assert told.micros[0] == micros("2024-04-03")
    told = read_dates(pa.array(["03/04/2024", "12/25/2024"]))
    assert told.micros[0] == micros("2024-03-04")
    both = read_dates(pa.array(["25/12/2024", "12/25/2024"]))
    assert both.is_contradictory
    assert both.micros[0] == both.micros[1]
    assert read_dates(pa.array(["03/04/2024"])).is_ambiguous


def spelled(fmt: str) -> Any:
    return lambda f: f.assign(born=f["born"].dt.strftime(fmt))


def epoch(unit: str) -> Any:
    return lambda f: f.assign(
        born=(f["born"] - pd.Timestamp(0)) // pd.Timedelta(1, unit)  # type: ignore[call-overload]
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (spelled("%Y-%m-%d"), None),
        (spelled("%Y-%m-%dT%H:%M:%SZ"), "time-zone"),
        (spelled("%d/%m/%Y"), None),
        (spelled("%m/%d/%Y"), None),
        (spelled("%d.%m.%Y %H:%M"), None),
        (spelled("%d %b %Y"), None),
        (lambda f: f.assign(born=f["born"].dt.tz_localize("UTC")), "time-zone"),
        (lambda f: f.assign(born=f["born"].dt.tz_localize("Asia/Tokyo")), "time-zone"),
        (lambda f: f.assign(born=f["born"].dt.date), None),
        (lambda f: f.assign(born=f["born"].dt.to_period("D")), None),
        (epoch("s"), "dates-from-numbers"),
        (epoch("ms"), "dates-from-numbers"),
        (epoch("D"), "dates-from-numbers"),
        (
            lambda f: f.assign(born=f["born"].dt.strftime("%Y%m%d").astype(int)),
            "dates-from-numbers",
        ),
        (
            lambda f: f.assign(
                born=f["born"].dt.strftime("%Y-%m-%d").where(f["age"] > 40,
                                                             f["born"].dt.strftime("%d/%m/%Y"))
            ),
            "mixed-date-formats",
        ),
    ],
)  # fmt: skip
def test_the_synthetic_table_spells_dates_otherwise(change: Any, code: str | None) -> None:
    frames = three()
    loaded = load(changed(frames, change, "synthetic"))
    if code:
        (notice,) = [n for n in loaded.notices if n.code == code]
        assert notice.severity == "warn"
        assert notice.table == "synthetic"
    assert_same(draw(frames), draw_challenge(loaded, Streams(0)))


@pytest.mark.parametrize("fmt", ["%Y-%m-%d", "%d/%m/%Y", "%m-%d-%Y", "%B %d, %Y"])
def test_dates_as_text_in_all_tables(fmt: str, tmp_path: Path) -> None:
    frames = three()
    loaded = load(write_csv(changed(frames, spelled(fmt)), tmp_path))
    assert {c.name: c.kind for c in loaded.schema.columns}["born"] is ColumnKind.DATETIME
    assert_same(draw(frames), draw_challenge(loaded, Streams(0)))


def test_ambiguous_days_are_settled_by_the_other_tables() -> None:
    frames = three()
    early = changed(
        frames,
        lambda f: f.assign(born=pd.to_datetime("2001-01-01") + pd.to_timedelta(f["age"] % 9, "D")),
    )
    loaded = load(changed(early, spelled("%m/%d/%Y"), "synthetic"))
    assert "ambiguous-dates" in codes(loaded)
    assert_same(draw(early), draw_challenge(loaded, Streams(0)))


def test_zones_everywhere_are_compared_in_utc() -> None:
    frames = three()
    aware = changed(frames, lambda f: f.assign(born=f["born"].dt.tz_localize("UTC")))
    moved = changed(
        aware, lambda f: f.assign(born=f["born"].dt.tz_convert("America/New_York")), "synthetic"
    )
    loaded = load(moved)
    assert_same(draw(aware), draw_challenge(loaded, Streams(0)))
    assert [n.severity for n in loaded.notices if n.code == "time-zone"] == ["info"]


def test_words_and_nonsense_among_dates(tmp_path: Path) -> None:
    frames = changed(three(), spelled("%Y-%m-%d"))
    frames["synthetic"].loc[:3, "born"] = ["NA", "never", "2024-02-31", None]
    loaded = load(write_csv(frames, tmp_path))
    said = {n.code: n.message for n in loaded.notices}
    assert "2 of 119 values are not dates" in said["unreadable-cells"]
    assert "1 of 119 cells hold a word for missing" in said["missing-words"]


def test_dates_beyond_what_nanoseconds_hold() -> None:
    frames = changed(three(), spelled("%Y-%m-%d"))
    for frame in frames.values():
        frame.loc[0, "born"] = "9999-12-31"
    loaded = load(frames)
    year = loaded.frames["train"]["born"].dt.year
    assert year[0] == 9999
    assert np.isfinite(draw(frames).auditor.train.values).any()


def test_numbers_that_are_no_dates_of_any_unit_become_missing() -> None:
    frames = three()
    frames["synthetic"] = frames["synthetic"].assign(born=np.arange(120) * 1e17)
    loaded = load(frames)
    assert loaded.frames["synthetic"]["born"].isna().all()
    assert {"unreadable-cells", "empty-column"} <= codes(loaded)


def test_resolution() -> None:
    day = 86_400_000_000
    assert moment_step(np.array([day, 3 * day])) == 86_400.0
    assert moment_step(np.array([day, day + 7_200_000_000])) == 3_600.0
    assert moment_step(np.array([60_000_000, 0])) == 60.0
    assert moment_step(np.array([1_000_000])) == 1.0
    assert moment_step(np.array([1_000])) == 1e-3
    assert moment_step(np.array([1])) == 1e-6
    loaded = load(three())
    born = next(c for c in loaded.schema.columns if c.name == "born")
    assert born.resolution == 86_400.0


def test_seconds_since_1970() -> None:
    frames = three()
    challenge = draw(frames)
    column = challenge.adversary.schema.numbers.index("born")
    got = np.sort(challenge.auditor.train.values[:, column])
    want = np.sort((frames["train"]["born"] - pd.Timestamp(0)).dt.total_seconds())
    np.testing.assert_array_equal(got, want)
    assert set(TABLES) == set(challenge.auditor.frames)
