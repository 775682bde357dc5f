"""One page for the record: what was audited, what was found, and room for who decides."""

from __future__ import annotations

from synthaudit.evidence.statements import left_out
from synthaudit.gate.rules import Outcome, rules_of
from synthaudit.report import inert, numbers, scope, words
from synthaudit.report.markdown import escaped, paragraph
from synthaudit.report.model import AuditReport
from synthaudit.types import Level

BLANK = "_to be filled in by the person who decides_"
FIELDS = (
    "Intended release (open, licensed, internal)",
    "Purpose",
    "Decision and its reasons",
    "Decided by, role, date",
    "Contact for questions and objections",
    "To be reviewed by",
)
OUTCOMES = {
    Outcome.MET: "met",
    Outcome.BROKEN: "BROKEN",
    Outcome.OPEN: "not settled",
    Outcome.NOT_TESTED: "not tested",
}


def sheet_text(report: AuditReport) -> str:
    """The sheet in Markdown. What people must decide is left blank, never filled in."""
    report = inert.presentable(report)
    blocks = [
        "# Privacy audit of a synthetic table: record sheet",
        f"**{report.level}** under the policy `{report.verdict.policy}`. "
        + paragraph(words.answer(report)),
        paragraph(words.score_sentence(report)) if report.level is not Level.INVALID else "",
        _tables(report),
        _facts(report),
        _rules(report),
        "**Not tested**\n\n"
        + "\n".join(
            f"- {paragraph(line)}" for line in (*left_out(report), *scope.not_tested(report))
        ),
        "**For people to fill in**\n\n" + "\n".join(f"- {name}: {BLANK}" for name in FIELDS),
        "This sheet says what was measured. Whether that is acceptable, and what the law asks, is "
        "for people to decide.",
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _tables(report: AuditReport) -> str:
    rows = [
        f"| {role} | {escaped(table.source)} | {numbers.count(table.rows)} | {table.columns} "
        f"| `{table.sha256[:16]}` |"
        for role, table in report.inputs.tables()
    ]
    head = f"| table | source | rows | columns | {report.inputs.digest} (first 16) |"
    return "\n".join([head, "|---|---|---|---|---|", *rows])


def _facts(report: AuditReport) -> str:
    use = report.generator
    generator = (
        "not named, no shadows were trained"
        if use is None
        else f"{escaped(use.name)} ({'named' if use.how == 'named' else 'a stand-in, chosen'})"
    )
    lines = [
        f"- Audited: {report.created} with synthaudit {report.tool.version}, seed {report.seed}",
        f"- Generator: {generator}",
        f"- {paragraph(scope.power_sentence(report))}",
    ]
    if report.attempts is not None:
        lines.append(
            f"- Earlier audits of the same training data in the log: {report.attempts.earlier}"
        )
    return "\n".join(lines)


def _rules(report: AuditReport) -> str:
    rows = [f"| {escaped(rule.title)} | {OUTCOMES[rule.outcome]} |" for rule in rules_of(report)]
    return "\n".join(["| rule of the policy | outcome |", "|---|---|", *rows])
