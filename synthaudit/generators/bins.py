"""Columns cut into few states: what tables of counts are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from synthaudit.generators.columns import CategoryColumn, ModelColumn, NumberColumn, draw_alike
from synthaudit.types import Codes, Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

MAX_LEVELS = 32
"""Levels of a category with a state of their own; the rarer ones share the last state."""


@dataclass(frozen=True, eq=False)
class BinnedColumn:
    """A training column as states: 0 is missing, then bins or levels.

    Attributes
    ----------
    codes : (n_rows,) int32
        State of every training row.
    counts : (n_states,) int64
        Training rows in every state.
    low, high : (n_states,) float64
        Smallest and largest value in the state; NaN for categories and missing.
    """

    column: ModelColumn
    codes: Codes
    counts: Ints
    low: Floats
    high: Floats

    @cached_property
    def entropy(self) -> float:
        """Of the training rows' states, in nats."""
        return entropy(self.counts, float(self.codes.size))

    @property
    def n_states(self) -> int:
        """Number of states, missing included."""
        return int(self.counts.size)

    def observed(self, states: NDArray[Any], rng: np.random.Generator) -> pd.Series[Any]:
        """Values of training rows in the given states."""
        return self.column.donate(draw_alike(self.codes, states, rng))

    def uniform(self, states: NDArray[Any], rng: np.random.Generator) -> pd.Series[Any]:
        """Numbers anywhere in the given bins; categories as ``observed``."""
        if isinstance(self.column, CategoryColumn):
            return self.observed(states, rng)
        low, high = self.low[states], self.high[states]
        if self.column.grid is None:
            return self.column.restore(low + rng.random(states.size) * (high - low))
        # every grid value of the bin equally likely, its ends included
        return self.column.restore(low + np.floor(rng.random(states.size) * (high - low + 1.0)))


def entropy(counts: NDArray[Any], n: float) -> float:
    """Of ``n`` rows counted by state, in nats."""
    occupied = counts[counts > 0]
    return float(np.log(n) - (occupied * np.log(occupied)).sum() / n)


def bin_column(column: ModelColumn, n_bins: int, min_count: int = 1) -> BinnedColumn:
    """Cut a column into states.

    Numbers: a value as frequent as a whole bin (zero, full-time hours) is a state of its own, the
    others are cut at quantiles into at most ``n_bins`` bins of at least ``min_count`` rows.
    Categories: the most frequent levels, the rest folded into one state.
    """
    if isinstance(column, CategoryColumn):
        codes = column.folded(MAX_LEVELS)
        counts = np.bincount(codes, minlength=min(column.n_levels, MAX_LEVELS) + 1)
        nothing = np.full(counts.size, np.nan)
        return BinnedColumn(column, codes, counts.astype(np.int64), nothing, nothing)
    return _bin_numbers(column, n_bins, min_count)


def without_gaps(binned: BinnedColumn) -> BinnedColumn:
    """The same states, each reaching up to where the next one begins: no spikes, no gaps."""
    low, high = binned.low, binned.high.copy()
    numbered = np.flatnonzero(~np.isnan(low))
    ascending = numbered[np.argsort(low[numbered])]
    high[ascending[:-1]] = low[ascending[1:]]
    return replace(binned, high=high)


def _bin_numbers(column: NumberColumn, n_bins: int, min_count: int) -> BinnedColumn:
    present = np.flatnonzero(~np.isnan(column.values))
    distinct, which, frequency = np.unique(
        column.values[present], return_inverse=True, return_counts=True
    )
    spike = frequency >= max(min_count, 2, present.size / n_bins)
    state = np.zeros(distinct.size, dtype=np.int64)
    n_rest = int(frequency[~spike].sum())
    if n_rest:
        n_cuts = max(1, min(n_bins, n_rest // max(min_count, 1)))
        # rows of the rest at or below each distinct value decide its quantile bin
        below = np.cumsum(frequency[~spike]) - frequency[~spike]
        bins = below * n_cuts // n_rest
        state[~spike] = np.unique(bins, return_inverse=True)[1]
    first_spike = int(state.max()) + 1 if n_rest else 0
    state[spike] = first_spike + np.arange(int(spike.sum()))
    codes = np.zeros(column.values.size, dtype=np.int32)
    codes[present] = state[which] + 1
    counts = np.bincount(codes).astype(np.int64)
    low = np.full(counts.size, np.nan)
    high = np.full(counts.size, np.nan)
    # distinct ascends: written backwards the smallest stays, forwards the largest
    low[state[::-1] + 1] = distinct[::-1]
    high[state + 1] = distinct
    return BinnedColumn(column, codes, counts, low, high)
