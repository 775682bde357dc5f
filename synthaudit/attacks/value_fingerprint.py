"""Value fingerprint: which of the candidate's exact values turn up in the synthetic table.

A salary of 48 213.07 that only one person has is that person's fingerprint. A generator that
re-uses observed values (sequential trees, bootstraps, noise on some columns only) leaves thousands
of them, each far from any real row: distances do not see them, counting does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthaudit.attacks._cell_keys import CellKeys
from synthaudit.attacks._reuse import membership_log_ratio
from synthaudit.data.views import AdversaryView
from synthaudit.errors import NotApplicable
from synthaudit.parallel import Context
from synthaudit.types import Card, Floats


@dataclass(frozen=True)
class ValueFingerprint:
    """Sum over columns of the log-likelihood ratio of how often the exact value was drawn."""

    card: ClassVar[Card] = Card(
        id="value_fingerprint",
        title="Value fingerprint",
        question="Do this person's exact values, above all the rare ones, turn up in the table?",
        how_to_read=(
            "0.5 is chance. Well above it, the generator hands out observed values as they are: "
            "a rare one (an exact income, a date) is as good as a name to whoever knows it. "
            "Rounding, noise on every column or modelled margins silence this attack."
        ),
        references=(
            "likelihood ratio of re-used values, rate of re-use read off without labels: "
            "this project",
            "Good 1953, doi:10.1093/biomet/40.3-4.237 (what a value seen once is worth)",
        ),
        is_feature=True,
        adds_up=True,
    )

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Log-likelihood ratio summed over columns, ``(n_candidates,)``."""
        keys = CellKeys.exact(view)
        if keys.n_columns == 0:
            raise NotApplicable("No column can be compared; it needs at least one.")
        total = np.zeros(view.n_candidates)
        for tally in keys.tallies([(column,) for column in range(keys.n_columns)], context.jobs):
            total += membership_log_ratio(tally)
        return total


PLUGINS = (ValueFingerprint(),)
