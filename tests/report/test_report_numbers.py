"""Numbers in words: non-zero never prints as 0, imperfect never as 100%, limits are not crossed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthaudit.report import numbers
from synthaudit.types import Interval

RATES = st.floats(0, 1, allow_nan=False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0%"),
        (1.0, "100%"),
        (0.5, "50%"),
        (0.01, "1%"),
        (0.123, "12%"),
        (0.0123, "1.2%"),
        (0.0994, "9.9%"),
        (0.0996, "10%"),
        (0.00049, "0.05%"),
        (1e-9, "<0.01%"),
        (0.9999, ">99.9%"),
        (0.998, "99.8%"),
        (0.0906, "9.1%"),
        (-0.02, "−2%"),
        (None, "not resolvable"),
    ],
)
def test_percent(value: float | None, text: str) -> None:
    assert numbers.percent(value) == text


@given(RATES)
def test_percent_keeps_zero_and_all_for_themselves(value: float) -> None:
    assert (numbers.percent(value) == "0%") == (value == 0)
    assert (numbers.percent(value) == "100%") == (value == 1)


@given(st.floats(-1, 1, allow_nan=False))
def test_decimal_keeps_whole_numbers_for_themselves(value: float) -> None:
    text = numbers.decimal(value)
    assert (text == "0") == (value == 0)
    assert (text in {"1", "−1"}) == (abs(value) == 1)
    assert not re.fullmatch(r"[−]?(0\.0+|1\.0+)", text)


@given(RATES)
def test_people_keep_none_and_all_for_themselves(value: float) -> None:
    assert (numbers.per_thousand(value) == "none") == (value == 0)
    assert (numbers.per_thousand(value) == "all") == (value == 1)
    assert numbers.per_thousand(value) not in {"about 0", "about 1000"}


@given(st.floats(0, 100, allow_nan=False))
def test_a_score_never_prints_across_the_limit(value: float) -> None:
    text = numbers.score(value)
    assert (text == "50") == (value == 50)
    assert (text == "0") == (value == 0)
    assert (text == "100") == (value == 100)


@pytest.mark.parametrize(("value", "text"), [(49.7, "49.7"), (49.4, "49"), (50.04, "50.04")])
def test_score_takes_decimals_only_where_it_must(value: float, text: str) -> None:
    assert numbers.score(value) == text


def test_intervals() -> None:
    assert numbers.with_span(Interval(0.5844, 0.571, 0.64)) == (
        "0.584 (95% interval 0.571 to 0.640)"
    )
    assert numbers.beside(Interval(0.1, 0.0, 0.2), "percent") == "10%, 95% interval 0% to 20%"
    assert numbers.with_span(Interval(None, None, None)) == "not resolvable"
    assert numbers.with_span(Interval(0.3, None, None)) == "0.300 (no interval)"
    assert numbers.span(Interval(0.0, -0.01, 0.01)) == "−0.010 to 0.010"


def test_a_p_value_claims_no_more_than_its_permutations() -> None:
    assert numbers.p_value(0.001, 999) == "p = 0.001, the smallest 999 permutations can show"
    assert numbers.p_value(0.04, 999) == "p = 0.04"
    assert numbers.p_value(0.0) == "p < 0.0001"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (0.01, "<0.1 s"), (0.42, "0.4 s"), (38.2, "38 s"), (250, "4 min 10 s"),
     (7500, "2 h 5 min")],
)  # fmt: skip
def test_duration(seconds: float, text: str) -> None:
    assert numbers.duration(seconds) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_free_numbers_never_lose_themselves(value: float) -> None:
    text = numbers.free(value)
    assert (text == "0") == (value == 0)
    assert "nan" not in text
