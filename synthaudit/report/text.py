"""The verdict as plain text for a terminal: no colour, no escape sequence, nothing printed."""

from __future__ import annotations

import textwrap

from synthaudit.counted import plural
from synthaudit.report import explain, glance, groups, inert, numbers, quantities, scope, words
from synthaudit.report.model import AuditReport
from synthaudit.types import Level, Result, Status

MARKS = {Level.PASS: "ok", Level.FAIL: "!!", Level.INCONCLUSIVE: "??", Level.INVALID: "--"}
LEAST_WIDTH = 40


def render_text(report: AuditReport, width: int = 88) -> str:
    """The verdict, the score on a line, what it rests on, what was not tested.

    Parameters
    ----------
    report : AuditReport
    width : int
        Columns to fill; lines are wrapped, never cut.
    """
    report = inert.presentable(report)
    width = max(width, LEAST_WIDTH)
    blocks = [
        _verdict(report, width),
        _score(report, width),
        _glance(report, width),
        _findings(report, width),
        _listed("Alerts", _alerts(report), width),
        _listed("Tested", scope.tested(report), width),
        _listed("Not tested", scope.not_tested(report), width),
        _attacks(report, width),
        _provenance(report, width),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _wrapped(text: str, width: int, first: str = "", rest: str = "") -> str:
    return textwrap.fill(
        text,
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
    )


def _verdict(report: AuditReport, width: int) -> str:
    head = f"[{MARKS[report.level]}] {report.level.value}: {words.STATES[report.level]}"
    return "\n".join([head, "", words.QUESTION, _wrapped(words.answer(report), width)])


def _score(report: AuditReport, width: int) -> str:
    if not words.has_score(report):
        return _wrapped(words.score_sentence(report), width)
    return "\n".join(
        [
            f"Score {numbers.with_span(report.score, 'score')}, the limit is 50",
            *score_line(report, min(width, 72)),
        ]
    )


def score_line(report: AuditReport, width: int) -> tuple[str, str]:
    """The score with its interval on a line from 0 to 100, and the line's legend."""
    score = report.score
    last = width - 1

    def place(value: float) -> int:
        return round(min(max(value, 0.0), 100.0) / 100 * last)

    value = score.value or 0.0
    low = place(score.low if score.low is not None else value)
    high = place(score.high if score.high is not None else value)
    cells = ["-"] * width
    cells[low : high + 1] = ["="] * (high + 1 - low)
    cells[last // 2] = "|"
    cells[place(value)] = "O"
    legend = list(" " * width)
    for text, start in (
        ("0 all leaks", 0),
        ("50 limit", last // 2 - 3),
        ("100 guessing", width - 12),
    ):
        legend[start : start + len(text)] = text
    return "".join(cells), "".join(legend).rstrip()


def _glance(report: AuditReport, width: int) -> str:
    lines = (("How sure", glance.sureness(report)), ("What to do", glance.action(report)))
    return "\n".join(_wrapped(f"{title}: {line}", width, "", "  ") for title, line in lines)


def _findings(report: AuditReport, width: int) -> str:
    sentences = [
        *words.evidence_sentences(report),
        scope.settle_sentence(report),
        *words.further_reasons(report),
    ]
    title = f"Strongest attack: {report.headline.title}" if report.headline else "Findings"
    if report.level is Level.INVALID:
        # the first reason is the answer above
        title, sentences = "Why", list(words.obstacles(report)[1:])
    return _listed(title, tuple(s for s in sentences if s), width)


def _alerts(report: AuditReport) -> tuple[str, ...]:
    return tuple(
        f"{explain.SEVERITY_WORDS.get(notice.severity, 'Doubtful')}: {notice.message}"
        for notice in explain.alerts(report.warnings)
    )


def _listed(title: str, lines: tuple[str, ...], width: int) -> str:
    if not lines:
        return ""
    return "\n".join(
        [
            _wrapped(title, width, "", "    "),
            *(_wrapped(line, width, "  - ", "    ") for line in lines),
        ]
    )


def _attacks(report: AuditReport, width: int) -> str:
    if report.level is Level.INVALID:
        return _wrapped(explain.NUMBERS_WITHHELD, width)
    rows = [_row(result) for result in groups.strongest_first(report.attacks)]
    if not rows:
        return ""
    longest = max(len(title) for title, _, _ in rows)
    longest = min(longest, width - 31)
    lines = [f"{'Attacks, strongest first':<{longest + 2}}  AUC     95% interval"]
    for title, value, ends in rows:
        lines.append(f"  {inert.shortened(title, longest):<{longest}}  {value:<6}  {ends}".rstrip())
    return "\n".join(lines)


def _row(result: Result) -> tuple[str, str, str]:
    auc = result.estimate("auc")
    if result.status is not Status.MEASURED or auc is None:
        return result.title, result.status.value.lower(), ""
    return (
        result.title,
        numbers.decimal(auc.value),
        numbers.span(quantities.interval_of(auc)),
    )


def _provenance(report: AuditReport, width: int) -> str:
    lines = [
        f"{role:<10}{inert.name(table.source)}: {plural(table.rows, 'row')}, "
        f"{plural(table.columns, 'column')}, sha256 {table.sha256[:12]}"
        for role, table in report.inputs.tables()
    ]
    lines.append(
        f"{report.tool.name} {report.tool.version}, {report.created}, seed {report.seed}, "
        f"{numbers.duration(report.seconds.total)}"
    )
    return "\n".join(_wrapped(line, width, "", "    ") for line in lines)
