"""Very wide tables: a whole audit ends, and the report says what was bounded so that it does."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthaudit import audit
from synthaudit.examine import examine
from synthaudit.registry import select_attacks
from synthaudit.types import Column, ColumnKind, Schema, Status
from synthaudit.wide import width_notices

ATTACKS = select_attacks(("all",))


def schema_of(n_numbers: int, n_categories: int, n_texts: int = 0) -> Schema:
    kinds = (
        [ColumnKind.NUMERIC] * n_numbers
        + [ColumnKind.CATEGORY] * n_categories
        + [ColumnKind.TEXT] * n_texts
    )
    return Schema(tuple(Column(f"c{j}", kind, 9, 0) for j, kind in enumerate(kinds)))


def test_nothing_is_bounded_up_to_a_hundred_columns() -> None:
    assert width_notices(schema_of(50, 50, 400), ATTACKS, 16) == ()
    assert width_notices(schema_of(0, 100), ATTACKS, 0) == ()


def test_what_is_bounded_is_said_and_nothing_else() -> None:
    (notice,) = width_notices(schema_of(50, 51), ATTACKS, 0)
    assert notice.code == "wide-tables" and notice.severity == "info"
    assert "101 columns" in notice.message and "placebo tables relate" in notice.message
    assert "offsets" not in notice.message and "rotations" not in notice.message
    (notice,) = width_notices(schema_of(50, 151), ATTACKS, 16)
    assert "shadows" in notice.message and "offsets" in notice.message
    (notice,) = width_notices(schema_of(201, 0), ATTACKS, 0)
    assert "rotations" in notice.message
    (notice,) = width_notices(schema_of(1, 999), select_attacks(("closest_record",)), 16)
    assert "offsets" not in notice.message and "shadows" not in notice.message


def wide_tables(n_columns: int, n_rows: int) -> list[pd.DataFrame]:
    """Mixed columns, some cells missing; a third of the synthetic rows are training rows."""

    def column(rng: np.random.Generator, j: int) -> pd.Series:  # type: ignore[type-arg]
        if j % 4 == 0:
            cells = pd.Series(rng.normal(50, 9, n_rows).round(1))
        elif j % 4 == 1:
            cells = pd.Series(rng.integers(0, 500, n_rows)).astype("Int64")
        elif j % 4 == 2:
            cells = pd.Series(np.array(list("abcdef"))[rng.integers(0, 6, n_rows)], dtype=object)
        else:
            days = pd.to_timedelta(rng.integers(0, 4000, n_rows), "D")
            cells = pd.Series(pd.Timestamp("2011-03-01") + days)
        return cells.mask(rng.random(n_rows) < 0.05) if j % 3 == 0 else cells

    tables = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        tables.append(pd.DataFrame({f"c{j}": column(rng, j) for j in range(n_columns)}))
    train, holdout, synthetic = tables
    synthetic.iloc[: n_rows // 3] = train.iloc[: n_rows // 3]
    return [train, holdout, synthetic]


@pytest.mark.slow
def test_an_audit_of_two_thousand_columns_ends() -> None:
    report = audit(*wide_tables(2000, 60), shadows=0, jobs=1)
    assert report.level == "FAIL"
    assert not [r.id for r in report.results if r.status is Status.FAILED]
    (notice,) = (n for n in report.warnings if n.code == "wide-tables")
    assert "2,000 columns" in notice.message
    assert len(report.columns) == 30
    for text in (report.to_html(), report.to_json(), report.to_markdown()):
        assert 0 < len(text) < 5_000_000
        assert notice.message[:40] in text.replace("\n", " ")


@pytest.mark.slow
def test_shadows_of_a_wide_table_end() -> None:
    report = audit(*wide_tables(300, 50), shadows=4, jobs=1)
    assert report.generator is not None
    assert not [r.id for r in report.results if r.status is Status.FAILED]
    (notice,) = (n for n in report.warnings if n.code == "wide-tables")
    assert "shadows" in notice.message


def test_doctor_says_beforehand_what_will_be_bounded() -> None:
    codes = [notice.code for notice in examine(*wide_tables(120, 20)).notices]
    assert codes.count("wide-tables") == 1
    assert all(notice.code != "wide-tables" for notice in examine(*wide_tables(8, 20)).notices)
