"""What an audit of this size could have seen. A pass without power is not a pass.

Normal approximations, checked by simulation in the tests (``docs/statistics.md``).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from synthaudit.errors import UsageError
from synthaudit.stats.auc import hanley_mcneil

SPARE_COUNT = 1.5
"""Room for the next sample when a count of nothing is to be repeated: one stray hit."""


@dataclass(frozen=True)
class Power:
    """Smallest effects seen with probability ``power`` by a two-sided test at ``level``.

    None where these sizes cannot show any effect (or cannot resolve the FPR).
    """

    n_members: int
    n_nonmembers: int
    power: float
    level: float
    auc: float | None
    advantage: float | None
    tpr_at_fpr: dict[str, float | None]
    """Keyed ``"0.1"``, ``"0.01"``, ``"0.001"``, as in ``types.Headline``."""


def _quantile(p: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(p))


def detectable_auc(
    n_members: float,
    n_nonmembers: float,
    *,
    power: float = 0.8,
    level: float = 0.05,
    critical: float | None = None,
) -> float | None:
    """Smallest AUC above 0.5 that a rank-sum test sees with probability ``power``.

    Null variance (n1 + n0 + 1) / (12 n1 n0); variance under the alternative from Hanley and
    McNeil 1982 (doi:10.1148/radiology.143.1.7063747).

    Parameters
    ----------
    critical : float, optional
        Bar the standardised statistic has to clear, for example ``PermutationTest.critical`` (the
        whole suite's max-T bar). None: the normal quantile of ``level``.
    """
    if n_members < 1 or n_nonmembers < 1:
        return None
    z = _quantile(1.0 - level / 2.0) if critical is None else critical
    z_power = _quantile(power)
    null = math.sqrt((n_members + n_nonmembers + 1) / (12.0 * n_members * n_nonmembers))

    def surplus(a: float) -> float:
        return a - 0.5 - z * null - z_power * math.sqrt(hanley_mcneil(a, n_members, n_nonmembers))

    return _root(surplus, 0.5, 1.0)


def detectable_advantage(
    n_members: float, n_nonmembers: float, *, power: float = 0.8, level: float = 0.05
) -> float | None:
    """Smallest advantage (TPR - FPR of a threshold fixed in advance) seen with ``power``.

    Difference of two shares around one half, where the variance is the largest: an advantage made
    at a low FPR is seen earlier.
    """
    if n_members < 1 or n_nonmembers < 1:
        return None
    z, z_power = _quantile(1.0 - level / 2.0), _quantile(power)
    sd = 0.5 * math.sqrt(1.0 / n_members + 1.0 / n_nonmembers)
    return _root(lambda a: a - z * sd - z_power * sd * math.sqrt(max(1.0 - a * a, 0.0)), 0.0, 1.0)


def detectable_tpr(
    n_members: int,
    n_nonmembers: int,
    fpr: float,
    *,
    power: float = 0.8,
    level: float = 0.05,
) -> float | None:
    """Smallest TPR at ``fpr`` seen with ``power``; None when the FPR cannot be resolved.

    The bar is exact: under the null the members above the (k+1)-th largest non-member, k =
    floor(n0 * fpr), follow the negative hypergeometric law. The alternative is a leak of the tail:
    ``tpr - fpr`` of the members score above everybody, the others like non-members.
    """
    k = math.floor(n_nonmembers * fpr * (1.0 + 1e-12))
    if n_members < 1 or k < 1:
        return None
    bar = (_critical_count(n_members, n_nonmembers, k, level / 2.0) - 0.5) / n_members
    z_power = _quantile(power)

    def surplus(t: float) -> float:
        spread = t * (1.0 - t) / n_members + fpr * (1.0 - fpr) / n_nonmembers
        return t - bar - z_power * math.sqrt(spread)

    return _root(surplus, fpr, 1.0)


def _critical_count(n1: int, n0: int, k: int, tail: float) -> int:
    """Smallest c with P(at least c members above the (k+1)-th largest non-member) <= tail."""
    from scipy.stats import hypergeom

    low, high = 0, n1 + 1
    while low < high:
        c = (low + high) // 2
        # at least c members come before k + 1 non-members: among the first c + k, at most k are out
        chance = hypergeom.cdf(k, n1 + n0, n0, min(c + k, n1 + n0)) if c <= n1 else 0.0
        low, high = (low, c) if chance <= tail else (c + 1, high)
    return low


def power_of(
    n_members: int,
    n_nonmembers: int,
    *,
    power: float = 0.8,
    level: float = 0.05,
    critical: float | None = None,
) -> Power:
    """The smallest AUC, advantage and TPRs that these numbers of candidates can show.

    Parameters
    ----------
    n_members, n_nonmembers : int
        Independent units (persons, when rows are grouped).
    critical : float, optional
        The suite's max-T bar for the AUC, see :func:`detectable_auc`.
    """
    if not 0.0 < power < 1.0 or not 0.0 < level < 1.0:
        raise UsageError(f"Power and level lie between 0 and 1, not {power:g} and {level:g}.")
    return Power(
        n_members,
        n_nonmembers,
        power,
        level,
        detectable_auc(n_members, n_nonmembers, power=power, level=level, critical=critical),
        detectable_advantage(n_members, n_nonmembers, power=power, level=level),
        {
            f"{f:g}": detectable_tpr(n_members, n_nonmembers, f, power=power, level=level)
            for f in (0.1, 0.01, 0.001)
        },
    )


def rows_to_clear(
    value: float,
    low: float,
    high: float,
    limit: float,
    n: int,
    *,
    is_count: bool = False,
    power: float = 0.8,
) -> float | None:
    """Rows a side at which an interval like this one would lie on one side of ``limit``.

    Takes ``value`` for the truth and lets the interval shrink with the square root of the rows
    (with the rows themselves when a count of nothing was found, ``is_count``: its bound goes like
    3 / n), leaving room for the next sample's own deviation so that about ``power`` of such audits
    would be settled.

    Returns
    -------
    float, at least ``n``; None when ``value`` is the limit: no number of rows settles that.
    """
    distance = abs(limit - value)
    if distance == 0.0:
        return None
    reach = max(value - low if value > limit else high - value, 0.0) / distance
    if is_count and value == 0.0:
        return n * max(reach * SPARE_COUNT, 1.0)
    spare = 1.0 + _quantile(power) / _quantile(0.975)
    return n * max((reach * spare) ** 2, 1.0)


def _root(surplus: Callable[[float], float], low: float, high: float) -> float | None:
    """Smallest x in [low, high] with surplus(x) >= 0, surplus being increasing; None: nowhere."""
    if surplus(high) < 0:
        return None
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if surplus(middle) < 0 else (low, middle)
    return high
