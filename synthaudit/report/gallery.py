"""The figures of a report as objects of their own: for notebooks, slides and other documents.

Each is a whole SVG document: it brings its style with it, in plain colours, and needs nothing from
the page around it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from markupsafe import Markup

from synthaudit.report import groups, inert, quantities
from synthaudit.report.figures import Figures, Numbering
from synthaudit.report.intervals import Row, intervals
from synthaudit.report.model import AuditReport
from synthaudit.types import Interval, Level


@dataclass(frozen=True)
class Figure:
    """One figure.

    Attributes
    ----------
    name : stable, ``score``, ``roc``, ``attacks``, ``groups``, ``distances.1``, ...
    title : for a caption
    svg : the drawing as a document of its own
    """

    name: str
    title: str
    svg: str

    def save(self, path: str | Path) -> None:
        """Write the SVG to a file."""
        Path(path).write_text(self.svg, encoding="utf-8", newline="\n")

    def _repr_svg_(self) -> str:
        return self.svg

    def __str__(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<Figure {self.name}: {self.title}>"


def gallery(report: AuditReport) -> dict[str, Figure]:
    """Every figure these results allow, by name; none for inputs that cannot be audited.

    The strips inside the page's tables are gathered into two figures with labels of their own,
    ``attacks`` (AUC of each) and ``groups`` (members named in each).
    """
    if report.level is Level.INVALID:
        return {}
    report = inert.presentable(report)
    figures = Figures(report, Numbering())
    drawn = [
        ("score", "The score on a line from 0 to 100", _score(report, figures)),
        ("roc", "Members named against false alarms", figures.roc()),
        ("attacks", "AUC of every attack", _attacks(report, figures.numbering)),
        ("groups", "Members named in each group", _groups(report, figures.numbering)),
    ]
    for number, panel in enumerate(figures.distances(), start=1):
        drawn.append((f"distances.{number}", panel.title, panel.drawing))
    return {
        name: Figure(name, title, standalone(drawing, report.level))
        for name, title, drawing in drawn
        if drawing
    }


def standalone(drawing: Markup, level: Level) -> str:
    """A drawing of the page as a document: name space, size, style and background of its own."""
    opening, rest = str(drawing).split(">", 1)
    box = re.search(r'viewBox="0 0 (\d+) (\d+)"', opening)
    width, height = box.groups() if box else (SCORE_WIDTH, SCORE_HEIGHT)
    opening = re.sub(r' (class|width|height)="[^"]*"', "", opening)
    css = re.search(r'class="([^"]*)"', str(drawing))
    return (
        f'{opening} xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'class="{css[1] if css else ""} tone-{level.value.lower()}" font-family="{FONTS}">'
        f"<style>{_style()}</style>{rest}"
    )


SCORE_WIDTH, SCORE_HEIGHT = "640", "64"
"""The score's line is as wide as its place; outside the page it needs a width."""
FONTS = "Helvetica, Arial, sans-serif"


@cache
def _style() -> str:
    folder = resources.files("synthaudit.report") / "templates"
    text = (folder / "figure.css").read_text(encoding="utf-8")
    return re.sub(r"\s*\n\s*", "", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))


def _score(report: AuditReport, figures: Figures) -> Markup:
    return figures.score_line() if report.score.value is not None else Markup("")


def _attacks(report: AuditReport, numbering: Numbering) -> Markup:
    rows = []
    for result in groups.strongest_first(report.attacks):
        auc = result.estimate("auc")
        if auc is not None and auc.value is not None:
            strong = report.headline is not None and result.id in report.headline.chosen
            rows.append(Row(result.title, quantities.interval_of(auc), strong))
    return intervals("AUC of every attack", rows, 0.5, "decimal", numbering.named)


def _groups(report: AuditReport, numbering: Numbering) -> Markup:
    shown = [s for s in report.strata if not s.suppressed and s.tpr.value is not None]
    rows = [
        Row(
            s.label if s.basis == "isolation" else f"{s.basis}: {s.label}",
            Interval(s.tpr.value, s.tpr.low, s.tpr.high),
        )
        for s in shown
    ]
    chance = shown[0].fpr if shown else 0.0
    return intervals("Members named in each group", rows, chance, "percent", numbering.named)
