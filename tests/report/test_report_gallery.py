"""Figures as objects: whole SVG documents, inert, made from the result."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from example_reports import EXAMPLES, failing, inconclusive
from test_report_hostile import HOSTILE, hostile_report

from synthaudit.report.model import AuditReport

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_figure_is_a_document_of_its_own(name: str) -> None:
    figures = EXAMPLES[name]().figures()
    assert ("invalid" in name) == (figures == {})
    for key, figure in figures.items():
        root = ET.fromstring(figure.svg)  # noqa: S314 - our own output
        assert root.tag == f"{SVG}svg" and key == figure.name
        assert float(root.get("width", "0")) > 100 and float(root.get("height", "0")) > 50
        assert root.find(f"{SVG}title") is not None and root.find(f"{SVG}desc") is not None
        assert "var(" not in figure.svg and "http" not in figure.svg.replace(
            "http://www.w3.org", ""
        )
        assert figure._repr_svg_() == figure.svg == str(figure)
        assert repr(figure) == f"<Figure {key}: {figure.title}>"


def test_the_figures_are_named_and_saved(tmp_path: Path) -> None:
    figures = failing().figures()
    assert {"score", "roc", "attacks", "groups", "distances.1", "distances.2"} <= set(figures)
    figures["attacks"].save(tmp_path / "attacks.svg")
    assert (tmp_path / "attacks.svg").read_text(encoding="utf-8") == figures["attacks"].svg


def test_every_measured_attack_has_its_line_and_the_strongest_is_filled() -> None:
    report = failing()
    svg = report.figures()["attacks"].svg
    assert svg.count("value hollow") + svg.count("value member") == len(report.attacks)
    assert svg.count('class="value member"') == 1
    for result in report.attacks:
        auc = result.estimate("auc")
        assert auc is not None and auc.value is not None
        assert f"{auc.value:.3f}" in svg


def test_figures_follow_the_numbers() -> None:
    report = failing()
    data = json.loads(report.to_json())
    data["results"][0]["estimates"][0]["value"] += 0.01
    other = AuditReport.model_validate(data)
    assert report.figures()["attacks"].svg != other.figures()["attacks"].svg
    assert report.figures()["groups"].svg == other.figures()["groups"].svg


def test_what_was_not_measured_has_no_figure() -> None:
    assert "groups" not in inconclusive().figures()


@pytest.mark.parametrize("poison", HOSTILE)
def test_hostile_names_are_inert_in_figures(poison: str) -> None:
    honest = failing().figures()
    for key, figure in hostile_report(poison).figures().items():
        tags = {element.tag for element in ET.fromstring(figure.svg).iter()}  # noqa: S314
        assert tags <= {e.tag for e in ET.fromstring(honest[key].svg).iter()}  # noqa: S314
