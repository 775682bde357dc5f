"""The pictures of a comparison: privacy against fidelity, and the score over time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from markupsafe import Markup

from synthaudit.report import numbers, svg
from synthaudit.report.comparison import Compared, Comparison
from synthaudit.report.comparison_words import fidelity_sentence, in_time, trend_sentence
from synthaudit.report.figures import Numbering
from synthaudit.report.keys import day
from synthaudit.types import Interval

WIDTH, HEIGHT = 420, 290
LEFT, RIGHT, TOP, BOTTOM = 44, WIDTH - 16, 26, HEIGHT - 46
LIMIT = 50.0


def fidelity(comparison: Comparison, numbering: Numbering) -> Markup:
    """The score against the fit of pairs of columns: up and to the right is better."""
    found = [
        table
        for table in comparison.measured
        if table.fidelity.value is not None and table.score.value is not None
    ]
    if not found:
        return Markup("")
    frame = svg.Frame(svg.Scale(_left_end(found), 1.0, LEFT, RIGHT), svg.Scale(0, 100, BOTTOM, TOP))
    named = numbering.named("Privacy against fidelity", fidelity_sentence(comparison))
    parts = [
        *_opening(named, frame, "Score", "Fit of pairs of columns to the training table"),
        *_ticks_across(frame),
        *_real_data(frame, found),
        *(_point(frame, table, table.fidelity.value or 0.0, table.fidelity) for table in found),
        Markup("</svg>"),
    ]
    return svg.joined(parts)


def trend(comparison: Comparison, numbering: Numbering) -> Markup:
    """The score by the date of the audit, under one policy."""
    found = in_time(comparison)
    times = [datetime.fromisoformat(table.created).timestamp() for table in found]
    frame = svg.Frame(
        svg.Scale(times[0], times[-1], LEFT + 14, RIGHT - 14), svg.Scale(0, 100, BOTTOM, TOP)
    )
    named = numbering.named("The score over time", trend_sentence(comparison))
    line = [
        frame.point(time, table.score.value or 0.0)
        for time, table in zip(times, found, strict=True)
    ]
    parts = [
        *_opening(named, frame, "Score", "Date of the audit"),
        svg.text(LEFT, BOTTOM + 17, day(found[0].created), "tick"),
        svg.text(RIGHT, BOTTOM + 17, day(found[-1].created), "tick", "end"),
        svg.path(line, "faint"),
        *(
            _point(frame, table, time, Interval(None, None, None))
            for time, table in zip(times, found, strict=True)
        ),
        Markup("</svg>"),
    ]
    return svg.joined(parts)


def _left_end(found: Sequence[Compared]) -> float:
    """A tenth below the poorest fit, at least a tenth of the way from perfect."""
    ends = [table.fidelity.low for table in found if table.fidelity.low is not None]
    ends += [table.fidelity.value for table in found if table.fidelity.value is not None]
    return max(0.0, min(0.9, int(min(ends) * 20 - 1e-9) / 20))


def _opening(named: svg.Named, frame: svg.Frame, y: str, x: str) -> Iterator[Markup]:
    yield named.opening(Markup('class="plot" viewBox="0 0 {} {}"').format(str(WIDTH), str(HEIGHT)))
    middle = frame.y(LIMIT)
    yield Markup('<rect class="beyond" x="{}" y="{}" width="{}" height="{}"/>').format(
        LEFT, f"{middle:.1f}", RIGHT - LEFT, f"{BOTTOM - middle:.1f}"
    )
    for value in (0, 25, 50, 75, 100):
        at = frame.y(value)
        yield svg.line(LEFT, at, RIGHT, at, "limit" if value == LIMIT else "grid")
        yield svg.text(LEFT - 6, at + 4, f"{value}", "tick", "end")
    yield svg.text(LEFT + 6, BOTTOM - 7, "beyond the policy's limit", "note")
    yield svg.text(LEFT, 13, y, "axis-title")
    yield svg.text(RIGHT, HEIGHT - 8, x, "axis-title", "end")


def _ticks_across(frame: svg.Frame) -> Iterator[Markup]:
    for value in svg.ticks(frame.x.first, frame.x.last, 4):
        x = frame.x(value)
        yield svg.line(x, BOTTOM, x, BOTTOM + 4, "grid")
        yield svg.text(x, BOTTOM + 17, numbers.free(value), "tick", "middle")


def _real_data(frame: svg.Frame, found: Sequence[Compared]) -> Iterator[Markup]:
    """Where real people of the same population lie, when all tables agree on it."""
    reached = {table.fidelity_of_holdout for table in found} - {None}
    if len(reached) != 1:
        return
    x = frame.x(reached.pop() or 0.0)
    yield svg.line(x, BOTTOM, x, TOP, "chance")
    yield svg.text(x - 5, TOP + 12, "real data", "note", "end")


def _point(frame: svg.Frame, table: Compared, at: float, across: Interval) -> Markup:
    """A table: its number in a disc, with the interval of either number."""
    x, y = frame.point(at, table.score.value or 0.0)
    parts = []
    if table.score.low is not None and table.score.high is not None:
        low, high = frame.y(table.score.low), frame.y(table.score.high)
        parts.append(svg.line(x, low, x, high, "whisker member"))
    if across.low is not None and across.high is not None:
        left, right = frame.x(across.low), frame.x(across.high)
        parts.append(svg.line(left, y, right, y, "whisker member"))
    parts.append(svg.dot(x, y, "value member", 9))
    parts.append(svg.text(x, y + 4, f"{table.number}", "in-disc", "middle"))
    return svg.joined(parts)
