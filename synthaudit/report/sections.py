"""The parts of a report: small frozen models, each a section somebody else fills in.

Every optional section defaults to "not there", and a renderer then says "not tested" or stays
silent; an absent section is never a good result. Values travel as ``types.Interval`` or
``types.Estimate``; None inside one means "could not be resolved with these sizes", never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from synthaudit.types import Estimate, Interval, Schema, ThreatModel

Rate = Annotated[float, Field(ge=0.0, le=1.0)]
Count = Annotated[int, Field(ge=0)]


class Section(BaseModel):
    """Base of every part: frozen, unknown keys refused, JSON keys are the aliases."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        serialize_by_alias=True,
        use_attribute_docstrings=True,  # the words here become the JSON Schema's descriptions
    )


class Tool(Section):
    """What wrote the report."""

    name: str = "synthaudit"
    version: str
    commit: str | None = None
    """Revision of a checkout, when known."""


class TableInput(Section):
    """One input table, identified without showing any of it."""

    source: str
    """File name (without its folder) or how the table was handed over, e.g. ``pandas frame``."""
    format: str
    """``csv``, ``parquet``, ``frame``, ..."""
    sha256: str
    """Digest of the file's bytes (of the canonical content when there is no file), hexadecimal."""
    sha256_content: str | None = None
    """Digest of the content that does not depend on row order or file format."""
    rows: Count
    columns: Count


class Inputs(Section):
    """The three tables and the columns they share."""

    train: TableInput
    holdout: TableInput
    synthetic: TableInput
    schema_: Schema = Field(alias="schema")
    """Columns as the audit understood them, in canonical order (JSON: ``schema.columns[]``)."""
    digest: str = "sha256"
    """``sha256``, or ``hmac-sha256`` when the digests of the tables are keyed."""

    def tables(self) -> tuple[tuple[str, TableInput], ...]:
        """The tables with their roles, in the order people name them."""
        return (("train", self.train), ("holdout", self.holdout), ("synthetic", self.synthetic))


class Step(Section):
    """Wall time of one step of the audit."""

    name: str
    seconds: Annotated[float, Field(ge=0.0)]


class Timing(Section):
    """Where the time went. The only part, with ``created`` and ``versions``, that two runs of the
    same audit may differ in."""

    total: Annotated[float, Field(ge=0.0)]
    steps: tuple[Step, ...] = ()


class Headline(Section):
    """The strongest attack: chosen on one half of the candidates, measured on the other.

    Made from a ``types.Headline`` by handing that over as it is; its ``tpr_at_fpr`` mapping
    becomes one key per false-positive rate.
    """

    attack: str
    """Id of the attack."""
    title: str
    threat_model: ThreatModel
    auc: Interval
    advantage: Interval
    tpr_at_fpr_0_1: Interval = Field(alias="tpr_at_fpr_0.1", default=Interval(None, None, None))
    tpr_at_fpr_0_01: Interval = Field(alias="tpr_at_fpr_0.01", default=Interval(None, None, None))
    tpr_at_fpr_0_001: Interval = Field(alias="tpr_at_fpr_0.001", default=Interval(None, None, None))
    chosen_by_half: tuple[str, ...] = ()
    """Ids of the attacks each half of the candidates chose."""
    p_value: Rate | None = None
    """Permutation p-value over the whole suite (maximum statistic)."""

    @model_validator(mode="before")
    @classmethod
    def _flatten(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and "tpr_at_fpr" in data:
            flat = {key: value for key, value in data.items() if key != "tpr_at_fpr"}
            flat |= {f"tpr_at_fpr_{fpr}": value for fpr, value in data["tpr_at_fpr"].items()}
            return flat
        return data

    @property
    def chosen(self) -> tuple[str, ...]:
        """Ids of the attacks behind the numbers: one, or two when the halves chose differently."""
        return tuple(dict.fromkeys((*self.chosen_by_half, self.attack)))

    @property
    def tpr_at_fpr(self) -> dict[str, Interval]:
        """True-positive rates by false-positive rate as text, the largest rate first."""
        return {
            "0.1": self.tpr_at_fpr_0_1,
            "0.01": self.tpr_at_fpr_0_01,
            "0.001": self.tpr_at_fpr_0_001,
        }


class Stratum(Section):
    """How exposed one group of members is, at thresholds set on all non-members together."""

    label: str
    """Words for the group, e.g. ``most isolated 5%``. Never a cell value."""
    basis: str = "isolation"
    """What the groups were made by: ``isolation``, or the name of a column."""
    n_members: Count
    n_nonmembers: Count
    auc: Interval
    """Members of the group against non-members of the group."""
    tpr: Interval
    """Share of the group's members named at the *global* false-positive rate ``fpr``."""
    fpr: Rate = 0.01
    suppressed: bool = False
    """True when the group is too small to be shown; its numbers are then left out."""


class TopRecords(Section):
    """Of the ``r`` candidates the attack is surest of, how many are members."""

    r: Count
    n_members: Count
    precision: Interval
    """With its exact lower bound."""
    prevalence: Rate = 0.5
    """Share of members among those attacked that the precision assumes."""


class Identified(Section):
    """Members that can be singled out with a bounded share of false identifications."""

    n: Count
    of: Count
    """Members attacked."""
    share: Interval
    false_share: Rate = 0.05
    """Bound on the share of false identifications among them (Benjamini-Hochberg level)."""
    attack: str = ""
    """Id of the attack that names them."""
    top: tuple[TopRecords, ...] = ()
    prevalence: Rate | None = None
    """Share of members among the people an attacker would look at, when one was given."""
    n_at_prevalence: Count | None = None
    """How many of the members attacked are singled out at ``false_share`` there."""
    share_at_prevalence: Interval | None = None


class Power(Section):
    """The smallest leak these sizes could have shown. A pass without power is not a pass."""

    n_members: Count
    n_nonmembers: Count
    min_advantage: float | None = None
    min_auc: float | None = None
    min_tpr: float | None = None
    """Smallest true-positive rate at ``fpr`` that would have been told from chance."""
    fpr: Rate | None = 0.01
    """False-positive rate ``min_tpr`` belongs to: the smallest these sizes support."""
    power: Rate = 0.8
    level: Rate = 0.05


class ThreatModelEntry(Section):
    """One adversary: attempted or not, and why."""

    id: str
    """``outsider``, ``stand-in``, ``insider`` or another."""
    title: str
    attempted: bool
    why: str
    """Attempted: by what. Not attempted: what was missing."""
    attack: str | None = None
    """Id of its strongest attack, when attempted."""
    auc: Interval | None = None
    """Of that attack."""
    advantage: Interval | None = None


class Coverage(Section):
    """Who was attacked: an audit says nothing about people it did not attack."""

    n_members: Count
    """Rows of the training table."""
    n_members_attacked: Count
    n_nonmembers: Count
    """Rows of the holdout."""
    n_nonmembers_attacked: Count
    note: str = ""
    """How candidates were chosen when not everybody was attacked."""


class Alternative(Section):
    """A stand-in generator that was considered."""

    name: str
    distance: float
    """Fingerprint distance to the synthetic table; smaller is more alike."""


class GeneratorUse(Section):
    """The generator lent to shadow attacks."""

    name: str
    """As on the command line, e.g. ``cart:min_leaf=20``."""
    how: str
    """``named`` by the user or ``stand-in`` chosen by measurement."""
    why: str = ""
    """One sentence on the choice."""
    closeness: Rate | None = None
    """Likeness of its output to the synthetic table, 1 = cannot be told apart; None when named."""
    shadows: Count = 0
    considered: tuple[Alternative, ...] = ()


class Permutation(Section):
    """The exact test over the whole suite of attacks."""

    n: Count
    """Permutations drawn."""
    p_value: Rate
    """Global p-value, corrected for every attack and metric looked at."""
    n_attacks: Count = 0
    """Attacks under the maximum."""
    level: Rate = 0.05


class EpsilonBound(Section):
    """A lower bound on the privacy loss that was observed."""

    value: float
    """Epsilon is at least this, at ``confidence``."""
    confidence: Rate = 0.95
    delta: Rate = 0.0
    method: str = ""
    claimed: float | None = None
    """The epsilon somebody claims, when it was given."""


class Validity(Section):
    """One reason to trust, or not to trust, every number in the report."""

    id: str
    """Stable: ``placebo``, ``blind-classifier``, ``overlap``, ``swapped``, ..."""
    title: str
    passed: bool | None
    """None: not tested."""
    estimate: Estimate | None = None
    meaning: str = ""
    """One sentence for people."""
    columns: tuple[str, ...] = ()
    """Columns concerned, worst first."""


class PlantedLeak(Section):
    """A known leak planted in this very table: the yardstick of this audit."""

    label: str
    """E.g. ``1% of training rows copied``."""
    share: Rate
    """Share of members planted."""
    seen: bool | None
    """Whether the audit saw it; None when it could not be tried."""
    advantage: Interval | None = None


class ColumnExposure(Section):
    """How much one column gives away."""

    column: str
    alone: Interval | None = None
    """AUC of an attack that sees this column only."""
    without: Interval | None = None
    """AUC of an attack that sees every column but this one."""
    reused: Interval | None = None
    """Excess of members over non-members whose rare value in this column occurs in the synthetic
    table, as a share."""
    note: str = ""
