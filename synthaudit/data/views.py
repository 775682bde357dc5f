"""What an adversary sees, and what an auditor sees.

An :class:`AdversaryView` holds the unlabelled candidate pool and a synthetic table; there is no
path from it to a label. Neighbour searches that several attacks ask for are made once and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from synthaudit.data.persons import largest_person, n_persons, nearest_of_others
from synthaudit.errors import UsageError
from synthaudit.neighbors import NeighborIndex, Neighbors
from synthaudit.types import Codes, EncodedTable, Floats32, Ints, Schema

if TYPE_CHECKING:
    import pandas as pd

    from synthaudit.data.encode import Encoder
    from synthaudit.data.release import WholeRelease

T = TypeVar("T")


class Geometry(StrEnum):
    """How numbers are laid out before distances are taken.

    RANK is robust to units, outliers and monotone transforms; STANDARD keeps the shape of the
    margins and wins on noise-perturbed and kernel-smoothed copies. Both are carried.
    """

    RANK = "rank"
    STANDARD = "standard"

    def numbers(self, table: EncodedTable) -> Floats32:
        """The numeric block of ``table`` in this geometry, ``(n_rows, n_numbers)``."""
        return table.ranks if self is Geometry.RANK else table.scaled

    @property
    def cap(self) -> float:
        """Largest distance one number column can contribute (and what missing-present costs)."""
        return 1.0 if self is Geometry.RANK else 3.0


def index_of(table: EncodedTable, geometry: Geometry, jobs: int = 1) -> NeighborIndex:
    """The neighbour index of a whole table in one geometry."""
    return NeighborIndex(geometry.numbers(table), table.codes, cap=geometry.cap, jobs=jobs)


@dataclass
class _Searches:
    """Neighbour searches made so far, by (what, geometry): the largest k asked for is kept."""

    fewest: int = 10
    """Several attacks ask for k = 1 and then 5: one search of so many serves them all."""
    found: dict[tuple[str, Geometry], Neighbors] = field(default_factory=dict)
    indexes: dict[tuple[str, Geometry], NeighborIndex] = field(default_factory=dict)
    derived: dict[Hashable, Any] = field(default_factory=dict)

    def get(
        self, key: tuple[str, Geometry], k: int, search: Callable[[int], Neighbors]
    ) -> Neighbors:
        kept = self.found.get(key)
        if kept is None or kept.k < k:
            kept = search(max(k, self.fewest))
            self.found[key] = kept
        return kept.first(k)


class AdversaryView:
    """The unlabelled candidate pool, one synthetic table, and nothing else.

    Parameters
    ----------
    candidates : EncodedTable
        The pool P: members and non-members, in an order that carries no label.
    synthetic : EncodedTable
        The table under attack, S.
    schema : Schema
    candidate_frame, synthetic_frame : pandas.DataFrame
        The same rows as aligned frames, for attacks that train generators.
    jobs : int
        Threads for neighbour searches.
    encoder : Encoder, optional
        Fitted on the pooled real rows, label-blind; encodes shadow tables.
    persons : (n_candidates,) int64, optional
        Whose row each candidate is, when a person has several; numbered in the pool's order.
    whole : WholeRelease, optional
        All rows of a synthetic table that does not fit into memory; ``synthetic`` is then a random
        sample of it. Searches and counts of exact values look at all rows, other attacks at the
        sample.
    """

    def __init__(
        self,
        candidates: EncodedTable,
        synthetic: EncodedTable,
        schema: Schema,
        candidate_frame: pd.DataFrame,
        synthetic_frame: pd.DataFrame,
        jobs: int = 1,
        _pool_searches: _Searches | None = None,
        encoder: Encoder | None = None,
        persons: Ints | None = None,
        whole: WholeRelease | None = None,
    ) -> None:
        self.candidates = candidates
        self.synthetic = synthetic
        self.schema = schema
        self.candidate_frame = candidate_frame
        self.synthetic_frame = synthetic_frame
        self.jobs = jobs
        self.encoder = encoder
        self.persons = persons
        self.whole = whole
        self._pool = _pool_searches if _pool_searches is not None else _Searches()
        self._releases = _Searches()

    @property
    def n_candidates(self) -> int:
        """Number of candidates attacked."""
        return self.candidates.n_rows

    def with_synthetic(
        self, synthetic: EncodedTable, frame: pd.DataFrame, *, fewest: int = 10
    ) -> AdversaryView:
        """The same candidates against another table (a shadow); pool searches are shared.

        ``fewest`` neighbours are searched for when fewer are asked for: 1 where nobody will ask for
        more, which costs less.
        """
        view = AdversaryView(
            self.candidates,
            synthetic,
            self.schema,
            self.candidate_frame,
            frame,
            self.jobs,
            self._pool,
            self.encoder,
            self.persons,
        )
        view._releases.fewest = fewest
        return view

    def with_columns(self, names: Sequence[str]) -> AdversaryView:
        """The same rows seen through some of the encoded columns only; searches start anew."""
        schema, kept = self.schema, set(names)
        numbers = [j for j, name in enumerate(schema.numbers) if name in kept]
        categories = [j for j, name in enumerate(schema.categories) if name in kept]
        frames = (self.candidate_frame, self.synthetic_frame)
        some = [frame[[c for c in frame.columns if c in kept]] for frame in frames]
        return AdversaryView(
            self.candidates.columns(numbers, categories),
            self.synthetic.columns(numbers, categories),
            Schema(tuple(column for column in schema.columns if column.name in kept)),
            some[0],
            some[1],
            self.jobs,
            persons=self.persons,
        )

    def with_whole(self, whole: WholeRelease) -> AdversaryView:
        """The same view with every row of the synthetic table at hand."""
        view = self.with_synthetic(self.synthetic, self.synthetic_frame)
        view.whole = whole
        return view

    def synthetic_parts(self) -> Iterator[EncodedTable]:
        """Every row of the synthetic table, in one part or several."""
        if self.whole is None:
            yield self.synthetic
        else:
            yield from self.whole.parts()

    def encode(self, frame: pd.DataFrame) -> EncodedTable:
        """A frame (a shadow table, as its generator returned it) in the layout of the others."""
        if self.encoder is None:
            msg = "This view was made without an encoder and cannot encode frames."
            raise UsageError(msg)
        return self.encoder.transform(frame)

    def pool_index(self, geometry: Geometry) -> NeighborIndex:
        """The index of the candidate pool (made once)."""
        key = ("pool", geometry)
        if key not in self._pool.indexes:
            self._pool.indexes[key] = index_of(self.candidates, geometry, self.jobs)
        return self._pool.indexes[key]

    def of_pool(self, name: Hashable, make: Callable[[], T]) -> T:
        """What an attack derives from the candidates alone, made once and shared by all shadows.

        Parameters
        ----------
        name : hashable
            One for each result; the candidates are the same as long as the view's are.
        make : callable
            Makes it; must look at nothing but the candidates and constants.
        """
        if name not in self._pool.derived:
            self._pool.derived[name] = make()
        kept: T = self._pool.derived[name]
        return kept

    def synthetic_index(self, geometry: Geometry) -> NeighborIndex:
        """The index of the synthetic table (made once)."""
        key = ("synthetic", geometry)
        if key not in self._releases.indexes:
            self._releases.indexes[key] = index_of(self.synthetic, geometry, self.jobs)
        return self._releases.indexes[key]

    def nearest_synthetic(
        self, k: int, geometry: Geometry = Geometry.RANK, *, sample_only: bool = False
    ) -> Neighbors:
        """The ``k`` synthetic rows nearest to every candidate (``k`` clipped to |S|).

        Where only a sample of the synthetic table is in memory (``whole``), all of it is searched
        and rows are numbered as in its file, unless ``sample_only``.
        """

        def search(k: int) -> Neighbors:
            index = self.synthetic_index(geometry)
            return self._asked(index, geometry, k)

        def search_parts(k: int) -> Neighbors:
            n_candidates, n_before = self.n_candidates, 0
            found = Neighbors(np.empty((n_candidates, 0)), np.empty((n_candidates, 0), np.int64))
            for part in self.synthetic_parts():
                nearest = self._asked(index_of(part, geometry, self.jobs), geometry, k)
                found = found.joined(nearest, n_before, k)
                n_before += part.n_rows
            return found

        if self.whole is None or sample_only:
            return self._releases.get(("candidates-in-synthetic", geometry), k, search)
        return self._releases.get(("candidates-in-whole", geometry), k, search_parts)

    def _asked(self, index: NeighborIndex, geometry: Geometry, k: int) -> Neighbors:
        pool = self.candidates
        return index.query(geometry.numbers(pool), pool.codes, min(k, index.n_rows))

    def nearest_candidates(self, k: int, geometry: Geometry = Geometry.RANK) -> Neighbors:
        """The ``k`` other candidates nearest to every candidate: the leave-one-out reference.

        Leaving out is applied to every candidate alike, so the reference cannot tell members from
        non-members; that is what makes it label-blind. With several rows a person, all of a
        person's rows are left out.
        """

        def search(k: int) -> Neighbors:
            return self.leave_out(
                self.pool_index(geometry),
                geometry.numbers(self.candidates),
                self.candidates.codes,
                k,
            )

        return self._pool.get(("candidates-in-pool", geometry), k, search)

    def leave_out(
        self,
        index: NeighborIndex,
        numbers: Floats32,
        codes: Codes,
        k: int,
        asked: Ints | None = None,
    ) -> Neighbors:
        """The ``k`` nearest rows of an index over the pool that belong to nobody's own person.

        Parameters
        ----------
        index : NeighborIndex
            Of the candidates, in their order, in any layout.
        numbers, codes : the queries
        asked : (n_queries,) int64, optional
            Which candidate each query is; all of them, in order, by default.
        """
        rows = np.arange(index.n_rows, dtype=np.int64) if asked is None else asked
        if self.persons is None:
            return index.query(numbers, codes, min(k, index.n_rows - 1), exclude=rows)
        k = min(k, index.n_rows - largest_person(self.persons))
        return nearest_of_others(index, numbers, codes, k, self.persons, rows)


class AuditorView:
    """Everything: the three tables as encoded arrays and as frames, with their roles.

    ``train``, ``holdout`` and ``synthetic`` are whole tables (not only attacked candidates),
    encoded alike.
    """

    def __init__(
        self,
        train: EncodedTable,
        holdout: EncodedTable,
        synthetic: EncodedTable,
        schema: Schema,
        frames: dict[str, pd.DataFrame],
        jobs: int = 1,
        persons: dict[str, Ints] | None = None,
    ) -> None:
        self.train = train
        self.holdout = holdout
        self.synthetic = synthetic
        self.schema = schema
        self.frames = frames
        """Aligned frames by table name (``train``, ``holdout``, ``synthetic``), every column of
        the schema, identifiers and text included, rows in the order of the encoded tables."""
        self.jobs = jobs
        self.persons = persons
        """``train`` and ``holdout``: whose row each row is, one number a person in both tables;
        None when every row is a person of its own."""
        self._searches = _Searches()
        # among real rows checks look for twins and for the nearest other row, no further
        self._among_real = _Searches(fewest=2)

    def units(self, name: str) -> Ints:
        """Whose row each row of ``train`` or ``holdout`` is: the units a split deals out."""
        if self.persons is not None:
            return self.persons[name]
        shift = 0 if name == "train" else self.train.n_rows
        return shift + np.arange(self.table(name).n_rows, dtype=np.int64)

    def n_units(self, name: str) -> int:
        """Persons in ``train`` or ``holdout``; rows when every row is a person of its own."""
        return n_persons(self.units(name))

    def table(self, name: str) -> EncodedTable:
        """``train``, ``holdout`` or ``synthetic``."""
        tables = {"train": self.train, "holdout": self.holdout, "synthetic": self.synthetic}
        return tables[name]

    def index(self, name: str, geometry: Geometry = Geometry.RANK) -> NeighborIndex:
        """The index of a whole table (made once)."""
        key = (name, geometry)
        if key not in self._searches.indexes:
            self._searches.indexes[key] = index_of(self.table(name), geometry, self.jobs)
        return self._searches.indexes[key]

    def nearest(
        self, queries: str, reference: str, k: int, geometry: Geometry = Geometry.RANK
    ) -> Neighbors:
        """The ``k`` rows of ``reference`` nearest to every row of ``queries``, by table name.

        A table against itself leaves each row itself out.
        """
        table = self.table(queries)
        index = self.index(reference, geometry)
        itself = queries == reference

        def search(k: int) -> Neighbors:
            exclude = np.arange(table.n_rows, dtype=np.int64) if itself else None
            return index.query(
                geometry.numbers(table),
                table.codes,
                min(k, index.n_rows - int(itself)),
                exclude=exclude,
            )

        searches = self._searches if queries == "synthetic" else self._among_real
        return searches.get((f"{queries}-in-{reference}", geometry), k, search)
