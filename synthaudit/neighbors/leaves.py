"""The mixed k-d partition for searches with a measure of their own."""

from __future__ import annotations

import numpy as np

from synthaudit.types import Codes, Floats32, Ints


def leaves_of(numbers: Floats32, codes: Codes, leaf_rows: int) -> tuple[Ints, Ints]:
    """Rows in groups of at most ``leaf_rows`` that resemble each other.

    Parameters
    ----------
    numbers, codes : (n_rows, n_numbers) float32 and (n_rows, n_categories) int32
        Numbers on comparable scales, NaN where missing.

    Returns
    -------
    rows : (n_rows,) int64
        Row numbers, leaf after leaf, ascending inside a leaf.
    firsts : (n_leaves + 1,) int64
        Where each leaf begins in ``rows``.
    """
    from synthaudit.neighbors.layout import exact_numbers, layout_of
    from synthaudit.neighbors.partition import partition

    n_rows, n_columns = codes.shape[0], numbers.shape[1] + codes.shape[1]
    if n_rows <= leaf_rows or n_columns == 0:
        firsts = np.append(np.arange(0, n_rows, leaf_rows), n_rows)
        return np.arange(n_rows, dtype=np.int64), firsts.astype(np.int64)
    exact = exact_numbers(numbers)
    kept = np.ascontiguousarray(codes, dtype=np.int32)
    layout = layout_of(exact, kept, 1.0, np.ones(n_columns), most_buckets=1)
    units = layout.units(exact, layout.positions(kept))
    tree, rows = partition(units, exact.shape[1], layout.caps, leaf_rows)
    return rows, tree.firsts
