"""The strongest attack: no optimism, finds what leaks, learns what is reversed."""

from __future__ import annotations

import numpy as np
import pytest

from synthaudit.errors import UsageError
from synthaudit.seeds import Streams
from synthaudit.stats import evaluate, strongest
from synthaudit.stats.auc import auc
from synthaudit.stats.combination import fit_logistic, rank_features
from synthaudit.stats.contest import COMBINATION, standardised
from synthaudit.types import Bools, Card, Floats, ThreatModel


def suite(n: int, seed: int, n_attacks: int = 8) -> tuple[dict[str, Floats], Bools]:
    """Correlated attacks that know nothing."""
    rng = np.random.default_rng(seed)
    base = rng.normal(size=2 * n)
    scores = {f"a{j}": base + rng.normal(size=2 * n) for j in range(n_attacks)}
    return scores, rng.permutation(np.arange(2 * n) < n)


def test_null_is_not_made_into_a_leak() -> None:
    naive, hits, advantages = [], [], []
    for seed in range(80):
        scores, is_member = suite(150, seed)
        found = strongest(scores, is_member, Streams(seed)).bulk
        area, gain = found.estimate("auc"), found.estimate("advantage")
        assert area.low is not None
        assert area.high is not None
        assert gain.value is not None
        hits.append(area.low <= 0.5 <= area.high)
        advantages.append(gain.value)
        naive.append(max(auc(s, is_member) for s in scores.values()))
    assert np.mean(hits) >= 0.92
    assert abs(np.mean(advantages)) < 0.015
    assert np.mean(naive) > 0.515  # what choosing and measuring on the same rows would report


def test_finds_the_attack_that_works() -> None:
    scores, is_member = suite(400, 1)
    scores["a3"] = np.random.default_rng(0).normal(size=800) + 0.8 * is_member
    found = strongest(scores, is_member, Streams(0))
    assert set(found.bulk.headline.chosen_by_half) <= {"a3", COMBINATION}
    assert found.bulk.headline.auc.value == pytest.approx(0.71, abs=0.05)
    low = found.bulk.headline.auc.low
    assert low is not None
    assert low > 0.6


def test_a_leak_of_a_few_is_chosen_by_the_tail() -> None:
    scores, is_member = suite(1500, 2)
    rng = np.random.default_rng(1)
    scores["few"] = scores["a0"] + 12 * (is_member & (rng.random(3000) < 0.03))
    scores["many"] = scores["a1"] + 0.3 * is_member
    found = strongest(scores, is_member, Streams(0))
    assert set(found.tail.headline.chosen_by_half) <= {"few", COMBINATION}
    assert "few" not in found.bulk.headline.chosen_by_half
    tail = found.tail.estimate("tpr_at_fpr_0.01")
    assert tail.low is not None
    assert tail.low > 0.025
    assert "chosen on one half" in tail.note


def test_the_combination_learns_a_reversed_sign_and_adds_up_weak_attacks() -> None:
    scores, is_member = suite(800, 3)
    rng = np.random.default_rng(2)
    wrong_way = {"a": scores["a0"], "holes": rng.normal(size=1600) - 0.6 * is_member}
    found = strongest(wrong_way, is_member, Streams(0))
    assert found.overall.headline.attack == COMBINATION
    assert (found.overall.headline.auc.value or 0) > 0.62
    weak = {f"w{j}": rng.normal(size=1600) + 0.15 * is_member for j in range(8)}
    best = max(evaluate(s, is_member, Streams(0))[0].value or 0 for s in weak.values())
    assert (strongest(weak, is_member, Streams(0)).combination.headline.auc.value or 0) > best


def test_held_out_scores_do_not_see_their_own_labels() -> None:
    # one attack per candidate's noise, many of them: an in-sample fit would separate perfectly
    rng = np.random.default_rng(4)
    is_member = rng.permutation(np.arange(120) < 60)
    scores = {f"a{j}": rng.normal(size=120) for j in range(40)}
    features = rank_features(scores)
    beta = fit_logistic(features, is_member, ridge=1e-3)
    in_sample = features @ beta[:-1]
    assert np.mean(in_sample[is_member]) > np.mean(in_sample[~is_member]) + 1
    found = strongest(scores, is_member, Streams(0)).combination.headline.auc
    assert found.low is not None
    assert found.low < 0.5


def test_groups_are_respected() -> None:
    # several rows a person: a leak-free score that identifies persons must stay at chance
    hits = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        groups = np.repeat(np.arange(80), 5)
        is_member = (rng.permutation(80) < 40)[groups]
        scores = {f"a{j}": rng.normal(size=80)[groups] for j in range(4)}
        found = strongest(scores, is_member, Streams(seed), groups=groups).bulk.estimate("auc")
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= 0.5 <= found.high
    assert hits / 60 >= 0.88


def test_logistic_against_its_own_gradient() -> None:
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(200, 3)), rng.random(200) < 0.5
    beta = fit_logistic(x, y, ridge=2.0)
    p = 1 / (1 + np.exp(-(x @ beta[:-1] + beta[-1])))
    assert np.allclose(x.T @ (y - p) - 2.0 * beta[:-1], 0, atol=1e-6)
    assert np.sum(y - p) == pytest.approx(0, abs=1e-4)


def test_separable_and_one_sided_labels_do_not_run_away() -> None:
    x = np.linspace(-1, 1, 40)[:, None]
    assert np.isfinite(fit_logistic(x, x[:, 0] > 0)).all()
    assert np.isfinite(fit_logistic(x, np.ones(40, dtype=bool))).all()


def test_standardised_by_hand() -> None:
    is_member = np.array([False, False, True, True])
    # ranks 1..4, members 3 and 4: sum 7 against 5 expected, variance 2*2/3 * var(1..4) = 5/3
    assert standardised(np.array([1.0, 2, 3, 4]), is_member)["auc"] == pytest.approx(
        2 / np.sqrt(5 / 3)
    )
    assert standardised(np.zeros(4), is_member)["auc"] == 0.0


def test_headline_names_people_can_read() -> None:
    scores, is_member = suite(100, 6, n_attacks=2)
    scores["a1"] = scores["a1"] + 5.0 * is_member
    cards = {
        "a0": Card("a0", "First", "?", "", threat_model=ThreatModel.INSIDER),
        "a1": Card("a1", "Second", "?", ""),
    }
    found = strongest(scores, is_member, Streams(0), cards=cards, p_value=0.01)
    assert found.combination.headline.title == "All attacks combined"
    assert found.combination.headline.threat_model is ThreatModel.INSIDER
    assert found.bulk.headline.p_value == 0.01
    assert found.bulk.headline.tpr_at_fpr["0.001"].value is None
    assert len(found.bulk.headline.chosen_by_half) == 2


@pytest.mark.parametrize("tied", [True, False])
def test_degenerate_scores_are_answered(tied: bool) -> None:
    is_member = np.arange(60) < 30
    scores = np.zeros(60) if tied else is_member.astype(float)
    found = strongest({"a": scores}, is_member, Streams(0)).overall
    assert found.headline.auc.value == (0.5 if tied else 1.0)
    low, high = found.headline.auc.low, found.headline.auc.high
    assert low is not None
    assert high is not None
    assert high - low > 0.05


def test_too_few_are_refused() -> None:
    is_member = np.array([True, True, True, False, False, False])
    with pytest.raises(UsageError, match="two members and two non-members a half"):
        strongest({"a": np.arange(6.0)}, is_member, Streams(0))
    with pytest.raises(UsageError, match="no attack scores"):
        strongest({}, is_member, Streams(0))


def test_adding_an_attack_moves_no_other_attacks_halves() -> None:
    scores, is_member = suite(100, 7)
    fewer = {k: v for k, v in scores.items() if k != "a7"}
    one, two = (strongest(s, is_member, Streams(5)) for s in (scores, fewer))
    assert np.array_equal(one.first, two.first)
