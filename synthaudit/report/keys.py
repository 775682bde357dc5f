"""The few numbers of the first screen, and its date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from synthaudit.report import numbers
from synthaudit.report.model import AuditReport
from synthaudit.report.words import shown_tail
from synthaudit.types import Interval, Level


@dataclass(frozen=True)
class KeyFigure:
    """One of the few numbers of the first screen, with its interval and its yardstick."""

    label: str
    value: str
    interval: str
    yardstick: str


def key_figures(report: AuditReport) -> tuple[KeyFigure, ...]:
    """Members named, pairs told apart, advantage: the strongest attack in three numbers."""
    headline = report.headline
    if headline is None or report.level is Level.INVALID:
        return ()
    tail = shown_tail(headline)
    figures = [_named_figure(*tail)] if tail is not None else []
    if headline.auc.value is not None:
        figures.append(
            KeyFigure(
                "Member picked out of a pair (AUC)",
                numbers.decimal(headline.auc.value),
                _ends(headline.auc),
                "guessing gives 0.5",
            )
        )
    if headline.advantage.value is not None:
        figures.append(
            KeyFigure(
                "Advantage over guessing",
                numbers.decimal(headline.advantage.value),
                _ends(headline.advantage),
                "guessing gives 0",
            )
        )
    return tuple(figures)


def _named_figure(fpr: str, tpr: Interval) -> KeyFigure:
    alarms = numbers.percent(float(fpr))
    return KeyFigure(
        f"Members named, with {alarms} false alarms",
        numbers.percent(tpr.value),
        _ends(tpr, "percent"),
        f"guessing gives {alarms}",
    )


def _ends(interval: Interval, form: str = "decimal") -> str:
    ends = numbers.span(interval, form)
    return f"95% interval {ends}" if ends else "no interval"


MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def when(report: AuditReport) -> str:
    """The date for people: ``23 November 2026, 10:04 UTC``; as it stands when it is no date."""
    try:
        moment = datetime.fromisoformat(report.created)
    except ValueError:
        return report.created
    return f"{day(report.created)}, {moment:%H:%M} UTC"


def day(created: str) -> str:
    """The day alone: ``23 November 2026``; the text as it stands when it is no date."""
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        return created
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"


MOST_STEPS = 9


def longest_steps(report: AuditReport) -> list[tuple[str, float]]:
    """Where the time went: the longest steps, then all others together."""
    steps = sorted(report.seconds.steps, key=lambda step: (-step.seconds, step.name))
    shown = [(step.name, step.seconds) for step in steps[:MOST_STEPS]]
    rest = steps[MOST_STEPS:]
    if rest:
        shown.append((f"{len(rest)} shorter steps", sum(step.seconds for step in rest)))
    return shown
