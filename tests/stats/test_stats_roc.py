"""The ROC: exact vertices, ties, thinning."""

from __future__ import annotations

import numpy as np
import pytest

from synthaudit.errors import UsageError
from synthaudit.stats.roc import exact_roc, roc_curve
from synthaudit.types import Bools, Floats


def naive_vertices(scores: Floats, is_member: Bools) -> list[tuple[int, int]]:
    """Every threshold by itself, counted by hand."""
    thresholds = [np.inf, *sorted(set(scores.tolist()), reverse=True)]
    return [
        (int(np.sum(scores[~is_member] >= t)), int(np.sum(scores[is_member] >= t)))
        for t in thresholds
    ]


def test_by_hand_with_a_tie_across_labels() -> None:
    scores = np.array([3.0, 2.0, 2.0, 1.0])
    is_member = np.array([True, True, False, False])
    curve = exact_roc(scores, is_member)
    assert curve.fpr.tolist() == [0.0, 0.0, 0.5, 1.0]
    assert curve.tpr.tolist() == [0.0, 0.5, 1.0, 1.0]
    # half of the tie cannot be flagged: at FPR 0.49 only the first vertex is attained
    assert curve.tpr[curve.at_fpr(0.49)] == 0.5
    assert curve.tpr[curve.at_fpr(0.5)] == 1.0


@pytest.mark.parametrize("seed", range(5))
def test_against_the_naive_twin(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 12, 80).astype(float)
    is_member = rng.random(80) < 0.4
    curve = exact_roc(scores, is_member)
    found = list(zip(curve.n_false.tolist(), curve.n_true.tolist(), strict=True))
    assert found == naive_vertices(scores, is_member)


def test_allowed_false_positives_survive_floating_point() -> None:
    # 0.1 * 30 is not 3 in binary, yet three false positives of thirty are an FPR of 0.1
    scores = np.arange(31.0)
    is_member = np.arange(31) == 27
    curve = exact_roc(scores, is_member)
    assert curve.n_false[curve.at_fpr(0.1)] == 3


def test_thinning_keeps_vertices_only_and_both_ends() -> None:
    rng = np.random.default_rng(0)
    is_member = rng.random(3000) < 0.5
    scores = rng.normal(size=3000) + 0.5 * is_member
    everything = exact_roc(scores, is_member)
    attained = set(zip(everything.fpr.tolist(), everything.tpr.tolist(), strict=True))
    drawn = roc_curve("roc", scores, is_member, n_points=60)
    assert len(drawn.x) <= 63
    assert set(zip(drawn.x, drawn.y, strict=True)) <= attained
    assert (drawn.x[0], drawn.y[0]) == (0.0, 0.0)
    assert (drawn.x[-1], drawn.y[-1]) == (1.0, 1.0)
    # the corner at low FPR survives: several points below one percent
    assert sum(0 < x < 0.01 for x in drawn.x) >= 5
    assert all(
        low <= y <= high for low, y, high in zip(drawn.low, drawn.y, drawn.high, strict=True)
    )


def test_band_covers_pointwise() -> None:
    rng = np.random.default_rng(3)
    hits, points = 0, 0
    is_member = np.arange(600) < 300
    for _ in range(40):
        curve = roc_curve("roc", rng.normal(size=600), is_member, n_points=30)
        for x, low, high in zip(curve.x, curve.low, curve.high, strict=True):
            if 0.02 < x < 0.98:
                points += 1
                hits += low <= x <= high
    assert 0.92 <= hits / points <= 0.99


def test_a_band_ends_where_every_curve_does() -> None:
    rng = np.random.default_rng(4)
    is_member = np.arange(300) < 150
    curve = roc_curve("roc", rng.normal(size=300) + is_member, is_member)
    assert (curve.x[0], curve.low[0]) == (0.0, 0.0)
    assert (curve.x[-1], curve.y[-1], curve.low[-1], curve.high[-1]) == (1.0, 1.0, 1.0, 1.0)
    assert all(
        low <= y <= high for low, y, high in zip(curve.low, curve.y, curve.high, strict=True)
    )


def test_edges() -> None:
    one = np.ones(4)
    assert exact_roc(one, np.array([True, False, True, False])).fpr.tolist() == [0.0, 1.0]
    assert roc_curve("roc", np.array([1.0]), np.array([True])).x[0] == 0.0
    assert exact_roc(np.empty(0), np.empty(0, dtype=bool)).n_true.tolist() == [0]


def test_bad_input_is_refused_in_a_sentence() -> None:
    with pytest.raises(UsageError, match="2 of 3 scores are not finite"):
        exact_roc(np.array([np.nan, 1.0, np.inf]), np.array([True, False, True]))
    with pytest.raises(UsageError, match="boolean"):
        exact_roc(np.zeros(2), np.array([0, 1]))
    with pytest.raises(UsageError, match="one length"):
        exact_roc(np.zeros(2), np.array([True]))
