"""Size matching without drawing subsamples: hypergeometric expectations.

A table of 9,000 rows is nearer to everything than one of 1,000, so train and holdout are compared
as if the larger one had been cut down at random to the size of the smaller. One random cut adds
noise and a seed; the expectation over all cuts has a closed form.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synthaudit.types import Floats


def _log_choose(n: Floats, k: Floats) -> Floats:
    from scipy.special import gammaln

    with np.errstate(invalid="ignore", divide="ignore"):
        value = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    chosen: Floats = np.where((k < 0) | (k > n), -np.inf, value)
    return chosen


def presence(copies: NDArray[np.integer] | Floats, n_rows: int, n_kept: int) -> Floats:
    """Probability that at least one of ``copies`` rows survives a cut of a table.

    ``1 - C(n_rows - copies, n_kept) / C(n_rows, n_kept)``, the hypergeometric probability of
    drawing at least one.

    Parameters
    ----------
    copies : (n,) array of counts, each at most ``n_rows``
    n_rows, n_kept : int
        ``n_kept <= n_rows``.

    Returns
    -------
    (n,) float64 in [0, 1]; exactly 0 for no copies and exactly 1 when nothing is cut.
    """
    k = np.asarray(copies, dtype=np.float64)
    if n_kept >= n_rows:
        return np.where(k > 0, 1.0, 0.0)
    kept = np.full_like(k, float(n_kept))
    none_left = np.exp(
        _log_choose(n_rows - k, kept) - _log_choose(np.full_like(k, float(n_rows)), kept)
    )
    return np.where(k > 0, 1.0 - none_left, 0.0)


def order_weights(n_neighbors: int, n_rows: int, n_kept: int) -> Floats:
    """Probability that the i-th nearest row is the nearest one left after a cut.

    Parameters
    ----------
    n_neighbors : int
        Length of the neighbour lists at hand.
    n_rows, n_kept : int
        Size of the reference table before and after the cut.

    Returns
    -------
    (n_neighbors,) float64, sums to 1: what lies beyond the list is put on its last place, which is
    exact when nothing is cut and otherwise bounds the distance from below.
    """
    ranks = np.arange(n_neighbors + 1)
    survived = presence(np.minimum(ranks, n_rows), n_rows, n_kept)
    weights = np.diff(survived)
    weights[-1] += 1.0 - survived[-1]
    return weights


def neighbors_needed(n_rows: int, n_kept: int, n_queries: int) -> int:
    """How many neighbours make a cut from ``n_rows`` to ``n_kept`` exact to about 0.1 %.

    Bounded by memory (two million list entries) for very unequal sizes of large tables; what lies
    beyond a list then counts as being at its end.
    """
    if n_kept >= n_rows:
        return 1
    # the first survivor's rank is nearly geometric with rate n_kept / n_rows
    needed = int(np.ceil(7.0 * n_rows / n_kept))
    most = max(64, 2_000_000 // max(n_queries, 1))
    return max(2, min(needed, most, n_rows))
