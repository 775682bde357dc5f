"""The plots with axes: members named against false alarms, and the curves of a check."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from markupsafe import Markup

from synthaudit.report import numbers, svg
from synthaudit.report.model import AuditReport
from synthaudit.report.sections import Headline
from synthaudit.types import Curve, Result, Status

WIDTH, HEIGHT = 360, 300
MOST_CURVES = 4
CURVES_HEIGHT = 210
Naming = Callable[[str, str], svg.Named]


def roc(report: AuditReport, named: Naming) -> Markup:
    """Members named against false alarms, on logarithmic axes, with band and chance line."""
    headline = report.headline
    strongest = _strongest_curves(report)
    if headline is None or not strongest:
        return Markup("")
    floor = _floor(report)
    frame = svg.Frame(
        svg.Scale(floor, 1, 46, WIDTH - 16, log=True),
        svg.Scale(floor, 1, HEIGHT - 46, 26, log=True),
    )
    name = named("Members named against false alarms", _roc_words(headline))
    parts = [
        name.opening(Markup('class="plot" viewBox="0 0 {} {}"').format(str(WIDTH), str(HEIGHT))),
        *_decades(frame, floor),
        *(_faint(frame, floor, curve) for curve in _other_curves(report)),
        *_chance(frame, floor),
        *(_band(frame, floor, curve) for curve in strongest),
        *(svg.path(_on_log(frame, floor, curve.x, curve.y), "curve member") for curve in strongest),
        *_marks(frame, floor, headline),
        svg.text(46, 14, "Members named", "axis-title"),
        svg.text(WIDTH - 16, HEIGHT - 8, "False alarms: non-members accused", "axis-title", "end"),
        Markup("</svg>"),
    ]
    return svg.joined(parts)


def panels(result: Result) -> Iterator[tuple[list[Curve], str, str]]:
    """The drawings of a check's curves: all of them, and where they are distances, the near end.

    A leak of a few rows is a step at the left end, which a whole distribution hides.
    """
    drawn = [curve for curve in result.curves if len(curve.x) > 1][:MOST_CURVES]
    if result.status is not Status.MEASURED or not drawn:
        return
    label = drawn[0].x_label
    title = label[:1].upper() + label[1:] if label else result.title
    kind = drawn[0].name.split("_")[0]
    yield drawn, title, PANEL_WORDS.get(kind, result.how_to_read)
    near = [_near_end(curve) for curve in drawn]
    if kind == "dcr" and all(len(curve.x) > 2 for curve in near):
        yield (
            near,
            "The nearest tenth of it",
            PANEL_WORDS["near"],
        )


NEAR = 0.1
PANEL_WORDS = {
    "dcr": "The solid line above the dashed one: synthetic rows lie nearer to training rows than "
    "to people the generator never saw.",
    "near": "The same lines enlarged: a few copies are a step at the very left, which the whole "
    "distribution hides.",
    "nndr": "Small ratios mean that one real row is hugged and its neighbours are not: the solid "
    "line above the dashed one, and it is training rows that are.",
}


def _near_end(curve: Curve) -> Curve:
    kept = [i for i, y in enumerate(curve.y) if y <= NEAR]
    return replace(curve, x=tuple(curve.x[i] for i in kept), y=tuple(curve.y[i] for i in kept))


def curves(title: str, drawn: Sequence[Curve], named: Naming) -> Markup:
    """Curves of a check together: distances of train against holdout."""
    xs = [x for curve in drawn for x in curve.x]
    ys = [y for curve in drawn for y in curve.y]
    right, top = max(xs), max(1e-12, *ys)
    top = NEAR if top <= NEAR else 1.0 if top <= 1 else top
    height = CURVES_HEIGHT
    frame = svg.Frame(
        svg.Scale(min(0.0, *xs), right if right > min(0.0, *xs) else 1, 46, WIDTH - 12),
        svg.Scale(min(0.0, *ys), top, height - 40, 24),
    )
    series = " against ".join(series_name(curve) for curve in drawn)
    name = named(f"{title}: {series}", _curves_words(drawn))
    return svg.joined(
        [
            name.opening(
                Markup('class="plot" viewBox="0 0 {} {}"').format(str(WIDTH), str(height))
            ),
            *_grid(frame, drawn[0], height),
            *(_series(frame, curve, i) for i, curve in enumerate(drawn)),
            *_keys(frame, drawn),
            Markup("</svg>"),
        ]
    )


def _curves_words(drawn: Sequence[Curve]) -> str:
    """Where each curve reaches the middle of what is drawn: what a screen reader can use."""
    told = []
    for curve in drawn:
        middle = max(curve.y) / 2
        at = next(x for x, y in zip(curve.x, curve.y, strict=True) if y >= middle)
        told.append(f"{series_name(curve)} reaches {numbers.percent(middle)} at {numbers.free(at)}")
    return f"{'; '.join(told)}."


def _strongest_curves(report: AuditReport) -> list[Curve]:
    """Of the attack behind the headline, or of both when the two halves chose differently."""
    if report.headline is None:
        return []
    curves = (_roc_of(report.result(id_)) for id_ in report.headline.chosen)
    return [curve for curve in curves if curve is not None]


def _roc_of(result: Result | None) -> Curve | None:
    if result is None or result.status is not Status.MEASURED:
        return None
    found = [curve for curve in result.curves if "roc" in curve.name.lower()]
    return found[0] if found and len(found[0].x) > 1 else None


def _other_curves(report: AuditReport) -> Iterator[Curve]:
    for result in report.attacks:
        curve = _roc_of(result)
        if curve is not None and report.headline and result.id not in report.headline.chosen:
            yield curve


def _floor(report: AuditReport) -> float:
    """Just below the smallest false-positive rate there are non-members for."""
    return 0.8 / min(max(report.coverage.n_nonmembers_attacked, 10), 100_000)


def _on_log(
    frame: svg.Frame, floor: float, xs: Sequence[float], ys: Sequence[float]
) -> list[svg.Point]:
    """A curve on logarithmic axes: below the floor it is not drawn, as 0 has no place there."""
    shown = [(x, y) for x, y in zip(xs, ys, strict=True) if x >= floor]
    return svg.thinned(frame.point(x, max(y, floor)) for x, y in shown)


def _decades(frame: svg.Frame, floor: float) -> Iterator[Markup]:
    for power in range(math.ceil(math.log10(floor) - 1e-9), 1):
        value = 10.0**power
        label = f"{value * 100:g}%"
        x, y = frame.point(value, value)
        yield svg.line(x, frame.y.start, x, frame.y.end, "grid")
        yield svg.line(frame.x.start, y, frame.x.end, y, "grid")
        yield svg.text(x, frame.y.start + 16, label, "tick", "middle")
        yield svg.text(frame.x.start - 6, y + 4, label, "tick", "end")


def _chance(frame: svg.Frame, floor: float) -> Iterator[Markup]:
    x1, y1 = frame.point(floor, floor)
    x2, y2 = frame.point(1, 1)
    yield svg.line(x1, y1, x2, y2, "chance")
    x, y = frame.point(floor ** (1 / 3), floor ** (1 / 3))
    yield svg.text(x + 6, y + 14, "guessing", "note")


def _faint(frame: svg.Frame, floor: float, curve: Curve) -> Markup:
    return svg.path(_on_log(frame, floor, curve.x, curve.y), "faint")


def _band(frame: svg.Frame, floor: float, curve: Curve) -> Markup:
    if len(curve.low) != len(curve.x) or len(curve.high) != len(curve.x):
        return Markup("")
    # where the interval reaches down to nothing a band would be a wall, not a width
    told = [i for i, low in enumerate(curve.low) if low > 0]
    xs = [curve.x[i] for i in told]
    upper = _on_log(frame, floor, xs, [curve.high[i] for i in told])
    lower = _on_log(frame, floor, xs, [curve.low[i] for i in told])
    return svg.path([*upper, *reversed(lower)], "band member", closed=True)


def _marks(frame: svg.Frame, floor: float, headline: Headline) -> Iterator[Markup]:
    for fpr, tpr in headline.tpr_at_fpr.items():
        rate = float(fpr)
        if tpr.value is None or rate < floor:
            continue
        x, y = frame.point(rate, max(tpr.value, floor))
        if tpr.low is not None and tpr.high is not None:
            low, high = frame.y(max(tpr.low, floor)), frame.y(max(tpr.high, floor))
            yield svg.line(x, low, x, high, "whisker member")
        yield svg.dot(x, y, "value member")
        yield svg.text(x - 7, y - 7, numbers.percent(tpr.value), "label", "end")


def _roc_words(headline: Headline) -> str:
    told = [
        f"{numbers.percent(tpr.value)} of members at {numbers.percent(float(fpr))} false alarms"
        for fpr, tpr in headline.tpr_at_fpr.items()
        if tpr.value is not None
    ]
    rates = "; ".join(told) or "no rate could be resolved"
    return (
        f"{headline.title}: {rates}. On both axes each step is a factor of ten; guessing would lie "
        "on the dashed diagonal."
    )


def _grid(frame: svg.Frame, curve: Curve, height: float) -> Iterator[Markup]:
    rates = frame.y.last <= 1
    for value in svg.ticks(frame.y.first, frame.y.last, 4):
        y = frame.y(value)
        yield svg.line(frame.x.start, y, frame.x.end, y, "grid")
        label = numbers.percent(value) if rates else numbers.free(value)
        yield svg.text(frame.x.start - 6, y + 4, label, "tick", "end")
    for value in svg.ticks(frame.x.first, frame.x.last, 4):
        x = frame.x(value)
        yield svg.line(x, frame.y.start, x, frame.y.start + 4, "grid")
        yield svg.text(x, frame.y.start + 17, numbers.free(value), "tick", "middle")
    yield svg.text(frame.x.start, 12, curve.y_label[:60], "axis-title")
    yield svg.text(frame.x.end, height - 5, curve.x_label[:60], "axis-title", "end")


def series_css(curve: Curve, position: int) -> str:
    """Members solid, non-members dashed, whatever the curve is called."""
    name = curve.name.lower()
    if "train" in name or name.startswith("member"):
        return "member"
    if "holdout" in name or "nonmember" in name:
        return "nonmember"
    return ("member", "nonmember", "third", "fourth")[position % MOST_CURVES]


def series_name(curve: Curve) -> str:
    """What the legend calls it: the table when the name ends in one."""
    words = curve.name.replace("_", " ").split()
    known = [word for word in words if word in {"train", "holdout", "synthetic"}]
    return (known[-1] if known else " ".join(words))[:16]


def _series(frame: svg.Frame, curve: Curve, position: int) -> Markup:
    points = svg.thinned(frame.point(x, y) for x, y in zip(curve.x, curve.y, strict=True))
    return svg.path(points, f"curve {series_css(curve, position)}")


def _keys(frame: svg.Frame, drawn: Sequence[Curve]) -> Iterator[Markup]:
    """The legend, one line a series, in the corner where these curves are not."""
    left, bottom = frame.x.start + 10, frame.y.start - 12 - 16 * (len(drawn) - 1)
    if _are_high(frame, drawn):
        left = frame.x.end - 116
    else:
        bottom = frame.y.end + 12
    for i, curve in enumerate(drawn):
        y, css = bottom + 16 * i, series_css(curve, i)
        yield svg.line(left, y, left + 24, y, f"curve {css}")
        yield svg.text(left + 30, y + 4, series_name(curve), "label")


def _are_high(frame: svg.Frame, drawn: Sequence[Curve]) -> bool:
    """Whether the curves have left the bottom right corner: above a third, two thirds across."""
    at = frame.x.first + 0.66 * (frame.x.last - frame.x.first)
    reached = [max((y for x, y in zip(c.x, c.y, strict=True) if x <= at), default=0) for c in drawn]
    return min(reached) > frame.y.first + 0.34 * (frame.y.last - frame.y.first)
