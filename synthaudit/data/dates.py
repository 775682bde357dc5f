"""Dates spelled as text: ISO, day first, month first, month names, with time and zone or not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthaudit.types import Bools, Ints

_TIME = (
    r"(?:[T ]+(?P<h>[0-9]{1,2}):(?P<n>[0-9]{2})(?::(?P<s>[0-9]{2})(?:[.,](?P<f>[0-9]{1,9}))?)?"
    r" ?(?P<p>[AaPp][Mm])?)?"
    r" ?(?P<z>Z|z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}|[+-][0-9]{2})?$"
)
_YEAR_FIRST = r"^(?P<y>[0-9]{4})(?:[-/.])(?P<m>[0-9]{1,2})(?:[-/.])(?P<d>[0-9]{1,2})" + _TIME
_YEAR_LAST = r"^(?P<a>[0-9]{1,2})(?:[-/.])(?P<b>[0-9]{1,2})(?:[-/.])(?P<y>[0-9]{4})" + _TIME
_YEAR_SHORT = r"^(?P<a>[0-9]{1,2})/(?P<b>[0-9]{1,2})/(?P<y>[0-9]{2})" + _TIME
_DAY_NAMED = r"^(?P<d>[0-9]{1,2})[ -](?P<w>[A-Za-z]{3,9})\.?,?[ -](?P<y>[0-9]{4})" + _TIME
_NAME_FIRST = r"^(?P<w>[A-Za-z]{3,9})\.? (?P<d>[0-9]{1,2}),? (?P<y>[0-9]{4})" + _TIME
# what a date must begin with for the patterns above to be tried
_HINT = (
    r"^([0-9]{4}[-/.][0-9]{1,2}[-/.]|[0-9]{1,2}[-/.][0-9]{1,2}[-/.]|[0-9]{1,2}[ -][A-Za-z]{3}"
    r"|[A-Za-z]{3,9}\.? [0-9])"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY = 86_400_000_000


@dataclass(frozen=True, eq=False)
class Dates:
    """What the levels of a text column are as points in time.

    Attributes
    ----------
    micros, wall : (n_levels,) int64
        Microseconds since 1970, in UTC where a zone was spelled; and as the clock on the wall.
    is_date, is_aware : (n_levels,) bool
    style : (n_levels,) int8
        0 not a date, 1 year first, 2 year last, 3 month by name: more than one in a table is a
        mixture of formats.
    is_ambiguous : bool
        Day and month could be exchanged throughout.
    is_contradictory : bool
        Some cells can only be day first and others only month first.
    """

    micros: Ints
    wall: Ints
    is_date: Bools
    is_aware: Bools
    style: NDArray[np.int8]
    is_ambiguous: bool
    is_contradictory: bool

    def spread(self, places: Bools) -> Dates:
        """The same dates at the ``places`` (as many as there are levels here), no dates between."""

        def at_places(values: NDArray[Any]) -> NDArray[Any]:
            answer = np.zeros(places.size, dtype=values.dtype)
            answer[places] = values
            return answer

        return replace(
            self,
            micros=at_places(self.micros),
            wall=at_places(self.wall),
            is_date=at_places(self.is_date),
            is_aware=at_places(self.is_aware),
            style=at_places(self.style),
        )


@dataclass(eq=False)
class _Fields:
    """The matched parts of one pattern, as integer arrays over all levels."""

    matched: Bools
    parts: dict[str, Ints]
    words: Any

    def number(self, name: str) -> Ints:
        return self.parts[name]


def _texts(found: Any, name: str) -> Any:
    import pyarrow.compute as pc

    return pc.fill_null(pc.struct_field(found, name), "")


def _whole(texts: Any) -> Ints:
    import pyarrow as pa
    import pyarrow.compute as pc

    filled = pc.if_else(pc.equal(texts, ""), pa.scalar("0", texts.type), texts)
    numbers: Ints = filled.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return numbers


def _fields(levels: Any, pattern: str) -> _Fields | None:
    """Match a pattern; None when it matches nothing."""
    import pyarrow.compute as pc

    found = pc.extract_regex(levels, pattern)
    matched = found.is_valid().to_numpy(zero_copy_only=False).astype(bool)
    if not bool(matched.any()):
        return None
    names = {field.name for field in found.type}
    parts = {name: _whole(_texts(found, name)) for name in names & set("ymdabhns")}
    fraction = pc.utf8_rpad(_texts(found, "f"), 9, "0")
    parts["f"] = _whole(fraction) // 1000
    parts["h"] = _twelve_hours(parts["h"], pc.utf8_lower(_texts(found, "p")))
    zone = _texts(found, "z")
    parts["aware"] = (pc.utf8_length(zone).to_numpy(zero_copy_only=False) > 0).astype(np.int64)
    parts["offset"] = _offset(zone)
    if "w" in names:
        month = pc.utf8_slice_codeunits(pc.utf8_lower(_texts(found, "w")), 0, 3)
        parts["m"] = (
            pc.index_in(month, value_set=_month_names(month))
            .fill_null(-1)
            .to_numpy(zero_copy_only=False)
            .astype(np.int64)
            + 1
        )
    return _Fields(matched, parts, None)


def _month_names(like: Any) -> Any:
    import pyarrow as pa

    return pa.array(_MONTHS, type=like.type)


def _twelve_hours(hours: Ints, suffix: Any) -> Ints:
    import pyarrow.compute as pc

    afternoon = pc.equal(suffix, "pm").to_numpy(zero_copy_only=False)
    morning = pc.equal(suffix, "am").to_numpy(zero_copy_only=False)
    hours = np.where(afternoon & (hours < 12), hours + 12, hours)
    return np.where(morning & (hours == 12), 0, hours)


def _offset(zone: Any) -> Ints:
    """Minutes east of Greenwich."""
    import pyarrow.compute as pc

    digits = pc.utf8_rpad(pc.replace_substring_regex(zone, "[^0-9]", ""), 4, "0")
    clock = _whole(digits)
    minutes = clock // 100 * 60 + clock % 100
    west = pc.starts_with(zone, "-").to_numpy(zero_copy_only=False)
    return np.where(west, -minutes, minutes)


def _civil(year: Ints, month: Ints, day: Ints, fields: _Fields) -> tuple[Ints, Bools]:
    """Microseconds of the wall clock, and whether such a day and time exist."""
    valid = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    hour, minute = fields.number("h"), fields.number("n")
    second = fields.number("s")
    is_midnight = (hour == 24) & (minute == 0) & (second == 0)
    valid &= ((hour <= 23) | is_midnight) & (minute <= 59) & (second <= 60)
    months = (year - 1970) * 12 + np.clip(month, 1, 12) - 1
    start = months.astype("M8[M]")
    days = start.astype("M8[D]").astype(np.int64) + day - 1
    valid &= days.astype("M8[D]").astype("M8[M]") == start
    clock = ((hour * 60 + minute) * 60 + second) * 1_000_000 + fields.number("f")
    return days * _DAY + clock, valid


def _is_day_first(a: Ints, b: Ints, day_first: bool | None) -> tuple[Bools, bool, bool]:
    """Which cells to read day first, whether that is a guess, whether the cells contradict."""
    says_day, says_month = (a > 12) & (b <= 12), (b > 12) & (a <= 12)
    contradictory = bool(says_day.any() and says_month.any())
    ambiguous = not bool(says_day.any() or says_month.any())
    if ambiguous:
        chosen = True if day_first is None else day_first
    else:
        chosen = bool(says_day.sum() >= says_month.sum())
    # cells that admit one reading only get it: two conventions can be mixed in one column
    return np.where(says_day, True, np.where(says_month, False, chosen)), ambiguous, contradictory


def read_dates(levels: Any, day_first: bool | None = None) -> Dates:
    """Read every level as a date where it is one.

    ``day_first`` decides between 03/04 and 04/03 where no cell does (None: day first).
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    hint = pc.match_substring_regex(levels, _HINT).to_numpy(zero_copy_only=False).astype(bool)
    return _read_hinted(levels.filter(pa.array(hint)), day_first).spread(hint)


def _read_hinted(levels: Any, day_first: bool | None) -> Dates:
    n = len(levels)
    wall, offset = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    aware, style = np.zeros(n, dtype=bool), np.zeros(n, dtype=np.int8)
    ambiguous = contradictory = False
    patterns = (
        (_YEAR_FIRST, 1), (_YEAR_LAST, 2), (_YEAR_SHORT, 2), (_DAY_NAMED, 3), (_NAME_FIRST, 3)
    )  # fmt: skip
    for pattern, number in patterns if n else ():
        fields = _fields(levels, pattern)
        if fields is None:
            continue
        use = fields.matched & (style == 0)
        year = fields.number("y")
        if "a" in fields.parts:
            a, b = fields.number("a"), fields.number("b")
            first, guess, clash = _is_day_first(a[use], b[use], day_first)
            is_first = np.zeros(n, dtype=bool)
            is_first[use] = first
            ambiguous, contradictory = ambiguous or guess, contradictory or clash
            day, month = np.where(is_first, a, b), np.where(is_first, b, a)
            if pattern == _YEAR_SHORT:
                year = year + np.where(year < 69, 2000, 1900)
        else:
            day, month = fields.number("d"), fields.number("m")
        micros, valid = _civil(year, month, day, fields)
        use &= valid
        wall[use], style[use] = micros[use], number
        aware[use] = fields.number("aware")[use] > 0
        offset[use] = fields.number("offset")[use]
    is_date = style > 0
    return Dates(wall - offset * 60_000_000, wall, is_date, aware, style, ambiguous, contradictory)
