"""Compiled searches: bound the boxes, scan few leaves in units, decide in double precision.

Two facts make the search exact. The distance in units never exceeds the true one by more than
``slack`` (``limit_of``), for rows and for boxes alike, so nothing that belongs to the answer is
passed over. And every row that passes is measured in double precision, columns in their order, and
placed by (distance, row number).

Slices (``block[a:b]``) in the inner loops are not for looks: indexing with an offset makes numba
check for negative positions and keeps the loop from being vectorised.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synthaudit.neighbors.boxes import GROUP, Boxes
from synthaudit.neighbors.compiled import kernel
from synthaudit.neighbors.layout import Units
from synthaudit.types import Codes, Floats, Floats32, Ints

u16 = np.uint16
Buckets = NDArray[np.int32]
EVERYTHING = 65_535


class Reference(NamedTuple):
    """The reference table in leaf order, with its boxes.

    Attributes
    ----------
    firsts : (n_leaves + 1,) int64; first row of each leaf.
    starts : (n_leaves + 1,) int64; where each leaf's block starts in ``blocks``.
    blocks : flat uint16; per leaf a column-major block, each column padded to the same length.
    rows : (n_rows,) int64; row numbers in the caller's table.
    numbers, codes : the exact form, in leaf order.
    leaves, groups : Boxes; groups are one run of boxes over 64 leaves each.
    caps : (n_columns,) uint16
    cap : float; weights : (n_columns,) float64; total : their sum.
    units_per_distance, slack : see ``limit_of``.
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
    units_per_distance: float
    slack: float


class Queries(NamedTuple):
    """Queries in both forms: ``units`` (m, n_columns), ``buckets`` (m, n_categories) rows of the
    presence tables, exact ``numbers`` and ``codes``, ``exclude`` (m,) row numbers to skip or -1."""

    units: Units
    buckets: Buckets
    numbers: Floats32
    codes: Codes
    exclude: Ints


@kernel
def limit_of(reference: Reference, distance: float) -> float:
    """Units beyond which no row can lie at ``distance`` or nearer."""
    units = distance * reference.units_per_distance * (1 + 1e-9) + reference.slack + 1e-3
    return min(units, float(EVERYTHING))


@kernel
def bound_boxes(
    boxes: Boxes, run: int, count: int, caps: Units, units: Units, buckets: Buckets, bounds: Units
) -> None:
    """Lower bounds, in units, of the first ``count`` boxes of a run."""
    n_numbers, width = boxes.low.shape[1], boxes.low.shape[2]
    bounds = bounds[:count]
    bounds[:] = 0
    for j in range(n_numbers):
        here, cap = units[j], caps[j]
        if here == 0:
            pays = boxes.no_missing[run, j, :count]
            for i in range(count):
                bounds[i] = u16(bounds[i] + pays[i])
        else:
            low, high = boxes.low[run, j, :count], boxes.high[run, j, :count]
            for i in range(count):
                gap = u16(max(low[i], here) - here) + u16(here - min(high[i], here))
                bounds[i] = u16(bounds[i] + min(u16(gap), cap))
    for j in range(buckets.size):
        cap = caps[n_numbers + j]
        absent = boxes.absent[buckets[j], run * width : run * width + count]
        for i in range(count):
            bounds[i] = u16(bounds[i] + u16(absent[i]) * cap)


@kernel
def scan_leaf(reference: Reference, leaf: int, units: Units, found: Units) -> int:
    """Distances in units of every row of a leaf; returns the least."""
    start, stop = reference.starts[leaf], reference.starts[leaf + 1]
    n_columns, n_numbers = reference.caps.size, reference.numbers.shape[1]
    length = (stop - start) // n_columns
    found = found[:length]
    found[:] = 0
    for j in range(n_numbers):
        here, cap = units[j], reference.caps[j]
        column = reference.blocks[start + j * length : start + (j + 1) * length]
        for i in range(length):
            gap = u16(max(column[i], here) - min(column[i], here))
            found[i] = u16(found[i] + min(gap, cap))
    for j in range(n_numbers, n_columns):
        here, cap = units[j], reference.caps[j]
        column = reference.blocks[start + j * length : start + (j + 1) * length]
        for i in range(length):
            found[i] = u16(found[i] + (cap if column[i] != here else u16(0)))
    least = u16(EVERYTHING)
    for i in range(length):
        least = min(least, found[i])
    return int(least)


@kernel
def exact_distance(reference: Reference, at: int, numbers: Floats32, codes: Codes) -> float:
    """The mean distance in double precision, columns in their order."""
    total = 0.0
    n_numbers = numbers.size
    for j in range(n_numbers):
        gap = abs(np.float64(numbers[j]) - np.float64(reference.numbers[at, j]))
        total += reference.weights[j] * min(gap, reference.cap)
    for j in range(codes.size):
        if codes[j] != reference.codes[at, j]:
            total += reference.weights[n_numbers + j]
    return total / reference.total


@kernel
def offer(
    reference: Reference,
    leaf: int,
    limit: float,
    query: tuple[Floats32, Codes, int],
    units: Units,
    found: Units,
    distances: Floats,
    rows: Ints,
) -> float:
    """Scan a leaf and place what belongs among the nearest; returns the new limit."""
    if scan_leaf(reference, leaf, units, found) > limit:
        return limit
    first, stop = reference.firsts[leaf], reference.firsts[leaf + 1]
    numbers, codes, exclude = query
    last = distances.size - 1
    for i in range(stop - first):
        if found[i] > limit:
            continue
        row = reference.rows[first + i]
        if row == exclude:
            continue
        distance = exact_distance(reference, first + i, numbers, codes)
        if distance > distances[last] or (distance == distances[last] and row > rows[last]):
            continue
        place = last
        while place > 0 and (
            distances[place - 1] > distance
            or (distances[place - 1] == distance and rows[place - 1] > row)
        ):
            distances[place] = distances[place - 1]
            rows[place] = rows[place - 1]
            place -= 1
        distances[place] = distance
        rows[place] = row
        limit = limit_of(reference, distances[last])
    return limit


@kernel
def nearest_first(bounds: Units, count: int, limit: float, chosen: Ints) -> int:
    """Positions of the bounds within the limit, lowest first; returns how many."""
    n_chosen = 0
    for i in range(count):
        if bounds[i] > limit:
            continue
        place = n_chosen
        while place > 0 and bounds[chosen[place - 1]] > bounds[i]:
            chosen[place] = chosen[place - 1]
            place -= 1
        chosen[place] = i
        n_chosen += 1
    return n_chosen


@kernel
def search(
    reference: Reference,
    queries: Queries,
    leaf_of: Ints,
    order: Ints,
    distances: Floats,
    rows: Ints,
) -> int:
    """The nearest rows of the queries in ``order``; returns the number of leaves scanned.

    ``distances`` and ``rows`` are (n_queries, k), filled in place for those queries.
    """
    n_leaves = reference.firsts.size - 1
    n_groups = reference.groups.low.shape[2]
    widest = (np.diff(reference.starts).max() // reference.caps.size) + 1
    found = np.empty(widest, np.uint16)
    group_bounds = np.empty(n_groups, np.uint16)
    leaf_bounds = np.empty(GROUP, np.uint16)
    groups = np.empty(n_groups, np.int64)
    leaves = np.empty(GROUP, np.int64)
    n_scanned = 0
    for query in order:
        units, buckets = queries.units[query], queries.buckets[query]
        exact = (queries.numbers[query], queries.codes[query], queries.exclude[query])
        best, best_rows = distances[query], rows[query]
        best[:] = np.inf
        best_rows[:] = -1
        own = leaf_of[query]
        limit = offer(reference, own, float(EVERYTHING), exact, units, found, best, best_rows)
        n_scanned += 1
        bound_boxes(reference.groups, 0, n_groups, reference.caps, units, buckets, group_bounds)
        group_bounds[own // GROUP] = 0
        n_chosen = nearest_first(group_bounds, n_groups, limit, groups)
        for g in range(n_chosen):
            group = groups[g]
            if group_bounds[group] > limit:
                break
            count = min(GROUP, n_leaves - group * GROUP)
            bound_boxes(reference.leaves, group, count, reference.caps, units, buckets, leaf_bounds)
            n_close = nearest_first(leaf_bounds, count, limit, leaves)
            for i in range(n_close):
                leaf = group * GROUP + leaves[i]
                if leaf_bounds[leaves[i]] > limit:
                    break
                if leaf != own:
                    limit = offer(reference, leaf, limit, exact, units, found, best, best_rows)
                    n_scanned += 1
    return n_scanned


@kernel
def count(
    reference: Reference,
    queries: Queries,
    order: Ints,
    radius: Floats,
    tolerance: float,
    within: Ints,
    at: Ints,
) -> None:
    """How many rows lie within each radius and how many of them exactly at it."""
    n_leaves = reference.firsts.size - 1
    n_groups = reference.groups.low.shape[2]
    widest = (np.diff(reference.starts).max() // reference.caps.size) + 1
    found = np.empty(widest, np.uint16)
    group_bounds = np.empty(n_groups, np.uint16)
    leaf_bounds = np.empty(GROUP, np.uint16)
    for query in order:
        units, buckets = queries.units[query], queries.buckets[query]
        numbers, codes = queries.numbers[query], queries.codes[query]
        inner, outer = radius[query] - tolerance, radius[query] + tolerance
        within[query], at[query] = 0, 0
        if not outer >= 0.0:
            continue
        limit = limit_of(reference, outer)
        bound_boxes(reference.groups, 0, n_groups, reference.caps, units, buckets, group_bounds)
        for group in range(n_groups):
            if group_bounds[group] > limit:
                continue
            width = min(GROUP, n_leaves - group * GROUP)
            bound_boxes(reference.leaves, group, width, reference.caps, units, buckets, leaf_bounds)
            for lane in range(width):
                if leaf_bounds[lane] > limit:
                    continue
                leaf = group * GROUP + lane
                if scan_leaf(reference, leaf, units, found) > limit:
                    continue
                first, stop = reference.firsts[leaf], reference.firsts[leaf + 1]
                for i in range(stop - first):
                    if found[i] > limit or reference.rows[first + i] == queries.exclude[query]:
                        continue
                    distance = exact_distance(reference, first + i, numbers, codes)
                    if distance <= outer:
                        within[query] += 1
                        at[query] += distance >= inner
