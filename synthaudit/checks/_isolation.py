"""How far every real row is from all other real rows, labels not looked at."""

from __future__ import annotations

import numpy as np

from synthaudit.data.views import AuditorView, Geometry
from synthaudit.types import Floats


def isolation(view: AuditorView, name: str, geometry: Geometry = Geometry.RANK) -> Floats:
    """Distance from every row of ``name`` to the nearest other row of train and holdout together.

    Parameters
    ----------
    name : str
        ``train`` or ``holdout``.

    Returns
    -------
    (n_rows,) float64; infinite for the only real row there is.
    """
    n = view.table(name).n_rows
    nearest = np.full(n, np.inf)
    for other in ("train", "holdout"):
        if view.table(other).n_rows > int(other == name):
            found = view.nearest(name, other, 1, geometry)
            nearest = np.minimum(nearest, found.distances[:, 0])
    return nearest
