"""An E step of ``_linkage``, compiled; imported only when something is learned."""

from __future__ import annotations

import numpy as np

from synthaudit.neighbors.compiled import kernel
from synthaudit.types import Bools, Floats, Ints


@kernel
def expect(
    window: Ints,
    equal: Bools,
    counts: Bools,
    windows: Floats,
    same: Floats,
    other: Floats,
    passed_on: Floats,
    ratios: Floats,
    pulls: Floats,
    kept: Floats,
) -> None:
    """Who is the source of whom, and what that says of every column.

    Parameters
    ----------
    window : (n, k, n_numbers), the smallest window that holds both values of a pair
    equal : (n, k, n_categories)
    counts : (n, k), whether a pair takes part; at least one of every row does
    windows : (n, n_numbers, n_windows), log weights of evidence
    same, other : (n, n_categories) and (n_categories,), log weights of equal and unequal levels
    passed_on : (n, n_categories), probability that an equal level came from the source
    ratios : (k,), scratch
    pulls : (n, n_numbers, n_windows), added to: sources by their window, over its weight
    kept : (n_categories,), added to: levels passed on
    """
    for i in range(window.shape[0]):
        best, everything = -np.inf, 0.0
        for pair in range(window.shape[1]):
            total = 0.0
            for j in range(window.shape[2]):
                total += windows[i, j, window[i, pair, j]]
            for c in range(equal.shape[2]):
                total += same[i, c] if equal[i, pair, c] else other[c]
            ratios[pair] = total if counts[i, pair] else -np.inf
            best = max(best, ratios[pair])
        for pair in range(window.shape[1]):
            ratios[pair] = np.exp(ratios[pair] - best)
            everything += ratios[pair]
        for pair in range(window.shape[1]):
            source = ratios[pair] / everything
            for j in range(window.shape[2]):
                m = window[i, pair, j]
                pulls[i, j, m] += source / np.exp(windows[i, j, m])
            for c in range(equal.shape[2]):
                if equal[i, pair, c]:
                    kept[c] += source * passed_on[i, c]
