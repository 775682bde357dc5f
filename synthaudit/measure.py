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


@dataclass(frozen=True)
class Placebo:
    """The shadow attack's mean AUC on tables that cannot know the true labels."""

    auc: Estimate
    p_value: float
    """Two-sided, under random labels; exact moments, normal tails."""


def placebo(held_out: Floats, is_member: Bools) -> Placebo:
    """Do true labels predict scores made from tables that cannot know them?

    Shadows are trained on halves drawn without looking at labels. If training and holdout rows are
    exchangeable, labels are a random half of the pool given all the scores, whatever the scores
    have in common. The mean AUC over shadows is linear in each candidate's mean rank ``r``, so its
    null variance is that of a sample without replacement: ``n / (n_1 n_0 (n - 1))`` times the
    population variance of ``r`` (in units of ranks over ``n``, Hoeffding 1951,
    doi:10.1214/aoms/1177729698).

    Parameters
    ----------
    held_out : (n_shadows, n_candidates)
        The shadow attack applied to each shadow as if it were the release.
    is_member : (n_candidates,) bool
    """
    from scipy.stats import norm, rankdata

    from synthaudit.stats.auc import auc

    n, n_members = is_member.size, int(is_member.sum())
    mean_rank = rankdata(held_out, axis=1).mean(axis=0)
    value = float(np.mean([auc(scores, is_member) for scores in held_out]))
    # AUC = (mean rank of members - (n_1 + 1) / 2) / n_0, and the mean of n_1 of n ranks drawn
    # without replacement has variance (S^2 / n_1) (n_0 / n) with S^2 the n - 1 variance
    n_others = n - n_members
    spread = float(np.sqrt(mean_rank.var(ddof=1) * n_others / n / n_members)) / n_others
    half = float(norm.ppf(0.975)) * spread
    z = (value - 0.5) / spread if spread > 0 else 0.0
    estimate = Estimate(
        "placebo_auc", value, max(value - half, 0.0), min(value + half, 1.0), len(held_out), 0.5,
        method="mean over shadows; spread over random labels, given the scores",
    )  # fmt: skip
    return Placebo(estimate, float(2.0 * norm.sf(abs(z))))
