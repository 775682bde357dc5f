"""Distance attacks that were tried and left out, kept so that the figures can be made again."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from synthaudit.attacks._calibration import floor_of, log_ratio
from synthaudit.data.views import AdversaryView, Geometry
from synthaudit.neighbors import NeighborIndex
from synthaudit.types import Floats

Scorer = Callable[[AdversaryView], Floats]


def closest_record_k5(view: AdversaryView) -> Floats:
    """Minus the mean distance to the five nearest synthetic rows."""
    return -view.nearest_synthetic(5).distances.mean(axis=1)


def difference(geometry: Geometry) -> Scorer:
    """Calibrated GAN-Leaks in the form peers ship: a difference of distances."""

    def score(view: AdversaryView) -> Floats:
        reference = view.nearest_candidates(1, geometry).distances[:, 0]
        return reference - view.nearest_synthetic(1, geometry).distances[:, 0]

    return score


def without_columns(n_left_out: int) -> Scorer:
    """The largest calibrated closest record over all choices of columns left out.

    Exact, by searching once per choice; tables of more than 22 columns leave out one at most.
    """

    def score(view: AdversaryView) -> Floats:
        pool, release, geometry = view.candidates, view.synthetic, Geometry.STANDARD
        n_numbers, n_columns = pool.ranks.shape[1], pool.n_columns
        ours, theirs = geometry.numbers(pool), geometry.numbers(release)
        rows = np.arange(pool.n_rows, dtype=np.int64)
        best = np.full(pool.n_rows, -np.inf)
        k = n_left_out if n_columns <= 22 else 1
        for left in itertools.combinations(range(n_columns), k):
            weights = np.ones(n_columns)
            weights[list(left)] = 0.0
            parts = {"number_weights": weights[:n_numbers], "code_weights": weights[n_numbers:]}
            among = NeighborIndex(ours, pool.codes, cap=geometry.cap, **parts)
            beside = NeighborIndex(theirs, release.codes, cap=geometry.cap, **parts)
            reference = among.query(ours, pool.codes, 1, exclude=rows).distances
            found = log_ratio(reference, beside.query(ours, pool.codes, 1).distances)
            best = np.maximum(best, found)
        return best

    return score


def monte_carlo(view: AdversaryView) -> Floats:
    """Synthetic rows within the median nearest distance (Hilprecht 2019, arXiv:1906.03006)."""
    radius = np.median(view.nearest_synthetic(1).distances[:, 0])
    return _within_synthetic(view, np.full(view.n_candidates, radius)).astype(float)


def local_neighborhood(view: AdversaryView) -> Floats:
    """Synthetic rows within one fixed radius (Houssiau et al. 2022, TAPAS, arXiv:2211.06550)."""
    return _within_synthetic(view, np.full(view.n_candidates, 0.1)).astype(float)


def own_radius(view: AdversaryView) -> Floats:
    """Log ratio of counts within the distance to the candidate's 6th nearest other candidate."""
    reference = view.nearest_candidates(6).distances
    radius = reference[:, -1]
    return np.log(_within_synthetic(view, radius) + 0.5)


def dpi(view: AdversaryView, k: int = 20) -> Floats:
    """Share of synthetic rows among the k nearest of both tables (arXiv:2406.13012)."""
    released = view.nearest_synthetic(k).distances
    reference = view.nearest_candidates(k).distances
    limit = np.sort(np.concatenate([released, reference], axis=1), axis=1)[:, k - 1 : k]
    n_released = (released <= limit).sum(axis=1)
    return n_released / (n_released + (reference <= limit).sum(axis=1))


def hole(geometry: Geometry) -> Scorer:
    """Nothing near although there is much around: what a similarity filter should leave behind."""

    def score(view: AdversaryView) -> Floats:
        released = view.nearest_synthetic(20, geometry).distances
        reference = view.nearest_candidates(20, geometry).distances
        floor = floor_of(reference[:, 0])
        return np.log((released[:, 0] + floor) / (released[:, -1] + floor)) - np.log(
            (reference[:, 0] + floor) / (reference[:, -1] + floor)
        )

    return score


def two_sided(view: AdversaryView) -> Floats:
    """Nearer or farther than usual, whichever: the size of the calibrated closest record."""
    ratio = log_ratio(view.nearest_candidates(1).distances, view.nearest_synthetic(1).distances)
    return np.abs(ratio - np.median(ratio))


def _within_synthetic(view: AdversaryView, radius: Floats) -> Floats:
    index = view.synthetic_index(Geometry.RANK)
    return index.count_within(view.candidates.ranks, view.candidates.codes, radius)


VARIANTS: dict[str, Scorer] = {
    "x_closest_record_k5": closest_record_k5,
    "x_difference": difference(Geometry.RANK),
    "x_difference_standard": difference(Geometry.STANDARD),
    "x_leave_out_1": without_columns(1),
    "x_leave_out_2": without_columns(2),
    "x_monte_carlo": monte_carlo,
    "x_local_neighborhood": local_neighborhood,
    "x_own_radius": own_radius,
    "x_dpi": dpi,
    "x_hole": hole(Geometry.RANK),
    "x_hole_standard": hole(Geometry.STANDARD),
    "x_two_sided": two_sided,
}
