"""Who would be chosen: every contestant's showing on one half of the candidates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from synthaudit.seeds import Streams
from synthaudit.stats.combination import cross_fitted, transfer
from synthaudit.stats.permutation import LEAST_FLAGGED, TOPS, top_weights
from synthaudit.stats.ranks import midranks
from synthaudit.types import Bools, Floats, Ints

COMBINATION = "combination"
"""Id of the contestant that combines all attacks."""


def standardised(scores: Floats, is_member: Bools) -> dict[str, float]:
    """``auc``, ``top_0.1``, ``top_0.03``, ... of one score in standard errors from chance.

    Mean and variance are those of a random split (simple random sampling), exact with ties.
    """
    rows = {"auc": midranks(scores)}
    for share in TOPS:
        if share * scores.size >= LEAST_FLAGGED:
            rows[f"top_{share:g}"] = top_weights(scores, share)
    n, m = scores.size, int(is_member.sum())
    result = {}
    for name, w in rows.items():
        variance = float(w.var()) * m * (n - m) / max(n - 1, 1)
        shift = float(w[is_member].sum() - m * w.mean())
        result[name] = shift / float(np.sqrt(variance)) if variance > 1e-12 else 0.0
    return result


def criterion(z: dict[str, float], which: str) -> float:
    """What a choice is made by: ``bulk`` the AUC, ``tail`` the highest-scoring few, else both."""
    if which == "bulk":
        return z["auc"]
    if which == "tail":
        tops = [z[f"top_{share:g}"] for share in TOPS if share < 0.1 and f"top_{share:g}" in z]
        return max(tops, default=z.get("top_0.1", z["auc"]))
    return max(z.values())


@dataclass(frozen=True, eq=False)
class Half:
    """One half of the candidates.

    Attributes
    ----------
    rows : (n,) bool
    deviations : dict
        How each contestant does on this half, standardised: for choosing.
    judging : dict of (n_half,) float64
        Scores on this half for choosing and for thresholds; the combination is cross-fitted inside
        the half.
    measured : dict of (n_half,) float64
        Scores on this half for measuring; the combination is trained on the *other* half.
    """

    rows: Bools
    deviations: dict[str, dict[str, float]]
    judging: dict[str, Floats]
    measured: dict[str, Floats]

    @classmethod
    def of(
        cls,
        scores: Mapping[str, Floats],
        features: Floats,
        is_member: Bools,
        rows: Bools,
        streams: Streams,
        groups: Ints | None,
    ) -> Half:
        """Score and judge every contestant on the half ``rows``."""
        inner = None if groups is None else groups[rows]
        judging = {name: values[rows] for name, values in scores.items()}
        measured = dict(judging)
        judging[COMBINATION] = cross_fitted(features[rows], is_member[rows], streams, inner)
        measured[COMBINATION] = transfer(features, is_member, ~rows, rows)
        labels = is_member[rows]
        deviations = {name: standardised(values, labels) for name, values in judging.items()}
        return cls(rows, deviations, judging, measured)

    def best(self, which: str) -> str:
        """The contestant this half would choose; ties go to the first in order."""
        return max(self.deviations, key=lambda name: criterion(self.deviations[name], which))
