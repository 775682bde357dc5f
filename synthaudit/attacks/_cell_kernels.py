"""Counting keys: a small open hash table instead of a sort; imported only when something counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synthaudit.neighbors.compiled import kernel
from synthaudit.types import Ints

Keys = NDArray[np.uint64]


@kernel
def key_of(cells: Keys, row: int, columns: Ints) -> np.uint64:
    """The key of a row's combination: the sum of the keys of its cells."""
    total = np.uint64(0)
    for column in columns:
        total += cells[row, column]
    return total


@kernel
def hold(pool: Keys, columns: Ints, shift: int, slots: Keys, held: Ints, slot_of: Ints) -> None:
    """Give every combination of the pool a slot and count its holders.

    ``slots`` and ``held`` have a power of two of entries, at least twice the pool's rows, ``held``
    all 0; ``shift`` leaves as many high bits of a key as number the slots.
    """
    last = held.size - 1
    for i in range(pool.shape[0]):
        key = key_of(pool, i, columns)
        at = np.int64(key >> np.uint64(shift))
        while held[at] > 0 and slots[at] != key:
            at = (at + 1) & last
        slots[at] = key
        held[at] += 1
        slot_of[i] = at


@kernel
def look_up(table: Keys, columns: Ints, shift: int, slots: Keys, held: Ints, drawn: Ints) -> None:
    """Count, by slot, the rows of a table whose combination the pool holds."""
    last = held.size - 1
    for i in range(table.shape[0]):
        key = key_of(table, i, columns)
        at = np.int64(key >> np.uint64(shift))
        while held[at] > 0:
            if slots[at] == key:
                drawn[at] += 1
                break
            at = (at + 1) & last
