"""What an agreement between two records is worth, and who agrees most.

Distances count columns alike. Here every column contributes a *weight of evidence*, read from a
table: for a category one number when the two values are equal and one when they are not, for a
number one per *window*, the smallest of a few nested intervals around a value that the other falls
into (the first window is exact equality, beyond the last one lies everything else). What the
weights are is the caller's idea (``rare_agreement``, ``record_linkage``); this module has the
windows, the shares of the pool inside them, and the exact search for the largest sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from synthaudit.data.views import AdversaryView
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
        return Shares(_number_shares(self, table.values), self.levels.shares(table.codes))

    @cached_property
    def ordered(self) -> list[Floats]:
        """The present values of every number column of the pool, ascending.

        Sorted once: shares are asked for block by block.
        """
        return [np.sort(column[~np.isnan(column)]) for column in self.pool.values.T]

    @cached_property
    def levels(self) -> Levels:
        """How often the pool has each level."""
        return Levels.of(self.pool)


@dataclass(frozen=True, eq=False)
class Levels:
    """How many rows of a pool have each level of every category."""

    counts: list[Ints]
    n_rows: int

    @classmethod
    def of(cls, pool: EncodedTable) -> Levels:
        """Count; the last entry of each column stands for levels the pool does not have."""
        counts = [np.append(np.bincount(column), 0) for column in pool.codes.T]
        return cls(counts, pool.n_rows)

    def shares(self, codes: Codes) -> Floats:
        """Share of the pool with the same level, at least one row of it; shape of ``codes``."""
        shares = np.empty(codes.shape)
        for j, counts in enumerate(self.counts):
            held = counts[np.minimum(codes[:, j], counts.size - 1)]
            shares[:, j] = np.maximum(held, 1) / self.n_rows
        return shares


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


def windows_of(view: AdversaryView) -> Windows:
    """The windows of a view's candidates, fitted once for all attacks and shadows."""
    return view.of_pool("windows", lambda: fit_windows(view.candidates))


def fit_windows(pool: EncodedTable) -> Windows:
    """Windows from the unlabelled pool; a reordered pool gives the same ones."""
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
    return Windows(pool, widths)


def _number_shares(windows: Windows, values: Floats) -> Floats:
    n_rows = windows.pool.n_rows
    shares = np.ones((*values.shape, windows.n_windows + 1))
    for j, ordered in enumerate(windows.ordered):
        # looked up once for each value that occurs, and in their order: a fraction of the time
        asked, place = np.unique(values[:, j], return_inverse=True)
        found = np.empty((asked.size, windows.n_windows))
        for m, width in enumerate(windows.widths[j]):
            low = np.searchsorted(ordered, asked - width, "left")
            found[:, m] = (np.searchsorted(ordered, asked + width, "right") - low) / n_rows
        # a missing value is its own only look-alike
        found[np.isnan(asked)] = (n_rows - ordered.size) / n_rows
        shares[:, j, : windows.n_windows] = found[place.reshape(-1)]
    return np.maximum(shares, 1.0 / n_rows)


def spread_rows(table: EncodedTable, n: int) -> Ints:
    """At most ``n`` rows, evenly spread in the order of their content: file order moves nothing."""
    order = np.lexsort((*table.codes.T, *table.values.T)).astype(np.int64)
    if order.size <= n:
        return order
    rows: Ints = order[((np.arange(n) + 0.5) * order.size / n).astype(np.int64)]
    return rows
