"""Whose row each real row is: a split deals out persons, and rows only where each is one."""

from __future__ import annotations

import numpy as np

from synthaudit.data.persons import some_persons
from synthaudit.data.views import AuditorView
from synthaudit.types import Bools, Ints


def units_of(view: AuditorView) -> tuple[Ints, Ints, Ints]:
    """The persons behind the real rows.

    Returns
    -------
    whose : (n_train + n_holdout,) int64
        Unit of every real row, train first.
    in_train, in_holdout : (n_units,) int64
        1 where the unit has rows in that table (both, for a person who is in both).
    """
    sides = [view.units("train"), view.units("holdout")]
    distinct, whose = np.unique(np.concatenate(sides), return_inverse=True)
    present = [np.isin(distinct, side).astype(np.int64) for side in sides]
    return whose.reshape(-1).astype(np.int64), present[0], present[1]


def once_each(codes: Ints, units: Ints) -> Ints:
    """Positions of one row for every pair of code and unit."""
    return np.unique(np.stack([codes, units]), axis=1, return_index=True)[1].astype(np.int64)


def one_row_each(units: Ints) -> Ints:
    """Positions of one row a unit, ascending: rows that are independent of each other."""
    return np.sort(np.unique(units, return_index=True)[1]).astype(np.int64)


def deal(units: Ints, n_train: int, rng: np.random.Generator) -> Bools:
    """A random deal of whole units: which real rows come to lie in train, about ``n_train``.

    Exactly ``n_train`` when every row is a unit of its own.
    """
    return some_persons(units, n_train, rng)
