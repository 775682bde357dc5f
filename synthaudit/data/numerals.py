"""Numbers spelled as text: exact integers, correctly rounded doubles, words that mean missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthaudit.data.spans import read_spans
from synthaudit.types import Bools

MISSING_WORDS = frozenset(
    ["na", "n/a", "#n/a", "nan", "-nan", "null", "none", "nil", "nat", "<na>", "-", "--", "?", "."]
)
"""Spellings of a missing number or date, lower case. In a column of categories they are levels
like any other: there, no container may decide that one of the words means missing."""

NUMBER = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
INTEGER = r"^[+-]?[0-9]{1,19}$"
LONG_INTEGER = r"^[+-]?[0-9]{20,}$"
_LARGEST, _LEAST = str(2**63 - 1), str(-(2**63))
LEADING_ZERO = r"^[+-]?0[0-9]+$"
_HINT = r"^[+-]?([0-9.P]|inf)"
"""What a number or a duration must begin with for the patterns to be tried."""
INFINITE = r"^[+-]?inf(inity)?$"


@dataclass(frozen=True, eq=False)
class Numerals:
    """What the levels of a text column are as numbers.

    Attributes
    ----------
    values : (n_levels,) int64 (all integers) or float64; infinite where spelled so
    is_number, is_word, is_lossy : (n_levels,) bool
        Spelled as a number (infinities included) or as a duration (then in seconds); a word for
        missing; with a leading zero or more digits than a number can hold, so that reading it as a
        number would lose some (postal codes, keys).
    """

    values: NDArray[Any]
    is_number: Bools
    is_word: Bools
    is_lossy: Bools


def matches(levels: Any, pattern: str, *, ignore_case: bool = False) -> Bools:
    """Which texts match a regular expression."""
    import pyarrow.compute as pc

    found = pc.match_substring_regex(levels, pattern, ignore_case=ignore_case)
    mask: Bools = found.to_numpy(zero_copy_only=False).astype(bool)
    return mask


def missing_words(levels: Any) -> Bools:
    """Which texts are words for missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    lower = pc.utf8_lower(levels)
    found = pc.is_in(lower, value_set=pa.array(sorted(MISSING_WORDS), type=lower.type))
    mask: Bools = found.to_numpy(zero_copy_only=False).astype(bool)
    return mask


def read_numerals(levels: Any) -> Numerals:
    """Read every level as a number where it is one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not bool(matches(levels, _HINT, ignore_case=True).any()):
        none = np.zeros(len(levels), dtype=bool)
        return Numerals(np.full(none.size, np.nan), none, missing_words(levels), none)
    finite = matches(levels, NUMBER)
    infinite = matches(levels, INFINITE, ignore_case=True)
    unsigned = pc.replace_substring_regex(levels, r"^\+", "")
    too_long = _exceeds_int64(levels)
    whole = matches(levels, INTEGER) & ~too_long
    if bool(finite.any()) and not bool((finite & ~whole).any()) and not bool(infinite.any()):
        kept = pc.if_else(pa.array(whole), unsigned, pa.scalar(None, unsigned.type))
        values = kept.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    else:
        kept = pc.if_else(pa.array(finite), unsigned, pa.scalar(None, unsigned.type))
        values = kept.cast(pa.float64()).to_numpy(zero_copy_only=False).copy()
        # 1e999 is spelled as a number and is infinite; the words are too
        values[infinite] = np.where(matches(levels, "^-")[infinite], -np.inf, np.inf)
    is_span, seconds = read_spans(levels)
    if bool(is_span.any()):
        values = np.where(is_span, seconds, values)
    lossy = matches(levels, LEADING_ZERO) | too_long
    return Numerals(values, finite | infinite | is_span, missing_words(levels), lossy)


def _exceeds_int64(levels: Any) -> Bools:
    """Which whole numbers have more digits than an int64 holds."""
    import pyarrow.compute as pc

    unsigned = pc.replace_substring_regex(levels, r"^[+-]", "")
    digits = matches(unsigned, r"^[0-9]{19}$")
    if bool(digits.any()):
        # of 19 digits each, text and number sort alike
        beyond = pc.and_(pc.greater(unsigned, _LARGEST), pc.not_equal(levels, _LEAST))
        digits &= beyond.to_numpy(zero_copy_only=False).astype(bool)
    return digits | matches(levels, LONG_INTEGER)
