"""Compiled part of ``_segments``: every pair of near pool rows as the two ends of every row of S.

Pairs (a, b), a < b, of one row's ends are numbered in the order (0, 1), (0, 2), ... (1, 2), ...
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from synthaudit.neighbors.compiled import kernel
from synthaudit.types import Bools, Codes, Floats, Ints

FREEDOM = 3.0
"""Degrees of freedom of the residuals: heavy enough that rows which lie on no segment do not
decide how exactly the others do."""
MISSING_APART = 9.0
"""Squared residual of a cell that is missing although both ends are present, or the reverse."""
TINY = 1e-300


class Lanes(NamedTuple):
    """Work space of one thread: the possible ends of one synthetic row side by side.

    With one end held fast and the others in lanes, the inner loops are passes over short arrays,
    which the compiler turns into vector instructions.

    Attributes
    ----------
    numbers : (n_numbers, k) float64; the ends' numbers.
    offsets : (n_numbers, k) float64; from each end to the row, scaled.
    equal : (n_categories, k) bool; whether an end holds the row's level.
    along, lengths, apart, totals : (k,) float64; of the segments from one end to the others.
    mass : (k,) float64
    weights, squares : (k * k,) float64; of all pairs.
    """

    numbers: Floats
    offsets: Floats
    equal: Bools
    along: Floats
    lengths: Floats
    apart: Floats
    totals: Floats
    mass: Floats
    weights: Floats
    squares: Floats

    @classmethod
    def of(cls, n_numbers: int, n_categories: int, k: int) -> Lanes:
        """Room for ``k`` ends."""
        return cls(
            np.empty((n_numbers, k)),
            np.empty((n_numbers, k)),
            np.empty((n_categories, k), dtype=np.bool_),
            np.empty(k),
            np.empty(k),
            np.empty(k),
            np.empty(k),
            np.empty(k),
            np.empty(k * k),
            np.empty(k * k),
        )


@kernel
def lay_out(
    point: Floats,
    codes: Codes,
    pool_values: Floats,
    pool_codes: Codes,
    ends: Ints,
    scale: Floats,
    lanes: Lanes,
) -> None:
    """Put the ends of one row into their lanes."""
    for e in range(ends.shape[0]):
        x = ends[e]
        for j in range(point.shape[0]):
            lanes.numbers[j, e] = pool_values[x, j]
            lanes.offsets[j, e] = (point[j] - pool_values[x, j]) * scale[j]
        for c in range(codes.shape[0]):
            lanes.equal[c, e] = codes[c] == pool_codes[x, c]


@kernel
def project(
    offset: float, start: float, scale: float, stops: Floats, along: Floats, lengths: Floats
) -> None:
    """Add one number column to where on each segment a point lies and to the squared lengths."""
    for b in range(stops.shape[0]):
        step = (stops[b] - start) * scale
        there = not (np.isnan(step) or np.isnan(offset))
        along[b] += step * offset if there else 0.0
        lengths[b] += step * step if there else 0.0


@kernel
def depart(
    point: float,
    offset: float,
    start: float,
    scale: float,
    stops: Floats,
    parts: Floats,
    apart: Floats,
) -> None:
    """Add one number column to the squared distances of a point from segments, ``parts`` along.

    A cell missing in the point and in an end counts as the residual of a typical cell (1).
    """
    for b in range(stops.shape[0]):
        step = (stops[b] - start) * scale
        ends_missing = np.isnan(start) or np.isnan(stops[b])
        missing = 1.0 if np.isnan(point) == ends_missing else MISSING_APART
        residual = offset - parts[b] * step
        there = not (np.isnan(step) or np.isnan(offset))
        apart[b] += residual * residual if there else missing


@kernel
def inherit(none: float, one: float, equal: Bools, totals: Floats) -> None:
    """Add one category column: ``one`` where the other end holds the level as well."""
    for b in range(equal.shape[0]):
        totals[b] += one if equal[b] else none


@kernel
def segments_from(a: int, point: Floats, n_ends: int, scale: Floats, lanes: Lanes) -> None:
    """Scaled squared distances of a point from the segments between end ``a`` and later ends.

    They and the squared lengths are left in ``lanes.apart`` and ``lanes.lengths``.
    """
    others, n = slice(a + 1, n_ends), n_ends - a - 1
    along, lengths, apart = lanes.along[:n], lanes.lengths[:n], lanes.apart[:n]
    along[:] = 0.0
    lengths[:] = 0.0
    apart[:] = 0.0
    for j in range(point.shape[0]):
        start, stops = lanes.numbers[j, a], lanes.numbers[j, others]
        project(lanes.offsets[j, a], start, scale[j], stops, along, lengths)
    for b in range(n):
        t = min(1.0, max(0.0, along[b] / lengths[b]))
        along[b] = t if lengths[b] > 0.0 else 0.0
    for j in range(point.shape[0]):
        start, stops = lanes.numbers[j, a], lanes.numbers[j, others]
        depart(point[j], lanes.offsets[j, a], start, scale[j], stops, along, apart)


@kernel
def weigh(
    point: Floats, n_ends: int, scale: Floats, inherited: Floats, lanes: Lanes
) -> tuple[float, int, int]:
    """Log weights and squared residuals of all pairs; the largest weight and its two ends."""
    freedom = max(point.shape[0] - 1, 1)
    best, first, second, pair = -np.inf, 0, 1, 0
    for a in range(n_ends - 1):
        others, n = slice(a + 1, n_ends), n_ends - a - 1
        lengths, apart, totals = lanes.lengths[:n], lanes.apart[:n], lanes.totals[:n]
        segments_from(a, point, n_ends, scale, lanes)
        for b in range(n):
            total = -0.5 * (FREEDOM + freedom) * np.log(1.0 + apart[b] / FREEDOM)
            totals[b] = total - 0.5 * np.log(1.0 + lengths[b])
        for c in range(inherited.shape[0]):
            held = int(lanes.equal[c, a])
            none, one = inherited[c, held], inherited[c, held + 1]
            inherit(none, one, lanes.equal[c, others], totals)
        for b in range(n):
            lanes.weights[pair], lanes.squares[pair] = totals[b], apart[b]
            if totals[b] > best:
                best, first, second = totals[b], a, a + 1 + b
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
    n_ends: int,
    inherited: Floats,
    redrawn: Floats,
    lanes: Lanes,
    everything: float,
    freedom: int,
    foreign: Floats,
) -> float:
    """Weighted squared residual per degree of freedom; expected foreign cells are added up."""
    spread, pair = 0.0, 0
    for a in range(n_ends - 1):
        for b in range(a + 1, n_ends):
            weight = lanes.weights[pair] / everything
            if weight > 1e-9:
                r = lanes.squares[pair]
                spread += weight * r * (FREEDOM + freedom) / (FREEDOM + r) / freedom
                for c in range(redrawn.shape[0]):
                    held = int(lanes.equal[c, a]) + int(lanes.equal[c, b])
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
    lanes: Lanes,
    learns: bool,
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
    lanes : Lanes
    learns : bool
        Whether ``spread`` and ``foreign`` are wanted.
    odds : (n, k) float64, filled where an end counts
    spread : (2,) float64, added to; squared residuals per degree of freedom, and rows
    foreign : (n_categories,) float64, added to; expected cells that came from neither end
    """
    freedom = max(values.shape[1] - 1, 1)
    for i in range(ends.shape[0]):
        m = n_ends[i]
        if m < 2:
            continue
        lay_out(values[i], codes[i], pool_values, pool_codes, ends[i, :m], scale, lanes)
        best, first, second = weigh(values[i], m, scale, inherited[i], lanes)
        mass = lanes.mass[:m]
        everything = compete(lanes.weights, best, first, second, mass, odds[i, :m])
        if learns:
            spread[1] += 1.0
            spread[0] += collect(m, inherited[i], redrawn, lanes, everything, freedom, foreign)
