"""Giving foreign output the dtypes of the training table, wherever its values allow.

A vendor's CSV brings whole numbers back as floats, categories as numbers and dates as text. Cells
are read as the audit itself reads them (``synthaudit.data``). A column that cannot be read as the
training column's kind is an error; a number that has grown fractions keeps them (that is how the
generator is, and it is measured).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from synthaudit.data.cells import Cells, as_bools, as_moments, as_numbers, as_texts
from synthaudit.data.columns import Form, RawColumn, series_column
from synthaudit.data.numerals import MISSING_WORDS
from synthaudit.errors import GeneratorError

if TYPE_CHECKING:
    import pandas as pd


def like(frame: pd.DataFrame, train: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with the dtypes of ``train``, column by column (same columns, same order).

    Raises
    ------
    GeneratorError
        When a column holds values that are not of the training column's kind; says how many.
    """
    import pandas as pd

    parts = {j: like_column(frame.iloc[:, j], train.iloc[:, j]) for j in range(train.shape[1])}
    made = pd.DataFrame(parts, index=frame.index)
    made.columns = train.columns
    return made


def like_column(made: pd.Series[Any], train: pd.Series[Any]) -> pd.Series[Any]:
    """One column with the dtype of the training column."""
    import pandas as pd

    if made.dtype == train.dtype and made.dtype.kind != "O":
        return made
    zone = zone_of(train)
    if zone is not None and zone_of(made) is not None:
        moved: pd.Series[Any] = made.dt.tz_convert(zone).astype(train.dtype)
        return moved
    plain = made.astype(object) if isinstance(made.dtype, pd.CategoricalDtype) else made
    read = column_like(series_column(plain), train)
    read.index = made.index
    return read


def column_like(raw: RawColumn, train: pd.Series[Any]) -> pd.Series[Any]:
    """The cells of a column that came from outside, with the dtype of the training column."""
    if train.dtype.kind == "m":
        return _spans(_read(as_numbers(raw), train, "durations in seconds"), train)
    form = _form(train)
    if form is Form.NUMBER:
        return _numbers(_read(as_numbers(raw), train, "numbers"), train)
    if form is Form.BOOL:
        return _truths(_read(as_bools(raw), train, "true or false"), train)
    if form is Form.MOMENT:
        cells = as_moments(raw, keep_wall=True)
        return _moments(_read(cells, train, "dates or times (ISO 8601 is best)"), train)
    return _levels(as_texts(raw), train)


def zone_of(column: pd.Series[Any]) -> Any:
    """The time zone of a column of datetimes, if it has one."""
    arrow = getattr(column.dtype, "pyarrow_dtype", None)
    return getattr(column.dtype, "tz", None) or getattr(arrow, "tz", None)


def in_zone(wall: pd.Series[Any], zone: Any) -> pd.Series[Any]:
    """Wall-clock times in their zone; those a clock change skips are moved past it."""
    early = np.zeros(len(wall), dtype=bool)
    zoned: pd.Series[Any] = wall.dt.tz_localize(zone, ambiguous=early, nonexistent="shift_forward")
    return zoned


def _form(train: pd.Series[Any]) -> Form:
    kind = train.dtype.kind
    if kind in "iuf":
        return Form.NUMBER
    if kind == "M":
        return Form.MOMENT
    if kind == "b":
        return Form.BOOL
    if train.dtype == np.dtype(object):  # truth values with gaps
        present = train.dropna()
        if len(present) and all(isinstance(cell, bool | np.bool_) for cell in present):
            return Form.BOOL
    return Form.TEXT


def _read(cells: Cells, train: pd.Series[Any], wanted: str) -> Cells:
    if cells.n_unreadable:
        raise GeneratorError(
            f"column {train.name!r} came back with {cells.n_unreadable} of {cells.n_rows} values "
            f"that are not {wanted}, as the training table has them; make the generator write them"
        )
    return cells


def _numbers(cells: Cells, train: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    values, missing = cells.values, cells.missing
    if train.dtype.kind == "f":
        number = np.where(missing, np.nan, values.astype(np.float64))
        return pd.Series(number).astype(train.dtype)
    present = values[~missing]
    limits = np.iinfo(np.dtype(f"{train.dtype.kind}{getattr(train.dtype, 'itemsize', 8)}"))
    whole = np.array_equal(np.rint(present), present)
    fits = bool(((present >= limits.min) & (present <= limits.max)).all())
    if not whole or not fits or (missing.any() and isinstance(train.dtype, np.dtype)):
        return pd.Series(np.where(missing, np.nan, values.astype(np.float64)))
    filled = pd.Series(np.where(missing, 0, values).astype(np.int64), dtype="Int64")
    return filled.mask(missing).astype(train.dtype)


def _spans(cells: Cells, train: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    seconds = np.where(cells.missing, np.nan, cells.values.astype(np.float64))
    return pd.Series(pd.to_timedelta(seconds, unit="s")).astype(train.dtype)


def _truths(cells: Cells, train: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    if cells.missing.any() and train.dtype == np.dtype(bool):
        return pd.Series(cells.objects(), dtype="boolean")  # plain bool has no missing
    return pd.Series(cells.objects(), dtype=object).astype(train.dtype)


def _moments(cells: Cells, train: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    stamps = cells.values.astype("M8[us]")
    stamps[cells.missing] = np.datetime64("NaT")
    zone = zone_of(train)
    moments = pd.Series(stamps)
    return (in_zone(moments, zone) if zone is not None else moments).astype(train.dtype)


def _levels(cells: Cells, train: pd.Series[Any]) -> pd.Series[Any]:
    """Levels matched by their spelling, so that 1, 1.0 and "1" of a CSV find their level again."""
    import pandas as pd

    known = _known_levels(train)
    texts = [] if cells.levels is None else list(cells.levels)
    # a word for missing is missing, unless the training table uses it as a level
    levels = np.empty(len(texts) + 1, dtype=object)
    levels[:-1] = [known.get(t, None if t.lower() in MISSING_WORDS else t) for t in texts]
    chosen = pd.Series(levels[np.where(cells.missing, -1, cells.values)], dtype=object)
    if isinstance(train.dtype, pd.CategoricalDtype):
        categories = list(train.dtype.categories)
        fresh = [level for level in dict.fromkeys(chosen.dropna()) if level not in set(categories)]
        if fresh:
            return pd.Series(
                pd.Categorical(chosen, [*categories, *fresh], ordered=train.dtype.ordered)
            )
    if isinstance(train.dtype, np.dtype):
        gap = train[train.isna()].iloc[0] if train.isna().any() else None
        return chosen.where(chosen.notna(), gap).astype(object)
    try:
        return chosen.astype(train.dtype)
    except (TypeError, ValueError) as error:
        raise GeneratorError(
            f"column {train.name!r} came back with values that do not fit its dtype "
            f"({train.dtype}) in the training table; make the generator write such values"
        ) from error


def _known_levels(train: pd.Series[Any]) -> dict[str, Any]:
    """The training column's own values by their spelling."""
    import pandas as pd

    dtype = train.dtype
    levels = dtype.categories if isinstance(dtype, pd.CategoricalDtype) else train.dropna().unique()
    values = list(levels)
    cells = as_texts(series_column(pd.Series(values, dtype=object)))
    if cells.levels is None:
        return {}
    rows = zip(cells.values, cells.missing, values, strict=True)
    return {str(cells.levels[code]): value for code, gone, value in rows if not gone}
