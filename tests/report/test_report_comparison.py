"""Comparisons: the words follow the numbers, the page is a page, golden files, hostile labels."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from example_comparisons import COMPARISONS, comparison, pair, releases, table, two, unlike
from hypothesis import given, settings
from hypothesis import strategies as st
from test_report_hostile import HOSTILE, assert_printable, poisoned
from test_report_html import Outline

from synthaudit.report import comparison_words as said
from synthaudit.report.comparison import Comparison, json_schema
from synthaudit.types import Level

ALL = pytest.mark.parametrize("name", COMPARISONS)
GOLDEN = Path(__file__).parent / "golden"
RENDERERS = {
    "json": Comparison.to_json,
    "txt": Comparison.to_text,
    "html": Comparison.to_html,
}


@pytest.mark.parametrize("suffix", RENDERERS)
@ALL
def test_golden(name: str, suffix: str) -> None:
    found = RENDERERS[suffix](COMPARISONS[name]())
    golden = GOLDEN / f"compare-{name}.{suffix}"
    if os.environ.get("ACCEPT_GOLDEN") == "1":
        golden.write_text(found, encoding="utf-8", newline="\n")
    assert golden.read_text(encoding="utf-8") == found, f"look at the change in {golden.name}"


def test_the_committed_schema_is_the_models() -> None:
    path = Path(__file__).parents[2] / "docs" / "comparison-schema.json"
    text = json.dumps(json_schema(), indent=2, sort_keys=True) + "\n"
    if os.environ.get("ACCEPT_GOLDEN") == "1":
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


@ALL
def test_json_follows_the_schema_and_comes_back(name: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    found = COMPARISONS[name]()
    data = json.loads(found.to_json())
    jsonschema.validate(data, json_schema())
    assert Comparison.model_validate(data) == found


def test_told_apart_in_words() -> None:
    assert said.answer(two()) == (
        "vendor-b (table 2) is shown to give its people away less than vendor-a (table 1): the "
        "advantage is lower by 0.580 (interval 0.562 to 0.598)."
    )
    closer = comparison(
        table(1, "vendor-a", Level.FAIL, 40, 0.15), table(2, "vendor-b", Level.PASS, 71, 0.06)
    )
    assert "lower by 0.090 (interval 0.072 to 0.108)" in said.answer(closer)


def test_not_told_apart_in_words() -> None:
    answer = said.answer(unlike())
    assert "cannot be told apart" in answer and "0 lies inside" in answer
    alike = comparison(*(table(i, f"t{i}", Level.PASS, 90, 0.01) for i in (1, 2, 3)))
    assert said.answer(alike) == "The 3 tables cannot be told apart by these audits."
    assert "no change is shown" in said.trend_sentence(
        comparison(
            table(1, "a", Level.PASS, 90, 0.01, "2026-01-01"),
            table(2, "b", Level.PASS, 91, 0.01, "2026-02-01"),
        )
    )


def test_the_best_is_named_with_those_it_cannot_be_told_from() -> None:
    found = comparison(
        table(1, "a", Level.FAIL, 20, 0.4),
        table(2, "b", Level.PASS, 90, 0.021),
        table(3, "c", Level.PASS, 91, 0.02),
    )
    assert said.answer(found) == (
        "c (table 3) is shown to give its people away less than a (table 1); it cannot be told "
        "apart from b (table 2)."
    )


def test_differences_in_kind_are_not_a_ranking() -> None:
    first, second = table(1, "a", Level.FAIL, 40, 0.2), table(2, "b", Level.FAIL, 40, 0.2)
    gaps = pair(first, second).differences
    mixed = tuple(
        d.model_copy(update={"value": v, "low": v - 0.01, "high": v + 0.01, "told_apart": True})
        for d, v in zip(gaps, (0.1, 0.1, -0.1), strict=True)
    )
    both = pair(first, second).model_copy(update={"differences": mixed})
    found = comparison(first, second).model_copy(update={"pairs": (both,)})
    assert said.exposed_more(both) == 0
    assert "differ in kind" in said.answer(found)
    assert said.state(both, found) == "differ in kind"


def test_invalid_audits_are_shown_and_never_compared() -> None:
    found = unlike()
    assert len(found.pairs) == 1
    page = found.to_html()
    assert "no number of it may be compared" in page
    none = comparison(table(1, "a", Level.INVALID, None, None), table(2, "b", Level.PASS, 90, 0.01))
    assert "cannot be compared" in said.answer(none)
    assert "cannot be compared" in none.to_text() and none.to_html()


def test_a_trend_is_drawn_for_different_days_under_one_policy_only() -> None:
    assert releases().has_trend and "Over time" in releases().to_html()
    assert not two().has_trend and "Over time" not in two().to_html()
    policies = comparison(
        table(1, "a", Level.PASS, 90, 0.01, "2026-01-01"),
        table(2, "b", Level.PASS, 91, 0.01, "2026-02-01", policy="strict"),
    )
    assert not policies.has_trend


@ALL
def test_the_page_is_well_formed_and_asks_for_nothing(name: str) -> None:
    page = COMPARISONS[name]().to_html()
    outline = Outline(page)
    assert outline.broken == []
    assert not re.search(r"<(script|link|img|iframe)\b|https?://", page)
    assert len(page) < 200_000
    for word in ("safe", "anonymous", "compliant"):
        assert not re.search(rf"\b{word}\b", page)


def moved(data: Any, key: str = "") -> Any:
    if isinstance(data, dict):
        return {name: moved(value, name) for name, value in data.items()}
    if isinstance(data, list):
        return [moved(item, key) for item in data]
    if isinstance(data, float) and key != "confidence":
        return data * 0.7 + 0.011 if abs(data) <= 1 else data * 0.7
    return data


@ALL
def test_sentences_follow_the_numbers(name: str) -> None:
    """Every sentence with a measured number in it changes when the numbers do."""
    found = COMPARISONS[name]()
    other = Comparison.model_validate(moved(json.loads(found.to_json())))
    assert said.answer(found) != said.answer(other) or name in {"releases"}
    lines = set(found.to_text().splitlines()) & set(other.to_text().splitlines())
    decimals = [line for line in lines if re.search(r"\d\.\d|\d%", line)]
    assert [line for line in decimals if "at 95%" not in line and "Named at 1%" not in line] == []


@pytest.mark.parametrize("poison", HOSTILE)
def test_hostile_labels_are_inert(poison: str) -> None:
    data = json.loads(unlike().to_json())
    found = Comparison.model_validate(poisoned(data, poison))
    page = found.to_html()
    outline, honest = Outline(page), Outline(unlike().to_html())
    assert outline.broken == []
    assert {tag for tag, _ in outline.tags} <= {tag for tag, _ in honest.tags}
    assert_printable(found.to_text())
    assert found.to_json().isascii()


@given(st.text(max_size=60))
@settings(max_examples=10, deadline=None)
def test_any_label_at_all(label: str) -> None:
    data = json.loads(two().to_json())
    found = Comparison.model_validate(poisoned(data, label.encode("utf-8", "replace").decode()))
    assert Outline(found.to_html()).broken == []
    assert_printable(found.to_text())
