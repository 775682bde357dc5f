"""Fitting the encoder and the canonical order together: codes are ordered by label-free keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

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
    LevelKeys,
    combine,
    copies_apart,
    number_keys,
    numbers_part,
    order_levels,
    refine_levels,
)
from synthaudit.data.persons import persons_apart
from synthaudit.data.tables import Tables
from synthaudit.types import Codes, EncodedTable, Floats, Floats32, Ints

if TYPE_CHECKING:
    import pandas as pd

NAMES = ("train", "holdout", "synthetic")


@dataclass(frozen=True, eq=False)
class Canonical:
    """The encoder, the encoded tables, and for every row of every table its keys.

    Attributes
    ----------
    encoded : by table, rows in the order of the file
    row_keys : by table, (n_rows, 3) uint64; what each row contains: told by the real tables alone,
        so that the order of the pool does not depend on the synthetic table (shadows can be shared
        between releases); then with the synthetic table's counts, which tell some levels apart that
        the real tables cannot; then exactly (rows that still tie are identical)
    tie_keys : by table, (n_rows,) uint64, a key for every row, identical rows included
    """

    encoder: Encoder
    encoded: dict[str, EncodedTable]
    row_keys: dict[str, Keys]
    tie_keys: dict[str, Keys]


@dataclass(frozen=True, eq=False)
class _Numbers:
    """All number columns over all tables, stacked."""

    scales: tuple[NumberScale, ...]
    values: Floats
    ranks: Floats32
    keys: Keys


@dataclass(frozen=True, eq=False)
class _Categories:
    """All category columns over all tables, stacked, with canonical codes."""

    levels: tuple[Levels, ...]
    codes: Codes
    coarse: Keys
    fine: Keys
    exact: Keys


def fit_canonical(tables: Tables, seed: int) -> Canonical:
    """Fit the encoder and the row keys on aligned tables.

    With several rows a person, identical rows of different persons are told apart by what else
    their persons' rows contain.
    """
    sizes = [len(tables.frames[name]) for name in NAMES]
    n_real = sizes[0] + sizes[1]
    numbers = _fit_numbers(tables, seed)
    categories = _fit_categories(tables, numbers.keys, n_real, seed)
    parts = (categories.coarse, categories.fine, categories.exact)
    with np.errstate(over="ignore"):
        keys = np.stack([_keyed(numbers.keys + part, seed) for part in parts], axis=1)
    cuts = np.cumsum(sizes)[:-1]
    rows = dict(zip(NAMES, np.split(keys, cuts), strict=True))
    return Canonical(
        Encoder(tables.schema, numbers.scales, categories.levels),
        _encoded(numbers, categories.codes, cuts),
        rows,
        {
            name: copies_apart(_owned(rows[name][:, 2], tables.persons.get(name)), side, seed)
            for side, name in enumerate(NAMES)
        },
    )


def _owned(keys: Keys, persons: Ints | None) -> Keys:
    return keys if persons is None else combine(keys, persons_apart(keys, persons))


def _keyed(keys: Keys, seed: int) -> Keys:
    return combine(keys, np.full(keys.size, seed, dtype=np.uint64))


def _parts(tables: Tables, name: str) -> list[pd.Series[Any]]:
    return [tables.frames[table][name] for table in NAMES]


def _fit_numbers(tables: Tables, seed: int) -> _Numbers:
    names = tables.schema.numbers
    n_rows = sum(len(tables.frames[name]) for name in NAMES)
    values = np.empty((n_rows, len(names)))
    ranks = np.empty(values.shape, dtype=np.float32)
    scales, keys = [], []
    for j, name in enumerate(names):
        parts = _parts(tables, name)
        form = form_of(parts)
        cells = [read_cells(part, form) for part in parts]
        scale = fit_scale(name, form, cells[:2])
        stacked = np.concatenate([scale.values(part) for part in cells])
        # distinct values are sorted: looking them up in order is many times faster than row by row
        distinct, inverse = np.unique(stacked, return_inverse=True)
        values[:, j] = distinct[inverse]
        ranks[:, j] = scale.rank(distinct)[inverse]
        keys.append(number_keys(distinct, scale.knots)[inverse])
        scales.append(scale)
    return _Numbers(tuple(scales), values, ranks, numbers_part(keys, n_rows, seed))


def _fit_categories(tables: Tables, numbers: Keys, n_real: int, seed: int) -> _Categories:
    names = tables.schema.categories
    codes = np.zeros((numbers.size, len(names)), dtype=np.int32)
    values, forms = [], []
    for j, name in enumerate(names):
        parts = _parts(tables, name)
        forms.append(form_of(parts))
        levels, inverse = level_codes([read_cells(part, forms[j]) for part in parts])
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
            # levels that occur in the same way everywhere: any fixed order will do, but not the
            # order of the file
            _spelling_order(values[j]),
        )
        renumbered = np.zeros(sizes[j] + 1, dtype=np.int32)
        renumbered[order + 1] = np.arange(1, sizes[j] + 1, dtype=np.int32)
        codes[:, j] = renumbered[codes[:, j]]
        fitted.append(Levels(name, forms[j], values[j][order]))
    exact = LevelKeys(tuple(np.arange(size + 1, dtype=np.uint64) for size in sizes))
    return _Categories(tuple(fitted), codes, *keys, exact.rows(codes, seed))


def _spelling_order(levels: NDArray[Any]) -> Keys:
    spelled = np.array([str(level) for level in levels])
    return np.argsort(np.argsort(spelled, kind="stable")).astype(np.uint64)


def _counts(codes: Codes, n_levels: int) -> Ints:
    return np.bincount(codes, minlength=n_levels + 1)[1:].astype(np.int64)


def _encoded(numbers: _Numbers, codes: Codes, cuts: Ints) -> dict[str, EncodedTable]:
    scaled = np.empty(numbers.values.shape, dtype=np.float32)
    for j, scale in enumerate(numbers.scales):
        scaled[:, j] = scale.scale(numbers.values[:, j])
    blocks = (np.split(block, cuts) for block in (numbers.ranks, scaled, numbers.values, codes))
    return {
        name: EncodedTable(*parts)
        for name, parts in zip(NAMES, zip(*blocks, strict=True), strict=True)
    }
