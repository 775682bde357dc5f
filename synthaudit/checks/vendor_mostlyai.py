"""MOSTLY AI's distance figures by their own definitions, on this audit's distance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthaudit.checks._contents import contents_of
from synthaudit.data.views import AuditorView, Geometry, index_of
from synthaudit.errors import NotApplicable
from synthaudit.neighbors import Neighbors
from synthaudit.parallel import Context
from synthaudit.stats.binomial import clopper_pearson, share_estimate, z_value
from synthaudit.types import Card, EncodedTable, Estimate, Finding, Floats, ThreatModel

IDENTICAL = 1e-6
PLACE = 10
"""The report prints the 10th smallest ratio."""
YARDSTICK = {"training": "holdout", "holdout": "trn_hol", "trn_hol": ""}
"""Which figure a figure is read against."""


def cut(table: EncodedTable, n_rows: int, rng: np.random.Generator) -> EncodedTable:
    """A random part of a table: the tool gives all three tables one size."""
    if n_rows >= table.n_rows:
        return table
    return table.take(np.sort(rng.permutation(table.n_rows)[:n_rows]))


def nearest_two(queries: EncodedTable, reference: EncodedTable, jobs: int) -> Neighbors:
    """The two rows of ``reference`` nearest to every row of ``queries``."""
    return index_of(reference, Geometry.RANK, jobs).query(queries.ranks, queries.codes, 2)


def dcr_share(to_train: Floats, to_holdout: Floats) -> float:
    """Share of rows closer to train, ties counted one half."""
    return float(np.mean(to_train < to_holdout) + np.mean(to_train == to_holdout) / 2)


def nndr(near: Neighbors) -> float:
    """The 10th smallest of nearest over second nearest distance, 1e-8 added to both."""
    ratios = (near.distances[:, 0] + 1e-8) / (near.distances[:, -1] + 1e-8)
    return float(np.sort(ratios)[min(PLACE, ratios.size) - 1])


@dataclass(frozen=True)
class VendorMostlyai:
    """Identical matches, average DCR, DCR share and NNDR as a MOSTLY AI report defines them.

    The definitions are theirs (tables cut to one size, ties one half, the 10th smallest ratio), the
    distance is ours: theirs needs a language model's embedding of the categories, so figures that
    depend on distances agree in kind, not in their last digits. Identical matches agree where all
    columns are compared. Newer versions take the largest share over several groups of columns, so
    their share lies above one half even when nothing leaked; here it is the whole row's.
    """

    confidence: float = 0.95

    card: ClassVar[Card] = Card(
        id="vendor_mostlyai",
        title="MOSTLY AI's distance figures, recomputed",
        question="Is the figure a MOSTLY AI report shows of the right size?",
        how_to_read=(
            "For checking a quoted figure only: each figure for train should not differ from the "
            "holdout's, the share should not be clearly above one half."
        ),
        references=("MOSTLY AI quality assurance documentation, github.com/mostly-ai/mostlyai-qa",),
        threat_model=ThreatModel.AUDITOR,
    )

    def run(self, view: AuditorView, context: Context) -> Finding:
        """Cut the tables to one size and measure."""
        contents_of(view)
        n = min(view.train.n_rows, view.holdout.n_rows, view.synthetic.n_rows)
        if n < PLACE:
            raise NotApplicable(f"The figures need at least {PLACE} rows in every table, not {n}.")
        rng = context.streams.rng("cut")
        names = ("train", "holdout", "synthetic")
        train, holdout, synthetic = (cut(view.table(name), n, rng) for name in names)
        pairs = {
            "training": nearest_two(synthetic, train, view.jobs),
            "holdout": nearest_two(synthetic, holdout, view.jobs),
            "trn_hol": nearest_two(holdout, train, view.jobs),
        }
        first = {name: near.distances[:, 0] for name, near in pairs.items()}
        share = dcr_share(first["training"], first["holdout"])
        limits = clopper_pearson(share * n, n, self.confidence)
        estimates = [
            Estimate(
                "dcr_share", share, limits.low, limits.high, n, 0.5, self.confidence,
                "Clopper-Pearson, rows taken as independent (the tool gives no interval)",
                f"all tables cut to {n} rows at random",
            )
        ]  # fmt: skip
        for name, near in pairs.items():
            estimates += self._figures(name, near, pairs.get(YARDSTICK[name]))
        return Finding(tuple(estimates))

    def _figures(self, name: str, near: Neighbors, null: Neighbors | None) -> list[Estimate]:
        words = {
            "training": "synthetic rows to train; null: the same to the holdout",
            "holdout": "synthetic rows to the holdout; null: holdout rows to train",
            "trn_hol": "holdout rows to train",
        }[name]
        first = near.distances[:, 0]
        n = first.size
        matches = share_estimate(
            f"ims_{name}", float(np.sum(first <= IDENTICAL)), n, confidence=self.confidence
        )
        half = z_value(self.confidence) * float(first.std()) / np.sqrt(n)
        mean = float(first.mean())
        return [
            Estimate(
                matches.name, matches.value, matches.low, matches.high, n,
                None if null is None else float(np.mean(null.distances[:, 0] <= IDENTICAL)),
                self.confidence, matches.method, f"identical match share, {words}",
            ),
            Estimate(
                f"dcr_{name}", mean, max(mean - half, 0.0), mean + half, n,
                None if null is None else float(null.distances[:, 0].mean()), self.confidence,
                "normal, rows taken as independent", f"average distance, {words}",
            ),
            self._tenth(name, near, null, words),
        ]  # fmt: skip

    def _tenth(self, name: str, near: Neighbors, null: Neighbors | None, words: str) -> Estimate:
        ratios = np.sort((near.distances[:, 0] + 1e-8) / (near.distances[:, -1] + 1e-8))
        n = ratios.size
        # the share below the 10th smallest is 10 / n give or take its exact limits
        ends = clopper_pearson(PLACE, n, self.confidence)
        low, high = (ratios[min(max(round(s * n), 1), n) - 1] for s in (ends.low, ends.high))
        return Estimate(
            f"nndr_{name}", nndr(near), float(low), float(high), n,
            None if null is None else nndr(null), self.confidence,
            "order statistics at Clopper-Pearson limits of 10 in n",
            f"10th smallest distance ratio, {words}; unstable by construction",
        )  # fmt: skip


PLUGINS = (VendorMostlyai(),)
