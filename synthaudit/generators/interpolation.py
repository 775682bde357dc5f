"""Rows between a training row and one of its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from synthaudit.errors import UsageError
from synthaudit.generators.columns import ModelColumn, NumberColumn, TrainingColumns
from synthaudit.seeds import Streams
from synthaudit.types import Card, Floats, Ints

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Interpolation:
    """Each synthetic row lies on the line from a training row to one of its nearest neighbours.

    Neighbours are found by Gower's distance on ranks. Numbers are interpolated at one random
    point of the line; categories (and numbers missing on one side) come from either end, by the
    toss of a coin for each column.

    Parameters
    ----------
    k : int
        Neighbours to choose from.

    References
    ----------
    Chawla et al. (2002), SMOTE and SMOTE-NC, doi:10.1613/jair.953.
    """

    k: int = 5

    card: ClassVar[Card] = Card(
        id="interpolation",
        title="Neighbour interpolation",
        question="What would a SMOTE-like oversampler make of this table?",
        how_to_read=(
            "Every synthetic row is anchored to two real ones, so isolated training rows are "
            "surrounded by echoes of themselves."
        ),
        references=("Chawla et al. 2002, doi:10.1613/jair.953",),
    )

    def __post_init__(self) -> None:
        if self.k < 1:
            raise UsageError(f"interpolation: k must be at least 1, got {self.k}")

    def synthesize(self, train: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
        """Search neighbours in ``train`` and draw ``n_rows`` rows."""
        table = TrainingColumns.read(train)
        streams = Streams(seed, ("generator", "interpolation"))
        rng = streams.rng("rows")
        ends = rng.integers(0, table.n_rows, n_rows)
        others = self._neighbours(table, ends, rng)
        along = rng.random(n_rows)
        return table.assemble(
            [
                _between(column, ends, others, along, streams.rng("column", j))
                for j, column in enumerate(table.columns)
            ]
        )

    def _neighbours(self, table: TrainingColumns, ends: Ints, rng: np.random.Generator) -> Ints:
        """One of the ``k`` nearest other training rows of every row in ``ends``."""
        from synthaudit.generators.search import blocks
        from synthaudit.neighbors import NeighborIndex

        k = min(self.k, table.n_rows - 1)
        if k == 0 or ends.size == 0:
            return ends
        numbers, codes = blocks(table, table.frame)
        asked, place = np.unique(ends, return_inverse=True)
        found = NeighborIndex(numbers, codes).query(numbers[asked], codes[asked], k, exclude=asked)
        return found.rows[place, rng.integers(0, k, ends.size)]


def _between(
    column: ModelColumn, ends: Ints, others: Ints, along: Floats, rng: np.random.Generator
) -> pd.Series[Any]:
    either = np.where(rng.random(ends.size) < 0.5, others, ends)
    if not isinstance(column, NumberColumn):
        return column.donate(either)
    start, stop = column.values[ends], column.values[others]
    line = start + along * (stop - start)
    return column.restore(np.where(np.isnan(line), column.values[either], line))
