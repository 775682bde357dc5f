"""Whole audits whose answer is known, a few of each: the long version is docs/calibration.md."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks" / "calibration"
sys.path.insert(0, str(FOLDER))

from audits import Case, audited  # noqa: E402
from calibration_page import RIGHT, page  # noqa: E402

pytestmark = pytest.mark.slow


def test_harmless_tables_are_not_accused() -> None:
    cases = [
        Case("null", population, 200, ratio, kind, 0.0, seed)
        for population, ratio, kind, seed in (
            ("mixed", "1:1", "fresh", 100),
            ("mixed", "9:1", "margins", 101),
            ("categorical", "1:9", "fresh", 102),
            ("numeric", "1:1", "margins", 103),
            ("adult", "1:1", "fresh", 104),
        )
    ]
    rows = [audited(case) for case in cases]
    assert [row["level"] for row in rows].count("FAIL") == 0
    assert all(row["invalid"] == [] for row in rows)
    text = page(rows)
    assert "| 5 | 0 of 5" in text and "p-values (5)" in text


@pytest.mark.parametrize(
    "case",
    [
        Case("peers", "categorical", 800, "1:1", "train itself", 1.0, 0),
        Case("peers", "mixed", 800, "9:1", "fresh", 0.0, 0),
        Case("peers", "mixed", 800, "1:9", "fresh", 0.0, 0),
        Case("peers", "mixed", 600, "1:1", "third copied, rest noise", 1 / 3, 0),
        Case("peers", "mixed", 1100, "small train", "copies", 0.15, 0),
    ],
    ids=lambda case: f"{case.kind} {case.ratio}",
)
def test_where_common_tools_are_wrong(case: Case) -> None:
    assert audited(case)["level"] in RIGHT[case.kind]
