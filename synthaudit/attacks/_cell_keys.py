"""Every cell as a 64-bit key, and how often combinations of cells occur in the pool and the table.

A combination of columns has the sum of its cells' keys, so any of the thousands of column subsets
an attack may ask for costs one addition and one sort. Two different combinations share a key with a
probability of about ``n_rows**2 / 2**64``: never, at any size a table can have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from synthaudit.data.views import AdversaryView
from synthaudit.parallel import thread_map
from synthaudit.types import EncodedTable, Floats, Ints

Keys = NDArray[np.uint64]


def mixed(words: Keys) -> Keys:
    """A bijection of 64-bit words that spreads every input bit over all output bits.

    The finaliser of SplitMix64 (Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195).
    """
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    found: Keys = words ^ (words >> np.uint64(31))
    return found


def _salted(words: Keys, first: int) -> Keys:
    """Keys of cells: equal words in different columns get unrelated keys."""
    salt = mixed(np.arange(first + 1, first + 1 + words.shape[1], dtype=np.uint64) << np.uint64(32))
    return mixed(words + salt)


def _words(numbers: Floats) -> Keys:
    """The bits of doubles, with one pattern for missing and one for both zeros."""
    plain = np.where(np.isnan(numbers), np.nan, numbers + 0.0)
    return np.ascontiguousarray(plain).view(np.uint64)


def _with_codes(numbers: Keys, table: EncodedTable) -> Keys:
    first = numbers.shape[1]
    categories = table.codes.astype(np.int64).astype(np.uint64)
    return np.concatenate([_salted(numbers, 0), _salted(categories, first)], axis=1)


def exact_keys(table: EncodedTable) -> Keys:
    """Keys of cells by their exact value, ``(n_rows, n_columns)``: numbers first, then codes."""
    return _with_codes(_words(table.values), table)


def binned_keys(table: EncodedTable, pool: EncodedTable, n_bins: int) -> Keys:
    """Keys of cells with numbers thrown into at most ``n_bins`` equal shares of the candidates.

    Edges are quantiles: a value many share (a capital gain of zero) has one bin with what lies just
    above it, so that a generator's jitter around it does not leave the cell.
    """
    cells: Floats = np.empty(table.ranks.shape)
    for j in range(cells.shape[1]):
        ranks = pool.ranks[:, j]
        inner = np.arange(1, n_bins) / n_bins
        present = ranks[~np.isnan(ranks)]
        edges = np.unique(np.quantile(present, inner)) if present.size else np.empty(0)
        cells[:, j] = np.searchsorted(edges, table.ranks[:, j], side="right")
    cells[np.isnan(table.ranks)] = np.nan
    return _with_codes(_words(cells), table)


def row_keys(table: EncodedTable) -> Keys:
    """One key a row, by content alone: the same for identical rows, whatever their position.

    By ranks and levels, so that neither units nor spelling decide which rows are drawn.
    """
    keys = _with_codes(_words(table.ranks.astype(np.float64)), table)
    return mixed(keys.sum(axis=1, dtype=np.uint64))


@dataclass(frozen=True, eq=False)
class Tally:
    """How often each candidate's combination of values occurs.

    Attributes
    ----------
    in_pool : (n_candidates,) int64; candidates that have it, the candidate included; persons when
        a person has several rows
    in_table : (n_candidates,) int64; occurrences in the synthetic table
    n_rows : rows of the synthetic table
    n_rows_found : synthetic rows whose combination at least one candidate has
    """

    in_pool: Ints
    in_table: Ints
    n_rows: int
    n_rows_found: int

    @property
    def n_candidates(self) -> int:
        """Candidates counted."""
        return int(self.in_pool.size)

    @property
    def shared(self) -> float:
        """Share of candidates whose combination another one has too."""
        return float(np.mean(self.in_pool > 1))

    @property
    def n_once(self) -> int:
        """Combinations that one candidate has."""
        return int((self.in_pool == 1).sum())

    @property
    def n_twice(self) -> int:
        """Combinations that two candidates have."""
        return int((self.in_pool == 2).sum()) // 2


@dataclass(frozen=True, eq=False)
class CellTally(Tally):
    """The same with an entry for every combination candidates have, instead of every candidate.

    The hundreds of queries of a shadow are about combinations many share: counted once for each,
    they take a fraction of the time.
    """

    @property
    def n_candidates(self) -> int:
        """Candidates counted."""
        return int(self.in_pool.sum())

    @property
    def shared(self) -> float:
        """Share of candidates whose combination another one has too."""
        return (self.n_candidates - self.n_once) / self.n_candidates

    @property
    def n_twice(self) -> int:
        """Combinations that two candidates have."""
        return int((self.in_pool == 2).sum())


@dataclass(frozen=True, eq=False)
class CellKeys:
    """Keys of the candidates' cells, and how to get those of the synthetic table's parts.

    Attributes
    ----------
    view : AdversaryView
    keyed : callable
        Keys of the cells of a table, ``(n_rows, n_columns)`` uint64.
    """

    view: AdversaryView
    keyed: Callable[[EncodedTable], Keys]

    @classmethod
    def exact(cls, view: AdversaryView) -> CellKeys:
        """Cells by exact value."""
        return cls(view, exact_keys)

    @classmethod
    def binned(cls, view: AdversaryView, n_bins: int) -> CellKeys:
        """Cells with numbers binned by rank."""
        return cls(view, lambda table: binned_keys(table, view.candidates, n_bins))

    @cached_property
    def pool(self) -> Keys:
        """Keys of the candidates' cells."""
        return self.keyed(self.view.candidates)

    @cached_property
    def table(self) -> Keys:
        """Keys of the synthetic table's cells, where all of it is in memory."""
        return self.keyed(self.view.synthetic)

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return self.view.candidates.n_columns

    def tally(self, columns: Sequence[int]) -> Tally:
        """Count the combination of the given columns."""
        return self.tallies([columns])[0]

    def tallies(self, subsets: Sequence[Sequence[int]], jobs: int = 1) -> list[Tally]:
        """Count several combinations, ``jobs`` at a time, in all parts of the table."""
        if self.view.whole is None:
            return thread_map(self._in_memory, subsets, jobs)
        counts = [Count.of(self.pool, columns, self.view.persons) for columns in subsets]
        n_rows = 0
        for part in self.view.synthetic_parts():
            keys = self.keyed(part)

            def add(count: Count, keys: Keys = keys) -> None:
                count.add(keys)

            thread_map(add, counts, jobs)
            n_rows += part.n_rows
        return [count.tally(n_rows) for count in counts]

    def _in_memory(self, columns: Sequence[int]) -> Tally:
        count = Count.of(self.pool, columns, self.view.persons)
        count.add(self.table)
        return count.tally(len(self.table))


@dataclass(frozen=True, eq=False)
class Count:
    """A hash table of the pool's combinations of some columns, and what was counted in it.

    Attributes
    ----------
    slots, held, drawn : (n_slots,); the key of a slot, its candidates, its synthetic rows
    slot_of : (n_candidates,) int64
    persons : (n_candidates,) int64 or None; whose row each candidate is
    """

    columns: Ints
    shift: int
    slots: Keys
    held: Ints
    drawn: Ints
    slot_of: Ints
    persons: Ints | None

    @classmethod
    def of(cls, pool: Keys, columns: Sequence[int], persons: Ints | None) -> Count:
        from synthaudit.attacks._cell_kernels import hold

        n_bits = max(int(2 * len(pool) - 1).bit_length(), 1)
        slots, held = np.empty(1 << n_bits, dtype=np.uint64), np.zeros(1 << n_bits, dtype=np.int64)
        count = cls(
            np.array(columns, dtype=np.int64),
            64 - n_bits,
            slots,
            held,
            np.zeros_like(held),
            np.empty(len(pool), dtype=np.int64),
            persons,
        )
        hold(pool, count.columns, count.shift, slots, held, count.slot_of)
        return count

    def add(self, table: Keys) -> None:
        """Count the rows of a part of the table."""
        from synthaudit.attacks._cell_kernels import look_up

        look_up(table, self.columns, self.shift, self.slots, self.held, self.drawn)

    def tally(self, n_rows: int) -> Tally:
        """What was counted in ``n_rows`` rows."""
        holders = self.held
        if self.persons is not None:
            holders = _persons_in(self.slot_of, self.persons, holders.size)
        drawn = self.drawn
        return Tally(holders[self.slot_of], drawn[self.slot_of], n_rows, int(drawn.sum()))


def _persons_in(slot_of: Ints, persons: Ints, n_slots: int) -> Ints:
    """How many persons hold each slot: one whose rows all do is one holder."""
    n_persons = int(persons.max(initial=0)) + 1
    pairs = np.unique(slot_of * n_persons + persons)
    return np.bincount(pairs // n_persons, minlength=n_slots).astype(np.int64)


def column_subsets(
    n_columns: int, order: int, at_most: int, rng: np.random.Generator
) -> list[tuple[int, ...]]:
    """All subsets of ``order`` columns, or ``at_most`` random ones when there are more.

    Subsets depend on the number of columns and the stream alone, never on rows: the same subsets
    are counted in the release and in every shadow.
    """
    if order > n_columns:
        return []
    if comb(n_columns, order) <= at_most:
        return list(combinations(range(n_columns), order))
    chosen: set[tuple[int, ...]] = set()
    while len(chosen) < at_most:
        drawn = rng.choice(n_columns, order, replace=False)
        chosen.add(tuple(sorted(int(column) for column in drawn)))
    return sorted(chosen)
