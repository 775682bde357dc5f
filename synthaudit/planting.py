"""Known leaks, written into a copy of the user's synthetic table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from synthaudit.data import Tables
from synthaudit.seeds import Streams
from synthaudit.types import Column, ColumnKind, Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

NOISE = 0.05
"""Near copies: standard deviation of the noise, in standard deviations of the column."""
CHANGED = 0.25
"""Copies with columns changed: share of the columns taken from some other synthetic row."""
MOST_WHOLE = 2.0**63 - 2.0**10
"""The largest double that is an int64."""


@dataclass(frozen=True)
class Leak:
    """What is planted: how, and of what share of the training rows."""

    how: str
    """``copy``, ``near``, ``changed`` or ``outliers``."""
    share: float

    @property
    def label(self) -> str:
        """Words for the report."""
        amount = f"{100 * self.share:g} % of the training rows"
        return {
            "copy": f"{amount} copied word for word",
            "near": f"{amount} copied with a little noise on every number",
            "changed": f"{amount} copied with a quarter of the columns changed",
            "outliers": f"the {100 * self.share:g} % most outlying training rows copied",
        }[self.how]

    def fits_rows(self, n_train: int, n_synthetic: int) -> bool:
        """At least one row, and the table stays mostly what it was."""
        return 1 <= round(self.share * n_train) <= n_synthetic // 2


LEAKS = tuple(
    Leak(how, share)
    for how, shares in (
        ("copy", (0.001, 0.003, 0.01, 0.05)),
        ("near", (0.01, 0.05, 0.2)),
        ("changed", (0.01, 0.05, 0.2)),
        ("outliers", (0.003, 0.01)),
    )
    for share in shares
)
"""From what counting finds with certainty to what only attacks can see."""


def plant(tables: Tables, leak: Leak, outlying: Floats, streams: Streams) -> tuple[Tables, int]:
    """The tables with the leak in the synthetic one, and how many rows were planted.

    Parameters
    ----------
    tables : Tables
        Not modified.
    leak : Leak
    outlying : (n_train,) float64
        Larger for rows that are further from all others.
    streams : Streams
    """
    train, synthetic = tables.frames["train"], tables.frames["synthetic"]
    n = round(leak.share * len(train))
    rng = streams.rng("rows")
    if leak.how == "outliers":
        chosen = np.argsort(-outlying, kind="stable")[:n].astype(np.int64)
    else:
        chosen = rng.permutation(len(train))[:n].astype(np.int64)
    rows = train.iloc[chosen].reset_index(drop=True)
    if leak.how == "near":
        rows = _noised(rows, train, tables.schema.columns, streams.rng("noise"))
    elif leak.how == "changed":
        rows = _changed(rows, synthetic, streams.rng("columns"))
    places = np.sort(rng.permutation(len(synthetic))[:n]).astype(np.int64)
    frames = tables.frames | {"synthetic": _written(synthetic, rows, places)}
    return replace(tables, frames=frames), n


def _written(synthetic: pd.DataFrame, rows: pd.DataFrame, places: Ints) -> pd.DataFrame:
    """``rows`` in the given places of ``synthetic``, dtypes as they were."""
    source = np.arange(len(synthetic))
    source[places] = len(synthetic) + np.arange(len(rows))
    sources = np.repeat(source[:, None], synthetic.shape[1], axis=1)
    return _taken(synthetic, rows, sources)


def _taken(first: pd.DataFrame, second: pd.DataFrame, sources: Ints) -> pd.DataFrame:
    """Cells of two tables, column by column, in a dtype that holds both.

    ``sources`` (n_rows, n_columns): the row of each cell; rows of the second follow the first's.
    """
    import pandas as pd

    columns = {}
    for j, name in enumerate(first.columns):
        both = pd.concat([first[name], second[name]], ignore_index=True)
        columns[name] = both.iloc[sources[:, j]].reset_index(drop=True)
    return pd.DataFrame(columns)


def _noised(
    rows: pd.DataFrame, train: pd.DataFrame, columns: tuple[Column, ...], rng: np.random.Generator
) -> pd.DataFrame:
    moved = {ColumnKind.NUMERIC: _moved, ColumnKind.DATETIME: _later}
    noised = rows.copy()
    for column in columns:
        noise = rng.standard_normal(len(rows))
        if column.kind in moved and train[column.name].notna().any():
            noised[column.name] = moved[column.kind](
                rows[column.name], train[column.name], column, noise
            )
    return noised


def _later(
    moments: pd.Series[Any], all_moments: pd.Series[Any], column: Column, noise: Floats
) -> pd.Series[Any]:
    """Moments with noise, on the column's own grid and within its range."""
    import pandas as pd

    known = _micros(all_moments)[all_moments.notna().to_numpy()]
    step = column.resolution or 1.0
    shift = np.round(NOISE * known.std() / 1e6 * noise / step) * step
    # a cell may stand at the end of what its unit can hold
    moved = np.clip(_micros(moments) + shift * 1e6, known.min(), known.max()).astype(np.int64)
    cells = moved.astype("M8[us]")
    cells[moments.isna().to_numpy()] = np.datetime64("NaT")
    return pd.Series(cells, index=moments.index).astype(moments.dtype)


def _micros(moments: pd.Series[Any]) -> Floats:
    """Microseconds since 1970; meaningless where missing."""
    micros: Floats = moments.to_numpy().astype("M8[us]").astype(np.int64).astype(np.float64)
    return micros


def _moved(
    cells: pd.Series[Any], all_cells: pd.Series[Any], column: Column, noise: Floats
) -> pd.Series[Any]:
    """Numbers with noise, on the column's own grid."""
    import pandas as pd

    values = cells.to_numpy(dtype=np.float64, na_value=np.nan)
    spread = float(np.nanstd(all_cells.to_numpy(dtype=np.float64, na_value=np.nan)))
    moved = values + NOISE * spread * noise
    if column.resolution:
        moved = np.round(moved / column.resolution) * column.resolution
    if cells.dtype.kind in "iu":
        least = -MOST_WHOLE if cells.dtype.kind == "i" else 0.0
        moved = np.clip(np.round(moved), least, MOST_WHOLE)
    return pd.Series(moved, index=cells.index).astype(cells.dtype)


def _changed(rows: pd.DataFrame, synthetic: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """A quarter of each row's columns, another quarter for every row, from one synthetic row."""
    n_changed = max(round(CHANGED * rows.shape[1]), 1)
    others = synthetic.iloc[rng.integers(len(synthetic), size=len(rows))]
    order = np.argsort(rng.random(rows.shape), axis=1)
    return _taken(rows, others, np.arange(len(rows))[:, None] + len(rows) * (order < n_changed))
