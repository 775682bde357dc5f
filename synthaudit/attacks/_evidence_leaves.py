"""What the search of ``_evidence_kernels`` is handed: leaves, queries, work space."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synthaudit.neighbors.compiled import kernel
from synthaudit.types import Bools, Codes, Floats, Floats32, Ints

PADDED = 32
"""Leaves take a multiple of this many places: a ragged end would cost as much as the rest."""


class Leaves(NamedTuple):
    """The reference rows in leaf order, column by column, and what their leaves hold.

    Attributes
    ----------
    starts : (n_leaves + 1,) int64; first place of each leaf, a multiple of ``PADDED`` apart.
    sizes : (n_leaves,) int64; rows of each leaf; the places beyond repeat its last row.
    rows : (n_places,) int64; row numbers of the reference, ascending inside a leaf.
    values : (n_numbers, n_places) float32; NaN where missing.
    keys : (n_numbers, n_places) int32; equal where the values in double precision are.
    codes : (n_categories, n_places) int32
    short_keys : (n_numbers, n_places) uint16; the last 16 bits of the keys.
    short_codes : (n_categories, n_places) uint8; the last 8 bits of the codes.
    low, high : (n_numbers, n_leaves) float32; of the present values.
    gaps : (n_numbers, n_leaves) bool; whether a value is missing.
    alike : (n_columns, n_leaves) bool; whether all rows share one key (numbers first) or code.
    holds : (n_buckets, n_leaves) uint8; whether a leaf has a key (a code) of the bucket.
    offsets, widths : (n_columns,) int64; first bucket of each column, numbers first, and how many.
    """

    starts: Ints
    sizes: Ints
    rows: Ints
    values: Floats32
    keys: Codes
    codes: Codes
    short_keys: NDArray[np.uint16]
    short_codes: NDArray[np.uint8]
    low: Floats32
    high: Floats32
    gaps: Bools
    alike: Bools
    holds: NDArray[np.uint8]
    offsets: Ints
    widths: Ints


class Asked(NamedTuple):
    """Queries row by row, with their weights.

    Attributes
    ----------
    values, keys, codes : as in ``Leaves``, transposed.
    windows : (n_queries, n_numbers, n_windows + 1) float32, falling.
    equal : (n_queries, n_categories) float64
    unequal : (n_categories,) float64
    itself : (n_queries,) int64; a reference row to skip, or below 0.
    order : (n_numbers,) int64; number columns, the most telling first.
    """

    values: Floats32
    keys: Codes
    codes: Codes
    windows: Floats32
    equal: Floats
    unequal: Floats
    itself: Ints
    order: Ints


class Room(NamedTuple):
    """Work space of one thread.

    Attributes
    ----------
    bounds : (n_leaves,) float32
    parts : (n_numbers, n_leaves) float32; what each number column adds to the bounds.
    sums : (places of the longest leaf,) float32
    """

    bounds: Floats32
    parts: Floats32
    sums: Floats32


@kernel
def fill_leaves(leaves: Leaves) -> None:
    """Widen empty boxes until they hold their rows."""
    n_numbers = leaves.values.shape[0]
    for leaf in range(leaves.sizes.size):
        first = leaves.starts[leaf]
        for i in range(first, first + leaves.sizes[leaf]):
            for j in range(n_numbers):
                value = leaves.values[j, i]
                if np.isnan(value):
                    leaves.gaps[j, leaf] = True
                else:
                    leaves.low[j, leaf] = min(leaves.low[j, leaf], value)
                    leaves.high[j, leaf] = max(leaves.high[j, leaf], value)
                leaves.alike[j, leaf] &= leaves.keys[j, i] == leaves.keys[j, first]
                bucket = leaves.offsets[j] + leaves.keys[j, i] % leaves.widths[j]
                leaves.holds[bucket, leaf] = 1
            for j in range(leaves.codes.shape[0]):
                column = n_numbers + j
                leaves.alike[column, leaf] &= leaves.codes[j, i] == leaves.codes[j, first]
                bucket = leaves.offsets[column] + leaves.codes[j, i] % leaves.widths[column]
                leaves.holds[bucket, leaf] = 1
