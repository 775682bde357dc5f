"""Counting rows within a radius."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synthaudit.neighbors.compiled import kernel
from synthaudit.neighbors.parts import RUN, bound_run, exact_distance, limit_of, scan_leaf

if TYPE_CHECKING:
    from synthaudit.neighbors.reference import Queries, Reference, Scratch
    from synthaudit.types import Floats, Ints


@kernel
def tally(
    reference: Reference,
    queries: Queries,
    order: Ints,
    inner: Floats,
    outer: Floats,
    within: Ints,
    at: Ints,
    scratch: Scratch,
) -> None:
    """How many rows lie at ``outer`` or nearer, and how many of those not nearer than ``inner``."""
    found, bounds, group_bounds = scratch.found, scratch.bounds[0], scratch.group_bounds
    n_leaves = reference.firsts.size - 1
    n_groups = (n_leaves + RUN - 1) // RUN
    for query in order:
        n_within, n_at, limit = 0, 0, -1
        if outer[query] >= 0.0:
            limit = limit_of(outer[query], reference.scale, reference.slack)
        for run in range(reference.groups.low.shape[0]):
            ahead = group_bounds[run * RUN : (run + 1) * RUN]
            bound_run(reference.groups, run, reference.caps, queries, query, ahead)
        for group in range(n_groups):
            if group_bounds[group] > limit:
                continue
            bound_run(reference.leaves, group, reference.caps, queries, query, bounds)
            for lane in range(min(RUN, n_leaves - group * RUN)):
                if bounds[lane] > limit:
                    continue
                leaf = group * RUN + lane
                first = reference.firsts[leaf]
                scan_leaf(reference, leaf, queries, query, found)
                for i in range(reference.firsts[leaf + 1] - first):
                    row = reference.rows[first + i]
                    if found[i] > limit or row == queries.exclude[query]:
                        continue
                    distance = exact_distance(reference, first + i, queries, query)
                    n_within += distance <= outer[query]
                    n_at += inner[query] <= distance <= outer[query]
        within[query], at[query] = n_within, n_at
