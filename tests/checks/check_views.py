"""Views for the checks' tests: from frames as users give them, or from bare arrays."""

from __future__ import annotations

import numpy as np
import pandas as pd

from synthaudit.data.challenge import draw_challenge
from synthaudit.data.tables import load_tables
from synthaudit.data.views import AuditorView
from synthaudit.parallel import Context
from synthaudit.seeds import Streams
from synthaudit.types import Column, ColumnKind, EncodedTable, Estimate, Finding, Schema


def view_of(train: pd.DataFrame, holdout: pd.DataFrame, synthetic: pd.DataFrame) -> AuditorView:
    """What the corridor would hand to a check."""
    return draw_challenge(load_tables(train, holdout, synthetic), Streams(0)).auditor


def context(seed: int = 0) -> Context:
    return Context(Streams(seed).child("check"))


def _schema(n_numbers: int, n_categories: int) -> Schema:
    numbers = [Column(f"n{j:03}", ColumnKind.NUMERIC, 2, 0) for j in range(n_numbers)]
    categories = [Column(f"c{j:03}", ColumnKind.CATEGORY, 2, 0) for j in range(n_categories)]
    return Schema(tuple(sorted(numbers + categories, key=lambda column: column.name)))


def array_view(
    numbers: tuple[object, object, object] | None = None,
    codes: tuple[object, object, object] | None = None,
) -> AuditorView:
    """Train, holdout and synthetic from arrays.

    Numbers (n_rows, n_numbers) are taken as ranks, scaled values and values alike; codes
    (n_rows, n_categories) as they are.
    """
    given = numbers if numbers is not None else codes
    assert given is not None
    tables = []
    for i in range(3):
        n_rows = len(np.asarray(given[i]))
        values = np.empty((n_rows, 0)) if numbers is None else np.asarray(numbers[i], dtype=float)
        levels = np.empty((n_rows, 0), int) if codes is None else np.asarray(codes[i])
        single = np.ascontiguousarray(values, dtype=np.float32)
        tables.append(
            EncodedTable(
                single,
                single,
                np.ascontiguousarray(values, dtype=np.float64),
                np.ascontiguousarray(levels, dtype=np.int32),
            )
        )
    schema = _schema(tables[0].values.shape[1], tables[0].codes.shape[1])
    names = ("train", "holdout", "synthetic")
    frames = {
        name: pd.DataFrame(index=range(t.n_rows)) for name, t in zip(names, tables, strict=True)
    }
    return AuditorView(*tables, schema, frames)


def get(finding: Finding, name: str) -> Estimate:
    """The estimate of that name; fails when there is none or it was not resolved."""
    found = next(e for e in finding.estimates if e.name == name)
    assert found.value is not None
    return found


def value(finding: Finding, name: str) -> float:
    found = get(finding, name).value
    assert found is not None
    return found


def codes_of(finding: Finding) -> dict[str, str]:
    """Notices as code -> severity."""
    return {notice.code: notice.severity for notice in finding.notices}
