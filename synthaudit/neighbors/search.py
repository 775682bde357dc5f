"""The usual search: query by query, nearest leaves first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from synthaudit.neighbors.compiled import kernel
from synthaudit.neighbors.parts import RUN, bound_run, comes_late, limit_of, nearest_first, offer

if TYPE_CHECKING:
    from synthaudit.neighbors.reference import Answer, Queries, Reference, Scratch
    from synthaudit.types import Ints


@kernel
def search(
    reference: Reference,
    queries: Queries,
    leaf_of: Ints,
    order: Ints,
    answer: Answer,
    scratch: Scratch,
) -> int:
    """The nearest rows of the queries in ``order``; returns the number of leaves scanned."""
    distances, rows = answer
    found, bounds = scratch.found, scratch.bounds[0]
    group_bounds, groups, lanes = scratch.group_bounds, scratch.groups, scratch.lanes
    n_leaves = reference.firsts.size - 1
    n_groups = (n_leaves + RUN - 1) // RUN
    # one group alone holds everything, whatever its bound
    n_bounded = reference.groups.low.shape[0] if n_groups > 1 else 0
    group_bounds[0] = 0
    n_scanned = 0
    for query in order:
        for i in range(distances.shape[1]):
            distances[query, i] = np.inf
            rows[query, i] = -1
        own = leaf_of[query]
        limit = limit_of(np.inf, reference.scale, reference.slack)
        visit, n_visits = -1, 0
        # the query's own leaf alone (visit -1), then the groups within the limit it leaves
        while visit < n_visits:
            if visit < 0:
                group, n_close = own // RUN, 1
                lanes[0] = own % RUN
                bounds[own % RUN] = 0
            else:
                group = groups[visit]
                if group_bounds[group] > limit:
                    break
                bound_run(reference.leaves, group, reference.caps, queries, query, bounds)
                n_close = min(RUN, n_leaves - group * RUN)
                n_close = nearest_first(bounds, n_close, limit, lanes)
            for i in range(n_close):
                leaf, bound = group * RUN + lanes[i], bounds[lanes[i]]
                if bound > limit:
                    break
                if visit >= 0 and leaf == own:
                    continue
                if comes_late(reference, leaf, bound, limit, query, answer):
                    continue
                limit = offer(reference, leaf, limit, queries, query, found, answer)
                n_scanned += 1
            if visit < 0:
                for run in range(n_bounded):
                    ahead = group_bounds[run * RUN : (run + 1) * RUN]
                    bound_run(reference.groups, run, reference.caps, queries, query, ahead)
                n_visits = nearest_first(group_bounds, n_groups, limit, groups)
            visit += 1
    return n_scanned
