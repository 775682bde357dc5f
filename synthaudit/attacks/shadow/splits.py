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

from synthaudit.data.persons import half_of_persons, some_persons
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


def half_splits(
    n_candidates: int, n_shadows: int, streams: Streams, persons: Ints | None = None
) -> Bools:
    """Membership of every candidate in every shadow, ``(n_shadows, n_candidates)``.

    With ``persons``, ``(n_candidates,)``, whole persons are drawn, up to about half of the rows.

    Pair ``p`` depends on its own named stream only, so asking for more shadows leaves the first
    ones as they are.
    """
    check_count(n_shadows)
    membership = np.zeros((n_shadows, n_candidates), dtype=bool)
    for pair in range(n_shadows // 2):
        rng = streams.rng("pair", pair)
        if persons is None:
            membership[2 * pair, rng.permutation(n_candidates)[: n_candidates // 2]] = True
        else:
            membership[2 * pair] = half_of_persons(persons, rng)
        membership[2 * pair + 1] = ~membership[2 * pair]
    return membership


def trained(
    halves: Bools, n_rows: int | None, streams: Streams, persons: Ints | None = None
) -> Bools:
    """Who each shadow is trained on: its half, or ``n_rows`` random candidates of it.

    With ``persons``, whole persons of about as many rows.

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
            rng = streams.rng("rows", shadow)
            if persons is None:
                left_out = rng.permutation(len(rows))[n_rows:]
            else:
                left_out = np.flatnonzero(~some_persons(persons[rows], n_rows, rng))
            chosen[shadow, rows[left_out]] = False
    return chosen


def rows_of(membership: Bools, shadow: int) -> Ints:
    """Candidates the shadow is trained on, ascending."""
    return np.flatnonzero(membership[shadow]).astype(np.int64)
