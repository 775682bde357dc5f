"""A comparison as one self-contained page, in the style of the report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from synthaudit.report import comparison_plots, comparison_words, inert, keys, numbers, svg, words
from synthaudit.report.comparison import Compared, Comparison, Difference, Pair
from synthaudit.report.figures import Numbering
from synthaudit.report.html import page_of
from synthaudit.types import Interval


def render_html(comparison: Comparison) -> str:
    """The whole page."""
    comparison = inert.presentable(comparison)
    lead, _, rest = comparison_words.answer(comparison).partition(": ")
    lead, rest = (f"{lead}:", rest) if rest else ("", lead)
    more: dict[str, Any] = {
        "comparison": comparison,
        "lead": lead,
        "rest": rest,
        "said": comparison_words,
        "figures": ComparisonFigures(comparison),
        "day": keys.day,
        "states": words.STATES,
    }
    return page_of("compare.html", **more)


@dataclass(frozen=True)
class ComparisonFigures:
    """Every figure of one comparison."""

    comparison: Comparison
    numbering: Numbering = field(default_factory=Numbering)

    def score(self, table: Compared) -> Markup:
        """A table's score on the line from 0 to 100."""
        named = self.numbering.named(
            f"Score of table {table.number}", f"{numbers.with_span(table.score, 'score')}."
        )
        return svg.Strip(0, 100, limit=50).draw(named, table.score, "score")

    def gap(self, pair: Pair, found: Difference) -> Markup:
        """A difference on a line with zero in its middle, the same scale for every pair."""
        ends = [
            abs(end)
            for other in self.comparison.pairs
            if (d := other.difference(found.quantity)) is not None
            for end in (d.low, d.high)
        ]
        reach = max([0.02, *ends])
        named = self.numbering.named(
            f"Table {pair.first} less table {pair.second}: "
            f"{comparison_words.NAMES[found.quantity]}",
            f"{comparison_words.shown(found)}; 0 is no difference.",
        )
        strip = svg.Strip(-reach, reach, 0.0)
        css = "strongest" if found.told_apart else ""
        return strip.draw(named, Interval(found.value, found.low, found.high), css)

    def fidelity(self) -> Markup:
        """Privacy against fidelity."""
        return comparison_plots.fidelity(self.comparison, self.numbering)

    def trend(self) -> Markup:
        """The score over time; nothing when the audits are of one day."""
        if not self.comparison.has_trend:
            return Markup("")
        return comparison_plots.trend(self.comparison, self.numbering)
