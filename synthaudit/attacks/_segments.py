"""Which two pool rows does a synthetic row lie between?

SMOTE and its relatives draw a row on the line from a training row to one of its neighbours. Then
every number of the synthetic row is the same part ``t`` of the way from one end to the other, and
every category is one of the two ends'. Few pairs of people can be the ends of a given row by
accident, so the pair that fits gives both away.

For a synthetic row s and two pool rows x, y with residual ``r`` of s from the segment x-y (numbers
in units of the tolerated residual ``e_j``) and length ``l``, the weight of the pair is the
density of a Student t residual (3 degrees of freedom) times the density of s along the segment
``1 / sqrt(1 + l^2)``, times, per category, the likelihood ratio of a value inherited from either
end with probability ``1 - h_c``. The tolerance (half of the column's resolution, rounding, plus a
share of its spread) and the ``h_c`` are learned by EM; no label is looked at.

References
----------
Chawla et al. 2002, SMOTE, doi:10.1613/jair.953. Segments as evidence of membership: this project.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthaudit.attacks._evidence import Levels, spread_rows
from synthaudit.data.views import AdversaryView, Geometry
from synthaudit.parallel import thread_map
from synthaudit.types import EncodedTable, Floats, Ints

N_NEAR = 40
"""Pool rows tried as ends, nearest by ranks and as many nearest by standard units."""
BLOCK = 1024
"""Synthetic rows a thread explains at a time."""
N_LEARN = 120
"""Synthetic rows the tolerance is learned from. Measured on interpolated rows of five tables: 250
give the same AUC to 0.003 and cost twice the time, most of it on small pools."""
N_STEPS = 8
START_TOLERANCE, LEAST_TOLERANCE = 0.05, 1e-4
START_REDRAWN, LEAST_REDRAWN, MOST_REDRAWN = 0.05, 0.002, 0.9


@dataclass(frozen=True, eq=False)
class Ends:
    """Pool rows near every synthetic row: ``rows`` (n, k), the first ``counts`` of them count."""

    rows: Ints
    counts: Ints


def near_ends(view: AdversaryView) -> Ends:
    """The nearest pool rows of every synthetic row in both geometries, thrown together."""
    found = [_nearest(view, geometry) for geometry in Geometry]
    rows = np.sort(np.concatenate(found, axis=1), axis=1)
    double = np.zeros(rows.shape, dtype=np.bool_)
    double[:, 1:] = rows[:, 1:] == rows[:, :-1]
    rows[double] = -1
    # rows that count first, in the order of their numbers
    order = np.argsort(rows < 0, axis=1, kind="stable")
    rows = np.take_along_axis(rows, order, axis=1)
    return Ends(np.ascontiguousarray(rows), (rows >= 0).sum(axis=1).astype(np.int64))


def _nearest(view: AdversaryView, geometry: Geometry) -> Ints:
    """Pool rows nearest to every synthetic row; -1 for those tied with one that was cut off."""
    synthetic = view.synthetic
    k = min(N_NEAR + 1, view.n_candidates)
    found = view.pool_index(geometry).query(geometry.numbers(synthetic), synthetic.codes, k)
    if k <= N_NEAR:
        return found.rows
    # which of several equally near rows made the list is decided by row numbers: none of them
    clear = found.distances[:, :-1] < found.distances[:, -1:]
    rows: Ints = np.where(clear, found.rows[:, :-1], -1)
    return rows


@dataclass(frozen=True, eq=False)
class Segments:
    """Everything that is compared, and the two things that are learned."""

    synthetic: EncodedTable
    pool: EncodedTable
    ends: Ends
    shares: Floats
    rounding: Floats
    """(n_numbers,): standard deviation of what rounding to the column's resolution does."""
    spread: Floats
    """(n_numbers,): standard deviation of the column in the pool."""

    @classmethod
    def of(cls, view: AdversaryView) -> Segments:
        numbers = set(view.schema.numbers)
        steps = [c.resolution or 0.0 for c in view.schema.columns if c.name in numbers]
        spread = np.array([_deviation(column) for column in view.candidates.values.T])
        rounding = np.array(steps) / np.sqrt(12.0)
        return cls(
            view.synthetic,
            view.candidates,
            near_ends(view),
            Levels.of(view.candidates).shares(view.synthetic.codes),
            np.minimum(rounding, spread),
            spread,
        )

    def odds(self, tolerance: float, redrawn: Floats, jobs: int) -> Floats:
        """Log odds of the ends of every synthetic row, ``(n_rows, n_ends)``."""
        rows = np.arange(self.synthetic.n_rows, dtype=np.int64)
        blocks = [rows[start : start + BLOCK] for start in range(0, rows.size, BLOCK)]

        def explained(some: Ints) -> Floats:
            return self._explained(some, tolerance, redrawn, learns=False)[0]

        found = thread_map(explained, blocks, jobs)
        return np.concatenate(found) if found else np.empty(self.ends.rows.shape)

    def _explained(
        self, rows: Ints, tolerance: float, redrawn: Floats, *, learns: bool
    ) -> tuple[Floats, float, Floats]:
        """Log odds of the ends of some synthetic rows, residual scale and foreign cells per row."""
        from synthaudit.attacks._segment_kernels import Lanes, explain

        some, pool = self.synthetic.take(rows), self.pool
        tolerated = np.sqrt(self.rounding**2 + (tolerance * self.spread) ** 2)
        half, kept = np.array([0.0, 0.5, 1.0]), 1.0 - redrawn[:, None]
        n_ends = self.ends.rows.shape[1]
        odds = np.full((rows.size, n_ends), -np.inf)
        squares, foreign = np.zeros(2), np.zeros(redrawn.size)
        explain(
            some.values,
            some.codes,
            pool.values,
            pool.codes,
            self.ends.rows[rows],
            self.ends.counts[rows],
            1.0 / tolerated,
            np.log(half * kept / np.expand_dims(self.shares[rows], 2) + redrawn[:, None]),
            redrawn,
            Lanes.of(pool.values.shape[1], redrawn.size, n_ends),
            learns,
            odds,
            squares,
            foreign,
        )
        n = max(float(squares[1]), 1.0)
        return odds, float(squares[0] / n), foreign / n

    def learned(self) -> tuple[float, Floats]:
        """Tolerance (share of the columns' spread) and ``h_c``, by EM on a sample of rows."""
        rows = spread_rows(self.synthetic, N_LEARN)
        tolerance, redrawn = START_TOLERANCE, np.full(self.shares.shape[1], START_REDRAWN)
        for _ in range(N_STEPS):
            _, squares, foreign = self._explained(rows, tolerance, redrawn, learns=True)
            # at most to a third a step: the residuals of wrong pairs must not set the pace
            tolerance *= max(float(np.sqrt(squares)), 0.3)
            tolerance = float(np.clip(tolerance, LEAST_TOLERANCE, 1.0))
            redrawn = np.clip(foreign, LEAST_REDRAWN, MOST_REDRAWN)
        return tolerance, redrawn


def _deviation(column: Floats) -> float:
    present = column[~np.isnan(column)]
    return float(present.std()) or 1.0 if present.size else 1.0
