"""A comparison in words: who is exposed less, what cannot be told apart, what makes it unfair."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from synthaudit.report import inert, numbers
from synthaudit.report.attackers import ATTACKERS
from synthaudit.report.comparison import Compared, Comparison, Difference, Pair
from synthaudit.report.keys import day
from synthaudit.report.model import AuditReport
from synthaudit.report.sentences import capitalised
from synthaudit.types import Interval

QUESTION = "Which of these tables gives its training people away less?"
NO_RELEASE = (
    "The least exposed of several tables may still leak: whether one may be released is each "
    "table's own verdict."
)
NAMES = {
    "advantage": "advantage",
    "auc": "AUC",
    "tpr_at_fpr_0.01": "share of members named at 1% false alarms",
}
FORMS = {"advantage": "decimal", "auc": "decimal", "tpr_at_fpr_0.01": "percent"}


def names(tables: Iterable[Compared]) -> str:
    """``a (table 1), b (table 2) and c (table 3)``."""
    shown = [name(table) for table in tables]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def name(table: Compared) -> str:
    """The table's label and number: ``release-3 (table 2)``."""
    return f"{inert.name(table.label)} (table {table.number})"


def exposed_more(pair: Pair) -> int:
    """The number of the table shown to be more exposed; 0: not told apart, or both, in ways."""
    signs = {difference.value > 0 for difference in pair.told_apart}
    if len(signs) != 1:
        return 0
    return pair.first if signs.pop() else pair.second


def leading(pair: Pair) -> Difference | None:
    """The difference a pair is told by: the first that is shown, else the first."""
    return next(iter((*pair.told_apart, *pair.differences)), None)


def answer(comparison: Comparison) -> str:
    """The one sentence that answers the question; a label keeps its own spelling."""
    measured = comparison.measured
    if len(measured) < 2:
        return "These audits cannot be compared: fewer than two of them have numbers to compare."
    if len(measured) == 2:
        return f"{pair_sentence(comparison, comparison.pairs[0])}."
    best = _best(comparison)
    beaten: list[Compared] = []
    alike: list[Compared] = []
    for table in measured:
        if table is not best:
            pair = between(comparison, best, table)
            (beaten if exposed_more(pair) == table.number else alike).append(table)
    if not beaten:
        return f"The {len(measured)} tables cannot be told apart by these audits."
    told = f"{name(best)} is shown to give its people away less than {names(beaten)}"
    if alike:
        told += f"; it cannot be told apart from {names(alike)}"
    return f"{told}."


def _best(comparison: Comparison) -> Compared:
    """The table that more others are shown to be worse than; ties by the smaller advantage."""

    def key(table: Compared) -> tuple[int, int, float]:
        mine = [p for p in comparison.pairs if table.number in (p.first, p.second)]
        worse = sum(exposed_more(p) == table.number for p in mine)
        better = sum(exposed_more(p) not in (0, table.number) for p in mine)
        return worse, -better, table.advantage.value or 0.0

    return min(comparison.measured, key=key)


def between(comparison: Comparison, one: Compared, other: Compared) -> Pair:
    """The pair of two tables, in either order."""
    wanted = {one.number, other.number}
    return next(pair for pair in comparison.pairs if {pair.first, pair.second} == wanted)


def pair_sentence(comparison: Comparison, pair: Pair) -> str:
    """Two tables against one another: who is exposed less and by how much, or that none is."""
    first, second = comparison.table(pair.first), comparison.table(pair.second)
    told, found = exposed_more(pair), leading(pair)
    if found is None:
        return f"{name(first)} and {name(second)} have no number in common"
    if told:
        more, less = (first, second) if told == first.number else (second, first)
        return (
            f"{name(less)} is shown to give its people away less than {name(more)}: "
            f"the {NAMES[found.quantity]} is lower by {size_of(found)}"
        )
    if pair.told_apart:
        return (
            f"{name(first)} and {name(second)} differ in kind: each is more exposed by one "
            "measure and less by another"
        )
    return (
        f"{name(first)} and {name(second)} cannot be told apart: their "
        f"{NAMES[found.quantity]} differs by {shown(found)}, and 0 lies inside"
    )


def size_of(found: Difference) -> str:
    """A difference without its sign, with its interval."""
    sign = 1 if found.value > 0 else -1
    ends = sorted((sign * found.low, sign * found.high))
    return _written(found.quantity, Interval(abs(found.value), ends[0], ends[1]))


def shown(found: Difference) -> str:
    """A difference with its interval."""
    return _written(found.quantity, Interval(found.value, found.low, found.high))


def _written(quantity: str, x: Interval) -> str:
    form = FORMS[quantity]
    value = numbers.FORMS[form](x.value)
    if form == "percent":
        value, ends = points(x.value), f"{points(x.low)} to {points(x.high)}"
        return f"{value} percentage points (interval {ends})"
    return f"{value} (interval {numbers.span(x)})"


def points(value: float | None) -> str:
    """A difference of two percentages: ``3.1``."""
    return numbers.percent(value).removesuffix("%")


def state(pair: Pair, comparison: Comparison) -> str:
    """A pair in a few words."""
    told = exposed_more(pair)
    if told:
        return f"{inert.name(comparison.table(told).label)} is more exposed"
    return "differ in kind" if pair.told_apart else "cannot be told apart"


def how(comparison: Comparison) -> str:
    """How the differences were made, and what their intervals mean."""
    n = sum(len(pair.differences) for pair in comparison.pairs)
    paired = sum(pair.paired for pair in comparison.pairs)
    told = (
        f"The intervals hold for all {n} differences together at "
        f"{numbers.percent(comparison.confidence)}: what leaves 0 out is shown, the rest cannot be "
        "told apart."
    )
    if paired == len(comparison.pairs):
        return f"{told} The same candidates were attacked, and every one is compared with itself."
    return f"{told} {unpaired(comparison)}"


def unpaired(comparison: Comparison) -> str:
    """Which pairs were not compared candidate by candidate, and why."""
    by_reason: dict[str, list[str]] = {}
    for pair in comparison.pairs:
        if not pair.paired:
            by_reason.setdefault(pair.why, []).append(f"{pair.first} and {pair.second}")
    return " ".join(
        capitalised(f"tables {'; '.join(which)} are compared as independent audits, because {why}")
        for why, which in by_reason.items()
    )


def trend_sentence(comparison: Comparison) -> str:
    """How the score moved from the first day to the last."""
    ordered = in_time(comparison)
    first, last = ordered[0], ordered[-1]
    told = exposed_more(between(comparison, first, last))
    change = {
        0: "no change is shown",
        first.number: "the exposure is shown to have fallen",
        last.number: "the exposure is shown to have risen",
    }[told]
    return (
        f"From {day(first.created)} to {day(last.created)} the score went from "
        f"{numbers.with_span(first.score, 'score')} to {numbers.with_span(last.score, 'score')}; "
        f"{change}."
    )


def in_time(comparison: Comparison) -> list[Compared]:
    """The measured tables with a score, the oldest first."""
    found = [table for table in comparison.measured if table.score.value is not None]
    return sorted(found, key=lambda table: (table.created, table.number))


def fidelity_sentence(comparison: Comparison) -> str:
    """What the picture of privacy against fidelity shows."""
    found = [table for table in comparison.measured if table.fidelity.value is not None]
    told = [
        f"{name(table)} {numbers.decimal(table.fidelity.value)} with score "
        f"{numbers.score(table.score.value)}"
        for table in found
    ]
    return f"Fit of pairs of columns: {'; '.join(told)}."


def cautions(reports: Sequence[AuditReport], tables: Sequence[Compared]) -> tuple[str, ...]:
    """What makes the audits less than alike, a sentence each."""
    found = []
    if len({table.policy for table in tables}) > 1:
        found.append(
            "The policies differ, so the scores and verdicts do not compare; the differences "
            "below do not depend on a policy."
        )
    if len({report.inputs.train.sha256 for report in reports}) > 1:
        found.append(
            "The tables were made from different training files: a difference may come from the "
            "people in them."
        )
    elif len({report.inputs.holdout.sha256 for report in reports}) > 1:
        found.append("The held-out files differ: a difference may come from them.")
    reach = {_strongest(report) for report in reports} - {""}
    if len(reach) > 1:
        found.append(
            "Not every table met the same attackers: a table that met a stronger one looks more "
            "exposed. "
            + " ".join(_met(report, table) for report, table in zip(reports, tables, strict=True))
        )
    if len({report.tool.version for report in reports}) > 1:
        found.append("The audits were made by different versions of synthaudit.")
    for number, table in enumerate(tables):
        twins = [other for other in tables[:number] if other.sha256 == table.sha256]
        if twins:
            found.append(f"{names([twins[0], table])} are the same synthetic file.")
        if not table.is_measured:
            found.append(f"{name(table)} has no numbers that may be compared.")
    return tuple(found)


def _strongest(report: AuditReport) -> str:
    """The threat models attempted."""
    return ", ".join(entry.id for entry in report.threat_models if entry.attempted)


def _met(report: AuditReport, table: Compared) -> str:
    return f"{name(table)}: {_strongest(report) or 'none recorded'}."


def attackers_sentence(comparison: Comparison) -> str:
    """Who reached the numbers: the attacker and the attack, for which tables."""
    by_attack: dict[str, list[str]] = {}
    for table in comparison.measured:
        if table.threat_model is not None:
            told = f"{ATTACKERS[table.threat_model]} ({table.attack})"
            by_attack.setdefault(told, []).append(f"{table.number}")
    told = "; ".join(f"tables {', '.join(which)}: {who}" for who, which in by_attack.items())
    return capitalised(f"the strongest attacker of {told}") if told else ""
