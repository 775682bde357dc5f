"""What each kind of attacker reached, or why that kind was not tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synthaudit.assemble.intervals import interval_of
from synthaudit.report.sections import ThreatModelEntry
from synthaudit.types import Result, Status, ThreatModel

if TYPE_CHECKING:
    from synthaudit.corridor import Observations

TITLES = {
    ThreatModel.OUTSIDER: "Outsider: holds the synthetic table and a list of people",
    ThreatModel.STAND_IN: "Stand-in: guesses the kind of generator",
    ThreatModel.INSIDER: "Insider: holds the generator's code and settings",
}


def threat_models(
    observed: Observations, results: tuple[Result, ...]
) -> tuple[ThreatModelEntry, ...]:
    return tuple(_threat_model(observed, results, model) for model in TITLES)


def _threat_model(
    observed: Observations, results: tuple[Result, ...], model: ThreatModel
) -> ThreatModelEntry:
    asked = [one for one in results if one.kind == "attack" and one.threat_model is model]
    mine = [
        result
        for result in asked
        if result.status is Status.MEASURED and result.estimate("auc") is not None
    ]
    if not mine:
        return ThreatModelEntry(
            id=model, title=TITLES[model], attempted=False, why=_why_not(observed, asked, model)
        )

    def lower_bound(result: Result) -> float:
        return result.estimates[0].low or 0.0

    best = max(mine, key=lower_bound)
    auc, advantage = best.estimate("auc"), best.estimate("advantage")
    return ThreatModelEntry(
        id=model,
        title=TITLES[model],
        attempted=True,
        why=f"{len(mine)} attacks were run." if len(mine) > 1 else "1 attack was run.",
        attack=best.id,
        auc=interval_of(auc) if auc else None,
        advantage=interval_of(advantage) if advantage else None,
    )


def _why_not(observed: Observations, asked: list[Result], model: ThreatModel) -> str:
    lent = observed.lending.role if observed.lending is not None else None
    if model is ThreatModel.INSIDER and lent is not model:
        return "No generator was named; name it with --generator to test this."
    if model is ThreatModel.STAND_IN and lent is ThreatModel.INSIDER:
        return "The generator itself was named, which is stronger than a stand-in."
    if model is ThreatModel.STAND_IN and lent is not model:
        return (
            "No shadows were trained: switched off, not asked for, or no stand-in could be fitted."
        )
    if not asked:
        return "No attack of this kind was asked for."
    return f"No attack of this kind could be measured: {asked[0].reason}"
