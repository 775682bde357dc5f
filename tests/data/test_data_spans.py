"""Durations and times of day: the same seconds however they were written."""

from __future__ import annotations

from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from data_people import load, three, write_csv, write_parquet
from hypothesis import given, settings

from synthaudit.data.columns import raw_column
from synthaudit.data.spans import read_spans


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("00:00:00", 0.0),
        ("12:30:05", 45_005.0),
        ("100:00:00.5", 360_000.5),
        ("-12:30:00", -45_000.0),
        ("1 day", 86_400.0),
        ("3 days", 259_200.0),
        ("0 days 00:12:30.250000", 750.25),
        ("-1 days +23:59:59", -1.0),
        ("-1 days +23:59:59.5", -0.5),
        ("PT12M30S", 750.0),
        ("P1DT2H", 93_600.0),
        ("-PT0.5S", -0.5),
    ],
)
def test_worked_by_hand(text: str, seconds: float) -> None:
    is_span, found = read_spans(pa.array(["word", text]))
    assert is_span.tolist() == [False, True]
    assert found.tolist() == [0.0, seconds]


@pytest.mark.parametrize(
    "text",
    ["3:10", "12:30", "12:60:00", "5 days ago", "1 day 5", "PT", "P", "P1M", "12:30:00 PM", "days"],
)
def test_what_is_no_span(text: str) -> None:
    assert not read_spans(pa.array([text]))[0].any()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=20))
def test_text_and_type_give_the_same_bits(nanoseconds: list[int]) -> None:
    spans = pd.to_timedelta(pd.Series(nanoseconds), unit="ns")
    is_span, found = read_spans(pa.array([str(span) for span in spans]))
    assert is_span.all()
    np.testing.assert_array_equal(found, raw_column(pa.array(spans)).values)


def test_a_column_of_durations_is_numeric_in_every_container(tmp_path: Path) -> None:
    frames = {
        name: frame.assign(stay=pd.to_timedelta(frame["age"] * 977.5, unit="s"))
        for name, frame in three().items()
    }
    for paths in (write_csv(frames, tmp_path), write_parquet(frames, tmp_path)):
        loaded = load(paths)
        assert "stay" in loaded.schema.numbers
        np.testing.assert_array_equal(
            loaded.frames["train"]["stay"], frames["train"]["age"] * 977.5
        )
