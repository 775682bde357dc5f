"""The pages are valid HTML5 to a strict parser, and hold no more than the format allows where."""

from __future__ import annotations

import html5lib
import pytest
from example_comparisons import COMPARISONS
from example_reports import EXAMPLES, failing
from test_report_confidential import exposed
from test_report_hostile import HOSTILE, hostile_report
from test_report_html import Outline

from synthaudit.report.confidential import render_findings

PAGES = {
    **{name: make().to_html() for name, make in EXAMPLES.items()},
    **{f"compare-{name}": make().to_html() for name, make in COMPARISONS.items()},
    "findings": render_findings(failing(), exposed(12)),
}
# elements that may hold text and inline elements only
PHRASING_ONLY = {
    "p",
    "h1",
    "h2",
    "h3",
    "summary",
    "caption",
    "dt",
    "span",
    "strong",
    "code",
    "title",
}
BLOCKS = {
    "p",
    "div",
    "ul",
    "ol",
    "dl",
    "table",
    "section",
    "h1",
    "h2",
    "h3",
    "figure",
    "details",
    "pre",
}
INSIDE = {
    "li": {"ul", "ol"}, "dt": {"dl", "div"}, "dd": {"dl", "div"}, "tr": {"thead", "tbody"},
    "td": {"tr"}, "th": {"tr"}, "thead": {"table"}, "tbody": {"table"}, "caption": {"table"},
    "figcaption": {"figure"}, "summary": {"details"},
}  # fmt: skip


def parsed(page: str) -> html5lib.HTMLParser:
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    parser.tree_of = parser.parse(page)
    return parser


@pytest.mark.parametrize("name", PAGES)
def test_a_strict_parser_has_nothing_to_repair(name: str) -> None:
    assert parsed(PAGES[name]).errors == []
    assert PAGES[name].startswith("<!doctype html>")


@pytest.mark.parametrize("poison", HOSTILE[:8])
def test_nor_with_hostile_text(poison: str) -> None:
    assert parsed(hostile_report(poison).to_html()).errors == []


@pytest.mark.parametrize("name", PAGES)
def test_elements_stand_where_they_may(name: str) -> None:
    def walk(element: object, parent: str) -> None:
        tag = element.tag  # type: ignore[attr-defined]
        if not isinstance(tag, str) or "svg" in tag:
            return
        assert tag not in BLOCKS or parent not in PHRASING_ONLY, f"<{tag}> inside <{parent}>"
        assert tag not in INSIDE or parent in INSIDE[tag], f"<{tag}> inside <{parent}>"
        if tag in {"ul", "ol"}:
            assert {child.tag for child in element} <= {"li"}, tag  # type: ignore[attr-defined]
        for child in element:  # type: ignore[attr-defined]
            walk(child, tag)

    walk(parsed(PAGES[name]).tree_of, "")


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_one_file_below_a_megabyte(name: str) -> None:
    assert len(PAGES[name].encode()) < 1_000_000
    tags = {tag for tag, _ in Outline(PAGES[name]).tags}
    assert not {"script", "link", "img", "iframe", "object", "form"} & tags
