"""Which columns of three tables are the same column.

Names are compared without surrounding white space, then without case and without the kind of sign
that joins their words. Columns that are not in all three tables are set aside, and said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from synthaudit.counted import are
from synthaudit.data.cells import as_numbers
from synthaudit.data.columns import Form, RawColumn
from synthaudit.data.numerals import read_numerals
from synthaudit.data.readers import RawTable
from synthaudit.errors import InputError
from synthaudit.types import Notice

_UNNAMED = re.compile(r"^(?:unnamed: \d+(?:_level_\d+)?|__index_level_\d+__)?$", re.IGNORECASE)
_JOIN = re.compile(r"[\s_\-.]+")
LONGEST_NAME = 10_000
"""Characters of a column name: survey questions pass, a file in the place of a name does not."""


@dataclass(frozen=True, eq=False)
class NamedTable:
    """One table with one column per name, in the order of the source."""

    columns: dict[str, RawColumn]
    notices: tuple[Notice, ...]


def name_columns(table: RawTable) -> NamedTable:
    """Settle the names within one table: unnamed, repeated and padded ones.

    Raises
    ------
    InputError
        When two columns of one name hold different cells, or a name is absurdly long.
    """
    name = table.input.name
    columns: dict[str, RawColumn] = {}
    notices: list[Notice] = []
    for place, (given, column) in enumerate(zip(table.names, table.columns, strict=True), 1):
        clean = " ".join(given.split())
        if len(clean) > LONGEST_NAME:
            msg = (
                f"{name}: the name of column {place} has {len(clean):,} characters; "
                f"give it a name of at most {LONGEST_NAME:,}."
            )
            raise InputError(msg)
        if clean != given and clean:
            message = f"{name}: white space around or in the column name {clean!r} was removed."
            notices.append(Notice("column-renamed", message, name, clean))
        if _UNNAMED.match(clean):
            notices.append(_unnamed_notice(name, place, column))
        elif clean not in columns:
            columns[clean] = column
        elif _same_cells(columns[clean], column):
            message = f"{name} has the column {clean!r} twice with the same cells; one was kept."
            notices.append(Notice("repeated-column", message, name, clean, "warn"))
        else:
            msg = (
                f"{name} has two columns named {clean!r} with different cells; "
                "rename or remove one of them."
            )
            raise InputError(msg)
    return NamedTable(columns, tuple(notices))


def _unnamed_notice(table: str, place: int, column: RawColumn) -> Notice:
    if column.form is Form.EMPTY:
        message = f"{table}: column {place} has no name and no values, and was left out."
        return Notice("empty-column", message, table)
    if _is_index(column):
        message = f"{table}: column {place} is a row number without a name, and was left out."
        return Notice("index-column", message, table, severity="warn")
    message = f"{table}: column {place} has no name and is set aside; give it one to audit it."
    return Notice("unnamed-column", message, table, severity="warn")


def _is_index(column: RawColumn) -> bool:
    """Whole numbers that number rows: all distinct, none missing, counting up or drawn rows."""
    if column.form not in (Form.NUMBER, Form.TEXT):
        return False
    if column.form is Form.TEXT and not bool(column.numerals.is_number.all()):
        return False
    cells = as_numbers(column)
    values = cells.values
    whole = bool(np.all(values == np.rint(values)))
    return whole and not cells.n_missing and np.unique(values).size == values.size


def _same_cells(first: RawColumn, second: RawColumn) -> bool:
    if first.form is not second.form or not np.array_equal(first.missing, second.missing):
        return False
    present = ~first.missing
    if first.form is Form.TEXT and first.levels.to_pylist() != second.levels.to_pylist():
        return False
    return bool(np.array_equal(first.values[present], second.values[present]))


def fold_name(name: str) -> str:
    """A column name without case and without the kind of sign that joins its words."""
    return _JOIN.sub(" ", name).strip().casefold()


def match_names(
    named: dict[str, NamedTable],
) -> tuple[dict[str, dict[str, RawColumn]], list[Notice]]:
    """Columns by (train's) name, then by table, for the columns all tables have.

    Raises
    ------
    InputError
        When no column is common to the three tables.
    """
    tables = {name: dict(table.columns) for name, table in named.items()}
    notices = _rename(tables)
    everywhere = set.intersection(*(set(columns) for columns in tables.values()))
    if not everywhere:
        counts = ", ".join(f"{name} {len(columns)}" for name, columns in tables.items())
        msg = (
            f"The three tables have no column in common ({counts} columns); "
            "give tables with the same column names."
        )
        raise InputError(msg)
    for column in sorted(set().union(*tables.values()) - everywhere):
        lacking = [name for name, columns in tables.items() if column not in columns]
        message = f"{column!r} is missing in {' and '.join(lacking)} and is set aside."
        table = lacking[0] if len(lacking) == 1 else None
        notices.append(Notice("column-missing", message, table, column, "warn"))
    n_train = len(tables["train"])
    if 2 * len(everywhere) < n_train:
        message = (
            f"Only {len(everywhere)} of train's {n_train} columns {are(len(everywhere))} in all "
            "three tables; the audit sees nothing of the others."
        )
        notices.append(Notice("few-common-columns", message, severity="warn"))
    matched = {
        column: {name: columns[column] for name, columns in tables.items()}
        for column in sorted(everywhere)
    }
    return matched, notices


def _rename(tables: dict[str, dict[str, RawColumn]]) -> list[Notice]:
    """Rename columns of holdout and synthetic that differ from train's in case or joints only."""
    notices = []
    train = tables["train"]
    wanted = _unique_by_fold(train)
    for name, columns in tables.items():
        if name == "train":
            continue
        spare = {n: c for n, c in columns.items() if n not in train}
        for folded, given in _unique_by_fold(spare).items():
            target = wanted.get(folded)
            if target is None or target in columns:
                continue
            columns[target] = columns.pop(given)
            message = f"{name}: the column {given!r} was taken for {target!r} of train."
            notices.append(Notice("column-renamed", message, name, target, "warn"))
    return notices


def _unique_by_fold(names: Iterable[str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(fold_name(name), []).append(name)
    return {folded: same[0] for folded, same in found.items() if len(same) == 1}


def refuse_headerless(tables: dict[str, RawTable]) -> None:
    """A file without a header line has its first row for names, which the others do not know.

    Must run before any message that quotes column names: here they would be cells.

    Raises
    ------
    InputError
    """
    for name, table in tables.items():
        if not table.input.format.startswith("csv"):
            continue
        others = [set(map(fold_name, t.names)) for n, t in tables.items() if n != name]
        own = [fold_name(column) for column in table.names]
        n_known = max(sum(column in other for column in own) for other in others)
        if 2 * n_known >= len(own):
            continue
        pairs = zip(table.names, table.columns, strict=True)
        n_like = sum(_is_like_a_cell(n, column) for n, column in pairs)
        if 2 * n_like >= len(own):
            msg = (
                f"{name} seems to lack its header: {n_like} of the {len(own)} names in its first "
                "line look like values; add a line with the column names."
            )
            raise InputError(msg)


def refuse_undelimited(tables: dict[str, RawTable]) -> None:
    """A file cut by a sign we do not know is one column whose name holds the names of the others.

    Raises
    ------
    InputError
    """
    for name, table in tables.items():
        if len(table.names) != 1 or not table.input.format.startswith("csv"):
            continue
        words = set(re.split(r"\W+", fold_name(table.names[0])))
        for other in tables.values():
            parts = [set(re.split(r"\W+", fold_name(column))) for column in other.names]
            if len(parts) > 1 and 2 * sum(part <= words for part in parts) >= len(parts):
                msg = (
                    f"{name} is one column by its commas, semicolons, tabs or bars, while "
                    f"{other.input.name} has {len(parts)}; save it delimited by commas."
                )
                raise InputError(msg)


def _is_like_a_cell(name: str, column: RawColumn) -> bool:
    if column.form is not Form.TEXT:
        return False
    import pyarrow as pa
    import pyarrow.compute as pc

    if bool(pc.is_in(pa.scalar(name, column.levels.type), value_set=column.levels).as_py()):
        return True
    is_number = bool(read_numerals(pa.array([name])).is_number[0])
    return is_number and bool(column.numerals.is_number.any())
