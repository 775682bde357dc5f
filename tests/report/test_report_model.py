"""The versioned result object: what is written is what is read, and the contract keeps."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from example_reports import EXAMPLES, failing

from synthaudit.errors import InputError, PolicyViolation
from synthaudit.report.model import AuditReport, json_schema
from synthaudit.types import Curve, Estimate, Headline, Interval, Result, Status, ThreatModel

DOCS = Path(__file__).parents[2] / "docs"
ALL = pytest.mark.parametrize("name", EXAMPLES)


@ALL
def test_what_is_written_is_what_is_read(name: str) -> None:
    report = EXAMPLES[name]()
    text = report.to_json()
    again = AuditReport.from_json(text)
    assert again == report
    assert again.to_json() == text
    assert text.isascii()


@ALL
def test_reports_fit_the_committed_schema(name: str) -> None:
    committed = json.loads((DOCS / "report-schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(committed)
    jsonschema.validate(json.loads(EXAMPLES[name]().to_json()), committed)


def test_the_committed_schema_is_the_models() -> None:
    path = DOCS / "report-schema.json"
    if os.environ.get("ACCEPT_GOLDEN") == "1":
        path.write_text(json.dumps(json_schema(), indent=2, sort_keys=True) + "\n", "utf-8")
    assert json.loads(path.read_text(encoding="utf-8")) == json_schema(), "see docs/report.md"


def test_the_minimum_contract() -> None:
    data = json.loads(failing().to_json())
    assert data["schema_version"] == "1.1"
    assert data["verdict"]["level"] == "FAIL"
    assert set(data["verdict"]["score"]) == {"value", "low", "high"}
    assert isinstance(data["headline"]["attack"], str)
    for key in ("auc", "advantage", "tpr_at_fpr_0.1", "tpr_at_fpr_0.01", "tpr_at_fpr_0.001"):
        assert set(data["headline"][key]) == {"value", "low", "high"}
    wanted = {"id", "kind", "threat_model", "status", "reason", "estimates"}
    assert wanted <= set(data["results"][0])
    wanted = {"name", "value", "low", "high", "confidence", "n", "null"}
    assert wanted <= set(data["results"][0]["estimates"][0])
    assert {"code", "message", "table", "column", "severity"} == set(data["warnings"][0])
    for table in ("train", "holdout", "synthetic"):
        assert {"source", "format", "sha256", "rows", "columns"} <= set(data["inputs"][table])
    assert data["inputs"]["schema"]["columns"][0]["name"] == "age"
    assert {"total", "steps"} == set(data["seconds"])
    assert {"config", "seed", "versions", "created", "tool"} <= set(data)


def test_numpy_and_nan_are_taken_as_they_come() -> None:
    estimate = Estimate("auc", np.float64(1 / 3), float("nan"), math.inf, np.int64(7), 0.5)  # type: ignore[arg-type]
    curve = Curve("roc", (math.inf, 0.0, 1.0), (0.0, 0.0, 1.0))
    result = Result(
        "a", "attack", "A", "?", "!", ThreatModel.OUTSIDER, Status.MEASURED,
        estimates=(estimate,), curves=(curve,),
    )  # fmt: skip
    report = AuditReport.model_validate(dict(failing()) | {"results": (result,)})
    kept = report.results[0]
    assert kept.estimates[0] == Estimate("auc", 0.333333333333, None, None, 7, 0.5)
    assert kept.curves[0].x == (0.0, 1.0)
    assert type(kept.estimates[0].n) is int
    assert "NaN" not in report.to_json()
    assert AuditReport.from_json(report.to_json()) == report


def test_headline_mapping_becomes_keys() -> None:
    given = Headline(
        "a", "A", ThreatModel.INSIDER, Interval(0.6, 0.5, 0.7), Interval(0.1, 0.0, 0.2),
        {"0.1": Interval(0.2, 0.1, 0.3), "0.001": Interval(None, None, None)},
    )  # fmt: skip
    report = AuditReport.model_validate(dict(failing()) | {"headline": given})
    assert report.headline is not None
    assert report.headline.tpr_at_fpr_0_1 == Interval(0.2, 0.1, 0.3)
    assert report.headline.tpr_at_fpr["0.01"] == Interval(None, None, None)


def test_unknown_keys_are_refused_at_every_depth() -> None:
    for path in ([], ["verdict"], ["results", 0], ["results", 0, "estimates", 0], ["inputs"]):
        data = json.loads(failing().to_json())
        place = data
        for step in path:
            place = place[step]
        place["surprise"] = 1
        with pytest.raises(InputError, match="damaged"):
            AuditReport.from_json(json.dumps(data))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not json", "not readable"),
        ("[" * 100_000, "not readable"),
        ("[]", "schema version none"),
        ('{"schema_version": "2.0"}', "schema version '2.0'"),
        ('{"schema_version": "1.0"}', "damaged"),
    ],
)
def test_damaged_files_get_one_sentence(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        AuditReport.from_json(text)
    assert "\n" not in str(caught.value)


def test_a_damaged_file_never_quotes_its_content() -> None:
    data = json.loads(failing().to_json())
    data["results"][0]["estimates"][0]["value"] = "secret-4711"
    with pytest.raises(InputError) as caught:
        AuditReport.from_json(json.dumps(data))
    assert "secret-4711" not in str(caught.value)


def test_reports_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        failing().seed = 1  # type: ignore[misc]


def test_metrics_are_flat_and_leave_out_the_unresolved() -> None:
    metrics = failing().metrics()
    assert metrics["privacy.passed"] == 0.0
    assert metrics["privacy.advantage"] == pytest.approx(0.6915, abs=1e-4)
    assert metrics["privacy.advantage.low"] < metrics["privacy.advantage"]
    assert metrics["privacy.attack.closest_record.auc"] == pytest.approx(0.6006, abs=1e-4)
    assert metrics["privacy.check.dcr.dcr_share"] == 0.531
    assert metrics["privacy.tpr_at_fpr_0.01"] < metrics["privacy.tpr_at_fpr_0.1"]
    assert all(isinstance(value, float) for value in metrics.values())
    few = EXAMPLES["inconclusive"]().metrics()
    assert "privacy.tpr_at_fpr_0.001" not in few


def test_rows_and_frame() -> None:
    report = EXAMPLES["partial"]()
    rows = report.rows()
    assert {row["status"] for row in rows} == {"MEASURED", "FAILED", "SKIPPED"}
    frame = report.to_frame()
    assert len(frame) == len(rows)
    assert list(frame.columns) == list(rows[0])


def test_policy() -> None:
    EXAMPLES["pass"]().raise_for_policy()
    for name in ("fail", "inconclusive", "invalid"):
        with pytest.raises(PolicyViolation, match=name.upper()):
            EXAMPLES[name]().raise_for_policy()
