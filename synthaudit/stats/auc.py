"""AUC with an interval that never collapses."""

from __future__ import annotations

import math

import numpy as np

from synthaudit.stats.binomial import clopper_pearson, z_value
from synthaudit.stats.clusters import n_units
from synthaudit.stats.ranks import checked, midranks
from synthaudit.types import Bools, Estimate, Floats, Ints

SMALL_SIDE = 200
"""Units on the smaller side below which DeLong's variance is not trusted alone."""


def auc(scores: Floats, is_member: Bools) -> float:
    """P(member scores higher than non-member), ties counting one half; by mid-ranks.

    nan when one side is empty.
    """
    n1 = int(is_member.sum())
    n0 = is_member.size - n1
    if n1 == 0 or n0 == 0:
        return math.nan
    rank_sum = float(midranks(scores)[is_member].sum())
    return (rank_sum - n1 * (n1 + 1) / 2.0) / (n1 * n0)


def placements(scores: Floats, is_member: Bools) -> tuple[Floats, Floats]:
    """DeLong's components: for each member the share of non-members below it, and

    for each non-member the share of members above it (ties one half). Their means are the AUC.
    """
    n1 = int(is_member.sum())
    n0 = is_member.size - n1
    ranks = midranks(scores)
    inside = midranks(scores[is_member])
    outside = midranks(scores[~is_member])
    return (ranks[is_member] - inside) / n0, 1.0 - (ranks[~is_member] - outside) / n1


def delong_variance(scores: Floats, is_member: Bools, codes: Ints | None = None) -> float:
    """Variance of the AUC (DeLong et al. 1988, doi:10.2307/2531595).

    With groups: Obuchowski 1997 (doi:10.2307/2533958), which sums components within groups and
    keeps the covariance of groups that hold both members and non-members.
    """
    v10, v01 = placements(scores, is_member)
    n1, n0 = v10.size, v01.size
    if codes is None:
        return float(v10.var(ddof=1) / n1 + v01.var(ddof=1) / n0)
    area = float(v10.mean())
    n_groups = int(codes.max()) + 1
    sums1 = np.bincount(codes[is_member], weights=v10 - area, minlength=n_groups)
    sums0 = np.bincount(codes[~is_member], weights=v01 - area, minlength=n_groups)
    i1, i0 = n_units(codes[is_member], n1), n_units(codes[~is_member], n0)
    total = float(np.sum(sums1**2)) * i1 / (i1 - 1) / n1**2
    total += float(np.sum(sums0**2)) * i0 / (i0 - 1) / n0**2
    both = n_units(codes, codes.size)
    total += 2.0 * float(np.sum(sums1 * sums0)) * both / (both - 1) / (n1 * n0)
    return total


def hanley_mcneil(area: float, n_members: float, n_nonmembers: float) -> float:
    """Variance of the AUC under exponential scores (Hanley and McNeil 1982,

    doi:10.1148/radiology.143.1.7063747): a model, but one that knows what happens near 1.
    """
    q1, q2 = area / (2.0 - area), 2.0 * area * area / (1.0 + area)
    spread = (n_members - 1) * (q1 - area**2) + (n_nonmembers - 1) * (q2 - area**2)
    return max(area * (1.0 - area) + spread, 0.0) / (n_members * n_nonmembers)


def _score_bound(area: float, end: float, n1: int, n0: int, z: float) -> float:
    """Where ``area`` is z standard errors away, between ``area`` and ``end`` (Newcombe 2006,

    doi:10.1002/sim.2324, method 5, with the less favourable of the two sides' roles).
    """
    near, far = area, end
    for _ in range(50):
        middle = 0.5 * (near + far)
        variance = max(hanley_mcneil(middle, n1, n0), hanley_mcneil(middle, n0, n1))
        if abs(area - middle) > z * math.sqrt(variance):
            far = middle
        else:
            near = middle
    return 0.5 * (near + far)


def auc_interval(
    scores: Floats, is_member: Bools, codes: Ints | None = None, confidence: float = 0.95
) -> tuple[float, float, float, str]:
    """AUC as (value, low, high, method); needs at least one member and one non-member.

    DeLong's variance on the logit scale (Pepe 2003, section 5.2.4). It is an estimate itself and
    far too small now and then when a side is small and the AUC near 1 (simulated coverage down to
    0.79 at 500 against 10), so below 200 units a side the interval is widened to Newcombe's score
    interval where that reaches further.

    Where DeLong's variance is 0 or cannot be had (perfect separation, nothing but ties, a side of
    one unit), the largest variance any AUC statistic can have, A(1-A)/min(n1, n0) (Birnbaum and
    Klose 1957, doi:10.1214/aoms/1177706797), stands in through a Clopper-Pearson interval of
    ``A * min(n1, n0)`` successes: at A = 1 this is exact for min(n1, n0) disjoint pairs.
    """
    area = auc(scores, is_member)
    n1 = n_units(None if codes is None else codes[is_member], int(is_member.sum()))
    n0 = n_units(None if codes is None else codes[~is_member], int((~is_member).sum()))
    units = min(n1, n0)
    variance = delong_variance(scores, is_member, codes) if units >= 2 else 0.0
    if variance <= 1e-18 or not 0.0 < area < 1.0:
        worst = clopper_pearson(min(area * units, float(units)), float(units), confidence)
        return area, worst.low, worst.high, "Clopper-Pearson on disjoint pairs (conservative)"
    z = z_value(confidence)
    half = z * math.sqrt(variance) / (area * (1.0 - area))
    logit = math.log(area / (1.0 - area))
    low, high = (_expit(x) for x in (logit - half, logit + half))
    if units >= SMALL_SIDE:
        return area, low, high, "DeLong, logit scale"
    low = min(low, _score_bound(area, 0.0, n1, n0, z))
    high = max(high, _score_bound(area, 1.0, n1, n0, z))
    return area, low, high, "DeLong, logit scale, and Newcombe's score interval"


def _expit(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x > -700.0 else 0.0


def auc_estimate(
    scores: Floats, is_member: Bools, codes: Ints | None = None, confidence: float = 0.95
) -> Estimate:
    """AUC of a score; value None when one side is empty.

    Parameters
    ----------
    scores : (n,) float64
    is_member : (n,) bool
    codes : (n,) int64, optional
        Groups of rows that were split together.
    """
    scores, is_member = checked(scores, is_member)
    n = is_member.size
    if is_member.all() or not is_member.any():
        note = "an AUC needs members and non-members"
        return Estimate("auc", None, None, None, n, 0.5, confidence, note=note)
    value, low, high, method = auc_interval(scores, is_member, codes, confidence)
    return Estimate("auc", value, low, high, n, 0.5, confidence, method)
