"""Training rows with a little noise: the positive control."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from synthaudit.errors import UsageError
from synthaudit.generators.columns import ModelColumn, NumberColumn, TrainingColumns
from synthaudit.seeds import Streams
from synthaudit.types import Card, Ints

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class NoisyBootstrap:
    """Training rows drawn with replacement, numbers blurred and some categories redrawn.

    Parameters
    ----------
    noise : float
        Standard deviation of the noise, in standard deviations of the column.
    flip : float
        Share of category cells replaced by the cell of a random training row.
    """

    noise: float = 0.05
    flip: float = 0.05

    card: ClassVar[Card] = Card(
        id="noisy-bootstrap",
        title="Noisy bootstrap",
        question="Would an attack notice training rows that were only blurred a little?",
        how_to_read=(
            "The positive control: a leak planted on purpose. An attack that misses it measures "
            "nothing on this table."
        ),
        references=("the project's own",),
    )

    def __post_init__(self) -> None:
        if not 0.0 <= self.noise < np.inf:
            raise UsageError(f"noisy-bootstrap: noise must be 0 or more, got {self.noise}")
        if not 0.0 <= self.flip <= 1.0:
            raise UsageError(f"noisy-bootstrap: flip must be from 0 to 1, got {self.flip}")

    def synthesize(self, train: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
        """Draw ``n_rows`` rows of ``train`` and blur them."""
        table = TrainingColumns.read(train)
        streams = Streams(seed, ("generator", "noisy-bootstrap"))
        rows = streams.rng("rows").integers(0, table.n_rows, n_rows)
        return table.assemble(
            [
                self._blur(column, rows, streams.rng("column", j))
                for j, column in enumerate(table.columns)
            ]
        )

    def _blur(self, column: ModelColumn, rows: Ints, rng: np.random.Generator) -> pd.Series[Any]:
        if isinstance(column, NumberColumn):
            spread = self.noise * float(np.nanstd(column.values))
            return column.restore(column.values[rows] + spread * rng.standard_normal(rows.size))
        redrawn = rng.integers(0, column.codes.size, rows.size)
        return column.donate(np.where(rng.random(rows.size) < self.flip, redrawn, rows))
