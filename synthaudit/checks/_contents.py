"""Which rows are the same row: one integer per distinct content over all three tables.

Two rows are the same when every encoded column agrees: categories by level, missing equal to
missing, datetimes at the precision of the real tables, numbers exactly, where a synthetic number
that went through a 32-bit float (or the last digit of a 64-bit one) still counts as the real
number it came from.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass

import numpy as np

from synthaudit.data.views import AuditorView
from synthaudit.errors import NotApplicable
from synthaudit.types import Bools, Column, ColumnKind, Floats, Ints

TABLES = ("train", "holdout", "synthetic")


@dataclass(frozen=True, eq=False)
class Contents:
    """Codes by table; equal codes mean equal cells (``columns``) or equal rows (``rows``).

    Attributes
    ----------
    names : (n_columns,) column names, numbers first, as in ``columns``
    missing : (n_columns,) the code of a missing cell, -1 where none is missing
    columns : by table, (n_rows, n_columns) int64
    rows : by table, (n_rows,) int64 in ``range(n_contents)``
    units : ``train`` and ``holdout``, (n_rows,) int64; whose row each row is
    """

    names: tuple[str, ...]
    is_number: tuple[bool, ...]
    missing: tuple[int, ...]
    columns: dict[str, Ints]
    rows: dict[str, Ints]
    n_contents: int
    units: dict[str, Ints]

    def counts(self, table: str) -> Ints:
        """How often each content occurs in a table, ``(n_contents,)``.

        In the real tables persons are counted: what one person's rows repeat is one occurrence.
        """
        rows = self.rows[table]
        if table in self.units:
            rows = np.unique(np.stack([rows, self.units[table]]), axis=1)[0]
        return np.bincount(rows, minlength=self.n_contents).astype(np.int64)


def snapped(values: Floats, real: Floats, column: Column) -> Floats:
    """``values`` with float noise removed: moved onto the real value they are a rounding of.

    Parameters
    ----------
    values : (n,) float64, NaN for missing
    real : (m,) float64
        Distinct present values of the real tables, ascending.
    """
    found = values.copy()
    if column.kind is ColumnKind.DATETIME and column.resolution:
        found = np.floor(found / column.resolution) * column.resolution
    if not real.size:
        return found
    place = np.searchsorted(real, found)
    below = real[np.clip(place - 1, 0, real.size - 1)]
    above = real[np.clip(place, 0, real.size - 1)]
    nearest = np.where(np.abs(found - below) < np.abs(above - found), below, above)
    rounding = np.abs(found - nearest) <= 1e-12 * np.abs(nearest)
    through_float32 = _as_float32(found) == found
    # 0.1 stored in 32 bits comes back as 0.10000000149: it is a 32-bit number, 0.1 is not, and
    # 0.1 put through 32 bits is exactly it
    rounding |= through_float32 & (_as_float32(nearest) == found)
    return np.where(rounding, nearest, found)


def _as_float32(values: Floats) -> Floats:
    with np.errstate(over="ignore", invalid="ignore"):
        return values.astype(np.float32).astype(np.float64)


def _codes(tables: dict[str, Floats]) -> tuple[dict[str, Ints], int]:
    """Equal values, equal codes; NaN is a value like any other, its code (or -1) is returned."""
    pooled = np.concatenate([tables[name] for name in TABLES])
    distinct, codes = np.unique(pooled, return_inverse=True, equal_nan=True)
    missing = distinct.size - 1 if np.isnan(distinct[-1]) else -1
    sizes = [len(tables[name]) for name in TABLES]
    return _split(codes.astype(np.int64), sizes), missing


def _split(pooled: Ints, sizes: list[int]) -> dict[str, Ints]:
    return dict(zip(TABLES, np.split(pooled, np.cumsum(sizes)[:-1]), strict=True))


def _number_codes(view: AuditorView, j: int, column: Column) -> tuple[dict[str, Ints], int]:
    values = {name: view.table(name).values[:, j] for name in TABLES}
    pooled = np.concatenate([values["train"], values["holdout"]])
    real = np.unique(pooled[~np.isnan(pooled)])
    values["synthetic"] = snapped(values["synthetic"], real, column)
    return _codes(values)


def _row_codes(columns: Ints) -> tuple[Ints, int]:
    """Codes of whole rows, folded in column by column so that no hash can collide."""
    codes = np.zeros(columns.shape[0], dtype=np.int64)
    for j in range(columns.shape[1]):
        folded = codes * (int(columns[:, j].max()) + 1) + columns[:, j]
        codes = np.unique(folded, return_inverse=True)[1].astype(np.int64)
    return codes, int(codes.max()) + 1


def _contents(view: AuditorView) -> Contents:
    schema = view.schema
    numbers = [c for c in schema.columns if c.name in set(schema.numbers)]
    by_column = [_number_codes(view, j, column) for j, column in enumerate(numbers)]
    by_column += [
        ({name: view.table(name).codes[:, j].astype(np.int64) for name in TABLES}, 0)
        for j in range(len(schema.categories))
    ]
    columns = {name: np.stack([codes[name] for codes, _ in by_column], axis=1) for name in TABLES}
    codes, n_contents = _row_codes(np.concatenate([columns[name] for name in TABLES]))
    return Contents(
        names=schema.numbers + schema.categories,
        is_number=(True,) * len(schema.numbers) + (False,) * len(schema.categories),
        missing=tuple(missing for _, missing in by_column),
        columns=columns,
        rows=_split(codes, [columns[name].shape[0] for name in TABLES]),
        n_contents=n_contents,
        # rows that are persons of their own need no second look
        units={} if view.persons is None else {n: view.units(n) for n in ("train", "holdout")},
    )


_KEPT: weakref.WeakKeyDictionary[AuditorView, Contents] = weakref.WeakKeyDictionary()


def contents_of(view: AuditorView) -> Contents:
    """The contents of a view's tables, made once (several checks ask).

    Raises
    ------
    NotApplicable
        When a table has no rows or no column takes part in comparisons.
    """
    if not view.schema.numbers and not view.schema.categories:
        raise NotApplicable("No column takes part in comparisons of rows.")
    empty = [name for name in TABLES if view.table(name).n_rows == 0]
    if empty:
        raise NotApplicable(f"The {empty[0]} table has no rows.")
    if view not in _KEPT:
        _KEPT[view] = _contents(view)
    return _KEPT[view]


def unique_in_pool(contents: Contents) -> Bools:
    """Contents that exactly one person of train and holdout together has."""
    once: Bools = contents.counts("train") + contents.counts("holdout") == 1
    return once
