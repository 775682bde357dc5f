"""Which rows count as the same row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from check_views import array_view, view_of

from synthaudit.checks._contents import contents_of, snapped
from synthaudit.errors import NotApplicable
from synthaudit.types import Column, ColumnKind

NUMBER = Column("x", ColumnKind.NUMERIC, 3, 0)


def test_equal_rows_as_a_naive_comparison_says() -> None:
    rng = np.random.default_rng(1)
    numbers = tuple(rng.integers(0, 3, size=(n, 2)).astype(float) for n in (30, 20, 25))
    for part in numbers:
        part[rng.random(part.shape) < 0.2] = np.nan
    codes = tuple(rng.integers(0, 2, size=(n, 1)) for n in (30, 20, 25))
    contents = contents_of(array_view(numbers, codes))
    pooled = np.concatenate([contents.rows[name] for name in ("train", "holdout", "synthetic")])
    cells = [
        (*("gap" if np.isnan(x) else x for x in row), int(code[0]))
        for part, levels in zip(numbers, codes, strict=True)
        for row, code in zip(part, levels, strict=True)
    ]
    for i, a in enumerate(cells):
        for j, b in enumerate(cells):
            assert (a == b) == (pooled[i] == pooled[j])


def test_a_number_that_went_through_32_bits_is_still_that_number() -> None:
    real = np.array([0.1, 0.2, 1234.567])
    stored = real.astype(np.float32).astype(np.float64)
    assert list(snapped(stored, real, NUMBER)) == list(real)


def test_the_last_digit_of_a_double_is_noise_and_the_sixth_is_not() -> None:
    real = np.array([0.3, 5.0])
    asked = np.array([0.1 + 0.2, 0.300001, 4.999])
    assert list(snapped(asked, real, NUMBER)) == [0.3, 0.300001, 4.999]


def test_neighbouring_big_integers_stay_apart() -> None:
    real = np.array([1_000_000_007.0])
    asked = np.array([1_000_000_006.0, 1_000_000_007.0])
    assert list(snapped(asked, real, NUMBER)) == list(asked)


def test_datetimes_compare_at_the_precision_of_the_real_tables() -> None:
    day = Column("d", ColumnKind.DATETIME, 3, 0, resolution=86_400.0)
    assert list(snapped(np.array([86_400.0 * 3 + 5_000]), np.array([86_400.0 * 3]), day)) == [
        86_400.0 * 3
    ]


def test_frames_missing_equals_missing_and_float32_equals_float64() -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"a": rng.normal(size=60).round(3), "b": rng.choice(list("xyz"), 60)})
    frame.loc[::7, "a"] = np.nan
    frame.loc[::5, "b"] = None
    train, holdout = frame.iloc[:30], frame.iloc[30:]
    synthetic = train.assign(a=train["a"].astype(np.float32))
    contents = contents_of(view_of(train, holdout, synthetic))
    assert (contents.rows["train"] == contents.rows["synthetic"]).all()


def test_declines_when_nothing_can_be_compared() -> None:
    empty = np.empty((5, 0))
    with pytest.raises(NotApplicable, match="No column"):
        contents_of(array_view((empty, empty, empty)))
