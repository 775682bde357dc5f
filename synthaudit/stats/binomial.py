"""Intervals for shares and for differences of shares.

Everything here takes counts and answers with floats or an :class:`~synthaudit.types.Estimate`.
Counts may be fractional: a clustered sample enters with its *effective* size (Korn and Graubard
1998, Survey Methodology 24:193).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from synthaudit.errors import UsageError
from synthaudit.types import Estimate


@dataclass(frozen=True)
class Bounds:
    """A point with the two ends of its interval."""

    value: float
    low: float
    high: float


def _check(k: float, n: float) -> None:
    if not 0 <= k <= n:
        raise UsageError(f"A share needs 0 <= count <= n, but count {k:g} of n {n:g} was given.")


def z_value(confidence: float) -> float:
    """Two-sided normal quantile: 1.96 for 0.95."""
    from scipy.special import ndtri

    return float(ndtri(0.5 + confidence / 2.0))


def lower_bound(k: float, n: float, alpha: float) -> float:
    """One-sided exact lower bound of a binomial share (Clopper and Pearson 1934), level alpha."""
    from scipy.special import betaincinv

    _check(k, n)
    return 0.0 if k == 0 else float(betaincinv(k, n - k + 1.0, alpha))


def upper_bound(k: float, n: float, alpha: float) -> float:
    """One-sided exact upper bound of a binomial share (Clopper and Pearson 1934), level alpha."""
    from scipy.special import betaincinv

    _check(k, n)
    return 1.0 if k == n else float(betaincinv(k + 1.0, n - k, 1.0 - alpha))


def clopper_pearson(k: float, n: float, confidence: float = 0.95) -> Bounds:
    """Exact two-sided interval of a binomial share (doi:10.1093/biomet/26.4.404).

    Never covers less than ``confidence``; with no observations it is [0, 1] around 0.5.
    """
    alpha = (1.0 - confidence) / 2.0
    value = k / n if n > 0 else 0.5
    return Bounds(value, lower_bound(k, n, alpha), upper_bound(k, n, alpha))


def wilson(k: float, n: float, confidence: float = 0.95) -> Bounds:
    """Score interval of a binomial share (Wilson 1927, doi:10.1080/01621459.1927.10502953)."""
    _check(k, n)
    if n == 0:
        return Bounds(0.5, 0.0, 1.0)
    z2 = z_value(confidence) ** 2
    p = k / n
    center = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    low = 0.0 if k == 0 else max(center - half, 0.0)
    high = 1.0 if k == n else min(center + half, 1.0)
    return Bounds(p, low, high)


def difference(k1: float, n1: float, k2: float, n2: float, confidence: float = 0.95) -> Bounds:
    """``k1/n1 - k2/n2`` for independent samples: hybrid score interval.

    Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I, method 10.
    Never of zero width, not even for 0 of n against 0 of n.
    """
    first, second = wilson(k1, n1, confidence), wilson(k2, n2, confidence)
    value = first.value - second.value
    low = value - math.hypot(first.value - first.low, second.high - second.value)
    high = value + math.hypot(first.high - first.value, second.value - second.low)
    return Bounds(value, max(low, -1.0), min(high, 1.0))


def share_estimate(
    name: str, k: float, n: int, *, null: float | None = None, confidence: float = 0.95
) -> Estimate:
    """``k`` of ``n`` as an Estimate with its Clopper-Pearson interval; None when n is 0."""
    if n == 0:
        return Estimate(name, None, None, None, 0, null, confidence, note="nothing to count")
    b = clopper_pearson(k, n, confidence)
    return Estimate(name, b.value, b.low, b.high, n, null, confidence, "Clopper-Pearson")
