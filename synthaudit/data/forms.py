"""Which form a column has: numbers, truth values, moments or texts, told by the real tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthaudit.data.cells import FALSE_WORDS, TRUE_WORDS
from synthaudit.data.columns import Form, RawColumn
from synthaudit.types import Bools

READABLE = 0.95
"""Share of the present real cells that must be readable as numbers (dates), the rest being too few
and too odd to be levels: see :meth:`_Tally.is_mostly_read`."""


@dataclass
class _Tally:
    """How many cells and distinct values (of the richer table) can be read in some form."""

    cells: int = 0
    values: int = 0
    other_cells: int = 0
    other_values: int = 0

    def add_levels(self, column: RawColumn, is_read: Bools, is_word: Bools) -> None:
        present = column.values[~column.missing]
        counts = np.bincount(present, minlength=len(column.levels))
        other = ~is_read & ~is_word
        self.cells += int(counts[is_read].sum())
        self.values = max(self.values, int(is_read.sum()))
        self.other_cells += int(counts[other].sum())
        self.other_values += int(other.sum())

    def add_typed(self, column: RawColumn) -> None:
        self.cells += column.n_present
        self.values = max(self.values, len(np.unique(column.values[~column.missing])))

    @property
    def is_mostly_read(self) -> bool:
        """Whether a column is in the form with a few stray cells, rather than categories."""
        if self.other_cells == 0:
            return self.cells > 0
        enough = self.cells >= READABLE * (self.cells + self.other_cells)
        # levels such as 1, 2, 3, 4+ are categories; 57 numbers and one 90+ are numbers
        return enough and self.values >= 20 and self.values >= 10 * self.other_values


def _is_numeric(columns: list[RawColumn]) -> bool:
    tally = _Tally()
    for column in columns:
        if column.form is Form.TEXT:
            numerals = column.numerals
            if bool(numerals.is_lossy.any()):
                return False
            tally.add_levels(column, numerals.is_number, numerals.is_word)
        elif column.form is Form.MOMENT:
            return False
        else:
            tally.add_typed(column)
    return tally.is_mostly_read


def _is_temporal(columns: list[RawColumn]) -> bool:
    tally = _Tally()
    for column in columns:
        if column.form is Form.TEXT:
            is_date = column.dates.is_date
            tally.add_levels(column, is_date, column.numerals.is_word & ~is_date)
        elif column.form is Form.MOMENT:
            tally.add_typed(column)
        else:
            return False
    return tally.is_mostly_read


def _truth_words(column: RawColumn) -> set[str]:
    """The lower-case words of a TEXT column, without those for missing."""
    words = column.numerals.is_word
    lower = [str(level).lower() for level in column.levels.to_pylist()]
    return {level for level, word in zip(lower, words, strict=True) if not word}


def _is_truth(columns: list[RawColumn]) -> bool:
    """Truth values in one table (or the words true and false), and nothing else in the others.

    Yes and no, or 0 and 1, are truth values only beside a table that says true and false.
    """
    says_so = any(column.form is Form.BOOL for column in columns)
    for column in columns:
        if column.form is Form.TEXT:
            # at most true and false in three spellings and a few words for missing
            words = _truth_words(column) if len(column.levels) <= 10 else {"many"}
            says_so |= bool(words & {"true", "false"})
            if not words <= {*TRUE_WORDS, *FALSE_WORDS}:
                return False
        elif column.form is Form.NUMBER:
            if not bool(np.isin(column.values[~column.missing], (0, 1)).all()):
                return False
        elif column.form is not Form.BOOL:
            return False
    return says_so


def settle_form(real: list[RawColumn], synthetic: RawColumn) -> Form:
    """The form the real tables agree on; the synthetic table's where they hold nothing."""
    told = [column for column in real if column.form is not Form.EMPTY] or [synthetic]
    for form, fits in (
        (Form.BOOL, _is_truth),
        (Form.NUMBER, _is_numeric),
        (Form.MOMENT, _is_temporal),
    ):
        if fits(told):
            return form
    return Form.TEXT
