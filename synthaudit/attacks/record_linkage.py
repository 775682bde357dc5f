"""Record linkage: which candidate was each synthetic record made from?

Closest-record attacks ask, for each candidate, whether something near is in S. This one turns the
question round: for each synthetic record it asks which candidate explains it best, and how much
better than all the others do. The candidates compete for every synthetic record, so a crowd cannot
pass for a copy, and what "explains" means (how much noise, which columns were redrawn or shuffled)
is learned from the two tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthaudit.attacks._calibration import FEATURE_PAIRS, require_rows
from synthaudit.attacks._evidence import windows_of
from synthaudit.attacks._linkage import learn, sources
from synthaudit.attacks._odds import gathered, log_odds
from synthaudit.data.views import AdversaryView
from synthaudit.parallel import Context
from synthaudit.types import Card, Floats

OUTSIDE = 0.1
"""Share of synthetic records taken to have no source in the pool. Without any, an isolated record
is hung on whoever is least far away: on noised copies of a table with 30 numbers 0.1 lifts the TPR
at 1 % FPR from 0.82 to 0.93, and 0.5 costs what it gains (docs/attacks.md)."""


@dataclass(frozen=True)
class RecordLinkage:
    """Odds that a candidate is the source of some synthetic record, against all others.

    With the learned likelihood ratio ``R(x, s)`` of "x is the source of s" against "nobody in the
    pool is", the score is ``log sum_s R(x, s) / (sum_(x' != x) R(x', s) + n q / (1 - q))`` with n
    candidates and ``q`` the share of records taken to have no source in the pool. The 40 likeliest
    sources of each synthetic record take part; a candidate among the sources of none gets the
    lowest score.

    References
    ----------
    Fellegi & Sunter 1969, doi:10.1080/01621459.1969.10501049 (the model and its likelihood ratio).
    It cannot show that a record was copied: where no synthetic record has a source, the least bad
    one still wins, for members and non-members alike.
    """

    card: ClassVar[Card] = Card(
        id="record_linkage",
        title="Record linkage",
        question="Is this person the best explanation of some synthetic record?",
        how_to_read=(
            "Higher means some synthetic record is explained by this person far better than by "
            "anybody else in the pool; one unit multiplies the odds by about 2.7. Noise, redrawn "
            "cells and shuffled columns are allowed for, as much as the tables show."
        ),
        references=(
            "Fellegi, Sunter 1969, a theory for record linkage, doi:10.1080/01621459.1969.10501049",
            "This project: its use as a membership attack (docs/attacks.md)",
        ),
        feature_up_to=FEATURE_PAIRS,
    )

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Log odds of being a source, summed over synthetic records."""
        require_rows(view)
        windows = windows_of(view)
        reliability = learn(windows, view.synthetic, context.jobs)
        ratios, rows, counts = sources(windows, view.synthetic, reliability, context.jobs)
        nobody = np.log(view.n_candidates * OUTSIDE / (1.0 - OUTSIDE))
        told = counts.any(axis=1)
        ratios, rows, counts = ratios[told], rows[told], counts[told]
        odds = log_odds(np.where(counts, ratios, -np.inf), nobody)
        return gathered(odds[counts], rows[counts], view.n_candidates)


PLUGINS = (RecordLinkage(),)
