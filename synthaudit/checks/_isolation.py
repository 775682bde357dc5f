"""How far every real row is from all other real rows, labels not looked at."""

from __future__ import annotations

import numpy as np

from synthaudit.data.persons import nearest_of_others
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
    (n_rows,) float64; infinite for the only real row there is. With several rows a person, the
    distance to the nearest row of somebody else in the same table, or of the other table.
    """
    n = view.table(name).n_rows
    nearest = np.full(n, np.inf)
    for other in ("train", "holdout"):
        if other == name and view.persons is not None:
            nearest = np.minimum(nearest, _to_others(view, name, geometry))
        elif view.table(other).n_rows > int(other == name):
            found = view.nearest(name, other, 1, geometry)
            nearest = np.minimum(nearest, found.distances[:, 0])
    return nearest


def _to_others(view: AuditorView, name: str, geometry: Geometry) -> Floats:
    table, asked = view.table(name), np.arange(view.table(name).n_rows, dtype=np.int64)
    index, numbers = view.index(name, geometry), geometry.numbers(table)
    found = nearest_of_others(index, numbers, table.codes, 1, view.units(name), asked)
    distance: Floats = found.distances[:, 0]
    return distance
