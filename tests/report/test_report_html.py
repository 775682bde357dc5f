"""The page: self-contained, well-formed, accessible in structure, and made from the result."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from example_reports import EXAMPLES, failing

from synthaudit.report import inert, words

ALL = pytest.mark.parametrize("name", EXAMPLES)
VOID = {"meta", "link", "br", "hr", "img", "input", "path", "line", "rect", "circle"}
DRAWN = {"path", "line", "rect", "circle"}


class Outline(HTMLParser):
    """Tags in order, whether they nest, and what the tests ask about."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.broken: list[str] = []
        self.feed(text)
        self.broken += self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag in DRAWN:
            return
        if not self.open or self.open.pop() != tag:
            self.broken.append(tag)


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {name: make().to_html() for name, make in EXAMPLES.items()}


@ALL
def test_tags_nest_and_ids_are_unique(name: str, pages: dict[str, str]) -> None:
    outline = Outline(pages[name])
    assert outline.broken == []
    ids = Counter(attrs["id"] for _, attrs in outline.tags if "id" in attrs)
    assert [key for key, n in ids.items() if n > 1] == []
    wanted = {
        target
        for _, attrs in outline.tags
        for key in ("aria-labelledby", "href")
        if attrs.get(key)
        for target in attrs[key].replace("#", "").split()
    }
    assert wanted <= set(ids)


@ALL
def test_headings_step_down_one_at_a_time(name: str, pages: dict[str, str]) -> None:
    levels = [int(tag[1]) for tag, _ in Outline(pages[name]).tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


@ALL
def test_landmarks_and_figures_are_named(name: str, pages: dict[str, str]) -> None:
    outline = Outline(pages[name])
    tags = Counter(tag for tag, _ in outline.tags)
    for landmark in ("header", "main", "nav", "footer"):
        assert tags[landmark] == 1
    for tag, attrs in outline.tags:
        if tag == "svg":
            assert attrs.get("aria-hidden") == "true" or "aria-labelledby" in attrs
        if tag == "th":
            assert attrs.get("scope") in {"row", "col", "rowgroup"}


@ALL
def test_self_contained_and_small(name: str, pages: dict[str, str]) -> None:
    page = pages[name]
    assert len(page.encode()) < 1_000_000
    assert not re.search(r"<(script|link|img|iframe|object|embed|base|form)\b", page)
    assert not re.search(r"\b(src|srcset|action|data|xlink:href)\s*=", page)
    assert not re.search(r"url\(|@import|https?://", page)
    assert not re.search(r"\son\w+\s*=", page)
    assert {attrs["href"][0] for tag, attrs in Outline(page).tags if tag == "a"} == {"#"}


@ALL
def test_the_first_screen_says_it_all(name: str, pages: dict[str, str]) -> None:
    report = EXAMPLES[name]()
    start = pages[name].index('class="card verdict')
    card = pages[name][start : pages[name].index("</section>", start)]
    assert report.level.value in card
    assert "Not tested" in card
    assert "Tested" in card
    assert "23 November 2026, 10:04 UTC" in card
    for _, table in report.inputs.tables():
        assert table.sha256[:12] in card
    if words.has_score(report):
        assert "95% interval" in card
        assert "policy&#39;s limit" in card or "policy's limit" in card
    else:
        assert "There is no score" in card


def test_invalid_quotes_no_attack(pages: dict[str, str]) -> None:
    report = EXAMPLES["invalid"]()
    for result in report.attacks:
        auc = result.estimate("auc")
        assert auc is not None
        assert f"{auc.value:.3f}" not in pages["invalid"]


def test_no_column_is_too_long_for_its_cell() -> None:
    long = "a" * 1_000_000
    assert len(inert.name(long)) == inert.LONGEST_NAME
    assert inert.name("x" * 60 + "left") != inert.name("x" * 60 + "right")


def test_the_same_report_gives_the_same_page() -> None:
    assert failing().to_html() == failing().to_html()


@ALL
def test_the_card_stands_alone_in_a_notebook(name: str) -> None:
    card = EXAMPLES[name]()._repr_html_()
    outline = Outline(card)
    assert outline.broken == []
    assert not any(tag == "h1" for tag, _ in outline.tags)
    style = re.sub(r"(?s)/\*.*?\*/", "", card[card.index("<style>") + 7 : card.index("</style>")])
    rules = re.findall(r"(?m)^\s*([^@{}\n][^{}]*)\{", style)
    selectors = [part.strip() for rule in rules for part in rule.split(",") if part.strip()]
    assert selectors
    assert all(part.startswith(".sa") for part in selectors), "would style the whole notebook"
