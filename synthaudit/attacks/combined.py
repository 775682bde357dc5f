"""The combination: one score from many attacks, without knowing who was a member.

Averaging ranks buries a leak that one attack in twelve sees: eleven attacks' noise has the same
weight as its certainty. Two kinds of evidence keep their own scale here. The value attacks are
log-likelihood ratios: where nothing is re-used they are about zero for everybody and say nothing,
where values are re-used they reach tens and decide alone. For the others the evidence is how far a
candidate lies in the upper tail, measured by the *lower* tail, where the non-members are: under no
leak the two tails are alike and it is minus the logarithm of the upper share; when half the pool
stands apart from the other half it keeps growing where a rank is used up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthaudit.data.views import AdversaryView
from synthaudit.errors import NotApplicable
from synthaudit.parallel import Context
from synthaudit.types import Card, Floats, Need

CORE = (
    "parentage",
    "record_linkage",
    "rare_agreement",
    "calibrated_closest_record_standard",
    "rank_aligned",
)
"""Attacks whose tails are averaged, fixed by measurement on tables with known truth before any
label of the audited tables is seen: together they cover what the others find."""

LIKELIHOODS = {"value_combinations": 2.5, "value_fingerprint": 0.2}
"""Attacks that are log-likelihood ratios, and how many times each counts: the mean over column
subsets is far below the evidence of all columns, the sum over columns is above it because columns
depend on each other."""

NOT_OUTSIDERS = "shadow"
"""Scores whose names start like this hold more than an outsider does and are left out."""

FARTHEST = 50.0
"""Evidence one attack may contribute: beyond it nothing changes but the damage an outlier does."""


def tail_evidence(scores: Floats) -> Floats:
    """How far each score lies in the upper tail, in nats, ``(n_candidates,)``.

    The larger of minus the log share of candidates at or above it (mid-ranks) and the distance
    from the median in units of the lower tail's scale: that of a logistic distribution through
    the 10 % quantile and the median, whose upper tail falls by a factor e per unit.
    """
    from scipy.stats import rankdata

    rank = -np.log1p(-rankdata(scores) / (scores.size + 1.0))
    low, middle = np.quantile(scores, (0.1, 0.5))
    scale = (middle - low) / np.log(9.0)
    if scale <= 0.0:  # half of all candidates share one score: only their order is left
        return np.asarray(rank, dtype=np.float64)
    reach = np.clip((scores - middle) / scale, 0.0, FARTHEST)
    evidence: Floats = np.maximum(rank, reach)
    return evidence


def combine(scores: Mapping[str, Floats]) -> Floats:
    """Mean tail evidence of the core attacks plus the weighted log-likelihood ratios.

    Where none of the core attacks ran, all that did take their place.

    Raises
    ------
    NotApplicable
        When fewer than two attacks of an outsider ran.
    """
    usable = {name: s for name, s in scores.items() if not name.startswith(NOT_OUTSIDERS)}
    if len(usable) < 2:
        raise NotApplicable(f"It combines at least two outsider attacks; {len(usable)} ran.")
    tails = [usable[name] for name in CORE if name in usable]
    if not tails:
        tails = [s for name, s in sorted(usable.items()) if name not in LIKELIHOODS]
    total = np.zeros(next(iter(usable.values())).size)
    for each in tails:
        total += tail_evidence(each) / len(tails)
    for name, weight in LIKELIHOODS.items():
        if name in usable:
            total += weight * usable[name]
    return total


@dataclass(frozen=True)
class Combined:
    """Evidence of all outsider attacks added up."""

    card: ClassVar[Card] = Card(
        id="combined",
        title="All outsider attacks combined",
        question="What does everything an outsider can do say together about this person?",
        how_to_read=(
            "0.5 is chance. The weights were fixed before any label was seen, so this one number "
            "needs no correction for having tried many attacks: it is the result to quote for an "
            "outsider."
        ),
        references=(
            "Ward et al. 2025, arXiv:2509.05350 (ensembles of membership attacks on tables)",
            "adding evidence on its own scale instead of ranks: this project",
        ),
        needs=frozenset({Need.SCORES}),
    )

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Combined evidence, ``(n_candidates,)``."""
        scores: Mapping[str, Floats] = context.extras.get("scores", {})
        return combine(scores)


PLUGINS = (Combined(),)
