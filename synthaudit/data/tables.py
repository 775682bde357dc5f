"""The data room's door: three tables in, three aligned tables out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthaudit.counted import plural
from synthaudit.data.align import TABLES, Settled, settle_column
from synthaudit.data.column_order import column_places
from synthaudit.data.columns import Form, RawColumn
from synthaudit.data.content import content_digest
from synthaudit.data.decimals import plain_numbers
from synthaudit.data.names import (
    match_names,
    name_columns,
    refuse_headerless,
    refuse_undelimited,
)
from synthaudit.data.persons import read_persons
from synthaudit.data.readers import RawTable, path_digest, read_table, stored_format
from synthaudit.data.schema import read_schema
from synthaudit.data.streams import sample
from synthaudit.errors import InputError
from synthaudit.seeds import Streams
from synthaudit.types import ColumnKind, Ints, Notice, Schema, TableInput

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Tables:
    """The three tables, aligned.

    Attributes
    ----------
    frames : ``train``, ``holdout``, ``synthetic``; the schema's columns in an order that goes by
        what they hold (:mod:`synthaudit.data.column_order`), in one dtype per column, rows in the
        order of the source (the index is the position there)
    schema : what each column is
    notices : what was done on the way
    inputs : where each table came from
    given_order : names of the schema's columns as the training table has them; nothing but a
        generator that the user named may depend on it
    persons : ``train`` and ``holdout``, when a group key was given: (n_rows,) int64, the same
        number for the same person in both tables; empty otherwise
    sampled : by table, the rows of its file, where only some of them were read
    real : the raw real tables, kept where the synthetic one is read in parts
    """

    frames: dict[str, pd.DataFrame]
    schema: Schema
    notices: tuple[Notice, ...]
    inputs: dict[str, TableInput]
    given_order: tuple[str, ...]
    persons: dict[str, Ints] = field(default_factory=dict)
    sampled: dict[str, int] = field(default_factory=dict)
    real: dict[str, RawTable] = field(default_factory=dict)


def load_tables(
    train: Any,
    holdout: Any,
    synthetic: Any,
    *,
    schema: Schema | str | Path | None = None,
    group_key: str | None = None,
    most_rows: dict[str, int] | None = None,
    streams: Streams | None = None,
    digests: bool = False,
) -> Tables:
    """Read and align the three tables of an audit.

    Parameters
    ----------
    train, holdout, synthetic : pandas.DataFrame, str or Path, or anything Arrow can read
        The rows the generator was fitted on, rows of the same population it never saw, and its
        output. Never modified.
    schema : Schema or Path, optional
        Column kinds that overrule the inferred ones.
    group_key : str, optional
        Column of train and holdout that names the person; it takes no part in comparisons.
    most_rows : by table, optional
        Rows to draw at random from a file that does not fit into memory.
    streams : Streams, optional
        Draws them.
    digests : bool
        Also say what each table holds (``sha256_content``), for a report that names its tables.

    Raises
    ------
    InputError
        When a table cannot be read, has no rows, or shares no column with the others.
    """
    if schema is not None and not isinstance(schema, Schema):
        schema = read_schema(schema)
    raw, sampled = _read(
        dict(zip(TABLES, (train, holdout, synthetic), strict=True)),
        most_rows or {},
        streams or Streams(0),
    )
    notices = [notice for table in raw.values() for notice in table.notices]
    for name, table in raw.items():
        if table.n_rows == 0:
            msg = f"{name} has a header but no rows; give a table with rows."
            raise InputError(msg)
        raw[name], more = plain_numbers(table)
        notices += more
    notices += _same_files(raw)
    given = dict(raw)
    persons: dict[str, Ints] = {}
    keys: tuple[str, ...] = ()
    if group_key is not None:
        persons, raw, key, said = read_persons(raw, group_key)
        notices += said
        keys = (key,)
    matched = _matched_columns(raw, notices)
    settled = _settle(raw, matched, schema, notices, keys)
    frames = _frames(raw, settled)
    return Tables(
        frames,
        Schema(tuple(column.column for column in settled)),
        tuple(notices),
        {name: _input(table, sampled.get(name), digests) for name, table in given.items()},
        _given_order(raw["train"], frozenset(matched)),
        persons,
        sampled,
        {name: raw[name] for name in ("train", "holdout")} if "synthetic" in sampled else {},
    )


def _input(table: RawTable, n_in_file: int | None, with_digest: bool) -> TableInput:
    if n_in_file is not None:  # the digest of a sample would not tell the table again
        return replace(table.input, n_rows=n_in_file)
    return replace(table.input, sha256_content=content_digest(table) if with_digest else "")


def _read(
    sources: dict[str, Any], most_rows: dict[str, int], streams: Streams
) -> tuple[dict[str, RawTable], dict[str, int]]:
    """The raw tables, and the sizes of the files of which only a sample was read."""
    raw, sampled = {}, {}
    for name, source in sources.items():
        if name not in most_rows:
            raw[name] = read_table(source, name)
            continue
        path = Path(source)
        about = TableInput(name, path.name, stored_format(path), path_digest(path), 0, 0)
        drawn = sample(path, name, most_rows[name], streams.rng("sample", name), about)
        raw[name] = drawn.table
        if drawn.n_rows > drawn.table.n_rows:
            sampled[name] = drawn.n_rows
    return raw, sampled


def align_part(real: dict[str, RawTable], part: RawTable, schema: Schema) -> pd.DataFrame:
    """A part of a synthetic table in the form the three tables were given.

    Parameters
    ----------
    real : the raw real tables ``schema`` was inferred from
    """
    plain, _ = plain_numbers(part)
    raw = {**real, "synthetic": plain}
    matched = _matched_columns(raw, [])
    known = {column.name for column in schema.columns}
    kept = {name: columns for name, columns in matched.items() if name in known}
    return _frames(raw, _settle(raw, kept, schema, []))["synthetic"]


def _same_files(raw: dict[str, RawTable]) -> list[Notice]:
    """Two of three tables being one and the same: a mistake, or (train, synthetic) a total leak."""
    notices = []
    for first, second in (("train", "holdout"), ("holdout", "synthetic"), ("train", "synthetic")):
        if raw[first].input.sha256 == raw[second].input.sha256:
            message = f"{first} and {second} are the same table, cell for cell."
            severity = "warn" if (first, second) == ("train", "synthetic") else "invalid"
            notices.append(Notice("same-table", message, second, severity=severity))
    return notices


def _matched_columns(
    raw: dict[str, RawTable], notices: list[Notice]
) -> dict[str, dict[str, RawColumn]]:
    refuse_undelimited(raw)
    refuse_headerless(raw)
    named = {name: name_columns(table) for name, table in raw.items()}
    for table in named.values():
        notices.extend(table.notices)
    matched, more = match_names(named)
    notices.extend(more)
    for name, columns in list(matched.items()):
        odd = [table for table, column in columns.items() if column.form is Form.OTHER]
        if odd:
            message = (
                f"{name!r} holds lists, structures or bytes in {' and '.join(odd)} and is set "
                "aside."
            )
            notices.append(Notice("nested-column", message, None, name, "warn"))
            del matched[name]
    if not matched:
        msg = "Every common column holds lists, structures or bytes; give flat tables."
        raise InputError(msg)
    return matched


def _settle(
    raw: dict[str, RawTable],
    matched: dict[str, dict[str, RawColumn]],
    schema: Schema | None,
    notices: list[Notice],
    keys: tuple[str, ...] = (),
) -> list[Settled]:
    given = {} if schema is None else {column.name: column.kind for column in schema.columns}
    given |= {name: ColumnKind.IDENTIFIER for name in keys if name in matched}
    unknown = sorted(set(given) - set(matched) - set(keys))
    if unknown:
        msg = (
            f"The schema names {plural(len(unknown), 'column')} not in all three tables "
            f"(the first is {unknown[0]!r}); correct or remove them."
        )
        raise InputError(msg)
    typed = frozenset(n for n, table in raw.items() if not table.input.format.startswith("csv"))
    settled = [
        settle_column(name, columns, given.get(name), typed) for name, columns in matched.items()
    ]
    notices.extend(notice for column in settled for notice in column.notices)
    return _in_order(settled)


def _in_order(settled: list[Settled]) -> list[Settled]:
    import pandas as pd

    real = [
        pd.concat([column.series["train"], column.series["holdout"]], ignore_index=True)
        for column in settled
    ]
    return [settled[j] for j in column_places([column.column for column in settled], real)]


def _given_order(train: RawTable, kept: frozenset[str]) -> tuple[str, ...]:
    """The kept columns in the order of the source."""
    clean = (" ".join(name.split()) for name in train.names)
    return tuple(dict.fromkeys(name for name in clean if name in kept))


def _frames(raw: dict[str, RawTable], settled: list[Settled]) -> dict[str, pd.DataFrame]:
    import pandas as pd

    return {
        table: pd.DataFrame(
            {column.column.name: column.series[table] for column in settled},
            index=pd.RangeIndex(raw[table].n_rows),
        )
        for table in TABLES
    }
