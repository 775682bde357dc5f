"""Datetimes and durations as whole numbers of their own unit, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from synthaudit.types import Bools, Ints

if TYPE_CHECKING:
    import pandas as pd


def wall_clock(source: pd.Series[Any]) -> Ints:
    """The column in its dtype's unit; with a zone: by the clock on the wall there.

    By the wall clock, so that midnights stay on one grid of days across clock changes.
    """
    import pandas as pd

    plain = source.astype(_plain(source.dtype)) if _is_arrow(source.dtype) else source
    zone = getattr(plain.dtype, "tz", None)
    wall = plain.dt.tz_localize(None) if zone is not None else plain
    return np.asarray(pd.Index(wall).to_numpy().view(np.int64))


def from_wall_clock(whole: Ints, missing: Bools, source: pd.Series[Any]) -> pd.Series[Any]:
    """The inverse of ``wall_clock``, with the dtype of ``source``."""
    import pandas as pd

    plain: Any = _plain(source.dtype) if _is_arrow(source.dtype) else source.dtype
    zone = getattr(plain, "tz", None)
    unit = np.datetime_data(np.dtype(f"M8[{plain.unit}]") if zone is not None else plain)[0]
    stamped = whole.view(f"{source.dtype.kind}8[{unit}]")
    stamped = np.where(missing, np.array("NaT", dtype=stamped.dtype), stamped)
    moments = pd.Series(stamped)
    if zone is not None:
        # invented wall times may fall in the hour that a clock change skips or repeats
        ambiguous = np.zeros(len(moments), dtype=bool)
        moments = moments.dt.tz_localize(zone, ambiguous=ambiguous, nonexistent="shift_forward")
    return moments.astype(source.dtype)


def _is_arrow(dtype: Any) -> bool:
    import pandas as pd

    return isinstance(dtype, pd.ArrowDtype)


def _plain(dtype: Any) -> Any:
    """The numpy or pandas dtype that holds what an Arrow timestamp or duration dtype holds."""
    import pandas as pd

    unit: Any = getattr(dtype.pyarrow_dtype, "unit", "s")
    zone = getattr(dtype.pyarrow_dtype, "tz", None)
    if zone is not None:
        return pd.DatetimeTZDtype(unit, zone)
    return np.dtype(f"{dtype.kind}8[{unit}]")
