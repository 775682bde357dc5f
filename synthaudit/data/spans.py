"""Durations and times of day spelled as text, as seconds.

Typed containers hold them as such and CSV as ``0 days 00:12:30`` (pandas), ``12:30:00`` or
``PT12M30S`` (ISO 8601, as polars writes them): the same data have to give the same numbers. Hours
and minutes without seconds are left alone, since ``3:10`` is a score as often as a time.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from synthaudit.types import Bools, Floats, Ints

_CLOCK = (
    r"^(?P<m>-?)(?:(?P<d>[0-9]{1,6}) days?(?: (?P<s>[+-]?)|$))?"
    r"(?:(?P<h>[0-9]{1,6}):(?P<i>[0-5][0-9]):(?P<c>[0-5][0-9])(?:\.(?P<f>[0-9]{1,9}))?)?$"
)
_ISO = (
    r"^(?P<m>-?)P(?:(?P<d>[0-9]{1,6})D)?(?:T(?:(?P<h>[0-9]{1,9})H)?(?:(?P<i>[0-9]{1,9})M)?"
    r"(?:(?P<c>[0-9]{1,9})(?:\.(?P<f>[0-9]{1,9}))?S)?)?$"
)
# what a span must have for the patterns above to be tried, and not to be empty
_HINT = r"^(-?([0-9]{1,6} days?\b|[0-9]{1,6}:[0-5][0-9]:[0-5][0-9])|-?PT?[0-9])"
_SECONDS = {"d": 86_400, "h": 3_600, "i": 60}
_NANOS = 1_000_000_000


def in_seconds(whole: Ints | np.int64, part: Ints, per_second: int) -> Floats:
    """Whole seconds and a count of smaller units (either sign), the same whatever the unit is."""
    carried, rest = np.divmod(part, per_second)
    # the fraction is rounded on its own: a large count would lose its last digits first
    return np.asarray((whole + carried) + rest / per_second, dtype=np.float64)


def read_spans(levels: Any) -> tuple[Bools, Floats]:
    """Which texts are durations or times of day, and their seconds (0 elsewhere)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    seconds = np.zeros(len(levels))
    is_span = np.zeros(len(levels), dtype=bool)
    hint = pc.match_substring_regex(levels, _HINT).to_numpy(zero_copy_only=False).astype(bool)
    if not bool(hint.any()):
        return is_span, seconds
    tried = levels.filter(pa.array(hint))
    places = np.flatnonzero(hint)
    for pattern in (_CLOCK, _ISO):
        found = pc.extract_regex(tried, pattern)
        matched = found.is_valid().to_numpy(zero_copy_only=False).astype(bool)
        is_span[places[matched]] = True
        seconds[places[matched]] = _seconds(found.filter(pa.array(matched)))
    return is_span, seconds


def _seconds(found: Any) -> Floats:
    """Seconds of matched parts; pandas writes minus one second as ``-1 days +23:59:59``."""
    import pyarrow.compute as pc

    def sign_of(name: str) -> Ints:
        if name not in {field.name for field in found.type}:
            return np.ones(len(found), dtype=np.int64)
        minus = pc.equal(pc.struct_field(found, name), "-").to_numpy(zero_copy_only=False)
        return np.where(minus, -1, 1)

    def whole(name: str) -> Ints:
        text = pc.struct_field(found, name)
        if name == "f":
            text = pc.utf8_rpad(text, 9, "0")
        filled = pc.if_else(pc.equal(text, ""), "0", text)
        numbers: Ints = filled.cast("int64").to_numpy(zero_copy_only=False)
        return numbers

    sign = sign_of("m")
    is_days = pc.not_equal(pc.struct_field(found, "d"), "").to_numpy(zero_copy_only=False)
    # "-1 days +23:00:00" has its own sign before the clock; elsewhere one sign holds for all
    has_own = np.zeros(len(found), dtype=bool)
    if "s" in {field.name for field in found.type}:
        has_own = is_days & pc.not_equal(pc.struct_field(found, "s"), "").to_numpy(
            zero_copy_only=False
        )
    clock_sign = np.where(has_own, sign_of("s"), sign)
    clock = whole("h") * _SECONDS["h"] + whole("i") * _SECONDS["i"] + whole("c")
    days = sign * whole("d") * _SECONDS["d"]
    return in_seconds(days + clock_sign * clock, clock_sign * whole("f"), _NANOS)
