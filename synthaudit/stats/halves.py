"""Two halves of the candidates: choose on one, measure on the other, swap."""

from __future__ import annotations

import numpy as np

from synthaudit.seeds import Streams
from synthaudit.stats.clusters import group_codes
from synthaudit.types import Bools, Ints


def split_halves(is_member: Bools, streams: Streams, groups: Ints | None = None) -> Bools:
    """Which candidates are in the first half, ``(n,)`` bool; labels and groups are balanced.

    Members and non-members are halved separately (an odd one out goes to either half by the toss
    of a coin), and a group is never torn apart. Drawn from ``streams.rng("halves")``, so that
    everything that is measured in halves with the same streams uses the same halves.
    """
    rng = streams.rng("halves")
    n = is_member.size
    codes = group_codes(groups, n)
    if codes is None:
        first = np.zeros(n, dtype=np.bool_)
        for label in (True, False):
            rows = rng.permutation(np.flatnonzero(is_member == label))
            first[rows[: (rows.size + int(rng.integers(2))) // 2]] = True
        return first
    return _split_groups(is_member, codes, rng)


def _split_groups(is_member: Bools, codes: Ints, rng: np.random.Generator) -> Bools:
    sizes = np.bincount(codes)
    members = np.bincount(codes, weights=is_member).astype(np.int64)
    # kinds of groups: all members, all non-members, mixed; each kind is balanced by rows
    kind = np.where(members == sizes, 0, np.where(members == 0, 1, 2))
    in_first = np.zeros(sizes.size, dtype=np.bool_)
    for which in range(3):
        units = rng.permutation(np.flatnonzero(kind == which))
        units = units[np.argsort(-sizes[units], kind="stable")]
        # pairs of similar size, one to each half; the coin decides which
        coin = rng.random(units.size // 2 + 1) < 0.5
        flags = np.repeat(coin, 2)[: units.size].copy()
        flags[1::2] = ~flags[1::2]
        in_first[units] = flags
    result: Bools = in_first[codes]
    return result
