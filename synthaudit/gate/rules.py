"""A verdict as one rule after the other: what test reports and annotations list."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from synthaudit.report.model import AuditReport
from synthaudit.types import Component, Level, Status


class Outcome(StrEnum):
    """What became of one rule of the policy."""

    MET = "met"
    BROKEN = "broken"
    OPEN = "open"
    """Measured, but not clearly on either side of the limit."""
    NOT_TESTED = "not tested"


@dataclass(frozen=True)
class Rule:
    """One rule of the policy and what the audit says about it."""

    id: str
    """Stable, kebab-case: ``limit-advantage``, ``power``, ``test-exact_copies``, ``inputs``."""
    title: str
    outcome: Outcome
    message: str


OF_LEVEL = {
    Level.PASS: Outcome.MET,
    Level.FAIL: Outcome.BROKEN,
    Level.INCONCLUSIVE: Outcome.OPEN,
    None: Outcome.NOT_TESTED,
}


def rules_of(report: AuditReport) -> tuple[Rule, ...]:
    """Every rule of the policy the report was judged by, in the order of the verdict.

    The inputs come first (an INVALID audit breaks nothing and settles nothing), then every limit,
    then the power asked for, then every test the policy requires.
    """
    rules = [_inputs(report)]
    rules += [_limit(component) for component in report.verdict.components]
    if report.policy is not None:
        rules += _power(report)
        rules += [_required(report, test) for test in report.policy.required_tests]
    return tuple(rules)


def _inputs(report: AuditReport) -> Rule:
    title = "The inputs can support an audit"
    if report.level is not Level.INVALID:
        return Rule("inputs", title, Outcome.MET, "Nothing stands in the way.")
    reasons = [notice.message for notice in report.warnings if notice.severity == "invalid"]
    return Rule("inputs", title, Outcome.OPEN, " ".join(reasons or report.verdict.reasons))


def _limit(component: Component) -> Rule:
    return Rule(
        f"limit-{component.id}", component.title, OF_LEVEL[component.level], component.reason
    )


def _power(report: AuditReport) -> list[Rule]:
    limit = report.policy.limit("detectable_advantage") if report.policy else None
    smallest = report.grounds.detectable_advantage if report.grounds else None
    if limit is None:
        return []
    title = "The audit could have seen a leak as large as the limit"
    if smallest is None:
        return [Rule("power", title, Outcome.NOT_TESTED, "The power of this audit is unknown.")]
    word = "seen" if smallest <= limit.value else "unseen"
    message = (
        f"An advantage below {smallest:.3f} would have gone unseen (80% power); the policy asks "
        f"for {limit.value:g}."
    )
    return [Rule("power", title, Outcome.MET if word == "seen" else Outcome.OPEN, message)]


def _required(report: AuditReport, test: str) -> Rule:
    title = f"The test {test} was made"
    result = report.result(test)
    if result is not None and result.status is Status.MEASURED:
        return Rule(f"test-{test}", title, Outcome.MET, "It was measured.")
    why = result.reason if result is not None and result.reason else "It was not run."
    return Rule(f"test-{test}", title, Outcome.NOT_TESTED, why)
