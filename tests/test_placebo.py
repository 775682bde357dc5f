"""The placebo: does the shadow attack tell train from holdout on tables that cannot know it?"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from synthaudit.assemble.shadows import notices_of_placebo, validity_of
from synthaudit.measure import placebo
from synthaudit.stats.auc import auc
from synthaudit.types import Bools, Floats


def labels(members: tuple[int, ...], n: int) -> Bools:
    return np.isin(np.arange(n), members)


def test_spread_equals_that_over_all_splits() -> None:
    held_out = np.array([[1.0, 2, 3, 4, 5, 6], [2, 2, 1, 5, 3, 4], [6, 1, 2, 3, 3, 3]])
    every = [
        np.mean([auc(scores, labels(members, 6)) for scores in held_out])
        for members in combinations(range(6), 3)
    ]
    found = placebo(held_out, labels((0, 2, 5), 6))
    assert found.auc.value is not None and found.auc.low is not None
    # 1.95996 standard deviations, where the interval is not cut at 0
    np.testing.assert_allclose(found.auc.value - found.auc.low, 1.959964 * np.std(every), rtol=1e-5)
    np.testing.assert_allclose(np.mean(every), 0.5)


def shadows_scores(rng: np.random.Generator, n: int, bias: float) -> Floats:
    """Eight shadows whose scores share a component of the candidate's own."""
    own = rng.normal(size=n)
    return bias * own + rng.normal(size=(8, n))


def test_scores_that_people_carry_with_them_raise_no_alarm() -> None:
    # a spread taken over shadows would take the common component for evidence
    rng = np.random.default_rng(0)
    alarms = [
        placebo(shadows_scores(rng, 200, 2.0), rng.permutation(np.arange(200) < 100)).p_value < 0.05
        for _ in range(400)
    ]
    assert 0.02 <= np.mean(alarms) <= 0.085


def test_a_placebo_that_works_well_ends_the_audit() -> None:
    rng = np.random.default_rng(1)
    member = np.arange(800) < 400
    quiet = placebo(rng.normal(size=(8, 800)), member)
    assert notices_of_placebo(quiet) == () and validity_of(quiet)[0].passed
    shifted = placebo(rng.normal(size=(8, 800)) + 0.7 * member, member)
    (notice,) = notices_of_placebo(shifted)
    assert notice.severity == "invalid" and not validity_of(shifted)[0].passed


def test_a_significant_but_tiny_lean_is_a_warning() -> None:
    rng = np.random.default_rng(2)
    member = np.arange(60_000) < 30_000
    leaning = placebo(rng.normal(size=(4, 60_000)) + 0.05 * member, member)
    assert leaning.p_value < 0.001
    (notice,) = notices_of_placebo(leaning)
    assert notice.severity == "warn"


def test_without_shadows_there_is_no_placebo() -> None:
    assert validity_of(None) == () and notices_of_placebo(None) == ()


def test_constant_scores_are_no_evidence() -> None:
    found = placebo(np.zeros((4, 10)), np.arange(10) < 5)
    assert found.auc.value == 0.5 and found.p_value == 1.0
