"""Where each check is told: as a cause, a condition of every number, or another tool's figure.

The only place where the report knows ids of checks. One it does not know is told as a cause, which
is where a reader looks for what an auditor counted.
"""

from __future__ import annotations

from synthaudit.report.model import AuditReport
from synthaudit.types import Result

CONDITIONS = {"blind_classifier", "holdout_overlap", "sizes", "swapped_files"}
"""Whether train and holdout are fit for an audit at all."""
CONTEXT = {"utility", "sizes"}
"""What kind of table this is, and nothing about leaks: never judged."""
OTHER_TOOLS = "vendor_"
"""Prefix of checks that recompute the figures of other tools."""


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
