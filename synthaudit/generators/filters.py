"""Post-processing is part of a generator: similarity filters and deduplication.

Dropping the synthetic rows nearest to training rows makes distance figures look good and leaves a
hole around every member; shadows that filter alike learn to see the holes. So a release is shadowed
as it is made, filters included.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, ClassVar, Protocol

import numpy as np

from synthaudit.errors import GeneratorError, UsageError
from synthaudit.generators.columns import TrainingColumns
from synthaudit.generators.spec import fingerprint, unknown
from synthaudit.types import Bools, Card, Generator

if TYPE_CHECKING:
    import pandas as pd

MAX_TRIES = 4
"""How often a larger table is drawn before a filter that leaves too few rows is given up on."""


class Filter(Protocol):
    """Says which rows of a synthetic table stay."""

    name: ClassVar[str]

    @property
    def expected_share(self) -> float:
        """About which share of the rows stays."""

    def keep(self, table: TrainingColumns, made: pd.DataFrame) -> Bools:
        """``(n_made,)``: True for the rows that stay."""


@dataclass(frozen=True)
class DcrFilter:
    """Drops the share of synthetic rows nearest to a training row (Gower distance on ranks)."""

    share: float
    name: ClassVar[str] = "dcr"

    def __post_init__(self) -> None:
        if not 0.0 < self.share < 1.0:
            raise UsageError(f"filter dcr: the share must lie between 0 and 1, got {self.share}")

    @property
    def expected_share(self) -> float:
        """All but ``share``."""
        return 1.0 - self.share

    def keep(self, table: TrainingColumns, made: pd.DataFrame) -> Bools:
        """All but the nearest rows; of equally near ones the earlier are dropped."""
        from synthaudit.generators.search import blocks
        from synthaudit.neighbors import NeighborIndex

        numbers, codes = blocks(table, table.frame)
        asked_numbers, asked_codes = blocks(table, made)
        found = NeighborIndex(numbers, codes).query(asked_numbers, asked_codes, 1)
        order = np.argsort(found.distances[:, 0], kind="stable")
        kept = np.ones(len(made), dtype=bool)
        kept[order[: math.floor(self.share * len(made))]] = False
        return kept


@dataclass(frozen=True)
class CopyFilter:
    """Drops the synthetic rows that equal a training row in every column."""

    name: ClassVar[str] = "copies"

    @property
    def expected_share(self) -> float:
        """A guess; a larger table is drawn when it was wrong."""
        return 0.8

    def keep(self, table: TrainingColumns, made: pd.DataFrame) -> Bools:
        """Rows unlike any training row."""
        known = set(_row_keys(table, table.frame))
        return np.array([key not in known for key in _row_keys(table, made)], dtype=bool)


@dataclass(frozen=True)
class DuplicateFilter:
    """Drops the synthetic rows that repeat an earlier synthetic row."""

    name: ClassVar[str] = "dedup"

    @property
    def expected_share(self) -> float:
        """A guess; a larger table is drawn when it was wrong."""
        return 0.8

    def keep(self, table: TrainingColumns, made: pd.DataFrame) -> Bools:
        """The first of every set of equal rows."""
        first: dict[bytes, int] = {}
        keys = _row_keys(table, made)
        return np.array([first.setdefault(key, i) == i for i, key in enumerate(keys)], dtype=bool)


FILTERS = (DcrFilter, CopyFilter, DuplicateFilter)


def parse_filter(text: str) -> Filter:
    """``dcr:SHARE``, ``copies`` or ``dedup``.

    Raises
    ------
    UsageError
        When the name or the share does not fit.
    """
    name, _, value = text.strip().partition(":")
    if name == DcrFilter.name:
        try:
            return DcrFilter(float(value))
        except ValueError:
            raise UsageError(
                f"filter dcr needs the share of rows to drop, as in dcr:0.3, got {text!r}"
            ) from None
    for kind in (CopyFilter, DuplicateFilter):
        if name == kind.name:
            if value:
                raise UsageError(f"filter {name} takes no value, got {text!r}; write {name}")
            return kind()
    raise UsageError(unknown("filter", name, ("dcr:SHARE", "copies", "dedup")))


@dataclass(frozen=True)
class Filtered:
    """A generator followed by filters; makes more rows first, so that ``n_rows`` are left.

    Parameters
    ----------
    generator : Generator
    filters : tuple of Filter
        Applied in order.
    """

    generator: Generator
    filters: tuple[Filter, ...]

    @property
    def card(self) -> Card:
        """The generator's card, its filters named."""
        inner, names = self.generator.card, ", ".join(f.name for f in self.filters)
        return replace(
            inner,
            id="+".join((inner.id, *(f.name for f in self.filters))),
            title=f"{inner.title}, filtered ({names})",
        )

    @property
    def fingerprint(self) -> str:
        """The generator's identity and the filters'."""
        shown = [f"{f.name}({','.join(_settings(f))})" for f in self.filters]
        return " | ".join((fingerprint(self.generator), *shown))

    def synthesize(self, train: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
        """Make a larger table and keep the first ``n_rows`` rows that pass every filter.

        Raises
        ------
        GeneratorError
            When even much larger tables leave too few rows.
        """
        from synthaudit.generators.checked import synthesize_checked

        table = TrainingColumns.read(train)
        share = math.prod(f.expected_share for f in self.filters)
        n_left = n_made = 0
        for _ in range(MAX_TRIES):
            n_made = math.ceil(n_rows / share)
            # drawn afresh and whole: topping up would filter two halves by two yardsticks
            made = synthesize_checked(self.generator, train, n_made, seed)
            left = self._apply(table, made)
            n_left = len(left)
            if n_left >= n_rows:
                return left.iloc[:n_rows].reset_index(drop=True)
            # twice the shortfall seen, at least: repeats grow with the table
            share = max(n_left, 1) / n_made / 2.0
        raise GeneratorError(
            f"of {n_made} rows that {self.generator.card.id} made, the filters left {n_left} of "
            f"the {n_rows} asked for; ask for fewer rows or a milder filter"
        )

    def _apply(self, table: TrainingColumns, made: pd.DataFrame) -> pd.DataFrame:
        for each in self.filters:
            if len(made):
                made = made[each.keep(table, made)].reset_index(drop=True)
        return made


def _settings(each: Filter) -> Sequence[str]:
    return [f"{f.name}={getattr(each, f.name)!r}" for f in fields(each)]  # type: ignore[arg-type]


def _row_keys(table: TrainingColumns, frame: pd.DataFrame) -> list[bytes]:
    """One key a row: equal keys, equal rows (missing equals missing; unknown levels are one)."""
    located = [column.locate(frame.iloc[:, j]) for j, column in enumerate(table.columns)]
    cells = np.column_stack(located).astype(np.float64)
    cells += 0.0  # -0.0 and 0.0 are the same number and must be the same bytes
    cells[np.isnan(cells)] = np.nan  # one bit pattern for all of them
    return [row.tobytes() for row in cells]
