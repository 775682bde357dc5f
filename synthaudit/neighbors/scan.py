"""The search of hard tables: a tile of queries passes over all leaves together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from synthaudit.neighbors.compiled import kernel
from synthaudit.neighbors.parts import RUN, TILE, bound_run, comes_late, limit_of, offer

if TYPE_CHECKING:
    from synthaudit.neighbors.reference import Answer, Queries, Reference, Scratch
    from synthaudit.types import Ints


@kernel
def search_tiled(
    reference: Reference,
    queries: Queries,
    leaf_of: Ints,
    order: Ints,
    answer: Answer,
    scratch: Scratch,
) -> int:
    """As ``search``, leaf by leaf instead of query by query; returns the number of leaves scanned.

    For tables whose boxes exclude little. A tile of queries passes over the leaves together, from
    its own group on, so that a block is fetched once for all of them; what is lost is the order,
    nearest leaf first, which excludes leaves only where there is something to exclude.
    """
    distances, rows = answer
    found, bounds, limits = scratch.found, scratch.bounds, scratch.limits
    n_leaves = reference.firsts.size - 1
    n_groups = (n_leaves + RUN - 1) // RUN
    n_scanned = 0
    for start in range(0, order.size, TILE):
        n_tile = min(TILE, order.size - start)
        near = leaf_of[order[start]] // RUN
        # step -1 takes the own leaves, so that every query has a limit before the pass begins
        for step in range(-1, n_groups):
            group = (near + step) % n_groups
            first = 0 if step < 0 else group * RUN
            stop = 1 if step < 0 else min(first + RUN, n_leaves)
            for t in range(n_tile):
                query = order[start + t]
                if step < 0:
                    for i in range(distances.shape[1]):
                        distances[query, i] = np.inf
                        rows[query, i] = -1
                    limits[t] = limit_of(np.inf, reference.scale, reference.slack)
                    bounds[t, 0] = 0
                else:
                    bound_run(reference.leaves, group, reference.caps, queries, query, bounds[t])
            for place in range(first, stop):
                for t in range(n_tile):
                    query, bound = order[start + t], bounds[t, place - first]
                    leaf = leaf_of[query] if step < 0 else place
                    if bound > limits[t] or (step >= 0 and leaf == leaf_of[query]):
                        continue
                    if comes_late(reference, leaf, bound, limits[t], query, answer):
                        continue
                    limits[t] = offer(reference, leaf, limits[t], queries, query, found, answer)
                    n_scanned += 1
    return n_scanned
