"""SDMetrics' two DCR scores by their own definitions, so that a quoted figure can be checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthaudit.checks._contents import contents_of
from synthaudit.data.views import AuditorView
from synthaudit.neighbors import NeighborIndex
from synthaudit.parallel import Context
from synthaudit.stats.binomial import clopper_pearson
from synthaudit.types import (
    Bools,
    Card,
    Codes,
    Column,
    ColumnKind,
    EncodedTable,
    Estimate,
    Finding,
    Floats,
    Floats32,
    Ints,
    Schema,
    ThreatModel,
)

N_DEALS = 5
N_DEAL_ROWS = 1_000
CANDIDATES = 5
"""Neighbours found in single precision whose distance is then taken in double precision."""


@dataclass(frozen=True, eq=False)
class Ruler:
    """SDMetrics' distance to one reference table: each number over *that table's* own range.

    The mean over columns of ``min(|a - b| / range, 1)`` or mismatch; missing against missing 0,
    against present 1; a column without range is compared by equality.
    """

    values: Floats
    codes: Codes
    low: Floats
    span: Floats
    is_flat: Bools

    @classmethod
    def of(cls, reference: EncodedTable) -> Ruler:
        """The ruler a reference table imposes."""
        n_numbers = reference.values.shape[1]
        low, span = np.zeros(n_numbers), np.zeros(n_numbers)
        for j in range(n_numbers):
            present = reference.values[:, j][~np.isnan(reference.values[:, j])]
            if present.size:
                low[j], span[j] = present.min(), present.max() - present.min()
        return cls(reference.values, reference.codes, low, span, span == 0)

    def _layout(self, values: Floats, codes: Codes) -> tuple[Floats32, Codes]:
        ranged = (values[:, ~self.is_flat] - self.low[~self.is_flat]) / self.span[~self.is_flat]
        flat = values[:, self.is_flat]
        equal = np.where(np.isnan(flat), 0, np.where(flat == self.low[self.is_flat], 1, 2))
        both = np.concatenate([equal.astype(np.int32), codes], axis=1)
        # beyond single precision everything is as far as the cap
        return np.clip(ranged, -3e38, 3e38).astype(np.float32), np.ascontiguousarray(both)

    def dcr(self, table: EncodedTable, jobs: int = 1) -> Floats:
        """Distance from every row of ``table`` to its closest record, ``(n_rows,)`` float64."""
        index = NeighborIndex(*self._layout(self.values, self.codes), cap=1.0, jobs=jobs)
        near = index.query(*self._layout(table.values, table.codes), CANDIDATES)
        exact = [self._distance(table, near.rows[:, i]) for i in range(near.k)]
        closest: Floats = np.min(exact, axis=0)
        return closest

    def _distance(self, table: EncodedTable, rows: Ints) -> Floats:
        a, b = table.values, self.values[rows]
        gap = np.abs(b - a)
        with np.errstate(invalid="ignore", divide="ignore"):
            number = np.where(self.is_flat, gap > 0, np.minimum(gap / self.span, 1.0))
        number = np.where(np.isnan(a) != np.isnan(b), 1.0, number)
        number = np.where(np.isnan(a) & np.isnan(b), 0.0, number)
        mismatch = (table.codes != self.codes[rows]).sum(axis=1)
        mean: Floats = (number.sum(axis=1) + mismatch) / (a.shape[1] + table.codes.shape[1])
        return mean


def closer_to_training(
    train: EncodedTable, holdout: EncodedTable, synthetic: EncodedTable, jobs: int = 1
) -> float:
    """Share of synthetic rows strictly closer to train; a tie counts for the holdout, as there."""
    closer = Ruler.of(train).dcr(synthetic, jobs) < Ruler.of(holdout).dcr(synthetic, jobs)
    return float(closer.mean())


def overfitting_score(share: float) -> float:
    """DCROverfittingProtection: ``min(2 (1 - share), 1)``."""
    return min(2.0 * (1.0 - share), 1.0)


def random_table(
    train: EncodedTable, schema: Schema, n_rows: int, rng: np.random.Generator
) -> EncodedTable:
    """DCRBaselineProtection's yardstick: every column uniform over train's range or values."""
    numbers = [column for column in schema.columns if column.name in set(schema.numbers)]
    values = np.empty((n_rows, len(numbers)))
    for j, column in enumerate(numbers):
        values[:, j] = _uniform(train.values[:, j], column, n_rows, rng)
    codes = np.empty((n_rows, train.codes.shape[1]), dtype=np.int32)
    for j in range(train.codes.shape[1]):
        present = np.unique(train.codes[:, j][train.codes[:, j] > 0])
        drawn = rng.choice(present, n_rows) if present.size else np.zeros(n_rows, dtype=np.int32)
        codes[:, j] = np.where(rng.random(n_rows) < np.mean(train.codes[:, j] == 0), 0, drawn)
    blank = np.zeros((n_rows, len(numbers)), dtype=np.float32)
    return EncodedTable(blank, blank, values, codes)


def _uniform(real: Floats, column: Column, n_rows: int, rng: np.random.Generator) -> Floats:
    present = real[~np.isnan(real)]
    if not present.size:
        return np.full(n_rows, np.nan)
    low, high = float(present.min()), float(present.max())
    drawn = rng.uniform(low, high, n_rows)
    whole = column.resolution is not None and column.resolution % 1 == 0
    if column.kind is ColumnKind.NUMERIC and whole and not column.n_missing:
        drawn = np.floor(rng.uniform(low, high + 1, n_rows))  # a column with gaps is a float there
    missing = rng.random(n_rows) < 1 - present.size / real.size
    return np.where(missing, np.nan, drawn)


@dataclass(frozen=True)
class VendorSdmetrics:
    """DCROverfittingProtection and DCRBaselineProtection of SDMetrics 0.32, recomputed.

    Our implementation of their definition, on the columns that take part in distances; agreement
    with the package is tested. Known traits kept on purpose: every reference is scaled by its own
    range, sizes are not matched, a tie counts for the holdout, no interval. The null beside the
    share is what these traits alone give: the mean over random deals of the real rows.
    """

    confidence: float = 0.95

    card: ClassVar[Card] = Card(
        id="vendor_sdmetrics",
        title="SDMetrics' DCR scores, recomputed",
        question="Is the figure a report by SDMetrics shows correct, and what would chance show?",
        how_to_read=(
            "For checking a quoted figure only. Compare the share with its null beside it, not "
            "with one half. The baseline score measures realism, not leakage: pure noise scores 1."
        ),
        references=(
            "SDMetrics documentation, docs.sdv.dev/sdmetrics: DCROverfittingProtection, "
            "DCRBaselineProtection",
        ),
        threat_model=ThreatModel.AUDITOR,
    )

    def run(self, view: AuditorView, context: Context) -> Finding:
        """Recompute both scores and the null of the first."""
        contents_of(view)
        train, holdout, synthetic = view.train, view.holdout, view.synthetic
        jobs = context.jobs
        to_train = Ruler.of(train).dcr(synthetic, jobs)
        share = float(np.mean(to_train < Ruler.of(holdout).dcr(synthetic, jobs)))
        null = self._null(view, context.streams.rng("deals"), jobs)
        rng = context.streams.rng("random-table")
        noise = random_table(train, view.schema, synthetic.n_rows, rng)
        to_noise = Ruler.of(train).dcr(noise, jobs)
        return Finding((*self._overfitting(share, null, synthetic.n_rows),
                        self._baseline(to_train, to_noise)))  # fmt: skip

    def _null(self, view: AuditorView, rng: np.random.Generator, jobs: int) -> float:
        n_train, n_holdout = view.train.n_rows, view.holdout.n_rows
        pool = _stacked(view.train, view.holdout)
        rows = rng.permutation(view.synthetic.n_rows)[:N_DEAL_ROWS]
        asked = view.synthetic.take(np.sort(rows))
        shares = []
        for _ in range(N_DEALS):
            deal = rng.permutation(n_train + n_holdout)
            dealt = pool.take(deal[:n_train]), pool.take(deal[n_train:])
            shares.append(closer_to_training(*dealt, asked, jobs))
        return float(np.mean(shares))

    def _overfitting(self, share: float, null: float, n: int) -> tuple[Estimate, ...]:
        limits = clopper_pearson(share * n, n, self.confidence)
        low, high = overfitting_score(limits.high), overfitting_score(limits.low)
        method = "Clopper-Pearson, rows taken as independent (the tool gives no interval)"
        chance = f"null: mean over {N_DEALS} random deals of the real rows, same sizes"
        return (
            Estimate(
                "closer_to_training", share, limits.low, limits.high, n, null, self.confidence,
                method, f"share of synthetic rows strictly closer to train; {chance}",
            ),
            Estimate(
                "dcr_overfitting_protection", overfitting_score(share), low, high, n,
                overfitting_score(null), self.confidence, method,
                f"SDMetrics' score, 1 is best; {chance}",
            ),
        )  # fmt: skip

    def _baseline(self, to_train: Floats, to_noise: Floats) -> Estimate:
        n = to_train.size
        ends = clopper_pearson(n / 2, n, self.confidence)
        shares = (ends.low, 0.5, ends.high)
        real = np.quantile(to_train, shares, method="inverted_cdf")
        noise = np.quantile(to_noise, shares, method="inverted_cdf")
        median, yardstick = float(np.median(to_train)), float(np.median(to_noise))
        if yardstick == 0:
            return Estimate(
                "dcr_baseline_protection", None, None, None, n, None, self.confidence,
                note="random rows lie at distance 0 from train: the score is undefined",
            )  # fmt: skip
        score = median / yardstick
        # relative errors of the two medians combined by the square-root rule
        below = np.hypot(median - real[0], score * (noise[2] - yardstick)) / yardstick
        above = np.hypot(real[2] - median, score * (yardstick - noise[0])) / yardstick
        return Estimate(
            "dcr_baseline_protection", min(score, 1.0), min(max(score - float(below), 0.0), 1.0),
            min(score + float(above), 1.0), n, None, self.confidence,
            "Woodruff limits of both medians, combined by the square-root rule",
            "SDMetrics' score: median distance to train over that of uniform noise, at most 1; "
            "says nothing about leakage and has no value that chance would give",
        )  # fmt: skip


def _stacked(first: EncodedTable, second: EncodedTable) -> EncodedTable:
    return EncodedTable(
        np.concatenate([first.ranks, second.ranks]),
        np.concatenate([first.scaled, second.scaled]),
        np.concatenate([first.values, second.values]),
        np.concatenate([first.codes, second.codes]),
    )


PLUGINS = (VendorSdmetrics(),)
