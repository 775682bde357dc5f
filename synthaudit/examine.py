"""``synthaudit doctor``: the inputs only, before any attack is run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthaudit.counted import plural
from synthaudit.data import Tables, draw_challenge, load_tables
from synthaudit.parallel import Context, available_cores
from synthaudit.plugins import Outcome, run_check
from synthaudit.policy import Policy
from synthaudit.registry import discover_attacks, discover_checks
from synthaudit.request import AuditRequest
from synthaudit.seeds import Streams
from synthaudit.stats import Power, power_of
from synthaudit.types import Finding, Notice, Status
from synthaudit.wide import width_notices

VALIDITY_CHECKS = ("sizes", "holdout_overlap", "blind_classifier", "swapped_files")
"""Checks that judge the inputs, not the generator."""


@dataclass(frozen=True)
class Examination:
    """What was read and inferred, what was done on the way, and what stands in the way."""

    tables: Tables
    notices: tuple[Notice, ...]
    power: Power
    limit: float
    """Smallest advantage the default policy asks an audit to be able to see."""
    unfinished: tuple[str, ...] = ()
    """Validity checks that could not be made, with the reason."""

    @property
    def in_the_way(self) -> tuple[str, ...]:
        """Sentences saying why an audit of these tables could not come to a conclusion."""
        found = [notice.message for notice in self.notices if notice.severity == "invalid"]
        smallest = self.power.advantage
        if smallest is None or smallest > self.limit:
            seen = "no leak at all" if smallest is None else f"no advantage below {smallest:.2f}"
            found.append(
                f"These sizes can show {seen} (80 % power), and the default policy asks for "
                f"{self.limit:.2f}: a PASS is out of reach, though a large leak would be seen."
            )
        return tuple(found)

    def to_text(self) -> str:
        """For a terminal."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield "Tables"
        for name, table in self.tables.inputs.items():
            yield (
                f"  {name:<10} {table.source}: {plural(table.n_rows, 'row')}, "
                f"{plural(table.n_columns, 'column')} ({table.format}), sha256 {table.sha256[:12]}"
            )
        yield "\nColumns (kind, distinct and missing values in the real tables, why)"
        width = max(len(_shown(column.name)) for column in self.tables.schema.columns)
        for column in self.tables.schema.columns:
            yield (
                f"  {_shown(column.name):<{width}}  {column.kind:<10} {column.n_distinct:>7,} "
                f"{column.n_missing:>7,}  {column.reason}"
            )
        yield "\nWhat was done, and what is doubtful"
        yield from (f"  [{n.severity}] {n.message}" for n in self.notices)
        if not self.notices:
            yield "  nothing"
        yield from (f"  [not checked] {sentence}" for sentence in self.unfinished)
        yield "\nWhat these sizes can show (80 % power, 5 % level)"
        if self.power.advantage is not None and self.power.auc is not None:
            yield f"  an advantage of {self.power.advantage:.3f}, an AUC of {self.power.auc:.3f}"
        for fpr, tpr in self.power.tpr_at_fpr.items():
            shown = "not resolvable" if tpr is None else f"{tpr:.4f}"
            yield f"  true positive rate at a false positive rate of {fpr}: {shown}"
        yield "\nIn the way of a conclusion"
        yield from (f"  {sentence}" for sentence in self.in_the_way or ("nothing",))


def _shown(name: str) -> str:
    """A column name on one line and of bearable length, control characters made visible."""
    clean = "".join(c if c.isprintable() else "?" for c in name)
    return clean if len(clean) <= 40 else clean[:39] + "…"


def examine(
    train: Any,
    holdout: Any,
    synthetic: Any,
    *,
    schema: Path | None = None,
    group_key: str | None = None,
    seed: int = 0,
) -> Examination:
    """Read, infer, align, and judge whether the holdout is fit for the purpose."""
    tables = load_tables(train, holdout, synthetic, schema=schema, group_key=group_key)
    streams = Streams(seed)
    challenge = draw_challenge(tables, streams, jobs=available_cores())
    context = Context(streams, available_cores())
    outcomes: list[Outcome[Finding]] = [
        run_check(check, challenge.auditor, context)
        for check in discover_checks()
        if check.card.id in VALIDITY_CHECKS
    ]
    found = tuple(n for outcome in outcomes if outcome.answer for n in outcome.answer.notices)
    bounded = width_notices(tables.schema, discover_attacks(), AuditRequest().shadows)
    return Examination(
        tables,
        tables.notices + bounded + found,
        power_of(*challenge.n_persons),
        Policy.load("default").detectable_advantage.value,
        tuple(
            f"{outcome.card.title}: {outcome.reason}"
            for outcome in outcomes
            if outcome.status is not Status.MEASURED
        ),
    )
