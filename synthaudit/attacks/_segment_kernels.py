"""Compiled part of ``_segments``: every pair of near pool rows as the two ends of every row of S.

Pairs (a, b), a < b, of one row's ends are numbered in the order (0, 1), (0, 2), ... (1, 2), ...
"""

from __future__ import annotations

import numpy as np

from synthaudit.neighbors.compiled import kernel
from synthaudit.types import Codes, Floats, Ints

FREEDOM = 3.0
"""Degrees of freedom of the residuals: heavy enough that rows which lie on no segment do not
decide how exactly the others do."""
MISSING_APART = 9.0
"""Squared residual of a cell that is missing although both ends are present, or the reverse."""
TINY = 1e-300


@kernel
def residual(point: Floats, start: Floats, stop: Floats, scale: Floats) -> tuple[float, float]:
    """Squared distance of a point from a segment, and the segment's squared length, scaled.

    A cell missing in the point and in an end counts as the residual of a typical cell (1).
    """
    along, length, apart = 0.0, 0.0, 0.0
    for j in range(point.shape[0]):
        step = (stop[j] - start[j]) * scale[j]
        offset = (point[j] - start[j]) * scale[j]
        if not (np.isnan(step) or np.isnan(offset)):
            along += step * offset
            length += step * step
    t = min(1.0, max(0.0, along / length)) if length > 0.0 else 0.0
    for j in range(point.shape[0]):
        step = (stop[j] - start[j]) * scale[j]
        offset = (point[j] - start[j]) * scale[j]
        if np.isnan(step) or np.isnan(offset):
            ends_missing = np.isnan(start[j]) or np.isnan(stop[j])
            apart += 1.0 if np.isnan(point[j]) == ends_missing else MISSING_APART
        else:
            apart += (offset - t * step) ** 2
    return apart, length


@kernel
def weigh(
    point: Floats,
    codes: Codes,
    pool_values: Floats,
    pool_codes: Codes,
    ends: Ints,
    scale: Floats,
    inherited: Floats,
    weights: Floats,
    apart: Floats,
) -> tuple[float, int, int]:
    """Log weights and squared residuals of all pairs; the largest weight and its two ends."""
    freedom = max(point.shape[0] - 1, 1)
    best, first, second, pair = -np.inf, 0, 1, 0
    for a in range(ends.shape[0] - 1):
        x = ends[a]
        for b in range(a + 1, ends.shape[0]):
            y = ends[b]
            r, length = residual(point, pool_values[x], pool_values[y], scale)
            total = -0.5 * (FREEDOM + freedom) * np.log(1.0 + r / FREEDOM)
            total -= 0.5 * np.log(1.0 + length)
            for c in range(codes.shape[0]):
                held = int(codes[c] == pool_codes[x, c]) + int(codes[c] == pool_codes[y, c])
                total += inherited[c, held]
            weights[pair], apart[pair] = total, r
            if total > best:
                best, first, second = total, a, b
            pair += 1
    return best, first, second


@kernel
def compete(
    weights: Floats, best: float, first: int, second: int, mass: Floats, odds: Floats
) -> float:
    """Turn log weights into weights (the largest 1) and into log odds of every end.

    Returns the sum of all weights. For the ends of the best pair the sum of the others' weights is
    taken on its own: near certainty, a total minus a part is rounding noise.
    """
    m = mass.shape[0]
    mass[:] = 0.0
    without_first, without_second, everything, pair = 0.0, 0.0, 0.0, 0
    for a in range(m - 1):
        for b in range(a + 1, m):
            weight = np.exp(weights[pair] - best)
            weights[pair] = weight
            mass[a] += weight
            mass[b] += weight
            everything += weight
            if first not in (a, b):
                without_first += weight
            if second not in (a, b):
                without_second += weight
            pair += 1
    for a in range(m):
        rest = max(everything - mass[a], 0.0)
        if a == first:
            rest = without_first
        elif a == second:
            rest = without_second
        odds[a] = np.log(mass[a] + TINY) - np.log(rest + TINY)
    return everything


@kernel
def collect(
    codes: Codes,
    pool_codes: Codes,
    ends: Ints,
    inherited: Floats,
    redrawn: Floats,
    weights: Floats,
    apart: Floats,
    everything: float,
    freedom: int,
    foreign: Floats,
) -> float:
    """Weighted squared residual per degree of freedom; expected foreign cells are added up."""
    spread, pair = 0.0, 0
    for a in range(ends.shape[0] - 1):
        for b in range(a + 1, ends.shape[0]):
            weight = weights[pair] / everything
            if weight > 1e-9:
                r = apart[pair]
                spread += weight * r * (FREEDOM + freedom) / (FREEDOM + r) / freedom
                for c in range(codes.shape[0]):
                    held = int(codes[c] == pool_codes[ends[a], c])
                    held += int(codes[c] == pool_codes[ends[b], c])
                    foreign[c] += weight * redrawn[c] / np.exp(inherited[c, held])
            pair += 1
    return spread


@kernel
def explain(
    values: Floats,
    codes: Codes,
    pool_values: Floats,
    pool_codes: Codes,
    ends: Ints,
    n_ends: Ints,
    scale: Floats,
    inherited: Floats,
    redrawn: Floats,
    scratch: Floats,
    odds: Floats,
    spread: Floats,
    foreign: Floats,
) -> None:
    """Log odds of every possible end, against all segments it is not an end of.

    Parameters
    ----------
    ends : (n, k) int64, pool rows; the first ``n_ends[i]`` of each row count
    scale : (n_numbers,) float64, one over the tolerated residual
    inherited : (n, n_categories, 3) float64; log likelihood ratio of the cell when none, one or
        both ends hold its level
    redrawn : (n_categories,) float64
    scratch : (3, k * k) float64
    odds : (n, k) float64, filled where an end counts
    spread : (2,) float64, added to; squared residuals per degree of freedom, and rows
    foreign : (n_categories,) float64, added to; expected cells that came from neither end
    """
    weights, apart = scratch[0], scratch[1]
    for i in range(ends.shape[0]):
        m = n_ends[i]
        if m < 2:
            continue
        some, mass = ends[i, :m], scratch[2, :m]
        best, first, second = weigh(
            values[i], codes[i], pool_values, pool_codes, some, scale, inherited[i], weights, apart
        )
        everything = compete(weights, best, first, second, mass, odds[i, :m])
        spread[1] += 1.0
        spread[0] += collect(
            codes[i],
            pool_codes,
            some,
            inherited[i],
            redrawn,
            weights,
            apart,
            everything,
            max(values.shape[1] - 1, 1),
            foreign,
        )
