"""Reading a raw column as numbers, truth values, moments or texts, counting what does not fit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthaudit.data.columns import Form, RawColumn
from synthaudit.data.dates import read_dates
from synthaudit.data.numerals import missing_words, read_numerals
from synthaudit.types import Bools

EXACT = 2**53
"""Integers up to here have an exact double."""
TRUE_WORDS = ("true", "t", "yes", "y", "1", "1.0")
FALSE_WORDS = ("false", "f", "no", "n", "0", "0.0")


@dataclass(frozen=True, eq=False)
class Cells:
    """One column of one table in the form the audit settled on.

    Attributes
    ----------
    form : NUMBER (int64 or float64), BOOL, MOMENT (microseconds) or TEXT (objects)
    values : (n_rows,) meaningless where ``missing``
    missing : (n_rows,) bool
    n_unreadable : cells that do not fit the form and became missing
    n_words : cells holding a word for missing
    n_infinite : infinite cells that became missing
    """

    form: Form
    values: NDArray[Any]
    missing: Bools
    n_unreadable: int = 0
    n_words: int = 0
    n_infinite: int = 0
    styles: frozenset[int] = field(default_factory=frozenset)
    is_ambiguous: bool = False
    is_aware: bool = False


def _at(levels: NDArray[Any], column: RawColumn) -> NDArray[Any]:
    """Values by level, spread over the rows (any level where missing)."""
    return levels[np.where(column.missing, 0, column.values)]


def _count(mask: NDArray[Any]) -> int:
    return int(np.count_nonzero(mask))


def _finite(values: NDArray[Any], missing: Bools) -> tuple[Bools, int]:
    if values.dtype.kind != "f":
        return missing, 0
    infinite = np.isinf(values) & ~missing
    return missing | infinite, _count(infinite)


def as_numbers(column: RawColumn) -> Cells:
    """Numbers; truth values count as 1 and 0, moments as seconds."""
    values, missing = column.values, column.missing
    if column.form is Form.TEXT:
        read = read_numerals(column.levels)
        spread = _at(read.values, column)
        word = _at(read.is_word, column) & ~missing
        bad = ~_at(read.is_number, column) & ~missing & ~word
        gone, n_infinite = _finite(spread, missing | word | bad)
        return Cells(Form.NUMBER, spread, gone, _count(bad), _count(word), n_infinite)
    if column.form is Form.BOOL:
        return Cells(Form.NUMBER, values.astype(np.int64), missing)
    if column.form is Form.MOMENT:
        return Cells(Form.NUMBER, values / 1e6, missing)
    gone, n_infinite = _finite(values, missing)
    return Cells(Form.NUMBER, values, gone, n_infinite=n_infinite)


def as_bools(column: RawColumn) -> Cells:
    """Truth values, in any of their usual spellings."""
    values, missing = column.values, column.missing
    if column.form is Form.BOOL:
        return Cells(Form.BOOL, values, missing)
    if column.form is Form.TEXT:
        import pyarrow as pa
        import pyarrow.compute as pc

        lower = pc.utf8_lower(column.levels)

        def among(words: tuple[str, ...]) -> NDArray[Any]:
            found = pc.is_in(lower, value_set=pa.array(words, type=lower.type))
            return _at(found.to_numpy(zero_copy_only=False).astype(bool), column)

        truth = among(TRUE_WORDS)
        word = _at(missing_words(column.levels), column) & ~missing
        bad = ~(truth | among(FALSE_WORDS)) & ~missing & ~word
        return Cells(Form.BOOL, truth, missing | word | bad, _count(bad), _count(word))
    bad = ~missing & ~np.isin(values, (0, 1))
    if column.form is not Form.NUMBER:
        bad = ~missing
    return Cells(Form.BOOL, values == 1, missing | bad, _count(bad))


def as_moments(
    column: RawColumn, *, day_first: bool | None = None, keep_wall: bool = False
) -> Cells:
    """Moments in microseconds; numbers are not read here (see ``align``: their unit is a guess).

    ``keep_wall`` reads zoned moments by the clock on the wall instead of in UTC: the other tables
    have no zones, so walls are what can be compared.
    """
    values, missing = column.values, column.missing
    if column.form is Form.TEXT:
        dates = read_dates(column.levels, day_first)
        spread = _at(dates.wall if keep_wall else dates.micros, column)
        is_date = _at(dates.is_date, column) & ~missing
        word = _at(missing_words(column.levels), column) & ~missing & ~is_date
        bad = ~is_date & ~missing & ~word
        present = dates.style[dates.is_date]
        return Cells(
            Form.MOMENT,
            spread,
            ~is_date,
            _count(bad),
            _count(word),
            styles=frozenset(int(s) for s in np.unique(present)),
            is_ambiguous=dates.is_ambiguous,
            is_aware=bool(dates.is_aware.any()),
        )
    if column.form is Form.MOMENT:
        chosen = column.wall if keep_wall and column.wall is not None else values
        return Cells(Form.MOMENT, chosen, missing, is_aware=column.wall is not None)
    bad = ~missing
    return Cells(Form.MOMENT, np.zeros(missing.size, np.int64), missing | bad, _count(bad))


def as_texts(column: RawColumn) -> Cells:
    """Texts; a number is spelled the same whatever type or container it came in."""
    missing = column.missing
    if column.form is Form.TEXT:
        levels = np.asarray(column.levels.to_pylist(), dtype=object)
        return Cells(Form.TEXT, _at(levels, column), missing)
    if column.form is Form.EMPTY or bool(missing.all()):
        return Cells(Form.TEXT, np.full(missing.size, None, dtype=object), missing)
    distinct, codes = np.unique(column.values, return_inverse=True)
    spelled = np.asarray([_spell(value, column.form) for value in distinct], dtype=object)
    return Cells(Form.TEXT, spelled[codes], missing)


def _spell(value: Any, form: Form) -> str:
    if form is Form.BOOL:
        return "True" if value else "False"
    if form is Form.MOMENT:
        return str(np.datetime64(int(value), "us"))
    if float(value).is_integer() and abs(float(value)) < 1e18:
        return str(int(value))
    return repr(float(value))
