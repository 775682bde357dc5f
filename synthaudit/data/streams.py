"""Tables larger than memory: how large they are, a random sample of them, and all of them in parts.

Parquet files, directories of Parquet parts and UTF-8 text are read through Arrow a batch at a time;
other containers have to fit into memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from synthaudit.data.columns import raw_columns
from synthaudit.data.delimited import decode, find_delimiter, header_of, refuse_json
from synthaudit.data.formats import format_of
from synthaudit.data.readers import RawTable
from synthaudit.errors import InputError
from synthaudit.types import TableInput

if TYPE_CHECKING:
    import pandas as pd

PART_ROWS = 500_000
"""Rows aligned, encoded and searched at a time."""
BATCH_ROWS = 65_536
HEAD_BYTES = 1 << 20
BLOCK_BYTES = 16 << 20


@dataclass(frozen=True)
class Extent:
    """How large a table is, told without reading it."""

    n_rows: int
    n_columns: int
    is_exact: bool
    can_stream: bool


def extent_of(source: Path | str | pd.DataFrame | Any) -> Extent | None:
    """Rows and columns of a source; None where only reading it would tell."""
    if not isinstance(source, str | Path):
        shape = getattr(source, "shape", None)
        return Extent(int(shape[0]), int(shape[1]), True, False) if shape else None
    path = Path(source)
    if not path.exists():
        return None  # the reader says it better
    if path.is_dir() or _starts_with(path, b"PAR1"):
        return _parquet_extent(path)
    return _text_extent(path)


def _starts_with(path: Path, magic: bytes) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(magic)) == magic


def _parquet_extent(path: Path) -> Extent | None:
    import pyarrow as pa

    try:
        data = _dataset(path)
        return Extent(data.count_rows(), len(data.schema.names), True, True)
    except (pa.ArrowException, OSError, ValueError):
        return None


def _dataset(path: Path) -> Any:
    from pyarrow import dataset

    return dataset.dataset(path, format="parquet", partitioning="hive" if path.is_dir() else None)


@dataclass(frozen=True)
class _Text:
    """The beginning of a delimited file."""

    names: tuple[str, ...]
    delimiter: str
    n_skipped: int
    """Lines before the header."""
    bytes_per_row: float
    n_rows: int | None
    """Where the beginning is all there is."""
    is_exact: bool


def _text_extent(path: Path) -> Extent | None:
    try:
        head = _text_head(path, path.name)
    except InputError:
        return None
    if head is None:
        return None
    if head.n_rows is not None:
        return Extent(head.n_rows, len(head.names), head.is_exact, True)
    size = path.stat().st_size
    if _starts_with(path, b"\x1f\x8b"):
        size *= 5  # what text usually shrinks by
    return Extent(int(size / head.bytes_per_row), len(head.names), False, True)


def _text_head(path: Path, table: str) -> _Text | None:
    """Names, delimiter and length of rows; None for anything but UTF-8 text with a header."""
    import pyarrow as pa

    try:
        with pa.input_stream(str(path), compression=_compression(path)) as stream:
            content = stream.read(HEAD_BYTES)
    except (OSError, pa.ArrowException):
        return None
    is_whole = len(content) < HEAD_BYTES
    if not is_whole:
        content = content[: content.rfind(b"\n") + 1]
    if format_of(content, table) != "csv":
        return None
    text, encoding, _ = decode(content, table)
    if not encoding.startswith("utf-8") or not text.strip():
        return None
    text = text.removeprefix("\ufeff")
    refuse_json(text, table)
    before = re.match(r"\A(?:[ \t]*\r?\n)*(?:sep=.\r?\n)?", text)
    skipped = before[0] if before else ""
    text = text[len(skipped) :]
    delimiter = find_delimiter(text)
    lines = text.rstrip("\r\n")
    n_lines = max(lines.count("\n") or lines.count("\r"), 1)  # the header's not counted
    names = tuple(header_of(text, delimiter))
    if not names:
        return None
    return _Text(
        names,
        delimiter,
        skipped.count("\n"),
        len(content) / n_lines,
        n_lines if is_whole else None,
        is_whole and '"' not in text,  # a quoted cell can have lines of its own
    )


def _compression(path: Path) -> str | None:
    return "gzip" if _starts_with(path, b"\x1f\x8b") else None


def batches(path: Path, table: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Names and Arrow batches of a table, in the order of its rows.

    Raises
    ------
    InputError
        When the file cannot be read in parts.
    """
    import pyarrow as pa

    try:
        if path.is_dir() or _starts_with(path, b"PAR1"):
            data = _dataset(path)
            names = tuple(str(name) for name in data.schema.names)
            for batch in data.to_batches(batch_size=BATCH_ROWS, use_threads=False):
                yield names, batch
            return
        head = _text_head(path, table)
        if head is None:
            raise InputError(
                f"{table} is larger than memory and neither Parquet nor UTF-8 text with a header; "
                "convert it to Parquet."
            )
        for batch in _text_batches(path, head):
            yield head.names, batch
    except (pa.ArrowException, OSError) as error:
        # the reader's own words quote cells
        raise InputError(
            f"{table} cannot be read to its end; check its quotes and its last line."
        ) from type(error)("the reader's message is withheld: it quotes cells")


def _text_batches(path: Path, head: _Text) -> Iterator[Any]:
    import pyarrow as pa
    from pyarrow import csv

    places = [str(i) for i in range(len(head.names))]
    with pa.input_stream(str(path), compression=_compression(path)) as stream:
        yield from csv.open_csv(
            stream,
            csv.ReadOptions(
                use_threads=False,
                block_size=BLOCK_BYTES,
                column_names=places,
                skip_rows=head.n_skipped,
                skip_rows_after_names=1,
            ),
            csv.ParseOptions(delimiter=head.delimiter, newlines_in_values=True),
            csv.ConvertOptions(
                column_types=dict.fromkeys(places, pa.string()), strings_can_be_null=False
            ),
        )


def raw_part(names: tuple[str, ...], data: Any, about: TableInput) -> RawTable:
    """A part of a table as if it were one."""
    columns = raw_columns(names, data.columns, about.name)
    about = TableInput(
        about.name, about.source, about.format, about.sha256, data.num_rows, len(names)
    )
    return RawTable(about, names, columns)


def parts(path: Path, table: str, n_rows: int = PART_ROWS) -> Iterator[RawTable]:
    """The whole table, at least ``n_rows`` rows at a time."""
    import pyarrow as pa

    about = TableInput(table, path.name, "parquet", "", 0, 0)
    held: list[Any] = []
    names: tuple[str, ...] = ()
    for names, batch in batches(path, table):
        held.append(batch)
        if sum(each.num_rows for each in held) >= n_rows:
            yield raw_part(names, pa.Table.from_batches(held), about)
            held = []
    if held:
        yield raw_part(names, pa.Table.from_batches(held), about)


@dataclass(frozen=True, eq=False)
class Sample:
    """A random part of a table, in the order of the file, and how many rows that has."""

    table: RawTable
    n_rows: int


def sample(path: Path, table: str, n: int, rng: np.random.Generator, about: TableInput) -> Sample:
    """``n`` rows drawn without replacement in one pass: those with the smallest random keys."""
    import pyarrow as pa

    kept: list[Any] = []
    keys, rows = np.empty(0), np.empty(0, dtype=np.int64)
    names: tuple[str, ...] = ()
    limit, n_seen = 1.0, 0
    for given, batch in batches(path, table):
        names, drawn = given, rng.random(batch.num_rows)
        chosen = np.flatnonzero(drawn < limit)
        kept.append(batch.take(pa.array(chosen)))
        keys = np.concatenate([keys, drawn[chosen]])
        rows = np.concatenate([rows, n_seen + chosen])
        n_seen += batch.num_rows
        if keys.size >= 2 * n:
            kept, keys, rows = _smallest(kept, keys, rows, n)
            limit = float(keys.max())
    kept, keys, rows = _smallest(kept, keys, rows, n)
    if not rows.size:
        raise InputError(f"{table} has a header but no rows; give a table with rows.")
    return Sample(raw_part(names, pa.Table.from_batches(kept), about), n_seen)


def _smallest(kept: list[Any], keys: Any, rows: Any, n: int) -> tuple[list[Any], Any, Any]:
    import pyarrow as pa

    if keys.size <= n:
        return kept, keys, rows
    best = np.sort(np.argpartition(keys, n)[:n])  # in the order of the file
    table = pa.Table.from_batches(kept).take(pa.array(best)).combine_chunks()
    return table.to_batches(), keys[best], rows[best]
