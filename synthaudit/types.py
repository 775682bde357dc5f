"""The nouns of the project: frozen dataclasses and Protocols, numpy and standard library only.

Two rules shape this file. A value never travels without its interval, its n and the value it would
have if nothing leaked (:class:`Estimate`). And an attack never sees a label: it is handed an
``AdversaryView`` (``synthaudit.data.views``), which has none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

    from synthaudit.data.views import AdversaryView, AuditorView
    from synthaudit.parallel import Context

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Codes = NDArray[np.int32]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class ColumnKind(StrEnum):
    """What a column is to the audit. Only the first four take part in distances."""

    NUMERIC = "numeric"
    DATETIME = "datetime"
    CATEGORY = "category"
    BOOLEAN = "boolean"
    IDENTIFIER = "identifier"
    """Near-unique keys: kept out of distances, tested on their own for replay."""
    TEXT = "text"
    """Near-unique free text: as identifiers."""
    CONSTANT = "constant"
    """One value (or none) in the real tables: carries nothing, set aside."""


class Status(StrEnum):
    """What became of a plug-in. Skipped and failed are results with reasons, never missing rows."""

    MEASURED = "MEASURED"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"


class Level(StrEnum):
    """The verdict's level."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"
    INVALID = "INVALID"


class ThreatModel(StrEnum):
    """What the adversary holds besides a pool of people who may be in the training table."""

    OUTSIDER = "outsider"
    """The synthetic table only."""
    STAND_IN = "stand-in"
    """+ a family of generators like the one used."""
    INSIDER = "insider"
    """+ the generator itself: its code and settings, not the fitted model."""
    AUDITOR = "auditor"
    """Checks: sees everything, labels included. Not an adversary."""


class Need(StrEnum):
    """What a plug-in must be lent before it can run."""

    GENERATOR = "generator"
    """A generator to train shadows with (named by the user or chosen as a stand-in)."""
    OUTSIDER_ATTACKS = "outsider-attacks"
    """The cheap outsider attacks, to be used as features of shadow tables."""
    SCORES = "scores"
    """The scores of the attacks that ran before (label-blind combinations)."""


@dataclass(frozen=True)
class Column:
    """One column as the audit understands it."""

    name: str
    kind: ColumnKind
    n_distinct: int
    """Distinct present values in the real tables together."""
    n_missing: int
    """Missing cells in the real tables together."""
    resolution: float | None = None
    """Numbers: the step all values are multiples of (1 for integers), if there is one.
    Datetimes: that step in seconds (86400 for dates)."""
    reason: str = ""
    """Why this kind was inferred, in a few words."""


@dataclass(frozen=True)
class Schema:
    """The columns the three tables share, in the audit's canonical order (not by name)."""

    columns: tuple[Column, ...]

    def of_kind(self, *kinds: ColumnKind) -> tuple[str, ...]:
        """Names of the columns of the given kinds."""
        return tuple(column.name for column in self.columns if column.kind in kinds)

    # asked for once a column and attack: found anew every time, quadratic in columns
    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """Columns encoded as numbers."""
        return self.of_kind(ColumnKind.NUMERIC, ColumnKind.DATETIME)

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """Columns encoded as codes."""
        return self.of_kind(ColumnKind.CATEGORY, ColumnKind.BOOLEAN)


@dataclass(frozen=True)
class Notice:
    """Something coerced, dropped, set aside or doubtful. Never carries a cell value."""

    code: str
    """Stable, kebab-case, for machines: ``coerced-to-number``, ``column-missing``, ..."""
    message: str
    """One sentence for people."""
    table: str | None = None
    """``train``, ``holdout``, ``synthetic`` or None when it concerns several."""
    column: str | None = None
    severity: str = "info"
    """``info`` (done and said), ``warn`` (doubtful), ``invalid`` (no membership number can be
    trusted: the verdict becomes INVALID)."""


@dataclass(frozen=True)
class TableInput:
    """Where one of the three tables came from, and how to tell that it is the same one again."""

    name: str
    """``train``, ``holdout`` or ``synthetic``."""
    source: str
    """The file's base name, or the type of the object given (``pandas.DataFrame``)."""
    format: str
    """``csv``, ``csv.gz``, ``parquet``, ``feather``, ``frame`` or ``arrow``."""
    sha256: str
    """Digest of the file's bytes, or of names and cells when there was no file."""
    n_rows: int
    n_columns: int
    sha256_content: str = ""
    """Digest of the content, whatever its file, row order or column order."""


@dataclass(frozen=True, eq=False)
class EncodedTable:
    """One table, ready for arithmetic. Arrays are C-contiguous and must not be written to.

    Attributes
    ----------
    ranks : (n_rows, n_numbers) float32
        Mid-rank within the pooled real rows, in [0, 1], interpolated between observed values;
        NaN where missing.
    scaled : (n_rows, n_numbers) float32
        Value divided by a robust spread of the pooled real rows (so that one unit is about one
        standard deviation); NaN where missing.
    values : (n_rows, n_numbers) float64
        The value itself (datetimes: seconds since 1970); NaN where missing.
    codes : (n_rows, n_categories) int32
        0 is missing, 1.. are levels shared by all tables, in order of falling frequency.
    """

    ranks: Floats32
    scaled: Floats32
    values: Floats
    codes: Codes

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return int(self.codes.shape[0])

    @property
    def n_columns(self) -> int:
        """Number of encoded columns."""
        return int(self.ranks.shape[1] + self.codes.shape[1])

    def take(self, rows: NDArray[Any]) -> EncodedTable:
        """The given rows (indices or mask), in that order."""
        return EncodedTable(
            np.ascontiguousarray(self.ranks[rows]),
            np.ascontiguousarray(self.scaled[rows]),
            np.ascontiguousarray(self.values[rows]),
            np.ascontiguousarray(self.codes[rows]),
        )

    def columns(self, numbers: list[int], categories: list[int]) -> EncodedTable:
        """Some of the number and of the category columns, by position."""
        return EncodedTable(
            np.ascontiguousarray(self.ranks[:, numbers]),
            np.ascontiguousarray(self.scaled[:, numbers]),
            np.ascontiguousarray(self.values[:, numbers]),
            np.ascontiguousarray(self.codes[:, categories]),
        )


@dataclass(frozen=True)
class Estimate:
    """A measured number that never travels alone.

    ``value`` is None when the quantity could not be resolved with these sizes; ``note`` says why.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    """How many observations it rests on."""
    null: float | None = None
    """What it would be if nothing leaked."""
    confidence: float = 0.95
    method: str = ""
    """How the interval was made, in a few words."""
    note: str = ""


@dataclass(frozen=True)
class Curve:
    """A curve to draw later: renderers draw, attacks and statistics do not."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    x_label: str = ""
    y_label: str = ""


@dataclass(frozen=True)
class Card:
    """The words that live with a plug-in; ``synthaudit list`` and the report print them."""

    id: str
    title: str
    question: str
    """What it asks, in a sentence a person who does not program understands."""
    how_to_read: str
    references: tuple[str, ...] = ()
    """DOI or arXiv id with authors and year; the project's own ideas say so."""
    threat_model: ThreatModel = ThreatModel.OUTSIDER
    needs: frozenset[Need] = frozenset()
    is_feature: bool = False
    """An attack cheap enough (well under a second at 4,000 candidates x 15 columns) to be run on
    every shadow table as a feature of the generator-shadow attack."""
    feature_up_to: int = 0
    """Pairs of candidate and synthetic row up to which a dearer attack is such a feature too."""
    adds_up: bool = False
    """The score is the sum, column after column, of what each column alone would give."""

    def is_feature_at(self, n_pairs: int) -> bool:
        """Whether the attack is a feature of shadows when there are so many pairs."""
        return self.is_feature or n_pairs <= self.feature_up_to


@runtime_checkable
class Attack(Protocol):
    """A label-blind scorer of candidates. Implementations are frozen dataclasses."""

    @property
    def card(self) -> Card:
        """The words that live with the plug-in (implementations: a ``ClassVar`` is fine)."""

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Score every candidate; higher means more likely a member.

        Returns
        -------
        (n_candidates,) float64, finite.

        Raises
        ------
        NotApplicable
            When these inputs give the attack nothing to work on; the result becomes SKIPPED.
        """


@runtime_checkable
class Check(Protocol):
    """Counts something an auditor who sees all labels can count."""

    @property
    def card(self) -> Card:
        """The words that live with the plug-in (implementations: a ``ClassVar`` is fine)."""

    def run(self, view: AuditorView, context: Context) -> Finding:
        """Count; raises NotApplicable as attacks do."""


@runtime_checkable
class Generator(Protocol):
    """A table and a seed in, a table out: post-processing included, it is part of what leaks."""

    @property
    def card(self) -> Card:
        """The words that live with the plug-in (implementations: a ``ClassVar`` is fine)."""

    def synthesize(self, train: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
        """Fit on ``train`` and return ``n_rows`` synthetic rows with the same columns."""


@dataclass(frozen=True)
class Finding:
    """What a check returns."""

    estimates: tuple[Estimate, ...]
    curves: tuple[Curve, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class Result:
    """One plug-in's finished result: all a renderer or the verdict ever sees of it."""

    id: str
    kind: str
    """``attack`` or ``check``."""
    title: str
    question: str
    how_to_read: str
    threat_model: ThreatModel
    status: Status
    reason: str = ""
    estimates: tuple[Estimate, ...] = ()
    curves: tuple[Curve, ...] = ()
    references: tuple[str, ...] = ()
    seconds: float = 0.0

    def estimate(self, name: str) -> Estimate | None:
        """The estimate of that name, or None."""
        return next((e for e in self.estimates if e.name == name), None)


@dataclass(frozen=True)
class Interval:
    """A value with its interval, where name and n are clear from the place it stands."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Headline:
    """The strongest attack: chosen on one half of the candidates, measured on the other."""

    attack: str
    title: str
    threat_model: ThreatModel
    auc: Interval
    advantage: Interval
    tpr_at_fpr: dict[str, Interval]
    """Keyed by the FPR as text: ``"0.1"``, ``"0.01"``, ``"0.001"``; None values: not resolvable."""
    chosen_by_half: tuple[str, ...] = ()
    p_value: float | None = None
    """Max-T permutation p-value over the whole suite."""


@dataclass(frozen=True)
class Component:
    """One component of the score. 100 = chance, 50 = exactly the policy's limit, 0 = total."""

    id: str
    title: str
    value: float | None
    low: float | None
    high: float | None
    null: float
    limit: float
    worst: float | None
    """The value at which nothing is left to leak (score 0); None when there is no largest one."""
    score: Interval
    level: Level | None
    """None: not tested (which never counts as passed)."""
    reason: str


@dataclass(frozen=True)
class Verdict:
    """Policy + results -> level, score, reasons."""

    level: Level
    score: Interval
    reasons: tuple[str, ...]
    components: tuple[Component, ...] = ()
    policy: str = "default"
    rows_to_settle: int | None = None
    """INCONCLUSIVE: about how many members and as many non-members would settle it."""


@dataclass(frozen=True)
class AuditConfig:
    """Everything that can change a number, recorded in the report."""

    seed: int = 0
    attacks: tuple[str, ...] = ("all",)
    policy: str = "default"
    max_candidates: int | None = None
    """Cap on candidates a side; None attacks the smaller table's size from both."""
    generator: str | None = None
    shadows: int = 16
    shadow_rows: int | None = None
    """Rows each shadow is trained on at most; None: half of the candidates."""
    group_key: str | None = None
    """Column of the real tables that names the person."""
    split: str = "assumed"
    """``random`` (declared so), ``not-random``, or ``assumed``: nobody said, taken for random."""
    prevalence: float | None = None
    """Share of members among the people an attacker would look at; None: the pool's half."""
    exposure_by: tuple[str, ...] = ()
    """Columns whose groups exposure is reported by."""
    selftest: bool = False
    """Known leaks were planted into the synthetic table, to see which the audit sees."""
    jobs: int = 1
    """Recorded for the timing table; changes no number."""
    schema: str = "inferred"
    """``inferred``, or ``given`` when column kinds came from a file or the caller."""
    plugin_settings: dict[str, dict[str, float | int | str | bool]] = field(default_factory=dict)
