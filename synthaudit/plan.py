"""What an audit will need, before it begins: memory, and what is left out to stay within it.

The estimate is a model fitted to a measured peak (``docs/scale.md``): so many bytes a cell for the
tables in all their forms, and the moments of the tracing attack on top.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from synthaudit.counted import plural
from synthaudit.data.streams import Extent, extent_of
from synthaudit.errors import UsageError
from synthaudit.stats.power import detectable_auc
from synthaudit.types import Notice

BASE_BYTES = 400e6
"""The interpreter, its libraries and compiled code."""
CELL_BYTES = 300.0
"""Of every cell of the three tables: frames, encoded forms, searches and what they find."""
MOMENT_BYTES = 20.0
"""Of every moment of every candidate: three copies in double precision at the worst instant."""
SAMPLED_ROWS = 250_000
"""Most synthetic rows kept in memory once not all fit: attacks that look at the sample only would
take hours with more, and whoever is found in the rest is found by those that look at all rows."""
FEWEST_ROWS = 1_000
TABLES = ("train", "holdout", "synthetic")
_UNITS = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12}


def parse_bytes(text: str) -> int:
    """``8GB``, ``500 MB`` or a number of bytes.

    Raises
    ------
    UsageError
        For anything else.
    """
    found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?)(?:i?b)?\s*", text.lower())
    if not found or float(found[1]) <= 0:
        raise UsageError(f"An amount of memory looks like '8GB' or '500MB'; got {text!r}.")
    return int(float(found[1]) * _UNITS[found[2]])


def half_the_machine() -> int:
    """Half of the physical memory, in bytes."""
    return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2)


@dataclass(frozen=True)
class MemoryPlan:
    """What is read, and what is kept in memory.

    Attributes
    ----------
    limit : bytes
    rows : by table, rows of the file (estimated from its size where it is text)
    n_columns : int
    most_rows : by table, the rows drawn at random where not all are kept
    rough : tables whose rows are estimated
    """

    limit: int
    rows: Mapping[str, int]
    n_columns: int
    most_rows: dict[str, int] = field(default_factory=dict)
    rough: frozenset[str] = frozenset()

    @property
    def kept(self) -> dict[str, int]:
        """Rows in memory, by table."""
        return {name: min(n, self.most_rows.get(name, n)) for name, n in self.rows.items()}

    @property
    def n_bytes(self) -> int:
        """Estimated peak."""
        return needed(self.kept, self.n_columns)

    def to_text(self) -> str:
        """For a terminal, before the work."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        sizes = ", ".join(f"{name} {self._size(name)}" for name in self.rows)
        yield f"Plan: {sizes} rows x {plural(self.n_columns, 'column')}"
        verb = "about" if self.n_bytes <= self.limit else "at least"
        yield (
            f"  memory: {verb} {self.n_bytes / 1e9:.1f} GB of the {self.limit / 1e9:.1f} GB allowed"
        )
        for name, n in self.most_rows.items():
            rest = "; all are searched from disk" if name == "synthetic" else ""
            yield f"  {name}: {n:,} of {self._size(name)} rows drawn at random{rest}"

    def _size(self, table: str) -> str:
        return f"about {self.rows[table]:,}" if table in self.rough else f"{self.rows[table]:,}"


def needed(rows: Mapping[str, int], n_columns: int) -> int:
    """Estimated peak of an audit with all of these rows in memory, in bytes."""
    cells = sum(rows.values()) * n_columns
    n_candidates = 2 * min(rows["train"], rows["holdout"])
    pairs = min(n_columns * (n_columns - 1) // 2, 400)
    moments = n_candidates * (10 * n_columns + pairs)
    return int(BASE_BYTES + CELL_BYTES * cells + MOMENT_BYTES * moments)


def plan_memory(train: Any, holdout: Any, synthetic: Any, memory: int | None) -> MemoryPlan | None:
    """Decide what is kept in memory; None where only reading a table would tell its size.

    Raises
    ------
    UsageError
        When not even a small audit fits.
    """
    extents = dict(zip(TABLES, map(extent_of, (train, holdout, synthetic)), strict=True))
    known = {name: extent for name, extent in extents.items() if extent is not None}
    if len(known) < len(TABLES):
        return None
    limit = memory if memory is not None else half_the_machine()
    rows = {name: extent.n_rows for name, extent in known.items()}
    n_columns = max(extent.n_columns for extent in known.values())
    fits = needed(rows, n_columns) <= limit
    most_rows = {} if fits else _sampled(known, n_columns, limit)
    rough = frozenset(name for name, extent in known.items() if not extent.is_exact)
    return MemoryPlan(limit, rows, n_columns, most_rows, rough)


def _sampled(extents: Mapping[str, Extent], n_columns: int, limit: int) -> dict[str, int]:
    """The most rows that fit, the same for every table that can be read in parts."""
    rows = {name: extent.n_rows for name, extent in extents.items()}

    def capped(most: int) -> dict[str, int]:
        room = {"synthetic": min(most, SAMPLED_ROWS)}
        return {
            name: min(n, room.get(name, most)) if extents[name].can_stream else n
            for name, n in rows.items()
        }

    low, high = FEWEST_ROWS, max(rows.values())
    if needed(capped(low), n_columns) > limit:
        raise UsageError(
            f"Even {FEWEST_ROWS:,} rows of each table need "
            f"{needed(capped(low), n_columns) / 1e9:.1f} GB and {limit / 1e9:.1f} GB are allowed: "
            "give more memory, or give large tables as Parquet or CSV files."
        )
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if needed(capped(middle), n_columns) <= limit else (low, middle)
    return {name: n for name, n in capped(low).items() if n < rows[name]}


def sampling_notices(kept: Mapping[str, int], sampled: Mapping[str, int]) -> tuple[Notice, ...]:
    """What was sampled, and what that does to the numbers.

    Parameters
    ----------
    kept : rows in memory, by table
    sampled : rows of the file, for the tables that were not kept whole
    """
    smaller = min(kept["train"], kept["holdout"])
    seen = detectable_auc(smaller, smaller) or 1.0
    notices = [
        Notice(
            "rows-sampled",
            f"{name} has {sampled[name]:,} rows, more than the memory allowed holds: "
            f"{kept[name]:,} drawn at random were audited. Intervals and power are those of that "
            f"many rows (smallest AUC seen with 80 % power: {seen:.3f}).",
            name,
        )
        for name in ("train", "holdout")
        if name in sampled
    ]
    if "synthetic" in sampled:
        notices.append(
            Notice(
                "release-sampled",
                f"synthetic has {sampled['synthetic']:,} rows, more than the memory allowed holds. "
                "Closest records, exact values, their combinations and cell counts were looked up "
                f"in all of them; the other attacks and the checks saw {kept['synthetic']:,} drawn "
                "at random, so a leak through few rows can escape them, and shares of synthetic "
                "rows have the intervals of that many.",
                "synthetic",
                None,
                "warn",
            )
        )
    return tuple(notices)
