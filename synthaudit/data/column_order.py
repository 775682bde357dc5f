"""An order of columns that carries no name: renaming a column must move no number.

Random subsets of columns, trees and keys of rows go by a column's place, so the place must follow
from what the column holds. As with rows (:mod:`synthaudit.data.order`), what counts is what any
increasing transform of a number and any renaming of levels leaves alone: ranks of numbers, counts
of levels, and which of them meet in which rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from synthaudit.data.order import Keys, combine, mix
from synthaudit.types import Column, ColumnKind, Ints

if TYPE_CHECKING:
    import pandas as pd

NUMBERS = (ColumnKind.NUMERIC, ColumnKind.DATETIME)
SET_ASIDE = (ColumnKind.IDENTIFIER, ColumnKind.TEXT, ColumnKind.CONSTANT)


def column_places(columns: list[Column], real: list[pd.Series[Any]]) -> list[int]:
    """Positions of ``columns`` in canonical order: encoded ones by content, others by name.

    Columns of equal content keep the order of their names; which of them comes first then matters
    to no number.

    Parameters
    ----------
    columns : list of Column
    real : list of Series
        The cells of train and holdout, one below the other, for each column.
    """
    encoded = [j for j, column in enumerate(columns) if column.kind not in SET_ASIDE]
    cells = {j: _cell_keys(real[j], columns[j].kind in NUMBERS) for j in encoded}
    total = np.zeros(len(real[0]) if real else 0, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for keys in cells.values():
            total += mix(keys)
        # a column is told by how its cells go with the rest of their rows; sums know no order
        content = {j: int(combine(keys, total).sum(dtype=np.uint64)) for j, keys in cells.items()}

    def rank(j: int) -> tuple[bool, int, str]:
        return j not in cells, content.get(j, 0), columns[j].name

    return sorted(range(len(columns)), key=rank)


def _cell_keys(cells: pd.Series[Any], is_number: bool) -> Keys:
    """A key of every cell: the rank among the distinct values, or how frequent the level is."""
    import pandas as pd

    codes, _ = pd.factorize(cells, sort=is_number)
    places: Ints = codes.astype(np.int64) + 1
    if is_number:
        return mix(places.astype(np.uint64))
    counts = np.bincount(places)
    counts[0] = 0
    return combine(counts[places].astype(np.uint64), np.ones(places.size, dtype=np.uint64))
