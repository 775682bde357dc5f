"""Reading a raw column as numbers, truth values, moments or texts, counting what does not fit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthaudit.data.columns import Form, RawColumn
from synthaudit.data.dates import read_dates
from synthaudit.types import Bools

EXACT = 2**53
"""Integers up to here have an exact double."""
LARGEST = 1e37
"""Size up to which numbers are told apart: single precision holds their differences, and doubles
the products of squares that moments, slopes and ratios are made of."""
SMALLEST = 1e-100
"""Numbers nearer to zero are zero: a spread of such could not be divided by."""
TRUE_WORDS = ("true", "t", "yes", "y", "1", "1.0")
FALSE_WORDS = ("false", "f", "no", "n", "0", "0.0")


@dataclass(frozen=True, eq=False)
class Cells:
    """One column of one table in the form the audit settled on.

    Attributes
    ----------
    form : Form
    values : (n_rows,) int64 or float64 (NUMBER), bool (BOOL), int64 microseconds (MOMENT), int32
        positions in ``levels`` (TEXT); meaningless where ``missing``
    missing : (n_rows,) bool
    levels : distinct texts as objects, TEXT only
    n_unreadable : cells that do not fit the form and became missing
    n_words : cells holding a word for missing
    n_infinite : infinite cells that became missing
    n_extreme : cells beyond ``LARGEST`` that became it, or below ``SMALLEST`` that became 0
    """

    form: Form
    values: NDArray[Any]
    missing: Bools
    levels: NDArray[Any] | None = None
    n_unreadable: int = 0
    n_words: int = 0
    n_infinite: int = 0
    n_extreme: int = 0

    @property
    def n_rows(self) -> int:
        """Number of cells."""
        return int(self.missing.size)

    @property
    def n_missing(self) -> int:
        """Missing cells."""
        return _count(self.missing)

    @property
    def present(self) -> NDArray[Any]:
        """Values of the cells that are not missing."""
        chosen: NDArray[Any] = self.values[~self.missing]
        return chosen

    def objects(self) -> NDArray[Any]:
        """The cells as Python objects, None where missing."""
        if self.levels is not None:
            levels = np.empty(self.levels.size + 1, dtype=object)
            levels[:-1] = self.levels
            chosen: NDArray[Any] = levels[np.where(self.missing, -1, self.values)]
            return chosen
        cells = self.values.astype(object)
        cells[self.missing] = None
        return cells


def at_rows(by_level: NDArray[Any], column: RawColumn) -> NDArray[Any]:
    """Values by level of a TEXT column, spread over its rows (any level's where missing)."""
    return by_level[np.where(column.missing, 0, column.values)]


def _count(mask: NDArray[Any]) -> int:
    return int(np.count_nonzero(mask))


def as_numbers(column: RawColumn) -> Cells:
    """Numbers that can be calculated with; truth values count as 1 and 0, moments as seconds."""
    cells = as_spelled_numbers(column)
    if cells.values.dtype.kind != "f":
        return cells
    infinite = np.isinf(cells.values) & ~cells.missing
    missing = cells.missing | infinite
    values, size = cells.values, np.abs(cells.values)
    tiny = (size < SMALLEST) & (size > 0)
    n_extreme = _count((tiny | (size > LARGEST)) & ~missing)
    if n_extreme:
        values = np.where(tiny, 0.0, np.clip(values, -LARGEST, LARGEST))
    return replace(
        cells, values=values, missing=missing, n_infinite=_count(infinite), n_extreme=n_extreme
    )


def as_spelled_numbers(column: RawColumn) -> Cells:
    """Numbers of any size, infinities among them, for who compares and does not calculate."""
    values, missing = column.values, column.missing
    if column.form is Form.TEXT:
        read = column.numerals
        word = at_rows(read.is_word, column) & ~missing
        bad = ~at_rows(read.is_number, column) & ~missing & ~word
        spread = at_rows(read.values, column)
        return Cells(Form.NUMBER, spread, missing | word | bad, None, _count(bad), _count(word))
    if column.form is Form.BOOL:
        return Cells(Form.NUMBER, values.astype(np.int64), missing)
    if column.form is Form.MOMENT:
        return Cells(Form.NUMBER, values / 1e6, missing)
    return Cells(Form.NUMBER, values, missing)


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
            return at_rows(found.to_numpy(zero_copy_only=False).astype(bool), column)

        truth = among(TRUE_WORDS)
        word = at_rows(column.numerals.is_word, column) & ~missing
        bad = ~(truth | among(FALSE_WORDS)) & ~missing & ~word
        return Cells(Form.BOOL, truth, missing | word | bad, None, _count(bad), _count(word))
    bad = ~missing & ~np.isin(values, (0, 1))
    if column.form is not Form.NUMBER:
        bad = ~missing
    return Cells(Form.BOOL, values == 1, missing | bad, None, _count(bad))


def as_moments(
    column: RawColumn, *, day_first: bool | None = None, keep_wall: bool = False
) -> Cells:
    """Moments in microseconds; numbers are not read here (see ``moments``: their unit is a guess).

    ``keep_wall`` reads zoned moments by the clock on the wall instead of in UTC: the other tables
    have no zones, so walls are what can be compared.
    """
    values, missing = column.values, column.missing
    if column.form is Form.TEXT:
        dates = column.dates if day_first is None else read_dates(column.levels, day_first)
        spread = at_rows(dates.wall if keep_wall else dates.micros, column)
        is_date = at_rows(dates.is_date, column) & ~missing
        word = at_rows(column.numerals.is_word, column) & ~missing & ~is_date
        bad = ~is_date & ~missing & ~word
        return Cells(Form.MOMENT, spread, ~is_date, None, _count(bad), _count(word))
    if column.form is Form.MOMENT:
        chosen = column.wall if keep_wall and column.wall is not None else values
        return Cells(Form.MOMENT, chosen, missing)
    gone = np.ones(missing.size, dtype=bool)
    return Cells(Form.MOMENT, np.zeros(missing.size, np.int64), gone, None, _count(~missing))


def as_texts(column: RawColumn) -> Cells:
    """Texts; a number is spelled the same whatever type or container it came in."""
    missing = column.missing
    if column.form is Form.TEXT:
        levels = np.asarray(column.levels.to_pylist(), dtype=object)
        return Cells(Form.TEXT, column.values, missing, levels)
    codes = np.full(missing.size, -1, dtype=np.int32)
    distinct, codes[~missing] = np.unique(column.values[~missing], return_inverse=True)
    spelled = np.empty(distinct.size, dtype=object)
    spelled[:] = _spell(distinct, column.form)
    return Cells(Form.TEXT, codes, missing, spelled)


def _spell(values: NDArray[Any], form: Form) -> list[str]:
    if form is Form.BOOL:
        return ["True" if value else "False" for value in values]
    if form is Form.MOMENT:
        texts = np.datetime_as_string(values.astype("M8[us]")).tolist()
        # a date is spelled as a date, and a second without its six zeros
        return [text.removesuffix(".000000").removesuffix("T00:00:00") for text in texts]
    if values.dtype.kind != "f":
        return [str(value) for value in values.tolist()]
    is_whole = (np.rint(values) == values) & (np.abs(values) < 1e18)
    return [
        str(int(value)) if whole else repr(value)
        for value, whole in zip(values.tolist(), is_whole.tolist(), strict=True)
    ]
