"""Which training rows are exposed, which synthetic rows point at them, which columns agree.

This is the leak itself, sorted. It never enters the report: only ``outputs`` writes it, into
``confidential/``, and only when it was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synthaudit.measure import Measurements
from synthaudit.report.confidential import Exposed
from synthaudit.stats.identified import benjamini_hochberg, conformal_p_values
from synthaudit.stats.persons import labels_by_person
from synthaudit.types import Bools, EncodedTable, Floats, Ints

if TYPE_CHECKING:
    from synthaudit.corridor import Observations
    from synthaudit.data import Challenge

NAMED_AT = 0.01
"""Members are listed when they are singled out, or named at this rate of false alarms."""
POINTING = 3
"""Synthetic rows listed for each training row."""
NEAREST = 10
"""Nearest synthetic rows that are looked at, whatever they share."""
RAREST = 3
"""Rarest values of a row by which synthetic rows are looked up."""
MOST_SHARING = 50
"""Synthetic rows looked at for each of those values."""


def exposed_of(observed: Observations, measured: Measurements) -> tuple[Exposed, ...]:
    """The exposed training rows, the surest first; empty when no attack could be measured.

    Where rows are grouped by person, all rows of an exposed person are listed with what holds for
    the person. A member is listed when it is among those singled out with a bounded share of false
    identifications, or when at most 1 % of non-members score as high. Of the latter about 1 % of
    all members are listed even when nothing leaks, which the page says.

    What it cannot show: *why* the attack is sure. The synthetic rows listed are those that share
    the row's rarest values or lie nearest to it; an attack may have used something else.
    """
    if measured.strongest is None or measured.identified is None:
        return ()
    challenge, scores = observed.challenge, measured.strongest.tail.scores
    person, labels = _persons(challenge)
    p_values, singled = np.ones(labels.size), np.zeros(labels.size, dtype=np.bool_)
    p_values[labels] = conformal_p_values(scores, labels)
    singled[labels] = benjamini_hochberg(p_values[labels], measured.identified.q)
    # 1 + how many candidates the attack is surer of
    ranks = 1 + scores.size - np.searchsorted(np.sort(scores), scores, side="right")
    witnesses = Witnesses.of(observed)
    found = []
    for candidate in np.flatnonzero((singled | (labels & (p_values <= NAMED_AT)))[person]):
        rows, columns = witnesses.of_candidate(int(candidate))
        who = person[candidate]
        found.append(
            Exposed(
                row=int(challenge.source_rows[candidate]),
                rank=int(ranks[who]),
                p_value=float(p_values[who]),
                singled_out=bool(singled[who]),
                synthetic_rows=rows,
                columns=columns,
            )
        )
    return tuple(sorted(found, key=lambda one: (one.rank, one.row)))


def _persons(challenge: Challenge) -> tuple[Ints, Bools]:
    """Whose row every candidate is, and which persons are members; a row each without groups."""
    if challenge.persons is None:
        return np.arange(challenge.n_candidates, dtype=np.int64), challenge.is_member
    return challenge.persons, labels_by_person(challenge.is_member, challenge.persons)


@dataclass(frozen=True, eq=False)
class Witnesses:
    """Synthetic rows by what they share with a candidate.

    Attributes
    ----------
    names : column names, in the order of ``candidates`` and ``synthetic``
    candidates, synthetic : (n, n_columns) int64
        One number per distinct value; equal numbers are equal values (missing is a value).
    surprise : (n_candidates, n_columns) float64
        Minus the logarithm of how frequent the candidate's value is among all candidates.
    order, sorted_values : (n_synthetic, n_columns)
        Every column's rows sorted by value, and the values in that order.
    nearest : (n_candidates, k) int64, the nearest synthetic rows
    file_rows : (n_synthetic,) int64, position of every synthetic row in its file
    """

    names: tuple[str, ...]
    candidates: Ints
    synthetic: Ints
    surprise: Floats
    order: Ints
    sorted_values: Ints
    nearest: Ints
    file_rows: Ints

    @classmethod
    def of(cls, observed: Observations) -> Witnesses:
        """Values of both tables as numbers, and how rare each is."""
        view = observed.challenge.adversary
        candidates, synthetic = _values(view.candidates, view.synthetic)
        surprise = np.empty(candidates.shape)
        for j in range(candidates.shape[1]):
            counts = np.bincount(candidates[:, j])
            surprise[:, j] = -np.log(counts[candidates[:, j]] / candidates.shape[0])
        order = np.argsort(synthetic, axis=0, kind="stable")
        return cls(
            (*view.schema.numbers, *view.schema.categories),
            candidates,
            synthetic,
            surprise,
            order,
            np.take_along_axis(synthetic, order, axis=0),
            view.nearest_synthetic(NEAREST, sample_only=True).rows,
            observed.challenge.auditor.frames["synthetic"].index.to_numpy(np.int64),
        )

    def of_candidate(self, candidate: int) -> tuple[tuple[int, ...], tuple[str, ...]]:
        """The synthetic rows that point at a candidate, and the columns the first agrees in."""
        near = self.nearest[candidate]
        pool = np.unique(np.concatenate([near[near >= 0], *self._sharing(candidate)]))
        agrees = self.synthetic[pool] == self.candidates[candidate]
        weight = agrees @ self.surprise[candidate]
        place = np.full(pool.size, NEAREST)
        for i, row in enumerate(near):
            place[pool == row] = i
        best = np.lexsort((pool, place, -weight))[:POINTING]
        columns = tuple(
            name for name, same in zip(self.names, agrees[best[0]], strict=True) if same
        )
        return tuple(int(row) for row in self.file_rows[pool[best]]), columns

    def _sharing(self, candidate: int) -> list[Ints]:
        """Synthetic rows that hold the candidate's rarest values."""
        found = []
        for j in np.argsort(-self.surprise[candidate], kind="stable")[:RAREST]:
            value = self.candidates[candidate, j]
            start = int(np.searchsorted(self.sorted_values[:, j], value, side="left"))
            stop = int(np.searchsorted(self.sorted_values[:, j], value, side="right"))
            found.append(self.order[start : min(stop, start + MOST_SHARING), j])
        return found


def _values(first: EncodedTable, second: EncodedTable) -> tuple[Ints, Ints]:
    """Both tables with every distinct value of a column as one number."""
    columns: list[NDArray[np.int64]] = []
    for j in range(first.values.shape[1]):
        stacked = np.concatenate([first.values[:, j], second.values[:, j]])
        # NaN is one value: np.unique takes all of them together
        columns.append(np.unique(stacked, return_inverse=True)[1].astype(np.int64))
    for j in range(first.codes.shape[1]):
        stacked = np.concatenate([first.codes[:, j], second.codes[:, j]])
        columns.append(stacked.astype(np.int64))
    table = np.stack(columns, axis=1)
    return table[: first.n_rows], table[first.n_rows :]
