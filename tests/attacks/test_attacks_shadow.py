"""The generator-shadow attack: its design, its calibration, what it finds and what it must not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
from conftest import make_population

from synthaudit import audit
from synthaudit.attacks.shadow.attack import PLUGINS, ShadowEvidence
from synthaudit.attacks.shadow.calibration import OutWorlds, standardise
from synthaudit.attacks.shadow.classifier import learn
from synthaudit.attacks.shadow.features import affordable
from synthaudit.attacks.shadow.splits import half_splits, rows_of, trained
from synthaudit.attacks.shadow.worlds import Worlds
from synthaudit.data import Challenge, draw_challenge, load_tables
from synthaudit.data.store import ArrayStore
from synthaudit.errors import GeneratorError, UsageError
from synthaudit.generators import parse_generator
from synthaudit.lending import LentGenerator
from synthaudit.parallel import Context, steady_threads
from synthaudit.plugins import Outcome, run_attack
from synthaudit.registry import discover_attacks
from synthaudit.seeds import Streams
from synthaudit.stats.auc import auc
from synthaudit.types import Card, Floats, Generator, Status

SHADOW = next(attack for attack in PLUGINS if attack.card.id == "shadow")


def challenge_with(spec: str, n: int, seed: int, *, on_train: bool = True) -> Challenge:
    """A release made by ``spec`` from the training rows, or from strangers."""
    population = make_population(3 * n, seed)
    train, holdout, strangers = (
        population.iloc[i * n : (i + 1) * n].reset_index(drop=True) for i in range(3)
    )
    release = parse_generator(spec).synthesize(train if on_train else strangers, n, seed)
    return draw_challenge(load_tables(train, holdout, release), Streams(seed))


def attacked(
    challenge: Challenge, generator: Generator, n_shadows: int, **more: Any
) -> tuple[Outcome[Floats], dict[str, Any]]:
    """The pooled shadow attack and what it left in the context."""
    extras = {
        "generator": generator,
        "n_shadows": n_shadows,
        "shadow_streams": Streams(5).child("shadows"),
        "features": discover_attacks(),
    } | more
    with steady_threads(1):
        return run_attack(SHADOW, challenge.adversary, Context(Streams(5), extras=extras)), extras


def lent(spec: str) -> LentGenerator:
    return LentGenerator(parse_generator(spec), spec)


# --- design ---------------------------------------------------------------------------------------


def test_every_candidate_is_in_exactly_half_of_the_shadows() -> None:
    membership = half_splits(101, 8, Streams(1))
    assert membership.shape == (8, 101)
    np.testing.assert_array_equal(membership.sum(axis=0), 4)
    for pair in range(4):
        np.testing.assert_array_equal(membership[2 * pair], ~membership[2 * pair + 1])
    np.testing.assert_array_equal(rows_of(membership, 3), np.flatnonzero(membership[3]))


def test_more_shadows_leave_the_first_ones_as_they_are() -> None:
    np.testing.assert_array_equal(
        half_splits(50, 4, Streams(2)), half_splits(50, 12, Streams(2))[:4]
    )


def test_shadows_on_fewer_rows_stay_within_their_half() -> None:
    halves = half_splits(101, 8, Streams(1))
    some = trained(halves, 20, Streams(1))
    np.testing.assert_array_equal(some.sum(axis=1), 20)
    assert not (some & ~halves).any()
    np.testing.assert_array_equal(trained(halves, 900, Streams(1)), halves)
    np.testing.assert_array_equal(trained(halves, None, Streams(1)), halves)


@pytest.mark.parametrize("n_shadows", [-2, 1, 2, 3, 7])
def test_counts_that_cannot_be_calibrated_are_refused(n_shadows: int) -> None:
    with pytest.raises(UsageError, match="at least 4"):
        half_splits(20, n_shadows, Streams(0))


def test_shadows_on_too_few_rows_are_refused_before_anything_is_read() -> None:
    with pytest.raises(UsageError, match="at least 10"):
        audit("no.csv", "no.csv", "no.csv", shadow_rows=9)


# --- calibration ----------------------------------------------------------------------------------


def naive_moments(features: Floats, membership: Any, pair: int) -> tuple[Floats, Floats]:
    """Slow twin: for each candidate, the OUT worlds outside the pair, one at a time."""
    n_shadows, n, d = features.shape
    mean, variance = np.zeros((n, d)), np.zeros((n, d))
    for i in range(n):
        worlds = [
            features[s, i] for s in range(n_shadows) if s // 2 != pair and not membership[s, i]
        ]
        mean[i], variance[i] = np.mean(worlds, axis=0), np.var(worlds, axis=0)
    weight = len(worlds) / (len(worlds) + 4.0)
    return mean, np.sqrt(weight * variance + (1 - weight) * variance.mean(axis=0) + 1e-12)


def test_moments_equal_the_slow_twin() -> None:
    rng = np.random.default_rng(0)
    membership = half_splits(30, 8, Streams(3))
    features = rng.normal(size=(8, 30, 4))
    worlds = OutWorlds.of(features, membership)
    for pair in range(4):
        mean, spread = worlds.moments_without(pair)
        expected_mean, expected_spread = naive_moments(features, membership, pair)
        np.testing.assert_allclose(mean, expected_mean, atol=1e-12)
        np.testing.assert_allclose(spread, expected_spread, atol=1e-9)


def test_the_number_of_out_worlds_does_not_tell_the_label() -> None:
    membership = half_splits(40, 10, Streams(4))
    for shadow in range(10):
        others = [s for s in range(10) if s // 2 != shadow // 2]
        counts = (~membership[others]).sum(axis=0)
        assert set(Counter(counts.tolist())) == {4}  # members and non-members of it alike


def test_pure_noise_teaches_nothing() -> None:
    # features independent of membership: calibration must not smuggle the label in
    rng = np.random.default_rng(7)
    membership = half_splits(600, 8, Streams(8))

    def noise(*shape: int) -> Any:
        return rng.normal(size=shape).astype(np.float32)

    worlds = Worlds(
        noise(8, 600, 5), noise(8, 600, 30), membership, membership, noise(600, 5), noise(600, 30)
    )
    with steady_threads(1):
        signature = learn(worlds, Streams(9))
    assert max(abs(value - 0.5) for value in signature.validation_auc.values()) < 0.03


def test_a_dear_attack_is_a_feature_of_small_shadows_only() -> None:
    challenge = challenge_with("marginals", 40, seed=3)
    names = [a.card.id for a in affordable(discover_attacks(), challenge.adversary)]
    assert "segment_ends" in names and "density_ratio" not in names and "shadow" not in names
    card = next(a.card for a in discover_attacks() if a.card.id == "segment_ends")
    assert card.is_feature_at(card.feature_up_to)
    assert not card.is_feature_at(card.feature_up_to + 1)


def test_standardise_is_within_the_table_and_survives_constants() -> None:
    table = np.column_stack([np.arange(9.0), np.full(9, 3.0)])
    scaled = standardise(table * 100 + 7)
    np.testing.assert_allclose(scaled[:, 0], (np.arange(9) - 4) / (2 * 1.4826))
    np.testing.assert_array_equal(scaled[:, 1], 0.0)


# --- what it finds --------------------------------------------------------------------------------


def test_a_memorising_generator_is_caught_and_the_placebo_is_quiet() -> None:
    challenge = challenge_with("cart:min_leaf=3", 300, seed=21)
    outcome, extras = attacked(challenge, lent("cart:min_leaf=3"), 6)
    assert outcome.status is Status.MEASURED and outcome.answer is not None
    assert auc(outcome.answer, challenge.is_member) > 0.65
    evidence: ShadowEvidence = extras["shadow_evidence"]
    assert evidence.validation_auc > 0.65
    placebo = [auc(scores, challenge.is_member) for scores in evidence.held_out]
    assert abs(np.mean(placebo) - 0.5) < 0.03


def test_a_release_of_strangers_stays_at_chance() -> None:
    found = []
    for seed in range(4):
        challenge = challenge_with("cart:min_leaf=3", 150, seed=30 + seed, on_train=False)
        outcome, _ = attacked(challenge, lent("cart:min_leaf=3"), 4)
        assert outcome.answer is not None
        found.append(auc(outcome.answer, challenge.is_member))
    spread = np.sqrt(301 / (12 * 150 * 150) / len(found))
    assert abs(np.mean(found) - 0.5) < 3.5 * spread


def test_independent_margins_give_next_to_nothing_away() -> None:
    challenge = challenge_with("marginals", 300, seed=41)
    outcome, _ = attacked(challenge, lent("marginals"), 4)
    assert outcome.answer is not None
    strong = challenge_with("cart:min_leaf=3", 300, seed=41)
    loud, _ = attacked(strong, lent("cart:min_leaf=3"), 4)
    assert loud.answer is not None
    quiet_auc, loud_auc = (
        auc(outcome.answer, challenge.is_member),
        auc(loud.answer, strong.is_member),
    )
    assert quiet_auc < loud_auc - 0.1


def test_shadows_on_fewer_rows_still_find_a_memorising_generator() -> None:
    challenge = challenge_with("cart:min_leaf=3", 200, seed=22)
    outcome, extras = attacked(challenge, lent("cart:min_leaf=3"), 4, shadow_rows=120)
    assert outcome.answer is not None and auc(outcome.answer, challenge.is_member) > 0.62
    assert extras["shadow_evidence"].rows_trained_on == 120
    lira = next(attack for attack in PLUGINS if attack.card.id == "shadow_lira")
    context = Context(Streams(5), extras=extras)
    assert np.isfinite(lira.score(challenge.adversary, context)).all()


# --- faults ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Brittle:
    """Fails on one seed in ``every``; never says what it saw."""

    every: int
    card: ClassVar[Card] = Card("brittle", "Brittle", "Does it break?", "It breaks.")

    def synthesize(self, train: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
        if seed % self.every == 0:
            raise GeneratorError("The brittle generator broke.")
        return train.sample(n_rows, replace=True, random_state=seed % 2**31)


def test_a_generator_that_always_fails_makes_a_decline_with_its_reason() -> None:
    challenge = challenge_with("marginals", 60, seed=50)
    outcome, _ = attacked(challenge, Brittle(every=1), 4)
    assert outcome.status is Status.SKIPPED
    assert "0 of 2 pairs" in outcome.reason and "broke" in outcome.reason


def test_a_shadow_that_fails_is_retried_and_failed_pairs_are_left_out() -> None:
    challenge = challenge_with("marginals", 60, seed=51)
    outcome, extras = attacked(challenge, Brittle(every=2), 12)
    # each shadow has two tries of one half each; a pair survives with 9/16
    assert outcome.status is Status.MEASURED, outcome.reason
    evidence: ShadowEvidence = extras["shadow_evidence"]
    assert evidence.n_shadows % 2 == 0 and evidence.n_shadows < 12 and evidence.n_failed > 0
    assert evidence.failure == "The brittle generator broke."


def test_finished_shadows_are_not_made_again(tmp_path: Path) -> None:
    challenge = challenge_with("cart", 80, seed=60)
    first, _ = attacked(challenge, lent("cart"), 4, store=ArrayStore(tmp_path))
    stamps = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert len(stamps) == 4
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())
    again, _ = attacked(challenge, lent("cart"), 4, store=ArrayStore(tmp_path))
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == stamps
    np.testing.assert_array_equal(first.answer, again.answer)


def test_another_setting_has_other_keys(tmp_path: Path) -> None:
    challenge = challenge_with("cart", 60, seed=61)
    attacked(challenge, lent("cart"), 4, store=ArrayStore(tmp_path))
    attacked(challenge, lent("cart:min_leaf=9"), 4, store=ArrayStore(tmp_path))
    assert len(list(tmp_path.iterdir())) == 8


def test_a_truncated_store_is_made_good(tmp_path: Path) -> None:
    challenge = challenge_with("cart", 60, seed=62)
    first, _ = attacked(challenge, lent("cart"), 4, store=ArrayStore(tmp_path))
    victim = sorted(tmp_path.iterdir())[0]
    victim.write_bytes(victim.read_bytes()[:100])
    again, _ = attacked(challenge, lent("cart"), 4, store=ArrayStore(tmp_path))
    np.testing.assert_array_equal(first.answer, again.answer)
