"""The first and second moments a table gives away: what averages say, not rows.

Every column contributes normal scores (categories by frequency order), their squares, indicators of
levels or of rank bins, and every pair of columns the product of normal scores.
"""

from __future__ import annotations

import numpy as np

from synthaudit.attacks._cell_keys import column_subsets
from synthaudit.data.views import AdversaryView
from synthaudit.types import EncodedTable, Floats

N_BINS = 8
MAX_LEVELS = 40
MAX_PAIRS = 400
LEAST_HOLDERS = 3
"""Indicators fewer rows hold are left out: their spread cannot be estimated."""


def moments(view: AdversaryView, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Moments of every candidate and every synthetic row.

    Returns
    -------
    pool : (n_candidates, n_moments); table : (n_rows, n_moments)
        Centred and scaled by the pool, clipped to 8 standard deviations.
    """
    pool, table = view.candidates, view.synthetic
    shares = _level_shares(pool, table)
    scores = _normal_scores(pool, shares), _normal_scores(table, shares)
    pairs = column_subsets(pool.n_columns, 2, MAX_PAIRS, rng)
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    blocks = [
        np.concatenate([z, z**2, indicators, z[:, first] * z[:, second]], axis=1)
        for z, indicators in zip(scores, _indicators(pool, table), strict=True)
    ]
    centre, spread = blocks[0].mean(axis=0), blocks[0].std(axis=0)
    kept = spread > 1e-9
    of_pool, of_table = (_on_scale(block[:, kept], centre[kept], spread[kept]) for block in blocks)
    return of_pool, of_table


def _on_scale(block: Floats, centre: Floats, spread: Floats) -> Floats:
    """Centred, scaled and clipped in place: copies of such blocks are what takes the time."""
    block -= centre
    block /= spread
    return np.clip(block, -8.0, 8.0, out=block)


def _level_shares(pool: EncodedTable, table: EncodedTable) -> list[Floats]:
    """Share of candidates with each code, per category column; codes S alone has count 0."""
    shares = []
    for j in range(pool.codes.shape[1]):
        n_levels = int(max(pool.codes[:, j].max(), table.codes[:, j].max())) + 1
        shares.append(np.bincount(pool.codes[:, j], minlength=n_levels) / pool.n_rows)
    return shares


def _normal_scores(table: EncodedTable, shares: list[Floats]) -> Floats:
    """Normal quantile of the mid-rank, ``(n_rows, n_columns)``; missing numbers sit at 0."""
    from scipy.special import ndtri

    ranks = [table.ranks.astype(np.float64)]
    for j, share in enumerate(shares):
        middle = np.cumsum(share) - share / 2.0
        ranks.append(middle[table.codes[:, j]][:, None])
    clipped = np.clip(np.concatenate(ranks, axis=1), 1e-4, 1.0 - 1e-4)
    scores: Floats = np.nan_to_num(ndtri(clipped), nan=0.0)
    return scores


def _indicators(pool: EncodedTable, table: EncodedTable) -> tuple[Floats, Floats]:
    """Levels of categories and rank bins of numbers as 0/1 columns; missing is a level."""
    cells = [
        np.concatenate(
            [np.nan_to_num(np.floor(each.ranks * N_BINS) + 1.0, nan=0.0), each.codes], axis=1
        )
        for each in (pool, table)
    ]
    blocks: tuple[list[Floats], list[Floats]] = ([], [])
    for j in range(pool.n_columns):
        levels, counts = np.unique(cells[0][:, j], return_counts=True)
        common = (counts >= LEAST_HOLDERS) & (counts <= pool.n_rows - LEAST_HOLDERS)
        levels = levels[common][np.argsort(-counts[common], kind="stable")][:MAX_LEVELS]
        for block, each in zip(blocks, cells, strict=True):
            block.append((each[:, j][:, None] == levels[None, :]).astype(np.float64))
    of_pool, of_table = (np.concatenate(block, axis=1) for block in blocks)
    return of_pool, of_table
