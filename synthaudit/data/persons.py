"""Several rows a person: reading who is who, and treating a person as one.

Rows of one person stand and fall together: they were all in training or none was. So persons, not
rows, are drawn, split and counted, and a person's other rows are no reference for what would be
found without that person.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from synthaudit.counted import plural
from synthaudit.data.cells import as_texts
from synthaudit.data.names import fold_name
from synthaudit.data.order import Keys, combine, mix, occurrence
from synthaudit.data.readers import RawTable
from synthaudit.errors import InputError
from synthaudit.neighbors import NeighborIndex, Neighbors
from synthaudit.types import Bools, Codes, Floats32, Ints, Notice

REAL = ("train", "holdout")


def read_persons(
    raw: dict[str, RawTable], group_key: str
) -> tuple[dict[str, Ints], dict[str, RawTable], str, tuple[Notice, ...]]:
    """Persons of the real tables, and the tables without a key the synthetic one does not have.

    Returns
    -------
    persons : ``train`` and ``holdout``: (n_rows,) int64, one number a person in both tables; rows
        without a key are persons of their own
    tables : the three tables; a key that all of them have stays, to be tested for replay
    name : the key as train spells it
    notices

    Raises
    ------
    InputError
        When train or the holdout has no such column.
    """
    import pandas as pd

    places = {name: _place(raw[name], group_key) for name in raw}
    for name in REAL:
        if places[name] is None:
            msg = (
                f"{name} has no column {group_key!r} to group its rows by; give the name of a "
                "column that train and the holdout have."
            )
            raise InputError(msg)
    cells = [as_texts(raw[name].columns[places[name] or 0]) for name in REAL]
    sizes = [cell.n_rows for cell in cells]
    texts = np.concatenate([cell.objects() for cell in cells])
    numbers = pd.factorize(texts)[0].astype(np.int64)
    alone = np.flatnonzero(numbers < 0)
    numbers[alone] = numbers.max(initial=-1) + 1 + np.arange(alone.size)
    persons = dict(zip(REAL, np.split(numbers, [sizes[0]]), strict=True))
    kept = dict(raw)
    if places["synthetic"] is None:
        for name in REAL:
            kept[name] = _without(raw[name], places[name] or 0)
    name = " ".join(raw["train"].names[places["train"] or 0].split())
    return persons, kept, name, _notices(persons, name, alone.size)


def _place(table: RawTable, name: str) -> int | None:
    if name in table.names:
        return table.names.index(name)
    folded = [fold_name(given) for given in table.names]
    return folded.index(fold_name(name)) if folded.count(fold_name(name)) == 1 else None


def _without(table: RawTable, place: int) -> RawTable:
    def rest(items: tuple[object, ...]) -> tuple[object, ...]:
        return items[:place] + items[place + 1 :]

    return replace(table, names=rest(table.names), columns=rest(table.columns))  # type: ignore[arg-type]


def _notices(persons: dict[str, Ints], key: str, n_alone: int) -> tuple[Notice, ...]:
    counts = {name: int(np.unique(numbers).size) for name, numbers in persons.items()}
    sizes = " and ".join(
        f"{counts[name]:,} in {persons[name].size:,} rows of {name}" for name in REAL
    )
    without = (
        f"; {plural(n_alone, 'row')} without a key counted as persons of their own"
        if n_alone
        else ""
    )
    message = f"Rows are grouped into persons by {key!r}: {sizes}{without}."
    return (Notice("grouped-by-person", message, None, key),)


def n_persons(persons: Ints) -> int:
    """How many different persons there are."""
    return int(np.unique(persons).size)


def largest_person(persons: Ints) -> int:
    """Rows of the person with the most."""
    return int(_units(persons)[2].max(initial=0))


def numbered(persons: Ints) -> Ints:
    """Persons renumbered 0.. in the order they first occur: the numbers tell nothing else."""
    _, first, inverse = np.unique(persons, return_index=True, return_inverse=True)
    place = np.empty(first.size, dtype=np.int64)
    place[np.argsort(first, kind="stable")] = np.arange(first.size)
    numbers: Ints = place[inverse.reshape(-1)]
    return numbers


def person_keys(row_keys: Keys, persons: Ints) -> Keys:
    """One key a person, on each of the person's rows: what all of the person's rows contain.

    Persons of the same content share it; the order of rows does not matter.
    """
    codes = np.unique(persons, return_inverse=True)[1].reshape(-1)
    total = np.zeros(int(codes.max(initial=-1)) + 1, dtype=np.uint64)
    np.add.at(total, codes, mix(row_keys))
    return mix(total)[codes]


def persons_apart(row_keys: Keys, persons: Ints) -> Keys:
    """As :func:`person_keys`, and persons of one content get different keys.

    Which of them gets which does not matter: they are identical, row for row.
    """
    codes, first = np.unique(persons, return_index=True, return_inverse=True)[2:0:-1]
    keys = person_keys(row_keys, persons)
    apart = combine(keys[first], occurrence(keys[first]).astype(np.uint64))
    result: Keys = apart[codes.reshape(-1)]
    return result


def draw_persons(keys: Keys, persons: Ints, allowed: Bools, n_rows: int) -> Ints:
    """Rows of whole persons, drawn by their keys, as many as fit into ``n_rows`` (at least one)."""
    rows = np.flatnonzero(allowed)
    codes, first, sizes = _units(persons[rows])
    order = np.argsort(person_keys(keys[rows], persons[rows])[first], kind="stable")
    filled = np.cumsum(sizes[order])
    n_taken = max(int(np.searchsorted(filled, n_rows, side="right")), 1)
    taken = np.zeros(first.size, dtype=np.bool_)
    taken[order[:n_taken]] = True
    chosen: Ints = rows[taken[codes]].astype(np.int64)
    return chosen


def _units(persons: Ints) -> tuple[Ints, Ints, Ints]:
    _, first, codes, sizes = np.unique(
        persons, return_index=True, return_inverse=True, return_counts=True
    )
    return codes.reshape(-1), first, sizes


def half_of_persons(persons: Ints, rng: np.random.Generator) -> Bools:
    """Rows of whole persons in random order, about half of all rows, ``(n_rows,)``."""
    return some_persons(persons, persons.size // 2, rng)


def some_persons(persons: Ints, n_rows: int, rng: np.random.Generator) -> Bools:
    """Rows of whole persons in random order, about ``n_rows`` of them, as a mask."""
    codes, _, sizes = _units(persons)
    order = rng.permutation(sizes.size)
    filled = np.cumsum(sizes[order])
    n_taken = int(np.argmin(np.abs(filled - n_rows))) + 1
    taken = np.zeros(sizes.size, dtype=np.bool_)
    taken[order[:n_taken]] = True
    half: Bools = taken[codes]
    return half


def nearest_of_others(
    index: NeighborIndex, numbers: Floats32, codes: Codes, k: int, persons: Ints, asked: Ints
) -> Neighbors:
    """The ``k`` nearest rows of *other* persons, rows of the index being those of ``persons``.

    Enough neighbours are asked for that a person's own rows can be passed over; queries that need
    equally many share a search.

    Parameters
    ----------
    numbers, codes : the queries
    persons : (index.n_rows,) int64
    asked : (n_queries,) int64; the row of the index that each query is

    Returns
    -------
    Neighbors
        Infinite distances and row -1 where fewer than ``k`` rows belong to others.
    """
    units, _, sizes = _units(persons)
    own = sizes[units[asked]]
    # powers of two: a handful of searches, whatever the sizes
    spare = (1 << np.ceil(np.log2(np.maximum(own - 1, 1))).astype(np.int64)) * (own > 1)
    distances = np.full((asked.size, k), np.inf)
    rows = np.full((asked.size, k), -1, dtype=np.int64)
    for extra in np.unique(spare):
        mine = np.flatnonzero(spare == extra)
        found = index.query(
            np.ascontiguousarray(numbers[mine]),
            np.ascontiguousarray(codes[mine]),
            min(k + int(extra), index.n_rows),
            exclude=asked[mine],
        )
        others = (found.rows >= 0) & (persons[found.rows] != persons[asked[mine]][:, None])
        order = np.argsort(~others, axis=1, kind="stable")[:, :k]
        usable = np.take_along_axis(others, order, axis=1)
        width = order.shape[1]
        near = np.take_along_axis(found.distances, order, axis=1)
        distances[mine, :width] = np.where(usable, near, np.inf)
        rows[mine, :width] = np.where(usable, np.take_along_axis(found.rows, order, axis=1), -1)
    return Neighbors(distances, rows)
