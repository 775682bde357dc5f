"""The pictures of docs/power.md, as SVG files that need no style sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from synthaudit.report import svg

STYLE = """<style>
text { font: 12px -apple-system, 'Segoe UI', 'Liberation Sans', Arial, sans-serif; fill: #4a5159 }
.title { font-size: 14px; font-weight: 600; fill: #1d2125 }
.grid { stroke: #e2dfd8 } .axis { stroke: #b9b5ab } .even { stroke: #b9b5ab; stroke-dasharray: 4 3 }
.ours { fill: #1f5fa8 } .theirs { fill: #a85300 } .null { fill: #8c939b }
.link { stroke: #c9c5bc; stroke-width: 2 } .paper { fill: #ffffff }
</style>"""
WIDTH = 720


def _drawing(named: svg.Named, height: int, parts: Iterable[Markup]) -> str:
    opening = named.opening(
        Markup('xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" width="{}"').format(
            WIDTH, height, WIDTH
        )
    )
    paper = Markup('<rect class="paper" width="100%" height="100%"/>')
    # the style is this file's own text, nothing of a table is in it
    style = Markup(STYLE)  # noqa: S704
    return str(svg.joined([opening, style, paper, *parts, Markup("</svg>\n")]))


def scatter(cases: pd.DataFrame, column: str, theirs: str, words: str) -> str:
    """Ours against the best published attack, one dot a case."""
    both = cases[cases[column].notna() & cases[theirs].notna()]
    low = 0.45 if "auc" in column else 0.0
    frame = svg.Frame(svg.Scale(low, 1, 70, 690), svg.Scale(low, 1, 560, 50))
    marks = svg.ticks(low, 1, 6)
    parts = [svg.text(70, 28, words, "title")]
    for tick in marks:
        x, y = frame.point(tick, tick)
        parts += [svg.line(x, 560, x, 50, "grid"), svg.line(70, y, 690, y, "grid"),
                  svg.text(x, 580, f"{tick:g}", anchor="middle"),
                  svg.text(60, y + 4, f"{tick:g}", anchor="end")]  # fmt: skip
    parts.append(svg.line(*frame.point(low, low), *frame.point(1, 1), "even"))
    for _, row in both.iterrows():
        css = "ours" if row["truth"] in ("leaky", "leaky-weak", "unknown") else "null"
        parts.append(svg.dot(*frame.point(row[theirs], row[column]), css, 4))
    parts += [
        svg.text(690, 602, "best published attack, chosen with hindsight", anchor="end"),
        svg.text(70, 44, "ours, chosen on one half and measured on the other"),
        svg.text(690, 546, "blue: leaky or unknown; grey: private or expected low", anchor="end"),
    ]
    named = svg.Named(column.replace(".", "-"), words, f"{len(both)} cases; above the line: ours.")
    return _drawing(named, 615, parts)


def by_kind(cases: pd.DataFrame) -> str:
    """Mean AUC by kind of leak: ours and the best published, joined by a line."""
    both = cases[cases["auc_value"].notna() & cases["published_auc"].notna()]
    means = both.groupby("kind")[["auc_value", "published_auc"]].mean().sort_values("auc_value")
    counts = both.groupby("kind").size()
    height = 90 + 22 * len(means)
    scale = svg.Scale(0.45, 1, 330, 690)
    words = "Mean AUC by kind of leak and family of generator"
    parts = [svg.text(16, 28, words, "title"), *_ticks(scale, height)]
    for i, (kind, row) in enumerate(means.iterrows()):
        y = height - 60 - 22 * i
        ours, theirs = scale(row["auc_value"]), scale(row["published_auc"])
        parts += [
            svg.text(320, y + 4, f"{kind} ({counts[kind]})", anchor="end"),
            svg.line(min(ours, theirs), y, max(ours, theirs), y, "link"),
            svg.dot(theirs, y, "theirs", 5),
            svg.dot(ours, y, "ours", 5),
        ]
    parts.append(svg.text(690, height - 8, "blue: ours; orange: best published", anchor="end"))
    return _drawing(svg.Named("by-kind", words, f"{len(means)} kinds."), height, parts)


def _ticks(scale: svg.Scale, height: int) -> list[Markup]:
    found = []
    for tick in svg.ticks(0.5, 1, 5):
        x = scale(tick)
        found += [svg.line(x, 44, x, height - 46, "grid"),
                  svg.text(x, height - 28, f"{tick:g}", anchor="middle")]  # fmt: skip
    return found


PICTURES: dict[str, Callable[[pd.DataFrame], str]] = {
    "auc.svg": lambda cases: scatter(
        cases, "auc_value", "published_auc", "AUC of every case, ours against the best published"
    ),
    "tpr.svg": lambda cases: scatter(
        cases,
        "tpr_at_fpr_0.01_value",
        "published_tpr_at_fpr_0.01",
        "Members found at 1 % false alarms, ours against the best published",
    ),
    "kinds.svg": by_kind,
}


def draw(cases: pd.DataFrame, folder: Path) -> None:
    """Write all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in PICTURES.items():
        (folder / name).write_text(picture(cases), encoding="utf-8")
