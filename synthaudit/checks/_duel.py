"""Train against holdout, judged by each synthetic row: which of two equal-sized tables is nearer?

The larger table is cut to the size of the smaller one in expectation, never by drawing: which side
a synthetic row is nearer to follows from how many rows of the larger table lie before, and within,
the first distance at which the smaller table appears.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from synthaudit.checks._matching import neighbors_needed, presence
from synthaudit.checks._units import deal, units_of
from synthaudit.data.views import AuditorView, Geometry
from synthaudit.types import Bools, Floats, Ints

TIE = 1e-9
"""Distances this close are equal: far below one rank step, far above float noise."""


@dataclass(frozen=True, eq=False)
class Duel:
    """Neighbours of every synthetic row in train and holdout together, nearest first.

    Attributes
    ----------
    distances : (n_synthetic, k) float64
    rows : (n_synthetic, k) int64; real rows, train first, then holdout
    n_train, n_holdout : int
    n_certain : (n_synthetic,) int64
        Entries from here on are not used: neighbours that were not searched for may be nearer.
    starts, ends : (n_synthetic, k) int64
        Where an entry's group of equal distances begins, and one past its end.
    """

    distances: Floats
    rows: Ints
    n_train: int
    n_holdout: int
    n_certain: Ints
    starts: Ints
    ends: Ints
    whose: Ints | None = None
    """Whose row each real row is; None when every row is a person of its own."""

    @property
    def n_kept(self) -> int:
        """Rows of either side after size matching."""
        return min(self.n_train, self.n_holdout)

    def labels(self) -> Bools:
        """Which of the pooled real rows lie in train, ``(n_train + n_holdout,)``."""
        return np.arange(self.n_train + self.n_holdout) < self.n_train

    def deal(self, rng: np.random.Generator) -> Bools:
        """Labels of a random deal of the real rows, of whole persons where they have several."""
        if self.whose is None:
            return rng.permutation(self.labels())
        return deal(self.whose, self.n_train, rng)

    def nearest_only(self) -> Duel:
        """Only the entries ``nearer`` looks at: the first group when nothing is cut, else all."""
        if self.n_train != self.n_holdout:
            return self
        k = int(self.ends[:, 0].max())
        return replace(
            self,
            distances=self.distances[:, :k],
            rows=self.rows[:, :k],
            n_certain=np.minimum(self.n_certain, k),
            starts=self.starts[:, :k],
            ends=np.minimum(self.ends[:, :k], k),
        )

    def nearer(self, in_train: Bools) -> tuple[Floats, Floats]:
        """Probability that train is nearer, and that both are equally near, under given labels.

        Parameters
        ----------
        in_train : (n_train + n_holdout,) bool, ``n_train`` of them true

        Returns
        -------
        closer, tied : (n_synthetic,) float64
            The three outcomes' probabilities over random cuts of the larger side sum to 1; all are
            0 or 1 when the sides are equally large.
        """
        train_is_larger = self.n_train >= self.n_holdout
        scarce = (~in_train if train_is_larger else in_train)[self.rows]
        k = scarce.shape[1]
        first = scarce.argmax(axis=1)
        found = scarce[np.arange(first.size), first] & (first < self.n_certain)
        at = first[:, None]
        before = np.where(found, np.take_along_axis(self.starts, at, 1)[:, 0], self.n_certain)
        end = np.where(found, np.take_along_axis(self.ends, at, 1)[:, 0], self.n_certain)
        n_scarce = np.take_along_axis(scarce.cumsum(axis=1), end[:, None] - 1, 1)[:, 0]
        within = np.where(found, end - n_scarce, end)
        larger = max(self.n_train, self.n_holdout)
        chance = presence(np.minimum(np.arange(k + 1), larger), larger, self.n_kept)
        ahead = chance[before]
        tied = chance[within] - ahead
        return (ahead if train_is_larger else 1.0 - ahead - tied), tied

    def share(self, in_train: Bools) -> float:
        """Share of synthetic rows nearer to train, ties split in half."""
        closer, tied = self.nearer(in_train)
        return float(np.mean(closer + tied / 2))


def duel(view: AuditorView, geometry: Geometry = Geometry.RANK) -> Duel:
    """Merge the neighbour lists of both tables, and say how far they can be trusted."""
    n_train, n_holdout = view.train.n_rows, view.holdout.n_rows
    sizes = max(n_train, n_holdout), min(n_train, n_holdout)
    k = max(10, neighbors_needed(*sizes, view.synthetic.n_rows))
    train = view.nearest("synthetic", "train", min(k, n_train), geometry)
    holdout = view.nearest("synthetic", "holdout", min(k, n_holdout), geometry)
    distances = np.concatenate([train.distances, holdout.distances], axis=1)
    rows = np.concatenate([train.rows, holdout.rows + n_train], axis=1)
    order = np.argsort(distances, axis=1, kind="stable")
    distances = np.take_along_axis(distances, order, axis=1)
    # an incomplete list says nothing about what lies beyond its last entry
    horizon = np.full(distances.shape[0], np.inf)
    for near, n_rows in ((train, n_train), (holdout, n_holdout)):
        if near.k < n_rows:
            horizon = np.minimum(horizon, near.distances[:, -1])
    n_certain = np.sum(distances <= horizon[:, None] + TIE, axis=1)
    starts, ends = _tie_groups(distances)
    ends = np.minimum(ends, n_certain[:, None])
    rows = np.take_along_axis(rows, order, axis=1)
    whose = None if view.persons is None else units_of(view)[0]
    return Duel(distances, rows, n_train, n_holdout, n_certain, starts, ends, whose)


def _tie_groups(distances: Floats) -> tuple[Ints, Ints]:
    """First position of each entry's group of equal distances, and one past its last."""
    k = distances.shape[1]
    places = np.arange(k)
    fresh = np.ones(distances.shape, dtype=bool)
    fresh[:, 1:] = np.diff(distances, axis=1) > TIE
    starts = np.maximum.accumulate(np.where(fresh, places, 0), axis=1)
    next_start = np.full((distances.shape[0], k + 1), k)
    next_start[:, :k] = np.where(fresh, places, k)
    ends = np.minimum.accumulate(next_start[:, ::-1], axis=1)[:, ::-1][:, 1:]
    return starts.astype(np.int64), ends.astype(np.int64)
