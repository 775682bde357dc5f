"""Columns as the built-in generators see them: numbers on a grid or levels, and back again.

Every built-in turns a training column into arithmetic, invents or picks values, and must hand back
a column of the very same dtype, on the same grid (whole numbers stay whole, dates stay dates,
prices keep two decimals). That translation lives here, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from synthaudit.errors import GeneratorError
from synthaudit.generators.moments import from_wall_clock, wall_clock
from synthaudit.types import Bools, Codes, Floats, Floats32, Ints

if TYPE_CHECKING:
    import pandas as pd

MAX_DECIMALS = 6
_EXACT = float(2**53)
"""Whole numbers beyond this have no exact float64."""


@dataclass(frozen=True)
class Grid:
    """All values of a column are ``(base + k * step) / scale`` with whole k from 0 to ``last``."""

    base: int
    step: int
    scale: int
    last: int

    def whole(self, positions: Floats) -> Ints:
        """The nearest grid values times ``scale``; positions outside the grid are clipped."""
        k = np.rint(np.clip(positions, 0.0, float(self.last))).astype(np.int64)
        return np.asarray(self.base + k * self.step, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class NumberColumn:
    """A numeric, datetime or timedelta column with more than two distinct values.

    Attributes
    ----------
    source : pandas.Series
        The training column.
    values : (n_rows,) float64
        In units of the grid's steps above its base when there is a grid, else the value itself;
        NaN where missing, infinities replaced by the nearest finite value.
    grid : Grid or None
    """

    source: pd.Series[Any]
    values: Floats
    grid: Grid | None

    @cached_property
    def missing_lowest(self) -> Floats32:
        """The values for whoever cannot read NaN: missing lies below all of them."""
        low = np.nanmin(self.values)
        gap = np.nanmax(self.values) - low
        return np.where(np.isnan(self.values), low - gap, self.values).astype(np.float32)

    def donate(self, rows: Ints) -> pd.Series[Any]:
        """The values of the given training rows, untouched."""
        return self.source.take(rows)

    def locate(self, other: pd.Series[Any]) -> Floats:
        """Where the values of a column of the same dtype lie, in the units of ``values``."""
        missing = np.asarray(other.isna(), dtype=bool)
        if self.grid is None or other.dtype.kind == "f":
            number = other.to_numpy(dtype=np.float64, na_value=np.nan)
            if self.grid is None:
                return number
            return (number * self.grid.scale - self.grid.base) / self.grid.step
        if other.dtype.kind in "mM":
            whole = wall_clock(other)
        else:
            whole = other.fillna(0).to_numpy(dtype=np.int64)
        above = (whole - self.grid.base) / self.grid.step
        return np.where(missing, np.nan, above)

    def restore(self, values: Floats) -> pd.Series[Any]:
        """Invented values (NaN: missing) as a column of the training column's dtype.

        Rounded to the grid, and clipped to the training column's range: a negative age or a date
        of birth in the future would give a synthetic row away as synthetic, not as a member.
        """
        import pandas as pd

        missing = np.isnan(values)
        if self.grid is None:
            clipped = np.clip(values, np.nanmin(self.values), np.nanmax(self.values))
            return pd.Series(clipped).astype(self.source.dtype)
        whole = self.grid.whole(np.where(missing, 0.0, values))
        if self.source.dtype.kind in "mM":
            return from_wall_clock(whole, missing, self.source)
        if self.grid.scale != 1 or pd.api.types.is_float_dtype(self.source.dtype):
            number = np.where(missing, np.nan, whole / self.grid.scale)
            return pd.Series(number).astype(self.source.dtype)
        if not missing.any():
            return pd.Series(whole).astype(self.source.dtype)
        return pd.Series(whole, dtype="Int64").mask(missing).astype(self.source.dtype)


@dataclass(frozen=True, eq=False)
class CategoryColumn:
    """Any other column: text, categories, booleans, and numbers with at most two values.

    Attributes
    ----------
    source : pandas.Series
        The training column.
    codes : (n_rows,) int32
        0 is missing, 1.. are levels in order of falling frequency.
    exemplars : (n_levels + 1,) int64
        A training row that shows each level, by code; -1 for missing when nothing is missing.
    """

    source: pd.Series[Any]
    codes: Codes
    exemplars: Ints

    @property
    def n_levels(self) -> int:
        """Number of present levels."""
        return int(self.exemplars.size - 1)

    def donate(self, rows: Ints) -> pd.Series[Any]:
        """The values of the given training rows, untouched."""
        return self.source.take(rows)

    def locate(self, other: pd.Series[Any]) -> Codes:
        """Codes of the levels of another column; one past the last where a level is new."""
        import pandas as pd

        level_of = pd.Index(self.source.take(self.exemplars[1:]), dtype=object)
        found = level_of.get_indexer(pd.Index(other, dtype=object)) + 1
        codes = np.where(found > 0, found, self.n_levels + 1)
        return np.where(other.isna(), 0, codes).astype(np.int32)

    def restore(self, codes: NDArray[Any]) -> pd.Series[Any]:
        """Invented codes as a column of the training column's dtype."""
        return self.source.take(self.exemplars[codes])

    def folded(self, max_levels: int) -> Codes:
        """Codes with every level from ``max_levels`` on folded into one (the rare ones)."""
        return np.minimum(self.codes, np.int32(max_levels))


ModelColumn = NumberColumn | CategoryColumn


@dataclass(frozen=True, eq=False)
class TrainingColumns:
    """A training frame, read column by column."""

    frame: pd.DataFrame
    columns: tuple[ModelColumn, ...]

    @classmethod
    def read(cls, frame: pd.DataFrame) -> TrainingColumns:
        """Read every column of ``frame``; the frame is not modified.

        Raises
        ------
        GeneratorError
            When the frame has no rows or no columns.
        """
        if frame.shape[0] == 0 or frame.shape[1] == 0:
            raise GeneratorError(
                f"a generator needs at least one row and one column to learn from, got "
                f"{frame.shape[0]} rows and {frame.shape[1]} columns; give it a larger table"
            )
        return cls(frame, tuple(read_column(frame.iloc[:, j]) for j in range(frame.shape[1])))

    @property
    def n_rows(self) -> int:
        """Number of training rows."""
        return int(self.frame.shape[0])

    def assemble(self, parts: Sequence[pd.Series[Any]]) -> pd.DataFrame:
        """The synthetic frame: one part a column, the training frame's names, a plain index."""
        import pandas as pd

        plain = {j: part.reset_index(drop=True) for j, part in enumerate(parts)}
        frame = pd.DataFrame(plain)
        # names set last: they may repeat or not be strings
        frame.columns = self.frame.columns
        return frame


def draw_alike(
    group_of_train: NDArray[Any], group_of_new: NDArray[Any], rng: np.random.Generator
) -> Ints:
    """For every new row, a training row of the same group (leaf, bin), each equally likely."""
    order = np.argsort(group_of_train, kind="stable")
    in_order = group_of_train[order]
    first = np.searchsorted(in_order, group_of_new, side="left")
    n_alike = np.searchsorted(in_order, group_of_new, side="right") - first
    nth = np.floor(rng.random(group_of_new.size) * n_alike).astype(np.int64)
    return np.asarray(order[first + nth], dtype=np.int64)


def read_column(source: pd.Series[Any]) -> ModelColumn:
    """One training column as numbers on a grid or as codes of levels."""
    import pandas as pd

    kind = source.dtype.kind
    if kind in "iufmM":
        missing = np.asarray(source.isna(), dtype=bool)
        present = source[~missing]
        # two values or fewer: nothing to interpolate, and 0/1 columns are categories in disguise
        if present.nunique() > 2:
            if kind in "mM":
                return _read_moments(source, missing)
            if kind in "iu" and not _overflows(present):
                whole = np.zeros(len(source), dtype=np.int64)
                whole[~missing] = present.to_numpy(dtype=np.int64)
                return _on_grid(source, whole, missing, scale=1)
            return _read_floats(source, missing)
    try:
        codes, _ = pd.factorize(source)
    except TypeError:  # cells that are lists or dicts
        codes, _ = pd.factorize(source.astype(str).where(source.notna()))
    return _by_frequency(source, codes)


def _overflows(present: pd.Series[Any]) -> bool:
    return present.dtype.kind == "u" and int(present.max()) > np.iinfo(np.int64).max


def _by_frequency(source: pd.Series[Any], raw: NDArray[Any]) -> CategoryColumn:
    """Number the levels 1.. by falling frequency, ties by first appearance."""
    n_levels = int(raw.max()) + 1 if raw.size else 0
    counts = np.bincount(raw[raw >= 0], minlength=n_levels)
    rank = np.empty(n_levels + 1, dtype=np.int32)
    rank[np.argsort(-counts, kind="stable")] = np.arange(1, n_levels + 1, dtype=np.int32)
    rank[-1] = 0  # factorize's code of missing is -1
    codes = rank[raw]
    exemplars = np.full(n_levels + 1, -1, dtype=np.int64)
    # written backwards, so that the first row of each level is what stays
    exemplars[codes[::-1]] = np.arange(raw.size - 1, -1, -1)
    return CategoryColumn(source, codes, exemplars)


def _on_grid(
    source: pd.Series[Any], whole: Ints, missing: Bools, scale: int, finite: Bools | None = None
) -> NumberColumn:
    """A number column whose values times ``scale`` are the given whole numbers."""
    known = ~missing if finite is None else finite
    base = int(whole[known].min())
    above = whole - base
    step = int(np.gcd.reduce(above[known])) or 1
    last = int(above[known].max()) // step
    values = (above // step).astype(np.float64)
    values[missing] = np.nan
    return NumberColumn(source, values, Grid(base, step, scale, last))


def _read_floats(source: pd.Series[Any], missing: Bools) -> NumberColumn:
    values = source.to_numpy(dtype=np.float64, na_value=np.nan).copy()
    finite = np.isfinite(values)
    if not finite.any():
        return NumberColumn(source, np.where(missing, np.nan, np.sign(values)), None)
    values[np.isposinf(values)] = values[finite].max()
    values[np.isneginf(values)] = values[finite].min()
    scale = _decimal_scale(values[finite], single=getattr(source.dtype, "itemsize", 8) < 8)
    if scale is None:
        return NumberColumn(source, values, None)
    whole = np.rint(np.where(missing, 0.0, values) * scale).astype(np.int64)
    return _on_grid(source, whole, missing, scale, finite)


def _decimal_scale(values: Floats, *, single: bool) -> int | None:
    """The smallest power of ten that makes every value whole, if one up to 10**6 does."""
    for decimals in range(MAX_DECIMALS + 1):
        scale = int(10**decimals)
        # a short look first: most columns without a grid fail it
        for part in (values[:64], values):
            scaled = np.rint(part * scale)
            back = scaled / scale
            if single:
                back = back.astype(np.float32).astype(np.float64)
            if np.abs(scaled).max() >= _EXACT or not np.array_equal(back, part):
                break
        else:
            return scale
    return None


def _read_moments(source: pd.Series[Any], missing: Bools) -> NumberColumn:
    return _on_grid(source, wall_clock(source), missing, scale=1)
