"""The exact ROC and its thinned drawing.

Only *attained* vertices count: an attacker with tied scores cannot flag half a tie, and
interpolating between vertices (as ``np.interp`` on a ROC does) reports a power nobody has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthaudit.stats.ranks import checked
from synthaudit.stats.tpr import Scored, tpr_interval
from synthaudit.types import Bools, Curve, Floats, Ints


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
                _, low[i], high[i] = tpr_interval(scored, float(fpr), confidence, most_nodes=12)
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
