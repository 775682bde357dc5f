"""Columns that carry the leak, and leaks that were planted on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synthaudit.assemble.intervals import interval_of
from synthaudit.report.sections import ColumnExposure, PlantedLeak

if TYPE_CHECKING:
    from synthaudit.corridor import Observations


def columns_of(observed: Observations) -> tuple[ColumnExposure, ...]:
    """The most exposed column first."""
    return tuple(
        ColumnExposure(
            column=found.column,
            alone=interval_of(found.alone),
            without=interval_of(found.without) if found.without is not None else None,
            reused=found.reused,
        )
        for found in observed.columns
    )


def yardstick_of(observed: Observations) -> tuple[PlantedLeak, ...]:
    """The table as it came first; empty unless leaks were planted."""
    return tuple(
        PlantedLeak(
            label=found.label, share=found.share, seen=found.seen, advantage=found.advantage
        )
        for found in observed.yardstick
    )
