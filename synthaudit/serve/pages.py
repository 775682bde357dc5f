"""The pages as text: Jinja2 with autoescape on, and the files they link to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from synthaudit.report.inert import name
from synthaudit.report.numbers import count

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True)
class Asset:
    """A file a page links to."""

    content: bytes
    media_type: str


# the report's own style sheets: the page looks like what comes out of it
_ASSETS = {
    "card.css": ("synthaudit.report", "templates", "text/css"),
    "page.css": ("synthaudit.report", "templates", "text/css"),
    "serve.css": ("synthaudit.serve", "static", "text/css"),
    "serve.js": ("synthaudit.serve", "static", "text/javascript"),
    "icon.svg": ("synthaudit.serve", "static", "image/svg+xml"),
}


@cache
def asset(wanted: str) -> Asset | None:
    """A style sheet, script or picture by name; None when there is none of that name."""
    if wanted not in _ASSETS:
        return None
    package, folder, media_type = _ASSETS[wanted]
    return Asset((resources.files(package) / folder / wanted).read_bytes(), media_type)


def page(template: str, **values: Any) -> str:
    """A page of the local server."""
    return _environment().get_template(template).render(**values)


def stylesheet() -> Markup:
    """All style sheets in one, for a page that cannot link them."""
    found = [asset(file) for file in _ASSETS if file.endswith(".css")]
    return own_markup("".join(sheet.content.decode() for sheet in found if sheet is not None))


def own_markup(html: str) -> Markup:
    """HTML that our own renderer made and escaped."""
    return Markup(html)  # noqa: S704


def duration(seconds: int) -> str:
    """``45 s``, ``2 min 5 s``, ``1 h 2 min``."""
    if seconds < 60:
        return f"{seconds} s"
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


@cache
def _environment() -> Environment:
    from synthaudit.report.html import strict_environment

    environment = strict_environment(_template)
    environment.globals.update(count=count, shown=name, duration=duration)
    return environment


def _template(wanted: str) -> str:
    # icons are the report's
    package = "synthaudit.report" if wanted == "macros.html" else "synthaudit.serve"
    return (resources.files(package) / "templates" / wanted).read_text(encoding="utf-8")
