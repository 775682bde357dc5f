"""MLflow, on a real local store."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from synthaudit.corridor import AuditRun
from synthaudit.errors import UsageError
from synthaudit.integrations.mlflow import log_report
from synthaudit.report.model import AuditReport


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """An SQLite store and a folder of artifacts."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    mlflow = pytest.importorskip("mlflow")
    folder = tmp_path_factory.mktemp("mlflow")
    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    experiment = mlflow.create_experiment("audits", artifact_location=(folder / "a").as_uri())
    mlflow.set_experiment(experiment_id=experiment)
    yield mlflow
    mlflow.set_tracking_uri(None)


def read(mlflow: Any, run_id: str) -> Any:
    return mlflow.MlflowClient().get_run(run_id)


@pytest.mark.slow
def test_a_report_comes_back_whole(store: Any, finished: dict[str, AuditRun]) -> None:
    report = finished["leaky"].report
    run_id = log_report(report)
    assert store.active_run() is None
    run = read(store, run_id)
    assert run.data.metrics == pytest.approx(report.metrics())
    assert run.info.status == "FINISHED"
    assert run.data.tags["synthaudit.verdict"] == "FAIL"
    assert run.data.tags["synthaudit.train.sha256"] == report.inputs.train.sha256
    assert run.data.params["synthaudit.seed"] == "0"
    path = store.artifacts.download_artifacts(run_id=run_id, artifact_path="synthaudit/report.json")
    assert AuditReport.from_json(Path(path).read_text("utf-8")) == report
    page = store.artifacts.download_artifacts(run_id=run_id, artifact_path="synthaudit/report.html")
    assert Path(page).read_text("utf-8") == report.to_html()


@pytest.mark.slow
def test_the_active_run_and_a_named_run_are_used(store: Any, finished: dict[str, AuditRun]) -> None:
    report = finished["null"].report
    with store.start_run() as active:
        assert log_report(report) == active.info.run_id
        assert store.active_run() is not None
    assert read(store, active.info.run_id).data.tags["synthaudit.verdict"] == "INCONCLUSIVE"
    assert log_report(report, run_id=active.info.run_id) == active.info.run_id


def test_without_mlflow_one_sentence_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, finished: dict[str, AuditRun]
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(UsageError, match="mlflow"):
        log_report(finished["null"].report)
