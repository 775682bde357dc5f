"""The mixed k-d partition of a reference table.

A node is split on the column along which two of its rows are furthest apart on average, at the
sampled median of that column's units; rows keep their order inside a leaf. Leaves are numbered from
left to right, so that neighbouring leaves share tight boxes (see ``boxes``).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synthaudit.neighbors.compiled import kernel
from synthaudit.neighbors.layout import Units
from synthaudit.types import Floats, Ints

LEAF_ROWS = 256
SAMPLED = 128
"""Rows or pairs looked at to choose a split."""
DEEPEST = 4_096
"""Nodes waiting at a time; splits put at least 1/64 on a side, so a million rows need under 700."""


class Tree(NamedTuple):
    """The splits, one entry a node, and where the leaves start.

    Attributes
    ----------
    column : (n_nodes,) int64; below 0 where no column divides the rows, which are halved in order.
    threshold : (n_nodes,) int64; rows with fewer units go left.
    left, right : (n_nodes,) int64; below 0 a leaf, ``-(leaf + 1)``.
    firsts : (n_leaves + 1,) int64; first place of each leaf in the order of the rows.
    """

    column: Ints
    threshold: Ints
    left: Ints
    right: Ints
    firsts: Ints


@kernel
def rate_columns(
    units: Units, members: Ints, n_numbers: int, caps: Units, seed: int, score: Floats
) -> None:
    """Mean distance of sampled pairs of members, column by column, into ``score``."""
    state = np.uint64(seed * 2 + 1)
    size = np.uint64(members.size)
    score[:] = 0.0
    for _ in range(SAMPLED):
        # a multiplicative generator with its high bits used: cheap, and the same on every machine
        state = state * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
        one = members[np.int64((state >> np.uint64(33)) % size)]
        state = state * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
        other = members[np.int64((state >> np.uint64(33)) % size)]
        for j in range(score.size):
            gap = abs(np.int64(units[j, one]) - np.int64(units[j, other]))
            if j < n_numbers:
                score[j] += min(gap, np.int64(caps[j]))
            elif gap != 0:
                score[j] += caps[j]


@kernel
def median_cut(column: Units, members: Ints) -> int:
    """The threshold that divides a sample of the members most evenly."""
    sample = np.empty(SAMPLED, np.uint16)
    for i in range(SAMPLED):
        sample[i] = column[members[(i * members.size) // SAMPLED]]
    middle = np.sort(sample)[SAMPLED // 2]
    below, upto = 0, 0
    for value in sample:
        below += value < middle
        upto += value <= middle
    half = SAMPLED // 2
    if abs(upto - half) < abs(below - half):
        return int(middle) + 1
    return int(middle)


@kernel
def divide(column: Units, cut: int, members: Ints, spare: Ints) -> int:
    """Move members below the cut to the front, both sides in their order; returns how many."""
    n_left, n_right = 0, 0
    for row in members:
        if np.int64(column[row]) < cut:
            members[n_left] = row
            n_left += 1
        else:
            spare[n_right] = row
            n_right += 1
    members[n_left:] = spare[:n_right]
    return n_left


@kernel
def split(
    units: Units, members: Ints, n_numbers: int, caps: Units, spare: Ints, score: Floats
) -> tuple[int, int, int]:
    """Divide the members of a node in place; returns (column, threshold, rows on the left)."""
    rate_columns(units, members, n_numbers, caps, members.size, score)
    least = max(8, members.size // 64)
    while score.max() > 0.0:
        j = int(score.argmax())
        score[j] = 0.0
        cut = median_cut(units[j], members)
        n_left = 0
        for row in members:
            n_left += np.int64(units[j, row]) < cut
        if n_left >= least and members.size - n_left >= least:
            divide(units[j], cut, members, spare)
            return j, cut, n_left
    return -1, 0, members.size // 2


@kernel
def grow(units: Units, n_numbers: int, caps: Units) -> tuple[Ints, Ints, Ints]:
    """Partition the rows; returns (order of the rows, first of each leaf, nodes as columns)."""
    n_columns, n_rows = units.shape
    order, spare = np.arange(n_rows), np.empty(n_rows, np.int64)
    score = np.empty(n_columns, np.float64)
    firsts = np.empty(n_rows // 8 + 16, np.int64)
    nodes = np.empty((4, firsts.size), np.int64)  # column, threshold, left, right
    # start, stop, parent, side; the left child is taken first, so leaves come from left to right
    waiting = np.empty((DEEPEST, 4), np.int64)
    waiting[0, :] = (0, n_rows, -1, 0)
    n_waiting, n_nodes, n_leaves = 1, 0, 0
    while n_waiting > 0:
        n_waiting -= 1
        start, stop, parent, side = waiting[n_waiting]
        is_leaf = stop - start <= LEAF_ROWS
        if parent >= 0:
            nodes[2 + side, parent] = -(n_leaves + 1) if is_leaf else n_nodes
        if is_leaf:
            firsts[n_leaves] = start
            n_leaves += 1
            continue
        column, cut, n_left = split(units, order[start:stop], n_numbers, caps, spare, score)
        nodes[0, n_nodes], nodes[1, n_nodes] = column, cut
        waiting[n_waiting, :] = (start + n_left, stop, n_nodes, 1)
        waiting[n_waiting + 1, :] = (start, start + n_left, n_nodes, 0)
        n_waiting += 2
        n_nodes += 1
    firsts[n_leaves] = n_rows
    return order, firsts[: n_leaves + 1].copy(), nodes[:, :n_nodes].copy()


@kernel
def descend(
    column: Ints, threshold: Ints, left: Ints, right: Ints, units: Units, leaves: Ints
) -> None:
    """The leaf every query would lie in."""
    for i in range(units.shape[0]):
        node = 0 if column.size else -1
        while node >= 0:
            j = column[node]
            goes_left = j < 0 or np.int64(units[i, j]) < threshold[node]
            node = left[node] if goes_left else right[node]
        leaves[i] = -node - 1


def partition(units: Units, n_numbers: int, caps: Units) -> tuple[Tree, Ints]:
    """The tree over rows laid out as ``(n_rows, n_columns)`` units, and the order of the rows."""
    order, firsts, nodes = grow(np.ascontiguousarray(units.T), n_numbers, caps)
    return Tree(nodes[0], nodes[1], nodes[2], nodes[3], firsts), order


def own_leaves(tree: Tree, units: NDArray[np.uint16]) -> Ints:
    """The leaf every row of ``units`` would lie in, ``(n_rows,)``."""
    leaves = np.empty(units.shape[0], dtype=np.int64)
    descend(tree.column, tree.threshold, tree.left, tree.right, units, leaves)
    return leaves
