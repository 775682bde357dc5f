"""SDMetrics' NewRowSynthesis by its own definition, so that a quoted figure can be checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthaudit.checks._contents import contents_of
from synthaudit.data.views import AuditorView
from synthaudit.parallel import Context
from synthaudit.stats.binomial import clopper_pearson
from synthaudit.types import Bools, Card, EncodedTable, Estimate, Finding, Floats, ThreatModel

TOLERANCE = 0.01
MOST_ROWS = 5_000
"""Rows asked about; more are sampled, as the tool itself can."""
MOST_CELLS = 4_000_000
"""Comparisons held in memory at a time."""


def matched(asked: EncodedTable, real: EncodedTable) -> Bools:
    """Which rows of ``asked`` match a row of ``real``, ``(n_asked,)``.

    Categories are equal, numbers within 1 % of the *asked* value (dates: of their seconds since
    1970), missing only matches missing.
    """
    n_asked = asked.n_rows
    codes = np.concatenate([asked.codes, real.codes])
    group = np.unique(codes, axis=0, return_inverse=True)[1].reshape(-1)
    answer = np.zeros(n_asked, dtype=bool)
    order = np.argsort(group[n_asked:], kind="stable")
    starts = np.searchsorted(group[n_asked:][order], np.arange(int(group.max(initial=0)) + 2))
    for i in range(n_asked):
        rows = order[starts[group[i]] : starts[group[i] + 1]]
        answer[i] = _any_near(asked.values[i], real.values, rows)
    return answer


def _any_near(value: Floats, real: Floats, rows: np.ndarray[tuple[int], np.dtype[np.intp]]) -> bool:
    step = max(MOST_CELLS // max(value.size, 1), 1)
    missing = np.isnan(value)
    for start in range(0, rows.size, step):
        other = real[rows[start : start + step]]
        with np.errstate(invalid="ignore"):
            near = np.abs(other - value) <= np.abs(TOLERANCE * value)
        if bool(np.where(missing, np.isnan(other), near).all(axis=1).any()):
            return True
    return False


@dataclass(frozen=True)
class VendorNewRows:
    """NewRowSynthesis of SDMetrics 0.32, recomputed; agreement with the package is tested.

    Its tolerance is relative to the value itself, so that a zero matches only a zero and a date
    matches any date within about half a year: the score says little about copies. The null is what
    the holdout would score in the synthetic table's place.
    """

    confidence: float = 0.95

    card: ClassVar[Card] = Card(
        id="vendor_new_rows",
        title="SDMetrics' NewRowSynthesis, recomputed",
        question="Is the share of new rows a report by SDMetrics shows correct?",
        how_to_read=(
            "For checking a quoted figure only. Compare the score with its null beside it, what "
            "real people who were never in training would score; copies are counted elsewhere."
        ),
        references=("SDMetrics documentation, docs.sdv.dev/sdmetrics: NewRowSynthesis",),
        threat_model=ThreatModel.AUDITOR,
    )

    def run(self, view: AuditorView, context: Context) -> Finding:
        """Recompute the score and what the holdout would score."""
        contents_of(view)
        rng = context.streams.rng("rows")
        asked = _at_most(view.synthetic, rng)
        n = asked.n_rows
        found = float(matched(asked, view.train).mean())
        null = 1.0 - float(matched(_at_most(view.holdout, rng), view.train).mean())
        ends = clopper_pearson(found * n, n, self.confidence)
        sampled = "" if n == view.synthetic.n_rows else f"; {n} rows chosen at random"
        return Finding(
            (
                Estimate(
                    "new_row_synthesis", 1.0 - found, 1.0 - ends.high, 1.0 - ends.low, n, null,
                    self.confidence,
                    "Clopper-Pearson, rows taken as independent (the tool gives no interval)",
                    "SDMetrics' score, 1 is best; null: the holdout in the synthetic table's place"
                    + sampled,
                ),
            )
        )  # fmt: skip


def _at_most(table: EncodedTable, rng: np.random.Generator) -> EncodedTable:
    if table.n_rows <= MOST_ROWS:
        return table
    return table.take(np.sort(rng.permutation(table.n_rows)[:MOST_ROWS]))


PLUGINS = (VendorNewRows(),)
