"""Sections in words: who is exposed, what the numbers rest on, what was planted and seen."""

from __future__ import annotations

from synthaudit.report import numbers
from synthaudit.report.explain import estimate_line
from synthaudit.report.model import AuditReport
from synthaudit.report.scope import power_sentence
from synthaudit.report.sections import (
    EpsilonBound,
    Identified,
    Permutation,
    PlantedLeak,
    Stratum,
    TopRecords,
    Validity,
)
from synthaudit.report.sentences import capitalised


def exposure_sentences(report: AuditReport) -> tuple[str, ...]:
    """Who is most exposed: the isolated, the groups, the members that can be singled out."""
    lines = []
    if report.identified is not None:
        lines.append(identified_sentence(report.identified))
        lines += [top_sentence(top) for top in report.identified.top if top.r]
    worst = most_exposed(report)
    if worst is not None:
        lines.append(stratum_sentence(worst, report))
    return tuple(lines)


def identified_sentence(found: Identified) -> str:
    """``574 of 3,000 members can be singled out with at most 5% false identifications``."""
    who = f"{numbers.count(found.n)} of {numbers.count(found.of)} members"
    return (
        f"{who} can be singled out ({numbers.beside(found.share, 'percent')}) "
        f"with at most {numbers.percent(found.false_share)} false identifications expected among "
        "them; guessing singles out 0."
    )


def top_sentence(top: TopRecords) -> str:
    """``Of the 100 records the attacker is surest of, 97 are members``."""
    return (
        f"Of the {numbers.count(top.r)} records the attacker is surest of, "
        f"{numbers.count(top.n_members)} are members ({numbers.percent(top.precision.value)}, 95% "
        f"interval {numbers.span(top.precision, 'percent')}; guessing is right in "
        f"{numbers.percent(top.prevalence)})."
    )


def most_exposed(report: AuditReport) -> Stratum | None:
    """The group with the largest share of members named, when its interval is above chance."""
    shown = [s for s in report.strata if not s.suppressed and s.tpr.value is not None]
    worst = max(shown, key=lambda stratum: stratum.tpr.value or 0.0, default=None)
    return worst if worst is not None and (worst.tpr.low or 0.0) > worst.fpr else None


def stands_out(stratum: Stratum, report: AuditReport) -> bool:
    """Whether the group is exposed beyond its interval's reach of the average member."""
    named = [
        (s.n_members, s.tpr.value) for s in report.strata if s.tpr.value is not None and s.n_members
    ]
    average = sum(n * share for n, share in named) / max(sum(n for n, _ in named), 1)
    return (stratum.tpr.low or 0.0) > average


def stratum_sentence(stratum: Stratum, report: AuditReport) -> str:
    """How many members of one group are named at the global false-positive rate."""
    start = "Most exposed group" if stands_out(stratum, report) else "No group stands out; highest"
    return (
        f"{start}, {stratum.label}: of its {numbers.count(stratum.n_members)} members "
        f"{numbers.with_span(stratum.tpr, 'percent')} are named with "
        f"{numbers.percent(stratum.fpr)} false alarms overall; guessing names "
        f"{numbers.percent(stratum.fpr)}."
    )


def sure_sentences(report: AuditReport) -> tuple[str, ...]:
    """Validity, permutation test, power, planted leaks, coverage."""
    lines = [validity_sentence(test) for test in report.validity]
    if report.permutation is not None:
        lines.append(permutation_sentence(report.permutation))
    if report.power is not None:
        lines.append(power_sentence(report))
    lines += [planted_sentence(leak) for leak in report.yardstick]
    lines += [epsilon_sentence(bound) for bound in report.epsilon]
    if report.coverage.note:
        lines.append(capitalised(report.coverage.note))
    return tuple(lines)


VALIDITY_STATES = {True: "holds", False: "does not hold", None: "not tested"}


def validity_sentence(test: Validity) -> str:
    """One condition of every number, and whether it holds."""
    sentence = f"{test.title}: {VALIDITY_STATES[test.passed]}."
    if test.estimate is not None and test.estimate.value is not None:
        sentence += f" {estimate_line(test.estimate)}"
    return f"{sentence} {capitalised(test.meaning)}".strip()


def permutation_sentence(test: Permutation) -> str:
    """The exact test over the whole suite."""
    told = (
        "the scores of at least one attack depend on who was a member"
        if test.p_value <= test.level
        else "no attack's scores are shown to depend on who was a member"
    )
    return (
        f"Exact test over all {numbers.count(test.n_attacks)} attacks together, labels shuffled "
        f"{numbers.count(test.n)} times: {numbers.p_value(test.p_value, test.n)}; {told}."
    )


def planted_sentence(leak: PlantedLeak) -> str:
    """Whether a known leak, planted in this very table, was seen."""
    seen = {True: "seen", False: "not seen", None: "could not be tried"}[leak.seen]
    size = ""
    if leak.advantage is not None and leak.advantage.value is not None:
        size = f" (advantage {numbers.beside(leak.advantage)})"
    return f"Planted on purpose, {leak.label}: {seen}{size}."


def epsilon_sentence(bound: EpsilonBound) -> str:
    """The observed privacy loss against what is claimed."""
    sentence = (
        f"The privacy loss epsilon is at least {numbers.free(bound.value)} at "
        f"{numbers.percent(bound.confidence)} confidence (0 without a leak)"
    )
    if bound.claimed is None:
        return sentence + "."
    finding = "contradicted" if bound.value > bound.claimed else "not contradicted"
    return f"{sentence}; the claimed epsilon of {numbers.free(bound.claimed)} is {finding}."
