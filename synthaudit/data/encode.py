"""From aligned frames to arrays: ranks, scaled values and codes, fitted on the pooled real rows.

The encoder never sees which real row is a member: it is fitted on train and holdout thrown
together, and the same encoder turns every shadow table into the same arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from synthaudit.data.categories import share_levels
from synthaudit.data.cells import EXACT, Cells, as_bools, as_moments, as_numbers, as_texts
from synthaudit.data.columns import Form, series_column
from synthaudit.errors import InputError
from synthaudit.types import Codes, EncodedTable, Floats, Floats32, Schema

if TYPE_CHECKING:
    import pandas as pd

FARTHEST = 1e30
"""Scaled values end here: squares and sums of single-precision numbers must stay finite."""

_READERS = {
    Form.NUMBER: as_numbers,
    Form.BOOL: as_bools,
    Form.TEXT: as_texts,
    Form.MOMENT: as_moments,
}


def form_of(parts: Iterable[pd.Series[Any]]) -> Form:
    """The form of one column of the aligned frames, told by its dtype and first present cell."""
    by_kind = {
        "i": Form.NUMBER,
        "u": Form.NUMBER,
        "f": Form.NUMBER,
        "M": Form.MOMENT,
        "b": Form.BOOL,
    }
    for series in parts:
        if series.dtype.kind in by_kind:
            return by_kind[series.dtype.kind]
        present = series.first_valid_index()
        if present is not None:
            return Form.BOOL if isinstance(series.loc[present], bool) else Form.TEXT
    return Form.TEXT


def read_cells(series: pd.Series[Any], form: Form) -> Cells:
    """The cells of a column of a frame in the given form."""
    return _READERS[form](series_column(series))


@dataclass(frozen=True, eq=False)
class NumberScale:
    """How one number column is laid out.

    Attributes
    ----------
    origin : subtracted before anything else; 0 unless integers exceed what a double holds exactly
    knots : (n_distinct,) float64, the distinct real values, ascending
    ranks : (n_distinct,) float64, their mid-ranks ``(#below + #equal / 2) / n``
    """

    name: str
    form: Form
    origin: int
    knots: Floats
    ranks: Floats
    median: float
    spread: float

    def values(self, cells: Cells) -> Floats:
        """The column as doubles, NaN where missing."""
        values = cells.values
        if self.form is Form.MOMENT:
            doubles = values / 1e6
        elif self.origin and values.dtype.kind == "i":
            doubles = (values - self.origin).astype(np.float64)
        else:
            doubles = values.astype(np.float64) - float(self.origin)
        answer: Floats = np.where(cells.missing, np.nan, doubles)
        return answer

    def rank(self, values: Floats) -> Floats32:
        """Mid-rank among the real rows: linear between observed values, 0 below and 1 above."""
        if self.knots.size == 0:
            return np.full(values.size, np.nan, dtype=np.float32)
        ranks = np.interp(values, self.knots, self.ranks, left=0.0, right=1.0)
        ranks[np.isnan(values)] = np.nan
        return ranks.astype(np.float32)

    def scale(self, values: Floats) -> Floats32:
        """Robust standard deviations from the median of the real rows."""
        scaled = (values - self.median) / self.spread
        return np.clip(scaled, -FARTHEST, FARTHEST).astype(np.float32)


def fit_scale(name: str, form: Form, real: Sequence[Cells]) -> NumberScale:
    """Lay out one number column by the values of the real tables together."""
    origin = _origin([cells.present for cells in real]) if form is Form.NUMBER else 0
    blank = NumberScale(name, form, origin, np.empty(0), np.empty(0), 0.0, 1.0)
    values = np.concatenate([blank.values(cells) for cells in real])
    values = values[~np.isnan(values)]
    if values.size == 0:
        return blank
    knots, counts = np.unique(values, return_counts=True)
    ranks = (np.cumsum(counts) - counts / 2.0) / values.size
    spread, median = _robust(values)
    return NumberScale(name, form, origin, knots, ranks, median, spread)


def _robust(values: Floats) -> tuple[float, float]:
    """A spread that is about one standard deviation and never 0, and the median.

    The interquartile range over 1.349 is the standard deviation of a normal margin; where half of
    the values are equal it is 0 and the standard deviation itself steps in.
    """
    quarter, median, three = (float(q) for q in np.quantile(values, (0.25, 0.5, 0.75)))
    spread = (three - quarter) / 1.349 or float(values.std()) or 1.0
    return spread, median


def _origin(parts: list[NDArray[Any]]) -> int:
    """The smallest of integers that are too large to be told apart as doubles, else 0."""
    whole = [part for part in parts if part.size and part.dtype.kind == "i"]
    if not whole:
        return 0
    low = min(int(part.min()) for part in whole)
    high = max(int(part.max()) for part in whole)
    return low if max(abs(low), abs(high)) > EXACT else 0


@dataclass(frozen=True, eq=False)
class Levels:
    """The levels of one category column in the order of their codes (the first has code 1)."""

    name: str
    form: Form
    values: NDArray[Any]

    def codes(self, series: pd.Series[Any]) -> Codes:
        """Codes of a column; levels nobody has seen yet get the codes after the known ones."""
        import pandas as pd

        cells = read_cells(series, self.form)
        uniques, inverse = level_codes([cells])
        known = pd.Index(self.values, dtype=object).get_indexer(pd.Index(uniques, dtype=object))
        table = known.astype(np.int32) + 1
        fresh = table == 0
        table[fresh] = len(self.values) + 1 + np.arange(int(fresh.sum()), dtype=np.int32)
        table = np.append(table, np.int32(0))  # the code -1 of missing cells
        answer: Codes = table[inverse].astype(np.int32)
        return answer


def level_codes(parts: Sequence[Cells]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Distinct values (as objects) of stacked columns and each cell's position; -1: missing."""
    shared = share_levels({i: _by_level(cells) for i, cells in enumerate(parts)})
    positions = [np.where(cells.missing, -1, cells.values) for cells in shared.values()]
    levels = shared[0].levels
    assert levels is not None  # noqa: S101 - share_levels always lists them
    stacked = np.concatenate(positions).astype(np.int64)
    is_used = np.bincount(stacked + 1, minlength=len(levels) + 1)[1:] > 0
    moved = np.append(np.cumsum(is_used) - 1, -1)  # the last is that of missing cells
    return levels[is_used], moved[stacked]


def _by_level(cells: Cells) -> Cells:
    """Cells of any form as positions in their distinct values (objects, so that none is rounded
    when integers meet doubles)."""
    import pandas as pd

    if cells.levels is not None:
        return cells
    positions = np.full(cells.n_rows, -1, dtype=np.int32)
    positions[~cells.missing], distinct = pd.factorize(cells.present)
    return replace(cells, values=positions, levels=np.asarray(distinct).astype(object))


@dataclass(frozen=True, eq=False)
class Encoder:
    """Turns aligned frames, and whatever a generator returns, into arrays of one layout."""

    schema: Schema
    numbers: tuple[NumberScale, ...]
    categories: tuple[Levels, ...]

    def transform(self, frame: pd.DataFrame) -> EncodedTable:
        """Encode a frame with (at least) the encoded columns of the schema, in any order.

        Raises
        ------
        InputError
            When a column is missing.
        """
        wanted = [*(scale.name for scale in self.numbers), *(c.name for c in self.categories)]
        lacking = [name for name in wanted if name not in frame.columns]
        if lacking:
            msg = (
                f"The table lacks {len(lacking)} of the {len(wanted)} audited columns "
                f"(the first is {lacking[0]!r}); return every column of the training table."
            )
            raise InputError(msg)
        n = len(frame)
        values = np.empty((n, len(self.numbers)))
        ranks = np.empty(values.shape, dtype=np.float32)
        scaled = np.empty(values.shape, dtype=np.float32)
        for j, number in enumerate(self.numbers):
            values[:, j] = number.values(read_cells(frame[number.name], number.form))
            ranks[:, j] = number.rank(values[:, j])
            scaled[:, j] = number.scale(values[:, j])
        codes = np.empty((n, len(self.categories)), dtype=np.int32)
        for j, category in enumerate(self.categories):
            codes[:, j] = category.codes(frame[category.name])
        return EncodedTable(ranks, scaled, values, codes)
