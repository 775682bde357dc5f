"""Every check, whatever it is: honest estimates, no cell values, same answer every time."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from check_views import context, view_of

from synthaudit.errors import NotApplicable
from synthaudit.registry import discover_checks
from synthaudit.types import Check, Finding, ThreatModel

CHECKS = discover_checks()
SECRET = "Zanzibarite"  # noqa: S105 - a cell value, not a password


def cases() -> dict[str, tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]]:
    rng = np.random.default_rng(0)

    def table(n_rows: int) -> pd.DataFrame:
        frame = pd.DataFrame(
            {
                "key": [f"{SECRET}{i:06}" for i in rng.permutation(999_999)[:n_rows]],
                "amount": rng.normal(100, 20, n_rows).round(3),
                "count": rng.integers(0, 9, n_rows),
                "grade": rng.choice(list("abc"), n_rows),
                "since": pd.Timestamp("2020-01-01")
                + pd.to_timedelta(rng.integers(0, 900, n_rows), "D"),
            }
        )
        frame.loc[rng.random(n_rows) < 0.1, "amount"] = np.nan
        frame.loc[0, "grade"] = f"{SECRET} the only one"
        return frame

    train, holdout, fresh = table(120), table(60), table(80)
    leaky = pd.concat([train.iloc[:30], fresh.iloc[30:]], ignore_index=True)
    flat = pd.DataFrame({"a": ["x"] * 40})
    letters = pd.DataFrame({"a": list("xyxz") * 20, "b": list("uvuu") * 20})
    return {
        "leaky": (train, holdout, leaky),
        "null": (train, holdout, fresh),
        "one synthetic row": (train, holdout, fresh.iloc[:1]),
        "one training row": (train.iloc[:1], holdout, fresh),
        "two rows everywhere": (train.iloc[:2], holdout.iloc[:2], fresh.iloc[:2]),
        "flat": (flat, flat, flat),
        "letters": (letters, letters, letters),
        "the same table thrice": (train, train, train),
    }


CASES = cases()


def run(check: Check, case: str) -> Finding:
    try:
        return check.run(view_of(*CASES[case]), context())
    except NotApplicable as declined:
        assert str(declined).endswith(".")
        pytest.skip(f"declined: {declined}")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.card.id)
@pytest.mark.parametrize("case", CASES)
def test_estimates_are_honest(check: Check, case: str) -> None:
    finding = run(check, case)
    assert len({e.name for e in finding.estimates}) == len(finding.estimates)
    for e in finding.estimates:
        assert e.n >= 0
        assert e.method or e.note
        if e.value is None:
            assert e.note
            continue
        assert np.isfinite(e.value)
        assert e.null is None or np.isfinite(e.null)
        if e.low is not None and e.high is not None:
            assert e.low <= e.value + 1e-12 <= e.high + 2e-12
    for curve in finding.curves:
        assert len(curve.x) == len(curve.y)
        assert np.isfinite(curve.x).all()
    for notice in finding.notices:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", notice.code)
        assert notice.severity in {"info", "warn", "invalid"}
        assert notice.message.endswith((".", "?"))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.card.id)
@pytest.mark.parametrize("case", ["leaky", "null"])
def test_no_cell_value_ever_shows(check: Check, case: str) -> None:
    assert SECRET not in repr(run(check, case))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.card.id)
def test_same_seed_same_answer(check: Check) -> None:
    assert run(check, "leaky") == run(check, "leaky")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.card.id)
def test_row_order_changes_nothing(check: Check) -> None:
    first = run(check, "leaky")
    rng = np.random.default_rng(1)
    shuffled = tuple(t.iloc[rng.permutation(len(t))].reset_index(drop=True) for t in CASES["leaky"])
    assert check.run(view_of(*shuffled), context()) == first


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.card.id)
def test_cards_are_complete(check: Check) -> None:
    card = check.card
    assert card.threat_model is ThreatModel.AUDITOR
    assert card.question.endswith("?")
    assert card.how_to_read.endswith(".")
    assert card.references


def test_all_checks_are_there() -> None:
    assert {check.card.id for check in CHECKS} >= {
        "exact_copies", "near_copies", "isolated_copies", "dcr_share", "nndr_percentiles",
        "vendor_sdmetrics",
        "vendor_mostlyai",
        "identifier_replay", "rare_values", "utility", "holdout_overlap", "blind_classifier",
        "swapped_files", "sizes",
    }  # fmt: skip
