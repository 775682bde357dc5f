"""One attack's scores in, its estimates out."""

from __future__ import annotations

from synthaudit.seeds import Streams
from synthaudit.stats.advantage import advantage_estimate
from synthaudit.stats.auc import auc_estimate
from synthaudit.stats.clusters import group_codes
from synthaudit.stats.halves import split_halves
from synthaudit.stats.ranks import checked
from synthaudit.stats.tpr import tpr_at_fpr
from synthaudit.types import Bools, Estimate, Floats, Ints

FPRS = (0.1, 0.01, 0.001)
"""The false positive rates every attack is reported at, where the non-members resolve them."""


def evaluate(
    scores: Floats,
    is_member: Bools,
    streams: Streams,
    *,
    groups: Ints | None = None,
    confidence: float = 0.95,
) -> tuple[Estimate, ...]:
    """``auc``, ``advantage``, ``tpr_at_fpr_0.1``, ``tpr_at_fpr_0.01``, ``tpr_at_fpr_0.001``.

    Parameters
    ----------
    scores : (n_candidates,) float64
        Higher = more likely a member; made without labels.
    is_member : (n_candidates,) bool
    streams : Streams
        The halves come from ``streams.rng("halves")``; give every attack the same streams.
    groups : (n_candidates,) int, optional
        Rows with the same number were split together (several rows a person).
    confidence : float

    Raises
    ------
    UsageError
        Shapes that differ, labels that are not boolean, scores that are not finite.

    What it cannot show: these intervals are one attack's own. The largest of twenty attacks must
    be judged by :func:`synthaudit.stats.strongest` and the permutation test.
    """
    scores, is_member = checked(scores, is_member)
    codes = group_codes(groups, scores.size)
    first = split_halves(is_member, streams, groups)
    return (
        auc_estimate(scores, is_member, codes, confidence),
        advantage_estimate(scores, is_member, first, codes, confidence),
        *(tpr_at_fpr(scores, is_member, fpr, codes, confidence) for fpr in FPRS),
    )
