"""Fitting the encoder and the canonical order together: codes are ordered by label-free keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from synthaudit.data.encode import Encoder, Levels, NumberScale, fit_scale, form_of, level_codes
from synthaudit.data.encode import _cells as cells_of
from synthaudit.data.order import (
    Keys,
    combine,
    copies_apart,
    number_keys,
    numbers_part,
    order_levels,
    refine_levels,
)
from synthaudit.data.tables import Tables
from synthaudit.types import Codes

if TYPE_CHECKING:
    import pandas as pd

NAMES = ("train", "holdout", "synthetic")


@dataclass(frozen=True, eq=False)
class Canonical:
    """The encoder, and for every row of every table its keys.

    Attributes
    ----------
    row_keys : by table, (n_rows,) uint64; what the row contains, told by the real tables alone
    finer_keys : the same with the synthetic table's counts as well: tells levels apart that the
        real tables cannot
    tie_keys : a key for every row, identical rows included
    """

    encoder: Encoder
    row_keys: dict[str, Keys]
    finer_keys: dict[str, Keys]
    tie_keys: dict[str, Keys]


@dataclass(frozen=True, eq=False)
class _Column:
    """One category column over all tables, with provisional codes."""

    name: str
    levels: NDArray[Any]
    codes: Codes


def fit_canonical(tables: Tables, seed: int) -> Canonical:
    """Fit the encoder and the row keys on aligned tables."""
    import pandas as pd

    frames = tables.frames
    sizes = [len(frames[name]) for name in NAMES]
    n_real = sizes[0] + sizes[1]
    stacked = {
        name: pd.concat([frames[table][name] for table in NAMES], ignore_index=True)
        for name in (*tables.schema.numbers, *tables.schema.categories)
    }
    scales, parts = [], []
    for name in tables.schema.numbers:
        scale, keys = _number(name, stacked[name], frames["train"][name], n_real)
        scales.append(scale)
        parts.append(keys)
    numbers = numbers_part(parts, sum(sizes), seed)
    columns = [_category(name, stacked[name]) for name in tables.schema.categories]
    codes = (
        np.stack([column.codes for column in columns], axis=1)
        if columns
        else np.zeros((sum(sizes), 0), dtype=np.int32)
    )
    n_levels = tuple(len(column.levels) for column in columns)
    coarse = refine_levels(numbers[:n_real], codes[:n_real], n_levels, seed)
    fine = refine_levels(numbers, codes, n_levels, seed + 1)
    with np.errstate(over="ignore"):
        row_keys = numbers + coarse.rows(codes, seed)
        finer = combine(row_keys, fine.rows(codes, seed))
    categories = []
    for j, column in enumerate(columns):
        counts = np.bincount(codes[:n_real, j], minlength=n_levels[j] + 1)[1:]
        later = np.bincount(codes[n_real:, j], minlength=n_levels[j] + 1)[1:]
        rank = order_levels(
            counts.astype(np.int64),
            coarse.by_column[j][1:],
            later.astype(np.uint64),
            fine.by_column[j][1:],
        )
        form = form_of(frames["train"][column.name])
        categories.append(Levels(column.name, form, column.levels[rank]))
    return _by_table(
        Encoder(tables.schema, tuple(scales), tuple(categories)),
        _shuffled(row_keys, seed),
        _shuffled(finer, seed),
        sizes,
        seed,
    )


def _shuffled(keys: Keys, seed: int) -> Keys:
    return combine(keys, np.full(keys.size, seed, dtype=np.uint64))


def _number(
    name: str, stacked: pd.Series[Any], train: pd.Series[Any], n_real: int
) -> tuple[NumberScale, Keys]:
    scale = fit_scale(name, form_of(train), stacked.iloc[:n_real])
    values = scale.values(stacked)
    # places among the real values only, with room between them: the order of the pool must not
    # depend on the synthetic table, or shadows could not be shared between releases
    below = number_keys(values, scale.knots)
    exact = np.isin(values, scale.knots)
    other = np.unique(values[~exact & ~np.isnan(values)])
    between = np.searchsorted(other, values).astype(np.uint64) + np.uint64(1)
    between[exact | np.isnan(values)] = 0
    return scale, combine(below, between)


def _category(name: str, stacked: pd.Series[Any]) -> _Column:
    levels, inverse = level_codes(cells_of(stacked, form_of(stacked)))
    return _Column(name, levels, (inverse + 1).astype(np.int32))


def _by_table(
    encoder: Encoder, row_keys: Keys, finer: Keys, sizes: list[int], seed: int
) -> Canonical:
    cuts = np.cumsum(sizes)[:-1]
    rows = dict(zip(NAMES, np.split(row_keys, cuts), strict=True))
    fine = dict(zip(NAMES, np.split(finer, cuts), strict=True))
    ties = {name: copies_apart(fine[name], side, seed) for side, name in enumerate(NAMES)}
    return Canonical(encoder, rows, fine, ties)
