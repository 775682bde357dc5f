"""Distance distributions, thinned enough that no row can be read off them."""

from __future__ import annotations

import numpy as np

from synthaudit.checks._matching import neighbors_needed, order_weights
from synthaudit.data.views import AuditorView, Geometry
from synthaudit.types import Curve, Floats

MOST_POINTS = 100
ROWS_PER_POINT = 5
"""Exact distances of single rows are an oracle (arXiv:2312.05114): a point stands for several."""


def cut_distances(
    view: AuditorView, reference: str, n_kept: int, geometry: Geometry = Geometry.RANK
) -> tuple[Floats, Floats]:
    """Synthetic rows' distances to a reference cut to ``n_kept`` rows, as values and weights.

    Returns
    -------
    values, weights : (n_synthetic * k,) float64
        Weights of one synthetic row sum to 1; ``k`` is 1 when nothing is cut.
    """
    n_rows = view.table(reference).n_rows
    k = neighbors_needed(n_rows, n_kept, view.synthetic.n_rows)
    near = view.nearest("synthetic", reference, k, geometry)
    weights = order_weights(near.k, n_rows, n_kept)
    return near.distances.ravel(), np.tile(weights, near.distances.shape[0])


def distance_curve(view: AuditorView, reference: str, n_kept: int) -> Curve:
    """Cumulative distribution of the distance to the closest record of ``reference``."""
    values, weights = cut_distances(view, reference, n_kept)
    label = "distance to the closest record (Gower, ranks)"
    return cumulative_curve(f"dcr_{reference}", values, weights, view.synthetic.n_rows, label)


def cumulative_curve(
    name: str, values: Floats, weights: Floats, n_synthetic: int, x_label: str
) -> Curve:
    """A cumulative distribution over synthetic rows at so few points that none shows a row.

    Parameters
    ----------
    values, weights : (n,) float64
        Weights of one synthetic row sum to 1.
    n_synthetic : int
    """
    n_points = int(np.clip(n_synthetic // ROWS_PER_POINT, 2, MOST_POINTS))
    shares = (np.arange(n_points) + 0.5) / n_points
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order])
    places = np.searchsorted(total, shares * total[-1])
    x = values[order][np.minimum(places, order.size - 1)]
    return Curve(
        name=name,
        x=tuple(float(f"{value:.4g}") for value in x),
        y=tuple(float(share) for share in shares),
        x_label=x_label,
        y_label="share of synthetic rows",
    )
