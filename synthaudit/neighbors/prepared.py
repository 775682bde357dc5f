"""A reference made ready for searching, and the searches over chunks of queries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthaudit.neighbors.boxes import blocks_of, boxes_of
from synthaudit.neighbors.layout import Layout, exact_numbers, layout_of
from synthaudit.neighbors.partition import LEAF_ROWS, Tree, own_leaves, partition
from synthaudit.neighbors.parts import RUN, TILE
from synthaudit.neighbors.reference import Answer, Queries, Reference, Scratch
from synthaudit.neighbors.scan import search_tiled
from synthaudit.neighbors.search import search
from synthaudit.neighbors.within import tally
from synthaudit.parallel import thread_map
from synthaudit.types import Codes, Floats, Floats32, Ints

PRESENCE_BYTES = 64_000_000
"""Room for the table of which leaf holds which level; fewer, wider buckets beyond it."""
CHUNK_QUERIES = 65_536
"""Queries laid out at a time."""
PIECE_QUERIES = 2_048
"""Most queries handed to a thread at a time; fewer when threads would be left without."""
TILED_FROM = 4_096
"""Fewer queries than this are never worth a sample."""
TILED_BYTES = 1_000_000
"""Blocks up to this size stay in a core's own cache anyhow."""
PROBED = 256
HARD_SHARE = 0.25
"""Share of the leaves scanned from which queries are better tiled."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """The reference in both forms, its tree, and which columns take part."""

    layout: Layout
    tree: Tree
    reference: Reference
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
            leaf_of = own_leaves(self.tree, queries.units)
            order = np.argsort(leaf_of, kind="stable")  # neighbours in it scan the same blocks
            answer = Answer(distances[chunk], rows[chunk])
            run = self._way(queries, leaf_of, order, answer)

            def piece(
                part: Ints,
                run: Callable[..., int] = run,
                queries: Queries = queries,
                leaf_of: Ints = leaf_of,
                answer: Answer = answer,
            ) -> None:
                run(self.reference, queries, leaf_of, part, answer, self._scratch())

            thread_map(piece, _pieces(order, jobs), jobs)
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
        inner, outer = radius - tolerance, radius + tolerance
        for start in range(0, n_queries, CHUNK_QUERIES):
            chunk = slice(start, min(start + CHUNK_QUERIES, n_queries))
            queries = self._queries(numbers[chunk], codes[chunk], _part(exclude, chunk))
            order = np.argsort(own_leaves(self.tree, queries.units), kind="stable")
            parts = inner[chunk], outer[chunk], within[chunk], at[chunk]

            def piece(
                part: Ints,
                queries: Queries = queries,
                parts: tuple[Floats, Floats, Ints, Ints] = parts,
            ) -> None:
                tally(self.reference, queries, part, *parts, self._scratch())

            thread_map(piece, _pieces(order, jobs), jobs)
        return within, at

    def _way(
        self, queries: Queries, leaf_of: Ints, order: Ints, answer: Answer
    ) -> Callable[..., int]:
        """Query by query, or tiled where a sample of the queries scans much of the table."""
        sample = order[:: max(1, order.size // PROBED)]
        if order.size < TILED_FROM or self.reference.blocks.nbytes < TILED_BYTES:
            return search  # type: ignore[no-any-return]
        scanned = search(self.reference, queries, leaf_of, sample, answer, self._scratch())
        n_leaves = self.tree.firsts.size - 1
        is_hard = scanned > HARD_SHARE * n_leaves * sample.size
        return search_tiled if is_hard else search  # type: ignore[no-any-return]

    def _queries(self, numbers: Floats32, codes: Codes, exclude: Ints | None) -> Queries:
        exact = exact_numbers(numbers[:, self.kept_numbers])
        kept = np.array(codes[:, self.kept_codes], dtype=np.int32, order="C")
        positions = self.layout.positions(kept)
        n_queries = exact.shape[0]
        return Queries(
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

    def _scratch(self) -> Scratch:
        n_groups = self.reference.groups.absent.shape[1]
        return Scratch(
            found=np.empty(self.reference.longest, dtype=np.uint16),
            bounds=np.empty((TILE, RUN), dtype=np.uint16),
            limits=np.empty(TILE, dtype=np.int64),
            lanes=np.empty(RUN, dtype=np.int64),
            group_bounds=np.empty(n_groups, dtype=np.uint16),
            groups=np.empty(n_groups, dtype=np.int64),
        )


def _part(exclude: Ints | None, chunk: slice) -> Ints | None:
    return None if exclude is None else exclude[chunk]


def _pieces(order: Ints, jobs: int) -> list[Ints]:
    """Runs of queries in whole tiles, about four to a thread."""
    share = -(-order.size // (4 * max(1, jobs)) // TILE) * TILE
    size = max(TILE, min(share, PIECE_QUERIES))
    return [order[i : i + size] for i in range(0, order.size, size)]


def prepare(
    numbers: Floats32,
    codes: Codes,
    cap: float,
    number_weights: Floats,
    code_weights: Floats,
    leaf_rows: int = LEAF_ROWS,
) -> Prepared:
    """Lay out, partition and bound a reference table; columns of weight 0 are left out."""
    kept_numbers, kept_codes = np.flatnonzero(number_weights), np.flatnonzero(code_weights)
    weights = np.concatenate([number_weights[kept_numbers], code_weights[kept_codes]])
    exact = exact_numbers(numbers[:, kept_numbers])
    kept = np.array(codes[:, kept_codes], dtype=np.int32, order="C")
    n_rows = exact.shape[0]
    most_buckets = PRESENCE_BYTES // (2 * (2 * n_rows // leaf_rows + RUN))
    most_buckets = max(64, most_buckets // max(1, kept.shape[1]))
    layout = layout_of(exact, kept, cap, weights, most_buckets)
    positions = layout.positions(kept)
    units = layout.units(exact, positions)
    tree, order = partition(units, exact.shape[1], layout.caps, leaf_rows)
    firsts = tree.firsts
    units, buckets = units[order], layout.buckets(positions, n_rows)[order]
    bounded = (layout.pays, exact.shape[1])
    starts, blocks = blocks_of(units, firsts)
    reference = Reference(
        firsts=firsts,
        starts=starts,
        blocks=blocks,
        rows=order,
        numbers=exact[order],
        codes=kept[order],
        leaves=boxes_of(units, buckets, firsts, *bounded),
        groups=boxes_of(units, buckets, np.append(firsts[:-1:RUN], n_rows), *bounded),
        caps=layout.caps,
        weights=weights,
        cap=cap,
        total=float(number_weights.sum() + code_weights.sum()),
        scale=layout.units_per_distance,
        slack=float(exact.shape[1]),
        is_plain=exact.shape[1] == 0 and bool(np.all(weights == weights[0])) and layout.caps[0] > 0,
        longest=int(np.diff(starts).max()) // layout.caps.size,
    )
    return Prepared(layout, tree, reference, kept_numbers, kept_codes)
