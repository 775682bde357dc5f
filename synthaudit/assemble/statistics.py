"""What the statistics found, as sections of the report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from synthaudit.assemble.intervals import interval_of
from synthaudit.measure import Measurements
from synthaudit.report.sections import (
    EpsilonBound,
    Identified,
    Permutation,
    Power,
    Stratum,
    TopRecords,
)
from synthaudit.types import Estimate, Headline

if TYPE_CHECKING:
    pass


def headline_of(measured: Measurements) -> Headline | None:
    """The numbers the verdict rests on: AUC and advantage of the strongest attack in bulk, true
    positive rates of the strongest in the tail (mostly the same one)."""
    best = measured.strongest
    if best is None:
        return None
    return replace(best.bulk.headline, tpr_at_fpr=best.tail.headline.tpr_at_fpr)


def strata_of(measured: Measurements) -> tuple[Stratum, ...]:
    """Exposure by isolation, then by the columns the user named."""
    groups = {"isolation": measured.strata} | measured.subgroups
    return tuple(
        Stratum(
            label=stratum.name,
            basis=basis,
            n_members=stratum.n_members,
            n_nonmembers=stratum.n_nonmembers,
            auc=interval_of(stratum.auc),
            tpr=interval_of(stratum.tpr),
            suppressed=stratum.is_suppressed,
        )
        for basis, strata in groups.items()
        for stratum in strata
    )


def identified_of(measured: Measurements, prevalence: float | None) -> Identified | None:
    found, elsewhere = measured.identified, measured.identified_at
    if found is None or measured.strongest is None:
        return None
    return Identified(
        n=found.n_identified,
        of=found.share.n,
        share=interval_of(found.share),
        false_share=found.q,
        attack=measured.strongest.tail.headline.attack,
        top=_tops(measured.top, measured.top, 0.5)
        + _tops(measured.top_at, measured.top, prevalence or 0.5),
        prevalence=prevalence,
        n_at_prevalence=None if elsewhere is None else elsewhere.n_identified,
        share_at_prevalence=None if elsewhere is None else interval_of(elsewhere.share),
    )


def _tops(
    found: tuple[Estimate, ...], in_pool: tuple[Estimate, ...], prevalence: float
) -> tuple[TopRecords, ...]:
    return tuple(
        TopRecords(
            r=e.n,
            n_members=round((here.value or 0.0) * here.n),
            precision=interval_of(e),
            prevalence=prevalence,
        )
        for e, here in zip(found, in_pool, strict=False)  # none elsewhere: none was asked for
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
    """The customary bound and the one-run bound; none when the split was not random."""
    bounds = (measured.epsilon, measured.one_run)
    return tuple(
        EpsilonBound(value=found.low, confidence=found.confidence, method=found.method)
        for found in bounds
        if found is not None and found.low is not None
    )
