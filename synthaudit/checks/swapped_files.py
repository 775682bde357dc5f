"""Do the three files look as if two of them had been exchanged, or were the same?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from synthaudit.checks._contents import contents_of
from synthaudit.checks._detector import told_apart
from synthaudit.checks._excess import Excess, excess
from synthaudit.data.views import AuditorView
from synthaudit.parallel import Context
from synthaudit.stats.binomial import clopper_pearson, share_estimate
from synthaudit.types import Card, Estimate, Finding, Notice, ThreatModel

LEAST_ROWS = 50


@dataclass(frozen=True)
class SwappedFiles:
    """Exact copies seen from the holdout's side, and which of the three tables is the odd one out.

    Copies of holdout rows beyond what real tables share prove that the synthetic table knows the
    holdout. A table that differs from the other two while those are alike suggests that its file
    was given in the wrong place.

    What it cannot show: train and holdout exchanged when nothing is copied (then the audit reads
    the leak with the wrong sign, see ``dcr_share``), and train exchanged with a synthetic table
    that passes for real.

    Attributes
    ----------
    same_from : float
        Share of copied rows from which two tables count as the same.
    level : float
        One-sided level at which copies of the holdout are taken as real.
    apart_from, alike_below : float
        AUC limits: two tables differ when the whole interval lies above the first, and are alike
        when the AUC lies below the second and its interval below that of the ones that differ.
    """

    confidence: float = 0.95
    same_from: float = 0.9
    level: float = 1e-3
    apart_from: float = 0.6
    alike_below: float = 0.6

    card: ClassVar[Card] = Card(
        id="swapped_files",
        title="Files in the right places",
        question="Were the three files given in the right places?",
        how_to_read=(
            "Copies of holdout rows beyond coincidence should be zero: the generator never saw "
            "them. A warning here asks you to look at the file names before reading any figure."
        ),
        references=("Project's own",),
        threat_model=ThreatModel.AUDITOR,
    )

    def run(self, view: AuditorView, context: Context) -> Finding:
        """Count copies of the holdout and look for an odd one out."""
        contents = contents_of(view)
        counts = {name: contents.counts(name) for name in ("train", "holdout", "synthetic")}
        n = view.synthetic.n_rows
        roles = counts["synthetic"], counts["holdout"], counts["train"]
        sizes = view.n_units("holdout"), view.n_units("train"), n
        reversed_ = excess(*roles, *sizes, self.confidence)
        strict = excess(*roles, *sizes, 1 - 2 * self.level)
        copies = {
            name: int((counts[name] > 0)[contents.rows["synthetic"]].sum())
            for name in ("train", "holdout")
        }
        natural = int((counts["holdout"] > 0)[contents.rows["train"]].sum())
        between = share_estimate(
            "real_rows_shared", natural, view.train.n_rows, confidence=self.confidence
        )
        notices = [
            self._same_as_train(copies["train"], n, reversed_),
            self._reversed(strict, copies["holdout"], n, between),
        ]
        if not any(notices):
            notices.append(self._odd_one_out(view, context))
        return Finding(
            (
                reversed_.estimate(
                    "excess_copies_of_holdout",
                    f"{copies['holdout']} of {n} synthetic rows equal a holdout row",
                ),
                Estimate(
                    between.name, between.value, between.low, between.high, between.n, None,
                    self.confidence, between.method,
                    "share of training rows equal to a holdout row: what real tables share",
                ),
            ),
            notices=tuple(notice for notice in notices if notice is not None),
        )  # fmt: skip

    def _same_as_train(self, copies: int, n: int, reversed_: Excess) -> Notice | None:
        # in a table of few distinct rows everything equals everything: only an excess counts
        if copies < self.same_from * n or -reversed_.value < self.same_from / 2:
            return None
        return Notice(
            "synthetic-equals-train",
            f"{copies} of {n} synthetic rows equal a training row: if that is a surprise, check "
            "whether the train file was given as the synthetic one.",
            "synthetic",
            None,
            "warn",
        )

    def _reversed(self, found: Excess, copies: int, n: int, between: Estimate) -> Notice | None:
        if found.low <= 0:
            return None
        if found.value >= self.same_from:
            message = (
                f"{copies} of {n} synthetic rows equal a holdout row: the synthetic file and the "
                "holdout file hold the same table; give the right files."
            )
            return Notice("synthetic-equals-holdout", message, "holdout", None, "invalid")
        limits = clopper_pearson(copies, n, self.confidence)
        # a filter that drops copies of train leaves the holdout's coincidences alone: that many
        # real tables share anyway, and it is no sign of exchanged files
        if limits.low <= 2 * (between.high or 0.0) or found.value < 0.01:
            return Notice(
                "fewer-copies-of-train-than-chance",
                "The synthetic table repeats fewer training rows than chance gives: either a "
                "filter removed rows equal to train after generation (then audit the release with "
                "the filter as part of the generator), or train and holdout were exchanged.",
                "synthetic",
                None,
                "warn",
            )
        return Notice(
            "synthetic-copies-holdout",
            f"The synthetic table repeats holdout rows in {found.value:.1%} of its rows beyond "
            "coincidence, more than rows of train: were the two files swapped, or is the holdout "
            "in the training data?",
            "holdout",
            None,
            "invalid",
        )

    def _odd_one_out(self, view: AuditorView, context: Context) -> Notice | None:
        sizes = (view.train.n_rows, view.holdout.n_rows, view.synthetic.n_rows)
        if min(sizes) < LEAST_ROWS:
            return None
        blind = told_apart(view, "train", "holdout", context).auc("blind", self.confidence)
        if blind.low is None or blind.low < self.apart_from:
            return None
        for odd, alike in (("train", "holdout"), ("holdout", "train")):
            auc = told_apart(view, "synthetic", alike, context).auc("alike", self.confidence)
            apart = auc.high is None or auc.high >= blind.low
            if not apart and (auc.value or 0.0) < self.alike_below:
                return Notice(
                    f"{odd}-is-the-odd-one-out",
                    f"The synthetic table looks like {alike} while {odd} differs from both (AUC "
                    f"{blind.value:.2f} against {auc.value:.2f}): was the {odd} file exchanged "
                    f"with the synthetic one, or does {odd} come from another population?",
                    odd,
                    None,
                    "warn",
                )
        return None


PLUGINS = (SwappedFiles(),)
