"""Where each check is told: as a cause, a condition of every number, or another tool's figure.

The only place where the report knows ids of checks. One it does not know is told as a cause, which
is where a reader looks for what an auditor counted.
"""

from __future__ import annotations

from dataclasses import dataclass

from synthaudit.report.attackers import TITLES
from synthaudit.report.model import AuditReport
from synthaudit.report.sections import ColumnExposure, Stratum
from synthaudit.types import Result, Status, ThreatModel

CONDITIONS = {"blind_classifier", "holdout_overlap", "sizes", "swapped_files"}
"""Whether train and holdout are fit for an audit at all."""
CONTEXT = {"utility", "sizes"}
"""What kind of table this is, and nothing about leaks: never judged."""
OTHER_TOOLS = "vendor_"
"""Prefix of checks that recompute the figures of other tools."""


def strongest_first(results: tuple[Result, ...]) -> tuple[Result, ...]:
    """Measured results by falling AUC, then those without a result."""

    def key(result: Result) -> tuple[bool, float, str]:
        auc = result.estimate("auc")
        value = auc.value if auc is not None and auc.value is not None else -1.0
        return (result.status is not Status.MEASURED, -value, result.id)

    return tuple(sorted(results, key=key))


def by_attacker(report: AuditReport) -> list[tuple[str, tuple[Result, ...]]]:
    """Attacks by what the attacker holds, the most knowing last; strongest first within."""
    found = []
    for model in (ThreatModel.OUTSIDER, ThreatModel.STAND_IN, ThreatModel.INSIDER):
        mine = tuple(r for r in report.attacks if r.threat_model is model)
        if mine:
            found.append((TITLES[model], strongest_first(mine)))
    return found


MOST_GROUPS = 40
"""Groups of one kind on the page; the most exposed are shown."""
MOST_COLUMNS = 30
"""Columns whose exposure is drawn; the most telling are shown."""
MOST_DESCRIBED = 300
"""Columns described in the annex."""


@dataclass(frozen=True)
class Kind:
    """The groups of one kind: those shown, and how many are not and why."""

    basis: str
    shown: tuple[Stratum, ...]
    n_small: int
    """Too small to be shown."""
    n_more: int
    """Less exposed than those shown."""


def by_basis(report: AuditReport) -> list[Kind]:
    """Groups of members by what they were made by, isolation first."""
    bases = dict.fromkeys(stratum.basis for stratum in report.strata)
    ordered = sorted(bases, key=lambda basis: basis != "isolation")
    return [_kind(basis, [s for s in report.strata if s.basis == basis]) for basis in ordered]


def _kind(basis: str, strata: list[Stratum]) -> Kind:
    large = [s for s in strata if not s.suppressed]
    exposed = sorted(large, key=lambda s: -(s.tpr.value or 0.0))[:MOST_GROUPS]
    shown = tuple(s for s in large if s in exposed)
    return Kind(basis, shown, len(strata) - len(large), len(large) - len(shown))


def most_telling(report: AuditReport) -> tuple[ColumnExposure, ...]:
    """The columns that give the most away, up to ``MOST_COLUMNS``."""

    def telling(column: ColumnExposure) -> float:
        return -(column.alone.value or 0.0) if column.alone else 0.0

    return tuple(sorted(report.columns, key=telling)[:MOST_COLUMNS])


def conditions(report: AuditReport) -> tuple[Result, ...]:
    """Checks on the inputs themselves, without those ``validity`` tells already."""
    told = {test.id.replace("-", "_") for test in report.validity}
    return tuple(r for r in report.checks if r.id in CONDITIONS and r.id not in told)


def other_tools(report: AuditReport) -> tuple[Result, ...]:
    """Figures of other tools, recomputed."""
    return tuple(r for r in report.checks if r.id.startswith(OTHER_TOOLS))


def causes(report: AuditReport) -> tuple[Result, ...]:
    """Everything else: what may explain a leak."""
    return tuple(
        r for r in report.checks if r.id not in CONDITIONS and not r.id.startswith(OTHER_TOOLS)
    )
