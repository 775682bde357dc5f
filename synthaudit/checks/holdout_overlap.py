"""Is the holdout free of training rows, and are both tables free of multiplied rows?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthaudit.checks._contents import contents_of
from synthaudit.checks._excess import least_by_chance, most_by_chance
from synthaudit.checks._twins import Sided, dealt, near_pairs
from synthaudit.checks._units import units_of
from synthaudit.data.views import AuditorView
from synthaudit.parallel import Context
from synthaudit.stats.binomial import share_estimate
from synthaudit.types import Card, Estimate, Finding, Ints, Notice, ThreatModel

RARE = 10
"""Contents with more rows than this are frequent anyway: a twin says nothing about the person."""
LEAST_CONTENTS = 20


@dataclass(frozen=True)
class Pairs:
    """Pairs of equal real rows: in different tables, and in the same.

    A random split puts the two rows of a pair into different tables with probability ``apart``, so
    ``unsplit * apart / (1 - apart)`` split pairs are coincidence. Larger groups are split more
    often and are left to the test, which knows their sizes.
    """

    split: int
    unsplit: int
    apart: float

    @property
    def excess(self) -> float:
        """Split pairs beyond coincidence."""
        if self.apart >= 1:
            return float(self.split)
        return self.split - self.unsplit * self.apart / (1 - self.apart)


def apart_chance(n_train: int, n_holdout: int) -> float:
    """Probability that a random split puts two given rows into different tables."""
    n = n_train + n_holdout
    return 2 * n_train * n_holdout / (n * (n - 1))


def equal_pairs(train: Ints, holdout: Ints, n_train: int, n_holdout: int) -> Pairs:
    """Contents with exactly two real rows, from their counts by table."""
    split = int(np.sum((train == 1) & (holdout == 1)))
    unsplit = int(np.sum((train + holdout == 2) & (train != 1)))
    return Pairs(split, unsplit, apart_chance(n_train, n_holdout))


@dataclass(frozen=True)
class HoldoutOverlap:
    """Rows that occur in train and holdout, and rows that were multiplied inside one of them.

    Equal rows are grouped and each group compared with a random split of the real rows: groups that
    are split too often are rows put into both tables, groups that are split too rarely were
    multiplied after the split. Frequent contents are split by every deal and cancel by themselves.
    Near twins (each other's nearest row, five times closer than the next) are tested alike.

    A holdout row that is also a training row is a member called a non-member: with a share s of
    such rows every membership advantage shrinks by the factor 1 - s.

    What it cannot show: the same person in both tables with different cells.

    Attributes
    ----------
    level : float
        p-value below which a departure from a random split is taken as real.
    invalid_from, warn_from : float
        Shares of rows beyond coincidence from which the audit is invalid, or warned about.
    repeated_from : float
        Share of repeated rows, in one table only, from which it is invalid: an attack that asks
        who has a twin in the pool would show that much without a leak.
    """

    confidence: float = 0.95
    level: float = 1e-3
    invalid_from: float = 0.05
    warn_from: float = 0.01
    repeated_from: float = 0.1
    reach: float = 0.2

    card: ClassVar[Card] = Card(
        id="holdout_overlap",
        title="Rows in both train and holdout",
        question="Is the holdout really a set of people the generator never saw?",
        how_to_read=(
            "The excess is the share of holdout rows that also occur in train beyond what equal "
            "rows inside each table lead to expect. It should be zero; from a twentieth upwards no "
            "membership figure of this audit can be trusted."
        ),
        references=("The comparison with a random split of equal rows is this project's own",),
        threat_model=ThreatModel.AUDITOR,
    )

    def run(self, view: AuditorView, context: Context) -> Finding:
        """Compare equal rows and near twins with a random split."""
        contents = contents_of(view)
        n_train, n_holdout = view.train.n_rows, view.holdout.n_rows
        counts = contents.counts("train"), contents.counts("holdout")
        times = multiplied(counts[0]), multiplied(counts[1])
        train, holdout = counts[0] // times[0], counts[1] // times[1]
        sizes = view.n_units("train") // times[0], view.n_units("holdout") // times[1]
        groups = dealt(train, holdout, *sizes)
        equal = equal_pairs(train, holdout, *sizes)
        near, near_split = self._near(view, n_train, n_holdout)
        rare = (train + holdout <= RARE) & (train > 0)
        overlap = int(rare[contents.rows["holdout"]].sum())
        repeated = _repeated(counts[0]), _repeated(counts[1])
        estimates = (
            self._overlap(equal, groups.split, sizes[1]),
            self._share("overlap_rows", overlap, n_holdout,
                        "share of holdout rows equal to a training row, contents of more than "
                        f"{RARE} real rows set aside"),
            self._share("repeated_rows_train", repeated[0], n_train,
                        "share of training rows that repeat an earlier training row"),
            self._share("repeated_rows_holdout", repeated[1], n_holdout,
                        "share of holdout rows that repeat an earlier holdout row"),
            self._share("near_twins_split", near.split, near.split + near.unsplit,
                        "share of near twins among the real rows with one row in each table; "
                        "null: a random split", near.apart),
        )  # fmt: skip
        # groups of more than two rows show in the test only
        shared = max(equal.excess, groups.split.n_groups - groups.split.expected)
        notices = [
            self._persons_notice(view),
            self._overlap_notice(
                "rows-in-train-and-holdout", "", shared / min(sizes), groups.split
            ),
            self._overlap_notice(
                "near-twins-in-train-and-holdout", "nearly ",
                near.excess / min(n_train, n_holdout), near_split,
            ),
            self._repeat_notice("train", repeated[0] / n_train, groups.in_train, times[0]),
            self._repeat_notice("holdout", repeated[1] / n_holdout, groups.in_holdout, times[1]),
        ]  # fmt: skip
        return Finding(estimates, notices=tuple(n for n in notices if n is not None))

    def _near(self, view: AuditorView, n_train: int, n_holdout: int) -> tuple[Pairs, Sided]:
        from scipy.stats import binom

        apart = apart_chance(n_train, n_holdout)
        if n_train + n_holdout < 4:
            return Pairs(0, 0, apart), Sided(0, 0.0, 1.0)
        first, second = near_pairs(view, self.reach)
        whose = units_of(view)[0]
        others = whose[first] != whose[second]
        first, second = first[others], second[others]
        split = int(np.sum((first < n_train) != (second < n_train)))
        p_value = float(binom.sf(split - 1, first.size, apart)) if first.size else 1.0
        pairs = Pairs(split, int(first.size) - split, apart)
        return pairs, Sided(split, first.size * apart, p_value)

    def _overlap(self, pairs: Pairs, split: Sided, n_holdout: int) -> Estimate:
        tail = (1 - self.confidence) / 2
        low = pairs.split - most_by_chance(pairs.unsplit, pairs.apart, tail)
        high = pairs.split - least_by_chance(pairs.unsplit, pairs.apart, tail)
        return Estimate(
            "excess_overlap", pairs.excess / n_holdout, max(low / n_holdout, -1.0),
            high / n_holdout, n_holdout, 0.0, self.confidence,
            "exact conditional prediction of the chance count from the unsplit pairs (Nelson 1970)",
            f"rows of pairs of equal real rows; {split.n_groups} groups of equal real rows are "
            f"split over both tables, {split.expected:.1f} expected if the real rows had been "
            f"split at random (p {split.p_value:.2g})",
        )  # fmt: skip

    def _share(
        self, name: str, count: int, n: int, note: str, null: float | None = None
    ) -> Estimate:
        e = share_estimate(name, count, n, confidence=self.confidence)
        return Estimate(name, e.value, e.low, e.high, n, null, e.confidence, e.method, note)

    def _overlap_notice(self, code: str, how: str, share: float, split: Sided) -> Notice | None:
        if split.p_value > self.level or share < self.warn_from:
            return None
        severity = "invalid" if share >= self.invalid_from else "warn"
        return Notice(
            code,
            f"About {share:.1%} of the real rows are {how}equal in train and holdout beyond "
            f"coincidence ({split.n_groups} pairs or groups split over both, "
            f"{split.expected:.0f} expected): the holdout must hold rows the generator never saw; "
            "remove the shared rows from it or draw it anew.",
            "holdout",
            None,
            severity,
        )

    def _persons_notice(self, view: AuditorView) -> Notice | None:
        """Persons by their key: being in both tables is no coincidence."""
        if view.persons is None:
            return None
        holdout = np.unique(view.persons["holdout"])
        n_both = int(np.isin(holdout, view.persons["train"]).sum())
        if not n_both:
            return None
        severity = "invalid" if n_both >= self.invalid_from * holdout.size else "warn"
        return Notice(
            "persons-in-train-and-holdout",
            f"{n_both:,} of the {holdout.size:,} persons of the holdout have rows in train too, so "
            "they are members; their holdout rows were not attacked. Split by person (synthaudit "
            "split --group-key).",
            "holdout",
            None,
            severity,
        )

    def _repeat_notice(self, name: str, share: float, alone: Sided, times: int) -> Notice | None:
        if share < self.warn_from or (times == 1 and alone.p_value > self.level):
            return None
        how = (
            f"every row occurs {times} times or a multiple of that"
            if times > 1
            else f"{alone.n_groups} contents occur several times in {name} alone, "
            f"{alone.expected:.0f} expected"
        )
        return Notice(
            "repeated-rows",
            f"{share:.1%} of the {name} rows repeat an earlier row of the same table ({how}): they "
            "are fewer people than rows, and having a twin tells the tables apart; remove the "
            "repetitions or name the column that identifies a person (--group-key).",
            name,
            None,
            "invalid" if share >= self.repeated_from else "warn",
        )


def multiplied(counts: Ints) -> int:
    """How many times a whole table was repeated: the common divisor of its contents' counts.

    Rows all doubled would hide an overlap behind their own pairs. With few distinct contents a
    common divisor is luck, and 1 is returned.
    """
    present = counts[counts > 0]
    return int(np.gcd.reduce(present)) if present.size >= LEAST_CONTENTS else 1


def _repeated(counts: Ints) -> int:
    """Rows beyond the first of their content, frequent contents left out."""
    return int(np.sum(np.maximum(counts - 1, 0)[counts <= RARE]))


PLUGINS = (HoldoutOverlap(),)
