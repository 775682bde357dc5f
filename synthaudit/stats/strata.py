"""Who bears it: exposure by isolation and by subgroup, because the average hides the few."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthaudit.errors import UsageError
from synthaudit.stats.auc import auc_estimate
from synthaudit.stats.binomial import share_estimate
from synthaudit.stats.clusters import group_codes
from synthaudit.stats.ranks import checked
from synthaudit.stats.tpr import METHOD, Scored, is_resolvable, tpr_interval, tpr_name
from synthaudit.types import Bools, Estimate, Floats, Ints

EDGES = (0.5, 0.8, 0.9, 0.95)
"""Quantiles of isolation between the five bins: the crowd, and ever thinner rims of it."""
BIN_NAMES = (
    "most typical half",
    "50 to 80 %",
    "80 to 90 %",
    "90 to 95 %",
    "most isolated 5 %",
)
MIN_SIDE = 20
"""Strata with fewer members or fewer non-members are suppressed: their numbers would be noise, and
small groups are people."""


@dataclass(frozen=True)
class Stratum:
    """One stratum's exposure.

    Attributes
    ----------
    auc : Estimate
        Members against non-members of this stratum only.
    tpr : Estimate
        Members of this stratum above the *global* threshold.
    fpr : Estimate
        Non-members of this stratum above the same threshold: who is wrongly accused.
    is_suppressed : bool
        Too small to show: the estimates have no values.
    """

    name: str
    n_members: int
    n_nonmembers: int
    auc: Estimate
    tpr: Estimate
    fpr: Estimate
    is_suppressed: bool


def isolation_bins(distance: Floats) -> Ints:
    """Bins 0 (most typical) to 4 (most isolated) of a label-blind distance.

    Parameters
    ----------
    distance : (n,) float64
        Distance of each candidate to its k-th nearest neighbour in the unlabelled pool, itself
        left out. Ties stay together, in the lower bin.
    """
    edges = np.quantile(distance, EDGES, method="inverted_cdf")
    bins: Ints = np.searchsorted(edges, distance, side="left").astype(np.int64)
    return bins


def exposure_by_isolation(
    scores: Floats,
    is_member: Bools,
    distance: Floats,
    *,
    fpr: float = 0.01,
    groups: Ints | None = None,
    confidence: float = 0.95,
) -> tuple[Stratum, ...]:
    """AUC and TPR at a global FPR in five bins of isolation, the most typical first."""
    return exposure_by_stratum(
        scores,
        is_member,
        isolation_bins(distance),
        dict(enumerate(BIN_NAMES)),
        fpr=fpr,
        groups=groups,
        confidence=confidence,
    )


def exposure_by_stratum(
    scores: Floats,
    is_member: Bools,
    strata: Ints,
    names: dict[int, str],
    *,
    fpr: float = 0.01,
    min_side: int = MIN_SIDE,
    groups: Ints | None = None,
    confidence: float = 0.95,
) -> tuple[Stratum, ...]:
    """AUC and TPR at a *global* FPR threshold within each stratum.

    Parameters
    ----------
    scores, is_member : (n,)
    strata : (n,) int
        Stratum of each candidate; must not depend on labels.
    names : dict of stratum to name
        In the order to report; strata that are not named are left out.
    fpr : float
        Of all non-members together: the attacker has one threshold, not one a stratum.
    min_side : int
        Fewer members or non-members than this: suppressed.

    Returns
    -------
    tuple of Stratum. TPR intervals carry the uncertainty of the global threshold
    (:func:`~synthaudit.stats.roc.tpr_interval`), AUC intervals are DeLong's within the stratum.

    What it cannot show: intervals are one stratum's own; the permutation test's ``strata`` gives
    p-values that account for looking at all of them.
    """
    scores, is_member = checked(scores, is_member)
    if np.shape(strata) != scores.shape:
        raise UsageError(
            f"Strata must have one entry a candidate ({scores.size}): {np.shape(strata)}."
        )
    codes = group_codes(groups, scores.size)
    everyone = Scored.of(scores, is_member, codes)
    return tuple(
        _stratum(
            name,
            np.asarray(strata == value),
            scores,
            is_member,
            codes,
            everyone,
            _Terms(fpr, min_side, confidence),
        )
        for value, name in names.items()
    )


@dataclass(frozen=True)
class _Terms:
    fpr: float
    min_side: int
    confidence: float


def _stratum(
    name: str,
    inside: Bools,
    scores: Floats,
    is_member: Bools,
    codes: Ints | None,
    everyone: Scored,
    terms: _Terms,
) -> Stratum:
    n1, n0 = int(np.sum(inside & is_member)), int(np.sum(inside & ~is_member))
    tpr, fpr = tpr_name(terms.fpr), f"fpr_at_global_{terms.fpr:g}"
    if min(n1, n0) < terms.min_side:
        note = f"suppressed: fewer than {terms.min_side} members or non-members"
        blank = [
            Estimate(e, None, None, None, n, null, terms.confidence, note=note)
            for e, n, null in (("auc", n1 + n0, 0.5), (tpr, n1, terms.fpr), (fpr, n0, terms.fpr))
        ]
        return Stratum(name, n1, n0, blank[0], blank[1], blank[2], True)
    inner = None if codes is None else np.unique(codes[inside], return_inverse=True)[1]
    area = auc_estimate(scores[inside], is_member[inside], inner, terms.confidence)
    threshold = everyone.threshold(terms.fpr)
    accused = share_estimate(
        fpr,
        int(np.sum(scores[inside & ~is_member] > threshold)),
        n0,
        null=terms.fpr,
        confidence=terms.confidence,
    )
    return Stratum(
        name, n1, n0, area, _tpr(inside, scores, is_member, codes, everyone, terms), accused, False
    )


def _tpr(
    inside: Bools,
    scores: Floats,
    is_member: Bools,
    codes: Ints | None,
    everyone: Scored,
    terms: _Terms,
) -> Estimate:
    name, here = tpr_name(terms.fpr), inside & is_member
    n0, n = everyone.nonmembers.size, int(here.sum())
    if not is_resolvable(terms.fpr, n0):
        note = f"not resolvable with {n0} non-members"
        return Estimate(name, None, None, None, n, terms.fpr, terms.confidence, note=note)
    part = Scored.of(scores, is_member, codes, only=inside)
    value, low, high = tpr_interval(part, terms.fpr, terms.confidence)
    return Estimate(name, value, low, high, n, terms.fpr, terms.confidence, METHOD)
