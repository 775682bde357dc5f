"""Was the split into train and holdout random? Nobody can tell from the tables; it is asked."""

from __future__ import annotations

from synthaudit.report.sections import Validity
from synthaudit.types import AuditConfig, Notice

MEANINGS = {
    "random": "The split into train and holdout was declared random (--split random).",
    "assumed": "Nobody said whether the split into train and holdout was random; it was taken for "
    "random. The exact test and the bounds on epsilon rest on that: say so with --split random, or "
    "--split not-random.",
    "not-random": "The split into train and holdout was declared not random, so the bounds on "
    "epsilon are refused, and in every other number a difference between the tables by date, place "
    "or source may pass for a leak.",
}


def split_of(config: AuditConfig) -> Validity:
    """What was said about the split; ``passed`` is None where it was merely assumed."""
    return Validity(
        id="random-split",
        title="A random split into train and holdout",
        passed={"random": True, "not-random": False}.get(config.split),
        meaning=MEANINGS[config.split],
    )


def split_notices(config: AuditConfig) -> tuple[Notice, ...]:
    """A warning when the split was declared not random."""
    if config.split != "not-random":
        return ()
    return (Notice("split-not-random", MEANINGS["not-random"], None, severity="warn"),)
