"""Tables as small integers: the coarse form that is scanned, beside the exact form that decides.

Every column is laid out in *units*, all of the same size, so that a distance in units is a plain
sum of 16-bit integers, which the scan adds sixteen at a time. A number becomes the count of whole
units above the column's lowest laid-out value, clamped to what 16 bits hold; a category becomes a
level number. Rounding down moves the gap of two numbers by less than one unit and clamping only
shrinks it, so a distance in units never exceeds the true one by more than one unit per number
column. That makes it a filter that loses nothing (see ``parts.limit_of``); exact distances are
taken afterwards, in double precision, for the few rows that pass.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthaudit.types import Codes, Floats, Floats32, Ints

Units = NDArray[np.uint16]

MISSING = np.float32(-2e38)
"""Stands for a missing number in the exact form: further than any cap from every present value."""
LARGEST = np.float32(1e38)
"""Present values are clipped to this, so that no difference overflows (infinities are equal)."""
MOST_UNITS = 65_534
"""Most units of two rows; one less than 16 bits hold, for the scan to have a mark of its own."""
ELSEWHERE = 65_535
"""The level number of a code that does not occur in the reference."""
MOST_LEVELS = 65_534
"""Levels told apart by the scan; in longer columns several rare levels share a number."""
FINEST_CAP = 8_191
"""Most units one number column may contribute, so that its range spans at least six caps."""
LOOKUP_RANGE = 65_536
"""Codes spread wider than this, and than the rows are many, are sorted instead of looked up."""


@dataclass(frozen=True, eq=False)
class Levels:
    """One category column: its codes, numbered from the most frequent down.

    Attributes
    ----------
    known : (n_levels,) int32, ascending; the codes that occur in the reference.
    number : (n_levels + 1,) uint16; the level number of each, and last that of any other code.
    bucket : (n_levels + 1,) int32; the row of the presence table of each, and last of any other.
    n_buckets : int
    """

    known: Codes
    number: Units
    bucket: NDArray[np.int32]
    n_buckets: int

    def positions(self, codes: Codes) -> Ints:
        """Index into ``number`` and ``bucket`` for every code, ``(n_rows,)``."""
        unknown = self.known.size
        low, high = int(self.known[0]), int(self.known[-1])
        if high - low < max(LOOKUP_RANGE, codes.size):
            table = np.full(high - low + 3, unknown, dtype=np.int64)
            table[self.known.astype(np.int64) - low + 1] = np.arange(unknown)
            found: Ints = table[np.clip(codes.astype(np.int64) - low + 1, 0, high - low + 2)]
            return found
        spot = np.minimum(np.searchsorted(self.known, codes), unknown - 1)
        return np.where(self.known[spot] == codes, spot, unknown).astype(np.int64)


def levels_of(codes: Codes, most_buckets: int) -> Levels:
    """Number the levels of a reference column; rare levels share buckets of about equal weight."""
    known, counts = _counted(codes)
    by_frequency = np.argsort(-counts, kind="stable")
    rank = np.empty(known.size, dtype=np.int64)
    rank[by_frequency] = np.arange(known.size)
    number = _shared(counts, by_frequency, rank, MOST_LEVELS)
    bucket = _shared(counts, by_frequency, rank, most_buckets)
    n_known = int(bucket.max()) + 1
    return Levels(
        known=known.astype(np.int32),
        number=np.append(number, ELSEWHERE).astype(np.uint16),
        bucket=np.append(bucket, n_known).astype(np.int32),
        n_buckets=n_known + 1,
    )


def _counted(codes: Codes) -> tuple[Ints, Ints]:
    """The codes that occur, ascending, and how often; without sorting where they lie close."""
    low, high = int(codes.min()), int(codes.max())
    if high - low >= max(LOOKUP_RANGE, codes.size):
        values, counts = np.unique(codes, return_counts=True)
        return values.astype(np.int64), counts.astype(np.int64)
    all_counts = np.bincount(codes.astype(np.int64) - low)
    known = np.flatnonzero(all_counts)
    return known + low, all_counts[known]


def _shared(counts: Ints, by_frequency: Ints, rank: Ints, most: int) -> Ints:
    """At most ``most`` groups of levels, monotone in frequency, about equal in rows."""
    if rank.size <= most:
        return rank
    ordered = counts[by_frequency]
    before = np.cumsum(ordered) - ordered
    group = before * most // int(ordered.sum())
    group = np.unique(group, return_inverse=True)[1]
    answer: Ints = group[rank]
    return answer


@dataclass(frozen=True, eq=False)
class Layout:
    """How the columns of one reference become units; queries are laid out alike.

    Attributes
    ----------
    n_numbers : int
    caps : (n_columns,) uint16; most units a column contributes, number columns first.
    low : (n_numbers,) float64; the value laid out at the column's lowest place.
    units_per_value : (n_numbers,) float64
    units_per_distance : float; units in a mean distance of 1.
    levels : tuple of Levels, one per category column
    """

    n_numbers: int
    caps: Units
    low: Floats
    units_per_value: Floats
    units_per_distance: float
    levels: tuple[Levels, ...]

    def units(self, numbers: Floats32, positions: list[Ints]) -> Units:
        """The coarse form, ``(n_rows, n_columns)``: missing numbers at 0, present ones above."""
        n_rows = numbers.shape[0]
        table = np.empty((n_rows, self.caps.size), dtype=np.uint16)
        for j in range(self.n_numbers):
            cap = int(self.caps[j])
            column = numbers[:, j]
            place = (column.astype(np.float64) - self.low[j]) * self.units_per_value[j]
            place = np.clip(place, 0, MOST_UNITS - 2 * cap - 3) + (cap + 1)
            table[:, j] = np.where(column == MISSING, 0, place)
        for j, column_positions in enumerate(positions):
            table[:, self.n_numbers + j] = self.levels[j].number[column_positions]
        return table

    def positions(self, codes: Codes) -> list[Ints]:
        """Where each code stands among the known levels, per category column."""
        return [level.positions(codes[:, j]) for j, level in enumerate(self.levels)]

    def buckets(self, positions: list[Ints], n_rows: int) -> NDArray[np.int32]:
        """Rows of the presence table, ``(n_rows, n_categories)``."""
        table = np.empty((n_rows, len(self.levels)), dtype=np.int32)
        offset = self.n_numbers
        for j, level in enumerate(self.levels):
            table[:, j] = level.bucket[positions[j]] + offset
            offset += level.n_buckets
        return table

    @property
    def pays(self) -> Units:
        """What a query pays, by row of the presence table, where a box has nothing of the kind.

        The first rows stand for a missing number, column by column; the buckets follow.
        """
        n_rows = [1] * self.n_numbers + [level.n_buckets for level in self.levels]
        return np.repeat(self.caps, n_rows)


def exact_numbers(numbers: Floats32) -> Floats32:
    """A copy with missing values replaced by ``MISSING`` and the rest clipped to finite values."""
    clipped = np.clip(numbers, -LARGEST, LARGEST)
    exact = np.where(np.isnan(numbers), MISSING, clipped)
    return np.ascontiguousarray(exact, dtype=np.float32)


def layout_of(
    numbers: Floats32, codes: Codes, cap: float, weights: Floats, most_buckets: int
) -> Layout:
    """Choose the unit: as fine as 16 bits allow for the sum over all columns.

    ``numbers`` are exact numbers (see ``exact_numbers``); ``weights`` number columns first, all
    above zero.
    """
    n_numbers = numbers.shape[1]
    largest = weights.copy()
    largest[:n_numbers] *= cap
    unit = largest.sum() / MOST_UNITS
    if n_numbers:
        unit = max(unit, largest[:n_numbers].max() / FINEST_CAP)
    elif np.all(weights == weights[0]):
        unit = weights[0] / np.floor(weights[0] / unit)  # mismatches are whole units: ties show
    caps = np.floor(largest / unit + 1e-9).astype(np.uint16)
    low = np.zeros(n_numbers)
    for j in range(n_numbers):
        present = numbers[:, j][numbers[:, j] != MISSING].astype(np.float64)
        if present.size:
            # room is (MOST_UNITS - 2 cap - 3) units: where the range is wider, keep the middle
            room = (MOST_UNITS - 2.0 * caps[j] - 3) * unit / weights[j]
            lowest, highest = float(present.min()), float(present.max())
            fits = highest - lowest <= room
            low[j] = lowest if fits else float(np.median(present)) - room / 2
    return Layout(
        n_numbers=n_numbers,
        caps=caps,
        low=low,
        units_per_value=weights[:n_numbers] / unit,
        units_per_distance=float(weights.sum() / unit),
        levels=tuple(levels_of(codes[:, j], most_buckets) for j in range(codes.shape[1])),
    )
