"""Cell counts: how crowded the candidate's corner of the table is, in hundreds of random views.

Numbers are binned by rank, coarsely and finely; for random sets of one to six columns the synthetic
rows in the candidate's cell are counted and compared with the other candidates in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthaudit.attacks._cell_keys import CellKeys, Tally, column_subsets
from synthaudit.data.views import AdversaryView
from synthaudit.errors import NotApplicable
from synthaudit.parallel import Context
from synthaudit.types import Card, Floats


def excess_log_count(tally: Tally) -> Floats:
    """``log((k * n / m + 1/2) / (c - 1 + 1/2))``: the table's count against the other candidates'.

    ``k`` synthetic rows of ``m`` and ``c`` candidates of ``n``, the candidate included, share the
    candidate's cell; the candidate is left out of the reference, whoever it is.
    """
    expected = tally.in_table * (tally.n_candidates / tally.n_rows)
    excess: Floats = np.log((expected + 0.5) / (tally.in_pool - 0.5))
    return excess


@dataclass(frozen=True)
class CellCounts:
    """Mean log excess of synthetic rows over random cells of order 1 to 6.

    Attributes
    ----------
    bins : tuple of int
        Numbers are cut into these many equal shares of the candidates, one after the other.
    orders : tuple of int
        Sizes of the column subsets.
    at_most : int
        Subsets for each size and binning.
    """

    bins: tuple[int, ...] = (8, 16, 64)
    orders: tuple[int, ...] = (1, 2, 3, 4, 5, 6)
    at_most: int = 30

    card: ClassVar[Card] = Card(
        id="cell_counts",
        title="Cell counts",
        question="Are there more synthetic rows like this person, in a few columns at a time?",
        how_to_read=(
            "0.5 is chance. Above it, the table is too crowded around members: typical of "
            "generators that learn frequencies of combinations too exactly (Bayesian networks, "
            "trees, marginal-based methods), where no row is close to anybody."
        ),
        references=(
            "Houssiau et al. 2022, arXiv:2211.06550 (TAPAS: targeted counting queries)",
            "Meeus et al. 2023, arXiv:2306.10308 (Achilles' heels: queries on column subsets)",
            "Golob et al. 2024, arXiv:2410.05506 (MAMA-MIA: densities on focal marginals)",
            "pooled over candidates, leave-one-out, without shadow tables: this project",
        ),
    )

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Mean log excess within each order and binning, summed, ``(n_candidates,)``."""
        total = np.zeros(view.n_candidates)
        n_numbers = view.candidates.ranks.shape[1]
        # without numbers every binning would count the same cells again
        for n_bins in self.bins if n_numbers else self.bins[:1]:
            keys = CellKeys.binned(view, n_bins)
            if keys.n_columns == 0:
                raise NotApplicable("No column can be counted; it needs at least one.")
            at_most = self.at_most if n_numbers else self.at_most * len(self.bins)
            for order in self.orders:
                rng = context.streams.rng("subsets", n_bins, order)
                subsets = column_subsets(keys.n_columns, order, at_most, rng)
                for tally in keys.tallies(subsets, context.jobs):
                    total += excess_log_count(tally) / len(subsets)
        return total


PLUGINS = (CellCounts(),)
