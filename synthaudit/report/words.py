"""The first screen in words: the answer, the score, what was and was not tested.

Every sentence is made from the result object. Three rules: name the attacker, give the interval
and what guessing would give, and keep "no evidence of a leak" apart from "evidence of no leak
larger than x". The words *safe*, *anonymous* and *compliant* are never used: those are decisions of
people, not findings of an audit.
"""

from __future__ import annotations

from dataclasses import dataclass

from synthaudit.report import numbers
from synthaudit.report.model import AuditReport
from synthaudit.report.sections import Headline, ThreatModelEntry
from synthaudit.types import Component, Interval, Level, Status, ThreatModel

QUESTION = "Can someone tell who was in the training data?"


@dataclass(frozen=True)
class Attacker:
    """How an adversary is called in a sentence."""

    name: str
    holds: str

    def __str__(self) -> str:
        return f"{self.name} {self.holds}"


ATTACKERS = {
    ThreatModel.OUTSIDER: Attacker(
        "an outsider", "who holds only the synthetic table and a list of people who may be in it"
    ),
    ThreatModel.STAND_IN: Attacker(
        "an attacker",
        "who holds the synthetic table, a list of people who may be in it, and a stand-in for the "
        "unknown generator",
    ),
    ThreatModel.INSIDER: Attacker(
        "an insider",
        "who holds the synthetic table, a list of people who may be in it, and the generator "
        "itself, code and settings",
    ),
    ThreatModel.AUDITOR: Attacker("an auditor", "who sees all three tables"),
}

STATES = {
    Level.PASS: "No leak above the limit found",
    Level.FAIL: "Leak above the limit",
    Level.INCONCLUSIVE: "Not settled",
    Level.INVALID: "These inputs cannot be audited",
}


def capitalised(sentence: str) -> str:
    """``sentence`` with its first letter in upper case and a full stop at its end."""
    sentence = sentence.strip()
    if not sentence:
        return ""
    end = "" if sentence[-1] in ".!?…" else "."
    return sentence[0].upper() + sentence[1:] + end


def attacker(report: AuditReport) -> Attacker:
    """The attacker behind the headline (the outsider when nothing was measured)."""
    model = report.headline.threat_model if report.headline else ThreatModel.OUTSIDER
    return ATTACKERS[model]


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
    """``about 120 of 1,000 members at 1% false alarms, where guessing names 10``."""
    return (
        f"{numbers.per_thousand(tpr.value)} of 1,000 members at "
        f"{numbers.percent(float(fpr))} false alarms, where guessing names {1000 * float(fpr):.0f}"
    )


def sorted_better(advantage: Interval) -> str:
    """``58 in 100 more members than non-members``, for the advantage at the best threshold."""
    value = advantage.value or 0.0
    return (
        f"{numbers.percent(value)} more of the members than of the non-members, where guessing "
        "gives no difference"
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
    pick = {"can name": "can point at", "named": "pointed at"}.get(verb, verb)
    return f"{attacker(report)} {pick} {sorted_better(headline.advantage)}"


def _answer_fail(report: AuditReport) -> str:
    worst = worst_component(report)
    if worst is not None and worst.id.startswith("cop") and not _membership_fails(report):
        return capitalised(
            f"yes, by looking: {numbers.percent(worst.value)} of the training rows reappear in the "
            "synthetic table beyond what the holdout explains, so an outsider who holds only that "
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
        f"named {named_members(*tail)}"
        if tail
        else f"pointed at {sorted_better(headline.advantage)}"
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
    return capitalised(
        f"not settled: {attacker(report)} did no better than guessing here, yet so few rows could "
        "hide a leak above the policy's limit"
    )


def _answer_invalid(report: AuditReport) -> str:
    return capitalised(f"this audit cannot say, whoever the attacker: {_lowered(_reason(report))}")


def _reason(report: AuditReport) -> str:
    return report.verdict.reasons[0] if report.verdict.reasons else "no reason was recorded"


def _lowered(sentence: str) -> str:
    """First letter in lower case unless the word is an abbreviation or a name in capitals."""
    if len(sentence) > 1 and sentence[1].isupper():
        return sentence
    return sentence[:1].lower() + sentence[1:]


def score_sentence(report: AuditReport) -> str:
    """The score with its interval, what the ends mean, and where it comes from."""
    if report.score.value is None:
        return "There is no score, because no number from these inputs would mean what it seems to."
    worst = worst_component(report)
    origin = f" It is the score of the worst finding: {_lowered(worst.title)}." if worst else ""
    return (
        f"Score {numbers.with_span(report.score, 'score')} on a line from 0, everything leaks, to "
        f"100, what guessing would give; 50 is exactly the limit of the policy "
        f"({report.verdict.policy})." + origin
    )


def verdict_line(report: AuditReport) -> str:
    """Verdict, score and answer in one line, for errors, logs and summaries."""
    score = numbers.with_span(report.score, "score")
    shown = f"score {score}, the limit is 50" if report.score.value is not None else "no score"
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


def pick_sentence(auc: Interval) -> str:
    """The AUC as a game of picking one of two people."""
    if auc.value is None:
        return "The AUC could not be resolved with these sizes."
    return (
        "Shown one member and one non-member, the attacker picks the member "
        f"{_in_hundred(auc.value)} (AUC {numbers.beside(auc)}); guessing is right 50 times."
    )


def _in_hundred(value: float) -> str:
    times = round(100 * value)
    if times == 100 and value < 1:
        return "more than 99 times in 100"
    if times == 0 and value > 0:
        return "less than once in 100"
    return f"{times} times in 100"


def advantage_sentence(advantage: Interval) -> str:
    """The advantage: members flagged less non-members flagged, at the best threshold."""
    if advantage.value is None:
        return "The advantage could not be resolved with these sizes."
    return (
        "Its advantage, the share of members it flags less the share of non-members it flags, is "
        f"{numbers.with_span(advantage)}; guessing gives 0, naming everybody 1."
    )


def tail_sentence(fpr: str, tpr: Interval) -> str:
    """A true-positive rate at a low false-positive rate, in people."""
    rate = float(fpr)
    alarms = numbers.percent(rate)
    if tpr.value is None:
        return (
            f"With {alarms} false alarms: not resolvable, there are too few non-members to set so "
            "low a rate."
        )
    ends = numbers.span(Interval(None, _times(tpr.low), _times(tpr.high)), "free")
    interval = f"95% interval {ends}; " if ends else ""
    return (
        f"Of 1,000 members, {numbers.per_thousand(tpr.value)} can be named with {alarms} false "
        f"alarms ({interval}guessing names {1000 * rate:.0f})."
    )


def _times(rate: float | None) -> float | None:
    return None if rate is None else float(f"{1000 * rate:.3g}")


def settle_sentence(report: AuditReport) -> str:
    """How many rows would settle an inconclusive verdict; empty when nothing is known."""
    rows = report.verdict.rows_to_settle
    if report.level is not Level.INCONCLUSIVE or rows is None:
        return ""
    return (
        f"About {numbers.count(rows)} members and as many non-members would settle it; "
        f"{numbers.count(report.coverage.n_members_attacked)} and "
        f"{numbers.count(report.coverage.n_nonmembers_attacked)} were attacked."
    )


def power_sentence(report: AuditReport) -> str:
    """The smallest leak these sizes could have shown."""
    power = report.power
    if power is None or power.min_advantage is None:
        return "The smallest leak these sizes could have shown was not computed."
    return (
        f"With {numbers.count(power.n_members)} members and {numbers.count(power.n_nonmembers)} "
        f"non-members, an advantage of {numbers.decimal(power.min_advantage)} or more would have "
        f"shown with {numbers.percent(power.power)} probability; a smaller leak may go unseen."
    )


def threat_models(report: AuditReport) -> tuple[ThreatModelEntry, ...]:
    """The adversaries of the report, derived from the results where nobody filled them in."""
    if report.threat_models:
        return report.threat_models
    missing = {
        ThreatModel.OUTSIDER: "no attack of this kind could be measured",
        ThreatModel.STAND_IN: "no shadow attack with a stand-in generator was run",
        ThreatModel.INSIDER: "the generator was not named, so it could not be lent to an attack",
    }
    return tuple(_derived_entry(report, model, why) for model, why in missing.items())


TITLES = {
    ThreatModel.OUTSIDER: "Outsider, who has the table only",
    ThreatModel.STAND_IN: "Attacker with a stand-in for the generator",
    ThreatModel.INSIDER: "Insider, who has the generator itself",
}


def _derived_entry(report: AuditReport, model: ThreatModel, missing: str) -> ThreatModelEntry:
    measured = [
        result
        for result in report.attacks
        if result.threat_model is model and result.status is Status.MEASURED
    ]
    n_attacks = f"{len(measured)} attack{'s' if len(measured) != 1 else ''} measured"
    return ThreatModelEntry(
        id=model.value,
        title=TITLES[model],
        attempted=bool(measured),
        why=n_attacks if measured else missing,
    )


def tested(report: AuditReport) -> tuple[str, ...]:
    """What was attacked, and with what."""
    cover = report.coverage
    attacks = [result for result in report.attacks if result.status is Status.MEASURED]
    checks = [result for result in report.checks if result.status is Status.MEASURED]
    models = [entry.id for entry in threat_models(report) if entry.attempted]
    people = (
        f"{_of(cover.n_members_attacked, cover.n_members)} training members and "
        f"{_of(cover.n_nonmembers_attacked, cover.n_nonmembers)} held-out non-members were attacked"
    )
    tools = f"{_plural(len(attacks), 'attack')} ({', '.join(models) or 'none'}) and " + _plural(
        len(checks), "check"
    )
    lines = [people, f"{tools} were measured"]
    if report.generator is not None:
        lines.append(_generator_line(report))
    return tuple(capitalised(line) for line in lines)


def _generator_line(report: AuditReport) -> str:
    use = report.generator
    if use is None:
        return ""
    how = "a stand-in for the generator" if use.how == "stand-in" else "the named generator"
    return f"{how} ({use.name}) was trained {use.shadows} times on random halves of the candidates"


def not_tested(report: AuditReport) -> tuple[str, ...]:
    """What this audit did not do; never counted as passed."""
    lines = [
        f"{entry.title}: {_lowered(entry.why)}"
        for entry in threat_models(report)
        if not entry.attempted
    ]
    lines += [
        f"{part.title}: {_lowered(part.reason)}"
        for part in report.verdict.components
        if part.level is None and report.level is not Level.INVALID
    ]
    undone = [result for result in report.results if result.status is not Status.MEASURED]
    if undone:
        names = ", ".join(
            f"{result.title} ({result.status.value.lower()})" for result in undone[:3]
        )
        more = f" and {len(undone) - 3} more" if len(undone) > 3 else ""
        lines.append(f"{_plural(len(undone), 'test')} without a result: {names}{more}")
    left_out = report.coverage.n_members - report.coverage.n_members_attacked
    if left_out > 0:
        lines.append(f"{numbers.count(left_out)} training members who were not attacked")
    lines.append(
        "whether records can be linked to other tables, or an unknown value be inferred from them"
    )
    return tuple(capitalised(line) for line in lines)


def _of(part: int, whole: int) -> str:
    return (
        f"all {numbers.count(whole)}"
        if part == whole
        else (f"{numbers.count(part)} of {numbers.count(whole)}")
    )


def _plural(n: int, noun: str) -> str:
    return f"{numbers.count(n)} {noun}" if n == 1 else f"{numbers.count(n)} {noun}s"
