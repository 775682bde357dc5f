"""One number type for a column over three tables: whole where whole, singles brought back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from synthaudit.data.cells import EXACT, Cells, as_numbers
from synthaudit.data.columns import RawColumn, shortest
from synthaudit.types import Floats, Notice

REAL = ("train", "holdout")


def read_numbers(name: str, raws: dict[str, RawColumn]) -> tuple[dict[str, Cells], list[Notice]]:
    """The column as numbers in every table, so that equal numbers are equal bits."""
    cells = {table: as_numbers(raw) for table, raw in raws.items()}
    singles = [table for table, raw in raws.items() if raw.single]
    notices: list[Notice] = []
    if 0 < len(singles) < len(raws):
        cells = _same_precision(cells, singles)
        which = " and ".join(singles)
        message = (
            f"{name!r} is stored in single precision in {which} and in double precision "
            "elsewhere; values that agree in single precision were taken as equal."
        )
        notices.append(Notice("single-precision", message, singles[0], name))
    return _whole_numbers(cells), notices


def _same_precision(cells: dict[str, Cells], singles: list[str]) -> dict[str, Cells]:
    """Undo the rounding of tables stored in single precision.

    When both real tables have their full precision, a single stands for the real value that rounds
    to it. When a real table itself was rounded, every table is: precision must not tell train from
    holdout.
    """
    if any(table in singles for table in REAL):
        return {table: _convert(column, _through_single) for table, column in cells.items()}
    real = np.concatenate([cells[table].present for table in REAL]).astype(np.float64)
    known = np.unique(real)
    with np.errstate(over="ignore"):
        rounded = known.astype(np.float32)

    def snap(values: Floats) -> Floats:
        with np.errstate(over="ignore"):
            wanted = values.astype(np.float32)
        place = np.minimum(np.searchsorted(rounded, wanted), max(known.size - 1, 0))
        if known.size == 0:
            return values
        return np.where(rounded[place] == wanted, known[place], values)

    return {
        table: _convert(column, snap) if table in singles else column
        for table, column in cells.items()
    }


def _convert(column: Cells, function: Callable[[Floats], Floats]) -> Cells:
    values = column.values.astype(np.float64)
    values[~column.missing] = function(values[~column.missing])
    return replace(column, values=values)


def _through_single(values: Floats) -> Floats:
    with np.errstate(over="ignore"):
        singles = values.astype(np.float32)
    kept = np.isfinite(singles)
    answer = values.copy()
    answer[kept] = shortest(singles[kept])
    return answer


def _whole_numbers(cells: dict[str, Cells]) -> dict[str, Cells]:
    """int64 in every table that holds whole numbers only, if both real tables do.

    A CSV cell ``39.0``, a Parquet integer 39 and a float column with a gap then give the same
    values, and integers too large for a double stay exact.
    """
    answer = {}
    for table, column in cells.items():
        values, present = column.values, column.present
        if values.dtype.kind == "f" and bool(
            np.all(np.abs(present) <= EXACT) and np.all(present == np.rint(present))
        ):
            values = np.where(column.missing, 0.0, values).astype(np.int64)
        answer[table] = replace(column, values=values)
    if all(answer[table].values.dtype.kind == "i" for table in REAL):
        return answer
    return {
        table: replace(column, values=column.values.astype(np.float64))
        for table, column in answer.items()
    }
