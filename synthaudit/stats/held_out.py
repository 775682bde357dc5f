"""What a choice is worth: measured on the candidates that had no part in it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from synthaudit.stats.advantage import advantage_of, best_threshold
from synthaudit.stats.auc import auc_interval
from synthaudit.stats.contest import COMBINATION, Half
from synthaudit.stats.evaluation import FPRS
from synthaudit.stats.ranks import midranks
from synthaudit.stats.tpr import tpr_at_fpr
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

THREATS = (ThreatModel.OUTSIDER, ThreatModel.STAND_IN, ThreatModel.INSIDER)
"""From the weakest adversary to the strongest."""


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
        Held-out scores of every candidate on one scale: what identification and epsilon bounds are
        made from, free of the choice's optimism.
    flagged : (n,) bool
        Held-out decisions, by the threshold of the other half: what the advantage counts.
    """

    headline: Headline
    estimates: tuple[Estimate, ...]
    scores: Floats
    flagged: Bools

    def estimate(self, name: str) -> Estimate:
        """The estimate of that name."""
        return next(e for e in self.estimates if e.name == name)


@dataclass(frozen=True, eq=False)
class Ledger:
    """What every measurement needs besides scores."""

    is_member: Bools
    codes: Ints | None
    cards: Mapping[str, Card]
    p_value: float | None
    confidence: float

    def title(self, attack: str) -> str:
        """The attack's title for people."""
        if attack == COMBINATION:
            return "All attacks combined"
        return self.cards[attack].title if attack in self.cards else attack

    def threat_model(self, attacks: tuple[str, ...]) -> ThreatModel:
        """The strongest adversary among ``attacks``; the combination needs all of them."""
        names = tuple(self.cards) if COMBINATION in attacks else attacks
        models = [self.cards[a].threat_model for a in names if a in self.cards]
        known = [m for m in models if m in THREATS]
        return max(known, key=THREATS.index, default=ThreatModel.OUTSIDER)


def measure_choice(halves: tuple[Half, Half], chosen: tuple[str, str], ledger: Ledger) -> Measured:
    """``chosen[0]`` was chosen by ``halves[0]`` and is measured on ``halves[1]``, and so on.

    The AUC is the mean of the two halves'. Decisions for the advantage are made in each half by
    the threshold of the other and counted together. Scores of the two halves are put on one scale
    for the TPRs: their own when both halves chose the same, else ranks within the half.
    """
    pooled = np.zeros(ledger.is_member.size)
    flagged = np.zeros(ledger.is_member.size, dtype=np.bool_)
    areas = []
    for chooser, target, attack in ((0, 1, chosen[0]), (1, 0, chosen[1])):
        rows, values = halves[target].rows, halves[target].measured[attack]
        same = chosen[0] == chosen[1]
        pooled[rows] = values if same else midranks(values) / (values.size + 1.0)
        codes = None if ledger.codes is None else _compact(ledger.codes[rows])
        areas.append(auc_interval(values, ledger.is_member[rows], codes, ledger.confidence))
        flagged[rows] = _flags(halves[chooser], values, attack, ledger.is_member)
    area = _mean_auc(areas, chosen, ledger)
    gain = advantage_of(flagged, ledger.is_member, ledger.codes, ledger.confidence)
    rates = (
        tpr_at_fpr(pooled, ledger.is_member, fpr, ledger.codes, ledger.confidence) for fpr in FPRS
    )
    note = "chosen on one half, measured on the other: " + " / ".join(dict.fromkeys(chosen))
    estimates = tuple(
        replace(e, note=f"{note}; {e.note}" if e.note else note)
        for e in (area, _widened(gain, chosen), *rates)
    )
    return Measured(_headline(estimates, chosen, ledger), estimates, pooled, flagged)


def _compact(codes: Ints) -> Ints:
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)


def _flags(chooser: Half, applied: Floats, attack: str, is_member: Bools) -> Bools:
    """The other half's scores ``applied``, judged by the choosing half's best threshold."""
    values = chooser.judging[attack]
    threshold = best_threshold(values, is_member[chooser.rows])
    if attack != COMBINATION:
        return applied >= threshold
    # judged by cross-fitted ranks, applied by a refitted model: the share flagged carries over
    share = float(np.sum(values < threshold)) / values.size
    flagged: Bools = (midranks(applied) - 0.5) / applied.size >= share
    return flagged


def dependence(chosen: tuple[str, str], z: float, learned: float, picked: float) -> float:
    """Correlation of the two halves' measurements, from simulation (``docs/statistics.md``).

    Each half measures what the other chose, so both look at nearly the same product of noise when
    nothing stands out (correlation 0.9 for a combination's AUC, where all coefficients are
    learned; 0.2 to 0.5 where one attack is picked), and at independent noise when something does.
    ``z`` is the effect in standard errors of an independent average.
    """
    start = learned if COMBINATION in chosen else picked
    return start / (1.0 + (z / 7.0) ** 2)


def _mean_auc(
    areas: list[tuple[float, float, float, str]], chosen: tuple[str, str], ledger: Ledger
) -> Estimate:
    """Mean of two estimates; interval by MOVER (Zou and Donner 2008, doi:10.1002/sim.3095),

    which keeps each half's asymmetry, with the halves' dependence.
    """
    (v1, l1, h1, _), (v2, l2, h2, _) = areas
    value = 0.5 * (v1 + v2)
    toward = math.hypot(v1 - l1, v2 - l2) if value > 0.5 else math.hypot(h1 - v1, h2 - v2)
    z = 1.96 * abs(value - 0.5) / max(0.5 * toward, 1e-12)
    rho = dependence(chosen, z, 1.0, 0.5)
    down = 0.5 * math.sqrt((v1 - l1) ** 2 + (v2 - l2) ** 2 + 2 * rho * (v1 - l1) * (v2 - l2))
    up = 0.5 * math.sqrt((h1 - v1) ** 2 + (h2 - v2) ** 2 + 2 * rho * (h1 - v1) * (h2 - v2))
    low, high = max(value - down, 0.0), min(value + up, 1.0)
    n, method = ledger.is_member.size, "mean of two dependent halves, DeLong and MOVER"
    return Estimate("auc", value, low, high, n, 0.5, ledger.confidence, method)


def _widened(e: Estimate, chosen: tuple[str, str]) -> Estimate:
    """The advantage's interval with the halves' dependence."""
    if e.value is None or e.low is None or e.high is None:
        return e
    down, up = e.value - e.low, e.high - e.value
    z = 1.96 * abs(e.value) / max(down if e.value > 0 else up, 1e-12)
    factor = math.sqrt(1.0 + dependence(chosen, z, 0.6, 0.3))
    low, high = max(e.value - factor * down, -1.0), min(e.value + factor * up, 1.0)
    method = "choice and threshold from the other half; Newcombe, dependence of halves added"
    return replace(e, low=low, high=high, method=method)


def _headline(estimates: tuple[Estimate, ...], chosen: tuple[str, str], ledger: Ledger) -> Headline:
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
