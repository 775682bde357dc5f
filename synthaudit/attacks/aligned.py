"""Closest record after each table is measured by its own ranks: shifts and rescalings undone.

A release in which every income was multiplied by 1.5 or every date moved by a year is as telling as
the original, yet lies far from it in every distance. Ranks within a table do not change when a
column is shifted, rescaled or bent monotonically, so candidates are ranked among candidates,
synthetic rows among synthetic rows, and the ranks are compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthaudit.attacks._calibration import log_ratio, require_rows
from synthaudit.data.views import AdversaryView, Geometry
from synthaudit.errors import NotApplicable
from synthaudit.neighbors import NeighborIndex
from synthaudit.parallel import Context
from synthaudit.types import Card, Floats, Floats32


def own_ranks(values: Floats) -> Floats32:
    """Mid-ranks in [0, 1] of every column among its own present values; NaN where missing.

    Parameters
    ----------
    values : (n_rows, n_numbers) float64

    Returns
    -------
    (n_rows, n_numbers) float32
    """
    ranks = np.full(values.shape, np.nan, dtype=np.float32)
    for j, column in enumerate(values.T):
        present = ~np.isnan(column)
        _, place, counts = np.unique(column[present], return_inverse=True, return_counts=True)
        mid = (np.cumsum(counts) - counts / 2.0) / max(int(present.sum()), 1)
        ranks[present, j] = mid[place]
    return ranks


@dataclass(frozen=True)
class RankAligned:
    """The calibrated closest record between candidates and S, each encoded by its own ranks.

    Undoes any increasing transform of any column that was applied to the whole release. Where only
    some rows were moved, the ranks of all rows move: see ``repeated_offset``.
    """

    card: ClassVar[Card] = Card(
        id="rank_aligned",
        title="Closest record after undoing shifts and rescalings",
        question=(
            "Would this person have a look-alike in the synthetic table if columns had not been "
            "shifted or rescaled?"
        ),
        how_to_read=(
            "Higher means somebody in the synthetic table holds almost the same place in every "
            "column's order as this person does among the candidates. Strong here and weak in the "
            "plain distances: the release is a moved or rescaled copy."
        ),
        references=(
            "This project: ranks within each table (docs/attacks.md)",
            "Yao et al. 2025, The DCR Delusion, arXiv:2505.01524 (the leak distances miss)",
        ),
        is_feature=True,
    )

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Log ratio of the nearest distances in aligned ranks.

        Raises
        ------
        NotApplicable
            Without number columns there is nothing to align.
        """
        require_rows(view)
        n_numbers = view.candidates.values.shape[1]
        if n_numbers == 0:
            raise NotApplicable("There is no number or date column, so there is nothing to align.")
        pool, release = own_ranks(view.candidates.values), own_ranks(view.synthetic.values)
        codes = view.candidates.codes
        cap = Geometry.RANK.cap
        index = NeighborIndex(pool, codes, cap=cap, jobs=view.jobs)
        reference = view.leave_out(index, pool, codes, 1)
        nearest = NeighborIndex(release, view.synthetic.codes, cap=cap, jobs=view.jobs).query(
            pool, codes, 1
        )
        return log_ratio(reference.distances, nearest.distances)


PLUGINS = (RankAligned(),)
