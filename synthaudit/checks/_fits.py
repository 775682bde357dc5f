"""Distances between two distributions of one column."""

from __future__ import annotations

import numpy as np

from synthaudit.types import Codes, Floats


def total_variation(first: Codes, second: Codes) -> float:
    """Half the summed absolute difference of two distributions over codes 0, 1, ..."""
    size = int(max(first.max(initial=0), second.max(initial=0))) + 1
    p = np.bincount(first, minlength=size) / max(first.size, 1)
    q = np.bincount(second, minlength=size) / max(second.size, 1)
    return float(np.abs(p - q).sum() / 2)


def kolmogorov_smirnov(first: Floats, second: Floats) -> float:
    """Largest gap between two distribution functions, missing cells as a mass of their own.

    Parameters
    ----------
    first, second : (n,) and (m,) float64, NaN for missing
    """
    a, b = np.sort(first[~np.isnan(first)]), np.sort(second[~np.isnan(second)])
    grid = np.unique(np.concatenate([a, b]))
    below_a = np.searchsorted(a, grid, side="right") / max(first.size, 1)
    below_b = np.searchsorted(b, grid, side="right") / max(second.size, 1)
    # past the last value the two functions end at their shares of present cells
    return float(np.abs(below_a - below_b).max(initial=0.0))
