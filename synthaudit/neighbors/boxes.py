"""What is stored of the leaves: boxes that bound them, and their rows as column-major blocks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synthaudit.neighbors.compiled import kernel
from synthaudit.neighbors.layout import Units
from synthaudit.types import Ints

GROUP = 64
"""Neighbouring leaves that share a box of their own."""
BLOCK = 32
"""Blocks hold a multiple of this many rows, so that the scan has no ragged end."""
NO_LOWER, NO_UPPER = 65_535, 0


class Boxes(NamedTuple):
    """Boxes in runs of ``width``: bounds over a whole run are taken column by column.

    Attributes
    ----------
    low, high : (n_runs, n_numbers, width) uint16; range of the present values, in units.
    no_missing : (n_runs, n_numbers, width) uint16; what a missing query pays: the cap, or 0.
    absent : (n_buckets, n_runs * width) uint8; 1 where no row of the box has such a level.
    """

    low: Units
    high: Units
    no_missing: Units
    absent: NDArray[np.uint8]


@kernel
def fill_ranges(
    units: Units, firsts: Ints, caps: Units, low: Units, high: Units, no_missing: Units
) -> None:
    """Ranges of consecutive runs of rows; ``units`` in leaf order."""
    n_numbers, width = low.shape[1], low.shape[2]
    for box in range(firsts.size - 1):
        run, lane = box // width, box % width
        for j in range(n_numbers):
            lowest, highest, missing = NO_LOWER, NO_UPPER, False
            for i in range(firsts[box], firsts[box + 1]):
                value = int(units[i, j])
                if value == 0:
                    missing = True
                else:
                    lowest = min(lowest, value)
                    highest = max(highest, value)
            low[run, j, lane] = lowest
            high[run, j, lane] = highest
            no_missing[run, j, lane] = 0 if missing else caps[j]


@kernel
def mark_present(buckets: NDArray[np.int32], firsts: Ints, absent: NDArray[np.uint8]) -> None:
    """Clear ``absent`` for every level that occurs in a box."""
    for box in range(firsts.size - 1):
        for i in range(firsts[box], firsts[box + 1]):
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
    units: Units,
    buckets: NDArray[np.int32],
    n_buckets: int,
    firsts: Ints,
    caps: Units,
    width: int,
) -> Boxes:
    """Boxes of the runs of rows that start at ``firsts``, ``width`` boxes to a run."""
    n_numbers = caps.size - buckets.shape[1]
    n_runs = -(-(firsts.size - 1) // width)
    shape = (n_runs, n_numbers, width)
    boxes = Boxes(
        low=np.full(shape, NO_LOWER, dtype=np.uint16),
        high=np.full(shape, NO_UPPER, dtype=np.uint16),
        no_missing=np.zeros(shape, dtype=np.uint16),
        absent=np.ones((n_buckets, n_runs * width), dtype=np.uint8),
    )
    fill_ranges(units, firsts, caps, boxes.low, boxes.high, boxes.no_missing)
    mark_present(buckets, firsts, boxes.absent)
    return boxes


def blocks_of(units: Units, firsts: Ints) -> tuple[Ints, Units]:
    """Where each leaf's block starts, ``(n_leaves + 1,)``, and the blocks, flat."""
    lengths = -(-np.diff(firsts) // BLOCK) * BLOCK * units.shape[1]
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    blocks = np.empty(int(starts[-1]), dtype=np.uint16)
    fill_blocks(units, firsts, starts, blocks)
    return starts, blocks
