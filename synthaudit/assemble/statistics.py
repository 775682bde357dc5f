"""What the statistics found, as sections of the report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from synthaudit.assemble.intervals import interval_of
from synthaudit.data.views import Geometry
from synthaudit.measure import Measurements
from synthaudit.report.sections import (
    EpsilonBound,
    Identified,
    Permutation,
    Power,
    Stratum,
    TopRecords,
)
from synthaudit.types import Floats, Headline

if TYPE_CHECKING:
    from synthaudit.corridor import Observations

ISOLATION_NEIGHBOR = 5


def headline_of(measured: Measurements) -> Headline | None:
    """The numbers the verdict rests on: AUC and advantage of the strongest attack in bulk, true
    positive rates of the strongest in the tail (mostly the same one)."""
    best = measured.strongest
    if best is None:
        return None
    return replace(best.bulk.headline, tpr_at_fpr=best.tail.headline.tpr_at_fpr)


def isolation_of(observed: Observations) -> Floats | None:
    """Distance to the 5th nearest other candidate; None when there are not that many."""
    view = observed.challenge.adversary
    if view.n_candidates <= ISOLATION_NEIGHBOR or view.candidates.n_columns == 0:
        return None
    found = view.nearest_candidates(ISOLATION_NEIGHBOR, Geometry.RANK)
    distance: Floats = found.distances[:, -1]
    return distance


def strata_of(measured: Measurements) -> tuple[Stratum, ...]:
    """Exposure by isolation."""
    return tuple(
        Stratum(
            label=stratum.name,
            n_members=stratum.n_members,
            n_nonmembers=stratum.n_nonmembers,
            auc=interval_of(stratum.auc),
            tpr=interval_of(stratum.tpr),
            suppressed=stratum.is_suppressed,
        )
        for stratum in measured.strata
    )


def identified_of(measured: Measurements, n_members: int) -> Identified | None:
    found = measured.identified
    if found is None or measured.strongest is None:
        return None
    return Identified(
        n=found.n_identified,
        of=n_members,
        share=interval_of(found.share),
        false_share=found.q,
        attack=measured.strongest.tail.headline.attack,
        top=tuple(
            TopRecords(r=e.n, n_members=round((e.value or 0.0) * e.n), precision=interval_of(e))
            for e in measured.top
        ),
    )


def power_section(measured: Measurements) -> Power:
    power = measured.power
    resolvable = [fpr for fpr in ("0.01", "0.1") if power.tpr_at_fpr.get(fpr) is not None]
    fpr = resolvable[0] if resolvable else None
    return Power(
        n_members=power.n_members,
        n_nonmembers=power.n_nonmembers,
        min_advantage=power.advantage,
        min_auc=power.auc,
        min_tpr=power.tpr_at_fpr[fpr] if fpr else None,
        fpr=float(fpr) if fpr else None,
        power=power.power,
        level=power.level,
    )


def permutation_of(measured: Measurements) -> Permutation | None:
    test = measured.permutation
    if test is None:
        return None
    return Permutation(
        n=test.n_permutations,
        p_value=test.p_value,
        n_attacks=len({statistic.attack for statistic in test.tested}),
    )


def epsilon_of(measured: Measurements) -> tuple[EpsilonBound, ...]:
    found = measured.epsilon
    if found is None or found.low is None:
        return ()
    return (EpsilonBound(value=found.low, confidence=found.confidence, method=found.method),)
