"""Intervals under one another on a common scale, with labels of their own: a whole figure.

On the page the same intervals stand in the cells of a table, where the table brings the labels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from synthaudit.report import inert, numbers, svg
from synthaudit.types import Interval

WIDTH, HEIGHT_OF_A_ROW, NAMES = 720, 24, 300
TOP, BOTTOM = 20, 26


@dataclass(frozen=True)
class Row:
    """One line of a figure of intervals."""

    label: str
    interval: Interval
    strong: bool = False


def intervals(
    title: str,
    rows: Sequence[Row],
    chance: float,
    form: str,
    named: Callable[[str, str], svg.Named],
) -> Markup:
    """The rows as one figure; nothing when there are none."""
    if not rows:
        return Markup("")
    ends = [x for row in rows for x in (row.interval.low, row.interval.value, row.interval.high)]
    known = [chance, *(end for end in ends if end is not None)]
    first, last = _round_ends(min(known), max(known))
    height = 2 * TOP + HEIGHT_OF_A_ROW * len(rows) + BOTTOM
    frame = svg.Frame(
        svg.Scale(first, last, NAMES, WIDTH - 60), svg.Scale(0, 1, height - BOTTOM, TOP)
    )
    told = "; ".join(f"{row.label} {numbers.beside(row.interval, form)}" for row in rows)
    size = Markup('class="plot" viewBox="0 0 {} {}"').format(str(WIDTH), str(height))
    parts = [named(title, f"{told}.").opening(size), *_axis(frame, chance, form)]
    for i, row in enumerate(rows):
        parts += _row(frame, row, TOP + HEIGHT_OF_A_ROW * (i + 0.75), form)
    return svg.joined([*parts, Markup("</svg>")])


def _axis(frame: svg.Frame, chance: float, form: str) -> Iterator[Markup]:
    write = numbers.free if form == "decimal" else numbers.percent
    bottom = frame.y.start
    for value in svg.ticks(frame.x.first, frame.x.last, 5):
        x = frame.x(value)
        yield svg.line(x, TOP, x, bottom, "grid")
        yield svg.text(x, bottom + 16, write(value), "tick", "middle")
    x = frame.x(chance)
    yield svg.line(x, TOP, x, bottom, "chance")
    yield svg.text(x, TOP - 6, "guessing", "note", "middle")


def _round_ends(first: float, last: float) -> tuple[float, float]:
    """To the next twentieth, and never without width."""
    low, high = math.floor(first * 20 + 1e-9) / 20, math.ceil(last * 20 - 1e-9) / 20
    return (low, high) if high > low else (low, low + 0.05)


def _row(frame: svg.Frame, row: Row, y: float, form: str) -> Iterator[Markup]:
    name = inert.shortened(row.label)
    yield svg.text(NAMES - 14, y + 4, name, "strong" if row.strong else "name", "end")
    x = row.interval
    if x.low is not None and x.high is not None:
        yield svg.line(frame.x(x.low), y, frame.x(x.high), y, "whisker member")
    if x.value is not None:
        yield svg.dot(frame.x(x.value), y, f"value {'member' if row.strong else 'hollow'}", 4.5)
        yield svg.text(WIDTH - 4, y + 4, numbers.FORMS[form](x.value), "label", "end")
