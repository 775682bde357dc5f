"""How much of what is found in train would have been found in any table like it.

The unit is a thing that can sit in train or in the holdout: a row content, a real row, a value. If
nothing leaked, train and holdout are one pool dealt out at random, so whatever the synthetic table
re-uses falls on either side by the luck of the deal. Every formula here follows from that.

For a unit with ``k`` rows in train and ``h`` in the holdout, ``K = k + h``, let ``p(k)`` be the
chance that it survives when train is cut to the smaller table's size, and ``q(h)`` likewise. Then
``D = p(k) - q(h)`` has mean 0 over deals *given K*, and so has ``w(K) D`` for any weight that looks
at ``K`` only. With ``w(K) = 1 / p(K)`` a unit that lies wholly in train counts exactly 1: the sum
over units is "rows re-used from train, less those that a table of train's size would have shared
by chance", in the units of the full table, whatever the two sizes are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from synthaudit.checks._matching import presence
from synthaudit.types import Estimate, Floats, Ints

METHOD = (
    "re-used share less the chance share; units seen once: exact conditional prediction of the "
    "chance count from the holdout's (Nelson 1970), others: normal, variance over random deals"
)


@dataclass(frozen=True)
class Excess:
    """Shares of ``n`` rows: found in train, expected there by chance, and the difference.

    ``low`` and ``high`` enclose the share re-used from train *in this release*: the count found is
    a fact, what is uncertain is how many of them chance had put there.
    """

    found: float
    expected: float
    value: float
    low: float
    high: float
    p_value: float
    n: int
    n_units_train: int
    n_units_holdout: int
    """Units seen once in the pool and re-used, by where they lie: the exact test rests on them."""
    confidence: float

    def estimate(self, name: str, note: str = "") -> Estimate:
        """The difference with its interval."""
        return Estimate(
            name, self.value, self.low, self.high, self.n, 0.0, self.confidence, METHOD, note
        )


def most_by_chance(count: float, share: float, tail: float) -> float:
    """Upper prediction limit for a chance count, given the ``count`` on the other side.

    Each unit falls on this side with probability ``share``. The limit is the largest ``x`` with
    ``P(Binomial(x + count, share) >= x) >= tail``, continued to real ``x`` by the incomplete beta
    function ``I_share(x, count + 1)``. Infinite when every unit must fall on this side (two rows,
    one in each table, can only be a pair that is apart).
    """
    from scipy.optimize import brentq
    from scipy.special import betainc

    if share >= 1.0:
        return math.inf
    top = 1.0
    while betainc(top, count + 1, share) > tail:
        top *= 2
    return float(brentq(lambda x: betainc(max(x, 1e-9), count + 1, share) - tail, 0.0, top))


def least_by_chance(count: float, share: float, tail: float) -> float:
    """Lower limit: ``P(Binomial(x + count, share) <= x) = 1 - I_share(x + 1, count)``."""
    from scipy.optimize import brentq
    from scipy.special import betainc

    if share >= 1.0:
        return math.inf if count > 0 else 0.0
    if count <= 0 or betainc(1.0, count, share) <= 1 - tail:
        return 0.0
    top = 1.0
    while betainc(top + 1, count, share) > 1 - tail:
        top *= 2
    return float(brentq(lambda x: betainc(x + 1, count, share) - 1 + tail, 0.0, top))


def _deal_variance(total: int, n_train: int, n_holdout: int) -> float:
    """Variance of ``w(K) D`` for a unit with ``total`` rows over random deals."""
    from scipy.stats import hypergeom

    kept = min(n_train, n_holdout)
    k = np.arange(max(0, total - n_holdout), min(total, n_train) + 1)
    chance = hypergeom.pmf(k, n_train + n_holdout, total, n_train)
    gap = presence(k, n_train, kept) - presence(total - k, n_holdout, kept)
    whole = float(presence(np.array([min(total, n_train)]), n_train, kept)[0])
    return float(np.sum(chance * (gap / whole) ** 2))


def sign_test(n_train: int, n_holdout: int, share: float) -> float:
    """P(at least ``n_train`` of the re-used units lie in train) if each does with ``share``."""
    from scipy.stats import binom

    return float(binom.sf(n_train - 1, n_train + n_holdout, share))


@dataclass(frozen=True)
class _Part:
    value: float
    below: float
    above: float


def _seen_once(weights: Floats, in_train: Floats, ratio: float, share: float, tail: float) -> _Part:
    """Units with one row in the pool: each lies in train or in the holdout."""
    if not weights.size:
        weights, in_train = np.ones(1), np.zeros(1)  # nothing re-used: one unit of weight 1, absent
        found = from_holdout = 0.0
    else:
        found = float(weights @ in_train)
        from_holdout = float(weights @ (1 - in_train))
    # rows that re-use the same unit stand or fall together: count in units of the mean cluster
    cluster = float(weights @ weights / weights.sum())
    most = cluster * most_by_chance(from_holdout / cluster, share, tail)
    least = cluster * least_by_chance(from_holdout / cluster, share, tail)
    value = found - ratio * from_holdout
    return _Part(value, value - (found - most), (found - least) - value)


def _seen_often(
    weights: Floats, train: Ints, holdout: Ints, n_train: int, n_holdout: int, z: float
) -> _Part:
    """Units with several rows in the pool."""
    if not weights.size:
        return _Part(0.0, 0.0, 0.0)
    kept = min(n_train, n_holdout)
    total = train + holdout
    whole = presence(np.minimum(total, n_train), n_train, kept)
    gap = (presence(train, n_train, kept) - presence(holdout, n_holdout, kept)) / whole
    totals, inverse = np.unique(total, return_inverse=True)
    variances = np.array([_deal_variance(int(k), n_train, n_holdout) for k in totals])[inverse]
    margin = z * float(np.sqrt(weights**2 @ variances))
    return _Part(float(weights @ gap), margin, margin)


def excess(
    weights: Ints,
    train: Ints,
    holdout: Ints,
    n_train: int,
    n_holdout: int,
    n: int,
    confidence: float = 0.95,
) -> Excess:
    """Share re-used from train in excess of chance, with its interval and exact p-value.

    Parameters
    ----------
    weights : (n_units,) int
        How many synthetic rows (or other things counted by ``n``) re-use each unit.
    train, holdout : (n_units,) int
        Rows of the unit in either table; units in neither are ignored.
    n_train, n_holdout : int
        Sizes of the tables the units were dealt to.
    n : int
        What shares are shares of.

    Returns
    -------
    Excess
        ``p_value`` is the exact one-sided sign test over units seen once in the pool.

    References
    ----------
    W. Nelson (1970), 'Confidence intervals for the ratio of two Poisson means and Poisson predictor
    intervals', IEEE Transactions on Reliability R-19 (conditional prediction limits); parts are
    combined by the square-root rule of G. Zou and A. Donner (2008), doi:10.1002/sim.3095.
    """
    from scipy.stats import norm

    used = (weights > 0) & (train + holdout > 0)
    m, k, h = weights[used].astype(np.float64), train[used], holdout[used]
    tail = (1 - confidence) / 2
    share = n_train / (n_train + n_holdout)
    once = k + h == 1
    first = _seen_once(m[once], k[once].astype(np.float64), n_train / n_holdout, share, tail)
    rest = _seen_often(m[~once], k[~once], h[~once], n_train, n_holdout, float(norm.isf(tail)))
    found = float(m @ (k > 0)) / n
    value = (first.value + rest.value) / n
    n_in, n_out = int(k[once].sum()), int(h[once].sum())
    return Excess(
        found=found,
        expected=min(found - value, 1.0),
        value=max(value, -1.0),
        low=max(value - float(np.hypot(first.below, rest.below)) / n, -1.0),
        high=max(min(value + float(np.hypot(first.above, rest.above)) / n, found), -1.0),
        p_value=sign_test(n_in, n_out, share),
        n=n,
        n_units_train=n_in,
        n_units_holdout=n_out,
        confidence=confidence,
    )
