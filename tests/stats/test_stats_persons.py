"""One score a person from the scores of the person's rows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chi2

from synthaudit.seeds import Streams
from synthaudit.stats import (
    all_by_person,
    by_person,
    labels_by_person,
    largest_by_person,
    permutation_test,
)
from synthaudit.stats.persons import _log_survival


def test_worked_by_hand() -> None:
    # ranks 1..4, p = 0.875, 0.625, 0.375, 0.125; person 0 has the two highest rows
    scores, persons = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1, 2, 0, 0])
    fisher = chi2.sf(-2 * math.log(0.375 * 0.125), 4)
    sidak = 1 - (1 - 0.125) ** 2
    assert fisher < sidak
    expected = [-math.log(fisher), -math.log(0.875), -math.log(0.625)]
    np.testing.assert_allclose(by_person(scores, persons), expected, rtol=1e-12)


def test_the_more_surprising_of_the_two_counts() -> None:
    n = 1000
    scores = np.arange(n, dtype=float)
    persons = np.arange(n)
    # one person: the highest row of all and four in the middle
    rows = [n - 1, 400, 450, 500, 550]
    persons[rows] = n
    persons = np.unique(persons, return_inverse=True)[1]
    found = by_person(scores, persons)[-1]
    assert found == pytest.approx(-math.log(1 - (1 - 0.5 / n) ** 5), rel=1e-9)


def naive(scores: list[float], persons: list[int]) -> list[float]:
    n = len(scores)
    answers = []
    for person in range(max(persons) + 1):
        p = []
        for i in range(n):
            if persons[i] == person:
                below = sum(s < scores[i] for s in scores)
                tied = sum(s == scores[i] for s in scores)
                p.append((n - (below + (tied + 1) / 2) + 0.5) / n)
        fisher = float(chi2.sf(-2 * sum(math.log(x) for x in p), 2 * len(p)))
        answers.append(-math.log(min(fisher, 1 - (1 - min(p)) ** len(p))))
    return answers


def test_slow_twin_with_ties() -> None:
    rng = np.random.default_rng(4)
    scores = rng.integers(0, 15, 60).astype(float)
    persons = np.unique(rng.integers(0, 20, 60), return_inverse=True)[1]
    np.testing.assert_allclose(by_person(scores, persons), naive(list(scores), list(persons)))


def test_one_row_a_person_keeps_the_order() -> None:
    scores = np.random.default_rng(1).normal(size=50)
    order = np.argsort(by_person(scores, np.arange(50)))
    assert (order == np.argsort(scores)).all()


def test_hundreds_of_rows_stay_finite() -> None:
    scores = np.arange(4000, dtype=float)
    persons = np.where(scores >= 3000, 0, 1 + np.arange(4000)).astype(np.int64)
    persons = np.unique(persons, return_inverse=True)[1]
    found = by_person(scores, persons)
    assert np.isfinite(found).all() and found[0] > 500


def log_survival_by_terms(z: float, k: int) -> float:
    """log of exp(-z) * sum of z^i / i! for i < k: what P(Gamma(k) > z) is for whole k."""
    terms = [i * math.log(z) - math.lgamma(i + 1) for i in range(k)]
    top = max(terms)
    return -z + top + math.log(sum(math.exp(term - top) for term in terms))


@pytest.mark.parametrize(("z", "k"), [(0.5, 2), (8.0, 3), (30.0, 5), (400.0, 60), (660.0, 3)])
def test_survival_is_exact_while_it_can_be_held(z: float, k: int) -> None:
    found = float(_log_survival(np.array([z]), np.array([float(k)]))[0])
    assert found == pytest.approx(log_survival_by_terms(z, k), rel=1e-9)


@pytest.mark.parametrize(("z", "k"), [(700.0, 2), (800.0, 20), (1500.0, 200), (6000.0, 900)])
def test_survival_too_small_to_be_held(z: float, k: int) -> None:
    found = float(_log_survival(np.array([z]), np.array([float(k)]))[0])
    assert found == pytest.approx(log_survival_by_terms(z, k), abs=0.01)


def test_labels_and_isolation() -> None:
    persons = np.array([0, 1, 0, 2])
    assert labels_by_person(np.array([True, False, True, True]), persons).tolist() == [1, 0, 1]
    assert largest_by_person(np.array([1.0, 2.0, 3.0, 0.5]), persons).tolist() == [3.0, 2.0, 0.5]


def test_the_exact_test_keeps_its_size_with_correlated_rows() -> None:
    """Rows of one person share most of their score; counted as rows they would look significant."""
    rejected = {"persons": 0, "rows": 0}
    for seed in range(200):
        rng = np.random.default_rng(seed)
        persons = np.repeat(np.arange(80), rng.integers(1, 8, 80))
        labels = rng.permutation(np.repeat([True, False], 40))
        scores = {"a": rng.normal(size=80)[persons] + 0.3 * rng.normal(size=persons.size)}
        for how in rejected:
            mine = all_by_person(scores, persons) if how == "persons" else scores
            truth = labels if how == "persons" else labels[persons]
            test = permutation_test(mine, truth, Streams(seed), n_permutations=199)
            rejected[how] += test.p_value <= 0.05
    # 200 draws at 5 %: 99.9 % of the time at most 22
    assert rejected["persons"] <= 22
    assert rejected["rows"] >= 40
