"""From whatever the corridor holds to plain JSON values, once, at the door of the report.

Numbers are rounded to 12 significant digits and NaN or infinite values become None here, so that
a report read back from its JSON is the very same object as the one that was written.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel

from synthaudit.types import Curve

DIGITS = 12


def rounded(value: float) -> float | None:
    """``value`` to 12 significant digits; None when it is not finite."""
    if not math.isfinite(value):
        return None
    # adding zero turns -0.0 into 0.0, which would print as a leak below chance
    return float(f"{value:.{DIGITS}g}") + 0.0


def plain(value: Any) -> Any:
    """``value`` as dicts, lists, text, numbers, booleans and None."""
    if value is None or isinstance(value, bool | int | float | str):
        return _scalar(value)
    if isinstance(value, BaseModel | Mapping) or is_dataclass(value):
        return _mapping(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, PurePath):
        return str(value)
    if hasattr(value, "tolist"):  # numpy scalars and arrays
        return plain(value.tolist())
    return _sequence(value)


def _scalar(value: bool | float | str | None) -> Any:
    if isinstance(value, str):
        # str() also turns a StrEnum into its value;
        # a column name from a frame may hold a lone surrogate, which no file can
        return str(value).encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, float):
        return rounded(value)
    return value


def _mapping(value: Any) -> dict[str, Any]:
    if isinstance(value, Curve):
        return _finite_curve(value)
    if isinstance(value, BaseModel):
        names = type(value).model_fields
        return {field.alias or name: plain(getattr(value, name)) for name, field in names.items()}
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    return {field.name: plain(getattr(value, field.name)) for field in fields(value)}


def _sequence(value: Any) -> list[Any]:
    if not isinstance(value, Iterable):
        raise TypeError(f"a report cannot hold a {type(value).__name__}")
    return [plain(item) for item in value]


def _finite_curve(curve: Curve) -> dict[str, Any]:
    """The curve without points that cannot be drawn (thresholds at infinity)."""
    names = ("x", "y", "low", "high")
    series = {name: [rounded(float(v)) for v in getattr(curve, name)] for name in names}
    n_points = len(series["x"])
    drawn = [name for name in names if len(series[name]) == n_points]
    keep = [i for i in range(n_points) if all(series[name][i] is not None for name in drawn)]
    points = {name: [series[name][i] for i in keep] if name in drawn else [] for name in names}
    labels = {"name": curve.name, "x_label": curve.x_label, "y_label": curve.y_label}
    return {**plain(labels), **points}
