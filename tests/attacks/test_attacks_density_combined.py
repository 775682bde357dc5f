"""The label-blind combination: by hand, what it must not bury, and what it must not see."""

from __future__ import annotations

import numpy as np
import pytest
from density_views import auc, null_spread, planted

from synthaudit.attacks.combined import FARTHEST, LIKELIHOODS, Combined, combine, tail_evidence
from synthaudit.errors import NotApplicable
from synthaudit.parallel import Context
from synthaudit.seeds import Streams
from synthaudit.types import Floats, Need


def noise(n: int, seed: int) -> dict[str, Floats]:
    """Three core attacks that say nothing and value attacks that found nothing re-used."""
    rng = np.random.default_rng(seed)
    found = {name: rng.logistic(size=n) for name in ("parentage", "record_linkage", "rank_aligned")}
    return found | {name: rng.normal(0, 0.05, n) for name in LIKELIHOODS}


def test_tail_evidence_by_hand() -> None:
    # eleven scores 0..10: median 5, tenth quantile 1, scale 4 / log 9
    scores = np.arange(11.0)
    rank = -np.log(1 - (scores + 1) / 12)
    reach = np.clip((scores - 5) * np.log(9) / 4, 0, FARTHEST)
    np.testing.assert_allclose(tail_evidence(scores), np.maximum(rank, reach))


def test_a_logistic_score_gives_its_rank_back() -> None:
    scores = np.random.default_rng(0).logistic(size=20_000)
    share = 1 - np.argsort(np.argsort(scores)) / 20_000
    top = (scores > np.quantile(scores, 0.9)) & (share > 0.005)  # a few extremes are all chance
    np.testing.assert_allclose(tail_evidence(scores)[top], -np.log(share[top]), atol=0.6)


def test_one_score_shared_by_half_leaves_the_order() -> None:
    scores = np.r_[np.zeros(60), np.arange(1.0, 41.0)]
    found = tail_evidence(scores)
    assert np.isfinite(found).all() and (np.diff(found[60:]) > 0).all()
    assert np.unique(found[:60]).size == 1
    assert np.isfinite(tail_evidence(np.ones(5))).all()


def test_combination_by_hand() -> None:
    scores = noise(40, 1)
    expected = np.mean(
        [tail_evidence(scores[n]) for n in ("parentage", "record_linkage", "rank_aligned")], axis=0
    )
    for name, weight in LIKELIHOODS.items():
        expected = expected + weight * scores[name]
    np.testing.assert_allclose(combine(scores), expected)


def test_certainty_of_one_attack_is_not_buried() -> None:
    rng = np.random.default_rng(4)
    is_member = rng.random(600) < 0.5
    scores = noise(600, 2)
    alone = scores | {"value_combinations": np.where(is_member, 3.0, -1.0) + rng.normal(0, 1, 600)}
    ranks = [np.argsort(np.argsort(s)) for s in alone.values()]
    assert auc(combine(alone), is_member) > 0.95
    assert auc(np.mean(ranks, axis=0), is_member) < 0.85
    # a gap between the halves of the pool, which ranks cannot express
    apart = scores | {"rank_aligned": np.where(is_member, 60.0, 0.0) + rng.logistic(size=600)}
    ranks = [np.argsort(np.argsort(s)) for s in apart.values()]
    assert auc(combine(apart), is_member) > 0.95
    assert auc(np.mean(ranks, axis=0), is_member) < 0.85


def test_noise_stays_at_chance() -> None:
    is_member = np.arange(400) < 200
    found = [auc(combine(noise(400, seed)), is_member) for seed in range(40)]
    assert abs(np.mean(found) - 0.5) < 3 * null_spread(200, 200) / np.sqrt(40)


def test_order_of_attacks_and_candidates_is_nothing() -> None:
    scores = noise(50, 3)
    turned = dict(reversed(list(scores.items())))
    np.testing.assert_allclose(combine(turned), combine(scores))
    order = np.random.default_rng(0).permutation(50)
    permuted = {name: s[order] for name, s in scores.items()}
    np.testing.assert_allclose(combine(permuted), combine(scores)[order])


def test_scores_of_shadow_attacks_are_not_an_outsiders() -> None:
    scores = noise(30, 5)
    more = scores | {"shadow": np.arange(30.0), "shadow_lira": np.arange(30.0)}
    np.testing.assert_array_equal(combine(more), combine(scores))


def test_without_the_core_everything_counts() -> None:
    rng = np.random.default_rng(0)
    scores = {"mine": rng.normal(size=20), "yours": rng.normal(size=20)}
    expected = (tail_evidence(scores["mine"]) + tail_evidence(scores["yours"])) / 2
    np.testing.assert_allclose(combine(scores), expected)


def test_it_asks_for_scores_and_declines_without() -> None:
    attack = Combined()
    assert attack.card.needs == {Need.SCORES}
    view = planted(20, 0, "fresh").view
    with pytest.raises(NotApplicable):
        attack.score(view, Context(Streams(0)))
    with pytest.raises(NotApplicable):
        attack.score(view, Context(Streams(0), extras={"scores": {"tracing": np.zeros(40)}}))
    found = attack.score(view, Context(Streams(0), extras={"scores": noise(40, 0)}))
    assert found.shape == (40,) and np.isfinite(found).all()
