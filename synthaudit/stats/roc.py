"""The exact ROC, its thinned drawing, and the TPR at a fixed FPR with an honest interval.

Only *attained* vertices count: an attacker with tied scores cannot flag half a tie, and
interpolating between vertices (as ``np.interp`` on a ROC does) reports a power nobody has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthaudit.stats.clusters import effective_size
from synthaudit.stats.ranks import checked, count_above
from synthaudit.types import Bools, Curve, Estimate, Floats, Ints


@dataclass(frozen=True, eq=False)
class Roc:
    """All attained vertices, from (0, 0) to (1, 1).

    Attributes
    ----------
    thresholds : (n_vertices,) float64, falling; the first is +inf. A candidate is flagged when
        its score is >= the threshold.
    n_false, n_true : (n_vertices,) int64
        Non-members and members flagged.
    """

    thresholds: Floats
    n_false: Ints
    n_true: Ints

    @property
    def fpr(self) -> Floats:
        """False positive rate of every vertex."""
        return np.asarray(self.n_false / max(int(self.n_false[-1]), 1), dtype=np.float64)

    @property
    def tpr(self) -> Floats:
        """True positive rate of every vertex."""
        return np.asarray(self.n_true / max(int(self.n_true[-1]), 1), dtype=np.float64)

    def at_fpr(self, target: float) -> int:
        """Index of the last vertex whose FPR is <= ``target``."""
        # counts, not rates, are compared: 0.1 * 30 is 3.0000000000000004
        allowed = target * int(self.n_false[-1]) * (1.0 + 1e-12)
        return int(np.searchsorted(self.n_false, allowed, side="right")) - 1


def exact_roc(scores: Floats, is_member: Bools) -> Roc:
    """Every attained vertex of the ROC, ties grouped."""
    scores, is_member = checked(scores, is_member)
    order = np.argsort(-scores, kind="stable")
    ordered, labels = scores[order], is_member[order]
    if not ordered.size:
        return Roc(np.array([np.inf]), np.zeros(1, np.int64), np.zeros(1, np.int64))
    last = np.flatnonzero(np.r_[ordered[1:] != ordered[:-1], True])
    true = np.cumsum(labels)[last]
    false = np.cumsum(~labels)[last]
    zero = np.zeros(1, dtype=np.int64)
    return Roc(
        np.concatenate([[np.inf], ordered[last]]),
        np.concatenate([zero, false]).astype(np.int64),
        np.concatenate([zero, true]).astype(np.int64),
    )


def is_resolvable(fpr: float, n_nonmembers: int) -> bool:
    """Whether one false positive is at most ``fpr``: below that only "none at all" is left."""
    return n_nonmembers * fpr >= 1.0 - 1e-9


def _false_positives(n: float, rate: float, spread: float) -> tuple[Floats, Floats]:
    """Support and probabilities of Bin(n, rate), negligible tails dropped."""
    from scipy.special import gammaln, xlogy

    n = max(round(n), 1)
    half = spread * np.sqrt(n * rate * (1.0 - rate)) + 10.0
    low, high = int(max(np.floor(n * rate - half), 0)), int(min(np.ceil(n * rate + half), n))
    k = np.arange(low, high + 1, dtype=np.float64)
    log = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    p = np.exp(log + xlogy(k, rate) + xlogy(n - k, 1.0 - rate))
    return k, p / p.sum()


def _mixture_quantile(weights: Floats, a: Floats, b: Floats, p: float) -> float:
    """Quantile of a mixture of Beta(a, b); a = 0 is a mass at 0, b = 0 a mass at 1."""
    from scipy.special import betainc

    inner = (a > 0) & (b > 0)
    mass0 = float(weights[a <= 0].sum())
    w, a, b = weights[inner], a[inner], b[inner]
    if p <= mass0:
        return 0.0
    if p > mass0 + float(w.sum()):
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(45):
        middle = 0.5 * (low + high)
        if mass0 + float(w @ betainc(a, b, middle)) < p:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores of both sides, sorted once, with their groups; what TPR intervals are made from."""

    members: Floats
    nonmembers: Floats
    """Sorted, falling."""
    member_groups: Ints | None = None
    nonmember_groups: Ints | None = None
    """Groups of ``nonmembers`` in their sorted order."""

    @classmethod
    def of(cls, scores: Floats, is_member: Bools, codes: Ints | None = None) -> Scored:
        """Sort the two sides of ``scores``; ``codes`` are group codes or None."""
        out = scores[~is_member]
        order = np.argsort(-out, kind="stable")
        return cls(
            scores[is_member],
            out[order],
            None if codes is None else codes[is_member],
            None if codes is None else codes[~is_member][order],
        )

    def threshold(self, fpr: float) -> float:
        """Flag what lies strictly above this: the last vertex with FPR <= ``fpr``."""
        n = self.nonmembers.size
        allowed = int(np.floor(fpr * n * (1.0 + 1e-12)))
        return float(self.nonmembers[allowed]) if allowed < n else -np.inf


def tpr_interval(
    scored: Scored, fpr: float, confidence: float = 0.95, spread: float = 6.0
) -> tuple[float, float, float]:
    """TPR at ``fpr`` as (value, low, high), the threshold's own uncertainty included.

    The threshold with population FPR exactly ``fpr`` has K of the n0 non-members above it, with K
    ~ Bin(n0, fpr) whatever the distribution of scores. It lies between the K-th and the (K+1)-th
    largest non-member, so the members above it number between X_K and X_{K+1}, X_k being the
    members strictly above the k-th largest non-member. The interval inverts the mixture over K of
    the exact (Clopper-Pearson) beta bounds at those counts: lower bounds at X_K, upper at X_{K+1}.

    What it cannot show: when n0 * fpr is below about 3.7, P(K = 0) exceeds 2.5 % and no
    distribution-free lower bound above 0 exists at 95 %, however well the members separate.

    Source: the project's own combination of Clopper and Pearson 1934 with the distribution-free
    coverage of order statistics (David and Nagaraja, Order Statistics, 3rd ed., section 7.1).
    """
    n1, n0 = scored.members.size, scored.nonmembers.size
    threshold = scored.threshold(fpr)
    hits = scored.members > threshold
    m1 = effective_size(hits, scored.member_groups)
    m0 = effective_size(scored.nonmembers > threshold, scored.nonmember_groups)
    k, weights = _false_positives(m0, fpr, spread)
    k = k * (n0 / m0)
    edges = np.concatenate([[np.inf], scored.nonmembers, [-np.inf]])
    above = count_above(scored.members, edges).astype(np.float64) * (m1 / n1)
    at_least = above[np.clip(np.floor(k).astype(np.int64), 0, n0)]
    at_most = above[np.clip(np.ceil(k).astype(np.int64) + 1, 0, n0 + 1)]
    tail = (1.0 - confidence) / 2.0
    low = _mixture_quantile(weights, at_least, m1 - at_least + 1.0, tail)
    high = _mixture_quantile(weights, at_most + 1.0, m1 - at_most, 1.0 - tail)
    value = float(hits.mean())
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
    name, method = tpr_name(fpr), "exact: order statistics and Clopper-Pearson"
    if n1 == 0 or not is_resolvable(fpr, n0):
        note = (
            f"not resolvable: an FPR of {fpr:g} needs at least {int(np.ceil(1 / fpr))} "
            f"non-members and one member, there are {n0} and {n1}"
        )
        return Estimate(name, None, None, None, n1, fpr, confidence, method, note)
    value, low, high = tpr_interval(Scored.of(scores, is_member, codes), fpr, confidence)
    note = ""
    if n0 * fpr < 3.7:
        note = f"only {n0 * fpr:.3g} false positives expected: the lower bound cannot exceed 0"
    return Estimate(name, value, low, high, n1, fpr, confidence, method, note)


def roc_curve(
    name: str, scores: Floats, is_member: Bools, n_points: int = 120, confidence: float = 0.95
) -> Curve:
    """The ROC for drawing: attained vertices, thinned, with a pointwise exact band.

    Vertices are kept near equally spaced steps of FPR and of log FPR, so that the corner at low
    FPR survives on a log-log plot; what is kept is exact. The band is *pointwise*: at each kept
    FPR it is the interval of :func:`tpr_interval` (about 5 % of its points may miss the truth),
    left out (nan-free: it repeats 0 and 1) where the FPR is 0 or 1.
    """
    scores, is_member = checked(scores, is_member)
    curve = exact_roc(scores, is_member)
    kept = _thin(curve, n_points)
    x, y = curve.fpr[kept], curve.tpr[kept]
    low, high = np.zeros(x.size), np.ones(x.size)
    n1, n0 = int(is_member.sum()), int((~is_member).sum())
    if n1 and n0:
        scored = Scored.of(scores, is_member)
        for i, fpr in enumerate(x):
            if 0.0 < fpr < 1.0:
                _, low[i], high[i] = tpr_interval(scored, float(fpr), confidence, spread=4.0)
    low[-1] = 1.0 if n1 else 0.0
    return Curve(
        name,
        tuple(x.tolist()),
        tuple(y.tolist()),
        tuple(np.minimum(low, y).tolist()),
        tuple(np.maximum(high, y).tolist()),
        "false positive rate",
        "true positive rate",
    )


def _thin(curve: Roc, n_points: int) -> Ints:
    n_vertices = curve.n_false.size
    if n_vertices <= n_points:
        return np.arange(n_vertices)
    n0 = max(int(curve.n_false[-1]), 1)
    half = n_points // 2
    wanted = np.concatenate([np.linspace(0, n0, half), np.geomspace(1, n0, half)])
    found = np.searchsorted(curve.n_false, wanted + 1e-9, side="right") - 1
    return np.unique(np.concatenate([[0], found, [n_vertices - 1]])).astype(np.int64)
