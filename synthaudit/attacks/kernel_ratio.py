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
from numpy.typing import NDArray

from synthaudit.attacks._cell_keys import row_keys
from synthaudit.data.views import AdversaryView
from synthaudit.errors import NotApplicable
from synthaudit.parallel import Context, thread_map
from synthaudit.types import Card, Codes, EncodedTable, Floats, Ints

FAR_AWAY = 10.0
"""Stands for a missing number: agrees with another missing one, disagrees with all present."""


@dataclass(frozen=True, eq=False)
class Coincidence:
    """Candidates with the coincidence of an exact agreement in every column.

    The coincidence of two values is about the share of real rows as close as that: for categories
    the frequency ``f`` of the shared level, for numbers ``4 |rank difference| + f`` with ``f`` the
    frequency of the candidate's own value; it is at most 2, which is also what a mismatch costs.
    """

    numbers: Floats
    codes: Codes
    number_floor: Floats
    code_floor: Floats

    @classmethod
    def of(cls, candidates: EncodedTable) -> Coincidence:
        """Frequencies among the candidates themselves, alike for all."""
        # the product over columns must stay above the smallest double, however wide the table
        least = 10.0 ** (-280.0 / max(candidates.n_columns, 1))
        return cls(
            _numbers(candidates),
            candidates.codes,
            np.maximum(_frequencies(candidates.values), least),
            np.maximum(_frequencies(candidates.codes), least),
        )

    def log_density(self, reference: EncodedTable, itself: Ints, jobs: int) -> Floats:
        """Log mean over reference rows of one over the product of coincidences.

        Parameters
        ----------
        reference : EncodedTable
        itself : (n_candidates,) int64
            The reference row that is the candidate and is left out, or -1.
        jobs : int
            Threads; each candidate is summed in one of them, so they change nothing.

        Returns
        -------
        (n_candidates,) float64
        """
        from synthaudit.attacks._odds_kernel import BLOCK, sum_of_odds

        found = np.empty(len(self.codes))
        numbers = np.ascontiguousarray(_numbers(reference).T)
        codes = np.ascontiguousarray(reference.codes.T)

        def run(rows: slice) -> None:
            sum_of_odds(
                self.numbers[rows],
                self.codes[rows],
                self.number_floor[rows],
                self.code_floor[rows],
                numbers,
                codes,
                itself[rows],
                np.empty(BLOCK),
                found[rows],
            )

        width = max(1, -(-len(found) // (4 * max(jobs, 1))))
        thread_map(run, [slice(a, a + width) for a in range(0, len(found), width)], jobs)
        # thousands of mismatches underflow; such a candidate resembles nobody at all
        answer: Floats = np.log(np.maximum(found, 1e-300) / (reference.n_rows - (itself >= 0)))
        return answer


def _numbers(table: EncodedTable) -> Floats:
    ranks = table.ranks.astype(np.float64)
    return np.where(np.isnan(ranks), FAR_AWAY, ranks)


def _frequencies(cells: NDArray[np.float64] | NDArray[np.int32]) -> Floats:
    """Share of rows with the row's own value, per column."""
    shares = np.empty(cells.shape)
    for j in range(cells.shape[1]):
        _, cell, counts = np.unique(cells[:, j], return_inverse=True, return_counts=True)
        shares[:, j] = counts[cell.reshape(-1)] / len(cells)
    return shares


@dataclass(frozen=True)
class KernelRatio:
    """Log-ratio of the density of synthetic rows to that of the other candidates.

    Attributes
    ----------
    max_reference : int
        Candidates the reference density is summed over; larger pools are thinned by a hash of row
        content, which no label and no row order can move.
    """

    max_reference: int = 20_000

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
        is_feature=True,
    )

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Log density of S minus log density of the pool without x, ``(n_candidates,)``."""
        pool = view.candidates
        if pool.n_columns == 0 or pool.n_rows < 2:
            raise NotApplicable("It needs at least one column and two candidates.")
        coincidence = Coincidence.of(pool)
        nobody = np.full(pool.n_rows, -1, dtype=np.int64)
        near = coincidence.log_density(view.synthetic, nobody, context.jobs)
        reference, itself = self._reference(pool)
        return near - coincidence.log_density(reference, itself, context.jobs)

    def _reference(self, pool: EncodedTable) -> tuple[EncodedTable, Ints]:
        kept = np.arange(pool.n_rows, dtype=np.int64)
        if pool.n_rows > self.max_reference:
            order = np.argsort(row_keys(pool), kind="stable")
            kept = np.sort(order[: self.max_reference])
        itself = np.full(pool.n_rows, -1, dtype=np.int64)
        itself[kept] = np.arange(kept.size)
        return pool.take(kept), itself


PLUGINS = (KernelRatio(),)
