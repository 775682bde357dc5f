"""A canonical order of rows and levels that carries no label, no spelling and no file position.

The order of rows in a file can carry membership, and the spelling of a level or the unit of a
number can decide ties. Here rows are sorted by a keyed hash of what they contain, where a number
counts by its rank and a level by where it occurs: how often, and then in which rows (colour
refinement after Weisfeiler and Leman). Any reordering of rows, any increasing transform of a
number and any renaming of levels therefore leaves the order as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthaudit.types import Codes, Floats, Ints

Keys = NDArray[np.uint64]
ROUNDS = 2


def mix(values: Keys) -> Keys:
    """Scramble 64-bit integers (the finaliser of splitmix64, Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        z = values + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def combine(first: Keys, second: Keys) -> Keys:
    """One key from two, order mattering."""
    with np.errstate(over="ignore"):
        return mix(mix(first) + second)


def number_keys(values: Floats, knots: Floats) -> Keys:
    """Key of each distinct value: its place among the real values ``knots`` (sorted); 0 for NaN.

    Values between two knots get a second place, among the other values that are no knots: places
    alone survive any increasing transform.
    """
    missing = np.isnan(values)
    place = np.searchsorted(knots, values)
    place[missing] = 0
    is_knot = ~missing & (np.append(knots, np.nan)[place] == values)
    others = values[~is_knot & ~missing]
    between = np.zeros(values.size, dtype=np.uint64)
    between[~is_knot & ~missing] = np.unique(others, return_inverse=True)[1] + 1
    keys = combine((place + 1).astype(np.uint64), between)
    keys[missing] = 0
    return keys


def _salt(column: int, seed: int) -> np.uint64:
    words = np.array([seed, column], dtype=np.uint64)
    return np.uint64(combine(words[:1], words[1:])[0])


@dataclass(frozen=True, eq=False)
class LevelKeys:
    """One key per level of every category column; position 0 is missing."""

    by_column: tuple[Keys, ...]

    def rows(self, codes: Codes, seed: int) -> Keys:
        """The sum over category columns of each row's salted level key."""
        total = np.zeros(codes.shape[0], dtype=np.uint64)
        with np.errstate(over="ignore"):
            for j, keys in enumerate(self.by_column):
                total += mix(keys[codes[:, j]] ^ _salt(1_000_000 + j, seed))
        return total


def numbers_part(keys: list[Keys], n_rows: int, seed: int) -> Keys:
    """The sum over number columns of each row's salted key."""
    total = np.zeros(n_rows, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for j, column in enumerate(keys):
            total += mix(column ^ _salt(j, seed))
    return total


def refine_levels(
    numbers: Keys, codes: Codes, n_levels: tuple[int, ...], seed: int, rounds: int = ROUNDS
) -> LevelKeys:
    """Keys of levels from how often they occur and in which rows.

    Parameters
    ----------
    numbers : (n_rows,) the numbers' part of each row's key
    codes : (n_rows, n_categories) provisional codes, 0 missing, in any order
    n_levels : levels of each column
    """
    keys = LevelKeys(
        tuple(
            mix(np.bincount(codes[:, j], minlength=size + 1).astype(np.uint64))
            for j, size in enumerate(n_levels)
        )
    )
    keys = _missing_apart(keys)
    for _ in range(rounds):
        with np.errstate(over="ignore"):
            rows = mix(numbers + keys.rows(codes, seed))
            refined = []
            for j, old in enumerate(keys.by_column):
                around = np.zeros(old.size, dtype=np.uint64)
                np.add.at(around, codes[:, j], rows)
                refined.append(combine(old, around))
        keys = _missing_apart(LevelKeys(tuple(refined)))
    return keys


def _missing_apart(keys: LevelKeys) -> LevelKeys:
    """Missing is no level: its key is the same whatever it occurs with."""
    for column in keys.by_column:
        column[0] = 0
    return keys


def order_levels(counts: Ints, *keys: Keys) -> Ints:
    """Levels by falling frequency, ties by their keys; positions into ``counts``."""
    return np.lexsort((*reversed(keys), -counts)).astype(np.int64)


def occurrence(keys: Keys) -> Ints:
    """0 for the first row with a key, 1 for the second ... in the order given."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    lengths = np.diff(np.append(starts, ordered.size))
    counter = np.arange(ordered.size) - np.repeat(starts, lengths)
    answer = np.empty(ordered.size, dtype=np.int64)
    answer[order] = counter
    return answer


def copies_apart(keys: Keys, side: int, seed: int) -> Keys:
    """A key for every row, identical rows included: what a row contains, then a fresh draw.

    The k-th copy on a side gets the k-th draw of a stream named by content, side and seed. Which
    copy is the k-th does not matter (they are identical), so the order of a file does not either;
    and where copies of both sides meet, the draws shuffle them, so that no label rides on a tie.
    """
    draw = combine(occurrence(keys).astype(np.uint64), keys)
    return combine(draw, np.full(keys.size, _salt(2_000_000 + side, seed), dtype=np.uint64))
