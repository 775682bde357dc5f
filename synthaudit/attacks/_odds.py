"""From competing explanations to one score per candidate."""

from __future__ import annotations

import numpy as np

from synthaudit.types import Floats, Ints

TINY = 1e-300


def log_odds(weights: Floats, nobody: float = -np.inf) -> Floats:
    """``log(e^w_j / (e^nobody + sum_(i != j) e^w_i))`` along the last axis.

    Sums of the others are taken without the largest, not as a total minus it: near certainty that
    difference would be rounding noise.

    Parameters
    ----------
    weights : (n, k) float64; -inf for entries that take no part, one of each row does
    nobody : float
        Weight of a rival that is none of the entries.

    Returns
    -------
    (n, k) float64; -inf where the weight is, at most 690 where there is no rival.
    """
    top = weights.argmax(axis=1)
    highest = weights.max(axis=1, keepdims=True)
    parts = np.exp(weights - highest)
    rest = np.maximum(parts.sum(axis=1, keepdims=True) - parts, 0.0)
    at = np.arange(len(weights))
    without = parts.copy()
    without[at, top] = 0.0
    # the largest part is 1: for the others the total minus a part is far from 0
    rest[at, top] = without.sum(axis=1)
    rest += np.exp(np.minimum(nobody - highest, 600.0))
    odds: Floats = weights - highest - np.log(rest + TINY)
    return odds


def gathered(odds: Floats, rows: Ints, n_candidates: int) -> Floats:
    """``log sum`` of the odds of every candidate; one below the lowest for those without any.

    Parameters
    ----------
    odds, rows : (n_pairs,)
        Log odds and the candidate they belong to.

    Returns
    -------
    (n_candidates,) float64, finite
    """
    best = np.full(n_candidates, -np.inf)
    np.maximum.at(best, rows, odds)
    scores = best.copy()
    seen = np.isfinite(best)
    sums = np.bincount(rows, np.exp(odds - best[rows]), n_candidates)
    scores[seen] += np.log(sums[seen])
    scores[~seen] = scores[seen].min() - 1.0 if seen.any() else 0.0
    return scores
