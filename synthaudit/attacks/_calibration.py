"""Turning two sets of neighbour distances into one score: near in S, compared with near anyway.

A plain distance confuses membership with density: in a crowd everybody is close to something. The
remedy is to ask the same question of a table that cannot know who the members are, the unlabelled
pool with the candidate left out, and to compare the two as a ratio.
"""

from __future__ import annotations

import numpy as np

from synthaudit.counted import plural
from synthaudit.data.views import AdversaryView, Geometry
from synthaudit.errors import NotApplicable
from synthaudit.types import Floats

FLOOR = 0.1
"""Share of the median reference distance added to both distances before the logarithm. Measured
from 0.01 to 1 on 13 cases (docs/attacks.md): little depends on it, and near 0 a pair of
duplicates in the pool would decide everything."""

FEATURE_PAIRS = 200_000_000
"""Pairs of candidate and synthetic row up to which shadows are measured with the attacks that look
at most of them: about a second a shadow each. On larger pools a shadow would take as long as the
release, whose own score joins the audit all the same."""


def require_rows(view: AdversaryView, n_synthetic: int = 1) -> None:
    """Decline when there are too few rows to measure distances between.

    Raises
    ------
    NotApplicable
        With fewer than two candidates or fewer than ``n_synthetic`` synthetic rows.
    """
    if view.n_candidates < 2:
        raise NotApplicable(
            f"Distances are compared with those to other candidates and there are "
            f"{view.n_candidates}; give at least 2."
        )
    if view.synthetic.n_rows < n_synthetic:
        raise NotApplicable(
            f"The synthetic table has {plural(view.synthetic.n_rows, 'row')}; this attack needs "
            f"at least {n_synthetic}."
        )


def floor_of(reference: Floats) -> float:
    """What is added to distances before taking logarithms, from ``(n_candidates,)`` of them.

    Relative to the median, so that the score does not depend on the unit of the distance; to the
    mean where most candidates have an exact double in the pool.
    """
    typical = float(np.median(reference)) or float(np.mean(reference)) or 1.0
    return FLOOR * typical


def log_ratio(reference: Floats, released: Floats, k: int = 1) -> Floats:
    """``mean_j<=k log(d_j(x, P without x) + e) - log(d_j(x, S) + e)``.

    Different numbers of rows in S and P move every score by about the same constant (a nearest
    distance shrinks like ``n ** (-1 / dimension)``), which no ranking of candidates feels.

    Parameters
    ----------
    reference, released : (n_candidates, >= 1) float64
        Ascending distances to the candidate's nearest other candidates and synthetic rows.
    k : int
        Neighbours used; fewer where fewer were found.

    Returns
    -------
    (n_candidates,) float64, finite
    """
    k = min(k, reference.shape[1], released.shape[1])
    floor = floor_of(reference[:, 0])
    gaps = np.log(reference[:, :k] + floor) - np.log(released[:, :k] + floor)
    ratio: Floats = gaps.mean(axis=1)
    return ratio


def calibrated(view: AdversaryView, geometry: Geometry, k: int = 1) -> Floats:
    """:func:`log_ratio` of the view's own searches."""
    require_rows(view)
    reference = view.nearest_candidates(k, geometry).distances
    released = view.nearest_synthetic(k, geometry).distances
    return log_ratio(reference, released, k)
