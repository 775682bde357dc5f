"""Sections in words: who is exposed, what the numbers rest on, what was planted and seen."""

from __future__ import annotations

from statistics import NormalDist

from synthaudit.counted import plural
from synthaudit.report import inert, numbers
from synthaudit.report.explain import estimate_line
from synthaudit.report.groups import Kind
from synthaudit.report.keys import day
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
from synthaudit.report.sentences import capitalised, lowered, pick_sentence

NORMAL = NormalDist()


def exposure_sentences(report: AuditReport) -> tuple[str, ...]:
    """Who is most exposed: the isolated, the groups, the members that can be singled out."""
    lines = []
    if report.identified is not None:
        lines.append(identified_sentence(report.identified))
        here = [top for top in report.identified.top if top.r and top.prevalence == POOL]
        shown = max(here, key=lambda top: top.r, default=None)
        lines += [top_sentence(shown)] if shown is not None else []
        lines.append(prevalence_sentence(report.identified))
    lines.append(groups_sentence(report))
    return tuple(line for line in lines if line)


POOL = 0.5
"""Share of members among the candidates, half of whom are members."""


def prevalence_sentence(found: Identified) -> str:
    """The same among people of whom a stated share are members; empty when none was stated."""
    if found.prevalence is None:
        return ""
    where = f"Among people of whom {numbers.percent(found.prevalence)} are members"
    told = []
    if found.n_at_prevalence is not None:
        share = found.share_at_prevalence
        ends = f" ({numbers.beside(share, 'percent')})" if share is not None else ""
        told.append(
            f"{numbers.count(found.n_at_prevalence)} of {numbers.count(found.of)} can be singled "
            f"out{ends} with at most {numbers.percent(found.false_share)} false identifications"
        )
    there = [top for top in found.top if top.r and top.prevalence == found.prevalence]
    largest = max(there, key=lambda top: top.r, default=None)
    if largest is not None and found.prevalence != POOL and largest.precision.value is not None:
        told.append(
            f"an accusation as sure as the {numbers.count(largest.r)} surest here is right in "
            f"{numbers.with_span(largest.precision, 'percent')}; guessing is right in "
            f"{numbers.percent(found.prevalence)}"
        )
    return f"{where}, {'; '.join(told)}." if told else ""


def identified_sentence(found: Identified) -> str:
    """``574 of 3,000 members can be singled out with at most 5% false identifications``."""
    if found.n == 0:
        return (
            f"Not one of {numbers.count(found.of)} members can be singled out with at most "
            f"{numbers.percent(found.false_share)} false identifications; the share that could "
            f"be is at most {numbers.percent(found.share.high)}, at 95% confidence."
        )
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


def shown_groups(report: AuditReport) -> list[Stratum]:
    """Groups large enough to be shown."""
    return [s for s in report.strata if not s.suppressed and s.n_members]


def standing_out(report: AuditReport) -> tuple[Stratum, bool] | None:
    """The group whose exposure lies above the average member's by more than its interval.

    By members named at few false alarms (True) where that can be told, else by AUC (False). The
    interval is stretched for the number of groups looked at (Bonferroni): of twenty groups that
    are alike, one would stand out by luck.
    """
    shown = shown_groups(report)
    stretch = NORMAL.inv_cdf(1 - 0.025 / max(len(shown), 1)) / NORMAL.inv_cdf(0.975)
    for by_names in (True, False):
        found = [(s, s.tpr if by_names else s.auc) for s in shown]
        known = [(s, i.value, i.low) for s, i in found if i.value is not None and i.low is not None]
        people = sum(s.n_members for s, _, _ in known)
        average = sum(s.n_members * value for s, value, _ in known) / max(people, 1)
        above = [(v, s) for s, v, low in known if v - stretch * (v - low) > average]
        if above:
            return max(above, key=lambda pair: pair[0])[1], by_names
    return None


def groups_sentence(report: AuditReport) -> str:
    """Whether a group is more exposed than the others; empty when none was looked at."""
    if not shown_groups(report):
        return ""
    found = standing_out(report)
    if found is None:
        return _no_group(report)
    group, by_names = found
    if by_names:
        return f"Most exposed group, {called(group)}: {named_of(group)}."
    return (
        f"Most exposed group, {called(group)}: {lowered(pick_sentence(group.auc))} Among those "
        f"named with few false alarms it is not shown to stand out: {named_of(group)}."
    )


def _no_group(report: AuditReport) -> str:
    above = [s for s in shown_groups(report) if (s.tpr.low or 0.0) > s.fpr]
    if not above:
        return "No group of members is shown to be more exposed than the others."
    worst = max(above, key=lambda s: s.tpr.value or 0.0)
    return f"No group stands out from the others; the highest, {called(worst)}: {named_of(worst)}."


def left_out_sentence(kind: Kind) -> str:
    """Which groups of one kind are not in the table."""
    told = []
    if kind.n_small:
        told.append(f"{plural(kind.n_small, 'group')} of too few people to be shown")
    if kind.n_more:
        told.append(f"{plural(kind.n_more, 'group')} less exposed than these, in report.json")
    what = "isolation" if kind.basis == "isolation" else inert.name(kind.basis)
    return f"By {what}, left out: {'; '.join(told)}."


def called(group: Stratum) -> str:
    """What a group is called in a sentence, with the column it was made by."""
    return group.label if group.basis == "isolation" else f"{group.basis}: {group.label}"


def named_of(group: Stratum) -> str:
    """How many members of one group are named at the global false-positive rate."""
    named = numbers.with_span(group.tpr, "percent")
    return (
        f"of its {numbers.count(group.n_members)} members {named} "
        f"are named with {numbers.percent(group.fpr)} false alarms overall; guessing names "
        f"{numbers.percent(group.fpr)}"
    )


def sure_sentences(report: AuditReport) -> tuple[str, ...]:
    """Validity, permutation test, power, planted leaks, coverage."""
    lines = [validity_sentence(test) for test in report.validity]
    if report.permutation is not None:
        lines.append(permutation_sentence(report.permutation))
    if report.power is not None:
        lines.append(power_sentence(report))
    lines += [line for line in (yardstick_sentence(report),) if line]
    lines += [epsilon_sentence(bound) for bound in report.epsilon]
    if report.coverage.note:
        lines.append(capitalised(report.coverage.note))
    if report.attempts is not None:
        lines.append(attempts_sentence(report))
    return tuple(lines)


def attempts_sentence(report: AuditReport) -> str:
    """How often these training data were audited before: trying until one passes proves nothing."""
    log = report.attempts
    if log is None:
        return "Whether these training data were audited before was not recorded (--log)."
    if log.earlier == 0:
        return "The log knows of no earlier audit of these training data."
    levels = ", ".join(f"{numbers.count(n)} {level}" for level, n in sorted(log.by_level.items()))
    told = f"The log knows of {plural(log.earlier, 'earlier audit')} of these training data"
    told += f" ({levels})" if levels else ""
    told += f", the first on {day(log.first)}" if log.first else ""
    if log.same_release:
        told += f"; {numbers.count(log.same_release)} of them of this very table"
    return f"{told}. Of many tries one may pass by luck."


VALIDITY_STATES = {True: "holds", False: "does not hold", None: "not known"}


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


def planted_state(leak: PlantedLeak) -> str:
    """What became of one planted leak; the table as it came has a share of 0."""
    if leak.share == 0:
        return "leaks by itself" if leak.seen else "no leak seen"
    return {True: "seen", False: "not seen", None: "cannot be told"}[leak.seen]


def yardstick_sentence(report: AuditReport) -> str:
    """How many planted leaks were seen, the smallest of them, and what was not; empty without."""
    planted = sorted((x for x in report.yardstick if x.share > 0), key=lambda x: x.share)
    if not planted:
        return ""
    seen, missed = ([x for x in planted if x.seen is state] for state in (True, False))
    if not seen and not missed:
        return (
            f"{plural(len(planted), 'leak')} were planted on purpose as well, but this table leaks "
            "by itself, so they cannot be told from its own."
        )
    told = f"{numbers.count(len(seen))} were seen" if seen else "none was seen"
    told += f", the smallest: {lowered(seen[0].label)}" if seen else ""
    if missed and seen:
        more = f" and {len(missed) - MOST_MISSED} more" if len(missed) > MOST_MISSED else ""
        labels = "; ".join(lowered(leak.label) for leak in missed[-MOST_MISSED:])
        told += f". Not seen: {labels}{more}"
    return f"Of {plural(len(planted), 'leak')} planted on purpose in this very table {told}."


MOST_MISSED = 3
"""Planted leaks that were not seen and are named: the largest."""


def epsilon_sentence(bound: EpsilonBound) -> str:
    """The observed privacy loss against what is claimed."""
    sentence = (
        f"The privacy loss epsilon is at least {numbers.free(bound.value)} at "
        f"{numbers.percent(bound.confidence)} confidence (0 without a leak"
        f"{f'; {bound.method}' if bound.method else ''})"
    )
    if bound.claimed is None:
        return sentence + "."
    finding = "contradicted" if bound.value > bound.claimed else "not contradicted"
    return f"{sentence}; the claimed epsilon of {numbers.free(bound.claimed)} is {finding}."
