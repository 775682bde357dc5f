"""Values that a single training row has, and the synthetic table too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np

from synthaudit.checks._contents import Contents, contents_of
from synthaudit.checks._excess import excess
from synthaudit.checks._units import once_each, units_of
from synthaudit.data.views import AuditorView
from synthaudit.errors import NotApplicable
from synthaudit.parallel import Context, thread_stream
from synthaudit.stats.binomial import share_estimate
from synthaudit.types import Bools, Card, Estimate, Finding, Ints, ThreatModel

MOST_PAIRS = 300
"""Pairs of categories looked at; the text of the card says so."""


@dataclass(frozen=True, eq=False)
class Singles:
    """Per person (per real row, train first, where each row is one): how many values nobody else

    has, and how many of those occur in the synthetic table.
    """

    had: Ints
    reused: Ints


def singles(
    real: Ints, synthetic: Ints, skip: Bools, whose: Ints | None = None
) -> tuple[Ints, Bools]:
    """Real rows whose code occurs once among the real rows, and whether the synthetic table has it.

    Parameters
    ----------
    real, synthetic : (n_real,) and (n_synthetic,) int64 codes
    skip : (n_real,) bool; rows not to be counted (missing cells)
    whose : (n_real,) int64, optional; persons: a value that one person's rows repeat is single
    """
    first = np.arange(real.size) if whose is None else np.sort(once_each(real, whose))
    _, codes, counts = np.unique(real[first], return_inverse=True, return_counts=True)
    rows = first[(counts[codes] == 1) & ~skip[first]].astype(np.int64)
    return rows, np.isin(real[rows], synthetic)


def _tally(found: Iterator[tuple[Ints, Bools]], whose: Ints) -> Singles:
    n_units = int(whose.max()) + 1
    had, reused = np.zeros(n_units, dtype=np.int64), np.zeros(n_units, dtype=np.int64)
    for rows, again in found:
        had += np.bincount(whose[rows], minlength=n_units)
        reused += np.bincount(whose[rows[again]], minlength=n_units)
    return Singles(had, reused)


def _real(contents: Contents, j: int) -> Ints:
    return np.concatenate([contents.columns["train"][:, j], contents.columns["holdout"][:, j]])


def _columns(contents: Contents, numbers: bool, whose: Ints) -> Iterator[tuple[Ints, Bools]]:
    for j, is_number in enumerate(contents.is_number):
        if is_number is numbers:
            real = _real(contents, j)
            missing = real == contents.missing[j]
            yield singles(real, contents.columns["synthetic"][:, j], missing, whose)


def _pairs(
    contents: Contents, rng: np.random.Generator, whose: Ints, jobs: int
) -> Iterator[tuple[Ints, Bools]]:
    """Pairs of categories that are each seen elsewhere, but together in one real row only."""
    categories = [j for j, is_number in enumerate(contents.is_number) if not is_number]
    pairs = list(combinations(categories, 2))
    if len(pairs) > MOST_PAIRS:
        pairs = [pairs[i] for i in np.sort(rng.permutation(len(pairs))[:MOST_PAIRS])]
    alone = {
        j: np.bincount(real[once_each(real, whose)]) == 1
        for j in categories
        for real in (_real(contents, j),)
    }

    def together(pair: tuple[int, int]) -> tuple[Ints, Bools]:
        a, b = pair
        first, second = _real(contents, a), _real(contents, b)
        made_up = contents.columns["synthetic"]
        width = int(max(second.max(), made_up[:, b].max())) + 1
        skip = (first == 0) | (second == 0) | alone[a][first] | alone[b][second]
        again = made_up[:, a] * width + made_up[:, b]
        return singles(first * width + second, again, skip, whose)

    return thread_stream(together, pairs, jobs)


@dataclass(frozen=True)
class RareValues:
    """Values seen in exactly one real row: how many of train's come back, and of the holdout's.

    A value that only one person has names that person, in whatever row it comes back. The mirror
    image in the holdout is the rate of coincidence: integers and common measurements come back by
    themselves. Counted separately for categories, numbers and pairs of categories that are common
    one by one. A row counts as one unit however many of its values return. No value is ever shown.

    What it cannot show: rare values that were altered, and combinations of three or more.
    """

    confidence: float = 0.95

    card: ClassVar[Card] = Card(
        id="rare_values",
        title="Rare values carried over",
        question="Do values that only one training row has come back in the synthetic table?",
        how_to_read=(
            "Each figure is a share of the values that exactly one training row (and no holdout "
            "row) has, in excess of what comes back of the holdout's own such values by chance. "
            "Zero means none. Of more than 300 pairs of categories, 300 random ones are looked at."
        ),
        references=("The mirror-image count and its excess are this project's own",),
        threat_model=ThreatModel.AUDITOR,
    )

    def run(self, view: AuditorView, context: Context) -> Finding:
        """Count single values of categories, of numbers and of pairs of categories."""
        contents = contents_of(view)
        whose, *presence = units_of(view)
        kinds = {
            "rare_categories": _columns(contents, False, whose),
            "rare_numbers": _columns(contents, True, whose),
            "rare_pairs": _pairs(contents, context.streams.rng("pairs"), whose, context.jobs),
        }
        estimates: list[Estimate] = []
        for name, found in kinds.items():
            estimates += self._excess(name, _tally(found, whose), presence[0], presence[1])
        if not estimates:
            raise NotApplicable("No value is confined to a single training row.")
        return Finding(tuple(estimates))

    def _excess(
        self, name: str, found: Singles, in_train: Ints, in_holdout: Ints
    ) -> list[Estimate]:
        n, n_mirror = int(found.had @ in_train), int(found.had @ in_holdout)
        if n == 0:
            return []
        sizes = int(in_train.sum()), int(in_holdout.sum())
        answer = excess(found.reused, in_train, in_holdout, *sizes, n, self.confidence)
        again, mirror = int(found.reused @ in_train), int(found.reused @ in_holdout)
        note = (
            f"{again} of {n} single values of train come back, {mirror} of {n_mirror} of the "
            f"holdout; they belong to {answer.n_units_train} and {answer.n_units_holdout} rows"
        )
        train = share_estimate(f"{name}_train", answer.found * n, n, confidence=self.confidence)
        return [
            answer.estimate(f"excess_{name}", note),
            Estimate(
                train.name, train.value, train.low, train.high, n, answer.expected,
                self.confidence, train.method,
                "share of train's single values that come back; null: by chance",
            ),
        ]  # fmt: skip


PLUGINS = (RareValues(),)
