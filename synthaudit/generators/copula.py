"""A Gaussian copula with empirical margins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from synthaudit.errors import UsageError
from synthaudit.generators.columns import ModelColumn, NumberColumn, TrainingColumns
from synthaudit.seeds import Streams
from synthaudit.types import Card, Floats, Ints

if TYPE_CHECKING:
    from typing import Any

    import pandas as pd


@dataclass(frozen=True)
class Copula:
    """Normal scores with one correlation matrix, mapped back through the observed margins.

    Training rows are sorted by each column (missing first, then numbers by size or levels by
    falling frequency, ties at random), so that every value owns a slot of (0, 1) as wide as its
    frequency. Normal scores of the slots give the correlation matrix; correlated normal draws fall
    into slots and take the value there.

    Parameters
    ----------
    margins : {"observed", "interpolated", "beta"}
        Numbers: exactly the observed values, a straight line between neighbouring ones, or a beta
        distribution over their range with their mean and variance (as SDV's copula has).

    References
    ----------
    Patki, Wedge & Veeramachaneni (2016), The Synthetic Data Vault, doi:10.1109/DSAA.2016.49;
    Nelsen (2006), An Introduction to Copulas, doi:10.1007/0-387-28678-0.
    """

    margins: Literal["observed", "interpolated", "beta"] = "observed"

    card: ClassVar[Card] = Card(
        id="copula",
        title="Gaussian copula",
        question="What would a Gaussian copula with the table's own margins make of it?",
        how_to_read=(
            "Columns keep their distribution and their pairwise correlation and nothing else: it "
            "knows few numbers about the members, but with observed margins it repeats values."
        ),
        references=("Patki, Wedge & Veeramachaneni 2016, doi:10.1109/DSAA.2016.49",),
    )

    def __post_init__(self) -> None:
        if self.margins not in ("observed", "interpolated", "beta"):
            raise UsageError(
                "copula: margins must be 'observed', 'interpolated' or 'beta', got "
                f"{self.margins!r}"
            )

    def synthesize(self, train: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
        """Estimate the correlation matrix on ``train`` and draw ``n_rows`` rows."""
        from scipy.special import ndtr, ndtri

        table = TrainingColumns.read(train)
        streams = Streams(seed, ("generator", "copula"))
        orders = [_slots(column, streams.rng("ties", j)) for j, column in enumerate(table.columns)]
        centres = ndtri((np.arange(table.n_rows) + 0.5) / table.n_rows)
        normals = np.empty((table.n_rows, len(orders)))
        for j, order in enumerate(orders):
            normals[order, j] = centres
        draws = streams.rng("draws").standard_normal((n_rows, len(orders)))
        uniforms = ndtr(_correlate(draws, normals))
        return table.assemble(
            [
                self._column(column, order, uniforms[:, j])
                for j, (column, order) in enumerate(zip(table.columns, orders, strict=True))
            ]
        )

    def _column(self, column: ModelColumn, order: Ints, uniforms: Floats) -> pd.Series[Any]:
        if self.margins == "beta" and isinstance(column, NumberColumn):
            return column.restore(_beta_values(column.values, uniforms))
        position = np.minimum(uniforms * order.size, order.size - 1e-9)
        lower = np.floor(position).astype(np.int64)
        if self.margins == "observed" or not isinstance(column, NumberColumn):
            return column.donate(order[lower])
        upper = np.minimum(lower + 1, order.size - 1)
        start, stop = column.values[order[lower]], column.values[order[upper]]
        # the step from a missing slot to the first present one is no line
        stop = np.where(np.isnan(start) | np.isnan(stop), start, stop)
        return column.restore(start + (position - lower) * (stop - start))


def _slots(column: ModelColumn, rng: np.random.Generator) -> Ints:
    """Training rows in slot order: missing first, ties at random."""
    if isinstance(column, NumberColumn):
        key = np.where(np.isnan(column.values), -np.inf, column.values)
    else:
        key = column.codes.astype(np.float64)
    return np.lexsort((rng.random(key.size), key))


def _beta_values(values: Floats, uniforms: Floats) -> Floats:
    """Quantiles of a beta distribution matched to the values by moments; missing come first."""
    from scipy.special import betaincinv

    present = values[~np.isnan(values)]
    missing = 1.0 - present.size / values.size
    low, high = present.min(), present.max()
    mean, variance = ((present - low) / (high - low)).mean(), present.var() / (high - low) ** 2
    # more than two distinct values: the variance is below mean (1 - mean), so both are positive
    total = mean * (1.0 - mean) / variance - 1.0
    level = np.clip((uniforms - missing) / (1.0 - missing), 0.0, 1.0)
    drawn = low + (high - low) * betaincinv(mean * total, (1.0 - mean) * total, level)
    return np.where(uniforms < missing, np.nan, drawn)


def _correlate(draws: Floats, normals: Floats) -> Floats:
    """Independent normal draws given the correlation of ``normals``.

    One thread only: matrix products of BLAS add up in an order that depends on the threads, and
    the last bit of a sum may decide which slot a draw falls into.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        n_columns = normals.shape[1]
        correlation = np.eye(n_columns)
        if normals.shape[0] > 1:
            # normal scores have mean 0 and one common variance by construction
            correlation = (normals.T @ normals) / np.square(normals[:, 0]).sum()
        variances, axes = np.linalg.eigh(correlation)
        # the symmetric root: the signs of the axes, which are arbitrary, cancel
        root = (axes * np.sqrt(np.maximum(variances, 0.0))) @ axes.T
        mixed: Floats = draws @ root
    return mixed
