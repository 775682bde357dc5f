"""How much two audits of the same candidates differ, with an interval that knows they are the same.

Two synthetic tables attacked by way of the same people share the people's luck: who happens to be
in the pool moves both numbers alike. The interval of the difference is made from the two published
intervals, which already carry everything that widens them, and from the correlation of the two
numbers, which is estimated candidate by candidate.
"""

from __future__ import annotations

import math

import numpy as np

from synthaudit.stats.auc import placements
from synthaudit.stats.binomial import Bounds, z_value
from synthaudit.stats.tpr import Scored
from synthaudit.types import Bools, Floats


def difference_of(
    first: Bounds, second: Bounds, correlation: float = 0.0, confidence: float = 0.95
) -> Bounds:
    """``first - second`` from two 95 % intervals: MOVER (Zou and Donner 2008, doi:10.1002/sim.3095,

    equation 6 with correlation; for two shares of the same rows it is Newcombe's paired method 10).

    Parameters
    ----------
    first, second : Bounds
        Values with their 95 % intervals.
    correlation : float in [-1, 1]
        Of the two estimates; 0 for independent samples.
    confidence : float
        Of the difference. Another one than 0.95 stretches both intervals as normal quantiles do,
        which is an approximation for skewed ones.
    """
    stretch = z_value(confidence) / z_value(0.95)
    down1, up1 = (first.value - first.low) * stretch, (first.high - first.value) * stretch
    down2, up2 = (second.value - second.low) * stretch, (second.high - second.value) * stretch
    value = first.value - second.value
    low = value - math.sqrt(max(down1**2 - 2 * correlation * down1 * up2 + up2**2, 0.0))
    high = value + math.sqrt(max(up1**2 - 2 * correlation * up1 * down2 + down2**2, 0.0))
    return Bounds(value, low, high)


def auc_parts(scores: Floats, is_member: Bools, first_half: Bools) -> Floats:
    """What every candidate adds to the mean of the two halves' AUCs, ``(n,)``, summing to 0.

    DeLong's placements (1988, doi:10.2307/2531595), centred and divided by the size of the side:
    the sum of their squares is DeLong's variance up to the degrees of freedom.
    """
    parts = np.zeros(scores.size)
    for half in (first_half, ~first_half):
        members, others = np.flatnonzero(half & is_member), np.flatnonzero(half & ~is_member)
        if members.size == 0 or others.size == 0:
            continue
        inside, outside = placements(scores[half], is_member[half])
        parts[members] = 0.5 * (inside - inside.mean()) / members.size
        parts[others] = 0.5 * (outside - outside.mean()) / others.size
    return parts


def advantage_parts(flagged: Bools, is_member: Bools) -> Floats:
    """What every candidate adds to the advantage of given decisions, ``(n,)``, summing to 0."""
    parts = np.zeros(flagged.size)
    for side, sign in ((is_member, 1.0), (~is_member, -1.0)):
        hits = flagged[side].astype(np.float64)
        parts[side] = sign * (hits - hits.mean()) / hits.size
    return parts


def tpr_parts(scores: Floats, is_member: Bools, fpr: float) -> Floats:
    """What every member adds to the TPR at ``fpr``, ``(n,)``, summing to 0.

    The threshold's own luck, which two audits of the same non-members share as well, is left out:
    the correlation comes out too small rather than too large, and the interval too wide.
    """
    threshold = Scored.of(scores, is_member).threshold(fpr)
    hits = (scores[is_member] > threshold).astype(np.float64)
    parts = np.zeros(scores.size)
    parts[is_member] = (hits - hits.mean()) / hits.size
    return parts


def correlation_of(first: Floats, second: Floats, widths: tuple[float, float]) -> float:
    """Correlation of two estimates from what the same candidates add to each.

    Parameters
    ----------
    first, second : (n,) float64
        Parts of the two estimates, the same candidate at the same place.
    widths : the widths of the two published 95 % intervals
        Where these hold more than sampling error (the choice of the strongest attack), the
        correlation shrinks accordingly.

    Returns
    -------
    float in [-1, 1]; 0 when an interval has no width.
    """
    spread = [width / (2.0 * z_value(0.95)) for width in widths]
    if min(spread) <= 0.0:
        return 0.0
    return float(np.clip(first @ second / (spread[0] * spread[1]), -1.0, 1.0))
