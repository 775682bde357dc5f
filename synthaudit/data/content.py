"""A digest of what a table says, whatever its file, row order or column order.

Two files hold the same table when every row of one is a row of the other, as often. The digest is
SHA-256 over the sorted SHA-256 digests of the rows; a row is its cells in the order of the column
names, each spelled in one way: ``1.0`` in Parquet is ``1`` in CSV, ``true`` is ``True``, a date is
its moment. Columns that no audit can compare (lists, structures, bytes) are named, not read.

A digest hides nothing by itself: somebody who can list the likely tables can try them all. Where
that matters the digests of a report are keyed (``synthaudit.evidence.digests``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthaudit.data.cells import Cells, as_bools, as_moments, as_spelled_numbers, as_texts
from synthaudit.data.columns import Form, RawColumn
from synthaudit.data.decimals import plain_numbers
from synthaudit.data.names import name_columns
from synthaudit.data.readers import RawTable, read_table
from synthaudit.types import TableInput

CHUNK = 65_536
"""Rows spelled at a time."""
MISSING = b"-"


def identify(source: str | Path, table: str) -> TableInput:
    """Read one table and say what it is: bytes, content, rows, columns.

    Raises
    ------
    InputError
        When there is no such file or it is not a table.
    """
    raw, _ = plain_numbers(read_table(source, table))
    return replace(raw.input, sha256_content=content_digest(raw))


def content_digest(table: RawTable) -> str:
    """The digest, in hexadecimal, of a table whose numbers are written the plain way."""
    columns = name_columns(table).columns
    names = sorted(columns)
    spelled = [_spelled(columns[name]) for name in names]
    rows: list[bytes] = []
    sha256 = hashlib.sha256
    for start in range(0, table.n_rows, CHUNK):
        chunk = [tokens[codes[start : start + CHUNK]].tolist() for tokens, codes in spelled]
        rows += [sha256(b"".join(cells)).digest() for cells in zip(*chunk, strict=True)]
    digest = sha256(b"".join(_tokens(names)))
    digest.update(f"|{table.n_rows}|".encode())
    digest.update(b"".join(sorted(rows)))
    return digest.hexdigest()


def _tokens(texts: Iterable[str]) -> list[bytes]:
    """Cells with their lengths in front, so that cells run together in one way only."""
    cells = (text.encode("utf-8", "replace") for text in texts)
    return [b"%d:%s" % (len(cell), cell) for cell in cells]


def _spelled(column: RawColumn) -> tuple[NDArray[Any], NDArray[Any]]:
    """Spellings of the distinct cells, and for every row which of them it has."""
    if column.form in (Form.EMPTY, Form.OTHER):
        word = MISSING if column.form is Form.EMPTY else b"?"
        return _objects([word]), np.zeros(column.n_rows, dtype=np.int64)
    read = _read(column)
    plain = RawColumn(read.form, read.values, read.missing) if read.levels is None else column
    texts = as_texts(plain)
    levels = map(str, texts.levels)  # type: ignore[arg-type]
    tokens = _objects([*_tokens(levels), MISSING])
    return tokens, np.where(read.missing, len(tokens) - 1, texts.values)


def _objects(items: list[bytes]) -> NDArray[Any]:
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array


def _read(column: RawColumn) -> Cells:
    """The cells in the form their spelling suggests, by this column alone."""
    if column.form is not Form.TEXT:
        return Cells(column.form, column.values, column.missing)
    numerals = column.numerals
    word = numerals.is_word
    if bool((numerals.is_number | word).all()) and not bool(numerals.is_lossy.any()):
        return as_spelled_numbers(column) if bool(numerals.is_number.any()) else as_texts(column)
    if {str(level).lower() for level in column.levels[:3].to_pylist()} <= {"true", "false"}:
        return as_bools(column)
    if bool((column.dates.is_date | word).all()):
        return as_moments(column)
    return as_texts(column)
