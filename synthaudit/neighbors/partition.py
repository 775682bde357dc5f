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
"""Most rows of a leaf: small enough to exclude, large enough to be scanned at full speed."""
SAMPLED = 128
"""Rows or pairs looked at to choose a split."""
FEWEST_ROWS = 8
"""A split leaves at least this many rows on either side, and at least 1/64 of the node's."""


class Tree(NamedTuple):
    """The splits, one entry a node, and where the leaves start.

    Attributes
    ----------
    column : (n_nodes,) int64; below 0 where no column divides the rows, which are halved in order.
    threshold : (n_nodes,) int64; rows with fewer units go left.
    left, right : (n_nodes,) int64; the children; below 0 a leaf, ``-1 - leaf``.
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
    for j in range(score.size):
        score[j] = 0.0
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
def median_cut(column: Units, members: Ints, sample: Units) -> int:
    """The threshold that divides a sample of the members most evenly."""
    for i in range(SAMPLED):
        sample[i] = column[members[(i * members.size) // SAMPLED]]
    for i in range(1, SAMPLED):
        value, place = sample[i], i
        while place > 0 and sample[place - 1] > value:
            sample[place] = sample[place - 1]
            place -= 1
        sample[place] = value
    middle = sample[SAMPLED // 2]
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
    for i in range(n_right):
        members[n_left + i] = spare[i]
    return n_left


@kernel
def split(
    units: Units,
    members: Ints,
    n_numbers: int,
    caps: Units,
    spare: Ints,
    score: Floats,
    sample: Units,
) -> tuple[int, int, int]:
    """Divide the members of a node in place; returns (column, threshold, rows on the left)."""
    rate_columns(units, members, n_numbers, caps, members.size, score)
    least = max(FEWEST_ROWS, members.size // 64)
    for _ in range(score.size):
        j = 0
        for other in range(1, score.size):
            if score[other] > score[j]:
                j = other
        if score[j] <= 0.0:
            break
        score[j] = 0.0
        cut = median_cut(units[j], members, sample)
        n_left = 0
        for row in members:
            n_left += np.int64(units[j, row]) < cut
        if n_left >= least and members.size - n_left >= least:
            divide(units[j], cut, members, spare)
            return j, cut, n_left
    return -1, 0, members.size // 2


@kernel
def grow(
    units: Units,
    n_numbers: int,
    caps: Units,
    leaf_rows: int,
    order: Ints,
    nodes: Ints,
    spare: Ints,
    score: Floats,
    sample: Units,
) -> int:
    """Split until every node is small enough; returns the number of nodes.

    ``nodes`` has the columns start, stop, column, threshold, left, right; the children of a leaf
    are 0. ``order`` is rearranged so that every node's rows lie between its start and stop.
    """
    nodes[0, 0], nodes[0, 1] = 0, order.size
    node, n_nodes = 0, 1
    while node < n_nodes:
        start, stop = nodes[node, 0], nodes[node, 1]
        nodes[node, 4], nodes[node, 5] = 0, 0
        if stop - start > leaf_rows:
            members = order[start:stop]
            column, cut, n_left = split(units, members, n_numbers, caps, spare, score, sample)
            nodes[node, 2], nodes[node, 3] = column, cut
            nodes[node, 4], nodes[node, 5] = n_nodes, n_nodes + 1
            nodes[n_nodes, 0], nodes[n_nodes, 1] = start, start + n_left
            nodes[n_nodes + 1, 0], nodes[n_nodes + 1, 1] = start + n_left, stop
            n_nodes += 2
        node += 1
    return n_nodes


@kernel
def descend(
    column: Ints, threshold: Ints, left: Ints, right: Ints, units: Units, leaves: Ints
) -> None:
    """The leaf every query would lie in."""
    for i in range(units.shape[0]):
        node = 0
        while node >= 0:
            j = column[node]
            goes_left = j < 0 or np.int64(units[i, j]) < threshold[node]
            node = left[node] if goes_left else right[node]
        leaves[i] = -node - 1


def partition(units: Units, n_numbers: int, caps: Units, leaf_rows: int) -> tuple[Tree, Ints]:
    """The tree over rows laid out as ``(n_rows, n_columns)`` units, and the order of the rows."""
    n_rows = units.shape[0]
    order = np.arange(n_rows)
    nodes = np.empty((n_rows // (FEWEST_ROWS // 2) + 16, 6), dtype=np.int64)
    scratch = np.empty_like(order), np.empty(caps.size), np.empty(SAMPLED, dtype=np.uint16)
    n_nodes = grow(
        np.ascontiguousarray(units.T), n_numbers, caps, leaf_rows, order, nodes, *scratch
    )
    start, _, column, threshold, left, right = nodes[:n_nodes].T
    leaves = np.flatnonzero(left == 0)
    leaves = leaves[np.argsort(start[leaves])]
    name = np.arange(n_nodes)
    name[leaves] = -1 - np.arange(leaves.size)
    tree = Tree(
        column=column.copy(),
        threshold=threshold.copy(),
        left=name[left],
        right=name[right],
        firsts=np.append(start[leaves], n_rows),
    )
    return tree, order


def own_leaves(tree: Tree, units: NDArray[np.uint16]) -> Ints:
    """The leaf every row of ``units`` would lie in, ``(n_rows,)``."""
    leaves = np.zeros(units.shape[0], dtype=np.int64)
    if tree.firsts.size > 2:
        descend(tree.column, tree.threshold, tree.left, tree.right, units, leaves)
    return leaves
