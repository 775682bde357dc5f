"""What the audit assumed and what it cannot show, generated from what was and was not done."""

from __future__ import annotations

from collections.abc import Iterable

from synthaudit.report import annex, inert, numbers, scope
from synthaudit.report.attackers import threat_models
from synthaudit.report.markdown import escaped, paragraph
from synthaudit.report.model import AuditReport
from synthaudit.types import Level, Status


def threat_model_text(report: AuditReport) -> str:
    """Every attacker in a few plain lines: who it is, whether it was tried, how far it came."""
    report = inert.presentable(report)
    blocks = [
        "# Threat model",
        "Everybody below holds a list of people and asks who of them is in the training table. The "
        "table was tested, not the model that made it.",
    ]
    for entry in threat_models(report):
        lines = [f"## {escaped(entry.title)}", ""]
        state = "Tried." if entry.attempted else "**Not tried.**"
        lines.append(f"{state} {paragraph(entry.why)}")
        if entry.advantage is not None and report.level is not Level.INVALID:
            reached = numbers.with_span(entry.advantage)
            lines += ["", f"Strongest attack: `{entry.attack}`, advantage {reached}; guessing: 0."]
        blocks.append("\n".join(lines))
    seconds = numbers.duration(report.seconds.total)
    shadows = report.generator.shadows if report.generator is not None else 0
    blocks.append(
        f"Effort spent: {seconds} on one machine, {numbers.count(shadows)} shadow generators "
        f"trained, on {report.created[:10]}. An attacker may spend more, or have a better idea."
    )
    return "\n\n".join(blocks) + "\n"


def limitations_text(report: AuditReport) -> str:
    """What this audit does not show: from what was skipped, the sizes, and broken assumptions."""
    report = inert.presentable(report)
    sections: list[tuple[str, Iterable[str]]] = [
        ("What was not tested", (*left_out(report), *scope.not_tested(report))),
        ("Tests without a result", _without_result(report)),
        ("What these sizes cannot show", _sizes(report)),
        ("Assumptions, and what was found", _assumptions(report)),
        ("What was set aside, coerced or doubtful", [notice.message for notice in report.warnings]),
        ("What an audit of this kind cannot show", annex.limits(report)),
    ]
    blocks = ["# Limitations", "Generated from this audit; nothing here was left to memory."]
    for title, lines in sections:
        found = [f"- {paragraph(line)}" for line in lines if line]
        blocks += [f"## {title}", "\n".join(found) if found else "Nothing to report."]
    return "\n\n".join(blocks) + "\n"


def left_out(report: AuditReport) -> list[str]:
    """What the caller chose not to try: an audit of chosen attacks says less than one of all."""
    if report.config.attacks == ("all",):
        return []
    asked = ", ".join(report.config.attacks)
    return [f"Every attack that was not asked for: only {asked} were to be run, out of all."]


def _without_result(report: AuditReport) -> list[str]:
    return [
        f"{result.title} ({result.status.lower()}): {result.reason}"
        for result in report.results
        if result.status is not Status.MEASURED
    ]


def _sizes(report: AuditReport) -> list[str]:
    lines = [scope.power_sentence(report), scope.settle_sentence(report)]
    if report.headline is not None:
        lines += [
            f"The share of members named at {numbers.percent(float(fpr))} false alarms cannot be "
            "resolved with so few non-members."
            for fpr, tpr in report.headline.tpr_at_fpr.items()
            if tpr.value is None
        ]
    cover = report.coverage
    left = cover.n_members - cover.n_members_attacked
    if left:
        lines.append(f"{numbers.count(left)} members were not attacked. {cover.note}".strip())
    return lines


def _assumptions(report: AuditReport) -> list[str]:
    lines = [
        "The holdout is a random part of the same table as the training rows, and the generator "
        "never saw it. The audit can find signs against this and cannot prove it.",
    ]
    for check in report.validity:
        state = {True: "held", False: "BROKEN", None: "not tested"}[check.passed]
        lines.append(f"{check.title}: {state}. {check.meaning}".strip())
    if report.attempts is not None and report.attempts.earlier:
        lines.append(
            f"This was not the first look: the log knows {report.attempts.earlier} earlier audits "
            "of the same training data. Each look at a verdict spends some of its certainty."
        )
    return lines
