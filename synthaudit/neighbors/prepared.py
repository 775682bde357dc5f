"""A reference made ready for searching, and the searches over chunks of queries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthaudit.neighbors import kernels
from synthaudit.neighbors.boxes import GROUP, blocks_of, boxes_of
from synthaudit.neighbors.layout import Layout, exact_numbers, layout_of
from synthaudit.neighbors.partition import LEAF_ROWS, Tree, own_leaves, partition
from synthaudit.parallel import thread_map
from synthaudit.types import Codes, Floats, Floats32, Ints

PRESENCE_BYTES = 64_000_000
"""Room for the table of which leaf holds which level; fewer, wider buckets beyond it."""
CHUNK_QUERIES = 65_536
"""Queries laid out at a time."""
PIECE_QUERIES = 2_048
"""Queries handed to a thread at a time."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """The reference in both forms, its tree, and which columns take part."""

    layout: Layout
    tree: Tree
    reference: kernels.Reference
    kept_numbers: NDArray[np.intp]
    kept_codes: NDArray[np.intp]

    def search(
        self, numbers: Floats32, codes: Codes, k: int, exclude: Ints | None, jobs: int
    ) -> tuple[Floats, Ints]:
        """Distances and rows of the k nearest, both ``(n_queries, k)``."""
        n_queries = numbers.shape[0]
        distances = np.empty((n_queries, k))
        rows = np.empty((n_queries, k), dtype=np.int64)
        for start in range(0, n_queries, CHUNK_QUERIES):
            chunk = slice(start, min(start + CHUNK_QUERIES, n_queries))
            queries = self._queries(numbers[chunk], codes[chunk], _part(exclude, chunk))
            leaf_of = self._leaves(queries)
            found = distances[chunk], rows[chunk]

            def piece(
                order: Ints,
                queries: kernels.Queries = queries,
                leaf_of: Ints = leaf_of,
                found: tuple[Floats, Ints] = found,
            ) -> int:
                return int(kernels.search(self.reference, queries, leaf_of, order, *found))

            thread_map(piece, _pieces(leaf_of), jobs)
        return distances, rows

    def count(
        self,
        numbers: Floats32,
        codes: Codes,
        radius: Floats,
        tolerance: float,
        exclude: Ints | None,
        jobs: int,
    ) -> tuple[Ints, Ints]:
        """Rows within each radius, and rows at it, both ``(n_queries,)``."""
        n_queries = numbers.shape[0]
        within = np.empty(n_queries, dtype=np.int64)
        at = np.empty(n_queries, dtype=np.int64)
        radius = np.array(np.broadcast_to(radius, (n_queries,)), dtype=np.float64)
        for start in range(0, n_queries, CHUNK_QUERIES):
            chunk = slice(start, min(start + CHUNK_QUERIES, n_queries))
            queries = self._queries(numbers[chunk], codes[chunk], _part(exclude, chunk))
            parts = radius[chunk], tolerance, within[chunk], at[chunk]

            def piece(
                order: Ints,
                queries: kernels.Queries = queries,
                parts: tuple[Floats, float, Ints, Ints] = parts,
            ) -> None:
                kernels.count(self.reference, queries, order, *parts)

            thread_map(piece, _pieces(self._leaves(queries)), jobs)
        return within, at

    def _queries(self, numbers: Floats32, codes: Codes, exclude: Ints | None) -> kernels.Queries:
        exact = exact_numbers(numbers[:, self.kept_numbers])
        kept = np.array(codes[:, self.kept_codes], dtype=np.int32, order="C")
        positions = self.layout.positions(kept)
        n_queries = exact.shape[0]
        return kernels.Queries(
            units=self.layout.units(exact, positions),
            buckets=self.layout.buckets(positions, n_queries),
            numbers=exact,
            codes=kept,
            exclude=(
                np.full(n_queries, -1, dtype=np.int64)
                if exclude is None
                else np.array(exclude, dtype=np.int64)
            ),
        )

    def _leaves(self, queries: kernels.Queries) -> Ints:
        return own_leaves(self.tree, queries.units)


def _part(exclude: Ints | None, chunk: slice) -> Ints | None:
    return None if exclude is None else exclude[chunk]


def _pieces(leaf_of: Ints) -> list[Ints]:
    """Queries sorted by their own leaf, so that neighbours in the list scan the same blocks."""
    order = np.argsort(leaf_of, kind="stable")
    return [order[i : i + PIECE_QUERIES] for i in range(0, order.size, PIECE_QUERIES)]


def prepare(
    numbers: Floats32, codes: Codes, cap: float, number_weights: Floats, code_weights: Floats
) -> Prepared:
    """Lay out, partition and bound a reference table; columns of weight 0 are left out."""
    kept_numbers, kept_codes = np.flatnonzero(number_weights), np.flatnonzero(code_weights)
    weights = np.concatenate([number_weights[kept_numbers], code_weights[kept_codes]])
    exact = exact_numbers(numbers[:, kept_numbers])
    kept = np.array(codes[:, kept_codes], dtype=np.int32, order="C")
    n_rows = exact.shape[0]
    most_leaves = 2 * n_rows // LEAF_ROWS + GROUP
    most_buckets = max(64, PRESENCE_BYTES // (most_leaves * max(1, kept.shape[1])))
    layout = layout_of(exact, kept, cap, weights, most_buckets)
    positions = layout.positions(kept)
    units = layout.units(exact, positions)
    tree, order = partition(units, exact.shape[1], layout.caps)
    firsts = tree.firsts
    units, buckets = units[order], layout.buckets(positions, n_rows)[order]
    n_leaves = firsts.size - 1
    group_firsts = np.append(firsts[:-1:GROUP], n_rows)
    bounded = (units, buckets, layout.n_buckets)
    starts, blocks = blocks_of(units, firsts)
    reference = kernels.Reference(
        firsts=firsts,
        starts=starts,
        blocks=blocks,
        rows=order,
        numbers=exact[order],
        codes=kept[order],
        leaves=boxes_of(*bounded, firsts, layout.caps, min(GROUP, n_leaves)),
        groups=boxes_of(*bounded, group_firsts, layout.caps, group_firsts.size - 1),
        caps=layout.caps,
        weights=weights,
        cap=cap,
        total=float(number_weights.sum() + code_weights.sum()),
        units_per_distance=layout.units_per_distance,
        slack=float(exact.shape[1]),
    )
    return Prepared(layout, tree, reference, kept_numbers, kept_codes)
