"""Three raw tables become three aligned ones: the same columns, in the same order, in one form.

Everything that is done to a table on the way is said in a :class:`~synthaudit.types.Notice`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from synthaudit.data.cells import EXACT, Cells, as_bools, as_moments, as_numbers, as_texts
from synthaudit.data.columns import Form, RawColumn
from synthaudit.data.dates import read_dates
from synthaudit.data.kinds import RealCells, describe_column, infer_column
from synthaudit.data.numerals import missing_words, read_numerals
from synthaudit.types import Bools, Column, ColumnKind, Notice

if TYPE_CHECKING:
    import pandas as pd

REAL = ("train", "holdout")
TABLES = ("train", "holdout", "synthetic")
READABLE = 0.95
"""Share of the present real cells that must be readable as numbers (dates), the rest being too few
and too odd to be levels: see :func:`_mostly`."""


@dataclass(frozen=True, eq=False)
class Settled:
    """One aligned column: its description, its cells by table, and what was done to them."""

    column: Column
    series: dict[str, pd.Series[Any]]
    notices: tuple[Notice, ...]


def _mostly(n_read: int, n_rest: int, n_levels_read: int, n_levels_rest: int) -> bool:
    """Whether a column is numbers (dates) with a few stray cells, rather than categories."""
    if n_rest == 0:
        return n_read > 0
    enough = n_read >= READABLE * (n_read + n_rest)
    # levels such as 1, 2, 3, 4+ are categories; 57 numbers and one 90+ are numbers
    return enough and n_levels_read >= 20 and n_levels_read >= 10 * n_levels_rest


def _text_counts(column: RawColumn) -> np.ndarray[Any, Any]:
    present = column.values[~column.missing]
    return np.bincount(present, minlength=len(column.levels))


def _is_numeric(columns: list[RawColumn]) -> bool:
    read = rest = levels_read = levels_rest = 0
    for column in columns:
        if column.form is Form.TEXT:
            numerals = read_numerals(column.levels)
            if bool(numerals.has_zeros.any()):
                return False
            counts = _text_counts(column)
            other = ~numerals.is_number & ~numerals.is_word
            read += int(counts[numerals.is_number].sum())
            rest += int(counts[other].sum())
            levels_read += int(numerals.is_number.sum())
            levels_rest += int(other.sum())
        elif column.form is Form.MOMENT:
            return False
        else:
            read += column.n_present
            levels_read += len(np.unique(column.values))
    return _mostly(read, rest, levels_read, levels_rest)


def _is_temporal(columns: list[RawColumn]) -> bool:
    read = rest = levels_read = levels_rest = 0
    for column in columns:
        if column.form is Form.TEXT:
            dates = read_dates(column.levels)
            counts = _text_counts(column)
            other = ~dates.is_date & ~missing_words(column.levels)
            read += int(counts[dates.is_date].sum())
            rest += int(counts[other].sum())
            levels_read += int(dates.is_date.sum())
            levels_rest += int(other.sum())
        elif column.form is Form.MOMENT:
            read += column.n_present
            levels_read += len(np.unique(column.values))
        else:
            return False
    return _mostly(read, rest, levels_read, levels_rest)


def _is_truth(columns: list[RawColumn]) -> bool:
    if not any(column.form in (Form.BOOL, Form.TEXT) for column in columns):
        return False
    for column in columns:
        if column.form is Form.TEXT:
            lower = {str(level).lower() for level in column.levels[:5].to_pylist()}
            words = {str(w) for w in ("true", "false")}
            if len(column.levels) > 4 or not lower <= words:
                return False
        elif column.form is Form.NUMBER:
            present = column.values[~column.missing]
            if not bool(np.isin(present, (0, 1)).all()):
                return False
        elif column.form is not Form.BOOL:
            return False
    return True


def settle_form(real: list[RawColumn]) -> Form:
    """The form the real tables agree on."""
    told = [column for column in real if column.form is not Form.EMPTY]
    if not told:
        return Form.TEXT
    if _is_truth(told):
        return Form.BOOL
    if _is_numeric(told):
        return Form.NUMBER
    if _is_temporal(told):
        return Form.MOMENT
    return Form.TEXT


_FORMS = {
    ColumnKind.NUMERIC: Form.NUMBER,
    ColumnKind.DATETIME: Form.MOMENT,
    ColumnKind.TEXT: Form.TEXT,
    ColumnKind.IDENTIFIER: Form.TEXT,
}


def settle_column(
    name: str, raws: dict[str, RawColumn], given: ColumnKind | None = None
) -> Settled:
    """Bring one column of all three tables into one form and infer its kind."""
    form = _FORMS.get(given) if given is not None else None
    if form is None:
        form = settle_form([raws[table] for table in REAL])
    cells, notices = _read_all(name, raws, form)
    real = _real_cells(name, form, cells)
    column = infer_column(real)
    if given is not None and given is not column.kind:
        import pandas as pd

        column = describe_column(real, pd.unique(real.pooled), given, "given by the schema")
    if column.kind in (ColumnKind.IDENTIFIER, ColumnKind.TEXT) and form is not Form.TEXT:
        cells = {table: as_texts(raws[table]) for table in TABLES}
    return Settled(column, to_series(cells), tuple(notices))


def _real_cells(name: str, form: Form, cells: dict[str, Cells]) -> RealCells:
    return RealCells(
        name,
        form,
        tuple(cells[table].values[~cells[table].missing] for table in REAL),
        sum(int(np.count_nonzero(cells[table].missing)) for table in REAL),
    )


def _read_all(
    name: str, raws: dict[str, RawColumn], form: Form
) -> tuple[dict[str, Cells], list[Notice]]:
    readers = {Form.NUMBER: as_numbers, Form.BOOL: as_bools, Form.TEXT: as_texts}
    if form is Form.MOMENT:
        cells = {table: as_moments(raws[table]) for table in TABLES}
    else:
        cells = {table: readers[form](raws[table]) for table in TABLES}
    if form is Form.NUMBER:
        cells = _one_number_type(cells)
    return cells, []


def _one_number_type(cells: dict[str, Cells]) -> dict[str, Cells]:
    """Whole numbers as int64 in every table where they are whole, so that big ones stay exact."""
    answer = {}
    for table, column in cells.items():
        values = column.values
        if values.dtype.kind == "f":
            present = values[~column.missing]
            whole = bool(np.all(np.abs(present) <= EXACT) and np.all(present == np.rint(present)))
            if whole:
                values = np.where(column.missing, 0.0, values).astype(np.int64)
        answer[table] = replace(column, values=values)
    if any(answer[table].values.dtype.kind == "f" for table in REAL):
        for table, column in answer.items():
            answer[table] = replace(column, values=column.values.astype(np.float64))
    return answer


def to_series(cells: dict[str, Cells]) -> dict[str, pd.Series[Any]]:
    """The cells of each table as a pandas Series of one of the canonical dtypes.

    Numbers: int64 when all real cells are present and whole, else float64 (Int64 where a double
    could not hold them exactly). Truth values: bool, or object when some are missing. Moments:
    datetime64[ns]. Texts: object, None where missing. The same dtype in all tables wherever the
    values allow it.
    """
    import pandas as pd

    any_missing = any(bool(cells[table].missing.any()) for table in REAL)
    series = {}
    for table, column in cells.items():
        gaps = any_missing or bool(column.missing.any())
        series[table] = pd.Series(_plain(column, gaps))
    return series


def _plain(column: Cells, gaps: bool) -> Any:
    values, missing = column.values, column.missing
    if column.form is Form.NUMBER:
        return _plain_numbers(values, missing) if gaps else values
    if column.form is Form.BOOL and not gaps:
        return values.astype(bool)
    if column.form is Form.MOMENT:
        moments = values.astype("M8[us]")
        moments[missing] = np.datetime64("NaT")
        return moments.astype("M8[ns]")
    objects = values.astype(object)
    objects[missing] = None
    return objects


def _plain_numbers(values: Any, missing: Bools) -> Any:
    import pandas as pd

    if values.dtype.kind == "i" and bool(np.any(np.abs(values[~missing]) > EXACT)):
        return pd.arrays.IntegerArray(values.copy(), missing.copy())
    return np.where(missing, np.nan, values.astype(np.float64))
