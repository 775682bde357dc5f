"""The exact test: against full enumeration, its size, groups, blocks, strata, power."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from synthaudit.errors import UsageError
from synthaudit.seeds import Streams
from synthaudit.stats.permutation import permutation_test, top_weights


def test_top_weights_by_hand() -> None:
    # two of five flagged: 9 surely, the three tied at 5 share the second place
    weights = top_weights(np.array([5.0, 9.0, 5.0, 5.0, 1.0]), 0.4)
    assert weights.tolist() == pytest.approx([1 / 3, 1, 1 / 3, 1 / 3, 0])


def test_p_value_against_full_enumeration() -> None:
    scores = np.array([1.0, 2.0, 2.0, 5.0, 6.0, 7.0, 3.0, 9.0])
    is_member = np.array([0, 0, 1, 1, 1, 0, 0, 1], dtype=bool)
    ranks = np.array([1, 2.5, 2.5, 5, 6, 7, 4, 8])
    observed = abs(ranks[is_member].sum() - 18)
    every = [abs(ranks[list(c)].sum() - 18) for c in itertools.combinations(range(8), 4)]
    exact = np.mean([v >= observed - 1e-9 for v in every])
    found = permutation_test({"a": scores}, is_member, Streams(0), n_permutations=20_000)
    assert len(found.tested) == 1
    assert found.p_value == pytest.approx(exact, abs=0.015)


def test_z_is_standardised_by_the_exact_moments() -> None:
    rng = np.random.default_rng(0)
    scores, is_member = rng.normal(size=40), np.arange(40) < 15
    ranks = scores.argsort().argsort() + 1.0
    # Mann-Whitney's textbook mean and variance
    mean, variance = 15 * 41 / 2, 15 * 25 * 41 / 12
    found = permutation_test({"a": scores}, is_member, Streams(0), n_permutations=10)
    z = (ranks[is_member].sum() - mean) / np.sqrt(variance)
    assert found.tested[0].z == pytest.approx(z)


def test_size_over_a_suite_of_correlated_attacks() -> None:
    p_values = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        base = rng.normal(size=240)
        scores = {f"a{j}": base + rng.normal(size=240) for j in range(6)}
        is_member = rng.permutation(np.arange(240) < 120)
        found = permutation_test(
            scores, is_member, Streams(seed), strata=np.arange(240) % 3, n_permutations=99
        )
        p_values.append(found.p_value)
    assert 0.02 <= np.mean(np.array(p_values) <= 0.05) <= 0.085
    assert 0.4 <= np.mean(p_values) <= 0.65


def test_threads_change_nothing() -> None:
    rng = np.random.default_rng(1)
    scores = {f"a{j}": rng.integers(0, 50, 600).astype(np.float64) for j in range(4)}
    is_member, strata = np.arange(600) < 300, rng.integers(0, 3, 600)
    found = [
        permutation_test(
            scores, is_member, Streams(0), strata=strata, n_permutations=600, jobs=jobs
        )
        for jobs in (1, 2, 4)
    ]
    assert found[0] == found[1] == found[2]


def test_unadjusted_use_would_have_cried_wolf() -> None:
    raw = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        is_member = np.arange(100) < 50
        found = permutation_test(
            {f"a{j}": rng.normal(size=100) for j in range(10)},
            is_member,
            Streams(seed),
            n_permutations=10,
        )
        raw += abs(found.tested[0].z) > 1.96
    assert raw / 200 > 0.25


def test_finds_a_leak_of_everybody_and_a_leak_of_a_few() -> None:
    rng = np.random.default_rng(1)
    is_member = np.arange(2000) < 1000
    noise = {f"a{j}": rng.normal(size=2000) for j in range(5)}
    shifted = permutation_test(
        noise | {"shifted": rng.normal(size=2000) + 0.3 * is_member}, is_member, Streams(0)
    )
    assert shifted.p_value < 0.01
    assert (shifted.tested[0].attack, shifted.tested[0].metric) == ("shifted", "auc")
    few = rng.normal(size=2000) + 9 * (is_member & (rng.random(2000) < 0.025))
    exposed = permutation_test(noise | {"few": few}, is_member, Streams(0))
    assert exposed.p_value < 0.01
    assert exposed.tested[0].metric.startswith("top_0.0")
    assert exposed.of_attack("few") == exposed.p_value
    assert exposed.of_attack("a0") > 0.05
    assert exposed.of_attack("nobody") is None


def test_two_sided_and_says_which_way() -> None:
    rng = np.random.default_rng(2)
    is_member = np.arange(600) < 300
    found = permutation_test(
        {"holes": rng.normal(size=600) - 0.5 * is_member}, is_member, Streams(0)
    )
    assert found.p_value < 0.01
    assert found.tested[0].z < 0
    assert found.is_reversed
    quiet = permutation_test({"noise": rng.normal(size=600)}, is_member, Streams(0))
    assert quiet.p_value > 0.05 and not quiet.is_reversed
    leak = permutation_test({"leak": rng.normal(size=600) + is_member}, is_member, Streams(0))
    assert leak.p_value < 0.01 and not leak.is_reversed


def test_groups_are_permuted_whole() -> None:
    # 40 persons, ten identical rows each: by rows everything is significant
    by_group, by_row = 0, 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        groups = np.repeat(np.arange(40), 10)
        is_member = rng.permutation(np.arange(40) < 20)[groups]
        scores = {"a": rng.normal(size=40)[groups] + 0.01 * rng.normal(size=400)}
        options = {"n_permutations": 99}
        found = permutation_test(scores, is_member, Streams(seed), groups=groups, **options)
        assert found.n_units == 40
        by_group += found.p_value <= 0.05
        by_row += permutation_test(scores, is_member, Streams(seed), **options).p_value <= 0.05
    assert by_group / 150 <= 0.1
    assert by_row / 150 > 0.3


def test_blocks_absorb_a_stratified_split() -> None:
    # sites differ in score and in how many of their rows were trained on: confounded by rows
    rng = np.random.default_rng(3)
    site = np.repeat([0, 1], 300)
    is_member = np.concatenate([np.arange(300) < 240, np.arange(300) < 60])
    scores = {"a": rng.normal(size=600) + 2 * (site == 0)}
    assert permutation_test(scores, is_member, Streams(0)).p_value < 0.01
    assert permutation_test(scores, is_member, Streams(0), blocks=site).p_value > 0.05


def test_strata_find_who_bears_it() -> None:
    rng = np.random.default_rng(4)
    bins = np.arange(2000) % 5
    is_member = rng.permutation(np.arange(2000) < 1000)
    scores = {"a": rng.normal(size=2000) + 0.9 * (is_member & (bins == 4))}
    found = permutation_test(scores, is_member, Streams(0), strata=bins)
    assert found.tested[0].stratum == 4
    assert found.p_value < 0.01


def test_step_down_is_monotone_and_ordered() -> None:
    rng = np.random.default_rng(5)
    is_member = np.arange(300) < 150
    found = permutation_test(
        {f"a{j}": rng.normal(size=300) + 0.1 * j * is_member for j in range(6)},
        is_member,
        Streams(0),
        n_permutations=500,
    )
    z = [abs(t.z) for t in found.tested]
    p = [t.p_adjusted for t in found.tested]
    assert z == sorted(z, reverse=True)
    assert p == sorted(p)
    assert found.p_value == p[0]
    assert 2.0 < found.critical < 4.0


def test_all_ties_say_nothing() -> None:
    is_member = np.arange(50) < 25
    found = permutation_test({"a": np.zeros(50)}, is_member, Streams(0), n_permutations=99)
    assert found.p_value == 1.0
    assert all(t.z == 0 for t in found.tested)


def test_one_member_and_one_nonmember() -> None:
    found = permutation_test(
        {"a": np.array([1.0, 0.0])}, np.array([True, False]), Streams(0), n_permutations=99
    )
    assert found.p_value == 1.0


def test_same_seed_same_answer_whatever_the_order_of_attacks() -> None:
    rng = np.random.default_rng(6)
    is_member = np.arange(200) < 100
    a, b = rng.normal(size=200), rng.normal(size=200)
    one = permutation_test({"a": a, "b": b}, is_member, Streams(1), n_permutations=200)
    two = permutation_test({"b": b, "a": a}, is_member, Streams(1), n_permutations=200)
    assert one.of_attack("a") == two.of_attack("a")
    assert one.critical == two.critical


def test_no_attack_is_refused() -> None:
    with pytest.raises(UsageError, match="at least one attack"):
        permutation_test({}, np.array([True, False]), Streams(0))
