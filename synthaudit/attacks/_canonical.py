"""Rows in an order made of their content: learners that draw rows draw the same ones every time.

A forest samples rows by position, and the position of a row in a pool or a file means nothing (or,
worse, something). Sorted by a hash of content, permuting candidates permutes scores.
"""

from __future__ import annotations

import numpy as np

from synthaudit.attacks._cell_keys import row_keys
from synthaudit.types import EncodedTable, Floats, Ints


def content_order(table: EncodedTable) -> Ints:
    """Row numbers sorted by a hash of content."""
    return np.argsort(row_keys(table), kind="stable").astype(np.int64)


def shared_by_twins(table: EncodedTable, scores: Floats) -> Floats:
    """Mean score of each group of identical rows, given back to each of them.

    Nothing tells identical candidates apart, so nothing may score them apart.
    """
    _, group = np.unique(row_keys(table), return_inverse=True)
    group = group.reshape(-1)
    means: Floats = np.bincount(group, weights=scores) / np.bincount(group)
    return means[group]
