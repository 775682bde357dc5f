"""Parentage: of whom could a synthetic row be a child, and of nobody else?

The other attacks ask of a candidate whether synthetic rows are near. This one asks of every
synthetic row which candidate explains it best, and shares the row out among them by the odds of
record linkage. In a crowd a near row proves nothing: it has many possible parents. A row that only
one candidate can explain names that candidate, however far it lies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthaudit.attacks._calibration import FEATURE_PAIRS
from synthaudit.attacks._coincidence import MOST_PAIRS, coincidence_of, thinned
from synthaudit.data.views import AdversaryView
from synthaudit.errors import NotApplicable
from synthaudit.parallel import Context
from synthaudit.types import Card, Floats


@dataclass(frozen=True)
class Parentage:
    """The largest share of a synthetic row that falls to the candidate.

    ``max_s odds(x, s) / sum_{p in P} odds(p, s)``: every candidate, member or not, competes in the
    same sum.

    Attributes
    ----------
    max_pairs : int
        Pairs of candidate and synthetic row looked at; larger tables are thinned by a hash of row
        content.
    """

    max_pairs: int = MOST_PAIRS

    card: ClassVar[Card] = Card(
        id="parentage",
        title="Parentage",
        question="Is there a synthetic row that this person explains and nobody else does?",
        how_to_read=(
            "0.5 is chance. Above it, single synthetic rows point at single people: whoever holds "
            "a list of people who may be in the training table can say whose row it was made from."
        ),
        references=(
            "Ward et al. 2025, arXiv:2508.21146 (Gen-LRA: a record's share in the likelihood)",
            "Fellegi, Sunter 1969, doi:10.1080/01621459.1969.10501049 (record linkage weights)",
            "largest share among all candidates with these weights: this project",
        ),
        feature_up_to=FEATURE_PAIRS,
    )

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Log of the largest share, ``(n_candidates,)``."""
        pool = view.candidates
        if pool.n_columns == 0 or pool.n_rows < 2:
            raise NotApplicable("It needs at least one column and two candidates.")
        table = thinned(view.synthetic, pool.n_rows, self.max_pairs)
        share = coincidence_of(view).largest_share(table, context.jobs)
        scores: Floats = np.log(np.maximum(share, 1e-300))
        return scores


PLUGINS = (Parentage(),)
