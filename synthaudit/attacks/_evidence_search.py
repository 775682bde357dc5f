"""The reference rows with the largest sums of weights of evidence, without all pairs.

The reference is cut into leaves of rows that resemble each other (the partition of the neighbour
engine). Of a leaf it is known which levels and which values occur in it and between what limits its
numbers lie, which bounds the sum any of its rows can reach; leaves that cannot reach the k-th best
sum found so far are passed over. Exact for up to 16,000 reference rows; of more, the 64 leaves with
the highest bounds are searched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from synthaudit.attacks._evidence import Shares, Weights, Windows
from synthaudit.neighbors import leaves_of
from synthaudit.parallel import thread_map
from synthaudit.types import Codes, EncodedTable, Floats, Floats32, Ints

if TYPE_CHECKING:
    from synthaudit.attacks._evidence_leaves import Leaves

BLOCK = 1024
LEAF_ROWS = 256
"""Halving it excludes more and costs as much."""
MOST_LEAVES = 64
"""Leaves a query visits at most, after its first: all of 16,000 rows, the most promising ones of
more. Bounds of sums are loose, and without an end a search visits half of all leaves however many
there are. Measured on 20,000 rows a table of a tree's release: AUC 0.715 instead of 0.717 and a
third less time; 32 leaves cost 0.007."""
HOLDS_BYTES = 64_000_000
"""Room for the table of which leaf holds which value; fewer, shared buckets beyond it."""


@dataclass(frozen=True, eq=False)
class Matches:
    """The k reference rows with the largest sums of weights.

    Attributes
    ----------
    sums : (n_rows, k) float64, descending; -inf where fewer than k rows were left
    rows : (n_rows, k) int64; ties by lower row number, -1 where none was left
    """

    sums: Floats
    rows: Ints


def strongest(
    windows: Windows,
    queries: EncodedTable,
    reference: EncodedTable,
    weigh: Callable[[Shares], Weights],
    k: int,
    *,
    itself: bool = False,
    jobs: int = 1,
    most_leaves: int = MOST_LEAVES,
) -> Matches:
    """The ``k`` reference rows with the largest sum of weights for every query.

    Parameters
    ----------
    weigh : callable
        Weights of the queries from their shares; called on blocks of rows.
    itself : bool
        Queries and reference are one table, and each row is left out for itself.
    jobs : int
        Threads.
    most_leaves : int
        Leaves a query visits at most, after its first.

    Notes
    -----
    Sums are taken in single precision, columns in their order. Exact unless the reference has more
    than 64 leaves of 256 rows; then a row in a leaf of a low bound can be missed.
    """
    from synthaudit.attacks._evidence_kernels import search
    from synthaudit.attacks._evidence_leaves import Asked, Room

    k = max(1, min(k, reference.n_rows))
    ours, theirs = _comparable(queries, reference, windows)
    leaves = _leaves(reference, theirs)
    n_numbers, n_leaves = leaves.low.shape
    shapes = (n_leaves,), (n_numbers, n_leaves), (int(np.diff(leaves.starts).max(initial=0)),)
    # columns with many values tell most: with them first, hopeless leaves are given up sooner
    order = np.argsort(-leaves.widths[:n_numbers], kind="stable")

    widths = windows.widths.astype(np.float32)
    # queries that resemble each other visit the same leaves, while these are still at hand
    visitors = leaves_of(queries.ranks, queries.codes, LEAF_ROWS)[0]
    found = np.full((queries.n_rows, k), -np.inf)
    found_rows = np.full(found.shape, -1, dtype=np.int64)

    def find(start: int) -> None:
        rows = visitors[start : start + BLOCK]
        weights = weigh(windows.shares(queries.take(rows)))
        asked = Asked(
            ours.values[rows],
            ours.keys[rows],
            queries.codes[rows],
            weights.windows.astype(np.float32),
            weights.equal,
            weights.unequal,
            rows if itself else np.full(rows.size, -1, dtype=np.int64),
            order,
        )
        mine, my_rows = found[rows], found_rows[rows]
        room = Room(*(np.empty(shape, dtype=np.float32) for shape in shapes))
        search(asked, leaves, widths, room, mine, my_rows, most_leaves)
        found[rows], found_rows[rows] = mine, my_rows

    thread_map(find, range(0, queries.n_rows, BLOCK), jobs)
    return Matches(found, found_rows)


@dataclass(frozen=True, eq=False)
class _Comparable:
    """One table's numbers, in single precision around a common centre, and keys of equal values."""

    values: Floats32
    keys: Codes


def _comparable(
    queries: EncodedTable, reference: EncodedTable, windows: Windows
) -> tuple[_Comparable, _Comparable]:
    """Queries and reference, row by row."""
    n = queries.n_rows
    both = np.concatenate([queries.values, reference.values])
    keys = np.empty(both.shape, dtype=np.int32)
    values = np.empty(both.shape, dtype=np.float32)
    for j, column in enumerate(both.T):
        keys[:, j] = np.unique(column, return_inverse=True)[1].reshape(-1)
        finite = windows.pool.values[np.isfinite(windows.pool.values[:, j]), j]
        # an observed value as the centre: whole numbers stay whole, and small
        centre = float(np.quantile(finite, 0.5, method="lower")) if finite.size else 0.0
        values[:, j] = column - centre
    return _Comparable(values[:n], keys[:n]), _Comparable(values[n:], keys[n:])


def _leaves(reference: EncodedTable, compared: _Comparable) -> Leaves:
    """The reference in leaf order, with what its leaves hold."""
    from synthaudit.attacks._evidence_leaves import PADDED, Leaves, fill_leaves

    rows, firsts = leaves_of(reference.ranks, reference.codes, LEAF_ROWS)
    sizes = np.diff(firsts)
    lengths = -(-sizes // PADDED) * PADDED
    starts = np.append(0, np.cumsum(lengths))
    inside = np.arange(starts[-1]) - np.repeat(starts[:-1], lengths)
    rows = rows[np.repeat(firsts[:-1], lengths) + np.minimum(inside, np.repeat(sizes - 1, lengths))]
    n_leaves, n_numbers = sizes.size, compared.keys.shape[1]
    n_columns = n_numbers + reference.codes.shape[1]
    most = max(64, HOLDS_BYTES // max(1, n_leaves * n_columns))
    n_values = [*compared.keys.max(axis=0, initial=0), *reference.codes.max(axis=0, initial=0)]
    widths = np.minimum(np.array(n_values, dtype=np.int64) + 1, most)
    shape = n_numbers, n_leaves
    keys = np.ascontiguousarray(compared.keys[rows].T)
    codes = np.ascontiguousarray(reference.codes[rows].T)
    leaves = Leaves(
        starts=starts,
        sizes=sizes,
        rows=rows,
        values=np.ascontiguousarray(compared.values[rows].T),
        keys=keys,
        codes=codes,
        short_keys=keys.astype(np.uint16),
        short_codes=codes.astype(np.uint8),
        low=np.full(shape, np.inf, dtype=np.float32),
        high=np.full(shape, -np.inf, dtype=np.float32),
        gaps=np.zeros(shape, dtype=np.bool_),
        alike=np.ones((n_columns, n_leaves), dtype=np.bool_),
        holds=np.zeros((int(widths.sum()), n_leaves), dtype=np.uint8),
        offsets=np.cumsum(widths) - widths,
        widths=widths,
    )
    fill_leaves(leaves)
    return leaves
