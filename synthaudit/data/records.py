"""Cutting a file into its rows and writing some of them again, cells verbatim.

Delimited text is cut at the line ends outside quotes and copied byte for byte: quoting, number
spelling and line ends stay as they were. Parquet and Feather keep their types and metadata.
"""

from __future__ import annotations

import gzip
import io
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from synthaudit.counted import plural
from synthaudit.data.columns import RawColumn
from synthaudit.data.delimited import decode
from synthaudit.data.readers import RawTable, arrow_table, read_table, unzipped
from synthaudit.errors import InputError
from synthaudit.types import Ints


@dataclass(frozen=True, eq=False)
class Records(ABC):
    """The rows of one file.

    Attributes
    ----------
    raw : the same table as the audit reads it
    suffix : of the files written
    """

    raw: RawTable
    suffix: str

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.raw.n_rows

    def column(self, name: str) -> RawColumn:
        """One column by name; InputError when there is none."""
        if name not in self.raw.names:
            msg = (
                f"The table has no column {name!r} to group by; "
                f"it has {plural(len(self.raw.names), 'column')}: choose one of them."
            )
            raise InputError(msg)
        return self.raw.columns[self.raw.names.index(name)]

    @abstractmethod
    def content(self, rows: Ints) -> bytes:
        """A file with the given rows."""


@dataclass(frozen=True, eq=False)
class TextRecords(Records):
    """Rows of delimited text: ``lines[0]`` is the header."""

    lines: tuple[bytes, ...] = ()
    encoding: str = "utf-8"
    is_zipped: bool = False

    def content(self, rows: Ints) -> bytes:
        """Header and rows, each ending as it did (the last one always ends)."""
        chosen = [self.lines[0], *(self.lines[i + 1] for i in rows)]
        end = b"\r\n" if self.lines[0].endswith(b"\r\n") else b"\n"
        whole = b"".join(line if line.endswith(b"\n") else line + end for line in chosen)
        if self.encoding != "utf-8":
            whole = whole.decode().encode(self.encoding)
        # mtime 0: the same split gives the same bytes
        return gzip.compress(whole, mtime=0) if self.is_zipped else whole


@dataclass(frozen=True, eq=False)
class ArrowRecords(Records):
    """Rows of a Parquet or Feather file."""

    data: Any = None

    def content(self, rows: Ints) -> bytes:
        """A file of the same format with the rows."""
        import pyarrow as pa
        from pyarrow import feather, parquet

        part = self.data.take(pa.array(rows))
        sink = io.BytesIO()
        if self.suffix == ".feather":
            feather.write_feather(part, sink)
        else:
            parquet.write_table(part, sink)
        return sink.getvalue()


def read_records(path: Path) -> Records:
    """The rows of a table's file."""
    raw = read_table(path, "the real table")
    fmt = raw.input.format
    if fmt in ("parquet", "feather"):
        return ArrowRecords(raw, f".{fmt}", arrow_table(path, fmt, "the real table"))
    content = path.read_bytes()
    is_zipped = fmt == "csv.gz"
    if is_zipped:
        content = unzipped(content, "the real table")
    text, encoding, _ = decode(content, "the real table")
    text = re.sub(r"\Asep=.\r?\n", "", text.removeprefix("\ufeff"))
    lines = cut_lines(text.encode())
    if len(lines) - 1 != raw.n_rows:
        msg = (
            f"The real table has {raw.n_rows:,} rows but {len(lines) - 1:,} records by its line "
            "ends and quotes; save it again with every quoted cell closed."
        )
        raise InputError(msg)
    suffixes = [s.lower() for s in path.suffixes if s.lower() not in (".gz", ".gzip")]
    suffix = suffixes[-1] if suffixes[-1:] in ([".tsv"], [".txt"], [".psv"], [".tab"]) else ".csv"
    return TextRecords(raw, suffix + (".gz" if is_zipped else ""), lines, encoding, is_zipped)


def cut_lines(text: bytes) -> tuple[bytes, ...]:
    """Records with their line ends: cut where a line ends outside quotes; blank ones left out."""
    symbols = np.frombuffer(text, dtype=np.uint8)
    inside = (np.cumsum(symbols == ord('"')) & 1).astype(bool)
    ends = np.flatnonzero((symbols == ord("\n")) & ~inside) + 1
    starts = np.append(0, ends)
    stops = np.append(ends, symbols.size)
    cut = (text[a:b] for a, b in zip(starts.tolist(), stops.tolist(), strict=True))
    return tuple(line for line in cut if line.strip(b"\r\n"))
