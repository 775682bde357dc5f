"""From whatever the user gave to named raw columns: the only place that opens a table's file."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthaudit.data.columns import RawColumn, raw_columns, series_column
from synthaudit.data.delimited import DELIMITERS, read_delimited
from synthaudit.data.files import file_digest
from synthaudit.data.formats import format_of
from synthaudit.errors import InputError
from synthaudit.types import Notice, TableInput

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class RawTable:
    """One table as it came: columns in the order of the source."""

    input: TableInput
    names: tuple[str, ...]
    columns: tuple[RawColumn, ...]
    notices: tuple[Notice, ...] = ()

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.input.n_rows


def read_table(source: Any, table: str) -> RawTable:
    """Read one table from a frame, a file, a directory of Parquet parts or anything Arrow.

    Raises
    ------
    InputError
        When there is no such file or it is not a table.
    """
    import pandas as pd

    if isinstance(source, str | Path):
        return _from_path(Path(source), table)
    if isinstance(source, pd.DataFrame):
        return _from_frame(source, table)
    return _from_arrow(_exchanged(source, table), table, _type_name(source), "arrow", [])


def _type_name(source: Any) -> str:
    kind = type(source)
    return f"{kind.__module__.split('.')[0]}.{kind.__qualname__}"


def _exchanged(source: Any, table: str) -> Any:
    import pandas as pd
    import pyarrow as pa

    if isinstance(source, pa.Table):
        return source
    if isinstance(source, pa.RecordBatch):
        return pa.Table.from_batches([source])
    if hasattr(source, "collect") and not hasattr(source, "__arrow_c_stream__"):
        source = source.collect()  # a lazy frame
    if hasattr(source, "__arrow_c_stream__"):
        return pa.table(source)
    for method in ("to_arrow", "to_pandas"):
        if hasattr(source, method):
            given = getattr(source, method)()
            if isinstance(given, pd.DataFrame):
                return pa.Table.from_pandas(given, preserve_index=False)
            return pa.table(given)
    msg = (
        f"{table} is a {_type_name(source)}, which is no table; give a pandas or polars frame, "
        "an Arrow table, or the path of a CSV or Parquet file."
    )
    raise InputError(msg)


def _names(given: Iterable[Any]) -> tuple[str, ...]:
    """Names as texts that every file can hold (a frame's may have half of a surrogate pair)."""
    return tuple(str(name).encode("utf-8", "replace").decode() for name in given)


def _from_frame(frame: pd.DataFrame, table: str) -> RawTable:
    names = _names(frame.columns)
    columns = tuple(series_column(frame.iloc[:, i]) for i in range(len(names)))
    digest = _content_digest(names, columns)
    about = TableInput(table, "pandas.DataFrame", "frame", digest, len(frame), len(names))
    return RawTable(about, names, columns)


def _content_digest(names: tuple[str, ...], columns: tuple[RawColumn, ...]) -> str:
    """SHA-256 over names and cells, for tables that never were a file."""
    digest = hashlib.sha256()
    for name, column in zip(names, columns, strict=True):
        digest.update(f"\x1e{name}\x1f{column.form}".encode())
        digest.update(column.missing.tobytes())
        digest.update(column.values.tobytes())
        if column.levels is not None:
            digest.update("\x1f".join(column.levels.to_pylist()).encode())
    return digest.hexdigest()


def _from_arrow(data: Any, table: str, source: str, fmt: str, notices: list[Notice]) -> RawTable:
    names = _names(data.column_names)
    columns = raw_columns(names, data.columns, table)
    digest = _content_digest(names, columns)
    about = TableInput(table, source, fmt, digest, data.num_rows, len(names))
    return RawTable(about, names, columns, tuple(notices))


def _from_path(path: Path, table: str) -> RawTable:
    try:
        if not path.exists():
            msg = f"{table}: there is no file {path.name!r}; check the path."
            raise InputError(msg)
        if path.is_dir():
            return _from_directory(path, table)
        if path.is_char_device() or path.is_block_device():
            # it may never end (a pipe does)
            msg = f"{table}: {path.name!r} is a device; give the path of a CSV or Parquet file."
            raise InputError(msg)
        content = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL in it
        msg = f"{table}: {path.name!r} cannot be opened ({_why(error)}); check its permissions."
        raise InputError(msg) from error
    if not content:
        msg = f"{table} is empty: {path.name!r} has no bytes; export the table again."
        raise InputError(msg)
    raw = _from_bytes(content, path, table)
    digest = hashlib.sha256(content).hexdigest()
    return replace(raw, input=replace(raw.input, sha256=digest))


def _why(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or "this is no path"


def _from_bytes(content: bytes, path: Path, table: str) -> RawTable:
    """The content decides the format; where the name says otherwise, that is said."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    zipped = content.startswith(b"\x1f\x8b")
    if zipped:
        content = unzipped(content, table)
        suffixes = [suffix for suffix in suffixes if suffix not in (".gz", ".gzip")]
    found = format_of(content, table)
    notices = _name_notices(found, suffixes[-1] if suffixes else "", path.name, table)
    if found in ("parquet", "feather"):
        return _from_arrow(_arrow_file(content, found, table), table, path.name, found, notices)
    names, arrays, dialect, more = read_delimited(content, table)
    columns = raw_columns(names, arrays, table)
    n_rows = columns[0].n_rows if columns else 0
    wanted = "\t" if suffixes[-1:] == [".tsv"] else None
    if dialect.delimiter not in (wanted, ","):
        message = f"{table} is delimited by {DELIMITERS[dialect.delimiter]}."
        more = [*more, Notice("delimiter", message, table)]
    fmt = "csv.gz" if zipped else "csv"
    about = TableInput(table, path.name, fmt, "", n_rows, len(names))
    return RawTable(about, tuple(names), columns, (*notices, *more))


def unzipped(content: bytes, table: str) -> bytes:
    """The content of a gzip file."""
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        msg = f"{table} is a damaged or truncated gzip file; export or copy it again."
        raise InputError(msg) from error


def _name_notices(found: str, suffix: str, name: str, table: str) -> list[Notice]:
    usual = {
        "parquet": {".parquet", ".pq", ".parq"},
        "feather": {".feather", ".arrow", ".ipc"},
        "csv": {".csv", ".tsv", ".txt", ".tab", ".psv", ".data", ".dat"},
    }
    if not suffix or suffix in usual[found] or not any(suffix in s for s in usual.values()):
        return []
    label = {"csv": "delimited text"}.get(found, found.capitalize())
    message = f"{table}: {name!r} is {label} by its content, and was read as that."
    return [Notice("format-by-content", message, table)]


def _arrow_file(content: bytes, found: str, table: str) -> Any:
    import pyarrow as pa
    from pyarrow import feather, parquet

    buffer = pa.BufferReader(content)
    try:
        if found == "parquet":
            return parquet.read_table(buffer, use_threads=False)
        if content.startswith(b"\xff\xff\xff\xff"):
            return pa.ipc.open_stream(buffer).read_all()
        return feather.read_table(buffer, use_threads=False)
    except (pa.ArrowException, OSError, ValueError) as error:
        msg = (
            f"{table} starts like a {found.capitalize()} file but cannot be read as one; "
            "it looks damaged or cut short: export or copy it again."
        )
        raise InputError(msg) from error


def arrow_table(path: Path, fmt: str, table: str) -> Any:
    """The Arrow table of a Parquet or Feather file, or of a directory of Parquet parts."""
    if not path.is_dir():
        content = path.read_bytes()
        return _arrow_file(
            unzipped(content, table) if content.startswith(b"\x1f\x8b") else content, fmt, table
        )
    import pyarrow as pa

    parts = _parts(path)
    if not parts:
        msg = f"{table}: the directory {path.name!r} holds no Parquet parts; give a file."
        raise InputError(msg)
    try:
        if any("=" in part.parent.name for part in parts):  # columns kept in folder names
            from pyarrow import parquet

            return parquet.read_table(path)
        pieces = [_arrow_file(part.read_bytes(), "parquet", table) for part in parts]
        return pa.concat_tables(pieces, promote_options="permissive")
    except (pa.ArrowException, ValueError) as error:
        msg = (
            f"{table}: the {len(parts)} Parquet parts in {path.name!r} have columns of different "
            "types; write them with one schema."
        )
        raise InputError(msg) from error


def _parts(path: Path) -> list[Path]:
    return sorted(p for p in path.rglob("*") if p.suffix.lower() in (".parquet", ".pq"))


def path_digest(path: Path) -> str:
    """The digest of a file, or of a directory's parts, without reading it into memory."""
    if not path.is_dir():
        return file_digest(path)
    return hashlib.sha256("".join(file_digest(part) for part in _parts(path)).encode()).hexdigest()


def stored_format(path: Path) -> str:
    """``parquet`` or ``csv`` (``csv.gz``), by content; for files that are read in parts."""
    if path.is_dir():
        return "parquet"
    with path.open("rb") as stream:
        magic = stream.read(4)
    return "parquet" if magic == b"PAR1" else "csv.gz" if magic[:2] == b"\x1f\x8b" else "csv"


def _from_directory(path: Path, table: str) -> RawTable:
    """A directory of Parquet parts is one table."""
    raw = _from_arrow(arrow_table(path, "parquet", table), table, path.name, "parquet", [])
    return replace(raw, input=replace(raw.input, sha256=path_digest(path)))
