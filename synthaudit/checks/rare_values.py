"""Values that a single training row has, and the synthetic table too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np

from synthaudit.checks._contents import Contents, contents_of
from synthaudit.checks._excess import excess
from synthaudit.data.views import AuditorView
from synthaudit.errors import NotApplicable
from synthaudit.parallel import Context
from synthaudit.stats.binomial import share_estimate
from synthaudit.types import Bools, Card, Estimate, Finding, Ints, ThreatModel

MOST_PAIRS = 300


@dataclass(frozen=True, eq=False)
class Singles:
    """Per real row (train first): how many of its values no other real row has, and how many of

    those occur in the synthetic table.
    """

    had: Ints
    reused: Ints


def singles(real: Ints, synthetic: Ints, skip: Bools) -> tuple[Ints, Bools]:
    """Real rows whose code occurs once among the real rows, and whether the synthetic table has it.

    Parameters
    ----------
    real, synthetic : (n_real,) and (n_synthetic,) int64 codes
    skip : (n_real,) bool; rows not to be counted (missing cells)
    """
    _, codes, counts = np.unique(real, return_inverse=True, return_counts=True)
    rows = np.flatnonzero((counts[codes] == 1) & ~skip)
    return rows.astype(np.int64), np.isin(real[rows], synthetic)


def _tally(found: Iterator[tuple[Ints, Bools]], n_real: int) -> Singles:
    had, reused = np.zeros(n_real, dtype=np.int64), np.zeros(n_real, dtype=np.int64)
    for rows, again in found:
        had[rows] += 1
        reused[rows[again]] += 1
    return Singles(had, reused)


def _real(contents: Contents, j: int) -> Ints:
    return np.concatenate([contents.columns["train"][:, j], contents.columns["holdout"][:, j]])


def _columns(contents: Contents, numbers: bool) -> Iterator[tuple[Ints, Bools]]:
    for j, is_number in enumerate(contents.is_number):
        if is_number is numbers:
            real = _real(contents, j)
            yield singles(real, contents.columns["synthetic"][:, j], real == contents.missing[j])


def _pairs(contents: Contents, rng: np.random.Generator) -> Iterator[tuple[Ints, Bools]]:
    """Pairs of categories that are each seen elsewhere, but together in one real row only."""
    categories = [j for j, is_number in enumerate(contents.is_number) if not is_number]
    pairs = list(combinations(categories, 2))
    if len(pairs) > MOST_PAIRS:
        pairs = [pairs[i] for i in np.sort(rng.permutation(len(pairs))[:MOST_PAIRS])]
    alone = {j: np.bincount(_real(contents, j)) == 1 for j in categories}
    for a, b in pairs:
        first, second = _real(contents, a), _real(contents, b)
        made_up = contents.columns["synthetic"]
        width = int(max(second.max(), made_up[:, b].max())) + 1
        skip = (first == 0) | (second == 0) | alone[a][first] | alone[b][second]
        yield singles(first * width + second, made_up[:, a] * width + made_up[:, b], skip)


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
            "Zero means none."
        ),
        references=("The mirror-image count and its excess are this project's own",),
        threat_model=ThreatModel.AUDITOR,
    )

    def run(self, view: AuditorView, context: Context) -> Finding:
        """Count single values of categories, of numbers and of pairs of categories."""
        contents = contents_of(view)
        n_train, n_real = view.train.n_rows, view.train.n_rows + view.holdout.n_rows
        kinds = {
            "rare_categories": _columns(contents, numbers=False),
            "rare_numbers": _columns(contents, numbers=True),
            "rare_pairs": _pairs(contents, context.streams.rng("pairs")),
        }
        estimates: list[Estimate] = []
        for name, found in kinds.items():
            estimates += self._excess(name, _tally(found, n_real), n_train)
        if not estimates:
            raise NotApplicable("No value is confined to a single training row.")
        return Finding(tuple(estimates))

    def _excess(self, name: str, found: Singles, n_train: int) -> list[Estimate]:
        in_train = (np.arange(found.had.size) < n_train).astype(np.int64)
        n, n_mirror = int(found.had @ in_train), int(found.had @ (1 - in_train))
        if n == 0:
            return []
        n_holdout = found.had.size - n_train
        answer = excess(
            found.reused, in_train, 1 - in_train, n_train, n_holdout, n, self.confidence
        )
        again, mirror = int(found.reused @ in_train), int(found.reused @ (1 - in_train))
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
