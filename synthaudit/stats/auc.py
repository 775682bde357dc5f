"""AUC with an interval that never collapses."""

from __future__ import annotations

import math

import numpy as np

from synthaudit.stats.binomial import clopper_pearson, z_value
from synthaudit.stats.clusters import n_units
from synthaudit.stats.ranks import checked, midranks
from synthaudit.types import Bools, Estimate, Floats, Ints


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


def auc_interval(
    scores: Floats, is_member: Bools, codes: Ints | None = None, confidence: float = 0.95
) -> tuple[float, float, float, str]:
    """AUC as (value, low, high, method); needs at least one member and one non-member.

    DeLong's variance on the logit scale (Pepe 2003, section 5.2.4). Where that variance is 0 or
    cannot be had (perfect separation, nothing but ties, a side of one unit), the largest variance
    any AUC statistic can have, A(1-A)/min(n1, n0) (Birnbaum and Klose 1957,
    doi:10.1214/aoms/1177706797), stands in through a Clopper-Pearson interval of
    ``A * min(n1, n0)`` successes: at A = 1 this is exact for min(n1, n0) disjoint pairs.
    """
    area = auc(scores, is_member)
    units = min(
        n_units(None if codes is None else codes[is_member], int(is_member.sum())),
        n_units(None if codes is None else codes[~is_member], int((~is_member).sum())),
    )
    variance = delong_variance(scores, is_member, codes) if units >= 2 else 0.0
    if variance <= 1e-18 or not 0.0 < area < 1.0:
        worst = clopper_pearson(min(area * units, float(units)), float(units), confidence)
        return area, worst.low, worst.high, "Clopper-Pearson on disjoint pairs (conservative)"
    half = z_value(confidence) * math.sqrt(variance) / (area * (1.0 - area))
    logit = math.log(area / (1.0 - area))
    low, high = (1.0 / (1.0 + math.exp(-x)) for x in (logit - half, logit + half))
    return area, low, high, "DeLong, logit scale"


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
