"""A split that was random only within the values of a column."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthaudit import UsageError, audit
from synthaudit.measure import Question, measure
from synthaudit.seeds import Streams


def people(n: int, seed: int, share_north: float) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    north = rng.random(n) < share_north
    income = rng.normal(np.where(north, 3.0, 0.0), 1.0).round(2)
    return pd.DataFrame({"region": np.where(north, "north", "south"), "income": income})


def test_differences_between_strata_are_no_evidence_within_them() -> None:
    """Members are mostly from the north, and so is whoever scores high: no leak, by design."""
    rng = np.random.default_rng(0)
    small = 0
    for seed in range(20):
        north = np.repeat([True, False], 200)
        is_member = np.concatenate([rng.permutation(200) < 140, rng.permutation(200) < 60])
        scores = {"closest_record": rng.normal(north * 2.0, 1.0)}
        questions = (
            Question(is_member, split_within=within) for within in (None, north.astype(np.int64))
        )
        plain, within = (
            measure(s, q, {}, Streams(seed), lambda *_: None).permutation
            for s, q in ((scores, q) for q in questions)
        )
        assert plain is not None and within is not None
        assert plain.p_value < 0.01
        small += within.p_value < 0.05
    assert small <= 4  # 5 % of 20; five or more happen once in four hundred


def test_an_audit_is_told_and_says_so() -> None:
    tables = [people(200, seed, 0.5) for seed in (1, 2, 3)]
    asked = {"attacks": ("closest_record",), "shadows": 0, "jobs": 1}
    report = audit(*tables, split="stratified:region", **asked)
    said = next(v for v in report.validity if v.id == "random-split")
    assert said.passed is True and "region" in said.meaning
    assert "--split stratified:region" in report.command
    assert not any(bound.value is not None for bound in report.epsilon)
    by_number = audit(*tables, split="stratified:income", **asked)
    # nobody shares an income with anybody: nothing could have been dealt otherwise
    assert by_number.permutation is not None and report.permutation is not None
    assert by_number.permutation.p_value > report.permutation.p_value or (
        by_number.permutation.p_value > 0.3
    )


def test_a_column_that_is_not_there_is_refused_before_any_work() -> None:
    tables = [people(60, seed, 0.5) for seed in (1, 2, 3)]
    with pytest.raises(UsageError, match="stratified by 'town'"):
        audit(*tables, split="stratified:town", shadows=0, jobs=1)
    with pytest.raises(UsageError, match="'stratified:COLUMN'"):
        audit(*tables, split="by date", shadows=0, jobs=1)
