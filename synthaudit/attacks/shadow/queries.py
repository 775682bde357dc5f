"""Counting queries: how many rows of a table agree with each candidate in a few columns.

A query is a set of one to five columns, exact or with numbers thrown into bins of equal share. The
candidates' side of a query is the same for every table, so it is prepared once; a shadow then costs
one sum, one search and one count per query. Counts become log-likelihood ratios of "the candidate
is one of the rows behind this count" (``attacks/_reuse``); which queries a generator answers too
well is for the shadows to teach.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthaudit.attacks._cell_keys import (
    CellTally,
    Count,
    Keys,
    binned_keys,
    column_subsets,
    exact_keys,
)
from synthaudit.attacks._reuse import matched_log_ratio
from synthaudit.seeds import Streams
from synthaudit.types import Codes, EncodedTable, Floats32

EXACT = 0
"""Stands for "no bins" among the binnings."""

ORDERS = {EXACT: (1, 2, 3, 4, 5), 8: (1, 2, 3), 32: (1, 2, 3)}
"""Sizes of the column subsets, by the number of bins numbers are thrown into."""

AT_MOST = 60
"""Subsets of each size; more are sampled at random."""

LARGEST = 400_000_000
"""Bytes the answers of all shadows may take; larger pools are asked fewer queries."""


@dataclass(frozen=True, eq=False)
class Query:
    """One set of columns, with the candidates' side of it.

    Attributes
    ----------
    bins : int
        Bins of numbers; 0 compares exact values.
    columns : tuple of int
    cells : (n_cells,) uint64; keys of the combinations candidates have
    held : (n_candidates,) int32; each candidate's position in ``cells``
    """

    bins: int
    columns: tuple[int, ...]
    cells: Keys
    held: Codes

    @classmethod
    def of(cls, bins: int, columns: tuple[int, ...], pool: Keys) -> Query:
        """Prepare the candidates' side, from the keys of their cells."""
        cells, held = np.unique(_joined(pool, columns), return_inverse=True)
        return cls(bins, columns, cells, held.reshape(-1).astype(np.int32))

    def tally(self, table: Keys) -> CellTally:
        """Count a table's rows, given the keys of its cells under this query's binning."""
        count = Count.of(self.cells[:, None], (0,), None)
        count.add(_joined(table, self.columns)[:, None])
        in_table = count.drawn[count.slot_of]
        in_pool = np.bincount(self.held, minlength=self.cells.size)
        return CellTally(in_pool, in_table, len(table), int(in_table.sum()))


def _joined(keys: Keys, columns: tuple[int, ...]) -> Keys:
    joined: Keys = keys[:, list(columns)].sum(axis=1, dtype=np.uint64)
    return joined


@dataclass(frozen=True, eq=False)
class Queries:
    """All queries of one audit: the same for the release and for every shadow."""

    pool: EncodedTable
    asked: tuple[Query, ...]

    @classmethod
    def about(cls, pool: EncodedTable, n_tables: int, streams: Streams) -> Queries:
        """Draw the queries; they depend on the columns and the stream, never on rows.

        Parameters
        ----------
        pool : EncodedTable
            The candidates.
        n_tables : int
            Shadows whose answers will be held together.
        streams : Streams
        """
        per_query = 4 * pool.n_rows * max(n_tables, 1)
        at_most = int(min(AT_MOST, LARGEST // per_query // sum(map(len, ORDERS.values()))))
        asked = []
        for bins, orders in ORDERS.items():
            if bins and not pool.ranks.shape[1]:
                continue  # nothing to bin: the same cells again
            keys = _keys(pool, pool, bins)
            for order in orders:
                rng = streams.rng("queries", bins, order)
                subsets = column_subsets(keys.shape[1], order, max(at_most, 1), rng)
                asked += [Query.of(bins, subset, keys) for subset in subsets]
        return cls(pool, tuple(asked))

    def ask(self, table: EncodedTable) -> Floats32:
        """Evidence of every query about every candidate, ``(n_candidates, n_queries)``, in nats."""
        keys = {bins: _keys(table, self.pool, bins) for bins in {q.bins for q in self.asked}}
        answers = np.empty((self.pool.n_rows, len(self.asked)), dtype=np.float32)
        for j, query in enumerate(self.asked):
            answers[:, j] = matched_log_ratio(query.tally(keys[query.bins]))[query.held]
        return answers

    @property
    def names(self) -> tuple[str, ...]:
        """One for each query; part of the content key of a stored shadow."""
        return tuple(f"q{q.bins}:{','.join(map(str, q.columns))}" for q in self.asked)


def _keys(table: EncodedTable, pool: EncodedTable, bins: int) -> Keys:
    return exact_keys(table) if bins == EXACT else binned_keys(table, pool, bins)
