"""The strongest attack: chosen on one half of the candidates, measured on the other, and swapped.

The largest of many measured numbers is too large. Here the half that chooses never measures, so
what is reported is unbiased for the attack an adversary with that knowledge would pick.

Three choices are made side by side, because one attack may find everybody a little and another a
few people for certain: ``bulk`` by the AUC, ``tail`` by the members among the highest-scoring 3 %
and less, and ``overall`` by whichever deviation is the most standard errors from chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from synthaudit.errors import UsageError
from synthaudit.parallel import thread_map
from synthaudit.seeds import Streams
from synthaudit.stats.clusters import group_codes
from synthaudit.stats.combination import rank_features
from synthaudit.stats.contest import COMBINATION, Half
from synthaudit.stats.halves import split_halves
from synthaudit.stats.held_out import Ledger, Measured, measure_choice
from synthaudit.stats.ranks import checked
from synthaudit.types import Bools, Card, Floats, Ints


@dataclass(frozen=True, eq=False)
class Strongest:
    """What each criterion chose, and the combination of all attacks for itself."""

    overall: Measured
    bulk: Measured
    tail: Measured
    combination: Measured
    first: Bools
    """(n,) the half every candidate belongs to."""


def strongest(
    scores: Mapping[str, Floats],
    is_member: Bools,
    streams: Streams,
    *,
    groups: Ints | None = None,
    cards: Mapping[str, Card] | None = None,
    p_value: float | None = None,
    confidence: float = 0.95,
    jobs: int = 1,
) -> Strongest:
    """Choose and measure the strongest attack.

    Parameters
    ----------
    scores : mapping of attack to (n,) float64
        Label-blind scores, sign fixed (higher = more likely a member).
    is_member : (n,) bool
        At least four members and four non-members.
    streams : Streams
        Halves from ``streams.rng("halves")``, as :func:`~synthaudit.stats.evaluate`.
    groups : (n,) int, optional
    cards : mapping of attack to Card, optional
        For titles and threat models in the headlines.
    p_value : float, optional
        Global max-T p-value, put into the headlines.
    jobs : int
        Threads; they change nothing.

    Raises
    ------
    UsageError
        No attack, or too few candidates to choose on one half and measure on the other.

    What it cannot show: an attack nobody ran.
    """
    if not scores:
        raise UsageError("There are no attack scores to choose from; run at least one attack.")
    scores = {name: checked(values, is_member)[0] for name, values in scores.items()}
    first = split_halves(is_member, streams, groups)
    sizes = [int(np.sum(is_member[h] == b)) for h in (first, ~first) for b in (True, False)]
    if min(sizes) < 2:
        raise UsageError(
            "Choosing the strongest attack on one half and measuring it on the other needs two "
            f"members and two non-members a half, but a half holds {min(sizes)}; use more rows."
        )
    features = rank_features(scores)

    def half(i: int) -> Half:
        side = ~first if i else first
        return Half.of(scores, features, is_member, side, streams.child("strongest", i), groups)

    here, there = thread_map(half, (0, 1), jobs)
    ledger = Ledger(is_member, group_codes(groups, first.size), cards or {}, p_value, confidence)
    found: dict[tuple[str, str], Measured] = {}
    for which in ("overall", "bulk", "tail"):
        chosen = (here.best(which), there.best(which))
        if chosen not in found:
            found[chosen] = measure_choice((here, there), chosen, ledger)
    both = (COMBINATION, COMBINATION)
    combined = found[both] if both in found else measure_choice((here, there), both, ledger)
    overall, bulk, tail = (
        found[here.best(which), there.best(which)] for which in ("overall", "bulk", "tail")
    )
    return Strongest(overall, bulk, tail, combined, first)
