"""The kinds of claim: whose definition, what it is compared with, and how near counts as the same.

Two families. A *figure* has a definition that anybody can recompute from the tables: it is
confirmed or contradicted. A *bound* says that no attacker does better than so much: an audit can
contradict it, and can never confirm it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Relation(StrEnum):
    """How the stated value relates to the truth it claims."""

    EQUALS = "equals"
    AT_MOST = "at most"


@dataclass(frozen=True)
class Kind:
    """One kind of claim."""

    id: str
    title: str
    definition: str
    """What the number is, in a sentence, by whose definition."""
    relation: Relation
    figure: tuple[str, str] | None = None
    """Check and estimate that recompute it; None for bounds on attackers and for statements."""
    tolerance: float = 0.005
    """Half a unit of the digits such figures are quoted with."""
    low: float = 0.0
    high: float = 1.0
    """Range of values that make sense."""
    own_distance: bool = False
    """Their distance needs a language model's embedding; ours stands in, so that a figure that
    comes out differently contradicts nothing."""


SDMETRICS = "SDMetrics 0.32"
MOSTLY = "MOSTLY AI's quality assurance report"

FIGURES = (
    Kind(
        "identical-rows", "Share of synthetic rows identical to a training row",
        "Synthetic rows equal to a training row in every common column, as a share.",
        Relation.AT_MOST, ("exact_copies", "copied_rows_train"), 0.0005,
    ),
    Kind(
        "sdmetrics-new-row-synthesis", "NewRowSynthesis",
        f"{SDMETRICS}: share of synthetic rows without a training row that is equal in every "
        "category and within 1% in every number.",
        Relation.EQUALS, ("vendor_new_rows", "new_row_synthesis"),
    ),
    Kind(
        "sdmetrics-dcr-overfitting-protection", "DCROverfittingProtection",
        f"{SDMETRICS}: min(2 (1 - share of synthetic rows closer to training than to the holdout), "
        "1).",
        Relation.EQUALS, ("vendor_sdmetrics", "dcr_overfitting_protection"),
    ),
    Kind(
        "sdmetrics-dcr-baseline-protection", "DCRBaselineProtection",
        f"{SDMETRICS}: median distance to training over that of uniform noise, at most 1.",
        Relation.EQUALS, ("vendor_sdmetrics", "dcr_baseline_protection"),
    ),
    Kind(
        "mostlyai-identical-matches", "Identical match share",
        f"{MOSTLY}: share of synthetic rows at distance 0 from training, tables cut to one size.",
        Relation.AT_MOST, ("vendor_mostlyai", "ims_training"), 0.0005,
    ),
    Kind(
        "mostlyai-dcr-share", "DCR share",
        f"{MOSTLY}: share of synthetic rows closer to training than to the holdout, ties one half.",
        Relation.EQUALS, ("vendor_mostlyai", "dcr_share"), own_distance=True,
    ),
    Kind(
        "mostlyai-nndr", "NNDR",
        f"{MOSTLY}: 10th smallest ratio of the distances to the nearest and second nearest "
        "training row.",
        Relation.EQUALS, ("vendor_mostlyai", "nndr_training"), own_distance=True,
    ),
    Kind(
        "dcr-share", "DCR share",
        "Share of synthetic rows closer to training than to the holdout, sizes matched, ties one "
        "half, on this audit's distance.",
        Relation.EQUALS, ("dcr_share", "dcr_share"), own_distance=True,
    ),
)  # fmt: skip
BOUNDS = (
    Kind(
        "membership-auc", "AUC of membership inference",
        "No attacker tells a member from a non-member more often than this (0.5 is guessing).",
        Relation.AT_MOST, low=0.5,
    ),
    Kind(
        "membership-advantage", "Membership advantage",
        "No attacker's share of members flagged exceeds its share of non-members flagged by more.",
        Relation.AT_MOST,
    ),
    Kind(
        "epsilon", "Epsilon of differential privacy",
        "The generator is epsilon-differentially private (one row in or out).",
        Relation.AT_MOST, high=1000.0,
    ),
    Kind(
        "identified-people", "Members that can be singled out",
        "At most this share of members can be named with 5% false identifications.",
        Relation.AT_MOST,
    ),
)  # fmt: skip
STATEMENT = Kind(
    "statement", "Statement", "Words that no measurement decides.", Relation.EQUALS
)  # fmt: skip
KINDS = {kind.id: kind for kind in (*FIGURES, *BOUNDS, STATEMENT)}
