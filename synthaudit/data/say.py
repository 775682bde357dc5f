"""The sentences about single columns: what was read as what, and how many cells did not fit."""

from __future__ import annotations

from collections.abc import Iterator

from synthaudit.counted import are
from synthaudit.data.cells import LARGEST, SMALLEST, Cells
from synthaudit.data.columns import Form, RawColumn
from synthaudit.types import Notice

NOUN = {Form.NUMBER: "number", Form.BOOL: "truth value", Form.MOMENT: "date", Form.TEXT: "text"}
_CODE = {Form.NUMBER: "number", Form.BOOL: "boolean", Form.MOMENT: "date", Form.TEXT: "text"}
_HELD = {
    Form.NUMBER: "numbers",
    Form.BOOL: "truth values",
    Form.MOMENT: "dates",
    Form.TEXT: "text",
}


def reading_notices(
    table: str, column: str, raw: RawColumn, cells: Cells, *, is_typed: bool
) -> Iterator[Notice]:
    """What reading one column of one table did to its cells.

    ``is_typed``: the container has types (Parquet, a frame), so text that holds numbers is worth a
    word; in delimited text everything is text.
    """
    where = f"{table}.{column}"
    n_present = raw.n_present
    if is_typed and raw.form is not cells.form and raw.form is not Form.EMPTY:
        message = f"{where} holds {_HELD[raw.form]} and was read as {_HELD[cells.form]}."
        yield Notice(f"coerced-to-{_CODE[cells.form]}", message, table, column)
    if cells.n_unreadable:
        noun, verb = NOUN[cells.form], are(cells.n_unreadable)
        noun = f"a {noun}" if cells.n_unreadable == 1 else f"{noun}s"
        message = (
            f"{where}: {cells.n_unreadable:,} of {n_present:,} values {verb} not {noun} and {verb} "
            "treated as missing."
        )
        yield Notice("unreadable-cells", message, table, column, "warn")
    if cells.n_words:
        message = (
            f"{where}: {cells.n_words:,} of {n_present:,} cells hold a word for missing, which "
            "is treated as missing."
        )
        yield Notice("missing-words", message, table, column)
    if cells.n_infinite:
        message = (
            f"{where}: {cells.n_infinite:,} of {n_present:,} values {are(cells.n_infinite)} "
            "infinite and treated as missing."
        )
        yield Notice("infinite-cells", message, table, column, "warn")
    if cells.n_extreme:
        message = (
            f"{where}: {cells.n_extreme:,} of {n_present:,} values {are(cells.n_extreme)} beyond "
            f"{LARGEST:g} in size, or nearer to zero than {SMALLEST:g}, and treated as that size, "
            "or as zero."
        )
        yield Notice("extreme-numbers", message, table, column, "warn")


def empty_notices(column: str, cells: dict[str, Cells]) -> Iterator[Notice]:
    """A column that is missing throughout in some tables and not in others."""
    empty = [table for table, column_ in cells.items() if bool(column_.missing.all())]
    if 0 < len(empty) < len(cells):
        for table in empty:
            message = f"{table}.{column} holds no value at all, while the other tables do."
            yield Notice("empty-column", message, table, column, "warn")
