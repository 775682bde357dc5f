"""All attacks in one: a ridge logistic regression on the ranks of their scores.

It is trained with the labels of one half of the candidates and scores the other: an adversary who
knows of some people whether they are members. It finds what no single attack shows, and it learns
the sign, so an attack that points the wrong way (similarity-filtered output has holes where
members were) counts as the evidence it is.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from synthaudit.seeds import Streams
from synthaudit.stats.halves import split_halves
from synthaudit.stats.permutation import top_weights
from synthaudit.stats.ranks import midranks
from synthaudit.types import Bools, Floats, Ints

RIDGE = 100.0
"""Prior precision of a coefficient of a unit-variance feature (see docs/statistics.md)."""
TOP = 0.01
"""Share of the pool whose members get an indicator feature."""


def rank_features(scores: Mapping[str, Floats]) -> Floats:
    """Three label-blind features an attack, (n, 3 * n_attacks), mean about 0, variance about 1.

    The rank itself; its exponential (Savage) score ``-log(1 - u)``, which grows only among the
    highest-scoring candidates; and whether the candidate is among the highest-scoring 1 %. The
    first serves leaks that touch everybody, the others those that touch a few.
    """
    columns = []
    for values in scores.values():
        u = midranks(values) / (values.size + 1.0)
        top = top_weights(values, TOP)
        columns += [
            (u - 0.5) * np.sqrt(12.0),
            -np.log1p(-u) - 1.0,
            (top - TOP) / np.sqrt(TOP * (1.0 - TOP)),
        ]
    return np.stack(columns, axis=1)


def fit_logistic(features: Floats, labels: Bools, ridge: float = RIDGE) -> Floats:
    """Coefficients (n_features + 1,), the intercept last, by Newton's method."""
    x = np.column_stack([features, np.ones(labels.size)])
    y = labels.astype(np.float64)
    penalty = np.full(x.shape[1], ridge)
    penalty[-1] = 1e-6  # the intercept is free, but a one-class sample must not run away
    beta = np.zeros(x.shape[1])
    for _ in range(25):
        p = 1.0 / (1.0 + np.exp(-np.clip(x @ beta, -30.0, 30.0)))
        gradient = x.T @ (y - p) - penalty * beta
        hessian = (x * (p * (1.0 - p))[:, None]).T @ x
        hessian[np.diag_indices_from(hessian)] += penalty + 1e-9
        step = np.linalg.solve(hessian, gradient)
        beta = beta + step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-12))
        if float(np.abs(step).max()) < 1e-8:
            break
    return beta


def _score(features: Floats, beta: Floats) -> Floats:
    result: Floats = features @ beta[:-1] + beta[-1]
    return result


def transfer(features: Floats, is_member: Bools, trained_on: Bools, applied_to: Bools) -> Floats:
    """Scores of the rows ``applied_to`` by a model trained on ``trained_on`` (masks)."""
    beta = fit_logistic(features[trained_on], is_member[trained_on])
    return _score(features[applied_to], beta)


def cross_fitted(
    features: Floats, is_member: Bools, streams: Streams, groups: Ints | None = None
) -> Floats:
    """Out-of-fold scores of every row, four folds that respect labels and groups, as ranks.

    Used to judge the combination on the half it is chosen on without flattering it. Folds have
    different intercepts, so scores become ranks within their fold.
    """
    half = split_halves(is_member, streams.child("fold"), groups)
    fold = np.zeros(is_member.size, dtype=np.int64)
    for which, rows in enumerate((np.flatnonzero(half), np.flatnonzero(~half))):
        inner = None if groups is None else groups[rows]
        quarter = split_halves(is_member[rows], streams.child("fold", which), inner)
        fold[rows] = 2 * which + quarter
    result = np.zeros(is_member.size)
    for f in range(4):
        out = fold == f
        if out.any() and not out.all():
            raw = transfer(features, is_member, ~out, out)
            result[out] = midranks(raw) / (raw.size + 1.0)
    return result
