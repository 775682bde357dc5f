"""The report in six lines: each question a reader asks, and its answer in a sentence or two."""

from __future__ import annotations

from dataclasses import dataclass

from synthaudit.counted import plural
from synthaudit.report import (
    attackers,
    explain,
    findings,
    glance,
    groups,
    inert,
    scope,
    sentences,
    words,
)
from synthaudit.report.advice import advice, telling_columns
from synthaudit.report.model import AuditReport
from synthaudit.types import Level

SECTIONS = (
    ("membership", "Could someone tell who is in the training data?"),
    ("exposure", "Who is most exposed?"),
    ("causes", "What in the data gives them away?"),
    ("certainty", "How sure are we?"),
    ("attackers", "What would a stronger attacker add?"),
    ("next", "What to do next"),
    ("attacks", "Every attack and every check"),
    ("regulation", "Regulation annex"),
    ("methods", "Methods, limits, glossary, sources"),
    ("reproduce", "Reproduce"),
)


MOST_TOLD = 3
"""Counts told in the summary, the farthest from what no leak gives."""


@dataclass(frozen=True)
class Brief:
    """A question, its short answer, and where the long one stands."""

    anchor: str
    question: str
    answer: str


def briefs(report: AuditReport) -> tuple[Brief, ...]:
    """The first six sections in short."""
    if report.level is Level.INVALID:
        # what the numbers seem to say must not be quoted, not even to say that it is unknown
        return (
            Brief(*SECTIONS[3], _certainty(report)),
            Brief(*SECTIONS[5], _next(report)),
        )
    answers = (
        _membership(report),
        _exposure(report),
        _causes(report),
        _certainty(report),
        _attackers(report),
        _next(report),
    )
    return tuple(
        Brief(anchor, question, answer)
        for (anchor, question), answer in zip(SECTIONS[:6], answers, strict=True)
    )


def _membership(report: AuditReport) -> str:
    if report.headline is None:
        return "No attack could be measured, so this is open."
    tail = words.shown_tail(report.headline)
    sentence = (
        sentences.tail_sentence(*tail) if tail else sentences.pick_sentence(report.headline.auc)
    )
    return f"{sentence} {words.evidence_sentences(report)[-1]}"


def _exposure(report: AuditReport) -> str:
    lines = [findings.identified_sentence(report.identified)] if report.identified else []
    lines.append(findings.groups_sentence(report))
    return " ".join(line for line in lines if line) or "Exposure by group was not measured."


def _causes(report: AuditReport) -> str:
    lines = []
    columns = telling_columns(report)
    if columns:
        names = ", ".join(inert.name(column.column) for column in columns[:4])
        lines.append(f"Columns that alone beat guessing, the most telling first: {names}.")
    away = [r for r in groups.causes(report) if explain.check_level(r, report) == "notice"]
    quiet = [r.title for r in groups.causes(report) if explain.check_level(r, report) == "PASS"]
    if away:
        told = "; ".join(explain.short(r) for r in explain.farthest_first(away)[:MOST_TOLD])
        more = len(away) - MOST_TOLD
        told += f"; and {plural(more, 'other count')}" if more > 0 else ""
        lines.append(f"Unlike a table that does not leak: {told}.")
    if quiet:
        lines.append(f"As in a table that does not leak: {'; '.join(quiet[:6])}.")
    return " ".join(lines) or "Neither columns nor copies were looked at."


def _certainty(report: AuditReport) -> str:
    lines = []
    if glance.doubts(report):
        lines.append(f"In doubt: {'; '.join(glance.doubts(report))}.")
    elif glance.held(report):
        lines.append(f"Tested, with nothing found against it: {'; '.join(glance.held(report))}.")
    if report.level is not Level.INVALID:
        lines.append(scope.settle_sentence(report) or scope.power_sentence(report))
        lines.append(findings.yardstick_sentence(report))
    return " ".join(line for line in lines if line)


def _attackers(report: AuditReport) -> str:
    missing = [entry.title for entry in attackers.threat_models(report) if not entry.attempted]
    if not missing:
        return "Every attacker of this report's table was attempted."
    return f"Not known. Not attempted: {'; '.join(missing)}."


def _next(report: AuditReport) -> str:
    titles = [step.title for step in advice(report)[:-1]]
    return f"{'. '.join(titles)}."
