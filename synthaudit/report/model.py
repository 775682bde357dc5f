"""The versioned result object: everything a renderer may know, and its JSON.

History of ``schema_version``: 1.0 first; 1.1 adds optional keys. A minor bump adds keys, a major
one changes or removes them; readers refuse a version they do not know.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ConfigDict, Field, ValidationError, model_validator

from synthaudit.errors import InputError, PolicyViolation
from synthaudit.report.grounds import Attempts, Grounds, PolicyUsed
from synthaudit.report.plain import plain
from synthaudit.report.sections import (
    ColumnExposure,
    Coverage,
    EpsilonBound,
    GeneratorUse,
    Headline,
    Identified,
    Inputs,
    Permutation,
    PlantedLeak,
    Power,
    Section,
    Stratum,
    ThreatModelEntry,
    Timing,
    Tool,
    Validity,
)
from synthaudit.types import (
    AuditConfig,
    Interval,
    Level,
    Notice,
    Result,
    Verdict,
)

if TYPE_CHECKING:
    import pandas as pd

    from synthaudit.report.gallery import Figure

SCHEMA_VERSION = "1.1"
READABLE = ("1.0", "1.1")


class AuditReport(Section):
    """One finished audit.

    Built from the corridor's own dataclasses (``AuditReport(verdict=Verdict(...), ...)``): numpy
    scalars, tuples, enums and ``types.Headline`` are accepted as they are. Every number is rounded
    to 12 significant digits and NaN becomes None on the way in, so that
    ``AuditReport.from_json(report.to_json()) == report`` always holds.

    It holds no cell of any table. It cannot show more than the attacks that were run: an attacker
    with another idea may do better, which is why every rendering names what was not tested.
    """

    model_config = ConfigDict(title="synthaudit report")

    schema_version: Literal["1.0", "1.1"] = "1.1"
    tool: Tool
    created: str
    """UTC time the audit ended, ISO 8601 to the second."""
    verdict: Verdict
    headline: Headline | None = None
    """None when no attack could be measured."""
    results: tuple[Result, ...]
    """Every plug-in, measured or not, in the order they ran."""
    warnings: tuple[Notice, ...] = ()
    """Everything coerced, dropped, set aside or doubtful."""
    inputs: Inputs
    coverage: Coverage
    config: AuditConfig
    seed: int
    versions: dict[str, str] = Field(default_factory=dict)
    """Python and the libraries a number can depend on."""
    seconds: Timing
    command: str = ""
    """The exact command line (or call) that repeats the audit."""
    strata: tuple[Stratum, ...] = ()
    identified: Identified | None = None
    power: Power | None = None
    threat_models: tuple[ThreatModelEntry, ...] = ()
    generator: GeneratorUse | None = None
    permutation: Permutation | None = None
    epsilon: tuple[EpsilonBound, ...] = ()
    validity: tuple[Validity, ...] = ()
    yardstick: tuple[PlantedLeak, ...] = ()
    columns: tuple[ColumnExposure, ...] = ()
    policy: PolicyUsed | None = None
    """The policy as it was applied."""
    grounds: Grounds | None = None
    """What the verdict rests on: enough to judge the report again under another policy."""
    attempts: Attempts | None = None
    """Earlier audits of the same training data; None when no log was kept."""

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, data: Any) -> Any:
        return plain(data)

    @property
    def score(self) -> Interval:
        """0 (everything leaks) to 100 (what chance would give); 50 is the policy's limit."""
        return self.verdict.score

    @property
    def level(self) -> Level:
        """PASS, FAIL, INCONCLUSIVE or INVALID."""
        return self.verdict.level

    @property
    def attacks(self) -> tuple[Result, ...]:
        """Results of attacks."""
        return tuple(result for result in self.results if result.kind == "attack")

    @property
    def checks(self) -> tuple[Result, ...]:
        """Results of checks."""
        return tuple(result for result in self.results if result.kind == "check")

    def result(self, id_: str) -> Result | None:
        """The result of that id, or None."""
        return next((result for result in self.results if result.id == id_), None)

    def to_json(self) -> str:
        """The report as JSON: keys sorted, pure ASCII, the same text for the same report."""
        return layout(self.model_dump(mode="json")) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> AuditReport:
        """Read a report back; nothing but the text is needed, and nothing in it is executed.

        Raises
        ------
        InputError
            When the text is not JSON, of another major version, or not a report.
        """
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InputError(
                "The report file is not readable as JSON: give the report.json of an audit."
            ) from error
        found = data.get("schema_version") if isinstance(data, dict) else None
        if found not in READABLE:
            shown = repr(found)[:20] if found is not None else "none"
            raise InputError(
                f"The report has schema version {shown}, this version reads "
                f"{' and '.join(READABLE)}: "
                "render it with the version of synthaudit that wrote it."
            )
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(str(part)[:40] for part in first["loc"])
            raise InputError(
                f"The report file is damaged: {error.error_count()} fields do not fit "
                f"(first: {place}: {first['msg'].lower()}); write it again by repeating the audit."
            ) from error

    def metrics(self) -> dict[str, float]:
        """Flat, stable names to numbers, for experiment trackers and gates."""
        from synthaudit.report.metrics import metrics_of

        return metrics_of(self)

    def rows(self) -> list[dict[str, Any]]:
        """One record per estimate of every result, for data frames."""
        from synthaudit.report.metrics import rows_of

        return rows_of(self)

    def to_frame(self) -> pd.DataFrame:
        """``rows()`` as a data frame."""
        import pyarrow as pa

        frame: pd.DataFrame = pa.Table.from_pylist(self.rows()).to_pandas()
        return frame

    def raise_for_policy(self) -> None:
        """Do nothing when the verdict is PASS.

        Raises
        ------
        PolicyViolation
            Otherwise, with the verdict in a sentence.
        """
        if self.level is not Level.PASS:
            from synthaudit.report.words import verdict_line

            raise PolicyViolation(verdict_line(self))

    def to_text(self, width: int = 88) -> str:
        """The verdict for a terminal, as plain text."""
        from synthaudit.report.text import render_text

        return render_text(self, width=width)

    def to_markdown(self, path: str | Path | None = None) -> str:
        """The report as Markdown; also written to ``path`` when one is given."""
        from synthaudit.report.markdown import render_markdown

        return _written(render_markdown(self), path)

    def to_html(self, path: str | Path | None = None) -> str:
        """The report as one self-contained page; also written to ``path`` when one is given."""
        from synthaudit.report.html import render_html

        return _written(render_html(self), path)

    def figures(self) -> dict[str, Figure]:
        """The figures by name, each an object that shows itself in a notebook.

        ``score``, ``roc``, ``attacks``, ``groups``, ``distances.1``, ...; ``figure.svg`` is the
        drawing as a document of its own, ``figure.save(path)`` writes it.
        """
        from synthaudit.report.gallery import gallery

        return gallery(self)

    def _repr_html_(self) -> str:
        from synthaudit.report.html import render_card

        return render_card(self)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        from synthaudit.report.words import verdict_line

        return f"<AuditReport {verdict_line(self)}>"


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a report file, as committed under ``docs/report-schema.json``."""
    schema = AuditReport.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _written(text: str, path: str | Path | None) -> str:
    if path is not None:
        Path(path).write_text(text, encoding="utf-8", newline="\n")
    return text


def layout(value: Any, indent: str = "") -> str:
    """JSON indented by two, keys sorted, lists of numbers on one line (curves stay readable)."""
    inner = indent + "  "
    if isinstance(value, dict) and value:
        parts = (f"{json.dumps(key)}: {layout(value[key], inner)}" for key in sorted(value))
        return "{\n" + ",\n".join(inner + part for part in parts) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        return "[\n" + ",\n".join(inner + layout(item, inner) for item in value) + f"\n{indent}]"
    return json.dumps(value, allow_nan=False)
