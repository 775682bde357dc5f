"""The strongest attack: chosen on one half of the candidates, measured on the other, and swapped.

The largest of many measured numbers is too large. Here the half that chooses never measures, so
what is reported is unbiased for the attack an adversary with that knowledge would pick.

Three choices are made side by side, because one attack may find everybody a little and another a
few people for certain: ``bulk`` by the AUC, ``tail`` by the members among the highest-scoring 1 %,
and ``overall`` by whichever deviation is the most standard errors from chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from synthaudit.errors import UsageError
from synthaudit.seeds import Streams
from synthaudit.stats.advantage import advantage_of, best_threshold
from synthaudit.stats.auc import auc_interval
from synthaudit.stats.clusters import group_codes
from synthaudit.stats.combination import cross_fitted, rank_features, transfer
from synthaudit.stats.evaluation import FPRS
from synthaudit.stats.halves import split_halves
from synthaudit.stats.permutation import top_weights
from synthaudit.stats.ranks import checked, midranks
from synthaudit.stats.roc import tpr_at_fpr
from synthaudit.types import (
    Bools,
    Card,
    Estimate,
    Floats,
    Headline,
    Interval,
    Ints,
    ThreatModel,
)

COMBINATION = "combination"
"""Id of the contestant that combines all attacks."""
_ORDER = (ThreatModel.OUTSIDER, ThreatModel.STAND_IN, ThreatModel.INSIDER)


@dataclass(frozen=True, eq=False)
class Measured:
    """One choice, measured.

    Attributes
    ----------
    headline : Headline
        For the report.
    estimates : tuple of Estimate
        ``auc``, ``advantage``, ``tpr_at_fpr_*``, as :func:`~synthaudit.stats.evaluate` names them.
    scores : (n,) float64
        Held-out scores of every candidate, as ranks within its half: what identification and
        epsilon bounds are made from, free of the choice's optimism.
    """

    headline: Headline
    estimates: tuple[Estimate, ...]
    scores: Floats

    def estimate(self, name: str) -> Estimate:
        """The estimate of that name."""
        return next(e for e in self.estimates if e.name == name)


@dataclass(frozen=True, eq=False)
class Strongest:
    """What each criterion chose, and the combination of all attacks for itself."""

    overall: Measured
    bulk: Measured
    tail: Measured
    combination: Measured
    first: Bools
    """(n,) the half every candidate belongs to."""


def standardised(scores: Floats, is_member: Bools) -> dict[str, float]:
    """``auc``, ``top_0.1``, ``top_0.01`` of one score in standard errors from chance.

    Mean and variance are those of a random split (simple random sampling), exact with ties.
    """
    rows = {"auc": midranks(scores)}
    for share in (0.1, 0.01):
        if share * scores.size >= 5:
            rows[f"top_{share:g}"] = top_weights(scores, share)
    n, m = scores.size, int(is_member.sum())
    result = {}
    for name, w in rows.items():
        variance = float(w.var()) * m * (n - m) / max(n - 1, 1)
        shift = float(w[is_member].sum() - m * w.mean())
        result[name] = shift / np.sqrt(variance) if variance > 1e-12 else 0.0
    return result


def _criterion(z: dict[str, float], which: str) -> float:
    if which == "bulk":
        return z["auc"]
    if which == "tail":
        return z.get("top_0.01", z.get("top_0.1", z["auc"]))
    return max(z.values())


def strongest(
    scores: Mapping[str, Floats],
    is_member: Bools,
    streams: Streams,
    *,
    groups: Ints | None = None,
    cards: Mapping[str, Card] | None = None,
    p_value: float | None = None,
    confidence: float = 0.95,
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
    halves = [
        _Half.of(scores, features, is_member, side, streams.child("strongest", i), groups)
        for i, side in enumerate((first, ~first))
    ]
    ledger = _Ledger(is_member, group_codes(groups, first.size), cards or {}, p_value, confidence)
    found = {}
    for which in ("overall", "bulk", "tail", COMBINATION):
        # halves[0] chooses for halves[1] and the other way round
        chosen = tuple(COMBINATION if which == COMBINATION else h.best(which) for h in halves)
        found[which] = _measure(halves, chosen, ledger)
    return Strongest(found["overall"], found["bulk"], found["tail"], found[COMBINATION], first)


@dataclass(frozen=True, eq=False)
class _Half:
    """One half: what it would choose, and everybody's scores on it made without its labels."""

    rows: Bools
    deviations: dict[str, dict[str, float]]
    """How each contestant does on this half: for choosing."""
    judging: dict[str, Floats]
    """Scores on this half used for choosing (the combination cross-fitted inside the half)."""
    measured: dict[str, Floats]
    """Scores on this half used for measuring (the combination trained on the other half)."""
    sent: dict[str, Floats]
    """Scores of the other half, for the thresholds this half chooses to be applied to."""

    @classmethod
    def of(
        cls,
        scores: Mapping[str, Floats],
        features: Floats,
        is_member: Bools,
        rows: Bools,
        streams: Streams,
        groups: Ints | None,
    ) -> _Half:
        inner = None if groups is None else groups[rows]
        judging = {name: values[rows] for name, values in scores.items()}
        judging[COMBINATION] = cross_fitted(features[rows], is_member[rows], streams, inner)
        measured = {name: values[rows] for name, values in scores.items()}
        measured[COMBINATION] = transfer(features, is_member, ~rows, rows)
        sent = {name: values[~rows] for name, values in scores.items()}
        sent[COMBINATION] = transfer(features, is_member, rows, ~rows)
        labels = is_member[rows]
        deviations = {name: standardised(values, labels) for name, values in judging.items()}
        return cls(rows, deviations, judging, measured, sent)

    def best(self, which: str) -> str:
        """The contestant this half would choose; ties go to the first in order."""
        return max(self.deviations, key=lambda name: _criterion(self.deviations[name], which))


@dataclass(frozen=True, eq=False)
class _Ledger:
    is_member: Bools
    codes: Ints | None
    cards: Mapping[str, Card]
    p_value: float | None
    confidence: float

    def title(self, attack: str) -> str:
        if attack == COMBINATION:
            return "All attacks combined"
        return self.cards[attack].title if attack in self.cards else attack

    def threat_model(self, attacks: tuple[str, ...]) -> ThreatModel:
        names = tuple(self.cards) if COMBINATION in attacks else attacks
        models = [self.cards[a].threat_model for a in names if a in self.cards]
        known = [m for m in models if m in _ORDER]
        return max(known, key=_ORDER.index, default=ThreatModel.OUTSIDER)


def _measure(halves: list[_Half], chosen: tuple[str, ...], ledger: _Ledger) -> Measured:
    """``chosen[0]`` was chosen by ``halves[0]`` and is measured on ``halves[1]``, and so on."""
    pooled = np.zeros(ledger.is_member.size)
    flagged = np.zeros(ledger.is_member.size, dtype=np.bool_)
    areas = []
    for chooser, target, attack in ((0, 1, chosen[0]), (1, 0, chosen[1])):
        rows = halves[target].rows
        values = halves[target].measured[attack]
        # ranks within the half: two attacks, or two fits, have no common scale
        pooled[rows] = midranks(values) / (values.size + 1.0)
        labels = ledger.is_member[rows]
        codes = (
            None if ledger.codes is None else np.unique(ledger.codes[rows], return_inverse=True)[1]
        )
        areas.append(auc_interval(values, labels, codes, ledger.confidence))
        flagged[rows] = _flags(halves[chooser], attack, ledger.is_member)
    estimates = (
        _average(areas, ledger),
        advantage_of(flagged, ledger.is_member, ledger.codes, ledger.confidence),
        *(
            tpr_at_fpr(pooled, ledger.is_member, fpr, ledger.codes, ledger.confidence)
            for fpr in FPRS
        ),
    )
    note = "chosen on one half, measured on the other: " + " / ".join(dict.fromkeys(chosen))
    estimates = tuple(replace(e, note=f"{note}; {e.note}" if e.note else note) for e in estimates)
    return Measured(_headline(estimates, chosen, ledger), estimates, pooled)


def _flags(chooser: _Half, attack: str, is_member: Bools) -> Bools:
    """The other half judged by the threshold that is best on the choosing half."""
    values = chooser.judging[attack]
    n = values.size
    threshold = best_threshold(values, is_member[chooser.rows])
    applied = chooser.sent[attack]
    if attack == COMBINATION:
        # judged by cross-fitted ranks, applied by a refitted model: the share flagged carries over
        threshold = float(np.sum(values < threshold)) / n
        flagged: Bools = (midranks(applied) - 0.5) / applied.size >= threshold
        return flagged
    return applied >= threshold


def _average(areas: list[tuple[float, float, float, str]], ledger: _Ledger) -> Estimate:
    """Mean of two independent estimates; interval by MOVER (Zou and Donner 2008,

    doi:10.1002/sim.3095), which keeps each half's asymmetry.
    """
    value = 0.5 * (areas[0][0] + areas[1][0])
    down = 0.5 * float(np.hypot(areas[0][0] - areas[0][1], areas[1][0] - areas[1][1]))
    up = 0.5 * float(np.hypot(areas[0][2] - areas[0][0], areas[1][2] - areas[1][0]))
    low, high = max(value - down, 0.0), min(value + up, 1.0)
    n = ledger.is_member.size
    method = "mean of two halves, DeLong and MOVER"
    return Estimate("auc", value, low, high, n, 0.5, ledger.confidence, method)


def _headline(
    estimates: tuple[Estimate, ...], chosen: tuple[str, ...], ledger: _Ledger
) -> Headline:
    def interval(e: Estimate) -> Interval:
        return Interval(e.value, e.low, e.high)

    names = tuple(dict.fromkeys(chosen))
    return Headline(
        attack=" / ".join(names),
        title=" / ".join(ledger.title(a) for a in names),
        threat_model=ledger.threat_model(names),
        auc=interval(estimates[0]),
        advantage=interval(estimates[1]),
        tpr_at_fpr={f"{f:g}": interval(e) for f, e in zip(FPRS, estimates[2:], strict=True)},
        chosen_by_half=chosen,
        p_value=ledger.p_value,
    )
