"""One time line for a column over three tables: formats, day and month, zones, epoch numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from synthaudit.data.cells import Cells, as_moments, at_rows
from synthaudit.data.columns import Form, RawColumn
from synthaudit.data.dates import Dates
from synthaudit.types import Bools, Ints, Notice

REAL = ("train", "holdout")
_MICROS = 1_000_000.0
_DAY = 86_400.0
_UNITS = {
    "seconds": 1.0,
    "milliseconds": 1e-3,
    "microseconds": 1e-6,
    "nanoseconds": 1e-9,
    "days": _DAY,
}


def read_moments(name: str, raws: dict[str, RawColumn]) -> tuple[dict[str, Cells], list[Notice]]:
    """The column as microseconds since 1970 in every table, comparable between tables."""
    notices: list[Notice] = []
    dates = {t: raw.dates for t, raw in raws.items() if raw.form is Form.TEXT}
    keep_wall = _mixes_zones(name, raws, dates, notices)
    cells = {table: as_moments(raw, keep_wall=keep_wall) for table, raw in raws.items()}
    for table, raw in raws.items():
        others = [t for t in (*REAL, *raws) if t != table and _is_settled(raws[t], dates.get(t))]
        reference = _pooled([cells[t] for t in dict.fromkeys(others)])
        if raw.form is Form.NUMBER:
            cells[table], more = _from_numbers(name, table, raw, reference)
        elif table in dates:
            cells[table], more = _day_or_month(
                name, table, raw, dates[table], cells[table], reference, keep_wall=keep_wall
            )
        else:
            continue
        notices += more
    notices += _format_notices(name, dates, raws)
    return cells, notices


def _is_settled(raw: RawColumn, dates: Dates | None) -> bool:
    return raw.form is Form.MOMENT or (dates is not None and not dates.is_ambiguous)


def _pooled(cells: list[Cells]) -> Ints:
    parts = [column.present for column in cells]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def _mixes_zones(
    name: str, raws: dict[str, RawColumn], dates: dict[str, Dates], notices: list[Notice]
) -> bool:
    """Whether some tables know time zones and others do not; says so."""
    told = [table for table, raw in raws.items() if raw.form in (Form.TEXT, Form.MOMENT)]
    aware = [
        table
        for table in told
        if raws[table].wall is not None or (table in dates and bool(dates[table].is_aware.any()))
    ]
    if not aware:
        return False
    mixes = len(aware) < len(told)
    how = (
        "read by the clock on the wall, because the other tables have no time zone"
        if mixes
        else "read in UTC"
    )
    message = f"{name!r} has a time zone in {' and '.join(aware)} and was {how}."
    table = aware[0] if mixes else None
    notices.append(Notice("time-zone", message, table, name, "warn" if mixes else "info"))
    return mixes


def _inside(values: Ints, reference: Ints) -> float:
    """Share of values inside the range of the reference, widened by its own length."""
    if values.size == 0 or reference.size == 0:
        return 0.0
    low, high = int(reference.min()), int(reference.max())
    slack = max(high - low, round(_DAY * _MICROS))
    return float(np.mean((values >= low - slack) & (values <= high + slack)))


def _misfit(values: Ints, reference: Ints) -> float:
    """How far apart the quantiles of two sets of moments lie, in microseconds.

    Being inside the range is not enough: small numbers of any unit all land on the first of
    January 1970, which is inside the range of many columns of birthdays.
    """
    levels = (0.05, 0.25, 0.5, 0.75, 0.95)
    gap = np.quantile(values.astype(float), levels) - np.quantile(reference.astype(float), levels)
    return float(np.abs(gap).mean())


def _day_or_month(
    name: str,
    table: str,
    raw: RawColumn,
    dates: Dates,
    cells: Cells,
    reference: Ints,
    *,
    keep_wall: bool,
) -> tuple[Cells, list[Notice]]:
    """Settle 03/04 by the other tables where no cell of this one does."""
    if not dates.is_ambiguous:
        return cells, []
    month_first = as_moments(raw, day_first=False, keep_wall=keep_wall)
    scores = [
        (_inside(column.present, reference), float(np.isin(column.present, reference).mean()))
        for column in (cells, month_first)
    ]
    is_day_first = scores[0] >= scores[1]
    decided = "day first" if is_day_first else "month first"
    why = "as no cell tells" if scores[0] == scores[1] else "which fits the other tables better"
    message = f"{table}.{name}: day and month could be exchanged; read {decided}, {why}."
    notice = Notice("ambiguous-dates", message, table, name, "warn")
    return cells if is_day_first else month_first, [notice]


def _calendar(numbers: Ints) -> tuple[Ints, Bools]:
    """Microseconds of numbers such as 20240131, and which are calendar days."""
    year, month, day = numbers // 10_000, numbers // 100 % 100, numbers % 100
    shape = (year >= 1000) & (year <= 9999) & (month >= 1) & (month <= 12) & (day >= 1)
    start = ((np.clip(year, 1000, 9999) - 1970) * 12 + np.clip(month, 1, 12) - 1).astype("M8[M]")
    days = start.astype("M8[D]").astype(np.int64) + day - 1
    valid = shape & (days.astype("M8[D]").astype("M8[M]") == start)
    return days * round(_DAY * _MICROS), valid


def _from_numbers(
    name: str, table: str, raw: RawColumn, reference: Ints
) -> tuple[Cells, list[Notice]]:
    """Numbers where the other tables hold dates: the unit that lands among those dates."""
    present = ~raw.missing
    numbers = raw.values[present].astype(np.float64)
    numbers = np.where(np.isfinite(numbers), numbers, 0.0)
    if reference.size == 0:
        # nothing to compare with: any date in living memory
        reference = np.array(["1900-01-01", "2100-01-01"], dtype="M8[us]").astype(np.int64)
    with np.errstate(over="ignore", invalid="ignore"):
        readings = {
            unit: np.rint(np.clip(numbers * size * _MICROS, -(2.0**62), 2.0**62)).astype(np.int64)
            for unit, size in _UNITS.items()
        }
    whole = np.clip(numbers, 0, 99_999_999).astype(np.int64)
    calendar, valid = _calendar(whole)
    if bool(valid.all()):
        readings["calendar days (year, month, day)"] = calendar
    unit = min(readings, key=lambda key: _misfit(readings[key], reference))
    where = f"{table}.{name}"
    if _inside(readings[unit], reference) < 0.5:
        gone = np.ones(raw.n_rows, dtype=bool)
        cells = Cells(Form.MOMENT, np.zeros(raw.n_rows, np.int64), gone)
        return replace(cells, n_unreadable=raw.n_present), []
    values = np.zeros(raw.n_rows, dtype=np.int64)
    values[present] = readings[unit]
    message = (
        f"{where} holds numbers where the other tables hold dates; they were read as {unit}"
        f"{'' if 'calendar' in unit else ' since 1970'}."
    )
    notice = Notice("dates-from-numbers", message, table, name, "warn")
    return Cells(Form.MOMENT, values, raw.missing), [notice]


def _format_notices(name: str, dates: dict[str, Dates], raws: dict[str, RawColumn]) -> list[Notice]:
    notices = []
    styles = {table: _styles(read, raws[table]) for table, read in dates.items()}
    for table, read in dates.items():
        if len(styles[table]) > 1 or read.is_contradictory:
            what = "day first and month first" if read.is_contradictory else "more than one format"
            message = f"{table}.{name} mixes dates in {what}; each cell was read by its own."
            notices.append(Notice("mixed-date-formats", message, table, name, "warn"))
    common = [set(found) for found in styles.values() if found]
    if common and any(found != common[0] for found in common) and not notices:
        message = f"{name!r} has dates in different formats in different tables; all were read."
        notices.append(Notice("other-date-format", message, None, name))
    return notices


def _styles(dates: Dates, raw: RawColumn) -> set[int]:
    used = at_rows(dates.style, raw)[~raw.missing]
    return set(np.unique(used).tolist()) - {0}
