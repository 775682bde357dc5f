"""Each claim against the report: an answer, their number recomputed, and the stronger measurement.

====================  ============================================================================
confirmed             a figure: recomputed by its own definition, it is as stated
contradicted          a figure: recomputed, it is not as stated; a bound: the whole interval of what
                      an attacker reached lies beyond it, and the exact test is significant
not contradicted      a bound: nothing measured lies beyond it, which confirms nothing; the answer
                      says what would have been seen with which power
not testable          the inputs or their distance do not allow an answer
outside any test      words that no measurement decides
====================  ============================================================================
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from synthaudit.claims.file import Claim, Claims
from synthaudit.claims.kinds import STATEMENT, Relation
from synthaudit.report.model import AuditReport
from synthaudit.stats.binomial import clopper_pearson
from synthaudit.types import Estimate, Interval, Level, Status
from synthaudit.verdict import SIGNIFICANCE

POWER = 0.8


class Answer(StrEnum):
    """What became of a claim."""

    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"
    NOT_CONTRADICTED = "not contradicted"
    NOT_TESTABLE = "not testable with these inputs"
    OUTSIDE = "outside any test"


@dataclass(frozen=True)
class Finding:
    """One claim and its answer.

    Attributes
    ----------
    recomputed : Interval or None
        The claimed quantity by the claim's own definition.
    yardstick : float or None
        What the same definition gives where nothing leaked.
    detectable : float or None
        Bounds: a true value of this size would have contradicted the claim with power ``power``.
    stronger : str
        What an attacker reached, in a sentence.
    """

    claim: Claim
    answer: Answer
    reason: str
    recomputed: Interval | None = None
    yardstick: float | None = None
    power: float | None = None
    detectable: float | None = None
    stronger: str = ""


def judge_claims(claims: Claims, report: AuditReport) -> tuple[Finding, ...]:
    """An answer for every claim, in the order of the file."""
    return tuple(_finding(claim, report) for claim in claims.claims)


def _finding(claim: Claim, report: AuditReport) -> Finding:
    if claim.kind is STATEMENT:
        reason = (
            "No measurement decides this: it is a legal or general judgement, made by people from "
            "evidence. Listed beside it is what was measured."
        )
        return Finding(claim, Answer.OUTSIDE, reason, stronger=_stronger(report))
    if report.level is Level.INVALID:
        reason = "These inputs cannot support an audit: " + " ".join(report.verdict.reasons[:2])
        return Finding(claim, Answer.NOT_TESTABLE, reason)
    if claim.kind.figure is not None:
        return _figure(claim, report, claim.kind.figure)
    return _bound(claim, report)


def _figure(claim: Claim, report: AuditReport, where: tuple[str, str]) -> Finding:
    result = report.result(where[0])
    found = result.estimate(where[1]) if result is not None else None
    if found is None or found.value is None:
        why = "was not run" if result is None else (result.reason or "gave no number")
        if result is not None and result.status is Status.MEASURED and found is not None:
            why = found.note or "gave no number"
        return Finding(claim, Answer.NOT_TESTABLE, f"The check {where[0]}: {why}.")
    answer, reason = _compared(claim, found)
    span = Interval(found.value, found.low, found.high)
    return Finding(claim, answer, reason, span, found.null, stronger=_stronger(report))


def _compared(claim: Claim, found: Estimate) -> tuple[Answer, str]:
    stated, value = claim.value or 0.0, found.value or 0.0
    gap = value - stated
    exact = abs(gap) <= claim.tolerance
    if claim.kind.relation is Relation.AT_MOST:
        exact = gap <= claim.tolerance
    if exact:
        return Answer.CONFIRMED, f"Recomputed: {value:.4g}; stated: {stated:g}. {_beside(found)}"
    # figures that rest on a random part of the tables come out a little differently each time
    low, high = found.low, found.high
    inside = low is not None and high is not None and (
        low - claim.tolerance <= stated <= high + claim.tolerance
    )  # fmt: skip
    is_random = claim.kind.id.startswith("mostlyai") or "random" in found.note
    if inside and (is_random or claim.kind.own_distance):
        reason = f"Recomputed: {value:.4g}; stated: {stated:g}, inside its interval."
        return Answer.CONFIRMED, f"{reason} {_beside(found)}"
    if claim.kind.own_distance:
        reason = (
            f"On this audit's distance it is {value:.4g}, not {stated:g}; theirs needs an "
            "embedding of their own, so this contradicts nothing."
        )
        return Answer.NOT_TESTABLE, reason
    reason = f"Recomputed by the same definition: {value:.4g}; stated: {stated:g}."
    return Answer.CONTRADICTED, f"{reason} {_beside(found)}"


def _beside(found: Estimate) -> str:
    if found.null is None:
        return "The definition has no value that chance would give."
    return f"Where nothing leaked it would be {found.null:.4g}."


@dataclass(frozen=True)
class _Measured:
    """What an attacker reached of a bounded quantity."""

    span: Interval
    margin: float | None
    """How far beyond the claim the truth must lie to be seen with 80 % power."""
    needs_test: bool = True


def _bound(claim: Claim, report: AuditReport) -> Finding:
    measured = _reached(claim, report)
    if measured is None or measured.span.low is None:
        reason = "No attacker's reach could be measured: too few rows, or no attack ran."
        return Finding(claim, Answer.NOT_TESTABLE, reason)
    stated, span = claim.value or 0.0, measured.span
    p_value = report.grounds.p_value if report.grounds is not None else None
    significant = not measured.needs_test or (p_value is not None and p_value < SIGNIFICANCE)
    if span.low is not None and span.low > stated and significant:
        reason = f"An attacker reached {_shown(span)}: the whole interval lies beyond {stated:g}."
        return Finding(claim, Answer.CONTRADICTED, reason, span, stronger=_stronger(report))
    detectable = _detectable(claim, measured.margin)
    seen = (
        f"a true value of {detectable:.3g} or more would have contradicted it with {POWER:.0%} "
        "power"
        if detectable is not None
        else "with these sizes no value could have contradicted it"
    )
    reason = f"Measured: {_shown(span)}; nothing lies beyond {stated:g} for certain, and {seen}."
    power = POWER if detectable is not None else None
    answer = Answer.NOT_CONTRADICTED if detectable is not None else Answer.NOT_TESTABLE
    return Finding(claim, answer, reason, span, None, power, detectable, _stronger(report))


def _reached(claim: Claim, report: AuditReport) -> _Measured | None:
    kind, power = claim.kind.id, report.power
    if kind in ("membership-auc", "membership-advantage"):
        if report.headline is None or power is None:
            return None
        if kind == "membership-auc":
            span, smallest, chance = report.headline.auc, power.min_auc, 0.5
        else:
            span, smallest, chance = report.headline.advantage, power.min_advantage, 0.0
        return _Measured(span, None if smallest is None else smallest - chance)
    if kind == "epsilon":
        if not report.epsilon:
            return None
        # the bound the verdict rests on: the larger of two 95 % bounds is no 95 % bound
        best = report.epsilon[0].value
        smallest = power.min_advantage if power is not None else None
        return _Measured(Interval(best, best, None), smallest)
    if report.identified is None:
        return None
    share, of = report.identified.share, report.identified.of
    return _Measured(share, _identified_margin(claim.value or 0.0, of), needs_test=False)


def _detectable(claim: Claim, margin: float | None) -> float | None:
    """The smallest true value that these sizes would have shown to lie beyond the claim."""
    if margin is None:
        return None
    stated = claim.value or 0.0
    if claim.kind.id == "epsilon":
        # advantage <= tanh(epsilon / 2) (Humphries et al. 2020, arXiv:2010.12112)
        advantage = math.tanh(stated / 2.0) + margin
        return 2.0 * math.atanh(advantage) if advantage < 1.0 else None
    return stated + margin if stated + margin < 1.0 else None


def _identified_margin(stated: float, n: int) -> float | None:
    """How far beyond ``stated`` a share of ``n`` must lie for its exact lower bound to show it."""
    from scipy.stats import binom

    needed = next((k for k in range(n + 1) if clopper_pearson(k, n).low > stated), None)
    if needed is None:
        return None
    shares = (stated + i / 1000.0 for i in range(1, 1001) if stated + i / 1000.0 < 1.0)
    seen = next((s for s in shares if float(binom.sf(needed - 1, n, s)) >= POWER), None)
    return None if seen is None else seen - stated


def _shown(span: Interval) -> str:
    value = "nothing" if span.value is None else f"{span.value:.3g}"
    if span.low is None:
        return value
    if span.high is None:
        return f"at least {span.low:.3g}"
    return f"{value} ({span.low:.3g} to {span.high:.3g})"


def _stronger(report: AuditReport) -> str:
    """What the strongest attacker reached, whatever the claim is about."""
    if report.headline is None or report.level is Level.INVALID:
        return "No attack could be measured."
    auc, advantage = report.headline.auc, report.headline.advantage
    return (
        f"The strongest attack ({report.headline.title}): AUC {_shown(auc)}, advantage "
        f"{_shown(advantage)}; guessing gives 0.5 and 0."
    )
