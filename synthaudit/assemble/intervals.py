"""An estimate without its name."""

from __future__ import annotations

from synthaudit.types import Estimate, Interval


def interval_of(estimate: Estimate) -> Interval:
    return Interval(estimate.value, estimate.low, estimate.high)
