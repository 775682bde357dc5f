"""A comparison as plain text for a terminal."""

from __future__ import annotations

import textwrap

from synthaudit.report import comparison_words as said
from synthaudit.report import inert, keys, numbers
from synthaudit.report.comparison import Compared, Comparison, Pair

LEAST_WIDTH = 60


def render_text(comparison: Comparison, width: int = 88) -> str:
    """The answer, a line a table, a line a pair, and what makes it unfair."""
    comparison = inert.presentable(comparison)
    width = max(width, LEAST_WIDTH)
    blocks = [
        "\n".join([said.QUESTION, textwrap.fill(said.answer(comparison), width)]),
        _bullets("Before you read on", comparison.cautions, width),
        _tables(comparison, width),
        _pairs(comparison, width),
    ]
    if comparison.has_trend:
        blocks.append(textwrap.fill(said.trend_sentence(comparison), width))
    blocks.append(textwrap.fill(said.NO_RELEASE, width))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _tables(comparison: Comparison, width: int) -> str:
    longest = min(max(len(inert.name(t.label)) for t in comparison.tables), width - 58)
    head = f"  {'#':>2} {'Table':<{longest}}  Verdict       Score  Named at 1%  Advantage  Audited"
    return "\n".join([head, *(_row(table, longest) for table in comparison.tables)])


def _row(table: Compared, longest: int) -> str:
    label = inert.shortened(inert.name(table.label), longest)
    start = f"  {table.number:>2} {label:<{longest}}  {table.level.value:<12}"
    if not table.is_measured:
        return f"{start}  no numbers that may be compared"
    score = numbers.score(table.score.value) if table.score.value is not None else "none"
    named = numbers.percent(table.tpr_at_fpr_0_01.value)
    gain = numbers.decimal(table.advantage.value)
    when = keys.day(table.created)
    return f"{start}  {score:>5}  {named:>11}  {gain:>9}  {when}".rstrip()


def _pairs(comparison: Comparison, width: int) -> str:
    if not comparison.pairs:
        return ""
    lines = [_pair(comparison, pair) for pair in comparison.pairs]
    return _bullets("Differences", (*lines, said.how(comparison)), width)


def _pair(comparison: Comparison, pair: Pair) -> str:
    found = said.leading(pair)
    gap = f"; {said.NAMES[found.quantity]} {said.shown(found)}" if found else ""
    return f"{pair.first} less {pair.second}: {said.state(pair, comparison)}{gap}."


def _bullets(title: str, lines: tuple[str, ...], width: int) -> str:
    if not lines:
        return ""
    return "\n".join(
        [
            title,
            *(
                textwrap.fill(line, width, initial_indent="  - ", subsequent_indent="    ")
                for line in lines
            ),
        ]
    )
