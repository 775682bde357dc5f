"""The field's attacks, from their papers' formulas, for comparison only.

Every one of them gets what makes ours fair: the unlabelled pool with the candidate left out as its
reference, instead of half of the holdout. Numbers are in robust standard deviations (missing: the
median), categories one-hot; the kernel densities, which fail on one-hot columns, see codes instead.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synthaudit.data.views import AdversaryView
from synthaudit.types import EncodedTable, Floats

MAX_LEVELS = 60
K_NEIGHBORS = 10


def _numbers(table: EncodedTable) -> Floats:
    return np.clip(np.nan_to_num(table.scaled.astype(np.float64), nan=0.0), -10.0, 10.0)


def _one_hot(table: EncodedTable) -> Floats:
    blocks = [_numbers(table)]
    for j in range(table.codes.shape[1]):
        levels = np.arange(MAX_LEVELS)
        blocks.append((table.codes[:, j][:, None] == levels[None, :]) * np.sqrt(0.5))
    return np.concatenate(blocks, axis=1)


def _ordinal(view: AdversaryView) -> tuple[Floats, Floats]:
    """Ordinal codes and numbers, rotated to the directions in which the pool varies, at scale 1."""
    pool, table = (
        np.concatenate([_numbers(t), t.codes.astype(np.float64)], axis=1)
        for t in (view.candidates, view.synthetic)
    )
    centre = pool.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov((pool - centre).T))
    kept = values > 1e-6 * values.max()
    turn = vectors[:, kept] / np.sqrt(values[kept])
    return (pool - centre) @ turn, (table - centre) @ turn


def _squared_distances(a: Floats, b: Floats) -> Floats:
    return np.maximum((a**2).sum(1)[:, None] + (b**2).sum(1)[None, :] - 2 * a @ b.T, 0.0)


def _nearest(a: Floats, b: Floats, *, itself: bool = False) -> Floats:
    found = np.empty(len(a))
    for start in range(0, len(a), 500):
        d = _squared_distances(a[start : start + 500], b)
        if itself:
            d[np.arange(len(d)), np.arange(start, start + len(d))] = np.inf
        found[start : start + 500] = np.sqrt(d.min(axis=1))
    return found


def gan_leaks(view: AdversaryView) -> Floats:
    """Chen et al. 2020, arXiv:1909.03935: minus the distance to the nearest synthetic row."""
    return -_nearest(_one_hot(view.candidates), _one_hot(view.synthetic))


def gan_leaks_calibrated(view: AdversaryView) -> Floats:
    """The same, minus the distance to the nearest reference row."""
    pool = _one_hot(view.candidates)
    return gan_leaks(view) + _nearest(pool, pool, itself=True)


def _counts_within(a: Floats, b: Floats, radius: float) -> Floats:
    """How many rows of ``b`` lie within ``radius`` of each row of ``a``."""
    found = np.empty(len(a))
    for start in range(0, len(a), 500):
        squares = _squared_distances(a[start : start + 500], b)
        found[start : start + 500] = (squares <= radius**2).sum(axis=1)
    return found


def monte_carlo(view: AdversaryView) -> Floats:
    """Hilprecht et al. 2019, arXiv:1906.03006: how many rows of S within the median distance."""
    pool, table = _one_hot(view.candidates), _one_hot(view.synthetic)
    return _counts_within(pool, table, float(np.median(_nearest(pool, table))))


def local_neighborhood(view: AdversaryView) -> Floats:
    """Houssiau et al. 2022 (TAPAS), arXiv:2211.06550: synthetic rows within a radius of 1."""
    return _counts_within(_one_hot(view.candidates), _one_hot(view.synthetic), 1.0)


def dpi(view: AdversaryView) -> Floats:
    """Ward et al. 2024, arXiv:2406.13012: odds of S among the 20 nearest of S and reference."""
    pool, table = _one_hot(view.candidates), _one_hot(view.synthetic)
    both = np.concatenate([table, pool])
    scores = np.empty(len(pool))
    k = min(20, len(both) - 1)
    for start in range(0, len(pool), 500):
        squares = _squared_distances(pool[start : start + 500], both)
        rows = np.arange(len(squares))
        squares[rows, len(table) + start + rows] = np.inf
        near = np.argpartition(squares, k - 1, axis=1)[:, :k]
        n_synthetic = (near < len(table)).sum(axis=1)
        scores[start : start + 500] = n_synthetic / np.maximum(k - n_synthetic, 1e-20)
    return scores


def _log_kernel_sums(x: Floats, reference: Floats, *, itself: bool = False) -> Floats:
    """Log sum of Gaussian kernels with Scott's bandwidth (whitened: the identity)."""
    n, d = reference.shape
    width = n ** (-1.0 / (d + 4))
    found = np.empty(len(x))
    for start in range(0, len(x), 500):
        exponent = -_squared_distances(x[start : start + 500], reference) / (2 * width**2)
        if itself:
            exponent[np.arange(len(exponent)), np.arange(start, start + len(exponent))] = -np.inf
        top = exponent.max(axis=1, keepdims=True)
        found[start : start + 500] = top[:, 0] + np.log(np.exp(exponent - top).sum(axis=1))
    return found


def density(view: AdversaryView) -> Floats:
    """van Breugel et al. 2023, equation 1: the kernel density of the synthetic table alone."""
    return _log_kernel_sums(*_ordinal(view))


def domias(view: AdversaryView) -> Floats:
    """van Breugel et al. 2023, arXiv:2302.12580: kernel density of S over that of the reference."""
    pool, table = _ordinal(view)
    return _log_kernel_sums(pool, table) - _log_kernel_sums(pool, pool, itself=True)


def gen_lra(view: AdversaryView) -> Floats:
    """Ward et al. 2025, arXiv:2508.21146: what x adds to the likelihood of its neighbours in S.

    ``sum over the k nearest s of log p_P(s) - log p_{P without x}(s)``; with kernels that is
    ``-log(1 - K(x, s) / sum_p K(p, s))``, which needs no refitting for each candidate.
    """
    pool, table = _ordinal(view)
    n, d = pool.shape
    width = n ** (-1.0 / (d + 4))
    totals = _log_kernel_sums(table, pool)
    scores = np.empty(n)
    for start in range(0, n, 500):
        squares = _squared_distances(pool[start : start + 500], table)
        near = np.argpartition(squares, min(K_NEIGHBORS, len(table)) - 1, axis=1)[:, :K_NEIGHBORS]
        kernels = -np.take_along_axis(squares, near, axis=1) / (2 * width**2)
        shares = np.minimum(np.exp(kernels - totals[near]), 1 - 1e-12)
        scores[start : start + 500] = -np.log1p(-shares).sum(axis=1)
    return scores


def _cross_fitted(view: AdversaryView, make: Callable[[], object], rows: tuple[Floats, Floats]):
    pool, table = rows
    fold = np.random.default_rng(0).integers(0, 5, len(pool))
    scores = np.empty(len(pool))
    for k in range(5):
        kept = fold != k
        model = make()
        model.fit(  # type: ignore[attr-defined]
            np.concatenate([pool[kept], table]), np.repeat([0, 1], [kept.sum(), len(table)])
        )
        scores[~kept] = model.predict_proba(pool[~kept])[:, 1]  # type: ignore[attr-defined]
    return scores


def logan(view: AdversaryView) -> Floats:
    """Hayes et al. 2019, arXiv:1705.07663: a neural discriminator, trained on both classes."""
    from sklearn.neural_network import MLPClassifier

    def make() -> MLPClassifier:
        return MLPClassifier((64, 32), max_iter=60, early_stopping=True, random_state=0)

    return _cross_fitted(view, make, (_one_hot(view.candidates), _one_hot(view.synthetic)))


def boosting(view: AdversaryView) -> Floats:
    """Gradient-boosted trees with small leaves, cross-fitted."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    def make() -> HistGradientBoostingClassifier:
        return HistGradientBoostingClassifier(
            max_iter=100, min_samples_leaf=5, early_stopping=False, random_state=0
        )

    tables = (view.candidates, view.synthetic)
    rows = tuple(
        np.concatenate([np.nan_to_num(t.ranks, nan=-1.0), t.codes], axis=1) for t in tables
    )
    return _cross_fitted(view, make, (rows[0], rows[1]))


def logistic(view: AdversaryView) -> Floats:
    """A linear density ratio on first and second moments, cross-fitted."""
    from sklearn.linear_model import LogisticRegression

    from synthaudit.attacks._moments import moments

    def make() -> LogisticRegression:
        return LogisticRegression(C=0.01, max_iter=200, class_weight="balanced")

    return _cross_fitted(view, make, moments(view, np.random.default_rng(0)))


CLASSICS: dict[str, Callable[[AdversaryView], Floats]] = {
    "GAN-Leaks": gan_leaks,
    "GAN-Leaks calibrated": gan_leaks_calibrated,
    "Monte-Carlo": monte_carlo,
    "local neighbourhood": local_neighborhood,
    "DPI": dpi,
    "density (KDE)": density,
    "DOMIAS (KDE)": domias,
    "Gen-LRA": gen_lra,
    "LOGAN": logan,
    "boosting": boosting,
    "linear": logistic,
}
