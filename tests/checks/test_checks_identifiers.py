"""Identifiers and texts that come back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from check_views import codes_of, context, get, value, view_of

from synthaudit.checks.identifier_replay import IdentifierReplay, is_enumeration
from synthaudit.errors import NotApplicable


def people(n_rows: int, seed: int, ids: list[str] | None = None) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    letters = np.array(list("ABCDEFGHJKLMNPQRSTUVWXYZ23456789"))
    made = ["".join(rng.choice(letters, 9)) for _ in range(n_rows)]
    return pd.DataFrame(
        {
            "customer": made if ids is None else ids,
            "x": rng.normal(size=n_rows).round(2),
            "y": rng.choice(list("ab"), n_rows),
        }
    )


def test_replayed_identifiers_are_counted_and_warned_about() -> None:
    train, holdout, synthetic = people(200, 1), people(100, 2), people(150, 3)
    synthetic.loc[:29, "customer"] = train.loc[:29, "customer"]
    finding = IdentifierReplay().run(view_of(train, holdout, synthetic), context())
    assert value(finding, "excess_replay") == pytest.approx(0.2)
    assert value(finding, "replayed_train") == pytest.approx(0.2)
    assert value(finding, "replayed_holdout") == pytest.approx(0.0)
    assert get(finding, "excess_replay").confidence == 0.95
    assert codes_of(finding) == {"identifiers-replayed": "warn"}


def test_fresh_identifiers_are_no_replay() -> None:
    finding = IdentifierReplay().run(
        view_of(people(200, 1), people(100, 2), people(150, 3)), context()
    )
    found = get(finding, "excess_replay")
    assert found.value == 0.0
    assert not finding.notices


def test_two_columns_are_reported_apart_and_corrected_for() -> None:
    frames = [people(n, seed) for n, seed in ((200, 1), (200, 2), (200, 3))]
    for i, frame in enumerate(frames):
        frame["card"] = people(200, 10 + i)["customer"]
    frames[2].loc[:39, "card"] = frames[0].loc[:39, "card"]
    finding = IdentifierReplay().run(view_of(*frames), context())
    assert value(finding, "excess_replay") == pytest.approx(0.2)
    assert value(finding, "excess_replay:customer") == 0.0
    assert get(finding, "excess_replay:card").confidence == pytest.approx(0.975)
    assert [notice.column for notice in finding.notices] == ["card"]


def test_a_column_that_counts_rows_is_no_replay() -> None:
    assert is_enumeration(pd.Series([3, 1, 2]))
    assert is_enumeration(pd.Series([0.0, 1.0]))
    assert not is_enumeration(pd.Series([2, 3, 4]))
    assert not is_enumeration(pd.Series([1, 2, 2]))
    assert is_enumeration(pd.Series(["1", "2"]))
    assert not is_enumeration(pd.Series(["A1", "A2"]))
    assert not is_enumeration(pd.Series([1, 2, None]))
    assert not is_enumeration(pd.Series(["1", "1e999", "1e999"]))  # infinite: no key to count by


def test_declines_without_identifiers() -> None:
    frames = [people(60, seed).drop(columns="customer") for seed in range(3)]
    with pytest.raises(NotApplicable, match="no identifier"):
        IdentifierReplay().run(view_of(*frames), context())
