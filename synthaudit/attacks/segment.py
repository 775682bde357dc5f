"""Which two candidates does a synthetic record lie between? For interpolated rows (SMOTE)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthaudit.attacks._calibration import require_rows
from synthaudit.attacks._odds import gathered
from synthaudit.attacks._segments import Segments
from synthaudit.data.views import AdversaryView
from synthaudit.errors import NotApplicable
from synthaudit.parallel import Context
from synthaudit.types import Card, Floats


@dataclass(frozen=True)
class SegmentEnds:
    """Odds that a candidate is one of the two ends of a segment some synthetic record lies on.

    ``log sum_s odds(x is an end of the segment of s)``, where the pairs of the up to 80 nearest
    candidates of s compete; see ``_segments`` for the weight of a pair. A copy is an end too: the
    segment that starts at it.

    References
    ----------
    Chawla et al. 2002, SMOTE, doi:10.1613/jair.953, is the generator this answers. It cannot show
    leakage through rows far from both ends (extrapolation) or between three rows and more.
    """

    card: ClassVar[Card] = Card(
        id="segment_ends",
        title="Synthetic records between two people (SMOTE)",
        question="Does some synthetic record lie on the line between this person and another one?",
        how_to_read=(
            "Higher means a synthetic record lies on the straight line from this person to a "
            "similar one, and on hardly any line between others; one unit multiplies the odds by "
            "about 2.7. Oversamplers such as SMOTE make records in exactly this way."
        ),
        references=(
            "Chawla et al. 2002, SMOTE, doi:10.1613/jair.953",
            "This project: segments as evidence of membership (docs/attacks.md)",
        ),
        feature_up_to=4_000_000,
    )

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Log odds of being an end, summed over synthetic records.

        Raises
        ------
        NotApplicable
            With fewer than three candidates there is only one segment.
        """
        require_rows(view)
        if view.n_candidates < 3:
            raise NotApplicable(
                f"Segments compete and {view.n_candidates} candidates make only one; give at "
                "least 3."
            )
        segments = Segments.of(view)
        tolerance, redrawn = segments.learned()
        odds = segments.odds(tolerance, redrawn, context.jobs)
        told = np.isfinite(odds)
        return gathered(odds[told], segments.ends.rows[told], view.n_candidates)


PLUGINS = (SegmentEnds(),)
