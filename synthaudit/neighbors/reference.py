"""What the kernels are handed: a reference table made ready, and queries against it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synthaudit.neighbors.layout import Units
from synthaudit.types import Codes, Floats, Floats32, Ints


class Boxes(NamedTuple):
    """Boxes in runs of ``parts.RUN``; bounds over a whole run are taken column by column.

    Attributes
    ----------
    low, high : (n_runs, n_numbers, RUN) uint16; range of the present values, in units.
    absent : (n_numbers + n_buckets, n_runs * RUN) uint16; what a query pays for having what no row
        of the box has, 0 where one has it: a missing number, column by column, then the levels.
    """

    low: Units
    high: Units
    absent: Units


class Reference(NamedTuple):
    """The reference table in leaf order, with its boxes.

    Attributes
    ----------
    firsts : (n_leaves + 1,) int64; first row of each leaf.
    starts : (n_leaves + 1,) int64; where each leaf's block starts in ``blocks``.
    blocks : flat uint16; per leaf a column-major block, each column padded to the same length.
    rows : (n_rows,) int64; row numbers in the caller's table, ascending inside a leaf.
    numbers, codes : the exact form, in leaf order.
    leaves, groups : Boxes; a group is one run of leaves.
    caps : (n_columns,) uint16
    weights : (n_columns,) float64
    cap, total : float; ``total`` is what the sum over columns is divided by.
    scale, slack : float; a row at a mean distance d has at most ``d * scale + slack`` units.
    is_plain : bool; category columns of one weight only: units and distances tie together.
    longest : int; rows in the longest block.
    """

    firsts: Ints
    starts: Ints
    blocks: Units
    rows: Ints
    numbers: Floats32
    codes: Codes
    leaves: Boxes
    groups: Boxes
    caps: Units
    weights: Floats
    cap: float
    total: float
    scale: float
    slack: float
    is_plain: bool
    longest: int


class Queries(NamedTuple):
    """Queries in both forms.

    Attributes
    ----------
    units : (n_queries, n_columns) uint16
    buckets : (n_queries, n_categories) int32; rows of the presence tables.
    numbers, codes : the exact form.
    exclude : (n_queries,) int64; row numbers in the caller's reference to skip, or below 0.
    """

    units: Units
    buckets: NDArray[np.int32]
    numbers: Floats32
    codes: Codes
    exclude: Ints


class Answer(NamedTuple):
    """Filled in place: ``distances`` and ``rows``, (n_queries, k) each, nearest first."""

    distances: Floats
    rows: Ints


class Scratch(NamedTuple):
    """Room for one thread's search.

    Attributes
    ----------
    found : (longest,) uint16; units of the rows of a leaf.
    bounds : (TILE, RUN) uint16; bounds of the leaves of a group, by query of a tile.
    limits : (TILE,) int64
    lanes : (RUN,) int64; leaves of a group, nearest first.
    group_bounds : (n_runs * RUN,) uint16; bounds of the groups.
    groups : (n_runs * RUN,) int64; groups, nearest first.
    """

    found: Units
    bounds: Units
    limits: Ints
    lanes: Ints
    group_bounds: Units
    groups: Ints
