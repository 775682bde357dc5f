"""Identifiers that are numbers, however they are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from synthaudit.types import Floats

if TYPE_CHECKING:
    import pandas as pd


def as_numbers(keys: pd.Series[Any]) -> Floats | None:
    """The present keys as numbers, or None when one of them is no finite number (or none is there).

    Aligned frames hold identifiers as text: leading zeros and digits beyond a double's matter
    there, and do not matter for order.
    """
    import pandas as pd

    present = keys.dropna()
    if not len(present):
        return None
    numbers = pd.to_numeric(present, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers if np.isfinite(numbers).all() else None
