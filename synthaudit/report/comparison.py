"""Several audits side by side: the object behind ``synthaudit compare``, and its JSON.

Like a report it holds finished numbers only, and is rendered without the data.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator

from synthaudit.report.model import layout
from synthaudit.report.plain import plain
from synthaudit.report.sections import Count, Rate, Section, Tool
from synthaudit.types import Interval, Level, ThreatModel

Quantity = Literal["advantage", "auc", "tpr_at_fpr_0.01"]
QUANTITIES: tuple[Quantity, ...] = ("advantage", "auc", "tpr_at_fpr_0.01")
"""What is compared, the headline's own names; the first is the one sentences are made from."""


class Compared(Section):
    """One audit in the comparison."""

    number: int = Field(ge=1)
    """Position in the order given, from 1; the figures use it."""
    label: str
    """Name of the directory (or file) the report was read from."""
    source: str
    """The synthetic file's name."""
    sha256: str
    """Its digest."""
    created: str
    level: Level
    policy: str
    score: Interval
    attack: str | None = None
    """Title of the strongest attack; None when nothing could be measured."""
    threat_model: ThreatModel | None = None
    """What the attacker behind the headline holds."""
    auc: Interval = Interval(None, None, None)
    advantage: Interval = Interval(None, None, None)
    tpr_at_fpr_0_01: Interval = Field(alias="tpr_at_fpr_0.01", default=Interval(None, None, None))
    identified: Interval = Interval(None, None, None)
    """Share of members that can be singled out."""
    n_members: Count
    n_nonmembers: Count
    fidelity: Interval = Interval(None, None, None)
    """Fit of pairs of columns to the training table: 1 is perfect."""
    fidelity_of_holdout: Rate | None = None
    """The same of the holdout, which is real data: the most that can be asked for."""

    def quantity(self, name: str) -> Interval:
        """The headline's number of that name."""
        found: Interval = getattr(self, name.replace(".", "_"))
        return found

    @property
    def is_measured(self) -> bool:
        """Whether it has numbers that may be compared."""
        return self.level is not Level.INVALID and self.advantage.value is not None


class Difference(Section):
    """One quantity of the first table less the same of the second."""

    quantity: Quantity
    value: float
    low: float
    high: float
    told_apart: bool
    """Whether the interval leaves zero out."""


class Pair(Section):
    """Two tables against one another."""

    first: int
    """``number`` of the first table."""
    second: int
    paired: bool
    """Whether the same candidates were attacked and their scores were at hand."""
    why: str = ""
    """Not paired: what was missing."""
    differences: tuple[Difference, ...]

    def difference(self, quantity: str) -> Difference | None:
        """The difference of that name, or None when a table lacks it."""
        return next((d for d in self.differences if d.quantity == quantity), None)

    @property
    def told_apart(self) -> tuple[Difference, ...]:
        """The differences that are shown."""
        return tuple(d for d in self.differences if d.told_apart)


class Comparison(Section):
    """Several audits side by side.

    It cannot show that a table may be released: the least exposed of several may still leak.
    """

    model_config = ConfigDict(title="synthaudit comparison")

    schema_version: Literal["1.0"] = "1.0"
    tool: Tool
    created: str
    """UTC time, ISO 8601 to the second."""
    tables: tuple[Compared, ...] = Field(min_length=2)
    pairs: tuple[Pair, ...] = ()
    confidence: Rate = 0.95
    """Of all differences together: every single one is wider by Bonferroni's rule."""
    cautions: tuple[str, ...] = ()
    """What makes the audits less than alike, a sentence each."""

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, data: Any) -> Any:
        return plain(data)

    def table(self, number: int) -> Compared:
        """The table of that number."""
        return self.tables[number - 1]

    @property
    def measured(self) -> tuple[Compared, ...]:
        """The tables whose numbers may be compared."""
        return tuple(table for table in self.tables if table.is_measured)

    @property
    def has_trend(self) -> bool:
        """Audits of different days under one policy: a line over time means something."""
        found = [table for table in self.measured if table.score.value is not None]
        days, policies = {t.created[:10] for t in found}, {t.policy for t in found}
        return len(days) > 1 and len(policies) == 1

    def to_json(self) -> str:
        """As JSON: keys sorted, pure ASCII, the same text for the same comparison."""
        return layout(self.model_dump(mode="json")) + "\n"

    def to_text(self, width: int = 88) -> str:
        """For a terminal, as plain text."""
        from synthaudit.report.comparison_text import render_text

        return render_text(self, width=width)

    def to_html(self) -> str:
        """One self-contained page."""
        from synthaudit.report.comparison_html import render_html

        return render_html(self)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a comparison, as committed under ``docs/comparison-schema.json``."""
    schema = Comparison.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
