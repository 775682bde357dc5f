"""Compiled search of ``_evidence_search``: sums of looked-up weights, leaf by leaf.

Columns are walked one by one over the rows of a leaf, so that every inner loop is a plain pass over
a few kilobytes which the compiler turns into vector instructions.

A leaf's bound adds the most that any of its rows can get from each column; inside a leaf the same
bound, column by column, tells when no row can be among the best any more. Both allow for the
rounding of sums in single precision. What decides is ``sum_row``, columns always in their order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from synthaudit.neighbors.compiled import kernel, part

if TYPE_CHECKING:
    from synthaudit.attacks._evidence_leaves import Asked, Leaves, Room
    from synthaudit.types import Floats, Floats32, Ints


LOWEST = np.float32(-np.inf)
N_WINDOWS = 10
"""Windows of a number, exact equality included: fixed, so that they fit into registers."""
MARGIN = np.float32(1e-5)
"""Of the sum of the largest weights: more than the rounding of a hundred additions."""
STEPS = 8
"""Passes over the leaves, those with the highest bounds first."""


@part
def weight_of(gap: float, widths: Floats32, evidence: Floats32) -> Any:
    """The weight of the narrowest window a gap fits in, window 0 apart; NaN fits in none."""
    weight = evidence[N_WINDOWS]
    for m in range(N_WINDOWS - 1, 0, -1):
        weight = evidence[m] if gap <= widths[m] else weight
    return weight


@part
def in_registers(widths: Floats32, evidence: Floats32) -> Any:
    """Widths and weights of all windows as tuples: read from their arrays they cost twice the time.

    Window 0 has no width: equality is told by keys.
    """
    return (
        (
            widths[1], widths[2], widths[3], widths[4], widths[5], widths[6], widths[7], widths[8],
            widths[9],
        ),
        (
            evidence[0], evidence[1], evidence[2], evidence[3], evidence[4], evidence[5],
            evidence[6], evidence[7], evidence[8], evidence[9], evidence[10],
        ),
    )  # fmt: skip


@part
def narrowest(gap: float, w: Any, e: Any) -> Any:
    """``weight_of``, from ``in_registers``; from wide to narrow, the last that holds it decides."""
    weight = e[9] if gap <= w[8] else e[10]
    weight = e[8] if gap <= w[7] else weight
    weight = e[7] if gap <= w[6] else weight
    weight = e[6] if gap <= w[5] else weight
    weight = e[5] if gap <= w[4] else weight
    weight = e[4] if gap <= w[3] else weight
    weight = e[3] if gap <= w[2] else weight
    weight = e[2] if gap <= w[1] else weight
    return e[1] if gap <= w[0] else weight


@kernel
def add_category(
    sums: Floats32, column: NDArray[np.uint8], code: int, equal: float, unequal: float
) -> None:
    """Add one category column to the sums of a leaf, codes told apart by their last bits."""
    same, other, here = np.float32(equal), np.float32(unequal), np.uint8(code & 0xFF)
    for r in range(sums.shape[0]):
        sums[r] += same if column[r] == here else other


@kernel
def add_number(
    sums: Floats32,
    column: Floats32,
    keys: NDArray[np.uint16],
    own: float,
    key: int,
    widths: Floats32,
    evidence: Floats32,
) -> None:
    """Add one number column: the weight of the smallest window both values share.

    Equality is told by the last bits of keys, not by values, which are rounded to single precision
    here; a missing value lies in no window but, by its key, in the one of other missing values.
    """
    here, owned = np.float32(own), np.uint16(key & 0xFFFF)
    w, e = in_registers(widths, evidence)
    for r in range(sums.shape[0]):
        gap = abs(column[r] - here)
        weight = narrowest(gap, w, e)
        sums[r] += e[0] if keys[r] == owned else weight


@kernel
def bound_category(bounds: Floats32, held: NDArray[np.uint8], equal: float, unequal: float) -> None:
    """Add the most any row of each leaf can get from one category column."""
    same, other = np.float32(equal), np.float32(unequal)
    for leaf in range(bounds.shape[0]):
        bounds[leaf] += same if held[leaf] != 0 else other


@kernel
def bound_number(
    bounds: Floats32,
    most: Floats32,
    held: NDArray[np.uint8],
    low: Floats32,
    high: Floats32,
    own: float,
    widths: Floats32,
    evidence: Floats32,
) -> None:
    """Add the most any row of each leaf can get from one number column; it is left in ``most``."""
    here = np.float32(own)
    w, e = in_registers(widths, evidence)
    for leaf in range(bounds.shape[0]):
        # NaN where the query is missing: only leaves with missing values have its key
        below, above = low[leaf] - here, here - high[leaf]
        gap = above if above > below else below
        weight = narrowest(gap, w, e)
        weight = e[0] if held[leaf] != 0 else weight
        most[leaf] = weight
        bounds[leaf] += weight


@kernel
def bound_leaves(
    leaves: Leaves, asked: Asked, i: int, windows: Floats32, bounds: Floats32, parts: Floats32
) -> Any:
    """The most any row of each leaf can get, and of it what each number column gives.

    Returns the margin that covers the rounding of sums taken in whatever order.
    """
    n_numbers, size = leaves.values.shape[0], np.float32(1.0)
    bounds[:] = 0.0
    for j in range(leaves.codes.shape[0]):
        column = n_numbers + j
        held = leaves.holds[leaves.offsets[column] + asked.codes[i, j] % leaves.widths[column]]
        same, other = np.float32(asked.equal[i, j]), np.float32(asked.unequal[j])
        size += max(abs(same), abs(other))
        bound_category(bounds, held, same, other)
    for j in range(n_numbers):
        low, high = leaves.low[j], leaves.high[j]
        held = leaves.holds[leaves.offsets[j] + asked.keys[i, j] % leaves.widths[j]]
        evidence = asked.windows[i, j]
        size += max(abs(evidence[0]), abs(evidence[N_WINDOWS]))
        own = asked.values[i, j]
        bound_number(bounds, parts[j], held, low, high, own, windows[j], evidence)
    return size * MARGIN


@kernel
def sum_row(leaves: Leaves, asked: Asked, i: int, windows: Floats32, at: int) -> Any:
    """The sum of weights of one row: categories, then numbers, in single precision."""
    total = np.float32(0.0)
    for j in range(leaves.codes.shape[0]):
        same = leaves.codes[j, at] == asked.codes[i, j]
        total += np.float32(asked.equal[i, j] if same else asked.unequal[j])
    for j in range(leaves.values.shape[0]):
        evidence = asked.windows[i, j]
        if leaves.keys[j, at] == asked.keys[i, j]:
            total += evidence[0]
        else:
            gap = abs(leaves.values[j, at] - asked.values[i, j])
            total += weight_of(gap, windows[j], evidence)
    return total


@kernel
def largest_of(sums: Floats32) -> Any:
    """The largest of the sums, of which there are a multiple of eight."""
    # eight maxima side by side: one alone waits for the last comparison at every step
    m0, m1, m2, m3 = sums[0], sums[1], sums[2], sums[3]
    m4, m5, m6, m7 = sums[4], sums[5], sums[6], sums[7]
    for r in range(8, sums.shape[0], 8):
        m0 = sums[r] if sums[r] > m0 else m0
        m1 = sums[r + 1] if sums[r + 1] > m1 else m1
        m2 = sums[r + 2] if sums[r + 2] > m2 else m2
        m3 = sums[r + 3] if sums[r + 3] > m3 else m3
        m4 = sums[r + 4] if sums[r + 4] > m4 else m4
        m5 = sums[r + 5] if sums[r + 5] > m5 else m5
        m6 = sums[r + 6] if sums[r + 6] > m6 else m6
        m7 = sums[r + 7] if sums[r + 7] > m7 else m7
    return max(m0, m1, m2, m3, m4, m5, m6, m7)


@kernel
def sum_leaf(
    leaves: Leaves,
    asked: Asked,
    i: int,
    windows: Floats32,
    leaf: int,
    parts: Floats32,
    needed: float,
    sums: Floats32,
) -> bool:
    """Sums no row of a leaf exceeds but by rounding; False as soon as none can reach ``needed``.

    Codes and keys that share their last bits pass for equal, which only raises a sum.
    """
    first, last = leaves.starts[leaf], leaves.starts[leaf + 1]
    n_numbers = leaves.values.shape[0]
    ahead, same = np.float32(0.0), np.float32(0.0)
    for j in range(n_numbers):
        ahead += parts[j, leaf]
    for j in range(leaves.codes.shape[0]):
        if leaves.alike[n_numbers + j, leaf]:
            is_equal = leaves.codes[j, first] == asked.codes[i, j]
            same += np.float32(asked.equal[i, j] if is_equal else asked.unequal[j])
    sums[:] = same
    for j in range(leaves.codes.shape[0]):
        if not leaves.alike[n_numbers + j, leaf]:
            column, code = leaves.short_codes[j, first:last], asked.codes[i, j]
            add_category(sums, column, code, asked.equal[i, j], asked.unequal[j])
    for j in asked.order:
        if largest_of(sums) + ahead < needed:
            return False
        ahead -= parts[j, leaf]
        add_number(
            sums,
            leaves.values[j, first:last],
            leaves.short_keys[j, first:last],
            asked.values[i, j],
            asked.keys[i, j],
            windows[j],
            asked.windows[i, j],
        )
    return True


@kernel
def insert(sums: Floats, rows: Ints, total: float, row: int) -> None:
    """Place a row in a descending list, equal sums by lower row; the last one drops out."""
    place = sums.shape[0] - 1
    while place > 0:
        before = sums[place - 1]
        if before > total or (before == total and 0 <= rows[place - 1] < row):
            break
        sums[place] = before
        rows[place] = rows[place - 1]
        place -= 1
    sums[place] = total
    rows[place] = row


@kernel
def visit(
    asked: Asked,
    leaves: Leaves,
    windows: Floats32,
    room: Room,
    found: Floats,
    found_rows: Ints,
    i: int,
    leaf: int,
    worst: np.float32,
    margin: np.float32,
) -> np.float32:
    """Place the rows of a leaf that belong among the best; returns the new worst."""
    first, last = leaves.starts[leaf], found.shape[1] - 1
    sums = room.sums[: leaves.starts[leaf + 1] - first]
    if not sum_leaf(leaves, asked, i, windows, leaf, room.parts, worst - margin, sums):
        return worst
    for r in range(leaves.sizes[leaf]):
        if sums[r] < worst - margin:
            continue
        row, total = leaves.rows[first + r], sum_row(leaves, asked, i, windows, first + r)
        if total < worst or row == asked.itself[i]:
            continue
        if total > worst or row < found_rows[i, last]:
            insert(found[i], found_rows[i], total, row)
            worst = np.float32(found[i, last])
    return worst


@kernel
def search(
    asked: Asked,
    leaves: Leaves,
    windows: Floats32,
    room: Room,
    found: Floats,
    found_rows: Ints,
    most: int,
) -> int:
    """The k largest sums for every query and where they are; returns how many leaves were visited.

    Exact where there are no more than ``most`` leaves beside the first.

    ``found`` (n, k), all -inf, and ``found_rows`` (n, k), all -1, are filled; ``windows`` is
    (n_numbers, n_windows).
    """
    n_leaves, n_visited, bounds = leaves.sizes.size, 0, room.bounds
    answer = found, found_rows
    for i in range(asked.codes.shape[0]):
        margin = bound_leaves(leaves, asked, i, windows, bounds, room.parts)
        worst, best = LOWEST, LOWEST
        # the leaf with the highest bound, and more of them until the list is full
        for _ in range(n_leaves):
            top = 0
            for leaf in range(1, n_leaves):
                if bounds[leaf] > bounds[top]:
                    top = leaf
            best = bounds[top]
            worst = visit(asked, leaves, windows, room, *answer, i, top, worst, margin)
            bounds[top] = LOWEST
            n_visited += 1
            if worst > LOWEST:
                break
        # the others in a few passes, higher bounds first, down to those that cannot matter
        left = most
        for step in range(STEPS - 1, -1, -1):
            limit = worst + max(best - worst, np.float32(0.0)) * step / STEPS
            for leaf in range(n_leaves):
                if bounds[leaf] >= max(limit, worst) - margin and bounds[leaf] > LOWEST:
                    worst = visit(asked, leaves, windows, room, *answer, i, leaf, worst, margin)
                    bounds[leaf] = LOWEST
                    n_visited += 1
                    left -= 1
                    if left == 0:
                        break
            if left == 0:
                break
    return n_visited
