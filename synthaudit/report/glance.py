"""What the first screen says beside the answer: how sure it is, and what to do about it."""

from __future__ import annotations

from synthaudit.report import numbers, scope, words
from synthaudit.report.advice import advice
from synthaudit.report.explain import check_level
from synthaudit.report.groups import conditions
from synthaudit.report.model import AuditReport
from synthaudit.report.sentences import first_sentence
from synthaudit.types import Level


def sureness(report: AuditReport) -> str:
    """How sure the verdict is, in two or three short sentences."""
    if report.level is Level.INVALID:
        return "There is no score: with these inputs no number means what it seems to."
    lines = [_reach(report)]
    if report.level is Level.PASS and not words.leak_shown(report):
        lines.append(_power(report))
    if report.level is Level.INCONCLUSIVE:
        lines.append(scope.settle_sentence(report))
    lines.append(_inputs(report))
    return " ".join(line for line in lines if line)


def _reach(report: AuditReport) -> str:
    """Where the score's interval lies, beside the limit."""
    score = report.score
    if score.low is None or score.high is None:
        return ""
    ends = f"he 95% interval of the score, {numbers.span(score, 'score')},"
    if score.high < words.LIMIT:
        return f"T{ends} lies wholly below the limit of 50: chance does not explain this leak."
    if score.low >= words.LIMIT:
        return f"T{ends} lies wholly above the limit of 50, for the attacks that were run."
    return f"Not yet: t{ends} reaches across the limit of 50."


def _power(report: AuditReport) -> str:
    """What would have been seen: a pass means nothing without it."""
    power = report.power
    if power is None or power.min_advantage is None:
        return "How small a leak would have shown was not computed."
    return (
        f"An advantage of {numbers.decimal(power.min_advantage)} or more would have shown with "
        f"{numbers.percent(power.power)} probability; a smaller leak may go unseen."
    )


def _inputs(report: AuditReport) -> str:
    """Whether anything was found against the inputs the numbers rest on."""
    broken = doubts(report)
    if broken:
        return f"In doubt: {'; '.join(broken)}."
    if report.validity or conditions(report):
        return "Nothing was found against the holdout or the files."
    return "Whether the holdout is fit for its purpose was not tested."


def doubts(report: AuditReport) -> list[str]:
    """Titles of the conditions that do not hold."""
    found = [test.title for test in report.validity if test.passed is False]
    checks = conditions(report)
    return found + [r.title for r in checks if check_level(r, report) == "notice"]


def held(report: AuditReport) -> list[str]:
    """Titles of the conditions that were tested and hold."""
    found = [test.title for test in report.validity if test.passed]
    return found + [r.title for r in conditions(report) if check_level(r, report) == "PASS"]


def action(report: AuditReport) -> str:
    """The first thing to do."""
    first = advice(report)[0]
    step = f"{first.title}. {first_sentence(first.why).rstrip('.')}."
    if report.level is Level.PASS:
        return f"The policy is met for the attackers that were tried. {step}"
    return step
