"""Membership advantage with its optimism removed.

The largest TPR - FPR over all thresholds of one sample is positive even for a useless score
(about 0.63 * sqrt(1/n1 + 1/n0) on average). Here the threshold is chosen on one half of the
candidates and applied to the other, then the other way round, so a useless score gets 0.
"""

from __future__ import annotations

import numpy as np

from synthaudit.stats.binomial import difference
from synthaudit.stats.clusters import effective_size
from synthaudit.stats.roc import exact_roc
from synthaudit.types import Bools, Estimate, Floats, Ints

METHOD = "threshold chosen on the other half; Newcombe interval"


def best_threshold(scores: Floats, is_member: Bools) -> float:
    """The threshold (flag >=) with the largest TPR - FPR, the highest of equals; +inf: nobody."""
    curve = exact_roc(scores, is_member)
    return float(curve.thresholds[int(np.argmax(curve.tpr - curve.fpr))])


def held_out_decisions(scores: Floats, is_member: Bools, first: Bools) -> Bools:
    """Flags of all candidates, each half judged by the threshold chosen on the other."""
    flagged = np.zeros(scores.size, dtype=np.bool_)
    for chosen_on, applied_to in ((first, ~first), (~first, first)):
        threshold = best_threshold(scores[chosen_on], is_member[chosen_on])
        flagged[applied_to] = scores[applied_to] >= threshold
    return flagged


def advantage_of(
    flagged: Bools, is_member: Bools, codes: Ints | None = None, confidence: float = 0.95
) -> Estimate:
    """TPR - FPR of given decisions (which must not have seen the labels they are judged by).

    Yeom et al. 2018 (arXiv:1709.01604, definition 4); interval Newcombe 1998, method 10, at the
    effective sizes when rows are grouped. It is negative when the decisions are worse than chance.
    """
    shares = []
    for label in (True, False):
        side = is_member == label
        hits = flagged[side]
        size = effective_size(hits, None if codes is None else codes[side])
        shares.append((float(hits.mean()) * size, size))
    (k1, n1), (k0, n0) = shares
    b = difference(k1, n1, k0, n0, confidence)
    n = is_member.size
    return Estimate("advantage", b.value, b.low, b.high, n, 0.0, confidence, METHOD)


def advantage_estimate(
    scores: Floats,
    is_member: Bools,
    first: Bools,
    codes: Ints | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Advantage of a score over the halves ``first`` and its complement.

    Value None when a half holds no member or no non-member.

    What it cannot show: the best threshold may be missed on a small half, so the figure is what
    an attacker who had to choose his threshold attains, not the supremum over thresholds.
    """
    counts = [
        int(np.sum(is_member[h] == label)) for h in (first, ~first) for label in (True, False)
    ]
    if min(counts) == 0:
        note = "needs at least two members and two non-members (one of each a half)"
        n = is_member.size
        return Estimate("advantage", None, None, None, n, 0.0, confidence, METHOD, note)
    flagged = held_out_decisions(scores, is_member, first)
    return advantage_of(flagged, is_member, codes, confidence)
