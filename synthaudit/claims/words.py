"""Answers to claims as text, Markdown and JSON."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from synthaudit.claims.file import Claims
from synthaudit.claims.judge import Answer, Finding
from synthaudit.claims.kinds import Relation
from synthaudit.report.inert import inert
from synthaudit.report.markdown import escaped
from synthaudit.report.model import AuditReport

MARKS = {
    Answer.CONFIRMED: "[ok]",
    Answer.CONTRADICTED: "[!!]",
    Answer.NOT_CONTRADICTED: "[--]",
    Answer.NOT_TESTABLE: "[??]",
    Answer.OUTSIDE: "[  ]",
}
SCHEMA = 1


def answer_words(finding: Finding) -> str:
    """``not contradicted at power 0.8``."""
    if finding.answer is Answer.NOT_CONTRADICTED and finding.power is not None:
        return f"{finding.answer} at power {finding.power:g}"
    return str(finding.answer)


def summary(findings: Sequence[Finding]) -> str:
    """How many of which."""
    counts = Counter(str(finding.answer) for finding in findings)
    return ", ".join(f"{counts[answer]} {answer}" for answer in Answer if counts[answer])


def stated(finding: Finding) -> str:
    """The claim as a sentence: ``DCR share equals 0.5``."""
    claim = finding.claim
    if claim.value is None:
        return claim.kind.title
    relation = "at most" if claim.kind.relation is Relation.AT_MOST else "equals"
    return f"{claim.kind.title} {relation} {claim.value:g}"


def claims_text(claims: Claims, findings: Sequence[Finding]) -> str:
    """For a terminal."""
    lines = [f"Claims of {inert(claims.vendor) or 'the vendor'}: {summary(findings)}."]
    if not claims.generator:
        lines.append("The file does not say which generator made the table.")
    for finding in findings:
        lines += [
            "",
            f'{MARKS[finding.answer]} "{inert(finding.claim.quote, 200)}"',
            f"     {stated(finding)}: {answer_words(finding)}",
            f"     {inert(finding.reason)}",
        ]
        if finding.stronger:
            lines.append(f"     {inert(finding.stronger)}")
    return "\n".join(lines)


def claims_markdown(claims: Claims, findings: Sequence[Finding], report: AuditReport) -> str:
    """For the record: their definition recomputed, beside the stronger measurement."""
    name = escaped(inert(claims.product or claims.vendor or "a synthetic table"))
    blocks = [
        f"# What is claimed of {name}, and what was measured",
        f"{summary(findings)}. Audit of {report.created[:10]} under the policy "
        f"`{report.verdict.policy}`: **{report.level}**.",
        f"Generator as declared: {escaped(inert(claims.generator)) or '_not declared_'}.",
    ]
    for finding in findings:
        claim = finding.claim
        lines = [
            f"## {escaped(inert(claim.quote, 200))}",
            "",
            f"**{answer_words(finding)}**. {escaped(inert(finding.reason))}",
            "",
            f"- Read as: {escaped(stated(finding))}. {escaped(claim.kind.definition)}",
        ]
        if finding.recomputed is not None and claim.kind.figure is not None:
            lines.append(f"- Recomputed: {_span(finding)}")
        if finding.stronger:
            lines.append(f"- Stronger measurement: {escaped(inert(finding.stronger))}")
        if claim.source:
            lines.append(f"- Said in: {escaped(inert(claim.source))}")
        blocks.append("\n".join(lines))
    blocks.append(
        "Confirmed means that the figure is as stated, not that the table leaks nothing: figures "
        "of distance pass tables that attacks take apart (Yao et al. 2025, arXiv:2505.01524)."
    )
    return "\n\n".join(blocks) + "\n"


def _span(finding: Finding) -> str:
    span = finding.recomputed
    if span is None or span.value is None:
        return "no number"
    ends = f" ({span.low:.4g} to {span.high:.4g})" if span.low is not None and span.high else ""
    chance = (
        f", where nothing leaked {finding.yardstick:.4g}" if finding.yardstick is not None else ""
    )
    return f"{span.value:.4g}{ends}{chance}"


def claims_json(claims: Claims, findings: Sequence[Finding], report: AuditReport) -> str:
    """For machines; ``report`` is the digest of the report the answers come from."""
    return (
        json.dumps(
            {
                "schema": SCHEMA,
                "vendor": claims.vendor,
                "product": claims.product,
                "generator": claims.generator,
                "report": hashlib.sha256(report.to_json().encode()).hexdigest(),
                "findings": [_record(finding) for finding in findings],
            },
            indent=2,
            sort_keys=True,
        )
        + "\n"
    )


def _record(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.claim.kind.id,
        "quote": finding.claim.quote,
        "source": finding.claim.source,
        "definition": finding.claim.kind.definition,
        "stated": finding.claim.value,
        "tolerance": finding.claim.tolerance,
        "answer": str(finding.answer),
        "reason": finding.reason,
        "recomputed": None if finding.recomputed is None else asdict(finding.recomputed),
        "yardstick": finding.yardstick,
        "power": finding.power,
        "detectable": finding.detectable,
        "stronger": finding.stronger,
    }
