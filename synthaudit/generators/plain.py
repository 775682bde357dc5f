"""Frames in the few plain dtypes that every other tool reads alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from synthaudit.generators.dtypes import zone_of

if TYPE_CHECKING:
    import pandas as pd


def plain_frame(train: pd.DataFrame) -> pd.DataFrame:
    """A copy with text column names and numpy dtypes only.

    Whole numbers stay whole where nothing is missing, datetimes lose their zone (by the wall
    clock) and get nanoseconds, durations become seconds, levels become text.
    """
    import pandas as pd

    parts = {str(name): plain_column(train.iloc[:, j]) for j, name in enumerate(train.columns)}
    return pd.DataFrame(parts).reset_index(drop=True)


def plain_column(column: pd.Series[Any]) -> pd.Series[Any]:
    """One column in a plain numpy dtype, missing as NaN, NaT or None."""
    import pandas as pd

    kind = column.dtype.kind
    if kind in "iu" and not column.isna().any():
        return column.astype(np.int64 if kind == "i" else np.uint64)
    if kind in "iuf":
        number = pd.Series(column.to_numpy(dtype=np.float64, na_value=np.nan), index=column.index)
        return number.replace([np.inf, -np.inf], np.nan)
    if kind == "M":
        wall = column.dt.tz_localize(None) if zone_of(column) is not None else column
        return wall.astype("datetime64[ns]")
    if kind == "m":
        seconds: pd.Series[Any] = column.dt.total_seconds()
        return seconds.astype(np.float64)
    if kind == "b" and not column.isna().any():
        return column.astype(bool)
    plain = column.astype(object).map(_spelled, na_action="ignore").astype(object)
    return plain.where(plain.notna(), None)


def _spelled(cell: object) -> object:
    """Truth values as they are, anything else as text (numbers that are levels are levels)."""
    if isinstance(cell, bool | np.bool_):
        return bool(cell)
    whole = isinstance(cell, float) and cell.is_integer()
    return str(int(cell)) if whole else str(cell)  # type: ignore[call-overload]
