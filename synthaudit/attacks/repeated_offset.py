"""Closest record after undoing an offset that keeps repeating between near rows.

When only some rows of a release were moved (every fifth person 547,082 further in one column), no
transform of the whole table undoes it and distances see nothing. But the same difference then turns
up again and again between candidates and the synthetic records that match them in every other
column, and hardly ever between candidates and each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from synthaudit.attacks._calibration import log_ratio, require_rows
from synthaudit.attacks._evidence import spread_rows
from synthaudit.data.views import AdversaryView, Geometry
from synthaudit.neighbors import NeighborIndex
from synthaudit.parallel import Context
from synthaudit.types import Bools, Card, EncodedTable, Floats, Ints

N_ASKED = 4000
"""Candidates whose nearest records are compared; all are scored."""
SIGNIFICANCE = 1e-6
"""Largest Poisson tail, times the number of differences looked at, of an offset that is undone."""
MOST_LEFT_OUT = 200
"""Columns up to which the near records are looked for anew with every column left out. In a wider
table one column is less than half a per cent of a distance and changes nobody's nearest record: one
search in all columns serves every one of them, and every column is still looked at."""
STEP = 1e-3
"""Differences this share of a standard deviation apart count as one, in columns that have no
resolution of their own."""


@dataclass(frozen=True)
class Offset:
    """A difference found much more often between S and P than within P."""

    column: int
    value: float
    excess: float
    """Votes beyond those expected, over the square root of the expected."""


@dataclass(frozen=True, eq=False)
class Matches:
    """The nearest record of some candidates.

    Only a clear one counts: which of several equally near rows is found depends on their order, and
    order must decide nothing.
    """

    reference: EncodedTable
    some: EncodedTable
    rows: Ints
    distances: Floats
    clear: Bools

    @classmethod
    def of(
        cls, view: AdversaryView, reference: EncodedTable, asked: Ints, column: int | None,
        *, itself: bool,
    ) -> Matches:  # fmt: skip
        """Matched in all columns, or in all but one number column."""
        some = view.candidates.take(asked)
        weights = np.ones(some.ranks.shape[1])
        if column is not None:
            weights[column] = 0.0
        index = NeighborIndex(
            reference.ranks, reference.codes, number_weights=weights, jobs=view.jobs
        )
        if itself:
            found = view.leave_out(index, some.ranks, some.codes, 2, asked)
        else:
            found = index.query(some.ranks, some.codes, min(2, reference.n_rows))
        nearest, second = found.distances[:, 0], found.distances[:, -1]
        clear = nearest < second if found.k > 1 else np.ones(asked.size, bool)
        return cls(reference, some, found.rows[:, 0], nearest, clear)

    def differences(self, column: int) -> tuple[Floats, Floats]:
        """Differences in one column to the clear nearest records, and those distances."""
        with np.errstate(invalid="ignore"):
            apart = self.reference.values[self.rows, column] - self.some.values[:, column]
        counts = self.clear & np.isfinite(apart)
        return apart[counts], self.distances[counts]


def votes(apart: Floats, step: float) -> tuple[Floats, Ints]:
    """Distinct differences in whole units of ``step`` and how often each occurs."""
    # not as integers: a difference may be more units than those hold
    keys, counts = np.unique(np.round(apart / step), return_counts=True)
    return keys, counts.astype(np.int64)


def best_offset(released: Floats, within: Floats, step: float, n_columns: int) -> Offset | None:
    """The difference most in excess of its frequency within the pool, if it is beyond chance.

    Parameters
    ----------
    released, within : differences to the nearest record of S, and of the pool
    step : differences are counted in multiples of it
    n_columns : how many columns are searched, for the correction
    """
    from scipy.special import gammainc

    if released.size == 0:
        return None
    keys, counts = votes(released, step)
    known, usual = votes(within, step)
    expected = np.ones(keys.size)
    if known.size:
        place = np.minimum(np.searchsorted(known, keys), known.size - 1)
        expected += np.where(known[place] == keys, usual[place], 0) * released.size / within.size
    excess = np.where(np.abs(keys) <= 1, 0.0, (counts - expected + 1) / np.sqrt(expected))
    best = int(excess.argmax())
    # the Poisson tail P(N >= count) is a regularised incomplete gamma function
    tail = float(gammainc(counts[best], expected[best])) * keys.size * n_columns
    if excess[best] <= 0 or tail > SIGNIFICANCE:
        return None
    exact = released[np.round(released / step) == keys[best]]
    return Offset(-1, float(np.median(exact)), float(excess[best]))


def find_offset(view: AdversaryView) -> Offset | None:
    """Search every number column for the offset that repeats most."""
    pool = view.candidates
    asked = spread_rows(pool, N_ASKED)
    n_columns = pool.values.shape[1]
    steps = {c.name: c.resolution for c in view.schema.columns}
    matched = _matcher(view, asked)
    found = None
    for j, name in enumerate(view.schema.numbers):
        if pool.n_columns < 2:
            break
        released, near = matched(False, j).differences(j)
        within, usual = matched(True, j).differences(j)
        # a match in all other columns must be as close as those of the nearer half of the pool
        limit = float(np.median(usual)) if usual.size else np.inf
        finite = pool.values[np.isfinite(pool.values[:, j]), j]
        step = steps[name] or STEP * (float(finite.std()) if finite.size else 0.0) or 1.0
        offset = best_offset(released[near <= limit], within[usual <= limit], step, n_columns)
        if offset is not None and (found is None or offset.excess > found.excess):
            found = replace(offset, column=j)
    return found


def _matcher(view: AdversaryView, asked: Ints) -> Callable[[bool, int], Matches]:
    """Near records within the pool or in S, for the search of one column."""

    def anew(itself: bool, column: int | None) -> Matches:
        reference = view.candidates if itself else view.synthetic
        return Matches.of(view, reference, asked, column, itself=itself)

    if view.candidates.n_columns <= MOST_LEFT_OUT:
        return anew
    once = [anew(itself, None) for itself in (False, True)]
    return lambda itself, column: once[itself]


def undone(view: AdversaryView, offset: Offset) -> EncodedTable:
    """The synthetic table with the offset taken off its column, in standard units."""
    values, scaled = view.candidates.values[:, offset.column], view.synthetic.scaled.copy()
    finite = np.flatnonzero(np.isfinite(values))
    low, high = finite[values[finite].argmin()], finite[values[finite].argmax()]
    units = view.candidates.scaled[:, offset.column].astype(np.float64)
    per_value = (units[high] - units[low]) / (values[high] - values[low])
    scaled[:, offset.column] -= np.float32(offset.value * per_value)
    return replace(view.synthetic, scaled=scaled)


@dataclass(frozen=True)
class RepeatedOffset:
    """The calibrated closest record in S with the repeated offset taken off all its rows.

    For every number column c: candidates are matched to their nearest synthetic record in all
    other columns (beyond ``MOST_LEFT_OUT`` columns: in all of them), and the differences in c are
    counted. The count of a difference is compared with
    its count between candidates and their nearest other candidates (Poisson, Bonferroni). Where no
    offset repeats, the score is the calibrated closest record in standard units.
    """

    card: ClassVar[Card] = Card(
        id="repeated_offset",
        title="Closest record after undoing a repeated offset",
        question=(
            "Would this person have a look-alike in the synthetic table if an offset that keeps "
            "repeating were taken off one column?"
        ),
        how_to_read=(
            "Higher means a synthetic record equals this person but for one and the same offset in "
            "one column. Where no offset repeats it is the calibrated closest record in standard "
            "units. Offsets in several columns at once, in some rows only, stay unseen."
        ),
        references=(
            "This project: votes for an offset between near rows (docs/attacks.md)",
            "Yao et al. 2025, The DCR Delusion, arXiv:2505.01524 (the leak distances miss)",
        ),
    )

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Log ratio of nearest distances, to the pool and to S without the offset."""
        require_rows(view)
        geometry = Geometry.STANDARD
        offset = find_offset(view)
        if offset is None:
            nearest = view.nearest_synthetic(1, geometry).distances
        else:
            moved = undone(view, offset)
            index = NeighborIndex(moved.scaled, moved.codes, cap=geometry.cap, jobs=view.jobs)
            pool = view.candidates
            nearest = index.query(pool.scaled, pool.codes, 1).distances
        return log_ratio(view.nearest_candidates(1, geometry).distances, nearest)


PLUGINS = (RepeatedOffset(),)
