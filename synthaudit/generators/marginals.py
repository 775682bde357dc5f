"""Independent columns: the negative control."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from synthaudit.errors import UsageError
from synthaudit.generators.bins import BinnedColumn, bin_column
from synthaudit.generators.columns import CategoryColumn, ModelColumn, TrainingColumns
from synthaudit.seeds import Streams
from synthaudit.types import Card

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Marginals:
    """Every column drawn by itself from a coarse histogram without its rare values.

    Drawing observed values would not be a negative control: a value that one person has gives that
    person away in any company. So numbers are drawn anywhere in a bin, and levels or bins of fewer
    than ``min_count`` training rows are never drawn.

    Parameters
    ----------
    bins : int
        Quantile bins of a number (a very frequent value has one of its own).
    min_count : int
        Training rows behind anything that is drawn; a twentieth of the rows in small tables.

    Notes
    -----
    Counts of members are still counts of members: tracing attacks keep a little power over small
    tables (measured in ``docs/generators.md``), which shrinks as the table grows.
    """

    bins: int = 10
    min_count: int = 20

    card: ClassVar[Card] = Card(
        id="marginals",
        title="Independent margins",
        question="What can be told about members from coarse, independent columns?",
        how_to_read=(
            "The negative control: all it knows of the members is some ten counts a column. An "
            "attack that wins here on a large table deserves suspicion before belief."
        ),
        references=("the project's own",),
    )

    def __post_init__(self) -> None:
        if self.bins < 1:
            raise UsageError(f"marginals: bins must be at least 1, got {self.bins}")
        if self.min_count < 1:
            raise UsageError(f"marginals: min_count must be at least 1, got {self.min_count}")

    def synthesize(self, train: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
        """Count every column of ``train`` and draw ``n_rows`` rows."""
        table = TrainingColumns.read(train)
        streams = Streams(seed, ("generator", "marginals"))
        return table.assemble(
            [
                self._draw(column, n_rows, streams.rng("column", j))
                for j, column in enumerate(table.columns)
            ]
        )

    def _draw(self, column: ModelColumn, n_rows: int, rng: np.random.Generator) -> pd.Series[Any]:
        min_count = max(1, min(self.min_count, len(column.source) // 20))
        if isinstance(column, CategoryColumn):
            counts = np.bincount(column.codes, minlength=column.n_levels + 1)
            states = _draw_common(counts, min_count, n_rows, rng)
            return column.restore(states)
        binned: BinnedColumn = bin_column(column, self.bins, min_count)
        return binned.uniform(_draw_common(binned.counts, min_count, n_rows, rng), rng)


def _draw_common(
    counts: np.ndarray[Any, Any], min_count: int, n_rows: int, rng: np.random.Generator
) -> np.ndarray[Any, Any]:
    """States by frequency, those of fewer than ``min_count`` rows left out."""
    weights = np.where(counts >= min_count, counts, 0).astype(np.float64)
    if not weights.any():
        # everything is rare (ten rows, or an identifier): one state must do
        weights[int(np.argmax(counts))] = 1.0
    return rng.choice(counts.size, size=n_rows, p=weights / weights.sum())
