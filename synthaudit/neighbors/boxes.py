"""What is stored of the leaves: boxes that bound them, and their rows as column-major blocks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synthaudit.neighbors.compiled import kernel
from synthaudit.neighbors.layout import Units
from synthaudit.neighbors.parts import RUN
from synthaudit.neighbors.reference import Boxes
from synthaudit.types import Ints

BLOCK = 64
"""Blocks hold a multiple of this many rows, so that the scan has no ragged end."""
NO_LOWER, NO_UPPER = 65_535, 0


@kernel
def fill_boxes(
    units: Units, buckets: NDArray[np.int32], firsts: Ints, low: Units, high: Units, absent: Units
) -> None:
    """Widen empty boxes until they hold their rows; ``units`` and ``buckets`` in leaf order."""
    n_numbers, width = low.shape[1], low.shape[2]
    for box in range(firsts.size - 1):
        run, lane = box // width, box % width
        for i in range(firsts[box], firsts[box + 1]):
            for j in range(n_numbers):
                value = units[i, j]
                if value == 0:
                    absent[j, box] = 0
                else:
                    low[run, j, lane] = min(low[run, j, lane], value)
                    high[run, j, lane] = max(high[run, j, lane], value)
            for j in range(buckets.shape[1]):
                absent[buckets[i, j], box] = 0


@kernel
def fill_blocks(units: Units, firsts: Ints, starts: Ints, blocks: Units) -> None:
    """Column-major blocks, one a leaf; the leaf's last row is repeated to fill them up."""
    n_columns = units.shape[1]
    for leaf in range(firsts.size - 1):
        length = (starts[leaf + 1] - starts[leaf]) // n_columns
        for i in range(length):
            row = min(firsts[leaf] + i, firsts[leaf + 1] - 1)
            for j in range(n_columns):
                blocks[starts[leaf] + j * length + i] = units[row, j]


def boxes_of(
    units: Units, buckets: NDArray[np.int32], firsts: Ints, pays: Units, n_numbers: int
) -> Boxes:
    """Boxes of the runs of rows that start at ``firsts``.

    ``pays`` (n_numbers + n_buckets,) is what a query pays where a box has nothing of the kind.
    """
    n_runs = -(-(firsts.size - 1) // RUN)
    shape = (n_runs, n_numbers, RUN)
    boxes = Boxes(
        low=np.full(shape, NO_LOWER, dtype=np.uint16),
        high=np.full(shape, NO_UPPER, dtype=np.uint16),
        absent=np.repeat(pays[:, None], n_runs * RUN, axis=1),
    )
    fill_boxes(units, buckets, firsts, *boxes)
    return boxes


def blocks_of(units: Units, firsts: Ints) -> tuple[Ints, Units]:
    """Where each leaf's block starts, ``(n_leaves + 1,)``, and the blocks, flat."""
    lengths = -(-np.diff(firsts) // BLOCK) * BLOCK * units.shape[1]
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    blocks = np.empty(int(starts[-1]), dtype=np.uint16)
    fill_blocks(units, firsts, starts, blocks)
    return starts, blocks
