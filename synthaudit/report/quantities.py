"""What an estimate is called, and whether it is a percentage, a decimal or a plain number."""

from __future__ import annotations

import re
from dataclasses import dataclass

from synthaudit.report import numbers
from synthaudit.types import Estimate, Interval


@dataclass(frozen=True)
class Quantity:
    """How an estimate is called and written."""

    label: str
    form: str


QUANTITIES = {
    "auc": Quantity("AUC", "decimal"),
    "advantage": Quantity("Advantage", "decimal"),
    "tpr_at_fpr_0.1": Quantity("Members named at 10% false alarms", "percent"),
    "tpr_at_fpr_0.01": Quantity("Members named at 1% false alarms", "percent"),
    "tpr_at_fpr_0.001": Quantity("Members named at 0.1% false alarms", "percent"),
    "dcr_share": Quantity("Synthetic rows nearer to train than to holdout", "percent"),
    "closer_to_training": Quantity("Synthetic rows nearer to train than to holdout", "percent"),
    "excess_copies": Quantity(
        "Synthetic rows that repeat a training row, beyond chance", "percent"
    ),
    "excess_near_copies": Quantity(
        "Synthetic rows that hug a training row, beyond chance", "percent"
    ),
    "excess_isolated_copies": Quantity(
        "Of synthetic rows about people who stand out, copies beyond chance", "percent"
    ),
    "excess_rare_numbers": Quantity("Training rows' own numbers that come back", "percent"),
    "excess_rare_categories": Quantity("Training rows' own categories that come back", "percent"),
    "excess_rare_pairs": Quantity("Training rows' own pairs of values that come back", "percent"),
    "excess_replay": Quantity(
        "Synthetic rows with an identifier or text of a training row, beyond chance", "percent"
    ),
    "dcr_p5_gap": Quantity("Closest distances (5th percentile), train less holdout", "free"),
    "nndr_p5_gap": Quantity("Distance ratios (5th percentile), train less holdout", "free"),
    "excess_overlap": Quantity("Held-out rows that are also in train, beyond chance", "percent"),
    "excess_copies_of_holdout": Quantity("Synthetic rows that repeat the holdout", "percent"),
    "blind_auc": Quantity("AUC of train against holdout", "decimal"),
    "placebo_auc": Quantity("AUC of the placebo", "decimal"),
    "smallest_detectable_auc": Quantity("Smallest AUC that would show", "decimal"),
    "column_fit": Quantity("Fit of single columns", "decimal"),
    "pair_fit": Quantity("Fit of pairs of columns", "decimal"),
    "detector_auc": Quantity("AUC of synthetic against training rows", "decimal"),
}
ACRONYMS = {"auc", "tpr", "fpr", "dcr", "nndr", "ims", "id", "roc", "ks", "tv"}
A_SHARE = re.compile(
    r"(share|rate|fraction|precision|recall|copies|copied|excess|rows|records|identified|tpr)"
)


def quantity(estimate_name: str) -> Quantity:
    """The label and form of an estimate; unknown names are read from their words."""
    known = QUANTITIES.get(estimate_name)
    if known is not None:
        return known
    words = [
        word.upper() if word in ACRONYMS else word for word in re.split(r"[_\s]+", estimate_name)
    ]
    label = " ".join(word for word in words if word) or estimate_name
    return Quantity(label[:1].upper() + label[1:], _form(estimate_name))


def _form(estimate_name: str) -> str:
    if estimate_name.startswith("n_"):
        return "free"
    if "auc" in estimate_name or "advantage" in estimate_name:
        return "decimal"
    return "percent" if A_SHARE.search(estimate_name) else "free"


def form_of(estimate: Estimate) -> str:
    """The form an estimate is written in: a share only where every part of it is one."""
    form = quantity(estimate.name).form
    parts = [estimate.value, estimate.low, estimate.high, estimate.null]
    fits = all(part is None or -1 <= part <= 1 for part in parts)
    return form if fits or form == "free" else "free"


def exactly(value: float, form: str) -> str:
    """A number that was set, not measured: ``0.5`` where a measurement would read ``0.500``."""
    return numbers.percent(value) if form == "percent" else numbers.free(value)


def interval_of(estimate: Estimate) -> Interval:
    """The estimate's numbers alone."""
    return Interval(estimate.value, estimate.low, estimate.high)
