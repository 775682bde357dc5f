"""The first and second moments a table gives away: what averages say, not rows.

Every column contributes normal scores (categories by frequency order), their squares, indicators of
levels or of rank bins, and every pair of columns the product of normal scores.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthaudit.types import Bools, EncodedTable, Floats

N_BINS = 8
MAX_LEVELS = 40
MAX_PAIRS = 400
LEAST_HOLDERS = 3
"""Indicators fewer rows hold are left out: their spread cannot be estimated."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Which moments are taken, and their scale among the candidates.

    Attributes
    ----------
    middles : one (n_levels + 1,) float64 a category column
        Mid-rank of each level among the candidates; the last one is of levels nobody has.
    levels : one (n_indicators,) float64 a column
        Cells that get an indicator.
    pairs : (n_pairs, 2) int64
    kept : (n_moments,) bool; those that vary
    centre, spread : (n_moments,)
    """

    middles: tuple[Floats, ...]
    levels: tuple[Floats, ...]
    pairs: Sequence[tuple[int, ...]]
    kept: Bools
    centre: Floats
    spread: Floats

    @classmethod
    def of(cls, pool: EncodedTable, pairs: Sequence[tuple[int, ...]]) -> Moments:
        """Fit to the candidates, whose products of the ``pairs`` of columns are taken."""
        middles = tuple(_middles(column) for column in pool.codes.T)
        levels = tuple(_levels(cells) for cells in _cells(pool).T)
        nothing = np.empty(0)
        raw = cls(middles, levels, pairs, nothing.astype(bool), nothing, nothing)._raw(pool)
        centre, spread = raw.mean(axis=0), raw.std(axis=0)
        return cls(middles, levels, pairs, spread > 1e-9, centre, spread)

    @property
    def number(self) -> int:
        """How many moments vary."""
        return int(self.kept.sum())

    def __call__(self, table: EncodedTable) -> Floats:
        """Moments of every row, ``(n_rows, number)``, centred and scaled by the candidates.

        Clipped to 8 standard deviations.
        """
        scaled = self._raw(table)[:, self.kept]
        # in place: copies of such blocks are what takes the time
        scaled -= self.centre[self.kept]
        scaled /= self.spread[self.kept]
        return np.clip(scaled, -8.0, 8.0, out=scaled)

    def _raw(self, table: EncodedTable) -> Floats:
        z = self._normal_scores(table)
        indicators = [
            (column[:, None] == levels).astype(np.float64)
            for column, levels in zip(_cells(table).T, self.levels, strict=True)
        ]
        first, second = [a for a, _ in self.pairs], [b for _, b in self.pairs]
        return np.concatenate([z, z**2, *indicators, z[:, first] * z[:, second]], axis=1)

    def _normal_scores(self, table: EncodedTable) -> Floats:
        """Normal quantile of the mid-rank, ``(n_rows, n_columns)``; missing numbers sit at 0."""
        from scipy.special import ndtri

        ranks = [table.ranks.astype(np.float64)]
        for middle, codes in zip(self.middles, table.codes.T, strict=True):
            ranks.append(middle[np.minimum(codes, middle.size - 1)][:, None])
        clipped = np.clip(np.concatenate(ranks, axis=1), 1e-4, 1.0 - 1e-4)
        scores: Floats = np.nan_to_num(ndtri(clipped), nan=0.0)
        return scores


def _middles(codes: Floats) -> Floats:
    share = np.bincount(codes) / codes.size
    below = np.cumsum(share)
    return np.append(below - share / 2.0, below[-1])


def _cells(table: EncodedTable) -> Floats:
    """Levels of categories and rank bins of numbers, missing being one, ``(n_rows, n_columns)``."""
    bins = np.nan_to_num(np.floor(table.ranks * N_BINS) + 1.0, nan=0.0)
    return np.concatenate([bins, table.codes], axis=1)


def _levels(cells: Floats) -> Floats:
    """Cells of a column that get an indicator, the most frequent first."""
    levels, counts = np.unique(cells, return_counts=True)
    common = (counts >= LEAST_HOLDERS) & (counts <= cells.size - LEAST_HOLDERS)
    most: Floats = levels[common][np.argsort(-counts[common], kind="stable")][:MAX_LEVELS]
    return most
