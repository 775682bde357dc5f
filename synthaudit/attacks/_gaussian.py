"""Gaussian kernels that follow the shape of the data: long where columns move together.

Numbers are turned to the directions in which the candidates vary and scaled to variance one in
each, so that a distance between two rows does not count ten columns that say the same ten times
(the kernel of an ordinary kernel density estimate with the full covariance as its bandwidth). A
category, and whether a number is there at all, multiplies the kernel by a constant where it
differs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthaudit.types import Bools, Codes, EncodedTable, Floats

FARTHEST = 10.0
"""Robust standard deviations beyond which numbers are equally far: a typing error must not become
the direction in which everything varies."""
FLATTEST = 1e-6
"""Share of the largest variance below which a direction is rounding: columns that repeat others."""
DISAGREEMENT = 0.1
"""What a differing category multiplies the kernel by. Of 0.3, 0.1 and 0.01 the middle is
best or second on each of ten mixed tables."""


@dataclass(frozen=True, eq=False)
class Points:
    """Rows as the kernel sees them.

    Attributes
    ----------
    numbers : (n_rows, n_directions) float64
    codes : (n_rows, n_categories + n_gaps) int32; categories, then the numbers that
        have gaps: 1 where missing
    """

    numbers: Floats
    codes: Codes

    def take(self, rows: slice) -> Points:
        """Some of the rows."""
        return Points(self.numbers[rows], self.codes[rows])


@dataclass(frozen=True, eq=False)
class GaussianKernel:
    """Fitted to candidates, unlabelled.

    Attributes
    ----------
    centre : (n_numbers,) float64
    turn : (n_numbers, n_directions) float64
    width : float
        Scott's bandwidth, in units of the whitened directions.
    gaps : (n_numbers,) bool
        Numbers that some candidate lacks.
    """

    centre: Floats
    turn: Floats
    width: float
    gaps: Bools

    @classmethod
    def of(cls, candidates: EncodedTable) -> GaussianKernel:
        """Directions and bandwidth; no direction where no number varies."""
        numbers = _numbers(candidates)
        n = len(numbers)
        centre = numbers.mean(axis=0)
        variances, directions = np.linalg.eigh(np.atleast_2d(np.cov((numbers - centre).T)))
        kept = variances > FLATTEST * max(float(variances.max(initial=0.0)), 1e-300)
        turn = directions[:, kept] / np.sqrt(variances[kept])
        width = float(n ** (-1.0 / (turn.shape[1] + 4)))
        gaps: Bools = np.asarray(np.isnan(candidates.scaled).any(axis=0))
        return cls(centre, turn, width, gaps)

    def points(self, table: EncodedTable) -> Points:
        """A table's rows, once for all comparisons."""
        turned = (_numbers(table) - self.centre) @ self.turn / self.width
        missing = np.isnan(table.scaled[:, self.gaps]).astype(np.int32)
        return Points(turned, np.concatenate([table.codes, missing], axis=1))

    def logs(self, rows: Points, others: Points) -> Floats:
        """Logarithms of the kernel between every two rows, ``(n_rows, n_others)``."""
        a, b = rows.numbers, others.numbers
        squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None, :] - 2.0 * (a @ b.T)
        found: Floats = -0.5 * np.maximum(squares, 0.0)
        # counted in short words: a pass over doubles for each column would cost most of the time
        differ = np.zeros(found.shape, dtype=np.uint16)
        for mine, theirs in zip(rows.codes.T, others.codes.T, strict=True):
            differ += mine[:, None] != theirs[None, :]
        found += np.log(DISAGREEMENT) * differ
        return found


def _numbers(table: EncodedTable) -> Floats:
    # the median stands for a missing number; that it is missing is a category of its own
    return np.clip(np.nan_to_num(table.scaled.astype(np.float64), nan=0.0), -FARTHEST, FARTHEST)


def log_sums(logs: Floats) -> Floats:
    """Logarithm of the sum of each row."""
    top = logs.max(axis=1, keepdims=True)
    found: Floats = top[:, 0] + np.log(np.exp(logs - top).sum(axis=1))
    return found
