"""Distance to the closest synthetic record, compared with the closest other candidate.

The reference is the unlabelled pool itself with the candidate left out: leaving out is done to
members and non-members alike, so nothing is spent on a reference table and nothing leaks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from synthaudit.attacks._calibration import calibrated
from synthaudit.data.views import AdversaryView, Geometry
from synthaudit.parallel import Context
from synthaudit.types import Card, Floats

_READING = (
    "Higher means the synthetic table comes nearer to this person than the other people in the "
    "pool do. 0 would be a tie; only the order of people counts, because tables of different "
    "size move all scores together."
)
_REFERENCES = (
    "This project: log ratio to the leave-one-out pool (docs/attacks.md)",
    "Chen, Yu, Zhang, Fritz 2020, GAN-Leaks, arXiv:1909.03935 (calibrated by a difference)",
)


@dataclass(frozen=True)
class CalibratedClosestRecord:
    """``log(d1(x, P without x) + e) - log(d1(x, S) + e)`` with Gower's distance on ranks.

    The ratio form of calibrated GAN-Leaks; the difference form that is usually shipped weighs
    sparse regions too much and loses at low false-positive rates.
    """

    card: ClassVar[Card] = Card(
        id="calibrated_closest_record",
        title="Closest record, calibrated by the pool",
        question=(
            "Is the nearest synthetic record nearer to this person than the nearest other person?"
        ),
        how_to_read=_READING,
        references=_REFERENCES,
        is_feature=True,
    )

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Log ratio of the two nearest distances."""
        return calibrated(view, Geometry.RANK)


@dataclass(frozen=True)
class CalibratedClosestRecordK5:
    """The mean log ratio over the five nearest, with Gower's distance on ranks."""

    card: ClassVar[Card] = Card(
        id="calibrated_closest_record_k5",
        title="Five closest records, calibrated by the pool",
        question=(
            "Are the five nearest synthetic records nearer to this person than the five nearest "
            "other people?"
        ),
        how_to_read=_READING + " Five neighbours see a region that was learned too well.",
        references=_REFERENCES,
        is_feature=True,
    )

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Mean log ratio of the five nearest distances."""
        return calibrated(view, Geometry.RANK, k=5)


@dataclass(frozen=True)
class CalibratedClosestRecordStandard:
    """The log ratio of nearest distances with numbers in robust standard deviations."""

    card: ClassVar[Card] = Card(
        id="calibrated_closest_record_standard",
        title="Closest record in standard units, calibrated by the pool",
        question=(
            "Is the nearest synthetic record nearer to this person than the nearest other person, "
            "in standard deviations?"
        ),
        how_to_read=_READING + " Standard units see noise-perturbed and smoothed copies better.",
        references=_REFERENCES,
        is_feature=True,
    )

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Log ratio of the two nearest distances."""
        return calibrated(view, Geometry.STANDARD)


@dataclass(frozen=True)
class CalibratedClosestRecordK5Standard:
    """The mean log ratio over the five nearest with numbers in robust standard deviations."""

    card: ClassVar[Card] = Card(
        id="calibrated_closest_record_k5_standard",
        title="Five closest records in standard units, calibrated by the pool",
        question=(
            "Are the five nearest synthetic records nearer to this person than the five nearest "
            "other people, in standard deviations?"
        ),
        how_to_read=_READING + " Five neighbours see a region that was learned too well.",
        references=_REFERENCES,
        is_feature=True,
    )

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Mean log ratio of the five nearest distances."""
        return calibrated(view, Geometry.STANDARD, k=5)


PLUGINS = (
    CalibratedClosestRecord(),
    CalibratedClosestRecordK5(),
    CalibratedClosestRecordStandard(),
    CalibratedClosestRecordK5Standard(),
)
