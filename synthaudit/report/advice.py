"""What to do next: remedies that follow from the findings, and the one that is none."""

from __future__ import annotations

from dataclasses import dataclass

from synthaudit.report import inert, numbers, scope, words
from synthaudit.report.findings import groups_sentence, standing_out
from synthaudit.report.model import AuditReport
from synthaudit.report.sections import ColumnExposure
from synthaudit.types import Interval, Level, Status, ThreatModel


@dataclass(frozen=True)
class Advice:
    """One thing to do, and the finding it follows from."""

    title: str
    why: str


NO_REMEDY = Advice(
    "Do not filter synthetic rows by this audit",
    "Removing the rows that sit close to training rows, or repeating the audit until one passes, "
    "leaves holes an attacker can read, and every further release tells more. Change the generator "
    "or the data it sees, not its output (Ganev and De Cristofaro 2023, arXiv:2312.05114).",
)


def advice(report: AuditReport) -> tuple[Advice, ...]:
    """Remedies in the order they are worth trying; the warning against filtering comes last."""
    steps = {
        Level.FAIL: _after_fail,
        Level.INCONCLUSIVE: _after_inconclusive,
        Level.INVALID: _after_invalid,
        Level.PASS: _after_pass,
    }[report.level](report)
    return (*steps, NO_REMEDY)


def _after_fail(report: AuditReport) -> list[Advice]:
    return [
        Advice(
            "Hold this release back",
            "Handle the table with the care of the training data until the leak is closed: it "
            "carries information about who is in there.",
        ),
        *_columns(report),
        *_copies(report),
        Advice(
            "Retrain with less capacity to memorise",
            "Fewer epochs or earlier stopping for neural generators, larger leaves for trees, more "
            "smoothing for networks of tables; " + _generator_hint(report),
        ),
        *_isolated(report),
        Advice(
            "Consider training with differential privacy",
            "It bounds what any attacker can learn about one person, those not tried here "
            "included; ask for the epsilon, and compare it with what this audit observes.",
        ),
        _audit_again(),
    ]


def _after_inconclusive(report: AuditReport) -> list[Advice]:
    steps = [
        Advice(
            "Do not read this as a pass",
            "What was seen fits a leak above the limit as well as none, so decide as if the leak "
            "were there until it is settled.",
        )
    ]
    settle = scope.settle_sentence(report)
    if settle:
        steps.append(Advice("Give the audit more rows", settle))
    if words.leak_shown(report):
        steps += [*_columns(report), *_copies(report), *_isolated(report)]
    return [*steps, *_stronger(report)]


def _after_invalid(report: AuditReport) -> list[Advice]:
    broken = words.obstacles(report)
    return [
        Advice(
            "Mend the inputs first",
            broken[0] if broken else "See the alerts: they say what stands in the way.",
        ),
        Advice(
            "Make a proper holdout",
            "Split the real table at random before the generator is trained, all rows of one "
            "person on the same side, and never show the generator the held-out part "
            "(synthaudit split --real ... --out ...).",
        ),
        Advice("Audit again", "Nothing in this report may be quoted as a result."),
    ]


def _after_pass(report: AuditReport) -> list[Advice]:
    return [
        *_stronger(report),
        Advice(
            "Decide what else the release needs",
            "This audit asks who was in the training data. Whether records can be linked to other "
            "tables, or an unknown value be inferred, was not tested (see the regulation annex).",
        ),
        Advice(
            "Repeat it for every release",
            "A new table, a new training set or new settings can leak where this one did not; keep "
            "the held-out rows for it.",
        ),
    ]


def _columns(report: AuditReport) -> list[Advice]:
    telling = telling_columns(report)
    if not telling:
        return []
    names = ", ".join(inert.name(column.column) for column in telling[:4])
    first = telling[0]
    why = f"Alone, {inert.name(first.column)} tells members from others with AUC " + (
        f"{numbers.with_span(first.alone)}; 0.5 is guessing." if first.alone else "above chance."
    )
    return [Advice(f"Bin, round or leave out what gives members away: {names}", why)]


def telling_columns(report: AuditReport) -> list[ColumnExposure]:
    """Columns that alone beat guessing, the most telling first."""
    found = [c for c in report.columns if c.alone is not None and (c.alone.low or 0.0) > 0.5]
    return sorted(found, key=lambda c: (-(c.alone.value or 0.0) if c.alone else 0.0, c.column))


def _copies(report: AuditReport) -> list[Advice]:
    part = next((c for c in report.verdict.components if c.id.startswith("cop")), None)
    if part is None or (part.low or 0.0) <= part.null:
        return []
    observed = numbers.with_span(Interval(part.value, part.low, part.high), "percent")
    return [
        Advice(
            "Find out why training rows are repeated",
            f"Copies beyond coincidence: {observed}; 0% without a leak. Look for repeated rows in "
            "the training data, for sampling from it, and for a model that has memorised.",
        )
    ]


def _isolated(report: AuditReport) -> list[Advice]:
    if standing_out(report) is None:
        return []
    return [
        Advice(
            "Protect those who stand out",
            f"{groups_sentence(report)} Top-code extreme values and merge rare categories before "
            "training.",
        )
    ]


def _generator_hint(report: AuditReport) -> str:
    use = report.generator
    if use is None or use.how != "stand-in":
        return "which of them matters, the next audit tells."
    return f"the table behaves most like the output of {use.name}."


def _stronger(report: AuditReport) -> list[Advice]:
    measured = {r.threat_model for r in report.attacks if r.status is Status.MEASURED}
    if ThreatModel.INSIDER in measured:
        return []
    return [
        Advice(
            "Try a stronger attacker",
            "Name the generator that made the table (--generator): an attacker who can train it "
            "often sees what an outsider cannot.",
        )
    ]


def _audit_again() -> Advice:
    return Advice(
        "Audit the new table",
        "With the same held-out rows, the same policy and the generator named (--generator), so "
        "that the strongest attacker is tried.",
    )
