"""Epsilon lower bounds: hand-worked, valid under randomised response, refused when they must be."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom

from synthaudit.errors import NotApplicable, UsageError
from synthaudit.seeds import Streams
from synthaudit.stats.epsilon import (
    epsilon_from_attack,
    epsilon_from_counts,
    epsilon_one_run,
    one_run_bound,
)
from synthaudit.types import Bools, Floats


def randomised_response(n: int, epsilon: float, rng: np.random.Generator) -> tuple[Floats, Bools]:
    """Every record's membership is told truthfully with probability e^eps / (1 + e^eps)."""
    is_member = rng.permutation(np.arange(2 * n) < n)
    truthful = rng.random(2 * n) < 1 / (1 + math.exp(-epsilon))
    return (is_member == truthful).astype(float), is_member


def test_counts_by_hand() -> None:
    # all of 250 found, none of 250 accused: both bounds are 0.025^(1/250)
    q = 0.025 ** (1 / 250)
    assert epsilon_from_counts(250, 250, 0, 250) == pytest.approx(math.log(q / (1 - q)))
    assert epsilon_from_counts(10, 100, 10, 100) == 0.0
    # with delta larger than what was found nothing is left
    assert epsilon_from_counts(250, 250, 0, 250, delta=1.0) == 0.0


def test_both_directions_count() -> None:
    # nobody can be named, but many can be cleared: low scores are never members
    assert epsilon_from_counts(1000, 1000, 500, 1000) > 2.0


@pytest.mark.parametrize(
    ("correct", "guesses", "expected"),
    [(50, 50, 2.78), (45, 50, 1.39), (200, 200, 4.19), (900, 1000, 2.02), (600, 1000, 0.30)],
)
def test_one_run_bound_solves_its_equation(correct: int, guesses: int, expected: float) -> None:
    found = one_run_bound(correct, guesses, guesses)
    assert found == pytest.approx(expected, abs=0.006)
    q = 1 / (1 + math.exp(-found))
    assert binom.sf(correct - 1, guesses, q) == pytest.approx(0.05, abs=1e-4)


def test_delta_against_the_papers_loop() -> None:
    def paper(m: int, r: int, v: int, epsilon: float, delta: float) -> float:
        q = 1 / (1 + math.exp(-epsilon))
        alpha = total = 0.0
        for i in range(1, v + 1):
            total += binom.pmf(v - i, r, q)
            alpha = max(alpha, total / i)
        return float(binom.sf(v - 1, r, q) + 2 * m * delta * alpha)

    found = one_run_bound(180, 200, 1000, delta=1e-5)
    assert found < one_run_bound(180, 200, 1000)
    assert paper(1000, 200, 180, found, 1e-5) == pytest.approx(0.05, abs=1e-4)


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(UsageError):
        one_run_bound(3, 2, 5)
    assert one_run_bound(0, 0, 5) == 0.0
    assert one_run_bound(3, 10, 10) == 0.0


@pytest.mark.parametrize("epsilon", [0.0, 0.5, 2.0])
def test_bounds_hold_under_randomised_response(epsilon: float) -> None:
    rng = np.random.default_rng(0)
    customary, one_run, sizes = 0, 0, []
    for seed in range(80):
        scores, is_member = randomised_response(300, epsilon, rng)
        a = epsilon_from_attack(scores, is_member, Streams(seed), is_random_split=True)
        b = epsilon_one_run(scores, is_member, Streams(seed), is_random_split=True)
        assert a.value is not None
        assert b.epsilon.value is not None
        customary += a.value <= epsilon
        # swapping a pair changes two records: 2 epsilon for the pair
        one_run += b.epsilon.value <= 2 * epsilon
        sizes.append(a.value)
    assert customary / 80 >= 0.93
    assert one_run / 80 >= 0.93
    if epsilon == 2.0:
        assert np.mean(sizes) > 1.2  # the bound is not vacuous


def test_optimism_is_not_in_the_bound() -> None:
    # the largest bound over all thresholds of the same sample exceeds 0 far too often
    rng = np.random.default_rng(1)
    found = [
        epsilon_from_attack(
            rng.normal(size=400), np.arange(400) < 200, Streams(i), is_random_split=True
        ).value
        for i in range(150)
    ]
    assert np.mean([(v or 0) > 0 for v in found]) <= 0.06


def test_a_planted_leak_is_seen() -> None:
    rng = np.random.default_rng(2)
    is_member = np.arange(2000) < 1000
    scores = rng.normal(size=2000) + 10 * (is_member & (rng.random(2000) < 0.3))
    found = epsilon_from_attack(scores, is_member, Streams(0), is_random_split=True)
    assert (found.value or 0) > 2.5
    assert found.high is None
    one_run = epsilon_one_run(scores, is_member, Streams(0), is_random_split=True)
    assert (one_run.epsilon.value or 0) > 2.0
    assert one_run.n_correct <= one_run.n_guesses <= one_run.n_pairs == 1000


def test_refused_without_a_random_split_or_with_groups() -> None:
    scores, is_member = np.zeros(4), np.array([True, True, False, False])
    for bound in (epsilon_from_attack, epsilon_one_run):
        with pytest.raises(NotApplicable, match="random"):
            bound(scores, is_member, Streams(0), is_random_split=False)
        with pytest.raises(NotApplicable, match="groups"):
            bound(
                scores, is_member, Streams(0), is_random_split=True, groups=np.array([0, 0, 1, 1])
            )


def test_ties_and_tiny_sides() -> None:
    is_member = np.array([True, False])
    assert epsilon_from_attack(np.zeros(2), is_member, Streams(0), is_random_split=True).value == 0
    assert epsilon_one_run(np.zeros(2), is_member, Streams(0), is_random_split=True).n_guesses == 0
    nobody = epsilon_one_run(np.zeros(2), np.ones(2, dtype=bool), Streams(0), is_random_split=True)
    assert nobody.epsilon.value is None
