"""The most telling agreement with any synthetic record, compared with any other candidate.

Two people who share their sex share little; two who share an income to the cent share much. So
instead of adding column distances this attack adds, over the columns in which a candidate and a
synthetic record agree, how surprising that agreement is. Columns that disagree add nothing, which
is why a copy with some columns redrawn, swapped or shifted still stands out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthaudit.attacks._calibration import FEATURE_PAIRS, require_rows
from synthaudit.attacks._evidence import Shares, Weights, windows_of
from synthaudit.attacks._evidence_search import strongest
from synthaudit.data.views import AdversaryView
from synthaudit.parallel import Context
from synthaudit.types import Card, Floats


def surprise(shares: Shares) -> Weights:
    """Minus the log share of the pool that agrees as closely with the value; 0 for disagreement."""
    return Weights(
        -np.log(shares.numbers), -np.log(shares.levels), np.zeros(shares.levels.shape[1])
    )


HALVING = 0.5 ** np.arange(5)
"""Weights of the strongest agreements. One alone is best where whole rows were copied, the mean of
five where their values were scattered over several rows; halving keeps most of both (measured in
docs/attacks.md)."""


@dataclass(frozen=True)
class RareAgreement:
    """Strongest agreements with synthetic records, minus the strongest with other candidates.

    ``A(x, s) = sum_c -log share of the pool at least as near to x_c as s_c is``, and the score is
    ``sum_j 2^-j [A_(j)(x, S) - A_(j)(x, P without x)]`` over the five largest. A missing value
    agrees with a missing value, as surprisingly as missing values are rare.

    References
    ----------
    Goodall 1966, doi:10.2307/2528080, weighs agreements by their rarity in the same way; windows
    around numbers and the calibration by the unlabelled pool are this project's.
    """

    card: ClassVar[Card] = Card(
        id="rare_agreement",
        title="Most telling agreement with a synthetic record",
        question="Does any synthetic record share what is unusual about this person?",
        how_to_read=(
            "Higher means a synthetic record shares more of what is unusual about this person than "
            "any other person does; one unit multiplies the odds against such a coincidence by "
            "about 2.7. Unlike a distance it is not upset by columns that were redrawn or swapped."
        ),
        references=(
            "This project: surprise of agreement against the pool (docs/attacks.md)",
            "Goodall 1966, a similarity index based on probability, doi:10.2307/2528080",
        ),
        feature_up_to=FEATURE_PAIRS,
    )

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Gain in surprise, in nats."""
        require_rows(view)
        windows = windows_of(view)
        k = min(HALVING.size, view.synthetic.n_rows, view.n_candidates - 1)
        pool, jobs = view.candidates, context.jobs

        def among_others() -> Floats:
            n_others = min(HALVING.size, view.n_candidates - 1)
            return strongest(windows, pool, pool, surprise, n_others, itself=True, jobs=jobs).sums

        released = strongest(windows, pool, view.synthetic, surprise, k, jobs=jobs).sums
        reference = view.of_pool("surprise among candidates", among_others)
        gain: Floats = (released - reference[:, :k]) @ HALVING[:k]
        return gain


PLUGINS = (RareAgreement(),)
