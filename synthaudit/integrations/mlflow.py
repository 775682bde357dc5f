"""MLflow: a finished audit in a run, as metrics, parameters, tags and artifacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from synthaudit.errors import UsageError

if TYPE_CHECKING:
    from synthaudit.report.model import AuditReport

ARTIFACTS = "synthaudit"


def log_report(report: AuditReport, run_id: str | None = None) -> str:
    """Log a report to an MLflow run.

    Metrics are the flat names of ``report.metrics()`` (``privacy.advantage``, ...); parameters are
    the settings, prefixed ``synthaudit.``; tags carry the verdict, the policy and the digests of
    the tables; ``report.html`` and ``report.json`` become artifacts under ``synthaudit/``. No cell
    of any table leaves: the report holds none.

    Parameters
    ----------
    report : AuditReport
    run_id : str, optional
        A run to log to. None: the active run, or a new one that is ended again.

    Returns
    -------
    str
        The id of the run.

    Raises
    ------
    UsageError
        When MLflow is not installed.
    """
    try:
        import mlflow
    except ImportError as error:
        raise UsageError(
            "log_report needs the package mlflow, which is not installed; install "
            "'synthaudit-privacy[mlflow]' or mlflow itself."
        ) from error
    active = mlflow.active_run()
    opened = active is None and run_id is None
    if opened:
        active = mlflow.start_run()
    target: str = run_id if run_id is not None else active.info.run_id
    try:
        _log(mlflow.MlflowClient(), target, report)
    finally:
        if opened:
            mlflow.end_run()
    return target


def _log(client: Any, run_id: str, report: AuditReport) -> None:
    for name, value in report.metrics().items():
        client.log_metric(run_id, name, value)
    config = report.model_dump(mode="json")["config"]
    for name, value in sorted(config.items()):
        if name not in ("jobs", "plugin_settings"):
            client.log_param(run_id, f"synthaudit.{name}", value)
    tags = {"verdict": str(report.level), "policy": report.verdict.policy}
    tags |= {f"{role}.{report.inputs.digest}": t.sha256 for role, t in report.inputs.tables()}
    tags["version"] = report.tool.version
    for name, text in tags.items():
        client.set_tag(run_id, f"synthaudit.{name}", text)
    client.log_text(run_id, report.to_html(), f"{ARTIFACTS}/report.html")
    client.log_text(run_id, report.to_json(), f"{ARTIFACTS}/report.json")
