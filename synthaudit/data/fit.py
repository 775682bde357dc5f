"""Fitting the encoder and the canonical order together: codes are ordered by label-free keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from synthaudit.data.encode import (
    Encoder,
    Levels,
    NumberScale,
    fit_scale,
    form_of,
    level_codes,
    read_cells,
)
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
from synthaudit.types import Codes, EncodedTable, Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

NAMES = ("train", "holdout", "synthetic")


@dataclass(frozen=True, eq=False)
class Canonical:
    """The encoder, the encoded tables, and for every row of every table its keys.

    Attributes
    ----------
    encoded : by table, rows in the order of the file
    row_keys : by table, (n_rows,) uint64; what the row contains, told by the real tables alone, so
        that the order of the pool does not depend on the synthetic table (shadows can be shared
        between releases)
    finer_keys : the same with the synthetic table's counts as well: tells levels apart that the
        real tables cannot
    tie_keys : a key for every row, identical rows included
    """

    encoder: Encoder
    encoded: dict[str, EncodedTable]
    row_keys: dict[str, Keys]
    finer_keys: dict[str, Keys]
    tie_keys: dict[str, Keys]


@dataclass(frozen=True, eq=False)
class _Numbers:
    """All number columns over all tables, stacked."""

    scales: tuple[NumberScale, ...]
    values: Floats
    keys: Keys


@dataclass(frozen=True, eq=False)
class _Categories:
    """All category columns over all tables, stacked, with canonical codes."""

    levels: tuple[Levels, ...]
    codes: Codes
    coarse: Keys
    fine: Keys


def fit_canonical(tables: Tables, seed: int) -> Canonical:
    """Fit the encoder and the row keys on aligned tables."""
    sizes = [len(tables.frames[name]) for name in NAMES]
    n_real = sizes[0] + sizes[1]
    numbers = _fit_numbers(tables, n_real, seed)
    categories = _fit_categories(tables, numbers.keys, n_real, seed)
    with np.errstate(over="ignore"):
        rows = _keyed(numbers.keys + categories.coarse, seed)
    finer = _keyed(combine(rows, categories.fine), seed)
    cuts = np.cumsum(sizes)[:-1]
    fine_by_table = dict(zip(NAMES, np.split(finer, cuts), strict=True))
    return Canonical(
        Encoder(tables.schema, numbers.scales, categories.levels),
        _encoded(numbers, categories.codes, cuts),
        dict(zip(NAMES, np.split(rows, cuts), strict=True)),
        fine_by_table,
        {name: copies_apart(fine_by_table[name], side, seed) for side, name in enumerate(NAMES)},
    )


def _keyed(keys: Keys, seed: int) -> Keys:
    return combine(keys, np.full(keys.size, seed, dtype=np.uint64))


def _stacked(tables: Tables, name: str) -> pd.Series[Any]:
    import pandas as pd

    return pd.concat([tables.frames[table][name] for table in NAMES], ignore_index=True)


def _fit_numbers(tables: Tables, n_real: int, seed: int) -> _Numbers:
    names = tables.schema.numbers
    n_rows = sum(len(tables.frames[name]) for name in NAMES)
    values = np.empty((n_rows, len(names)))
    scales, keys = [], []
    for j, name in enumerate(names):
        stacked = _stacked(tables, name)
        scale = fit_scale(name, form_of(tables.frames["train"][name]), stacked.iloc[:n_real])
        values[:, j] = scale.values(stacked)
        scales.append(scale)
        keys.append(number_keys(values[:, j], scale.knots))
    return _Numbers(tuple(scales), values, numbers_part(keys, n_rows, seed))


def _fit_categories(tables: Tables, numbers: Keys, n_real: int, seed: int) -> _Categories:
    names = tables.schema.categories
    codes = np.zeros((numbers.size, len(names)), dtype=np.int32)
    values = []
    for j, name in enumerate(names):
        stacked = _stacked(tables, name)
        levels, inverse = level_codes(read_cells(stacked, form_of(stacked)))
        codes[:, j] = inverse + 1
        values.append(levels)
    sizes = tuple(len(levels) for levels in values)
    coarse = refine_levels(numbers[:n_real], codes[:n_real], sizes, seed)
    fine = refine_levels(numbers, codes, sizes, seed)
    # the keys of rows go by level, not by code: taken before the codes are renumbered
    keys = coarse.rows(codes, seed), fine.rows(codes, seed)
    fitted = []
    for j, name in enumerate(names):
        order = order_levels(
            _counts(codes[:n_real, j], sizes[j]),
            coarse.by_column[j][1:],
            _counts(codes[n_real:, j], sizes[j]).astype(np.uint64),
            fine.by_column[j][1:],
        )
        renumbered = np.zeros(sizes[j] + 1, dtype=np.int32)
        renumbered[order + 1] = np.arange(1, sizes[j] + 1, dtype=np.int32)
        codes[:, j] = renumbered[codes[:, j]]
        form = form_of(tables.frames["train"][name])
        fitted.append(Levels(name, form, values[j][order]))
    return _Categories(tuple(fitted), codes, *keys)


def _counts(codes: Codes, n_levels: int) -> Ints:
    return np.bincount(codes, minlength=n_levels + 1)[1:].astype(np.int64)


def _encoded(numbers: _Numbers, codes: Codes, cuts: Ints) -> dict[str, EncodedTable]:
    ranks = np.empty(numbers.values.shape, dtype=np.float32)
    scaled = np.empty(numbers.values.shape, dtype=np.float32)
    for j, scale in enumerate(numbers.scales):
        ranks[:, j] = scale.rank(numbers.values[:, j])
        scaled[:, j] = scale.scale(numbers.values[:, j])
    blocks = (np.split(block, cuts) for block in (ranks, scaled, numbers.values, codes))
    return {
        name: EncodedTable(*parts)
        for name, parts in zip(NAMES, zip(*blocks, strict=True), strict=True)
    }
