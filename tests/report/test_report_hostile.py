"""Hostile names and messages are inert in every rendering: HTML, SVG, Markdown, terminal."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from example_reports import EXAMPLES, failing
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from test_report_html import Outline

from synthaudit.report.model import AuditReport
from synthaudit.report.plain import plain

HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "</title></desc></svg><svg onload=alert(1)>",
    "</style><style>*{display:none}",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "]]><!--",
    "| a | b |\n| - | - |",
    "[click](javascript:alert(1))",
    "![x](http://evil.example/x.png)",
    "<http://evil.example>",
    "http://evil.example www.evil.example @everyone",
    "`code` ``` ~~~",
    "\x1b[31mred\x1b[0m\x1b]8;;http://evil.example\x07link\x1b]8;;\x07",
    "\u202eright to left\u202c\u200b\ufeff",
    "Z" + "\u0300" * 500,
    "=HYPERLINK(\"http://evil.example\")",
    "../../etc/passwd",
    "%s %n {0.__class__}",
    "# heading\n\n- list\n\n1. one",
    "&lt;b&gt; &#x3c;",
    "\x00\x07\x08\x7f\x9b31m",
    "line\r\nbreak\u2028separator",
)  # fmt: skip
PLAIN = {name: json.loads(make().to_json()) for name, make in EXAMPLES.items()}
# text that machinery compares with fixed values, or that a reader matches byte for byte
KEPT = {
    "level",
    "schema_version",
    "threat_model",
    "status",
    "kind",
    "severity",
    "created",
    "quantity",
}


def poisoned(data: Any, poison: str, key: str = "") -> Any:
    """``data`` with ``poison`` put before every text a file or a person could have supplied."""
    if isinstance(data, str):
        return data if key in KEPT else poison + data
    if isinstance(data, list):
        return [poisoned(item, poison, key) for item in data]
    if isinstance(data, dict):
        return {name: poisoned(value, poison, name) for name, value in data.items()}
    return data


def hostile_report(poison: str, name: str = "fail") -> AuditReport:
    return AuditReport.model_validate(poisoned(PLAIN[name], poison))


EXPECTED = Outline(failing().to_html())
KNOWN_TAGS = {tag for tag, _ in EXPECTED.tags} | {"strong"}
KNOWN_ATTRIBUTES = {key for _, known in EXPECTED.tags for key in known}


def assert_inert_page(page: str) -> None:
    outline = Outline(page)
    assert outline.broken == []
    assert {tag for tag, _ in outline.tags} <= KNOWN_TAGS
    for tag, attrs in outline.tags:
        assert not any(key.startswith("on") for key in attrs)
        assert set(attrs) <= KNOWN_ATTRIBUTES
        if tag == "a":
            assert attrs["href"].startswith("#")


def assert_printable(text: str) -> None:
    bad = {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs"} and c != "\n"}
    assert bad <= {"\N{WORD JOINER}"}


@pytest.mark.parametrize("poison", HOSTILE)
def test_the_page_stays_the_page(poison: str) -> None:
    report = hostile_report(poison)
    assert_inert_page(report.to_html())
    card = report._repr_html_()
    assert Outline(card).broken == []
    assert "<script" not in card


@pytest.mark.parametrize("poison", HOSTILE)
def test_markdown_holds_no_link_image_or_html(poison: str) -> None:
    text = hostile_report(poison).to_markdown()
    assert_printable(text)
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    kinds = [t.type for token in tokens for t in (token, *(token.children or []))]
    assert not {"link_open", "image", "html_inline", "html_block", "blockquote_open"} & set(kinds)
    honest = MarkdownIt("commonmark", {"html": True}).enable("table").parse(failing().to_markdown())
    for kind in ("heading_open", "table_open", "tr_open", "td_open", "bullet_list_open", "fence"):
        assert kinds.count(kind) == [token.type for token in honest].count(kind), kind
    outside_code = re.sub(r"(?ms)^(`{3,})\n.*?^\1$|`[^`\n]*`", "", text)
    assert not re.search(r"https?://|www\.\w|@\w", outside_code)


@pytest.mark.parametrize("poison", HOSTILE)
def test_the_terminal_gets_printable_lines(poison: str) -> None:
    text = hostile_report(poison).to_text()
    assert_printable(text)
    assert "\N{WORD JOINER}" not in text
    assert max(len(line) for line in text.splitlines()) < 700


@pytest.mark.parametrize("poison", HOSTILE)
def test_json_gives_hostile_text_back_as_it_came(poison: str) -> None:
    report = hostile_report(poison)
    text = report.to_json()
    assert text.isascii()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text)
    assert AuditReport.from_json(text) == report


@given(st.text(max_size=80))
@settings(max_examples=15, deadline=None)
def test_any_text_at_all(poison: str) -> None:
    report = hostile_report(poison.encode("utf-8", "replace").decode())
    assert_inert_page(report.to_html())
    assert_printable(report.to_text())
    assert_printable(report.to_markdown())


def test_a_very_long_name_stays_a_short_cell() -> None:
    report = failing()
    schema = report.inputs.schema_
    column = replace(schema.columns[0], name="n" * 1_000_000)
    inputs = plain(report.inputs)
    inputs["schema"] = plain(replace(schema, columns=(column, *schema.columns[1:])))
    long = AuditReport.model_validate(dict(report) | {"inputs": inputs})
    assert len(long.to_html()) < 200_000
    assert len(long.to_markdown()) < 100_000
