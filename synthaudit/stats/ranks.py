"""Mid-ranks and counts above thresholds: the arithmetic under every ROC statistic."""

from __future__ import annotations

import numpy as np

from synthaudit.errors import UsageError
from synthaudit.types import Bools, Floats, Ints


def checked(scores: Floats, is_member: Bools) -> tuple[Floats, Bools]:
    """``scores`` as float64 and ``is_member`` as bool, both (n,); refuses anything else."""
    scores = np.asarray(scores, dtype=np.float64)
    is_member = np.asarray(is_member)
    if scores.ndim != 1 or is_member.shape != scores.shape:
        raise UsageError(
            f"Scores and labels must be two vectors of one length, but have the shapes "
            f"{scores.shape} and {is_member.shape}."
        )
    if is_member.dtype != np.bool_:
        raise UsageError(f"Labels must be boolean, but are {is_member.dtype}; pass is_member.")
    if not np.isfinite(scores).all():
        bad = int((~np.isfinite(scores)).sum())
        raise UsageError(f"{bad} of {scores.size} scores are not finite; score every candidate.")
    return scores, is_member


def midranks(values: Floats) -> Floats:
    """Ranks 1..n of ``values`` (n,), ties sharing the mean of their ranks."""
    order = np.argsort(values, kind="stable")
    ranks = np.empty(values.size)
    ranks[order] = ordered_midranks(values[order])
    return ranks


def ordered_midranks(ordered: Floats) -> Floats:
    """:func:`midranks` of values that are in ascending order already."""
    n = ordered.size
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if n else np.empty(0, int)
    sizes = np.diff(np.r_[starts, n])
    ranks: Floats = np.repeat(starts + (sizes + 1) / 2.0, sizes)
    return ranks


def count_above(values: Floats, thresholds: Floats) -> Ints:
    """How many of ``values`` lie strictly above each threshold."""
    ordered = np.sort(values)
    above: Ints = ordered.size - np.searchsorted(ordered, thresholds, side="right")
    return above
