"""Real rows that have a twin: equal, or much closer to each other than to anybody else.

A random split deals the two of a pair to train and holdout independently of each other. Too many
split pairs mean rows that are in both tables, too many unsplit ones rows that were multiplied
after the split.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthaudit.data.views import AuditorView, Geometry
from synthaudit.types import Bools, Floats, Ints

LARGEST_GROUP = 50
EXACT_UP_TO = 2_000


def one_sided_chance(sizes: Ints, n_side: int, n_other: int) -> Floats:
    """Probability that a group of rows lies wholly on one side of a random split.

    ``C(n_side, K) / C(n_side + n_other, K)``, as a product that cannot overflow.

    Parameters
    ----------
    sizes : (n_groups,) int64, K
    """
    chance = np.ones(sizes.size)
    for step in range(int(sizes.max(initial=0))):
        larger = sizes > step
        chance[larger] *= max(n_side - step, 0) / (n_side + n_other - step)
    return chance


def at_least(observed: int, chances: Floats) -> float:
    """P(sum of independent Bernoulli variables >= observed): exact, normal above 2,000 of them."""
    from scipy.stats import norm

    if observed <= 0:
        return 1.0
    if chances.size > EXACT_UP_TO:
        spread = float(np.sqrt(np.sum(chances * (1 - chances))))
        return float(norm.sf((observed - 0.5 - chances.sum()) / spread)) if spread else 1.0
    mass = np.zeros(chances.size + 1)
    mass[0] = 1.0
    for i, p in enumerate(chances):
        mass[1 : i + 2] = mass[1 : i + 2] * (1 - p) + mass[: i + 1] * p
        mass[0] *= 1 - p
    return float(mass[observed:].sum())


@dataclass(frozen=True)
class Sided:
    """Groups on one side (or split), against a random split of the same groups."""

    n_groups: int
    expected: float
    p_value: float
    """One-sided: at least this many."""


@dataclass(frozen=True)
class Groups:
    """What became of groups of equal rows."""

    split: Sided
    in_train: Sided
    in_holdout: Sided


def dealt(train: Ints, holdout: Ints, n_train: int, n_holdout: int) -> Groups:
    """Groups of two to fifty equal real rows by where they lie.

    Larger groups are split by every deal and carry no information.

    Parameters
    ----------
    train, holdout : (n_contents,) int64; rows of each content
    """
    total = train + holdout
    used = (total >= 2) & (total <= LARGEST_GROUP)
    k, h, sizes = train[used], holdout[used], total[used]
    only_train = one_sided_chance(sizes, n_train, n_holdout)
    only_holdout = one_sided_chance(sizes, n_holdout, n_train)

    def sided(where: Bools, chances: Floats) -> Sided:
        count = int(where.sum())
        return Sided(count, float(chances.sum()), at_least(count, chances))

    return Groups(
        split=sided((k > 0) & (h > 0), np.clip(1 - only_train - only_holdout, 0, 1)),
        in_train=sided(h == 0, only_train),
        in_holdout=sided(k == 0, only_holdout),
    )


def near_pairs(view: AuditorView, reach: float) -> tuple[Ints, Ints]:
    """Pairs of unequal real rows that are each other's nearest, at most ``reach`` of the way to

    either's next-nearest real row. Rows are numbered train first, then holdout; labels play no
    part in the choice.
    """
    n_train = view.train.n_rows
    nearest, rows = [], []
    for name in ("train", "holdout"):
        parts = []
        for other, shift in (("train", 0), ("holdout", n_train)):
            if view.table(other).n_rows > int(other == name):
                near = view.nearest(name, other, 2, Geometry.STANDARD)
                parts.append((near.distances, near.rows + shift))
        distances = np.concatenate([part[0] for part in parts], axis=1)
        order = np.argsort(distances, axis=1, kind="stable")[:, :2]
        nearest.append(np.take_along_axis(distances, order, axis=1))
        rows.append(np.take_along_axis(np.concatenate([p[1] for p in parts], axis=1), order, 1))
    distance, partner = np.concatenate(nearest), np.concatenate(rows)[:, 0]
    own = np.arange(partner.size)
    mutual = (partner[partner] == own) & (own < partner) & (distance[:, 0] > 0)
    tight = distance[:, 0] <= reach * distance[:, 1]
    first = own[mutual & tight & tight[partner]]
    return first.astype(np.int64), partner[first].astype(np.int64)
