"""The little SVG that the figures need: scales, ticks, paths, every text escaped.

Two kinds of drawing. A *strip* is as wide as the place it stands in (percent coordinates, no text
inside), so that an interval can sit in a table cell at any width. A *plot* has a fixed coordinate
system, small enough that its text stays legible on a telephone. Colours come from the page's style
sheet by class, which is what makes them work in dark mode and in print.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from synthaudit.types import Interval

Point = tuple[float, float]


@dataclass(frozen=True)
class Named:
    """Title and description of a figure: what a screen reader says in its place."""

    id: str
    title: str
    description: str

    def opening(self, attributes: Markup) -> Markup:
        """The opening of the ``svg`` element with its title and description."""
        return Markup(
            '<svg role="img" aria-labelledby="{id}-t {id}-d" {attributes}>'
            '<title id="{id}-t">{title}</title><desc id="{id}-d">{description}</desc>'
        ).format(id=self.id, title=self.title, description=self.description, attributes=attributes)


@dataclass(frozen=True)
class Scale:
    """From data to the plot, linear or logarithmic; values outside are put on the edge."""

    first: float
    last: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        low, high = min(self.first, self.last), max(self.first, self.last)
        value = min(max(value, low), high)
        if self.log:
            share = math.log(value / self.first) / math.log(self.last / self.first)
        else:
            share = (value - self.first) / (self.last - self.first)
        return self.start + share * (self.end - self.start)


@dataclass(frozen=True)
class Frame:
    """A plot's inner rectangle and its two scales."""

    x: Scale
    y: Scale

    def point(self, x: float, y: float) -> Point:
        """Where a data point lies in the drawing."""
        return self.x(x), self.y(y)


def thinned(points: Iterable[Point], closest: float = 0.6) -> list[Point]:
    """The points without those too near to the one before to be seen."""
    kept: list[Point] = []
    last: Point | None = None
    for point in points:
        if not kept or max(abs(point[0] - kept[-1][0]), abs(point[1] - kept[-1][1])) >= closest:
            kept.append(point)
        last = point
    if last is not None and kept and kept[-1] != last:
        kept.append(last)
    return kept


def path(points: Sequence[Point], css: str, *, closed: bool = False) -> Markup:
    """A polyline, or an area when ``closed``."""
    if not points:
        return Markup("")
    steps = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return Markup('<path class="{}" d="M{}{}"/>').format(css, steps, "Z" if closed else "")


def line(x1: float, y1: float, x2: float, y2: float, css: str) -> Markup:
    """A straight line."""
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
        css, f"{x1:.1f}", f"{y1:.1f}", f"{x2:.1f}", f"{y2:.1f}"
    )


def text(x: float, y: float, words: str, css: str = "", anchor: str = "start") -> Markup:
    """A line of text; its outline, where the style sheet gives it one, lies behind it."""
    return Markup(
        '<text class="{}" x="{}" y="{}" text-anchor="{}" paint-order="stroke">{}</text>'
    ).format(css, f"{x:.1f}", f"{y:.1f}", anchor, words)


def dot(x: float, y: float, css: str, radius: float = 4.0) -> Markup:
    """A filled circle."""
    return Markup('<circle class="{}" cx="{}" cy="{}" r="{}"/>').format(
        css, f"{x:.1f}", f"{y:.1f}", f"{radius:g}"
    )


def joined(parts: Iterable[Markup]) -> Markup:
    """Parts of a drawing, one after the other."""
    return Markup("").join(parts)


def ticks(first: float, last: float, about: int = 5) -> list[float]:
    """Round numbers from ``first`` to ``last``: steps of 1, 2 or 5 times a power of ten."""
    width = (last - first) / max(about, 1)
    if width <= 0:
        return [first]
    size = 10.0 ** math.floor(math.log10(width))
    step = next(size * k for k in (1, 2, 5, 10) if size * k >= width * 0.999)
    start = math.ceil(first / step - 1e-9)
    stop = math.floor(last / step + 1e-9)
    return [float(f"{i * step:.10g}") for i in range(start, stop + 1)]


@dataclass(frozen=True)
class Strip:
    """A fluid line from ``first`` to ``last`` on which intervals are put.

    Attributes
    ----------
    first, last : float
        Values at its left and right end.
    chance : float or None
        Marked by a dashed line: what guessing gives.
    limit : float or None
        Marked by a solid line: what the policy allows.
    """

    first: float
    last: float
    chance: float | None = None
    limit: float | None = None

    def share(self, value: float) -> float:
        """Position in percent of the width."""
        return 100 * min(max((value - self.first) / (self.last - self.first), 0.0), 1.0)

    def _mark(self, value: float | None, css: str) -> Markup:
        if value is None or not self.first <= value <= self.last:
            return Markup("")
        at = f"{self.share(value):.2f}%"
        return Markup('<line class="{}" x1="{}" x2="{}" y1="0" y2="100%"/>').format(css, at, at)

    def draw(self, named: Named, interval: Interval, css: str = "") -> Markup:
        """The strip with one interval on it."""
        parts = [
            named.opening(Markup('class="strip" width="100%" height="22"')),
            Markup('<line class="track" x1="0" x2="100%" y1="50%" y2="50%"/>'),
            self._mark(self.chance, "chance"),
            self._mark(self.limit, "limit"),
        ]
        if interval.low is not None and interval.high is not None:
            low, high = self.share(interval.low), self.share(interval.high)
            parts.append(
                Markup('<line class="reach {}" x1="{}%" x2="{}%" y1="50%" y2="50%"/>').format(
                    css, f"{low:.2f}", f"{high:.2f}"
                )
            )
        if interval.value is not None:
            parts.append(
                Markup('<circle class="value {}" cx="{}%" cy="50%" r="5"/>').format(
                    css, f"{self.share(interval.value):.2f}"
                )
            )
        return joined([*parts, Markup("</svg>")])

    def axis(self, write: Callable[[float], str], about: int = 4) -> list[tuple[float, str]]:
        """Ticks as (position in percent, label)."""
        return [(self.share(value), write(value)) for value in ticks(self.first, self.last, about)]
