"""Three raw columns become three aligned ones: one form, one kind, a word about every change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from synthaudit.data.categories import match_spelling, read_texts
from synthaudit.data.cells import EXACT, Cells, as_bools
from synthaudit.data.columns import Form, RawColumn
from synthaudit.data.forms import settle_form
from synthaudit.data.kinds import RealCells, describe_column, infer_column
from synthaudit.data.moments import read_moments
from synthaudit.data.numbers import read_numbers
from synthaudit.data.say import NOUN, empty_notices, reading_notices
from synthaudit.errors import InputError
from synthaudit.types import Bools, Column, ColumnKind, Notice

if TYPE_CHECKING:
    import pandas as pd

REAL = ("train", "holdout")
TABLES = ("train", "holdout", "synthetic")
_Reader = Callable[[str, dict[str, RawColumn]], tuple[dict[str, Cells], list[Notice]]]

_GIVEN_FORMS = {
    ColumnKind.NUMERIC: Form.NUMBER,
    ColumnKind.DATETIME: Form.MOMENT,
    ColumnKind.TEXT: Form.TEXT,
    ColumnKind.IDENTIFIER: Form.TEXT,
}


@dataclass(frozen=True, eq=False)
class Settled:
    """One aligned column: its description, its cells by table, and what was done to them."""

    column: Column
    series: dict[str, pd.Series[Any]]
    notices: tuple[Notice, ...]


def settle_column(
    name: str,
    raws: dict[str, RawColumn],
    given: ColumnKind | None = None,
    typed: frozenset[str] = frozenset(),
) -> Settled:
    """Bring one column of all three tables into one form and infer its kind.

    Parameters
    ----------
    raws : by table: train, holdout, synthetic
    given : the kind the user's schema says
    typed : tables whose container has types

    Raises
    ------
    InputError
        When the given kind does not fit a single real value.
    """
    form = _GIVEN_FORMS.get(given) if given is not None else None
    if form is None:
        form = settle_form([raws[table] for table in REAL], raws["synthetic"])
    cells, notices = _READERS[form](name, raws)
    column = infer_column(real_cells(name, form, cells))
    if given is not None:
        column = _as_given(name, form, cells, given, column)
    elif column.kind is ColumnKind.IDENTIFIER and form is not Form.TEXT:
        # keys are compared as texts: 7, 7.0 and "7" are one key
        cells, _ = read_texts(name, raws)
    if column.kind is ColumnKind.CATEGORY and form is Form.TEXT:
        cells, more = match_spelling(name, cells)
        notices += more
        column = describe_column(
            real_cells(name, form, cells), kind=column.kind, reason=column.reason
        )
    spoken = TABLES if column.kind is not ColumnKind.IDENTIFIER else ()
    for table in spoken:
        notices += reading_notices(table, name, raws[table], cells[table], is_typed=table in typed)
    notices += empty_notices(name, cells)
    return Settled(column, to_series(cells), tuple(notices))


def _as_given(
    name: str, form: Form, cells: dict[str, Cells], given: ColumnKind, inferred: Column
) -> Column:
    real = real_cells(name, form, cells)
    n_real = sum(cells[table].n_rows for table in REAL)
    unreadable = sum(cells[table].n_unreadable for table in REAL)
    if unreadable and real.n_missing == n_real:
        msg = (
            f"The schema says that {name!r} is {given.value}, but none of its {unreadable:,} "
            f"values in the real tables is a {NOUN[form]}; change its kind."
        )
        raise InputError(msg)
    reason = inferred.reason if given is inferred.kind else "given by the schema"
    return describe_column(real, kind=given, reason=reason)


def real_cells(name: str, form: Form, cells: dict[str, Cells]) -> RealCells:
    """The present cells of the real tables, apart."""
    return RealCells(
        name,
        form,
        tuple(cells[table].present for table in REAL),
        sum(cells[table].n_missing for table in REAL),
        cells["train"].levels,
    )


def _read_bools(_: str, raws: dict[str, RawColumn]) -> tuple[dict[str, Cells], list[Notice]]:
    return {table: as_bools(raw) for table, raw in raws.items()}, []


_READERS: dict[Form, _Reader] = {
    Form.NUMBER: read_numbers,
    Form.BOOL: _read_bools,
    Form.MOMENT: read_moments,
    Form.TEXT: read_texts,
}


def to_series(cells: dict[str, Cells]) -> dict[str, pd.Series[Any]]:
    """The cells of each table as a pandas Series of one of the canonical dtypes.

    Numbers: int64 when all real cells are present and whole, else float64 (Int64 where a double
    could not hold them exactly). Truth values: bool, or object when some are missing. Moments:
    datetime64[ns]. Texts: object, None where missing. Nothing at all: float64. The real tables
    always share one dtype; the synthetic one has it too wherever its values allow.
    """
    import pandas as pd

    if all(column.n_missing == column.n_rows for column in cells.values()):
        nothing = {t: np.full(column.n_rows, np.nan) for t, column in cells.items()}
        return {table: pd.Series(values) for table, values in nothing.items()}
    any_missing = any(cells[table].n_missing for table in REAL)
    is_big = any(_exceeds_doubles(column) for column in cells.values())
    # nanoseconds are what every generator library expects; years beyond 2262 do not fit
    unit = "us" if any(_exceeds_nanoseconds(column) for column in cells.values()) else "ns"
    plain = {
        table: _plain(column, any_missing or column.n_missing > 0, is_big, unit)
        for table, column in cells.items()
    }
    # pandas 3 would turn objects into its own strings
    return {table: pd.Series(values, dtype=values.dtype) for table, values in plain.items()}


def _largest(column: Cells) -> int:
    """The largest absolute value of a column of integers; 0 when there is none."""
    present = column.present
    if not present.size or present.dtype.kind != "i":
        return 0
    return max(int(present.max()), -int(present.min()))


def _exceeds_doubles(column: Cells) -> bool:
    """Whether a column holds integers that a double would round."""
    return column.form is Form.NUMBER and _largest(column) > EXACT


def _exceeds_nanoseconds(column: Cells) -> bool:
    return column.form is Form.MOMENT and _largest(column) >= 2**63 // 1000


def _plain(column: Cells, gaps: bool, is_big: bool, unit: str) -> Any:
    values, missing = column.values, column.missing
    if column.form is Form.NUMBER and gaps:
        return _gapped_numbers(values, missing, is_big)
    if column.form is Form.MOMENT:
        moments = values.astype("M8[us]")
        moments[missing] = np.datetime64("NaT")
        return moments.astype(f"M8[{unit}]")
    if column.form is Form.NUMBER or (column.form is Form.BOOL and not gaps):
        return values
    return column.objects()


def _gapped_numbers(values: Any, missing: Bools, is_big: bool) -> Any:
    import pandas as pd

    if is_big and values.dtype.kind == "i":
        return pd.arrays.IntegerArray(values.copy(), missing.copy())
    return np.where(missing, np.nan, values.astype(np.float64))
