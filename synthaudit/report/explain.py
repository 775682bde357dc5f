"""Every result in words: one sentence per estimate, with interval, direction and chance."""

from __future__ import annotations

import re

from synthaudit.report import numbers
from synthaudit.report.attackers import ATTACKERS
from synthaudit.report.groups import CONDITIONS, CONTEXT
from synthaudit.report.model import AuditReport
from synthaudit.report.quantities import exactly, form_of, interval_of, quantity
from synthaudit.report.sentences import capitalised, lowered, tail_sentence
from synthaudit.types import Component, Estimate, Interval, Level, Notice, Result, Status


def direction(estimate: Estimate) -> str:
    """Where the interval lies against chance: ``above``, ``below``, ``about`` or empty."""
    if estimate.null is None or estimate.value is None:
        return ""
    if estimate.low is not None and estimate.low > estimate.null:
        return "above"
    if estimate.high is not None and estimate.high < estimate.null:
        return "below"
    return "about"


DIRECTIONS = {
    "above": "more than",
    "below": "less than",
    "about": "no different from",
    "": "",
}
"""Whether above or below is the bad side depends on the quantity: its ``how_to_read`` says it."""
STATES = {
    "above": "more than without a leak",
    "below": "less than without a leak",
    "about": "as without a leak",
    "": "counted",
}


def estimate_line(estimate: Estimate) -> str:
    """``Excess copies: 2.1% (95% interval 1.3% to 2.9%), more than the 0% without a leak.``"""
    form = form_of(estimate)
    line = f"{quantity(estimate.name).label}: "
    line += numbers.with_span(interval_of(estimate), form, estimate.confidence)
    if estimate.null is not None and estimate.value is not None:
        line += (
            f", {DIRECTIONS[direction(estimate)]} the {exactly(estimate.null, form)} without a leak"
        )
    return f"{line}. {capitalised(estimate.note)}".strip() if estimate.note else f"{line}."


def result_sentence(result: Result) -> str:
    """One result in one sentence, whatever became of it."""
    if result.status is Status.SKIPPED:
        return capitalised(f"not run: {result.reason or 'no reason was recorded'}")
    if result.status is Status.FAILED:
        return capitalised(
            f"failed, and is counted as not tested: {result.reason or 'no reason was recorded'}"
        )
    auc = result.estimate("auc")
    if auc is not None:
        return _attack_sentence(result, auc)
    first = leading(result)
    return estimate_line(first) if first is not None else "Nothing could be resolved."


def _attack_sentence(result: Result, auc: Estimate) -> str:
    who = ATTACKERS[result.threat_model].name
    verb = {
        "above": "told members from non-members better than guessing",
        "below": "was wrong more often than guessing, which is itself a trace of the members",
        "about": "did no better than guessing",
        "": "could not be resolved",
    }[direction(auc)]
    observed = numbers.beside(interval_of(auc))
    sentence = f"With this attack {who} {verb} (AUC {observed}; 0.5 is guessing)."
    tail = result.estimate("tpr_at_fpr_0.01")
    if tail is not None and tail.value is not None and direction(auc) == "above":
        sentence += " " + tail_sentence("0.01", interval_of(tail))
    return sentence


def component_condition(part: Component) -> str:
    """The condition of a card: ``limit 0.100, 0 is what guessing gives``."""
    form = component_form(part)
    return f"at most {exactly(part.limit, form)}; {exactly(part.null, form)} is what guessing gives"


def component_observed(part: Component) -> str:
    """The observed value of a card, with its interval."""
    if part.value is None:
        return "not tested"
    return numbers.with_span(Interval(part.value, part.low, part.high), component_form(part))


def component_value(part: Component) -> tuple[str, str]:
    """The observed value of a card and its interval, apart."""
    if part.value is None:
        return "not tested", ""
    form = component_form(part)
    ends = numbers.span(Interval(part.value, part.low, part.high), form)
    return numbers.FORMS[form](part.value), f"95% interval {ends}" if ends else "no interval"


def component_form(part: Component) -> str:
    """Advantages are written as decimals, everything else that is a rate in percent."""
    if "advantage" in part.id:
        return "decimal"
    parts = [part.value, part.low, part.high, part.null, part.limit, part.worst]
    return "percent" if all(x is None or -1 <= x <= 1 for x in parts) else "free"


COMPONENT_STATES = {
    Level.PASS: "within the limit",
    Level.FAIL: "above the limit",
    Level.INCONCLUSIVE: "reaches across the limit",
    Level.INVALID: "cannot be judged",
    None: "not tested",
}

NUMBERS_WITHHELD = (
    "The numbers of the single attacks are left out here: with these inputs they could show a leak "
    "that is none, or hide one. They are kept in report.json."
)

SEVERITIES = {"invalid": 0, "warn": 1, "info": 2}
SEVERITY_WORDS = {"invalid": "Stops the audit", "warn": "Doubtful", "info": "Noted"}


def alerts(notices: tuple[Notice, ...]) -> tuple[Notice, ...]:
    """Notices a reader must see before the numbers, the gravest first."""
    grave = [notice for notice in notices if notice.severity != "info"]
    return tuple(sorted(grave, key=lambda notice: SEVERITIES.get(notice.severity, 1)))


def notes(notices: tuple[Notice, ...]) -> tuple[Notice, ...]:
    """Notices that were acted on and only need saying."""
    return tuple(notice for notice in notices if notice.severity == "info")


def leading(result: Result) -> Estimate | None:
    """The estimate a check is told by: the first away from its yardstick, or just the first.

    Where a check gives an excess or a gap, that is its finding and the rest are its ingredients.
    """
    known = [e for e in result.estimates if e.value is not None]
    judged = [e for e in known if e.null is not None]
    judged = [e for e in judged if re.search("excess|gap", e.name)] or judged
    away = [e for e in judged if direction(e) in {"above", "below"}]
    return next(iter((*away, *judged, *known)), None)


def check_level(result: Result, report: AuditReport) -> str:
    """The tone of a check; never more than what its leading estimate says.

    Conditions of the audit are broken on one side only: a holdout that is copied *less* than
    chance gives is what a leak of train does to it, and no doubt about the files.
    """
    first = leading(result)
    if result.status is not Status.MEASURED or first is None or result.id in CONTEXT:
        return "none"
    if report.level is Level.INVALID and result.id not in CONDITIONS:
        return "none"
    found = direction(first)
    if found == "below" and result.id in CONDITIONS:
        found = "about"
    return {"above": "notice", "below": "notice", "about": "PASS", "": "none"}[found]


def check_state(result: Result, report: AuditReport) -> str:
    """The words beside that tone."""
    if result.status is not Status.MEASURED:
        return result.status.value.lower()
    if result.id in CONTEXT:
        return "for context"
    if result.id in CONDITIONS:
        level = check_level(result, report)
        return {"notice": "in doubt", "PASS": "holds"}.get(level, "counted")
    if report.level is Level.INVALID:
        return "cannot be judged"
    first = leading(result)
    return STATES[direction(first)] if first is not None else "counted"


def short(result: Result) -> str:
    """A check in half a line: ``exact copies 1.4% (0% without a leak)``."""
    first = leading(result)
    if first is None or first.null is None:
        return lowered(result.title)
    told = f"{lowered(result.title)} {value_of(first)}"
    return f"{told} ({exactly(first.null, form_of(first))} without a leak)"


def farthest_first(results: list[Result]) -> list[Result]:
    """Checks by how far their leading share lies from what no leak gives, shares first."""

    def gap(result: Result) -> tuple[bool, float]:
        first = leading(result)
        if first is None or first.value is None or first.null is None:
            return True, 0.0
        return form_of(first) != "percent", -abs(first.value - first.null)

    return sorted(results, key=gap)


def value_of(estimate: Estimate) -> str:
    """An estimate's value in its own form."""
    return numbers.FORMS[form_of(estimate)](estimate.value)


def how(estimate: Estimate) -> str:
    """How an interval was made, and what else is to be said of an estimate."""
    return " ".join(capitalised(part) for part in (estimate.method, estimate.note) if part)
