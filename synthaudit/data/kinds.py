"""What a column is: inferred from the real tables together, with the reason in a few words.

The rules, in order. They look at values only, so the container a table came in changes nothing:

- nothing or a single value, never missing: CONSTANT
- truth values (or the numbers 0 and 1): BOOLEAN
- points in time: DATETIME
- numbers: two distinct values: CATEGORY (a distance between two levels has no scale); whole
  numbers that look like keys: IDENTIFIER; else NUMERIC. Three levels and more stay numeric: a rank
  distance between few ordered levels is still meaningful, and a user may say otherwise.
- texts: near-unique and long: TEXT; near-unique: IDENTIFIER; else CATEGORY.

Numbers look like keys when they are all distinct and either their name says so or they repeat far
less often than chance would make them (the birthday count, see :func:`looks_like_keys`). Continuous
measurements are near-unique too, on a grid far finer than their number: those stay numeric.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthaudit.data.columns import Form
from synthaudit.types import Column, ColumnKind, Floats

NEAR_UNIQUE = 0.95
"""Distinct over present values, within each real table, from which texts count as near-unique."""
MIN_ROWS = 20
"""Fewer present values than this cannot show that a column is near-unique."""
LONG_TEXT = 40
"""Mean length in characters from which near-unique texts are free text, not keys."""
_ID_WORD = re.compile(
    r"(?:^|[^a-z])(?:id|ids|uid|uuid|guid|identifier|key|pk|ssn|rowid|index|idx)(?:$|[^a-z])",
    re.IGNORECASE,
)
_ID_ENDING = re.compile(r"[a-z](?:Id|ID|Key|UUID)$")


@dataclass(frozen=True, eq=False)
class RealCells:
    """The present cells of one column in train and holdout, apart and in one form.

    ``tables`` hold numbers, truth values, microseconds, or positions in ``levels`` (texts).
    """

    name: str
    form: Form
    tables: tuple[NDArray[Any], ...]
    n_missing: int
    levels: NDArray[Any] | None = None

    @property
    def pooled(self) -> NDArray[Any]:
        """All present cells."""
        return np.concatenate(self.tables)

    @property
    def distinct(self) -> NDArray[Any]:
        """Distinct present cells."""
        import pandas as pd

        return np.asarray(pd.unique(self.pooled))


def infer_column(cells: RealCells) -> Column:
    """The kind of one column, with its counts, resolution and reason."""
    kind, reason = _kind(cells, cells.distinct)
    return describe_column(cells, kind=kind, reason=reason)


def describe_column(cells: RealCells, *, kind: ColumnKind, reason: str) -> Column:
    """A column of a given kind with its counts and its resolution."""
    distinct = cells.distinct
    step = None
    if cells.form is Form.NUMBER and kind is ColumnKind.NUMERIC:
        step = number_step(distinct)
    elif kind is ColumnKind.DATETIME and distinct.size:
        step = moment_step(distinct)
    return Column(cells.name, kind, int(distinct.size), cells.n_missing, step, reason)


def _kind(cells: RealCells, distinct: NDArray[Any]) -> tuple[ColumnKind, str]:
    n = int(distinct.size)
    if n == 0 or (n == 1 and cells.n_missing == 0):
        found = "one value" if n else "no value"
        return ColumnKind.CONSTANT, f"{found} in the real tables"
    if cells.form is Form.BOOL:
        return ColumnKind.BOOLEAN, "truth values"
    if n == 1:
        return ColumnKind.CATEGORY, "one value or missing"
    if cells.form is Form.MOMENT:
        return ColumnKind.DATETIME, f"dates, {n:,} distinct"
    return (_kind_of_numbers if cells.form is Form.NUMBER else _kind_of_texts)(cells, distinct)


def _kind_of_numbers(cells: RealCells, distinct: NDArray[Any]) -> tuple[ColumnKind, str]:
    n = int(distinct.size)
    if n == 2:
        if set(distinct.tolist()) == {0, 1}:
            return ColumnKind.BOOLEAN, "the numbers 0 and 1"
        return ColumnKind.CATEGORY, "numbers with two levels"
    step = number_step(distinct)
    if step is not None and cells.pooled.size >= MIN_ROWS:
        says_key = _ID_WORD.search(cells.name) or _ID_ENDING.search(cells.name)
        if says_key and _is_unique(cells):
            return ColumnKind.IDENTIFIER, "unique numbers under a name that says key"
        if looks_like_keys(cells.tables, step):
            return ColumnKind.IDENTIFIER, "numbers that repeat less than chance: running keys"
    grid = "whole numbers" if step is not None and step >= 1 else "numbers"
    return ColumnKind.NUMERIC, f"{grid}, {n:,} distinct"


def _kind_of_texts(cells: RealCells, distinct: NDArray[Any]) -> tuple[ColumnKind, str]:
    import pandas as pd

    n = int(distinct.size)
    n_present = cells.pooled.size
    share = sum(len(pd.unique(t)) for t in cells.tables) / max(n_present, 1)
    if n_present >= MIN_ROWS and share >= NEAR_UNIQUE:
        levels = [] if cells.levels is None else cells.levels[distinct]
        length = float(np.mean([len(str(level)) for level in levels]))
        if length >= LONG_TEXT:
            return ColumnKind.TEXT, f"long texts, {share:.0%} distinct"
        return ColumnKind.IDENTIFIER, f"texts, {share:.0%} distinct"
    return ColumnKind.CATEGORY, f"texts with {n:,} levels"


def _is_unique(cells: RealCells) -> bool:
    import pandas as pd

    return all(len(pd.unique(table)) == table.size for table in cells.tables)


def looks_like_keys(tables: tuple[NDArray[Any], ...], step: float) -> bool:
    """Whether numbers repeat so much less than chance that somebody must have numbered the rows.

    n values drawn independently from a grid of M have at least n(n-1)/2M equal pairs on average,
    whatever their distribution (uniform is the least: the birthday problem). Running numbers have
    none. Ten expected and at most a tenth of them seen is a Poisson tail below 1e-3.
    Pairs are counted within each table: train and holdout may overlap by mistake.
    """
    import pandas as pd

    expected, seen = 0.0, 0.0
    for values in tables:
        if values.size < 2:
            continue
        span = (float(values.max()) - float(values.min())) / step + 1.0
        expected += values.size * (values.size - 1) / (2.0 * span)
        counts = pd.Series(values).value_counts().to_numpy().astype(float)
        seen += float((counts * (counts - 1) / 2).sum())
    return expected >= 10.0 and seen <= expected / 10.0


def number_step(distinct: NDArray[Any]) -> float | None:
    """The largest step all values are multiples of, up to six decimals; None if there is none."""
    if distinct.size == 0:
        return None
    for decimals in range(7):
        scale = 10**decimals
        if distinct.dtype.kind != "f":
            whole = distinct
        else:
            scaled = distinct * scale
            if not bool(np.all(np.abs(scaled) < 2**62)):
                return None
            whole = np.rint(scaled)
            # most columns without a step show it in their first values
            if not (_is_same(whole[:256], scaled[:256]) and _is_same(whole, scaled)):
                continue
        divisor = int(np.gcd.reduce(whole.astype(np.int64)))
        return abs(divisor) / scale if divisor else None
    return None


def _is_same(whole: Floats, scaled: Floats) -> bool:
    """A decimal times a power of ten is off by a few units in the last place."""
    return bool(np.allclose(whole, scaled, rtol=1e-12, atol=1e-9))


def moment_step(micros: NDArray[Any]) -> float | None:
    """The calendar step (in seconds) all moments are multiples of, from days to microseconds."""
    for seconds in (86_400.0, 3_600.0, 60.0, 1.0, 1e-3):
        if not bool(np.any(micros % round(seconds * 1e6))):
            return seconds
    return 1e-6
