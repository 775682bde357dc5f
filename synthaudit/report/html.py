"""The report as one self-contained page, and its first screen alone for notebooks.

Jinja2 with autoescape on and undefined names refused. The page runs no script and asks the network
for nothing: a content security policy in its head says so to the browser as well.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from synthaudit.report import (
    annex,
    attackers,
    brief,
    explain,
    findings,
    glance,
    groups,
    inert,
    keys,
    numbers,
    quantities,
    scope,
    sentences,
    words,
)
from synthaudit.report.advice import advice
from synthaudit.report.figures import Figures
from synthaudit.report.model import AuditReport

if TYPE_CHECKING:
    from jinja2 import Environment


def render_html(report: AuditReport) -> str:
    """The whole page."""
    report = inert.presentable(report)
    figures = Figures(report)
    return _render(
        "page.html",
        report,
        figures,
        heading="h1",
        css=_style("card.css") + _style("page.css"),
        sections=brief.SECTIONS,
        brief=brief.briefs(report),
        advice=advice(report),
        forest=figures.forest(),
    )


def page_of(template: str, **parts: Any) -> str:
    """Another page in the same style; every text in ``parts`` is presentable already."""
    css = _style("card.css") + _style("page.css")
    return _environment().get_template(template).render(css=css, **parts)


def render_verdict(report: AuditReport) -> str:
    """The first screen alone, without its style, for a page that links ``card.css``."""
    report = inert.presentable(report)
    return _render("verdict.html", report, Figures(report), heading="h1")


def render_card(report: AuditReport) -> str:
    """The first screen alone, with its own style, for a notebook cell."""
    report = inert.presentable(report)
    return _render("cell.html", report, Figures(report), heading="p", css=_style("card.css"))


def _render(template: str, report: AuditReport, figures: Figures, **more: Any) -> str:
    lead, _, rest = words.answer(report).partition(": ")
    lead, rest = (f"{lead}:", rest) if rest else ("", lead)
    return (
        _environment()
        .get_template(template)
        .render(report=report, figures=figures, lead=lead, rest=rest, **more)
    )


def strict_environment(template: Callable[[str], str]) -> Environment:
    """Jinja2 as every page of this project uses it: escaped, and a name nobody gave is an error.

    Parameters
    ----------
    template : callable
        From the name of a template to its text.
    """
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(
        loader=FunctionLoader(template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _environment() -> Environment:
    environment = strict_environment(_template)
    environment.globals.update(
        annex=annex,
        attackers=attackers,
        explain=explain,
        findings=findings,
        glance=glance,
        groups=groups,
        inert=inert,
        keys=keys,
        numbers=numbers,
        quantities=quantities,
        scope=scope,
        sentences=sentences,
        words=words,
    )
    return environment


def _template(name: str) -> str:
    folder = resources.files("synthaudit.report") / "templates"
    return (folder / name).read_text(encoding="utf-8")


@cache
def _style(name: str) -> Markup:
    # our own file, not escaped: a style sheet holds quotes and angle brackets
    return Markup(_template(name))  # noqa: S704
