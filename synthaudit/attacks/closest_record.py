"""Distance to the closest synthetic record, and its ratio to the second closest: the classics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthaudit.attacks._calibration import floor_of, require_rows
from synthaudit.data.views import AdversaryView, Geometry
from synthaudit.errors import NotApplicable
from synthaudit.parallel import Context
from synthaudit.types import Card, Floats

_READING = (
    "Higher means the candidate has a nearer look-alike in the synthetic table. It cannot tell a "
    "copied person from a person in a crowd: typical people are close to something in any honest "
    "table, so a low threshold on this score finds the typical before it finds the copied."
)


@dataclass(frozen=True)
class ClosestRecord:
    """``-d1(x, S)`` with Gower's distance on ranks.

    This is also GAN-Leaks without calibration (its full black-box attack with the closest of the
    generated samples): a monotone function of the same distance ranks candidates alike.

    References
    ----------
    Chen et al. 2020, GAN-Leaks, arXiv:1909.03935, section 4.2. What the score cannot show: that a
    near record is near *because* of the candidate; see ``calibrated_closest_record``.
    """

    card: ClassVar[Card] = Card(
        id="closest_record",
        title="Distance to the closest record (DCR, GAN-Leaks)",
        question="How near is the nearest synthetic record to this person's record?",
        how_to_read=_READING,
        references=(
            "Chen, Yu, Zhang, Fritz 2020, GAN-Leaks, arXiv:1909.03935",
            "Park et al. 2018, distance to the closest record, arXiv:1806.03384",
        ),
        is_feature=True,
    )

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Minus the distance to the nearest synthetic record; in [-1, 0]."""
        require_rows(view)
        nearest: Floats = -view.nearest_synthetic(1, Geometry.RANK).distances[:, 0]
        return nearest


@dataclass(frozen=True)
class ClosestRecordStandard:
    """``-d1(x, S)`` with numbers in robust standard deviations instead of ranks."""

    card: ClassVar[Card] = Card(
        id="closest_record_standard",
        title="Distance to the closest record, in standard units",
        question=(
            "How near is the nearest synthetic record when numbers are compared in standard "
            "deviations?"
        ),
        how_to_read=_READING + " Standard units see noise-perturbed copies better, ranks the rest.",
        references=(
            "Chen, Yu, Zhang, Fritz 2020, GAN-Leaks, arXiv:1909.03935",
            "Park et al. 2018, distance to the closest record, arXiv:1806.03384",
        ),
        is_feature=True,
    )

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Minus the distance to the nearest synthetic record; at most 0."""
        require_rows(view)
        nearest: Floats = -view.nearest_synthetic(1, Geometry.STANDARD).distances[:, 0]
        return nearest


@dataclass(frozen=True)
class NeighborDistanceRatio:
    """``log((d2 + e) / (d1 + e))`` over the two nearest synthetic records.

    The published ratio is ``d1 / d2`` (lower = member); its logarithm with the sign turned ranks
    alike. Two exact copies of a candidate give ``0 / 0``, here a ratio of 1: the one that stands
    out is what this attack looks for, and ``closest_record`` has those.
    """

    card: ClassVar[Card] = Card(
        id="nndr",
        title="Nearest-neighbour distance ratio (NNDR)",
        question=(
            "Does one synthetic record stand out as much nearer to this person than any other?"
        ),
        how_to_read=(
            "Higher means the nearest synthetic record is far nearer than the second nearest, as "
            "it is when it was made from this person. Blind to a person copied twice."
        ),
        references=(
            "Lowe 2004, nearest-neighbour distance ratio, doi:10.1023/B:VISI.0000029664.99615.94",
        ),
        is_feature=True,
    )

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Log ratio of the second nearest to the nearest distance; at least 0."""
        require_rows(view, n_synthetic=2)
        found = view.nearest_synthetic(2, Geometry.RANK).distances
        if found.shape[1] < 2:
            raise NotApplicable("Fewer than 2 synthetic rows were found; the ratio needs 2.")
        # a hundredth of the usual floor: the ratio lives from small nearest distances
        floor = 0.01 * floor_of(found[:, 1])
        ratio: Floats = np.log(found[:, 1] + floor) - np.log(found[:, 0] + floor)
        return ratio


PLUGINS = (ClosestRecord(), ClosestRecordStandard(), NeighborDistanceRatio())
