"""What was tested, what was not, with what power: the bounds of everything else that is said."""

from __future__ import annotations

from synthaudit.counted import plural
from synthaudit.report import inert, numbers
from synthaudit.report.attackers import threat_models
from synthaudit.report.model import AuditReport
from synthaudit.report.sentences import capitalised, lowered, of_whole
from synthaudit.types import Component, Level, Result, Status

NEVER_TESTED = (
    "whether records can be linked to other tables, or an unknown value be inferred from them"
)


def tested(report: AuditReport) -> tuple[str, ...]:
    """What was attacked, and with what."""
    cover = report.coverage
    attacks = [result for result in report.attacks if result.status is Status.MEASURED]
    checks = [result for result in report.checks if result.status is Status.MEASURED]
    models = [entry.id for entry in threat_models(report) if entry.attempted]
    people = (
        f"{of_whole(cover.n_members_attacked, cover.n_members)} training members and "
        f"{of_whole(cover.n_nonmembers_attacked, cover.n_nonmembers)} held-out non-members were "
        "attacked"
    )
    tools = f"{plural(len(attacks), 'attack')} ({', '.join(models) or 'none'}) and " + plural(
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
    return (
        f"{how} ({inert.name(use.name)}) was trained {use.shadows} times on random halves of the "
        "candidates"
    )


def generator_sentence(report: AuditReport) -> str:
    """Which generator was lent to the attacker, how it was chosen, and what that does to power."""
    use = report.generator
    if use is None:
        return ""
    sentence = capitalised(f"{_generator_line(report)}. {use.why}")
    if use.how != "stand-in":
        return sentence
    if use.closeness is not None:
        sentence += (
            f" Its output resembles the synthetic table to {numbers.percent(use.closeness)}, where "
            "100% could not be told apart."
        )
    return f"{sentence} The less it resembles the real generator, the more this attack can miss."


def not_tested(report: AuditReport) -> tuple[str, ...]:
    """What this audit did not do, and why; never counted as passed."""
    untried = [
        f"{entry.title} ({lowered(entry.why).rstrip('.')})"
        for entry in threat_models(report)
        if not entry.attempted
    ]
    unmeasured = [
        f"{part.title}: {lowered(part.reason.removeprefix(f'{part.title}: '))}"
        for part in _untested_components(report)
    ]
    lines = [*untried, *unmeasured]
    undone = [_named(r) for r in report.results if r.status is not Status.MEASURED]
    if undone:
        lines.append(f"{plural(len(undone), 'test')} without a result: {_listed(undone)}")
    left_out = report.coverage.n_members - report.coverage.n_members_attacked
    if left_out > 0:
        lines.append(f"{numbers.count(left_out)} training members who were not attacked")
    return tuple(capitalised(line) for line in (*lines, NEVER_TESTED))


def not_tested_in_short(report: AuditReport) -> tuple[str, ...]:
    """The same without the reasons, for a first screen that must stay one screen."""
    entries = [entry.title for entry in threat_models(report) if not entry.attempted]
    undone = [part.title for part in _untested_components(report)]
    undone += [_named(r) for r in report.results if r.status is not Status.MEASURED]
    lines = [f"attackers: {'; '.join(entries)}"] if entries else []
    if undone:
        lines.append(f"without a result: {_listed(undone)}")
    return tuple(capitalised(line) for line in (*lines, NEVER_TESTED))


def _untested_components(report: AuditReport) -> list[Component]:
    if report.level is Level.INVALID:
        return []
    return [part for part in report.verdict.components if part.level is None]


def _named(result: Result) -> str:
    return f"{result.title} ({result.status.value.lower()})"


def _listed(titles: list[str]) -> str:
    """The first three, and how many more."""
    more = f" and {len(titles) - 3} more" if len(titles) > 3 else ""
    return ", ".join(titles[:3]) + more


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


def power_details(report: AuditReport) -> str:
    """The same as an AUC and as a share of members named; empty when neither was computed."""
    power = report.power
    if power is None or power.min_auc is None:
        return ""
    told = f"As an AUC that is {numbers.decimal(power.min_auc)} (0.5 is guessing)"
    if power.min_tpr is not None and power.fpr is not None:
        told += (
            f", as members named with {numbers.percent(power.fpr)} false alarms "
            f"{numbers.percent(power.min_tpr)} (guessing names {numbers.percent(power.fpr)})"
        )
    return f"{told}, tested at a level of {numbers.percent(power.level)}."
