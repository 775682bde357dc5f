"""Rows that come in groups (several rows a person) carry less information than their number.

The unit of a split is the group, so the unit of every variance is the group too. Shares get an
*effective* number of rows: rows divided by the design effect (Kish 1965).
"""

from __future__ import annotations

import numpy as np

from synthaudit.errors import UsageError
from synthaudit.types import Bools, Floats, Ints


def group_codes(groups: Ints | None, n: int) -> Ints | None:
    """Groups as codes 0.., or None when every row is its own group."""
    if groups is None:
        return None
    groups = np.asarray(groups)
    if groups.shape != (n,):
        raise UsageError(f"Groups must have one entry a candidate ({n}), but have {groups.shape}.")
    codes = np.unique(groups, return_inverse=True)[1].astype(np.int64)
    return None if codes.size == 0 or codes.max() + 1 == n else codes


def group_sums(values: Floats, codes: Ints) -> Floats:
    """Sum of ``values`` within each group that occurs in ``codes``."""
    compact = np.unique(codes, return_inverse=True)[1]
    return np.bincount(compact, weights=values).astype(np.float64)


def n_units(codes: Ints | None, n: int) -> int:
    """Number of independent units among ``n`` rows."""
    return n if codes is None else int(np.unique(codes).size)


def effective_size(hits: Bools, codes: Ints | None) -> float:
    """Effective number of rows behind the share ``hits.mean()``; at most ``hits.size``.

    With no variation to measure (share 0 or 1) the worst case is taken: full correlation within
    groups, design effect = sum of squared group sizes over sum of group sizes.
    """
    n = hits.size
    if codes is None or n == 0:
        return float(n)
    sizes = group_sums(np.ones(n), codes)
    share = float(hits.mean())
    if share in (0.0, 1.0) or sizes.size < 2:
        return float(n / (np.sum(sizes**2) / n))
    residual = group_sums(hits.astype(np.float64) - share, codes)
    variance = sizes.size / (sizes.size - 1) * float(np.sum(residual**2)) / n**2
    effect = variance / (share * (1.0 - share) / n)
    # gains from negative correlation within groups are not claimed
    return float(n / max(effect, 1.0))
