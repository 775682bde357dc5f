"""GitHub Actions: workflow commands that become annotations, and the step's summary page."""

from __future__ import annotations

from synthaudit.gate.rules import Outcome, Rule, rules_of
from synthaudit.report.inert import inert
from synthaudit.report.model import AuditReport
from synthaudit.report.words import verdict_line

LARGEST_SUMMARY = 900_000
"""Bytes; a step's summary may hold 1 MiB."""
WORDS = {
    Outcome.MET: "met",
    Outcome.BROKEN: "**broken**",
    Outcome.OPEN: "not settled",
    Outcome.NOT_TESTED: "not tested",
}


def escaped(text: str, *, is_property: bool = False) -> str:
    """``text`` for a workflow command, so that it can neither end it nor start another.

    As the Actions toolkit escapes: ``%``, carriage return and line feed, in properties also ``:``
    and ``,`` (github.com/actions/toolkit, packages/core/src/command.ts).
    """
    pairs = [("%", "%25"), ("\r", "%0D"), ("\n", "%0A")]
    if is_property:
        pairs += [(":", "%3A"), (",", "%2C")]
    for plain, code in pairs:
        text = text.replace(plain, code)
    return text


def annotation_lines(report: AuditReport) -> tuple[str, ...]:
    """One workflow command a rule that is not met: errors for broken ones, else warnings."""
    return tuple(
        _command("error" if rule.outcome is Outcome.BROKEN else "warning", rule)
        for rule in rules_of(report)
        if rule.outcome is not Outcome.MET
    )


def _command(kind: str, rule: Rule) -> str:
    title = escaped(inert(f"synthaudit {rule.outcome}: {rule.title}"), is_property=True)
    return f"::{kind} title={title}::{escaped(inert(rule.message, 2_000))}"


def step_summary(report: AuditReport) -> str:
    """A summary in Markdown: the verdict, every rule, and the whole report folded away."""
    rows = [
        f"| {_cell(rule.title)} | {WORDS[rule.outcome]} | {_cell(rule.message)} |"
        for rule in rules_of(report)
    ]
    lines = [
        f"### synthaudit: {_cell(verdict_line(report))}",
        "",
        "| rule | outcome | finding |",
        "|---|---|---|",
        *rows,
        "",
    ]
    whole = report.to_markdown()
    if len(whole.encode()) < LARGEST_SUMMARY:
        lines += ["<details><summary>The whole report</summary>", "", whole, "", "</details>", ""]
    return "\n".join(lines)


def _cell(text: str) -> str:
    """Text for a cell of a Markdown table: nothing in it is markup."""
    plain = inert(text, 600).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"\\{c}" if c in "\\`*_[]|#~" else c for c in plain)
