"""Synthetic rows that hug one real row, much closer than any other real row comes to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthaudit.checks._contents import contents_of
from synthaudit.checks._excess import excess
from synthaudit.checks._isolation import isolation
from synthaudit.checks._units import units_of
from synthaudit.data.views import AuditorView, Geometry
from synthaudit.errors import NotApplicable
from synthaudit.parallel import Context
from synthaudit.stats.binomial import share_estimate
from synthaudit.types import Card, Estimate, Finding, Floats, Ints, ThreatModel


@dataclass(frozen=True, eq=False)
class Hugs:
    """The real row each synthetic row is nearest to, as a share of that row's isolation.

    Attributes
    ----------
    ratios : (n_synthetic,) float64; distance to the real row over the distance from that row to the
        nearest other real row; infinite where the real row has a twin
    rows : (n_synthetic,) int64; the real row, train first, then holdout
    """

    ratios: Floats
    rows: Ints


def hugs(view: AuditorView, geometry: Geometry) -> Hugs:
    """Every synthetic row's closest hug in one geometry."""
    sides = []
    for name in ("train", "holdout"):
        near = view.nearest("synthetic", name, 1, geometry)
        rows = near.rows[:, 0]
        alone = isolation(view, name, geometry)[rows]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(alone > 0, near.distances[:, 0] / alone, np.inf)
        sides.append((ratio, rows))
    (train, train_rows), (holdout, holdout_rows) = sides
    closer = train <= holdout
    return Hugs(
        np.where(closer, train, holdout),
        np.where(closer, train_rows, holdout_rows + view.train.n_rows),
    )


def closest_hugs(view: AuditorView) -> Hugs:
    """Every synthetic row's closest hug in ranks or in standard units, whichever is closer."""
    rank, standard = (hugs(view, geometry) for geometry in (Geometry.RANK, Geometry.STANDARD))
    use_rank = rank.ratios <= standard.ratios
    return Hugs(
        np.where(use_rank, rank.ratios, standard.ratios),
        np.where(use_rank, rank.rows, standard.rows),
    )


@dataclass(frozen=True)
class NearCopies:
    """Counts synthetic rows within ``reach`` of the way from a real row to its nearest real row.

    The yardstick is local, so an outlier's copy counts at a distance that means nothing in a crowd.
    Below one half no synthetic row can be that close to two different real rows, hence every near
    copy belongs to exactly one real row, which lies in train or in the holdout by the luck of the
    deal. Rank and standardised geometry are both tried: noise on a column full of ties is far in
    ranks and near in units. Rows exactly equal to a real row are counted by ``exact_copies`` only.

    What it cannot show: copies shifted or rescaled as a whole, which are near nothing.

    Attributes
    ----------
    reach : float
        Below 0.5. Chosen on planted copies (noise of 2 % of a standard deviation, rounding to two
        digits): 0.2 finds 64 to 99 % of them and few coincidences.
    """

    reach: float = 0.2
    confidence: float = 0.95

    card: ClassVar[Card] = Card(
        id="near_copies",
        title="Near copies",
        question=("Does the synthetic table hold training rows with a little noise, or rounded?"),
        how_to_read=(
            "A near copy lies within a fifth of the way from a real row to that row's nearest real "
            "neighbour. The excess compares copies of training rows with copies of holdout rows, "
            "which can only be coincidence. Zero means no more than coincidence."
        ),
        references=("The local yardstick and its exact null are this project's own",),
        threat_model=ThreatModel.AUDITOR,
    )

    def run(self, view: AuditorView, context: Context) -> Finding:
        """Count near copies of training rows and, as the yardstick, of holdout rows."""
        contents = contents_of(view)
        n_train, n_holdout, n = view.train.n_rows, view.holdout.n_rows, view.synthetic.n_rows
        if n_train + n_holdout < 3:
            raise NotApplicable("Near copies need at least three real rows to compare with.")
        real = contents.counts("train") + contents.counts("holdout")
        exact = real[contents.rows["synthetic"]] > 0
        closest = closest_hugs(view)
        near, rows = (closest.ratios <= self.reach) & ~exact, closest.rows
        # a row belongs to a person, and persons are dealt to the tables
        whose, in_train, in_holdout = units_of(view)
        weights = np.bincount(whose[rows[near]], minlength=in_train.size).astype(np.int64)
        sizes = int(in_train.sum()), int(in_holdout.sum())
        found = excess(weights, in_train, in_holdout, *sizes, n, self.confidence)
        count = share_estimate("near_rows_train", found.found * n, n, confidence=self.confidence)
        yardstick = share_estimate(
            "near_rows_holdout", found.expected * n, n, confidence=self.confidence
        )
        note = (
            f"{round(found.found * n)} of {n} synthetic rows hug a training row; of the real rows "
            f"hugged, {found.n_units_train} lie in train and {found.n_units_holdout} in the holdout"
        )
        return Finding(
            (
                found.estimate("excess_near_copies", note),
                Estimate(
                    count.name, count.value, count.low, count.high, n, found.expected,
                    self.confidence, "Clopper-Pearson",
                    "share of synthetic rows that hug a training row; null: what chance gives",
                ),
                Estimate(
                    yardstick.name, yardstick.value, yardstick.low, yardstick.high, n, None,
                    self.confidence, "Clopper-Pearson",
                    "the same for the holdout, scaled to the size of train",
                ),
                Estimate(
                    "exact_rows_set_apart", float(exact.mean()), float(exact.mean()),
                    float(exact.mean()), n, None, self.confidence, "a count, nothing estimated",
                    "share of synthetic rows equal to a real row, counted by exact_copies only",
                ),
                Estimate(
                    "p_value", found.p_value, None, None,
                    found.n_units_train + found.n_units_holdout, None, self.confidence,
                    "exact one-sided sign test on the real rows hugged",
                    "chance of at least this many lying in train if nothing leaked",
                ),
            )
        )  # fmt: skip


PLUGINS = (NearCopies(),)
