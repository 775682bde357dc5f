"""The report as Markdown (CommonMark with GitHub's tables): for tickets, summaries and records."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from synthaudit.report import (
    brief,
    explain,
    findings,
    glance,
    groups,
    inert,
    keys,
    numbers,
    quantities,
    scope,
    words,
)
from synthaudit.report.model import AuditReport
from synthaudit.types import Level, Result, Status

# characters that can start Markdown, HTML, an entity, mathematics or a table cell wherever they
# stand (an underscore inside a word cannot), and those that can only do so at the start of a line
SPECIAL = re.compile(r"([\\`*\[\]<>|~&$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
STARTS_A_BLOCK = re.compile(r"^([-+#=:]|\d+(?=[.)](\s|$)))")
# schemes, "www." and mentions become links or notifications on GitHub even when escaped
AUTOLINK = re.compile(r"(?i)(:(?=//)|(?<=www)\.|@)")
WORD_JOINER = "\N{WORD JOINER}"


def escaped(text: str) -> str:
    """``text`` as literal Markdown: no emphasis, link, HTML, table cell or mention."""
    return AUTOLINK.sub(lambda found: found.group(0) + WORD_JOINER, SPECIAL.sub(r"\\\1", text))


def paragraph(text: str) -> str:
    """As ``escaped``, for text that stands at the start of a line and could begin a list."""
    return STARTS_A_BLOCK.sub(_as_text, escaped(text))


def _as_text(found: re.Match[str]) -> str:
    mark = found.group(0)
    return mark + WORD_JOINER if mark.isdigit() else "\\" + mark


def render_markdown(report: AuditReport) -> str:
    """The report as Markdown; the verdict stands alone in the first dozen lines."""
    report = inert.presentable(report)
    blocks = [
        *_verdict(report),
        *_alerts(report),
        *_components(report),
        *_tested(report),
        *_exposure(report),
        *_causes(report),
        *_sure(report),
        *_results("Every attack", "attack", report),
        *_results("Every check", "check", report),
        *_provenance(report),
    ]
    return "\n\n".join(blocks) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {paragraph(line)}" for line in lines)


def _verdict(report: AuditReport) -> list[str]:
    blocks = [
        f"# {report.level.value}: {words.STATES[report.level]}",
        f"{words.QUESTION}",
        f"**{escaped(words.answer(report))}**",
        paragraph(words.score_sentence(report)),
        f"**How sure:** {escaped(glance.sureness(report))}",
        f"**What to do:** {escaped(glance.action(report))}",
    ]
    sentences = [*words.evidence_sentences(report), scope.settle_sentence(report)]
    if report.level is not Level.INVALID:
        sentences.append(scope.power_sentence(report))
    told = [sentence for sentence in sentences if sentence]
    return [*blocks, _bullets(told)] if told else blocks


def _alerts(report: AuditReport) -> list[str]:
    reasons = words.further_reasons(report)
    lines = [
        f"{explain.SEVERITY_WORDS.get(notice.severity, 'Doubtful')}: {notice.message}"
        for notice in explain.alerts(report.warnings)
    ]
    blocks = ["## Why this verdict", _bullets(reasons)] if reasons else []
    return [*blocks, "## Alerts", _bullets(lines)] if lines else blocks


def _components(report: AuditReport) -> list[str]:
    parts = report.verdict.components
    if not parts:
        return []
    rows = [
        [
            escaped(part.title),
            explain.COMPONENT_STATES[part.level],
            escaped(explain.component_observed(part)),
            escaped(explain.component_condition(part)),
            escaped(numbers.score(part.score.value) if part.score.value is not None else "none"),
        ]
        for part in parts
    ]
    head = ["Component", "State", "Observed", "Condition", "Score"]
    return ["## The score's components", _table(head, rows)]


def _tested(report: AuditReport) -> list[str]:
    return [
        "## What was tested",
        _bullets(scope.tested(report)),
        "## What was not tested",
        _bullets(scope.not_tested(report)),
    ]


def _exposure(report: AuditReport) -> list[str]:
    lines = findings.exposure_sentences(report)
    return ["## Who is most exposed", _bullets(lines)] if lines else []


def _causes(report: AuditReport) -> list[str]:
    told = [item for item in brief.briefs(report) if item.anchor == "causes"]
    return [f"## {told[0].question}", paragraph(told[0].answer)] if told else []


def _sure(report: AuditReport) -> list[str]:
    lines = findings.sure_sentences(report)
    return ["## How sure this is", _bullets(lines)] if lines else []


def _results(title: str, kind: str, report: AuditReport) -> list[str]:
    results = [result for result in report.results if result.kind == kind]
    if not results:
        return []
    ordered = groups.strongest_first(tuple(results))
    row = _attack_row if kind == "attack" else _check_row
    head = {
        "attack": ["Attack", "Attacker", "AUC", "95% interval", "Named at 1% false alarms"],
        "check": ["Check", "Finding"],
    }[kind]
    return [f"## {title}", _table(head, [row(result) for result in ordered])]


def _attack_row(result: Result) -> list[str]:
    title = f"{escaped(result.title)} (`{re.sub(r'[^A-Za-z0-9_.-]', '?', result.id)}`)"
    model = result.threat_model.value
    auc, tail = result.estimate("auc"), result.estimate("tpr_at_fpr_0.01")
    if result.status is not Status.MEASURED or auc is None:
        return [title, model, result.status.value.lower(), escaped(result.reason), ""]
    named = numbers.with_span(quantities.interval_of(tail), "percent") if tail else ""
    return [
        title,
        model,
        escaped(numbers.decimal(auc.value)),
        escaped(numbers.span(quantities.interval_of(auc))),
        escaped(named),
    ]


def _check_row(result: Result) -> list[str]:
    return [escaped(result.title), escaped(explain.result_sentence(result))]


def _provenance(report: AuditReport) -> list[str]:
    rows = [
        [
            role,
            escaped(inert.name(table.source)),
            numbers.count(table.rows),
            numbers.count(table.columns),
            f"`{re.sub(r'[^0-9a-zA-Z:]', '', table.sha256)}`",
        ]
        for role, table in report.inputs.tables()
    ]
    lines = [
        f"{report.tool.name} {report.tool.version}, {report.created}, seed {report.seed}, "
        f"{numbers.duration(report.seconds.total)} in total",
        *(f"{name}: {numbers.duration(seconds)}" for name, seconds in keys.longest_steps(report)),
        *(f"{name} {version}" for name, version in sorted(report.versions.items())),
    ]
    blocks = [
        "## Reproduce",
        _table(["Table", "Source", "Rows", "Columns", "SHA-256"], rows),
        _bullets(lines),
    ]
    if report.command:
        blocks.append(_code(report.command))
    notes = [notice.message for notice in explain.notes(report.warnings)]
    return [*blocks, "## Noted on the way", _bullets(notes)] if notes else blocks


def _code(text: str) -> str:
    """A code block fenced by more backticks than ``text`` holds in a row."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"
