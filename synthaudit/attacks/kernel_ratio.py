"""Kernel ratio: how dense the synthetic table is around a candidate, against the other candidates.

DOMIAS takes this ratio with Gaussian kernels, which fail on categories and stand or fall with a
bandwidth. Here the kernel is the coincidence of record linkage: two rows are as near as their
agreement is improbable among the real rows. It adapts to ties, skew and rare categories column by
column, and sums over *all* synthetic rows, so that many moderately near rows count like one copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthaudit.attacks._calibration import FEATURE_PAIRS
from synthaudit.attacks._cell_keys import row_keys
from synthaudit.attacks._coincidence import MOST_PAIRS, coincidence_of, thinned
from synthaudit.data.views import AdversaryView
from synthaudit.errors import NotApplicable
from synthaudit.parallel import Context
from synthaudit.types import Card, EncodedTable, Floats, Ints


@dataclass(frozen=True)
class KernelRatio:
    """Log-ratio of the density of synthetic rows to that of the other candidates.

    Attributes
    ----------
    max_reference : int
        Candidates the reference density is summed over; larger pools are thinned by a hash of row
        content, which no label and no row order can move.
    max_pairs : int
        Pairs of candidate and synthetic row looked at; larger tables are thinned in the same way.
    """

    max_reference: int = 20_000
    max_pairs: int = MOST_PAIRS

    card: ClassVar[Card] = Card(
        id="kernel_ratio",
        title="Density ratio (adaptive kernel)",
        question=(
            "Is the table denser around this person than the population is, when agreement on "
            "rare values counts for more?"
        ),
        how_to_read=(
            "0.5 is chance. Above it, records in the table can be linked to people who are known "
            "by several attributes, even where some were changed or blurred. Reaches generators "
            "that interpolate or add noise as well as those that copy."
        ),
        references=(
            "van Breugel et al. 2023, arXiv:2302.12580 (DOMIAS: density ratio)",
            "Fellegi, Sunter 1969, doi:10.1080/01621459.1969.10501049 (record linkage weights)",
            "leave-one-out ratio with coincidence as the kernel: this project",
        ),
        feature_up_to=FEATURE_PAIRS,
    )

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Log density of S minus log density of the pool without x, ``(n_candidates,)``."""
        pool = view.candidates
        if pool.n_columns == 0 or pool.n_rows < 2:
            raise NotApplicable("It needs at least one column and two candidates.")
        coincidence = coincidence_of(view)
        nobody = np.full(pool.n_rows, -1, dtype=np.int64)
        table = thinned(view.synthetic, pool.n_rows, self.max_pairs)
        near = coincidence.log_density(table, nobody, context.jobs)

        def among_others() -> Floats:
            reference, itself = self._reference(pool)
            return coincidence.log_density(reference, itself, context.jobs)

        return near - view.of_pool(f"log density of {self.max_reference} candidates", among_others)

    def _reference(self, pool: EncodedTable) -> tuple[EncodedTable, Ints]:
        kept = np.arange(pool.n_rows, dtype=np.int64)
        if pool.n_rows > self.max_reference:
            order = np.argsort(row_keys(pool), kind="stable")
            kept = np.sort(order[: self.max_reference])
        itself = np.full(pool.n_rows, -1, dtype=np.int64)
        itself[kept] = np.arange(kept.size)
        return pool.take(kept), itself


PLUGINS = (KernelRatio(),)
