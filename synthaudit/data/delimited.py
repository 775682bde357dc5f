"""Delimited text (CSV and its relatives): encoding, delimiter, header, one table of texts."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from synthaudit.errors import InputError
from synthaudit.types import Notice

DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a vertical bar"}
_SAMPLE = 1 << 16


@dataclass(frozen=True)
class Dialect:
    """How a delimited file was written."""

    encoding: str
    delimiter: str


def decode(content: bytes, table: str) -> tuple[str, str, list[Notice]]:
    """The text of a file, the encoding it was in, and what has to be said about it."""
    marks = (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe\x00\x00", "utf-32"),
        (b"\x00\x00\xfe\xff", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    )
    encoding = next((name for mark, name in marks if content.startswith(mark)), "")
    if not encoding:
        head = content[:2000]
        if head[1::2].count(0) > len(head) // 4:
            encoding = "utf-16-le"
        elif head[0::2].count(0) > len(head) // 4:
            encoding = "utf-16-be"
    for name in (encoding,) if encoding else ("utf-8", "cp1252", "latin-1"):
        try:
            text = content.decode(name)
        except UnicodeDecodeError as error:
            if name == "utf-8" and error.start >= len(content) - 3 and not content.isascii():
                encoding = name
                break
            continue
        return text, name, _encoding_notices(name, table)
    msg = (
        f"{table} starts as {encoding.upper()} text but does not end as such; "
        "it looks damaged or cut short: export or copy it again."
    )
    raise InputError(msg)


def _encoding_notices(encoding: str, table: str) -> list[Notice]:
    if encoding in ("utf-8", "utf-8-sig"):
        return []
    label = {"cp1252": "Windows-1252 (Latin-1)"}.get(encoding, encoding.upper())
    # of the single-byte encodings any text is valid: the choice is a guess, worth a warning
    guess = encoding in ("cp1252", "latin-1")
    message = f"{table} is not UTF-8 and was read as {label}."
    return [Notice("encoding", message, table, severity="warn" if guess else "info")]


def _lines(text: str) -> Iterator[str]:
    """The lines of a text one by one, without splitting all of it."""
    return (found.group() for found in re.finditer(r"[^\r\n]*(?:\r\n|\r|\n|\Z)", text))


def _sample(text: str, delimiter: str) -> list[list[str]]:
    """The first records, the header among them however long it is."""
    reader = csv.reader(_lines(text), delimiter=delimiter)
    rows: list[list[str]] = []
    n_read = 0
    try:
        for row in reader:
            n_read += sum(map(len, row)) + len(row)
            if row:
                rows.append(row)
            if n_read > _SAMPLE or len(rows) > 200:
                break
    except csv.Error:
        # a cell (of one open quote, most likely) longer than the module's limit: not a header
        return rows
    return rows


def find_delimiter(text: str) -> str:
    """The delimiter that cuts the header into most fields and the lines below into as many."""
    best, best_score = ",", (0.0, 1)
    for delimiter in DELIMITERS:
        rows = _sample(text, delimiter)
        if not rows or len(rows[0]) < 2:
            continue
        n_fields, body = len(rows[0]), rows[1:]
        # one field more than names: row names, or a delimiter that ends each line
        agree = sum(len(row) - n_fields in (0, 1) for row in body) / len(body) if body else 1.0
        score = (round(agree, 1), n_fields)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def header_of(text: str, delimiter: str) -> list[str]:
    """The names in the first record, one for every field of the records below.

    When every record has one field more than the header, the first one holds row names (as R
    writes them) or, if it is empty throughout, the last one is the end of a closing delimiter.
    """
    rows = _sample(text, delimiter)
    if not rows:
        return []
    names, body = rows[0], rows[1:]
    if body and all(len(row) == len(names) + 1 for row in body):
        return [*names, ""] if not any(row[-1].strip() for row in body) else ["", *names]
    return names


def _parse(text: str, delimiter: str, n_columns: int, table: str) -> Any:
    import pyarrow as pa
    import pyarrow.csv as arrow_csv

    odd: list[tuple[int | None, int]] = []

    def remember(row: Any) -> str:
        odd.append((row.number, row.actual_columns))
        return "skip"

    names = [str(i) for i in range(n_columns)]
    content = text.encode()
    try:
        cells = arrow_csv.read_csv(
            pa.BufferReader(content),
            # one block: rows then have numbers, and a quoted newline cannot straddle two blocks
            arrow_csv.ReadOptions(
                use_threads=False,
                block_size=max(len(content) + 1, 1 << 16),
                column_names=names,
                skip_rows_after_names=1,
            ),
            arrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=remember
            ),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        # the reader's own words quote cells: only its kind of complaint may be passed on
        msg = f"{table} cannot be read as delimited text; check its quotes and its last line."
        raise InputError(msg) from _without_cells(error)
    if odd:
        raise InputError(_ragged(table, odd, n_columns))
    _refuse_open_quote(text, cells, table)
    return cells


def _refuse_open_quote(text: str, cells: Any, table: str) -> None:
    """A quote that is never closed swallows the rest of the file into one cell, without a word."""
    if not text.count('"') % 2 or not cells.num_rows:
        return
    if any("\n" in str(column[-1].as_py()) for column in cells.columns):
        msg = (
            f"{table}: a quote opened in record {cells.num_rows + 1:,} is never closed; "
            "close it or save the file again."
        )
        raise InputError(msg)


def _without_cells(error: Exception) -> Exception:
    return type(error)("the parser's message is withheld: it quotes cells")


def _ragged(table: str, odd: list[tuple[int | None, int]], n_columns: int) -> str:
    row, found = odd[0]
    where = f"record {row:,}" if row is not None else "a record"
    others = f" (and {len(odd) - 1:,} more like it)" if len(odd) > 1 else ""
    return (
        f"{table}: {where} has {found} fields where the header has {n_columns}{others}; "
        "quote the cells that contain the delimiter, or save the file again."
    )


def read_delimited(
    content: bytes, table: str
) -> tuple[list[str], list[Any], Dialect, list[Notice]]:
    """Column names, columns as Arrow arrays of text, the dialect, and notices.

    Every cell is read as text: what it means is decided later, from the values, in the same way
    whatever the container.
    """
    text, encoding, notices = decode(content, table)
    text = text.removeprefix("\ufeff")
    if not text.strip():
        msg = f"{table} is empty: it holds no header and no rows; give a table with both."
        raise InputError(msg)
    refuse_json(text, table)
    # blank lines before the header would be read as a header without names
    text = re.sub(r"\A(?:[ \t]*\r?\n)+", "", text)
    # Excel's own hint is no header
    hint = re.match(r"\Asep=(.)\r?\n", text)
    if hint:
        text = text[hint.end() :]
    if not text.endswith(("\n", "\r")):
        text += "\n"
    n_nuls = text.count("\0")
    if n_nuls:
        message = (
            f"{table} holds {n_nuls:,} NUL characters, which no table should; they were left in "
            "their cells: check that the file is whole."
        )
        notices = [*notices, Notice("nul-characters", message, table, severity="warn")]
    delimiter = hint[1] if hint and hint[1] in DELIMITERS else find_delimiter(text)
    names = header_of(text, delimiter)
    if not names:
        msg = (
            f"{table}: its first record cannot be read as column names; close every quote in it, "
            "or save the file again."
        )
        raise InputError(msg)
    cells = _parse(text, delimiter, len(names), table)
    return names, list(cells.columns), Dialect(encoding, delimiter), notices


def refuse_json(text: str, table: str) -> None:
    """JSON has no columns until somebody decides what they are."""
    if re.match(r"\s*(\[\s*[\[{]|\{\s*\")", text):
        msg = f"{table} holds JSON; convert it to CSV or Parquet first."
        raise InputError(msg)
