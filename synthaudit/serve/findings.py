"""The doctor's findings, as the page shows them: plain values that fit into one line of JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from synthaudit.examine import Examination
from synthaudit.policy import PRESETS, Policy
from synthaudit.report.inert import inert, name

MOST_COLUMNS = 400
"""Columns listed on the page; an audit takes all of them."""


@dataclass(frozen=True)
class TableSeen:
    """One of the three tables as it was read."""

    role: str
    file: str
    n_rows: int
    n_columns: int
    format: str


@dataclass(frozen=True)
class ColumnSeen:
    """One column as it was understood."""

    name: str
    kind: str
    n_distinct: int
    n_missing: int
    reason: str


@dataclass(frozen=True)
class Choice:
    """One policy, and whether tables of these sizes could meet it at all."""

    name: str
    description: str
    limit: float
    reachable: bool


@dataclass(frozen=True)
class Findings:
    """Everything the page says before an audit is started.

    Attributes
    ----------
    stops : sentences; with any of these no membership number could be trusted
    doubts, remarks : sentences; what is doubtful, and what was done on the way
    advantage : smallest membership advantage these sizes can show, None when they show none
    """

    tables: tuple[TableSeen, ...]
    columns: tuple[ColumnSeen, ...]
    n_columns: int
    stops: tuple[str, ...]
    doubts: tuple[str, ...]
    remarks: tuple[str, ...]
    advantage: float | None
    policies: tuple[Choice, ...]

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def findings(examination: Examination) -> Findings:
    """What the examination found, in the order in which the page tells it."""
    said: dict[str, list[str]] = {"invalid": [], "warn": [], "info": []}
    for notice in examination.notices:
        said[notice.severity].append(inert(notice.message))
    said["warn"] += [f"Not checked: {inert(sentence)}" for sentence in examination.unfinished]
    tables, columns = examination.tables, examination.tables.schema.columns
    return Findings(
        tuple(
            TableSeen(role, name(t.source), t.n_rows, t.n_columns, t.format)
            for role, t in tables.inputs.items()
        ),
        tuple(
            ColumnSeen(name(c.name), str(c.kind), c.n_distinct, c.n_missing, inert(c.reason))
            for c in columns[:MOST_COLUMNS]
        ),
        len(columns),
        tuple(said["invalid"]),
        tuple(said["warn"]),
        tuple(said["info"]),
        examination.power.advantage,
        _choices(examination.power.advantage),
    )


def _choices(advantage: float | None) -> tuple[Choice, ...]:
    policies = [Policy.load(preset) for preset in PRESETS]
    return tuple(
        Choice(
            policy.name,
            policy.description,
            policy.advantage.value,
            advantage is not None and advantage <= policy.detectable_advantage.value,
        )
        for policy in policies
    )
