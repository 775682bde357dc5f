"""The figures, drawn from the result object: the score, ROC, forest, distances, groups.

Each is an inline SVG with a title and a description generated from the same numbers. Members are
drawn solid and non-members dashed, so that nothing depends on colour.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from synthaudit.report import explain, numbers, plots, quantities, svg
from synthaudit.report.model import AuditReport
from synthaudit.report.sections import ColumnExposure, PlantedLeak, Stratum
from synthaudit.types import Component, Interval, Result, Status


@dataclass
class Numbering:
    """Identifiers of the figures of one page: f1, f2, ... in the order they are drawn."""

    used: int = field(default=0)

    def named(self, title: str, description: str) -> svg.Named:
        """The next figure's name."""
        self.used += 1
        return svg.Named(f"f{self.used}", title, description)


@dataclass(frozen=True)
class Figures:
    """Every figure of one report; made anew for each page, so that pages are reproducible."""

    report: AuditReport
    numbering: Numbering = field(default_factory=Numbering)

    def score_line(self) -> Markup:
        """The score with its interval on a line from 0 to 100, and the policy's limit at 50."""
        score = self.report.score
        named = self.numbering.named(
            "The score on a line from 0 to 100",
            f"Score {numbers.with_span(score, 'score')}. 0: everything leaks. 50: the policy's "
            "limit. 100: what guessing would give.",
        )
        strip = svg.Strip(0, 100)
        low = strip.share(score.low if score.low is not None else score.value or 0)
        high = strip.share(score.high if score.high is not None else score.value or 0)
        value = strip.share(score.value or 0)
        parts = [
            named.opening(Markup('class="scoreline" width="100%" height="64"')),
            Markup('<rect class="beyond" x="0" y="18" width="50%" height="12"/>'),
            Markup('<rect class="within" x="50%" y="18" width="50%" height="12"/>'),
            Markup('<line class="limit" x1="50%" x2="50%" y1="10" y2="38"/>'),
            Markup('<rect class="reach" x="{}%" y="14" width="{}%" height="20"/>').format(
                f"{low:.2f}", f"{max(high - low, 0.3):.2f}"
            ),
            Markup('<circle class="value" cx="{}%" cy="24" r="7"/>').format(f"{value:.2f}"),
            *(_legend(*item) for item in SCORE_LEGEND),
            Markup("</svg>"),
        ]
        return svg.joined(parts)

    def component(self, part: Component) -> Markup:
        """One component of the score, on the score's own line."""
        named = self.numbering.named(
            f"{part.title}: score from 0 to 100",
            f"{explain.component_observed(part)}; {explain.component_condition(part)}. Score "
            f"{numbers.with_span(part.score, 'score')}.",
        )
        return svg.Strip(0, 100, limit=50).draw(named, part.score, "score")

    def roc(self) -> Markup:
        """Members named against false alarms, on logarithmic axes, with band and chance line."""
        return plots.roc(self.report, self.numbering.named)

    def forest(self) -> ForestScale:
        """The common scale of all AUC strips."""
        return ForestScale.of(self.report.attacks)

    def auc(self, result: Result, scale: ForestScale) -> Markup:
        """One attack's AUC with interval on the common scale."""
        estimate = result.estimate("auc")
        if estimate is None:
            return Markup("")
        interval = quantities.interval_of(estimate)
        named = self.numbering.named(f"AUC of {result.title}", f"{numbers.with_span(interval)}.")
        headline = self.report.headline
        strongest = headline is not None and result.id in headline.chosen
        return scale.strip.draw(named, interval, "strongest" if strongest else "")

    def stratum(self, group: Stratum) -> Markup:
        """Members named in one group at the global false-positive rate."""
        named = self.numbering.named(
            f"Members named: {group.label}", f"{numbers.with_span(group.tpr, 'percent')}."
        )
        top = max((s.tpr.high or s.tpr.value or 0.0 for s in self.report.strata), default=1.0)
        return svg.Strip(0, _round_up(top), group.fpr).draw(named, group.tpr)

    def column(self, column: ColumnExposure) -> Markup:
        """AUC of an attack that sees one column only."""
        interval = column.alone or Interval(None, None, None)
        named = self.numbering.named(
            "AUC from this column alone", f"{numbers.with_span(interval)}."
        )
        return svg.Strip(0.4, 1.0, 0.5).draw(named, interval)

    def planted(self, leak: PlantedLeak) -> Markup:
        """The advantage measured on a leak planted on purpose."""
        interval = leak.advantage or Interval(None, None, None)
        named = self.numbering.named(
            f"Advantage: {leak.label}", f"{numbers.with_span(interval)}; 0 by guessing."
        )
        ends = [x.advantage for x in self.report.yardstick if x.advantage is not None]
        first = min([0.0, *(x.low for x in ends if x.low is not None)])
        last = max([0.05, *(x.high for x in ends if x.high is not None)])
        return svg.Strip(first, last, 0.0).draw(named, interval)

    def distances(self) -> list[Panel]:
        """The curves of the checks, train against holdout, as small multiples."""
        found = []
        for result in self.report.checks:
            for curves, title, words in plots.panels(result):
                drawing = plots.curves(title, curves, self.numbering.named)
                if drawing:
                    found.append(Panel(drawing, title, words))
        return found


@dataclass(frozen=True)
class Panel:
    """One of several small drawings of a kind."""

    drawing: Markup
    title: str
    words: str


@dataclass(frozen=True)
class ForestScale:
    """A strip wide enough for every attack's interval, and its ticks."""

    strip: svg.Strip

    @classmethod
    def of(cls, attacks: Sequence[Result]) -> ForestScale:
        """From the lowest to the highest end, to the next twentieth; chance always in view."""
        ends = [0.45, 0.65]
        for result in attacks:
            auc = result.estimate("auc")
            if result.status is Status.MEASURED and auc is not None:
                ends += [end for end in (auc.low, auc.value, auc.high) if end is not None]
        first = math.floor(min(ends) * 20 + 1e-9) / 20
        last = math.ceil(max(ends) * 20 - 1e-9) / 20
        return cls(svg.Strip(first, last, 0.5))

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """(position in percent, label)."""
        return self.strip.axis(lambda value: f"{value:g}", about=6)


SCORE_LEGEND = (
    ("0", "0", "start", "everything leaks"),
    ("50%", "50", "middle", "policy's limit"),
    ("100%", "100", "end", "like guessing"),
)


def _legend(x: str, mark: str, anchor: str, words: str) -> Markup:
    return Markup(
        '<text x="{x}" y="56" text-anchor="{anchor}">'
        '<tspan class="strong">{mark}</tspan> {words}</text>'
    ).format(x=x, anchor=anchor, mark=mark, words=words)


def _round_up(top: float) -> float:
    return next((edge for edge in (0.05, 0.1, 0.25, 0.5) if top <= edge), 1.0)
