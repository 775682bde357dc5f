"""Pieces of the searches: bound boxes, scan a leaf in units, decide in double precision.

Two facts make a search of them exact. The distance in units never exceeds the true one by more than
``slack``, for rows and for boxes alike, so nothing that belongs to the answer is passed over. And
every row that passes is measured in double precision, columns in their order, and placed by
(distance, row number).

Two habits in here are not for looks. Inner loops run over slices (``block[a:b]``), because indexing
with an offset makes numba check for negative positions and keeps the loop from being vectorised.
And most pieces are pasted into their kernels (``part``), because a call that hands over a dozen
arrays costs as much as the work it asks for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from synthaudit.neighbors.compiled import kernel, part

if TYPE_CHECKING:
    from synthaudit.neighbors.layout import Units
    from synthaudit.neighbors.reference import Answer, Boxes, Queries, Reference
    from synthaudit.types import Floats, Ints

RUN = 64
"""Boxes bounded at a time: a group of neighbouring leaves, which has a box of its own."""
TILE = 16
"""Queries that share a pass over the blocks."""
MOST = 65_534
"""No limit: at least the units of any two rows."""
TAKEN = 65_535
"""Marks a row of a leaf that was looked at."""
u16 = np.uint16


@part
def limit_of(distance: float, scale: float, slack: float) -> int:
    """Units beyond which no row can lie at ``distance`` or nearer; rounding errors included."""
    if distance == 0.0:
        return 0  # equal values have equal units, so a row one unit away is no exact copy
    return int(min(distance * scale * (1 + 1e-9) + slack + 1e-3, float(MOST)))


@part
def bound_run(
    boxes: Boxes, run: int, caps: Units, queries: Queries, query: int, bounds: Units
) -> None:
    """Lower bounds, in units, of the boxes of one run."""
    for i in range(RUN):
        bounds[i] = 0
    for j in range(boxes.low.shape[1]):
        here, cap = queries.units[query, j], caps[j]
        if here == 0:
            pays = boxes.absent[j, run * RUN : run * RUN + RUN]
            for i in range(RUN):
                bounds[i] = u16(bounds[i] + pays[i])
        else:
            low, high = boxes.low[run, j], boxes.high[run, j]
            for i in range(RUN):
                below, above = u16(max(low[i], here) - here), u16(here - min(high[i], here))
                bounds[i] = u16(bounds[i] + min(max(below, above), cap))
    for j in range(queries.buckets.shape[1]):
        pays = boxes.absent[queries.buckets[query, j], run * RUN : run * RUN + RUN]
        for i in range(RUN):
            bounds[i] = u16(bounds[i] + pays[i])


@part
def least_of(found: Units, length: int) -> int:
    """The least of the first ``length``."""
    least = u16(TAKEN)
    for i in range(length):
        least = min(least, found[i])
    return int(least)


@part
def place_of(value: int, found: Units, length: int) -> int:
    """Where the value occurs first among the first ``length``; it does occur."""
    wanted, place = u16(value), u16(TAKEN)
    for i in range(length):  # to the end, without a branch: so it is vectorised
        place = min(place, u16(i) if found[i] == wanted else u16(TAKEN))
    return int(place)


@part
def scan_leaf(reference: Reference, leaf: int, queries: Queries, query: int, found: Units) -> int:
    """Distances in units of every row of a leaf's block; returns their number."""
    n_columns, n_numbers = reference.caps.size, reference.numbers.shape[1]
    start = reference.starts[leaf]
    length = (reference.starts[leaf + 1] - start) // n_columns
    for i in range(length):
        found[i] = 0
    for j in range(n_numbers):
        here, cap = queries.units[query, j], reference.caps[j]
        column = reference.blocks[start + j * length : start + (j + 1) * length]
        for i in range(length):
            gap = u16(max(column[i], here) - min(column[i], here))
            found[i] = u16(found[i] + min(gap, cap))
    for j in range(n_numbers, n_columns):
        here, cap = queries.units[query, j], reference.caps[j]
        column = reference.blocks[start + j * length : start + (j + 1) * length]
        for i in range(length):
            found[i] = u16(found[i] + (cap if column[i] != here else u16(0)))
    return int(length)


@part
def exact_distance(reference: Reference, at: int, queries: Queries, query: int) -> float:
    """The mean distance in double precision, columns in their order."""
    total = 0.0
    n_numbers = reference.numbers.shape[1]
    for j in range(n_numbers):
        gap = abs(np.float64(queries.numbers[query, j]) - np.float64(reference.numbers[at, j]))
        total += reference.weights[j] * min(gap, reference.cap)
    for j in range(reference.codes.shape[1]):
        if queries.codes[query, j] != reference.codes[at, j]:
            total += reference.weights[n_numbers + j]
    return total / reference.total


@part
def nearest_first(bounds: Units, count: int, limit: int, chosen: Ints) -> int:
    """Positions of the bounds within the limit, lowest first; returns how many."""
    n_chosen = 0
    for i in range(count):
        if bounds[i] <= limit:
            place = n_chosen
            while place > 0 and bounds[chosen[place - 1]] > bounds[i]:
                chosen[place] = chosen[place - 1]
                place -= 1
            chosen[place] = i
            n_chosen += 1
    return n_chosen


@part
def insert(distances: Floats, rows: Ints, query: int, distance: float, row: int) -> None:
    """Put a row in its place among the nearest of a query; the last one drops out."""
    place = distances.shape[1] - 1
    while place > 0:
        before = distances[query, place - 1]
        if before < distance or (before == distance and rows[query, place - 1] < row):
            break
        distances[query, place] = before
        rows[query, place] = rows[query, place - 1]
        place -= 1
    distances[query, place] = distance
    rows[query, place] = row


@kernel
def take(
    reference: Reference,
    leaf: int,
    limit: int,
    queries: Queries,
    query: int,
    found: Units,
    length: int,
    answer: Answer,
) -> int:
    """Measure the rows of a scanned leaf within the limit and place those that belong among the
    nearest of the query; returns the new limit.

    Rows are taken nearest in units first, so that the limit falls fast, until one is refused; the
    rest in one pass.
    """
    distances, rows = answer
    first, last = reference.firsts[leaf], distances.shape[1] - 1
    size = reference.firsts[leaf + 1] - first
    for i in range(size, length):
        found[i] = TAKEN  # rows repeated to fill the block
    in_order, at = True, 0
    while True:
        if in_order:
            least = least_of(found, length)
            if least > limit:
                return limit
            at = place_of(least, found, length)
        else:
            while at < size and found[at] > limit:
                at += 1
            if at == size:
                return limit
        units = found[at]
        found[at] = TAKEN
        row, worst = reference.rows[first + at], distances[query, last]
        if row == queries.exclude[query]:
            continue
        distance = exact_distance(reference, first + at, queries, query)
        if distance > worst or (distance == worst and row > rows[query, last]):
            tied = distance == worst and units == limit and (reference.is_plain or worst == 0.0)
            if in_order and tied:
                return limit  # rows ascend inside a leaf: its other ties come later still
            if in_order:
                in_order, at = False, 0
            continue
        insert(distances, rows, query, distance, row)
        limit = limit_of(distances[query, last], reference.scale, reference.slack)


@part
def offer(
    reference: Reference,
    leaf: int,
    limit: int,
    queries: Queries,
    query: int,
    found: Units,
    answer: Answer,
) -> int:
    """Scan a leaf and take what is within the limit; returns the new limit."""
    length = scan_leaf(reference, leaf, queries, query, found)
    if least_of(found, length) > limit:
        return limit
    return int(take(reference, leaf, limit, queries, query, found, length, answer))


@part
def comes_late(
    reference: Reference, leaf: int, bound: int, limit: int, query: int, answer: Answer
) -> bool:
    """Whether a leaf can only tie with the k-th best, and with higher row numbers."""
    distances, rows = answer
    last = rows.shape[1] - 1
    if bound < limit or not (reference.is_plain or distances[query, last] == 0.0):
        return False
    return bool(reference.rows[reference.firsts[leaf]] > rows[query, last] >= 0)
