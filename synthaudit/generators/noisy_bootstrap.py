"""Training rows with a little noise: the positive control."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from synthaudit.errors import UsageError
from synthaudit.generators.columns import ModelColumn, NumberColumn, TrainingColumns
from synthaudit.seeds import Streams
from synthaudit.types import Card, Floats, Ints

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class NoisyBootstrap:
    """Every training row equally often, numbers blurred and some categories redrawn.

    Drawn in whole rounds (the balanced bootstrap): drawing each row by itself would leave out a
    third of the members, and no attack could find those.

    Parameters
    ----------
    noise : float
        Standard deviation of the noise, in units of ``scale``.
    scale : {"rank", "spread"}
        Noise on the rank (0 to 1) of a number among the training values, which leaves margins and
        spikes alone; or added to the number itself, in standard deviations of the column.
    flip : float
        Share of category cells replaced by the cell of a random training row.
    """

    noise: float = 0.02
    flip: float = 0.05
    scale: Literal["rank", "spread"] = "rank"

    card: ClassVar[Card] = Card(
        id="noisy-bootstrap",
        title="Noisy bootstrap",
        question="Would an attack notice training rows that were only blurred a little?",
        how_to_read=(
            "The positive control: a leak planted on purpose. An attack that misses it measures "
            "nothing on this table."
        ),
        references=("Davison, Hinkley & Schechtman 1986, doi:10.1093/biomet/73.3.555",),
    )

    def __post_init__(self) -> None:
        if not 0.0 <= self.noise < np.inf:
            raise UsageError(f"noisy-bootstrap: noise must be 0 or more, got {self.noise}")
        if self.scale not in ("rank", "spread"):
            raise UsageError(
                f"noisy-bootstrap: scale must be 'rank' or 'spread', got {self.scale!r}"
            )
        if not 0.0 <= self.flip <= 1.0:
            raise UsageError(f"noisy-bootstrap: flip must be from 0 to 1, got {self.flip}")

    def synthesize(self, train: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
        """Draw ``n_rows`` rows of ``train`` and blur them."""
        table = TrainingColumns.read(train)
        streams = Streams(seed, ("generator", "noisy-bootstrap"))
        rows = _balanced(table.n_rows, n_rows, streams.rng("rows"))
        return table.assemble(
            [
                self._blur(column, rows, streams.rng("column", j))
                for j, column in enumerate(table.columns)
            ]
        )

    def _blur(self, column: ModelColumn, rows: Ints, rng: np.random.Generator) -> pd.Series[Any]:
        if isinstance(column, NumberColumn):
            noise = self.noise * rng.standard_normal(rows.size)
            if self.scale == "spread":
                spread = float(np.nanstd(column.values))
                return column.restore(column.values[rows] + spread * noise)
            return column.restore(_moved(column.values, rows, noise))
        redrawn = rng.integers(0, column.codes.size, rows.size)
        return column.donate(np.where(rng.random(rows.size) < self.flip, redrawn, rows))


def _balanced(n_train: int, n_rows: int, rng: np.random.Generator) -> Ints:
    """Row numbers in random order, none drawn more than once more often than another."""
    rounds = [rng.permutation(n_train) for _ in range(-(-n_rows // n_train))]
    drawn = np.concatenate([*rounds, np.zeros(0, dtype=np.int64)])[:n_rows]
    return rng.permutation(drawn)


def _moved(values: Floats, rows: Ints, noise: Floats) -> Floats:
    """The values of ``rows`` moved by ``noise`` along the ranks of all values."""
    present = np.sort(values[~np.isnan(values)])
    # a value that many rows share sits in the middle of its ranks and is hard to push off it
    first = np.searchsorted(present, values[rows], side="left")
    last = np.searchsorted(present, values[rows], side="right")
    middle = (first + last) / 2.0 / present.size
    known = (np.arange(present.size) + 0.5) / present.size
    moved = np.interp(middle + noise, known, present)
    return np.where(np.isnan(values[rows]), np.nan, moved)
