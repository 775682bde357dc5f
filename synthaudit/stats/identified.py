"""How many members can be singled out by name, at a stated rate of false accusations.

Scores given here must not have been chosen by these labels: use ``Strongest.tail.scores``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthaudit.errors import UsageError
from synthaudit.stats.binomial import lower_bound, upper_bound
from synthaudit.stats.clusters import effective_size, group_codes
from synthaudit.stats.ranks import checked, count_above
from synthaudit.types import Bools, Estimate, Floats, Ints


def conformal_p_values(scores: Floats, is_member: Bools) -> Floats:
    """For every member, how unusual its score is among non-members: (n_members,) in (0, 1].

    ``(1 + #{non-members with score >= its own}) / (n_nonmembers + 1)`` (Bates et al. 2023,
    doi:10.1214/22-AOS2244, equation 3); ties count against identification.
    """
    scores, is_member = checked(scores, is_member)
    out = np.sort(scores[~is_member])
    at_least = out.size - np.searchsorted(out, scores[is_member], side="left")
    return np.asarray((1.0 + at_least) / (out.size + 1.0), dtype=np.float64)


def benjamini_hochberg(p_values: Floats, q: float = 0.05) -> Bools:
    """Which hypotheses are rejected at false discovery rate ``q`` (Benjamini, Hochberg 1995)."""
    n = p_values.size
    ordered = np.sort(p_values)
    # 1e-12: 0.05 * 20 / 20 must reach 0.05
    good = np.flatnonzero(ordered <= q * np.arange(1, n + 1) / max(n, 1) * (1.0 + 1e-12))
    if good.size == 0:
        return np.zeros(n, dtype=np.bool_)
    rejected: Bools = p_values <= ordered[good[-1]]
    return rejected


@dataclass(frozen=True)
class Identified:
    """Members that an adversary can name.

    Attributes
    ----------
    n_identified : int
        Members singled out by Benjamini-Hochberg at ``q``.
    expected_false : float
        At most this many of them are expected to be wrong: ``q * n_identified``.
    share : Estimate
        ``identified_share``: of members.
    """

    n_identified: int
    expected_false: float
    q: float
    share: Estimate


def identified(
    scores: Floats,
    is_member: Bools,
    *,
    q: float = 0.05,
    groups: Ints | None = None,
    confidence: float = 0.95,
) -> Identified:
    """Members singled out with at most a share ``q`` of false identifications expected.

    The value is the share of members that Benjamini-Hochberg rejects on conformal p-values. The
    interval is for the population's share: the largest TPR(t) over thresholds t at which, in a
    pool of as many members as non-members, at most a share ``q`` of the flagged are non-members,
    FPR(t) <= q / (1 - q) * TPR(t). See :func:`_share_bounds`.

    Parameters
    ----------
    scores : (n,) float64
        Not chosen with these labels.
    is_member : (n,) bool
    q : float
    groups : (n,) int, optional

    What it cannot show: *which* members beyond doubt, and who could be named with knowledge no
    attack here has. With ``n`` non-members nobody can be identified unless at least
    ``1 / (q * (n + 1))`` of the members are.
    """
    scores, is_member = checked(scores, is_member)
    n1, n0 = int(is_member.sum()), int((~is_member).sum())
    if n1 == 0 or n0 == 0:
        note = "needs members and non-members"
        nothing = Estimate("identified_share", None, None, None, n1, 0.0, confidence, note=note)
        return Identified(0, 0.0, q, nothing)
    rejected = benjamini_hochberg(conformal_p_values(scores, is_member), q)
    k = int(rejected.sum())
    low, high = _share_bounds(scores, is_member, q, group_codes(groups, scores.size), confidence)
    value = k / n1
    method = "Benjamini-Hochberg on conformal p-values; exact bounds over thresholds"
    note = f"{k} of {n1} members, at most {q * k:.3g} of them expected to be wrong"
    share = Estimate(
        "identified_share",
        value,
        min(low, value),
        max(high, value),
        n1,
        0.0,
        confidence,
        method,
        note,
    )
    return Identified(k, q * k, q, share)


def level_at_prevalence(q: float, prevalence: float) -> float:
    """The level at which equal halves must be judged to bound false accusations elsewhere.

    Where members are a share pi of the people looked at, at most a share q of the accused are
    outsiders when ``(1 - pi) FPR <= q / (1 - q) * pi TPR`` (Bayes' rule). In equal halves that is
    the level q' with ``q' / (1 - q') = q / (1 - q) * pi / (1 - pi)``.

    Raises
    ------
    UsageError
        When the prevalence is not between 0 and 1.
    """
    if not 0.0 < prevalence < 1.0:
        raise UsageError(
            f"The prevalence must lie between 0 and 1 (both excluded), got {prevalence:g}; it is "
            "the share of members among the people an attacker would look at."
        )
    odds = q / (1.0 - q) * prevalence / (1.0 - prevalence)
    return odds / (1.0 + odds)


def _share_bounds(
    scores: Floats, is_member: Bools, q: float, codes: Ints | None, confidence: float
) -> tuple[float, float]:
    """Bounds on the largest TPR(t) with FPR(t) <= q / (1 - q) * TPR(t).

    Thresholds tried are the 1st, 2nd, 3rd, 4th, 6th, 8th, 11th, ... largest non-member. The
    population FPR above the j-th largest of n0 is Beta(j, n0 - j + 1), about Gamma(j) / n0; the
    TPR behind x members of n1 lies between about Gamma(x) / n1 and Gamma(x + 1) / n1. So
    P(FPR > ratio * TPR) is a tail of Beta(j, x): a threshold *proves* its TPR's lower bound when
    that tail is below (1 - confidence) / 2. The unknown best threshold lies between two neighbours
    of the list, and is excluded there when the FPR is as surely too large for every TPR up to the
    next.

    Bounds are pointwise, yet both a ratio and a TPR have to err for a miss: simulated coverage at
    95 % is 0.97 to 1 (``docs/statistics.md``).
    """
    from scipy.special import betainc

    tail = (1.0 - confidence) / 2.0
    out = np.sort(scores[~is_member])[::-1]
    inside, n0, n1 = scores[is_member], out.size, int(is_member.sum())
    j = _positions(n0)
    everybody = np.ones(scores.size, dtype=np.bool_)
    m1 = effective_size(everybody[:n1], None if codes is None else codes[is_member])
    m0 = effective_size(everybody[:n0], None if codes is None else codes[~is_member])
    ranks = j * (m0 / n0)
    counts = np.minimum(count_above(inside, out[j - 1]) * (m1 / n1), m1)
    even = q * m0 / (q * m0 + (1.0 - q) * m1)
    some = np.maximum(counts, 1e-9)
    proves = (counts > 0) & (1.0 - betainc(ranks, some, even) <= tail)
    low = max((lower_bound(float(k), m1, tail) for k in counts[proves]), default=0.0)
    # from above the largest non-member to below the last one tried, where everybody is flagged
    ends = np.append(counts, m1)
    excluded = np.append(False, betainc(ranks, ends[1:] + 1.0, even) <= tail)
    high = max(upper_bound(float(k), m1, tail) for k in ends[~excluded])
    return low, high


def _positions(n: int) -> Ints:
    """1, 2, 3, 4, 6, 8, 11, 16, ...: about sqrt(2) apart, up to ``n``."""
    steps = np.round(2.0 ** (np.arange(2 * int(np.ceil(np.log2(max(n, 2)))) + 1) / 2.0))
    return np.unique(np.minimum(np.append(steps, 3), n)).astype(np.int64)


def precision_at_top(
    scores: Floats,
    is_member: Bools,
    r: int,
    *,
    prevalence: float | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Share of members among the ``r`` highest-scoring candidates, with an exact lower bound.

    Parameters
    ----------
    r : int
        How many candidates are named. Ties across the border are all named or all left out,
        whichever names fewer; ``n`` of the estimate is the number named.
    prevalence : float, optional
        Share of members in the population the attacker draws from. None: as in this pool. With a
        prevalence pi the precision is ``pi TPR / (pi TPR + (1 - pi) FPR)``, and its bounds use
        Clopper-Pearson bounds of TPR and FPR, half of the error for each.

    What it cannot show: the threshold is set by r, not by the labels, so there is no optimism; but
    in a population with other people than the pool's the precision is another.
    """
    scores, is_member = checked(scores, is_member)
    name = f"precision_at_top_{r}"
    edge = np.sort(scores)[::-1][min(r, scores.size - 1)] if r < scores.size else -np.inf
    named = scores > edge
    n_named, hits = int(named.sum()), int(is_member[named].sum())
    n1, n0 = int(is_member.sum()), int((~is_member).sum())
    pi = n1 / max(is_member.size, 1) if prevalence is None else prevalence
    if n_named == 0 or n1 == 0 or n0 == 0:
        note = "nobody can be named: the highest scores are tied beyond r"
        return Estimate(name, None, None, None, 0, pi, confidence, note=note)
    tail = (1.0 - confidence) / 2.0
    if prevalence is None:
        low, high = lower_bound(hits, n_named, tail), upper_bound(hits, n_named, tail)
        value, method = hits / n_named, "Clopper-Pearson"
    else:
        t, f = hits / n1, (n_named - hits) / n0
        value = _precision(pi, t, f)
        half = tail / 2.0
        low = _precision(pi, lower_bound(hits, n1, half), upper_bound(n_named - hits, n0, half))
        high = _precision(pi, upper_bound(hits, n1, half), lower_bound(n_named - hits, n0, half))
        method = f"Clopper-Pearson bounds of TPR and FPR at prevalence {pi:g}"
    return Estimate(name, value, low, high, n_named, pi, confidence, method)


def _precision(prevalence: float, tpr: float, fpr: float) -> float:
    right, wrong = prevalence * tpr, (1.0 - prevalence) * fpr
    return right / (right + wrong) if right + wrong > 0 else 0.0
