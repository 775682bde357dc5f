"""The report as flat names and as records, for trackers, gates and data frames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from synthaudit.types import Estimate, Interval, Level, Result

if TYPE_CHECKING:
    from synthaudit.report.model import AuditReport

Pair = tuple[str, float | None]


def metrics_of(report: AuditReport) -> dict[str, float]:
    """Stable names to numbers; what could not be resolved is left out, never 0.

    ``privacy.passed`` is 1 for PASS and 0 otherwise; ``privacy.score`` runs from 0 to 100;
    ``privacy.<quantity>`` is the strongest attack's, ``privacy.attack.<id>.<estimate>`` one
    attack's and ``privacy.check.<id>.<estimate>`` one check's; ``.low`` and ``.high`` are the ends
    of the interval.
    """
    pairs = [*_overall(report), *_headline(report), *_sections(report)]
    for result in report.results:
        pairs += _of_result(result)
    return {name: float(value) for name, value in pairs if value is not None}


def rows_of(report: AuditReport) -> list[dict[str, Any]]:
    """One record per estimate; a result without estimates gets one record with its reason."""
    return [row for result in report.results for row in _rows_of_result(result)]


def _interval(name: str, interval: Interval | Estimate) -> Iterator[Pair]:
    yield f"privacy.{name}", interval.value
    yield f"privacy.{name}.low", interval.low
    yield f"privacy.{name}.high", interval.high


def _overall(report: AuditReport) -> Iterator[Pair]:
    yield "privacy.passed", float(report.level is Level.PASS)
    yield from _interval("score", report.score)
    for part in report.verdict.components:
        yield from _interval(f"component.{part.id}.score", part.score)
    yield "privacy.seconds", report.seconds.total


def _headline(report: AuditReport) -> Iterator[Pair]:
    if report.headline is None:
        return
    yield from _interval("auc", report.headline.auc)
    yield from _interval("advantage", report.headline.advantage)
    for fpr, tpr in report.headline.tpr_at_fpr.items():
        yield from _interval(f"tpr_at_fpr_{fpr}", tpr)


def _sections(report: AuditReport) -> Iterator[Pair]:
    if report.permutation is not None:
        yield "privacy.p_value", report.permutation.p_value
    if report.identified is not None:
        yield "privacy.identified.n", float(report.identified.n)
        yield from _interval("identified.share", report.identified.share)
    if report.power is not None:
        yield "privacy.power.min_advantage", report.power.min_advantage
        yield "privacy.power.min_auc", report.power.min_auc
    if report.epsilon:
        # the bound the verdict rests on: the larger of two 95 % bounds is no 95 % bound
        yield "privacy.epsilon.low", report.epsilon[0].value


def _of_result(result: Result) -> Iterator[Pair]:
    for estimate in result.estimates:
        yield from _interval(f"{result.kind}.{result.id}.{estimate.name}", estimate)


def _rows_of_result(result: Result) -> Iterator[dict[str, Any]]:
    base: dict[str, Any] = {
        "id": result.id,
        "kind": result.kind,
        "threat_model": result.threat_model.value,
        "status": result.status.value,
        "reason": result.reason,
    }
    empty = {"name": None, "value": None, "low": None, "high": None}
    if not result.estimates:
        yield {**base, **empty, "null": None, "n": None, "confidence": None}
    for estimate in result.estimates:
        yield {
            **base,
            "name": estimate.name,
            "value": estimate.value,
            "low": estimate.low,
            "high": estimate.high,
            "null": estimate.null,
            "n": estimate.n,
            "confidence": estimate.confidence,
        }
