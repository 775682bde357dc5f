"""Synthetic rows that are training rows, in excess of what any table would share by chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthaudit.checks._contents import Contents, contents_of, unique_in_pool
from synthaudit.checks._excess import Excess, excess
from synthaudit.data.views import AuditorView
from synthaudit.parallel import Context
from synthaudit.stats.binomial import share_estimate
from synthaudit.types import Card, Estimate, Finding, ThreatModel


@dataclass(frozen=True)
class ExactCopies:
    """Counts rows identical on every encoded column (identifiers and free text left out).

    A copy of a row whose content several people share names nobody: such rows are expected in the
    holdout's count as well and cancel. What the number cannot show: copies with one cell changed
    (``near_copies``, the attacks), and whether the rows left uncopied are safe.
    """

    confidence: float = 0.95

    card: ClassVar[Card] = Card(
        id="exact_copies",
        title="Exact copies",
        question="Are rows of the training table repeated word for word in the synthetic table?",
        how_to_read=(
            "The excess is the share of synthetic rows that repeat a training row beyond what a "
            "holdout of the same size shares by coincidence. Zero means none; 0.01 means one "
            "synthetic row in a hundred is somebody's record."
        ),
        references=(
            "W. Nelson (1970), IEEE Transactions on Reliability R-19: prediction limits",
            "The size-matched excess over random deals is this project's own",
        ),
        threat_model=ThreatModel.AUDITOR,
    )

    def run(self, view: AuditorView, context: Context) -> Finding:
        """Count copies in train and, as the yardstick, in the holdout."""
        contents = contents_of(view)
        counts = {name: contents.counts(name) for name in ("train", "holdout", "synthetic")}
        n = view.synthetic.n_rows
        sizes = view.n_units("train"), view.n_units("holdout")
        found = excess(
            counts["synthetic"], counts["train"], counts["holdout"], *sizes, n, self.confidence
        )
        unique = unique_in_pool(contents)
        alone = excess(
            np.where(unique, counts["synthetic"], 0),
            counts["train"],
            counts["holdout"],
            *sizes,
            n,
            self.confidence,
        )
        own = alone.estimate(
            "excess_unique_copies",
            "the part of excess_copies that concerns contents only one real row has",
        )
        return Finding((*self._headline(found, n), own, *self._who(view, contents)))

    def _headline(self, found: Excess, n: int) -> tuple[Estimate, ...]:
        train = share_estimate("copied_rows_train", found.found * n, n, confidence=self.confidence)
        holdout = share_estimate(
            "copied_rows_holdout", found.expected * n, n, confidence=self.confidence
        )
        note = (
            f"{round(found.found * n)} of {n} synthetic rows equal a training row; of the contents "
            f"seen once among the real rows and copied, {found.n_units_train} lie in train and "
            f"{found.n_units_holdout} in the holdout"
        )
        return (
            found.estimate("excess_copies", note),
            Estimate(
                train.name, train.value, train.low, train.high, n, found.expected,
                self.confidence, "Clopper-Pearson",
                "share of synthetic rows equal to a training row; null: what chance gives",
            ),
            Estimate(
                holdout.name, holdout.value, holdout.low, holdout.high, n, None,
                self.confidence, "Clopper-Pearson",
                "share of synthetic rows a holdout of train's size would share: exact expectation "
                "over random deals of the real rows",
            ),
            Estimate(
                "p_value", found.p_value, None, None,
                found.n_units_train + found.n_units_holdout, None, self.confidence,
                "exact one-sided sign test on contents seen once among the real rows",
                "chance of at least this many copied contents lying in train if nothing leaked",
            ),
        )  # fmt: skip

    def _who(self, view: AuditorView, contents: Contents) -> tuple[Estimate, ...]:
        """Shares of synthetic rows and of training rows that concern one person's own content."""
        in_train = contents.counts("train") > 0
        in_synthetic = contents.counts("synthetic") > 0
        unique = unique_in_pool(contents) & in_train
        copies = int(unique[contents.rows["synthetic"]].sum())
        common = int((in_train & ~unique)[contents.rows["synthetic"]].sum())
        exposed = int((unique & in_synthetic)[contents.rows["train"]].sum())
        n, n_train = view.synthetic.n_rows, view.train.n_rows
        rows = (
            ("copied_unique_share", copies, n,
             "share of synthetic rows equal to a training row whose content no other real row has"),
            ("copied_common_share", common, n,
             "share of synthetic rows equal to a training row whose content other real rows have "
             "too: low-entropy rows that coincide anyway"),
            ("copied_train_records", exposed, n_train,
             "share of training rows of unique content that are repeated at least once"),
        )  # fmt: skip
        return tuple(
            Estimate(
                e.name, e.value, e.low, e.high, e.n, e.null, e.confidence, e.method,
                f"{count} of {size}: {words}",
            )
            for name, count, size, words in rows
            for e in (share_estimate(name, count, size, confidence=self.confidence),)
        )  # fmt: skip


PLUGINS = (ExactCopies(),)
