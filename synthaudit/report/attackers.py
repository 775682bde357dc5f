"""The attackers: what they are called, what they hold, who was attempted."""

from __future__ import annotations

from dataclasses import dataclass

from synthaudit.report.model import AuditReport
from synthaudit.report.sections import ThreatModelEntry
from synthaudit.types import Status, ThreatModel


@dataclass(frozen=True)
class Attacker:
    """How an adversary is called in a sentence."""

    name: str
    holds: str

    def __str__(self) -> str:
        return f"{self.name} {self.holds}"


ATTACKERS = {
    ThreatModel.OUTSIDER: Attacker(
        "an outsider", "who holds only the synthetic table and a list of people"
    ),
    ThreatModel.STAND_IN: Attacker(
        "an attacker",
        "who holds the synthetic table, a list of people and a stand-in for its generator",
    ),
    ThreatModel.INSIDER: Attacker(
        "an insider",
        "who holds the synthetic table, a list of people and the generator itself",
    ),
    ThreatModel.AUDITOR: Attacker("an auditor", "who sees all three tables"),
}


TITLES = {
    ThreatModel.OUTSIDER: "Outsider, who has the table only",
    ThreatModel.STAND_IN: "Attacker with a stand-in for the generator",
    ThreatModel.INSIDER: "Insider, who has the generator itself",
}


def attacker(report: AuditReport) -> Attacker:
    """The attacker behind the headline (the outsider when nothing was measured)."""
    model = report.headline.threat_model if report.headline else ThreatModel.OUTSIDER
    return ATTACKERS[model]


def threat_models(report: AuditReport) -> tuple[ThreatModelEntry, ...]:
    """The adversaries of the report, derived from the results where nobody filled them in."""
    if report.threat_models:
        return report.threat_models
    missing = {
        ThreatModel.OUTSIDER: "no attack of this kind could be measured",
        ThreatModel.STAND_IN: "no shadow attack with a stand-in generator was run",
        ThreatModel.INSIDER: "the generator was not named, so it could not be lent to an attack",
    }
    return tuple(_derived_entry(report, model, why) for model, why in missing.items())


def _derived_entry(report: AuditReport, model: ThreatModel, missing: str) -> ThreatModelEntry:
    measured = [
        result
        for result in report.attacks
        if result.threat_model is model and result.status is Status.MEASURED
    ]
    n_attacks = f"{len(measured)} attack{'s' if len(measured) != 1 else ''} measured"
    return ThreatModelEntry(
        id=model.value,
        title=TITLES[model],
        attempted=bool(measured),
        why=n_attacks if measured else missing,
    )
