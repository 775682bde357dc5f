"""Frames as the neighbour engine wants them: ranks within the training table, and codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from synthaudit.generators.columns import CategoryColumn, TrainingColumns
from synthaudit.types import Codes, Floats, Floats32

if TYPE_CHECKING:
    import pandas as pd


def blocks(table: TrainingColumns, frame: pd.DataFrame) -> tuple[Floats32, Codes]:
    """Encode ``frame`` (dtypes of the training table) by the training table's ranks and levels.

    Returns
    -------
    numbers : (n_rows, n_numbers) float32
        Mid-ranks in [0, 1] among the training values, interpolated between them; NaN: missing.
    codes : (n_rows, n_categories) int32
        0 is missing; a level the training table lacks is one past its last.
    """
    numbers = np.empty((len(frame), 0), dtype=np.float32)
    codes = np.empty((len(frame), 0), dtype=np.int32)
    ranks, levels = [], []
    for j, column in enumerate(table.columns):
        if isinstance(column, CategoryColumn):
            levels.append(column.locate(frame.iloc[:, j]))
        else:
            ranks.append(_ranks(column.locate(frame.iloc[:, j]), column.values))
    if ranks:
        numbers = np.column_stack(ranks).astype(np.float32)
    if levels:
        codes = np.column_stack(levels)
    return numbers, codes


def _ranks(values: Floats, reference: Floats) -> Floats:
    distinct, counts = np.unique(reference[~np.isnan(reference)], return_counts=True)
    middle = (np.cumsum(counts) - counts / 2.0) / counts.sum()
    return np.asarray(np.interp(values, distinct, middle), dtype=np.float64)
