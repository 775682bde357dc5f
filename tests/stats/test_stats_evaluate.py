"""One attack's estimates: names, values, edges, speed."""

from __future__ import annotations

import time

import numpy as np
import pytest

from synthaudit.seeds import Streams
from synthaudit.stats import evaluate

NAMES = ["auc", "advantage", "tpr_at_fpr_0.1", "tpr_at_fpr_0.01", "tpr_at_fpr_0.001"]


def test_names_and_nulls() -> None:
    rng = np.random.default_rng(0)
    found = evaluate(rng.normal(size=200), np.arange(200) < 100, Streams(0))
    assert [e.name for e in found] == NAMES
    assert [e.null for e in found] == [0.5, 0.0, 0.1, 0.01, 0.001]
    assert all(e.method for e in found)
    assert found[4].value is None
    assert found[4].note


@pytest.mark.parametrize("n1", [0, 1, 2, 30])
def test_every_size_is_answered(n1: int) -> None:
    is_member = np.arange(30) < n1
    for scores in (np.zeros(30), np.arange(30.0), is_member.astype(float)):
        for e in evaluate(scores, is_member, Streams(0)):
            if e.value is None:
                assert e.note
                continue
            assert e.low is not None
            assert e.high is not None
            assert e.low <= e.value <= e.high
            assert e.high > e.low


def test_perfect_separation() -> None:
    is_member = np.arange(400) < 200
    values = {e.name: e for e in evaluate(is_member.astype(float), is_member, Streams(0))}
    assert values["auc"].value == values["advantage"].value == values["tpr_at_fpr_0.1"].value == 1.0
    assert (values["auc"].low or 0) > 0.97
    assert (values["advantage"].low or 0) > 0.97


def test_monotone_transforms_change_nothing() -> None:
    rng = np.random.default_rng(1)
    scores, is_member = rng.normal(size=300), np.arange(300) < 120
    one = evaluate(scores, is_member, Streams(0))
    two = evaluate(np.exp(3 * scores) - 7, is_member, Streams(0))
    assert one == two


def test_fifteen_attacks_on_eight_thousand_candidates_take_under_two_seconds() -> None:
    rng = np.random.default_rng(2)
    is_member = np.arange(8000) < 4000
    suite = [rng.normal(size=8000) for _ in range(15)]
    evaluate(suite[0], is_member, Streams(0))
    start = time.process_time()
    for scores in suite:
        evaluate(scores, is_member, Streams(0))
    assert time.process_time() - start < 2.0
