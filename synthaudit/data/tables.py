"""The data room's door: three tables in, three aligned tables out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthaudit.data.align import TABLES, settle_column
from synthaudit.data.columns import Form
from synthaudit.data.readers import RawTable, read_table
from synthaudit.data.schema import read_schema
from synthaudit.errors import InputError
from synthaudit.types import Notice, Schema, TableInput

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Tables:
    """The three tables, aligned.

    Attributes
    ----------
    frames : ``train``, ``holdout``, ``synthetic``; the schema's columns sorted by name, in one
        dtype per column, rows in the order of the source (the index is the position there)
    schema : what each column is
    notices : what was done on the way
    inputs : where each table came from
    """

    frames: dict[str, pd.DataFrame]
    schema: Schema
    notices: tuple[Notice, ...]
    inputs: dict[str, TableInput]


def load_tables(
    train: Any, holdout: Any, synthetic: Any, *, schema: Schema | str | Path | None = None
) -> Tables:
    """Read and align the three tables of an audit.

    Parameters
    ----------
    train, holdout, synthetic : pandas.DataFrame, str or Path, or anything Arrow can read
        The rows the generator was fitted on, rows of the same population it never saw, and its
        output. Never modified.
    schema : Schema or Path, optional
        Column kinds that overrule the inferred ones.

    Raises
    ------
    InputError
        When a table cannot be read, has no rows, or shares no column with the others.
    """
    import pandas as pd

    raw = {
        name: read_table(source, name)
        for name, source in zip(TABLES, (train, holdout, synthetic), strict=True)
    }
    for name, table in raw.items():
        if table.n_rows == 0:
            msg = f"{name} has a header but no rows; give a table with rows."
            raise InputError(msg)
    notices = [notice for table in raw.values() for notice in table.notices]
    common = _common_columns(raw, notices)
    if schema is not None and not isinstance(schema, Schema):
        schema = read_schema(schema)
    given = {} if schema is None else {c.name: c.kind for c in schema.columns}
    settled = []
    for name in common:
        columns = {t: raw[t].columns[raw[t].names.index(name)] for t in TABLES}
        if any(column.form is Form.OTHER for column in columns.values()):
            notices.append(_set_aside(name))
            continue
        settled.append(settle_column(name, columns, given.get(name)))
    notices.extend(notice for column in settled for notice in column.notices)
    frames = {
        table: pd.DataFrame({column.column.name: column.series[table] for column in settled})
        for table in TABLES
    }
    return Tables(
        frames,
        Schema(tuple(column.column for column in settled)),
        tuple(notices),
        {name: table.input for name, table in raw.items()},
    )


def _set_aside(name: str) -> Notice:
    message = f"{name!r} holds lists, structures or bytes and is set aside."
    return Notice("nested-column", message, None, name, "warn")


def _common_columns(raw: dict[str, RawTable], notices: list[Notice]) -> list[str]:
    common = set(raw["train"].names)
    for table in raw.values():
        common &= set(table.names)
    if not common:
        msg = "The three tables have no column in common; give tables with the same columns."
        raise InputError(msg)
    for name in sorted(set().union(*(table.names for table in raw.values())) - common):
        lacking = [t for t in TABLES if name not in raw[t].names]
        message = f"{name!r} is missing in {' and '.join(lacking)} and is set aside."
        notices.append(Notice("column-missing", message, lacking[0], name, "warn"))
    return sorted(common)
