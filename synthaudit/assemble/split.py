"""Was the split into train and holdout random? Nobody can tell from the tables; it is asked."""

from __future__ import annotations

import numpy as np

from synthaudit.data import Challenge
from synthaudit.errors import UsageError
from synthaudit.report.sections import Validity
from synthaudit.request import STRATIFIED
from synthaudit.types import AuditConfig, Ints, Notice

MEANINGS = {
    "random": "The split into train and holdout was declared random (--split random).",
    "assumed": "Nobody said whether the split into train and holdout was random; it was taken for "
    "random. The exact test and the bounds on epsilon rest on that: say so with --split random, or "
    "--split not-random.",
    "not-random": "The split into train and holdout was declared not random, so the bounds on "
    "epsilon are refused, and in every other number a difference between the tables by date, place "
    "or source may pass for a leak.",
}
WITHIN = (
    "The split into train and holdout was declared random within the values of the column {column} "
    "(--split stratified). The exact test re-deals people within those values only, and "
    "the bounds on epsilon, which need everybody's chance to be the same, are refused."
)


def split_of(config: AuditConfig) -> Validity:
    """What was said about the split; ``passed`` is None where it was merely assumed."""
    return Validity(
        id="random-split",
        title="A random split into train and holdout",
        passed={"random": True, "assumed": None, "not-random": False}.get(config.split, True),
        meaning=_meaning(config.split),
    )


def _meaning(split: str) -> str:
    if split.startswith(STRATIFIED):
        return WITHIN.format(column=split.removeprefix(STRATIFIED))
    return MEANINGS[split]


def split_within(challenge: Challenge, split: str) -> Ints | None:
    """Which candidates the split could have exchanged: (n_candidates,), None when all of them.

    Raises
    ------
    UsageError
        When the column is none of those that take part in comparisons.
    """
    if not split.startswith(STRATIFIED):
        return None
    column, schema = split.removeprefix(STRATIFIED), challenge.adversary.schema
    pool = challenge.adversary.candidates
    if column in schema.categories:
        return pool.codes[:, schema.categories.index(column)].astype(np.int64)
    if column in schema.numbers:
        values = pool.values[:, schema.numbers.index(column)]
        return np.unique(values, return_inverse=True)[1].reshape(-1).astype(np.int64)
    raise UsageError(
        f"The split cannot have been stratified by {column!r}: name a column that all three tables "
        "have and that takes part in comparisons (synthaudit doctor lists them)."
    )


def split_notices(config: AuditConfig) -> tuple[Notice, ...]:
    """A warning when the split was declared not random."""
    if config.split != "not-random":
        return ()
    return (Notice("split-not-random", MEANINGS["not-random"], None, severity="warn"),)
