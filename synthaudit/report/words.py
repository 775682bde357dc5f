"""The first screen in words: the answer, the score, what was and was not tested.

Every sentence is made from the result object. Three rules: name the attacker, give the interval
and what guessing would give, and keep "no evidence of a leak" apart from "evidence of no leak
larger than x". The words *safe*, *anonymous* and *compliant* are never used: those are decisions of
people, not findings of an audit.
"""

from __future__ import annotations

from synthaudit.report import numbers
from synthaudit.report.attackers import attacker
from synthaudit.report.model import AuditReport
from synthaudit.report.sections import Headline
from synthaudit.report.sentences import (
    advantage_sentence,
    capitalised,
    first_sentence,
    lowered,
    pick_sentence,
)
from synthaudit.types import Component, Interval, Level

LIMIT = 50.0
"""The score at exactly the policy's limit."""
QUESTION = "Can someone tell who was in the training data?"


STATES = {
    Level.PASS: "No leak above the limit found",
    Level.FAIL: "Leak above the limit",
    Level.INCONCLUSIVE: "Not settled",
    Level.INVALID: "These inputs cannot be audited",
}


def worst_component(report: AuditReport) -> Component | None:
    """The component the score is taken from: the lowest of those measured."""
    measured = [c for c in report.verdict.components if c.score.value is not None]
    return min(measured, key=lambda c: (c.score.value or 0.0, c.id), default=None)


def shown_tail(headline: Headline) -> tuple[str, Interval] | None:
    """The smallest false-positive rate up to 1% at which a true-positive rate was resolved.

    The 1% rate is preferred, being the one people know; 10% is a last resort.
    """
    rates = headline.tpr_at_fpr
    resolved = [
        (fpr, rates[fpr]) for fpr in ("0.01", "0.001", "0.1") if rates[fpr].value is not None
    ]
    return resolved[0] if resolved else None


def named_members(fpr: str, tpr: Interval) -> str:
    """``about 120 of 1,000 people in the training data while wrongly accusing 10 of ...``."""
    accused = f"{1000 * float(fpr):.0f}"
    return (
        f"{numbers.per_thousand(tpr.value)} of 1,000 people in the training data while wrongly "
        f"accusing {accused} of 1,000 others; guessing names {accused} of each"
    )


def sorted_better(advantage: Interval) -> str:
    """``about 58 more of 100 people in the training data than of 100 others``."""
    value = advantage.value or 0.0
    if value <= 0:
        return "no more of the people in the training data than of others, as guessing does"
    return (
        f"about {numbers.free(float(f'{100 * value:.2g}'))} more of 100 people in the training "
        "data than of 100 others; guessing flags as many of each"
    )


def answer(report: AuditReport) -> str:
    """The one sentence that answers the question and names the attacker."""
    return {
        Level.PASS: _answer_pass,
        Level.FAIL: _answer_fail,
        Level.INCONCLUSIVE: _answer_inconclusive,
        Level.INVALID: _answer_invalid,
    }[report.level](report)


def _achievement(report: AuditReport, verb: str) -> str:
    """What the attacker does, in its most telling resolved number."""
    headline = report.headline
    if headline is None:
        return f"{attacker(report)} was not measured"
    tail = shown_tail(headline)
    if tail is not None and (tail[1].low or 0.0) > float(tail[0]):
        return f"{attacker(report)} {verb} {named_members(*tail)}"
    pick = {"can name": "can flag", "named": "flagged"}.get(verb, verb)
    return f"{attacker(report)} {pick} {sorted_better(headline.advantage)}"


def _answer_fail(report: AuditReport) -> str:
    worst = worst_component(report)
    if worst is not None and worst.id.startswith("cop") and not _membership_fails(report):
        return capitalised(
            f"yes, by looking: {numbers.percent(worst.value)} of the synthetic rows repeat "
            "training rows beyond what coincidence explains, so an outsider who holds only that "
            "table can recognise them"
        )
    if report.headline is None:
        return capitalised(f"yes: {_reason(report)}")
    return capitalised(f"yes: {_achievement(report, 'can name')}")


def _membership_fails(report: AuditReport) -> bool:
    return any(
        c.level is Level.FAIL for c in report.verdict.components if not c.id.startswith("cop")
    )


def _answer_pass(report: AuditReport) -> str:
    headline = report.headline
    if headline is None:
        return capitalised(f"not in the tests that were made: {_reason(report)}")
    if leak_shown(report):
        return capitalised(
            f"a little, within the policy's limit: {_achievement(report, 'can name')}"
        )
    tail = shown_tail(headline)
    did = (
        f"named {named_members(*tail)}" if tail else f"flagged {sorted_better(headline.advantage)}"
    )
    return capitalised(
        f"no better than by guessing, for the attacks that were run: {attacker(report)} {did}"
    )


def _answer_inconclusive(report: AuditReport) -> str:
    headline = report.headline
    if headline is None:
        return capitalised(f"not settled: {_reason(report)}")
    if leak_shown(report):
        return capitalised(
            f"yes, but how well is not settled: {_achievement(report, 'named')}, and the interval "
            "of the score reaches across the policy's limit"
        )
    reaches = any(c.level is Level.INCONCLUSIVE for c in report.verdict.components)
    why = (
        "yet with this many rows a leak above the policy's limit could stay hidden"
        if reaches
        else "but the policy asks for more than was measured"
    )
    return capitalised(f"not settled: {attacker(report)} did no better than guessing, {why}")


def _answer_invalid(report: AuditReport) -> str:
    found = obstacles(report)
    why = first_sentence(found[0] if found else _reason(report))
    return capitalised(f"this audit cannot say, whoever the attacker: {lowered(why)}")


def obstacles(report: AuditReport) -> tuple[str, ...]:
    """Why these inputs cannot support an audit, in the words of the notices that stopped it."""
    return tuple(notice.message for notice in report.warnings if notice.severity == "invalid")


def further_reasons(report: AuditReport) -> tuple[str, ...]:
    """The verdict's reasons that no component and no alert tells already."""
    told = {part.reason for part in report.verdict.components}
    told |= {notice.message for notice in report.warnings if notice.severity != "info"}
    return tuple(reason for reason in report.verdict.reasons if reason not in told)


def _reason(report: AuditReport) -> str:
    return report.verdict.reasons[0] if report.verdict.reasons else "no reason was recorded"


def score_sentence(report: AuditReport) -> str:
    """The score with its interval, what the ends mean, and where it comes from."""
    if report.level is Level.INVALID:
        return "There is no score, because no number from these inputs would mean what it seems to."
    if report.score.value is None:
        return "There is no score: nothing it is made from could be measured."
    worst = worst_component(report)
    origin = f" It is the score of the worst finding: {lowered(worst.title)}." if worst else ""
    return (
        f"Score {numbers.with_span(report.score, 'score')} on a line from 0, everything leaks, to "
        f"100, what guessing would give; 50 is exactly the limit of the policy "
        f"({report.verdict.policy})." + origin
    )


def has_score(report: AuditReport) -> bool:
    """Whether a score may be shown: never for inputs that cannot be audited."""
    return report.level is not Level.INVALID and report.score.value is not None


def verdict_line(report: AuditReport) -> str:
    """Verdict, score and answer in one line, for errors, logs and summaries."""
    score = numbers.with_span(report.score, "score")
    shown = f"score {score}, the limit is 50" if has_score(report) else "no score"
    return f"{report.level.value}: {shown}. {answer(report)}"


def leak_shown(report: AuditReport) -> bool:
    """Whether anything shows that the scores depend on who was a member.

    The interval of the strongest attack's advantage or AUC, or the exact test over all attacks.
    """
    headline = report.headline
    if headline is None:
        return False
    test = report.permutation
    return (
        (headline.advantage.low or 0.0) > 0
        or (headline.auc.low or 0.0) > 0.5
        or (test is not None and test.p_value <= test.level)
    )


def evidence_sentences(report: AuditReport) -> tuple[str, ...]:
    """What the headline is evidence of, and what it is not evidence of."""
    headline = report.headline
    if headline is None or report.level is Level.INVALID:
        return ()
    advantage = headline.advantage
    sentences = [pick_sentence(headline.auc), advantage_sentence(advantage)]
    if advantage.low is not None and advantage.high is not None:
        sentences.append(_evidence(report, advantage.low, advantage.high))
    return tuple(sentence for sentence in sentences if sentence)


def _evidence(report: AuditReport, low: float, high: float) -> str:
    if low <= 0 and leak_shown(report):
        return (
            "This is evidence of a leak, for the scores depend on who was a member, but its size "
            f"is not settled: an advantage up to {numbers.decimal(max(high, 0.0))} fits the data."
        )
    if low > 0:
        return (
            f"This is evidence of a leak: its size, as an advantage, is at least "
            f"{numbers.decimal(low)} at 95% confidence."
        )
    return (
        "This is no evidence of a leak; it is evidence that these attacks find none larger than an "
        f"advantage of {numbers.decimal(max(high, 0.0))}, at 95% confidence."
    )
