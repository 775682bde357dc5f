"""The TPR at a fixed FPR, with an interval that carries the threshold's own uncertainty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthaudit.stats.clusters import effective_size
from synthaudit.stats.ranks import count_above
from synthaudit.types import Bools, Estimate, Floats, Ints

METHOD = "order statistics and beta bounds, threshold included"
SURE = 3.7
"""Expected false positives below which "no false positive at all" keeps more than 2.5 %."""


def is_resolvable(fpr: float, n_nonmembers: int) -> bool:
    """Whether one false positive is at most ``fpr``: below that only "none at all" is left."""
    return n_nonmembers * fpr >= 1.0 - 1e-9


def _false_positives(n: float, rate: float, most_nodes: int | None) -> tuple[Ints, Floats]:
    """Support and probabilities of Bin(n, rate), its negligible tails dropped.

    ``most_nodes``: no more points than this, equally likely quantiles instead (for drawing).
    """
    from scipy.special import gammaln, xlogy

    n = max(round(n), 1)
    half = 6.0 * np.sqrt(n * rate * (1.0 - rate)) + 10.0
    low, high = int(max(np.floor(n * rate - half), 0)), int(min(np.ceil(n * rate + half), n))
    k = np.arange(low, high + 1)
    log = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    p: Floats = np.exp(log + xlogy(k, rate) + xlogy(n - k, 1.0 - rate))
    p = p / p.sum()
    if most_nodes is None or k.size <= most_nodes:
        return k, p
    middles = (np.arange(most_nodes) + 0.5) / most_nodes
    chosen = k[np.minimum(np.searchsorted(np.cumsum(p), middles), k.size - 1)]
    return chosen, np.full(most_nodes, 1.0 / most_nodes)


def _mixture_quantile(counts: Floats, n: float, weights: Floats, p: float, steps: int) -> float:
    """Quantile of the mixture of Beta(c + 1/2, n - c + 1/2), Jeffreys' except at its ends.

    There the customary corrections apply (Brown, Cai, DasGupta 2001, doi:10.1214/ss/1009213286):
    towards the near end a count of nothing (or of everybody) is a mass on 0 (or 1), towards the
    far end it is the exact Beta(1, n) (or Beta(n, 1)).
    """
    from scipy.special import betainc

    counts, inverse = np.unique(counts, return_inverse=True)
    w = np.bincount(inverse, weights=weights).astype(np.float64)
    nothing, everybody = counts <= 0, counts >= n
    a = np.where(nothing, 1.0, np.where(everybody, n, counts + 0.5))
    b = np.where(nothing, n, np.where(everybody, 1.0, n - counts + 0.5))
    mass0 = 0.0
    mass = nothing if p < 0.5 else everybody
    if p < 0.5:
        mass0 = float(w[mass].sum())
    a, b, w = a[~mass], b[~mass], w[~mass]
    if p <= mass0:
        return 0.0
    if p > mass0 + float(w.sum()):
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(steps):
        middle = 0.5 * (low + high)
        if mass0 + float(w @ betainc(a, b, middle)) < p:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores of both sides, sorted and counted once: what TPR intervals are made from."""

    members: Floats
    nonmembers: Floats
    """Sorted, falling."""
    above: Ints
    """(n_nonmembers + 2,): members strictly above +inf, each of ``nonmembers``, and -inf."""
    member_groups: Ints | None = None
    nonmember_groups: Ints | None = None
    """Groups of ``nonmembers`` in their sorted order."""

    @classmethod
    def of(
        cls,
        scores: Floats,
        is_member: Bools,
        codes: Ints | None = None,
        only: Bools | None = None,
    ) -> Scored:
        """Sort and count; ``codes`` are group codes, ``only`` the members that are looked at."""
        mine = is_member if only is None else is_member & only
        out = scores[~is_member]
        order = np.argsort(-out, kind="stable")
        members, nonmembers = scores[mine], out[order]
        edges = np.concatenate([[np.inf], nonmembers, [-np.inf]])
        return cls(
            members,
            nonmembers,
            count_above(members, edges),
            None if codes is None else codes[mine],
            None if codes is None else codes[~is_member][order],
        )

    def threshold(self, fpr: float) -> float:
        """Flag what lies strictly above this: the last vertex with FPR <= ``fpr``."""
        n = self.nonmembers.size
        allowed = int(np.floor(fpr * n * (1.0 + 1e-12)))
        return float(self.nonmembers[allowed]) if allowed < n else -np.inf


def tpr_interval(
    scored: Scored, fpr: float, confidence: float = 0.95, most_nodes: int | None = None
) -> tuple[float, float, float]:
    """TPR at ``fpr`` as (value, low, high), the threshold's own uncertainty included.

    The threshold whose population FPR is exactly ``fpr`` has K of the n0 non-members above it with
    K ~ Bin(n0, fpr), whatever the distribution of scores. It lies between the K-th and the
    (K+1)-th largest non-member, so between X_K and X_{K+1} of the n1 members are above it, X_k
    being the members strictly above the k-th largest non-member. Given a count x, the TPR has the
    Jeffreys distribution Beta(x + 1/2, n1 - x + 1/2); the interval takes the quantiles of its
    mixture over K, half the weight on either count.

    Simulated coverage at 95 %: 0.945 to 0.99, and up to 1 where fewer than four false positives
    are expected (``docs/statistics.md``). What it cannot show: when n0 * fpr is below about 3.7,
    P(K = 0) exceeds 2.5 % and no distribution-free lower bound clearly above 0 exists at 95 %,
    however well the members separate.

    Source: the project's own combination of the distribution-free coverage of order statistics
    (David and Nagaraja, Order Statistics, 3rd ed., section 7.1) with Jeffreys' interval.
    """
    n1, n0 = scored.members.size, scored.nonmembers.size
    threshold = scored.threshold(fpr)
    hits = scored.members > threshold
    m1 = effective_size(hits, scored.member_groups)
    m0 = effective_size(scored.nonmembers > threshold, scored.nonmember_groups)
    k, weights = _false_positives(m0, fpr, most_nodes)
    below = np.clip(np.floor(k * (n0 / m0)).astype(np.int64), 0, n0)
    beyond = np.clip(np.ceil(k * (n0 / m0)).astype(np.int64) + 1, 0, n0 + 1)
    above = scored.above[np.concatenate([below, beyond])]
    counts: Floats = above.astype(np.float64) * (m1 / n1)
    halved = np.concatenate([weights, weights]) / 2.0
    tail = (1.0 - confidence) / 2.0
    value = float(hits.mean())
    # a drawing is a few hundred pixels high
    steps = 36 if most_nodes is None else 16
    low = _mixture_quantile(counts, m1, halved, tail, steps)
    high = _mixture_quantile(counts, m1, halved, 1.0 - tail, steps)
    return value, min(low, value), max(high, value)


def tpr_name(fpr: float) -> str:
    """The name of the estimate: ``tpr_at_fpr_0.01``."""
    return f"tpr_at_fpr_{fpr:g}"


def tpr_at_fpr(
    scores: Floats,
    is_member: Bools,
    fpr: float,
    codes: Ints | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """TPR at a fixed FPR; value None when these non-members cannot resolve that FPR.

    Parameters
    ----------
    scores : (n,) float64
    is_member : (n,) bool
    fpr : float in (0, 1)
    codes : (n,) int64, optional
        Groups of rows that were split together.
    """
    n1, n0 = int(is_member.sum()), int((~is_member).sum())
    name = tpr_name(fpr)
    if n1 == 0 or not is_resolvable(fpr, n0):
        note = (
            f"not resolvable: an FPR of {fpr:g} needs at least {int(np.ceil(1 / fpr))} "
            f"non-members and one member, there are {n0} and {n1}"
        )
        return Estimate(name, None, None, None, n1, fpr, confidence, METHOD, note)
    value, low, high = tpr_interval(Scored.of(scores, is_member, codes), fpr, confidence)
    note = ""
    if n0 * fpr < SURE:
        note = f"only {n0 * fpr:.3g} false positives expected: the lower bound cannot say much"
    return Estimate(name, value, low, high, n1, fpr, confidence, METHOD, note)
