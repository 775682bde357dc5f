"""Which candidates each shadow is trained on: complementary pairs of random halves.

Shadow ``2p`` is trained on a random half of the pool and shadow ``2p + 1`` on the other half, so
every candidate is a member of exactly one shadow of each pair: with K shadows it has exactly K/2
"in" and K/2 "out" worlds. The halves are drawn without looking at a label, so conditional on
everything else the true labels stay exchangeable and the permutation test stays exact.

Where a generator is slow, a shadow may be trained on fewer rows than its half. A candidate left out
of both then still counts the shadow of the *other* half as its "out" world of the pair, so that the
number of out worlds stays the same for everybody.
"""

from __future__ import annotations

import numpy as np

from synthaudit.errors import UsageError
from synthaudit.seeds import Streams
from synthaudit.types import Bools, Ints

LEAST_SHADOWS = 4

LEAST_ROWS = 10
"""Rows a shadow can be trained on at least."""


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


def check_rows(n_rows: int | None) -> None:
    """Refuse shadows too small to teach anything.

    Raises
    ------
    UsageError
    """
    if n_rows is not None and n_rows < LEAST_ROWS:
        raise UsageError(
            f"Shadows cannot be trained on {n_rows} rows: give at least {LEAST_ROWS}, or none to "
            "train each on half of the candidates."
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


def trained(halves: Bools, n_rows: int | None, streams: Streams) -> Bools:
    """Who each shadow is trained on: its half, or ``n_rows`` random candidates of it.

    Parameters
    ----------
    halves : (n_shadows, n_candidates) bool
    n_rows : int or None
        None, or more than a half has: the whole half.
    streams : Streams
    """
    chosen = halves.copy()
    for shadow, half in enumerate(halves):
        rows = np.flatnonzero(half)
        if n_rows is not None and n_rows < len(rows):
            order = streams.rng("rows", shadow).permutation(len(rows))
            chosen[shadow, rows[order[n_rows:]]] = False
    return chosen


def pair_of(shadow: int) -> tuple[int, int]:
    """The two shadows of the pair ``shadow`` belongs to."""
    first = shadow - shadow % 2
    return first, first + 1


def rows_of(membership: Bools, shadow: int) -> Ints:
    """Candidates the shadow is trained on, ascending."""
    return np.flatnonzero(membership[shadow]).astype(np.int64)
