"""Which candidates each shadow is trained on: complementary pairs of random halves.

Shadow ``2p`` is trained on a random half of the pool and shadow ``2p + 1`` on the other half, so
every candidate is a member of exactly one shadow of each pair: with K shadows it has exactly K/2
"in" and K/2 "out" worlds. The halves are drawn without looking at a label, so conditional on
everything else the true labels stay exchangeable and the permutation test stays exact.
"""

from __future__ import annotations

import numpy as np

from synthaudit.errors import UsageError
from synthaudit.seeds import Streams
from synthaudit.types import Bools, Ints

LEAST_SHADOWS = 4


def check_count(n_shadows: int) -> None:
    """Refuse counts that cannot be calibrated.

    Raises
    ------
    UsageError
        Fewer than 4 or an odd number: with two shadows the only OUT world left after leaving the
        pair out is none, and leaving out only the shadow itself would make the label readable.
    """
    if n_shadows < LEAST_SHADOWS or n_shadows % 2:
        raise UsageError(
            f"{n_shadows} shadows cannot be calibrated: use an even number of at least "
            f"{LEAST_SHADOWS} (16 is the default, 8 the least that gives most of the power)."
        )


def half_splits(n_candidates: int, n_shadows: int, streams: Streams) -> Bools:
    """Membership of every candidate in every shadow, ``(n_shadows, n_candidates)``.

    Pair ``p`` depends on its own named stream only, so asking for more shadows leaves the first
    ones as they are.
    """
    check_count(n_shadows)
    membership = np.zeros((n_shadows, n_candidates), dtype=bool)
    for pair in range(n_shadows // 2):
        order = streams.rng("pair", pair).permutation(n_candidates)
        membership[2 * pair, order[: n_candidates // 2]] = True
        membership[2 * pair + 1] = ~membership[2 * pair]
    return membership


def pair_of(shadow: int) -> tuple[int, int]:
    """The two shadows of the pair ``shadow`` belongs to."""
    first = shadow - shadow % 2
    return first, first + 1


def rows_of(membership: Bools, shadow: int) -> Ints:
    """Candidates the shadow is trained on, ascending."""
    return np.flatnonzero(membership[shadow]).astype(np.int64)
