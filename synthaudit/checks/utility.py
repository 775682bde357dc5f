"""Is the table worth anything? Random noise is perfectly private and useless."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np

from synthaudit.checks._contents import contents_of
from synthaudit.checks._detector import told_apart
from synthaudit.checks._fits import kolmogorov_smirnov, total_variation
from synthaudit.data.views import AuditorView
from synthaudit.parallel import Context
from synthaudit.types import Card, Codes, EncodedTable, Estimate, Finding, Floats, ThreatModel

BINS = 8
MOST_PAIRS = 200
N_DRAWS = 500


def column_fits(table: EncodedTable, real: EncodedTable) -> Floats:
    """One minus the distance of every column's distribution to the real one's, ``(n_columns,)``."""
    numbers = [
        1 - kolmogorov_smirnov(table.values[:, j], real.values[:, j])
        for j in range(real.values.shape[1])
    ]
    categories = [
        1 - total_variation(table.codes[:, j], real.codes[:, j]) for j in range(real.codes.shape[1])
    ]
    return np.array(numbers + categories)


def binned(table: EncodedTable) -> Codes:
    """Every column in at most ``BINS + 1`` classes: rank bins or frequent levels, and missing."""
    with np.errstate(invalid="ignore"):
        ranks = np.floor(np.nan_to_num(table.ranks, nan=0.0) * BINS)
    numbers = np.where(np.isnan(table.ranks), 0, 1 + np.clip(ranks, 0, BINS - 1))
    levels = np.minimum(table.codes, BINS)
    return np.concatenate([numbers.astype(np.int32), levels], axis=1).astype(np.int32)


def pair_fits(table: Codes, real: Codes, pairs: list[tuple[int, int]]) -> Floats:
    """One minus total variation of every pair of binned columns, ``(n_pairs,)``."""
    width = BINS + 1
    return np.array(
        [
            1 - total_variation(
                table[:, a] * width + table[:, b], real[:, a] * width + real[:, b]
            )
            for a, b in pairs
        ]
    )  # fmt: skip


@dataclass(frozen=True)
class Utility:
    """Fit of single columns, of pairs of columns, and of whole rows, each beside the holdout's.

    Column fit is the mean of one minus total variation (categories) or Kolmogorov-Smirnov distance
    (numbers) to train; pair fit the same over pairs of binned columns; detector AUC how well a
    cross-fitted classifier tells synthetic from training rows (0.5: not at all, 1: at a glance).

    What it cannot show: whether a particular analysis gives the same answer on both.
    """

    confidence: float = 0.95

    card: ClassVar[Card] = Card(
        id="utility",
        title="Utility, for context",
        question="Does the synthetic table resemble the real one at all, or is it noise?",
        how_to_read=(
            "Compare each figure with the holdout's, which is real data. A detector AUC near 1 "
            "means that any reader sees which rows are made up."
        ),
        references=("Column and pair fit: complements of total variation and Kolmogorov-Smirnov",),
        threat_model=ThreatModel.AUDITOR,
    )

    def run(self, view: AuditorView, context: Context) -> Finding:
        """Measure synthetic against train, and the holdout against train as the yardstick."""
        contents_of(view)
        rng = context.streams.rng("bootstrap")
        pairs = list(combinations(range(view.train.n_columns), 2))
        if len(pairs) > MOST_PAIRS:
            pairs = [pairs[i] for i in np.sort(rng.permutation(len(pairs))[:MOST_PAIRS])]
        real = binned(view.train)
        fits = {
            name: (
                column_fits(view.table(name), view.train),
                pair_fits(binned(view.table(name)), real, pairs),
            )
            for name in ("synthetic", "holdout")
        }
        estimates = [
            self._mean("column_fit", fits["synthetic"][0], fits["holdout"][0], rng,
                       view.synthetic.n_rows, "columns"),
        ]  # fmt: skip
        if pairs:
            estimates.append(
                self._mean("pair_fit", fits["synthetic"][1], fits["holdout"][1], rng,
                           view.synthetic.n_rows, "pairs of columns")
            )  # fmt: skip
        estimates += [
            told_apart(view, "synthetic", "train", context).auc(
                "detector_auc", self.confidence, "synthetic against training rows"
            ),
            told_apart(view, "train", "holdout", context).auc(
                "detector_auc_holdout", self.confidence,
                "the yardstick: training against holdout rows",
            ),
        ]  # fmt: skip
        return Finding(tuple(estimates))

    def _mean(
        self, name: str, fits: Floats, yardstick: Floats, rng: np.random.Generator, n: int,
        what: str,
    ) -> Estimate:  # fmt: skip
        """A mean over columns; its interval speaks of other columns like these, not other rows."""
        draws = fits[rng.integers(fits.size, size=(N_DRAWS, fits.size))].mean(axis=1)
        tail = (1 - self.confidence) / 2
        low, high = np.quantile(draws, (tail, 1 - tail))
        return Estimate(
            name, float(fits.mean()), float(low), float(high), n, float(yardstick.mean()),
            self.confidence, f"bootstrap over {fits.size} {what}",
            f"mean over {what}, 1 is a perfect fit to train; null: what the holdout reaches",
        )  # fmt: skip


PLUGINS = (Utility(),)
