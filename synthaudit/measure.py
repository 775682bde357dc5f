"""Scores and labels in, everything the verdict and the report need out.

The only place where label-blind scores meet labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from synthaudit.errors import NotApplicable, UsageError
from synthaudit.parallel import Progress
from synthaudit.seeds import Streams
from synthaudit.stats import (
    Identified,
    PermutationTest,
    Power,
    Stratum,
    Strongest,
    epsilon_from_attack,
    evaluate,
    exposure_by_isolation,
    identified,
    isolation_bins,
    permutation_test,
    power_of,
    precision_at_top,
    roc_curve,
    strongest,
)
from synthaudit.types import Bools, Card, Curve, Estimate, Floats

TOP_RECORDS = (10, 50, 100)
"""How many candidates an attacker might name: the precision of the surest r is reported."""
LEAST_A_SIDE = 4
"""Members and non-members below which an attack cannot be chosen on one half and measured on the
other."""


@dataclass(frozen=True, eq=False)
class Measurements:
    """What the attacks' scores say once labels are known.

    ``strongest`` is None when there are too few candidates or no attack was measured; everything
    that rests on it is then None or empty too.
    """

    estimates: dict[str, tuple[Estimate, ...]]
    curves: dict[str, tuple[Curve, ...]]
    power: Power
    permutation: PermutationTest | None = None
    strongest: Strongest | None = None
    identified: Identified | None = None
    top: tuple[Estimate, ...] = ()
    strata: tuple[Stratum, ...] = ()
    epsilon: Estimate | None = None

    @property
    def is_reversed(self) -> bool:
        """The strongest significant deviation says non-members look more like members."""
        if self.permutation is None or not self.permutation.tested:
            return False
        first = self.permutation.tested[0]
        return first.p_adjusted < 0.05 and first.z < 0


def measure(
    scores: Mapping[str, Floats],
    is_member: Bools,
    isolation: Floats | None,
    cards: Mapping[str, Card],
    streams: Streams,
    progress: Progress,
) -> Measurements:
    """Judge every attack's scores, alone and together.

    Parameters
    ----------
    scores : mapping of attack id to (n_candidates,) float64
    is_member : (n_candidates,) bool
    isolation : (n_candidates,) float64 or None
        Distance to the k-th nearest other candidate; label-blind.
    cards : mapping of attack id to Card
        With the threat model that applied.
    streams : Streams
    progress : callable
    """
    n_members = int(is_member.sum())
    n_nonmembers = int(is_member.size) - n_members
    estimates: dict[str, tuple[Estimate, ...]] = {}
    curves: dict[str, tuple[Curve, ...]] = {}
    for done, (name, values) in enumerate(scores.items(), start=1):
        if min(n_members, n_nonmembers) >= 2:
            estimates[name] = evaluate(values, is_member, streams)
            curves[name] = (roc_curve("roc", values, is_member),)
        progress("statistics", done, len(scores))
    if not scores or min(n_members, n_nonmembers) < LEAST_A_SIDE:
        return Measurements(estimates, curves, power_of(n_members, n_nonmembers))
    strata = isolation_bins(isolation) if isolation is not None else None
    test = permutation_test(scores, is_member, streams, strata=strata)
    # the placeholder a test with one possible outcome leaves must not become the bar
    power = power_of(n_members, n_nonmembers, critical=test.critical or None)
    try:
        best = strongest(scores, is_member, streams, cards=cards, p_value=test.p_value)
    except UsageError:
        return Measurements(estimates, curves, power, test)
    tail = best.tail.scores
    return Measurements(
        estimates,
        curves,
        power,
        test,
        best,
        identified(tail, is_member),
        tuple(
            precision_at_top(tail, is_member, r) for r in TOP_RECORDS if r <= is_member.size // 4
        ),
        exposure_by_isolation(best.overall.scores, is_member, isolation)
        if isolation is not None
        else (),
        _epsilon(best, is_member, streams),
    )


def _epsilon(best: Strongest, is_member: Bools, streams: Streams) -> Estimate | None:
    """The customary lower bound; the split is assumed random unless the validity checks say no."""
    try:
        return epsilon_from_attack(best.overall.scores, is_member, streams, is_random_split=True)
    except NotApplicable:
        return None


def placebo_spread(held_out: Floats, is_member: Bools) -> tuple[float, float]:
    """Mean and standard deviation of the AUC of true labels on tables that cannot know them.

    Parameters
    ----------
    held_out : (n_shadows, n_candidates)
        The shadow attack applied to each shadow. Shadows were trained on halves drawn without
        looking at labels, so true labels must not predict these scores beyond chance.
    is_member : (n_candidates,) bool
    """
    from synthaudit.stats.auc import auc

    found = np.array([auc(scores, is_member) for scores in held_out])
    return float(found.mean()), float(found.std(ddof=1))
