"""What an agreement between two records is worth, and who agrees most.

Distances count columns alike. Here every column contributes a *weight of evidence*, read from a
table: for a category one number when the two values are equal and one when they are not, for a
number one per *window*, the smallest of a few nested intervals around a value that the other falls
into (the first window is exact equality, beyond the last one lies everything else). What the
weights are is the caller's idea (``rare_agreement``, ``record_linkage``); this module has the
windows, the shares of the pool inside them, and the exact search for the largest sums.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass

import numpy as np

from synthaudit.types import Codes, EncodedTable, Floats, Ints

LEVELS = 2.0 ** -np.arange(9, 0, -1)
"""Window widths are these quantiles of the distances between two values of the column that differ:
halving from one half to 1/512. They need no unit and no notion of an outlier. Twelve windows, or
widths in standard deviations, measured the same."""
N_QUANTILES = 512


@dataclass(frozen=True, eq=False)
class Windows:
    """How the columns of one pool are compared.

    Attributes
    ----------
    pool : EncodedTable
        The candidates, unlabelled.
    widths : (n_numbers, n_windows) float64
        Half-widths, ascending from 0; a shade wider than their value, so that rounding to single
        precision rarely separates equal distances.
    """

    pool: EncodedTable
    widths: Floats

    @property
    def n_windows(self) -> int:
        """Windows per number column, exact equality included."""
        return int(self.widths.shape[1])

    def shares(self, table: EncodedTable) -> Shares:
        """How much of the pool lies in every window of every value of ``table``."""
        return Shares(_number_shares(self, table.values), level_shares(self.pool, table.codes))


@dataclass(frozen=True, eq=False)
class Shares:
    """Shares of the pool, at least one row of it each.

    Attributes
    ----------
    numbers : (n_rows, n_numbers, n_windows + 1) float64; the last window is everything
    levels : (n_rows, n_categories) float64; share of the pool with the same level
    """

    numbers: Floats
    levels: Floats


@dataclass(frozen=True, eq=False)
class Weights:
    """Weights of evidence of the rows of one table.

    Attributes
    ----------
    windows : (n_rows, n_numbers, n_windows + 1) float64; falling from the first to the last
    equal : (n_rows, n_categories) float64
    unequal : (n_categories,) float64; nowhere above ``equal``
    """

    windows: Floats
    equal: Floats
    unequal: Floats


_WIDTHS: weakref.WeakKeyDictionary[EncodedTable, Floats] = weakref.WeakKeyDictionary()
"""By pool: several attacks, and every shadow of theirs, compare the same candidates."""


def fit_windows(pool: EncodedTable) -> Windows:
    """Windows from the unlabelled pool; a reordered pool gives the same ones."""
    widths = _WIDTHS.get(pool)
    if widths is None:
        widths = _WIDTHS[pool] = _fitted(pool)
    return Windows(pool, widths)


def _fitted(pool: EncodedTable) -> Floats:
    """Half-widths of the windows, ``(n_numbers, n_windows)``."""
    widths = np.zeros((pool.values.shape[1], LEVELS.size + 1))
    at = (np.arange(N_QUANTILES) + 0.5) / N_QUANTILES
    for j, column in enumerate(pool.values.T):
        finite = column[np.isfinite(column)]
        if finite.size:
            points = np.quantile(finite, at, method="lower")
            gaps = np.abs(points[:, None] - points[None, :])
            gaps = gaps[gaps > 0]
            if gaps.size:
                widths[j, 1:] = np.quantile(gaps, LEVELS) * (1 + 1e-6)
    return widths


def _number_shares(windows: Windows, values: Floats) -> Floats:
    pool = windows.pool.values
    shares = np.ones((*values.shape, windows.n_windows + 1))
    for j, column in enumerate(pool.T):
        missing = np.isnan(column)
        ordered, asked = np.sort(column[~missing]), values[:, j]
        for m, width in enumerate(windows.widths[j]):
            low = np.searchsorted(ordered, asked - width, "left")
            shares[:, j, m] = (np.searchsorted(ordered, asked + width, "right") - low) / len(pool)
        # a missing value is its own only look-alike
        shares[np.isnan(asked), j, : windows.n_windows] = missing.mean()
    return np.maximum(shares, 1.0 / len(pool))


def level_shares(pool: EncodedTable, codes: Codes) -> Floats:
    """Share of the pool with the same level, at least one row of it; shape of ``codes``."""
    shares = np.empty(codes.shape)
    for j, column in enumerate(pool.codes.T):
        counts = np.bincount(column, minlength=int(codes[:, j].max(initial=0)) + 1)
        shares[:, j] = np.maximum(counts[codes[:, j]], 1) / pool.n_rows
    return shares


def spread_rows(table: EncodedTable, n: int) -> Ints:
    """At most ``n`` rows, evenly spread in the order of their content: file order moves nothing."""
    order = np.lexsort((*table.codes.T, *table.values.T)).astype(np.int64)
    if order.size <= n:
        return order
    rows: Ints = order[((np.arange(n) + 0.5) * order.size / n).astype(np.int64)]
    return rows
