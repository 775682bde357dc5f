"""Copies of the people who stand out: where the table is thin, one copy in fifty rows is a leak."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthaudit.checks._contents import contents_of
from synthaudit.checks._excess import excess
from synthaudit.checks._isolation import isolation
from synthaudit.checks._units import units_of
from synthaudit.checks.near_copies import closest_hugs
from synthaudit.data.views import AuditorView
from synthaudit.errors import NotApplicable
from synthaudit.parallel import Context
from synthaudit.stats.binomial import share_estimate
from synthaudit.types import Bools, Card, Estimate, Finding, Ints, ThreatModel


@dataclass(frozen=True)
class IsolatedCopies:
    """Counts copies, exact or near, among the synthetic rows that fall where few real rows are.

    A generator that repeats its twenty strangest rows and nothing else copies one row in a
    thousand: over the whole table that is below any limit one would set, and each of the twenty is
    somebody who can be recognised. Here the question is asked of the thin part alone: the synthetic
    rows whose nearest real row is among the most isolated, labels not looked at. A copy is a row
    within ``reach`` of the way from that real row to its own nearest real neighbour, in either
    geometry, the row itself included.

    What it cannot show: whether the rows in the crowd are copied (``exact_copies``).

    Attributes
    ----------
    part : float
        Share of the real rows counted as isolated.
    reach : float
        As in :class:`~synthaudit.checks.near_copies.NearCopies`.
    """

    part: float = 0.05
    reach: float = 0.2
    confidence: float = 0.95

    card: ClassVar[Card] = Card(
        id="isolated_copies",
        title="Copies of people who stand out",
        question="Are the rows of unusual people repeated, exactly or nearly?",
        how_to_read=(
            "Looks only at the synthetic rows that fall among the 5 % most isolated real rows, and "
            "counts those that copy a training row, less what the holdout shows to be coincidence. "
            "Zero means no more than coincidence; 0.02 means that of the synthetic rows about "
            "unusual people two in a hundred are somebody's record."
        ),
        references=(
            "Meeus et al. 2023, arXiv:2306.10308 (records that stand out are the vulnerable ones)",
            "The count within the thin part and its exact null are this project's own",
        ),
        threat_model=ThreatModel.AUDITOR,
    )

    def run(self, view: AuditorView, context: Context) -> Finding:
        """Count copies of isolated training rows and, as the yardstick, of isolated held-out rows.

        Raises
        ------
        NotApplicable
            Fewer than three real rows, no row that stands out, or no synthetic row near one.
        """
        contents_of(view)  # declines where no column takes part in comparisons
        stands_out = self._who_stands_out(view)
        n = int(stands_out[_nearest_real(view)].sum())
        if n == 0:
            raise NotApplicable("No synthetic row falls among the isolated real rows.")
        closest = closest_hugs(view)
        rows = closest.rows
        copies = (closest.ratios <= self.reach) & stands_out[rows]
        # what hugs in standard units may be nearer to others in ranks
        n = max(n, int(copies.sum()))
        whose, in_train, in_holdout = units_of(view)
        weights = np.bincount(whose[rows[copies]], minlength=in_train.size).astype(np.int64)
        sizes = int(in_train.sum()), int(in_holdout.sum())
        answer = excess(weights, in_train, in_holdout, *sizes, n, self.confidence)
        count = share_estimate(
            "isolated_rows_copied", answer.found * n, n, confidence=self.confidence
        )
        note = (
            f"of {n} synthetic rows among the {self.part:.0%} most isolated real rows "
            f"{round(answer.found * n)} copy a training row; of the real rows copied, "
            f"{answer.n_units_train} lie in train and {answer.n_units_holdout} in the holdout"
        )
        return Finding(
            (
                answer.estimate("excess_isolated_copies", note),
                Estimate(
                    count.name, count.value, count.low, count.high, n, answer.expected,
                    self.confidence, "Clopper-Pearson",
                    "share of those synthetic rows that copy a training row; null: what chance "
                    "gives",
                ),
                Estimate(
                    "p_value", answer.p_value, None, None,
                    answer.n_units_train + answer.n_units_holdout, None, self.confidence,
                    "exact one-sided sign test on the isolated real rows copied",
                    "chance of at least this many lying in train if nothing leaked",
                ),
            )
        )  # fmt: skip

    def _who_stands_out(self, view: AuditorView) -> Bools:
        """The most isolated real rows, train first, then holdout."""
        if view.train.n_rows + view.holdout.n_rows < 3:
            raise NotApplicable("Whether a row stands out needs at least three real rows.")
        alone = np.concatenate([isolation(view, name) for name in ("train", "holdout")])
        edge = float(np.quantile(alone, 1.0 - self.part, method="inverted_cdf"))
        stands_out: Bools = alone >= edge if edge > 0.0 else alone > 0.0
        if not stands_out.any() or stands_out.mean() > 2 * self.part:
            raise NotApplicable("No real rows stand out: nearly all have a twin, or all are alike.")
        return stands_out


def _nearest_real(view: AuditorView) -> Ints:
    """Every synthetic row's nearest real row, train first, then holdout."""
    train, holdout = (view.nearest("synthetic", name, 1) for name in ("train", "holdout"))
    closer = train.distances[:, 0] <= holdout.distances[:, 0]
    return np.where(closer, train.rows[:, 0], holdout.rows[:, 0] + view.train.n_rows)


PLUGINS = (IsolatedCopies(),)
