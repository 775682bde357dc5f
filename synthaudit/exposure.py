"""Who bears a leak and which columns carry it: by column, and by groups the user names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from synthaudit.data import Challenge
from synthaudit.data.views import AdversaryView
from synthaudit.errors import UsageError
from synthaudit.measure import Subgroups
from synthaudit.parallel import Context
from synthaudit.plugins import run_attack
from synthaudit.registry import select_attacks
from synthaudit.stats import by_person, labels_by_person
from synthaudit.stats.auc import auc_estimate
from synthaudit.stats.binomial import difference
from synthaudit.stats.ranks import midranks
from synthaudit.stats.strata import MIN_SIDE
from synthaudit.types import Attack, Bools, Estimate, Floats, Interval, Ints

if TYPE_CHECKING:
    import pandas as pd

MOST_CANDIDATES = 1_000
"""Candidates that columns are judged with: they are compared with each other, not with a limit."""
MOST_COLUMNS = 30
"""Columns reported, the most exposed first."""
BATTERY = ("value_fingerprint", "calibrated_closest_record")
"""Label-blind, cheap, and between them blind to little: exact values and closeness."""
RARE = 2
"""Values that at most this many candidates have are somebody's own."""
MOST_GROUPS = 12
QUARTERS = ("lowest quarter", "second quarter", "third quarter", "highest quarter")
OTHERS, MISSING = "all rarer values together", "missing"


@dataclass(frozen=True)
class ColumnFigures:
    """One column: an attack that sees nothing else, one that sees all the others, rare values."""

    column: str
    alone: Estimate
    without: Estimate | None
    reused: Interval
    """Share of members whose rare value here occurs in the synthetic table, less that of
    non-members."""


def columns_exposed(challenge: Challenge, context: Context) -> tuple[ColumnFigures, ...]:
    """Attack with each column alone and with each left out, the most exposed column first.

    The score is the mean rank of two attacks (exact values; closest record against the pool), on at
    most 1,000 candidates.

    What it cannot show: intervals are each column's own, so that of thirty columns one or two lie
    beyond chance by luck; leaks that no column carries by itself; the strength of better attacks.
    """
    pool = challenge.adversary.candidates
    if pool.n_columns < 1 or min(challenge.n_members, challenge.n_nonmembers) < 2:
        return ()
    # the pool is in a random order, persons' rows apart: whole persons are kept
    some = np.arange(pool.n_rows) < MOST_CANDIDATES
    if challenge.persons is not None:
        some = challenge.persons < MOST_CANDIDATES
    asked = _Asked(challenge, np.flatnonzero(some), context)
    names = (*asked.view.schema.numbers, *asked.view.schema.categories)
    alone = {name: asked.auc("alone", (name,)) for name in names}
    order = sorted(names, key=lambda name: (-(alone[name].value or 0.0), name))[:MOST_COLUMNS]
    return tuple(
        ColumnFigures(
            name,
            alone[name],
            asked.auc("without", tuple(n for n in names if n != name)) if len(names) > 1 else None,
            asked.reused(name),
        )
        for name in order
    )


class _Asked:
    """Some candidates of a challenge, asked about some columns at a time."""

    def __init__(self, challenge: Challenge, rows: Ints, context: Context) -> None:
        view = challenge.adversary
        self.context = context
        self.is_member = challenge.is_member[rows]
        self.view = AdversaryView(
            view.candidates.take(rows),
            view.synthetic,
            view.schema,
            view.candidate_frame.iloc[rows].reset_index(drop=True),
            view.synthetic_frame,
            view.jobs,
            persons=None if view.persons is None else view.persons[rows],
        )
        self.attacks = select_attacks(BATTERY)
        self.said: dict[tuple[str, str], Floats] = {}
        """What an attack that adds up says of each column alone, by attack and column. Asked anew
        for every column left out, it would be most of the work in a wide table."""

    def auc(self, what: str, names: tuple[str, ...]) -> Estimate:
        """AUC of the battery's mean rank when only ``names`` can be seen."""
        view = self.view.with_columns(names)
        total = np.zeros(view.n_candidates)
        for attack in self.attacks:
            answer = self._answer(attack, view, names)
            if answer is not None:
                total += midranks(answer)
        scores, labels = self._persons(total)
        found = auc_estimate(scores, labels)
        return Estimate(
            f"auc_{what}", found.value, found.low, found.high, found.n, 0.5, method=found.method
        )

    def _answer(self, attack: Attack, view: AdversaryView, names: tuple[str, ...]) -> Floats | None:
        alone = [(attack.card.id, name) for name in names]
        if attack.card.adds_up and all(one in self.said for one in alone):
            total = np.zeros(view.n_candidates)
            for one in alone:  # one by one: a sum in another order has other last digits
                total += self.said[one]
            return total
        answer = run_attack(attack, view, self.context).answer
        if attack.card.adds_up and answer is not None and len(alone) == 1:
            self.said[alone[0]] = answer
        return answer

    def _persons(self, scores: Floats) -> tuple[Floats, Bools]:
        if self.view.persons is None:
            return scores, self.is_member
        persons = np.unique(self.view.persons, return_inverse=True)[1].reshape(-1)
        return by_person(scores, persons), labels_by_person(self.is_member, persons)

    def reused(self, name: str) -> Interval:
        """Members less non-members whose rare value of this column comes back."""
        view = self.view.with_columns((name,))
        cells = [
            (table.values if name in view.schema.numbers else table.codes)[:, 0].astype(np.float64)
            for table in (view.candidates, view.synthetic)
        ]
        present = ~np.isnan(cells[0]) & (cells[0] != 0 if name in view.schema.categories else True)
        _, code, counts = np.unique(cells[0], return_inverse=True, return_counts=True)
        again = (counts[code] <= RARE) & present & np.isin(cells[0], cells[1])
        labels = self.is_member
        if view.persons is not None:
            scores, labels = self._persons(again.astype(np.float64))
            again = scores > scores.min()
        k1, k0 = int(again[labels].sum()), int(again[~labels].sum())
        gap = difference(k1, int(labels.sum()), k0, int((~labels).sum()))
        return Interval(gap.value, gap.low, gap.high)


def subgroups(challenge: Challenge, columns: tuple[str, ...]) -> tuple[Subgroups, ...]:
    """Candidates grouped by each of the named columns.

    Numbers and dates are cut into quarters. Of a category only levels with at least 20 members and
    20 non-members are named; all others are one group, so that no rare name leaves the building.

    Raises
    ------
    UsageError
        When a name is no column of the three tables that takes part in comparisons.
    """
    schema = challenge.adversary.schema
    for name in columns:
        if name not in (*schema.numbers, *schema.categories):
            raise UsageError(
                f"Exposure by {name!r} cannot be told: name a number, date or category column "
                "that all three tables have (synthaudit doctor lists them)."
            )
    return tuple(
        _by_quarters(challenge, name) if name in schema.numbers else _by_level(challenge, name)
        for name in columns
    )


def _by_quarters(challenge: Challenge, name: str) -> Subgroups:
    view = challenge.adversary.with_columns((name,))
    values = view.candidates.values[:, 0]
    present = values[~np.isnan(values)]
    if not present.size:
        present = np.zeros(1)
    edges = np.quantile(present, (0.25, 0.5, 0.75), method="inverted_cdf")
    groups: Ints = np.searchsorted(edges, values, side="left").astype(np.int64)
    groups[np.isnan(values)] = len(QUARTERS)
    return Subgroups(name, groups, dict(enumerate((*QUARTERS, MISSING))))


def _by_level(challenge: Challenge, name: str) -> Subgroups:
    view = challenge.adversary.with_columns((name,))
    codes = view.candidates.codes[:, 0].astype(np.int64)
    sides = challenge.is_member, ~challenge.is_member
    counts = [_persons_of(codes, side, challenge.persons) for side in sides]
    fewest = np.minimum(*counts)
    # codes are in order of falling frequency
    shown = [int(c) for c in np.flatnonzero(fewest >= MIN_SIDE) if c > 0][:MOST_GROUPS]
    words = _words(challenge.adversary.candidate_frame[name], codes)
    names = {code: words[code] for code in shown}
    if fewest[0] > 0:
        names[0] = MISSING
    groups = np.where(np.isin(codes, [*names]), codes, -1)
    if (groups == -1).any():
        names[-1] = OTHERS
    return Subgroups(name, groups, names)


def _persons_of(codes: Ints, side: Bools, persons: Ints | None) -> Ints:
    """How many candidates of one side have each code; persons where rows are grouped."""
    found = codes[side]
    if persons is not None:
        found = np.unique(np.stack([found, persons[side]]), axis=1)[0]
    return np.bincount(found, minlength=int(codes.max()) + 1)


def _words(cells: pd.Series[Any], codes: Ints) -> dict[int, str]:
    found = zip(*np.unique(codes, return_index=True), strict=True)
    return {int(code): str(cells.iloc[int(row)])[:60] for code, row in found}
