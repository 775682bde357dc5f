"""Gen-LRA: how much likelier are synthetic rows near a candidate when the candidate is there?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthaudit.attacks._coincidence import thinned
from synthaudit.attacks._gaussian import GaussianKernel, Points, log_sums
from synthaudit.data.views import AdversaryView
from synthaudit.errors import NotApplicable
from synthaudit.parallel import Context, thread_map
from synthaudit.types import Card, Floats

BLOCK_CELLS = 1_000_000
"""Pairs compared at once: some tens of megabytes a thread."""
MOST = 1.0 - 1e-9
"""A candidate's largest share of a synthetic row: one that is alone with it would decide all."""


@dataclass(frozen=True)
class GenLra:
    """What leaving the candidate out takes from the likelihood of its ``k`` nearest synthetic rows.

    With a kernel density ``p`` of the pool, ``sum_s log p(s) - log p_without_x(s)`` over the ``k``
    synthetic rows of which ``x`` holds the largest share, and that difference is
    ``-log(1 - K(x, s) / sum_y K(y, s))``: nothing has to be fitted anew for each candidate. Where
    the paper has a reference table and adds the candidate to it, the pool is the reference here and
    the candidate is taken away, from members and non-members alike.

    Attributes
    ----------
    k : int
        The paper's choice; three measure the same.
    max_pairs : int
        Pairs of candidate and synthetic row looked at; larger tables are thinned by a hash of row
        content, which no label and no row order can move.
    """

    k: int = 10
    max_pairs: int = 100_000_000

    card: ClassVar[Card] = Card(
        id="gen_lra",
        title="Likelihood lost without the person (Gen-LRA)",
        question=(
            "Would the synthetic records near this person be less likely if the person were not "
            "in the data?"
        ),
        how_to_read=(
            "0.5 is chance. Above it, synthetic records lie where this person and hardly anybody "
            "else puts them, measured in the directions in which the data vary. Strong where "
            "numbers were smoothed along those directions, as kernel density generators do."
        ),
        references=(
            "Ward et al. 2025, arXiv:2508.21146 (Gen-LRA)",
            "leaving out of the pool instead of adding to a reference: this project",
        ),
    )

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Log-likelihood lost, ``(n_candidates,)``.

        Raises
        ------
        NotApplicable
            Fewer than three candidates, no synthetic row, or no number that varies.
        """
        pool = view.candidates
        if pool.n_rows < 3 or view.synthetic.n_rows == 0:
            raise NotApplicable("It needs at least three candidates and one synthetic row.")
        kernel = GaussianKernel.of(pool) if pool.scaled.shape[1] else None
        if kernel is None or kernel.turn.shape[1] == 0:
            raise NotApplicable("It needs a column of numbers that vary.")
        mine = kernel.points(pool)
        table = kernel.points(thinned(view.synthetic, pool.n_rows, self.max_pairs))
        width = max(1, BLOCK_CELLS // max(pool.n_rows, len(table.numbers)))
        totals = _by_blocks(
            table, width, lambda rows: log_sums(kernel.logs(rows, mine)), context.jobs
        )
        k = min(self.k, totals.size)

        def lost(rows: Points) -> Floats:
            shares = np.minimum(kernel.logs(rows, table) - totals, np.log(MOST))
            best = np.partition(shares, totals.size - k, axis=1)[:, totals.size - k :]
            answer: Floats = -np.log1p(-np.exp(np.sort(best, axis=1))).sum(axis=1)
            return answer

        return _by_blocks(mine, width, lost, context.jobs)


def _by_blocks(
    points: Points, width: int, measure: Callable[[Points], Floats], jobs: int
) -> Floats:
    """``measure`` of every row, ``width`` rows at a time."""

    def run(start: int) -> Floats:
        return measure(points.take(slice(start, start + width)))

    parts = thread_map(run, range(0, len(points.numbers), width), jobs)
    return np.concatenate(parts)


PLUGINS = (GenLra(),)
