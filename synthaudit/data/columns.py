"""One column of one table, before anybody has decided what it means.

CSV gives text, Parquet gives types, pandas gives either: here they become the same few forms, so
that everything downstream depends on the values alone and never on the container.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from synthaudit.data.dates import Dates, read_dates
from synthaudit.data.numerals import Numerals, read_numerals
from synthaudit.data.spans import in_seconds
from synthaudit.errors import InputError
from synthaudit.types import Bools

if TYPE_CHECKING:
    import pandas as pd


class Form(StrEnum):
    """How the cells of a column are held."""

    NUMBER = "number"
    """``values`` int64 or float64."""
    TEXT = "text"
    """``values`` int32 positions in ``levels``; cells are trimmed, empty cells are missing."""
    BOOL = "bool"
    """``values`` bool."""
    MOMENT = "datetime"
    """``values`` int64 microseconds since 1970 (UTC where the source knew a time zone)."""
    EMPTY = "empty"
    """Every cell is missing: takes the form of the same column in the other tables."""
    OTHER = "other"
    """Lists, structs, bytes: nothing to compare."""


@dataclass(frozen=True, eq=False)
class RawColumn:
    """The cells of one column of one table.

    Attributes
    ----------
    values : (n_rows,) array, see :class:`Form`; meaningless where ``missing``.
    missing : (n_rows,) bool
    levels : distinct texts (pyarrow string array), TEXT only
    n_trimmed : cells that had white space around them
    single : stored in single (or half) precision
    wall : (n_rows,) int64 or None; local clock time of time-zone aware moments
    """

    form: Form
    values: NDArray[Any]
    missing: Bools
    levels: Any = None
    n_trimmed: int = 0
    single: bool = False
    wall: NDArray[np.int64] | None = None

    @property
    def n_rows(self) -> int:
        """Number of cells."""
        return int(self.missing.size)

    @property
    def n_present(self) -> int:
        """Cells that are not missing."""
        return int(self.n_rows - np.count_nonzero(self.missing))

    # half of the data room asks for these, and a column of texts can have as many levels as rows
    @cached_property
    def numerals(self) -> Numerals:
        """What the levels are as numbers, TEXT only."""
        return read_numerals(self.levels)

    @cached_property
    def dates(self) -> Dates:
        """What the levels are as dates, TEXT only; day first where no cell tells."""
        return read_dates(self.levels)


def _empty(n_rows: int) -> RawColumn:
    return RawColumn(Form.EMPTY, np.zeros(n_rows), np.ones(n_rows, dtype=bool))


def _other(n_rows: int) -> RawColumn:
    return RawColumn(Form.OTHER, np.zeros(n_rows), np.zeros(n_rows, dtype=bool))


def text_column(cells: Any) -> RawColumn:
    """A TEXT column from an Arrow string array: trimmed, empty cells missing, levels distinct."""
    import pyarrow as pa
    import pyarrow.compute as pc

    encoded = cells.dictionary_encode()
    old = encoded.dictionary
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    trimmed = pc.utf8_normalize(pc.utf8_trim_whitespace(old), form="NFC")
    is_trimmed = pc.not_equal(pc.utf8_length(trimmed), pc.utf8_length(old))
    again = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, trimmed.type), trimmed)
    merged = again.dictionary_encode()
    step = merged.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    # a last entry of -1 catches the code -1 of missing cells
    step = np.append(step, np.int32(-1))
    white = np.append(is_trimmed.to_numpy(zero_copy_only=False).astype(bool), False)
    white &= step >= 0
    values = step[codes]
    missing = values < 0
    if bool(missing.all()):
        return _empty(values.size)
    n_trimmed = int(np.count_nonzero(white[codes]))
    return RawColumn(Form.TEXT, values, missing, merged.dictionary, n_trimmed)


def _number_column(array: Any) -> RawColumn:
    import pyarrow as pa
    import pyarrow.types as kinds

    missing = array.is_null().to_numpy(zero_copy_only=False)
    if kinds.is_integer(array.type):
        if kinds.is_uint64(array.type):
            try:
                array = array.cast(pa.int64())
            except pa.ArrowInvalid:
                return text_column(array.cast(pa.string()))
        values = array.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        return RawColumn(Form.NUMBER, values, missing)
    single = not kinds.is_float64(array.type)
    values = array.to_numpy(zero_copy_only=False).astype(np.float64)
    missing = missing | np.isnan(values)
    if bool(missing.all()):
        return _empty(missing.size)
    if single:
        present = np.flatnonzero(~missing)
        values = values.copy()
        values[present] = shortest(values[present].astype(np.float32))
    return RawColumn(Form.NUMBER, values, missing, single=single)


def shortest(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """The double whose decimal spelling is the shortest that names each single: 52.1f -> 52.1."""
    import pyarrow as pa

    text = pa.array(values, type=pa.float32()).cast(pa.string())
    doubles: NDArray[np.float64] = text.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return doubles


def _decimal_column(array: Any) -> RawColumn:
    import pyarrow as pa

    if array.type.scale <= 0:
        try:
            return _number_column(array.cast(pa.int64()))
        except pa.ArrowInvalid:
            return text_column(array.cast(pa.string()))
    # through text: the direct cast divides, and is off by one unit in the last place now and then
    return _number_column(array.cast(pa.string()).cast(pa.float64()))


def _moment_column(array: Any) -> RawColumn:
    import pyarrow as pa
    import pyarrow.compute as pc

    missing = array.is_null().to_numpy(zero_copy_only=False)
    micros = pa.timestamp("us", tz=getattr(array.type, "tz", None))
    array = array.cast(micros, safe=False)
    wall = None
    if micros.tz is not None:
        local = pc.local_timestamp(array).cast(pa.int64())
        wall = local.fill_null(0).to_numpy(zero_copy_only=False)
    values = array.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    return RawColumn(Form.MOMENT, values, missing, wall=wall)


def _span_column(array: Any) -> RawColumn:
    """Times of day and durations, as seconds."""
    import pyarrow as pa
    import pyarrow.types as kinds

    per_second = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[array.type.unit]
    if kinds.is_time32(array.type):
        array = array.cast(pa.int32())
    raw = _number_column(array.cast(pa.int64()))
    return replace(raw, values=in_seconds(np.int64(0), raw.values, per_second))


def raw_columns(names: Sequence[str], arrays: Iterable[Any], table: str) -> tuple[RawColumn, ...]:
    """The columns of a table, none of whose bytes is believed before it was looked at.

    Raises
    ------
    InputError
        When a column is damaged: text that is not UTF-8, lengths beyond its end.
    """
    import pyarrow as pa

    columns = []
    for name, array in zip(names, arrays, strict=True):
        try:
            array.validate(full=True)
        except pa.ArrowException as error:
            # the reader's own words quote cells
            msg = (
                f"{table}: the cells of column {name!r} are damaged (text that is not UTF-8, or "
                "lengths that do not fit); export the table again."
            )
            raise InputError(msg) from type(error)("withheld: it may quote cells")
        columns.append(raw_column(array))
    return tuple(columns)


def raw_column(array: Any) -> RawColumn:
    """One column from an Arrow array or chunked array of any type."""
    import pyarrow as pa
    import pyarrow.types as kinds

    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
        if isinstance(array, pa.ChunkedArray):  # several chunks when offsets would overflow
            array = pa.concat_arrays([chunk.cast(pa.large_string()) for chunk in array.chunks])
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if kinds.is_dictionary(array.type):
        array = array.dictionary_decode()
    column = _by_type(array)
    return _empty(column.n_rows) if bool(column.missing.all()) else column


def _bool_column(array: Any) -> RawColumn:
    missing = array.is_null().to_numpy(zero_copy_only=False)
    return RawColumn(Form.BOOL, array.fill_null(False).to_numpy(zero_copy_only=False), missing)


def _viewed_text_column(array: Any) -> RawColumn:
    import pyarrow as pa

    return text_column(array.cast(pa.large_string()))


def _by_type(array: Any) -> RawColumn:
    import pyarrow.types as kinds

    readers = (
        (kinds.is_null, lambda nulls: _empty(len(nulls))),
        (kinds.is_boolean, _bool_column),
        (kinds.is_integer, _number_column),
        (kinds.is_floating, _number_column),
        (kinds.is_decimal, _decimal_column),
        (kinds.is_string, text_column),
        (kinds.is_large_string, text_column),
        (kinds.is_timestamp, _moment_column),
        (kinds.is_date, _moment_column),
        (kinds.is_time, _span_column),
        (kinds.is_duration, _span_column),
        # polars hands over string views; the type is younger than the oldest pyarrow we support
        (getattr(kinds, "is_string_view", lambda _: False), _viewed_text_column),
    )
    for is_kind, read in readers:
        if is_kind(array.type):
            return read(array)
    return _other(len(array))


def _spelled(value: object) -> str | None:
    """One cell of a column that mixes types, as text; None for the many spellings of missing."""
    import pandas as pd

    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, float | np.floating):
        number = float(value)
        if np.isnan(number):
            return None
        return str(int(number)) if number.is_integer() else repr(number)
    return str(value)


def series_column(series: pd.Series[Any]) -> RawColumn:
    """One column from a pandas Series of any dtype; the series is not modified."""
    import pandas as pd
    import pyarrow as pa

    dtype = series.dtype
    if dtype.kind == "c":
        return _other(len(series))
    if isinstance(dtype, pd.SparseDtype):
        series = pd.Series(np.asarray(series))
    elif isinstance(dtype, pd.PeriodDtype):
        series = series.dt.to_timestamp()
    elif isinstance(dtype, pd.IntervalDtype):
        series = series.astype(str).where(series.notna(), None)
    try:
        return raw_column(pa.array(series, from_pandas=True))
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        pass
    cells = series.array
    # one word for a cell nobody can compare: the column is then set aside
    plain = (str, bool, int, float, np.generic)
    other = (list, dict, set, tuple, bytes, bytearray, np.ndarray)
    if any(isinstance(cell, other) for cell in cells) or not any(
        isinstance(cell, plain) or hasattr(cell, "isoformat") or hasattr(cell, "as_tuple")
        for cell in cells
    ):
        return _other(len(series))
    return text_column(pa.array([_spelled(cell) for cell in cells], type=pa.large_string()))
