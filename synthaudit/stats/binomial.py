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


def paired_difference(
    n_both: int, n_first: int, n_second: int, n_neither: int, confidence: float = 0.95
) -> Bounds:
    """Difference of two shares measured on the *same* rows: hybrid score interval.

    For example the share of synthetic rows that repeat a training row minus the share that repeat
    a holdout row of an equally large holdout: each synthetic row answers both questions.

    Parameters
    ----------
    n_both, n_first, n_second, n_neither : int
        Rows for which both, only the first, only the second, neither holds.

    References
    ----------
    Newcombe 1998, doi:10.1002/(SICI)1097-0258(19981130)17:22<2635::AID-SIM954>3.0.CO;2-C,
    method 10 (correlation with continuity correction).
    """
    n = n_both + n_first + n_second + n_neither
    k1, k2 = n_both + n_first, n_both + n_second
    first, second = wilson(k1, n, confidence), wilson(k2, n, confidence)
    value = first.value - second.value if n else 0.0
    margins = float(k1) * (n - k1) * k2 * (n - k2)
    phi = 0.0
    if margins > 0:
        cross = float(n_both) * n_neither - float(n_first) * n_second
        # the continuity correction applies to positive association only (Newcombe's table)
        cross = max(cross - n / 2.0, 0.0) if cross > 0 else cross
        phi = cross / math.sqrt(margins)
    dl1, du1 = first.value - first.low, first.high - first.value
    dl2, du2 = second.value - second.low, second.high - second.value
    low = value - math.sqrt(max(dl1**2 - 2 * phi * dl1 * du2 + du2**2, 0.0))
    high = value + math.sqrt(max(du1**2 - 2 * phi * du1 * dl2 + dl2**2, 0.0))
    return Bounds(value, max(low, -1.0), min(high, 1.0))


def share_estimate(
    name: str, k: float, n: int, *, null: float | None = None, confidence: float = 0.95
) -> Estimate:
    """``k`` of ``n`` as an Estimate with its Clopper-Pearson interval; None when n is 0."""
    if n == 0:
        return Estimate(name, None, None, None, 0, null, confidence, note="nothing to count")
    b = clopper_pearson(k, n, confidence)
    return Estimate(name, b.value, b.low, b.high, n, null, confidence, "Clopper-Pearson")


def size_matched_share(
    n_closer_train: float,
    n_tied: float,
    n_rows: int,
    n_train: int,
    n_holdout: int,
    confidence: float = 0.95,
) -> Estimate:
    """Share of rows closer to train than to holdout, ties split by the sizes of the tables.

    A row that lies equally near to both sides belongs to train with probability
    ``n_train / (n_train + n_holdout)`` when nothing leaked, which is also the null value of the
    whole share; giving ties to one side is the bias of the common tools.

    What it cannot show: rows are treated as independent, but several synthetic rows may share
    their nearest real row, so the interval is too narrow where that is common (permutation SD
    about a tenth larger than binomial); use the permutation test for significance.
    """
    expected = n_train / (n_train + n_holdout)
    k = n_closer_train + n_tied * expected
    return share_estimate("share_closer_to_train", k, n_rows, null=expected, confidence=confidence)
