"""What every attack must obey, run over whatever attacks are found: a new file is held to it."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import make_case

from synthaudit.data import draw_challenge, load_tables
from synthaudit.data.views import AdversaryView
from synthaudit.parallel import Context
from synthaudit.plugins import run_attack
from synthaudit.registry import THREAT_MODELS, discover_attacks
from synthaudit.seeds import Streams
from synthaudit.types import Attack, Floats, Need, Status

ATTACKS = discover_attacks()
DIRECT = [attack for attack in ATTACKS if not attack.card.needs]
IDS = [attack.card.id for attack in DIRECT]


def challenge_of(case: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame], jobs: int = 1) -> Any:
    return draw_challenge(load_tables(*case), Streams(0), jobs=jobs)


def scores_of(attack: Attack, view: AdversaryView, jobs: int = 1) -> Floats:
    outcome = run_attack(attack, view, Context(Streams(0), jobs=jobs))
    assert outcome.status is Status.MEASURED, outcome.reason
    assert outcome.answer is not None
    return outcome.answer


def auc(scores: Floats, is_member: Any) -> float:
    order = pd.Series(scores).rank().to_numpy()
    n1 = int(is_member.sum())
    return (order[is_member].sum() - n1 * (n1 + 1) / 2) / (n1 * (len(scores) - n1))


@pytest.fixture(scope="module")
def leaky(leaky_case: Any) -> Any:
    return challenge_of(leaky_case)


def test_attacks_are_found() -> None:
    assert {"closest_record", "value_fingerprint", "density_ratio", "tracing"} <= set(IDS)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a.card.id)
def test_card_is_complete(attack: Attack) -> None:
    card = attack.card
    assert card.id.isidentifier() and card.id == card.id.lower()
    assert card.title and card.question.endswith("?") and len(card.how_to_read) > 20
    assert card.threat_model in THREAT_MODELS
    assert card.references, "say where it comes from; the project's own ideas say so"


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a.card.id)
def test_attack_is_a_frozen_dataclass(attack: Attack) -> None:
    assert is_dataclass(attack)
    for field in fields(attack):
        with pytest.raises(FrozenInstanceError):
            setattr(attack, field.name, None)


@pytest.mark.parametrize("attack", DIRECT, ids=IDS)
def test_scores_are_finite_one_each_and_repeatable(
    attack: Attack, leaky: Any, leaky_case: Any
) -> None:
    first = scores_of(attack, leaky.adversary)
    assert first.shape == (leaky.adversary.n_candidates,) and np.isfinite(first).all()
    again = scores_of(attack, challenge_of(leaky_case, jobs=2).adversary, jobs=2)
    np.testing.assert_allclose(again, first, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("attack", DIRECT, ids=IDS)
def test_inputs_are_not_touched(attack: Attack, leaky: Any) -> None:
    view = leaky.adversary
    arrays = [
        array
        for table in (view.candidates, view.synthetic)
        for array in (table.ranks, table.scaled, table.values, table.codes)
    ]
    before = [array.copy() for array in arrays]
    frame = view.candidate_frame.copy()
    scores_of(attack, view)
    for array, copy in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, copy)
    pd.testing.assert_frame_equal(view.candidate_frame, frame)


@pytest.mark.parametrize("attack", DIRECT, ids=IDS)
def test_permuting_candidates_permutes_scores(attack: Attack, leaky: Any) -> None:
    view = leaky.adversary
    order = np.random.default_rng(0).permutation(view.n_candidates)
    shuffled = AdversaryView(
        view.candidates.take(order),
        view.synthetic,
        view.schema,
        view.candidate_frame.iloc[order].reset_index(drop=True),
        view.synthetic_frame,
        encoder=view.encoder,
    )
    np.testing.assert_allclose(
        scores_of(attack, shuffled), scores_of(attack, view)[order], rtol=1e-6, atol=1e-6
    )


@pytest.mark.parametrize("attack", DIRECT, ids=IDS)
def test_a_planted_leak_is_caught(attack: Attack) -> None:
    # every synthetic row is a training row: whatever an attack looks at, members give it away
    challenge = challenge_of(make_case(250, seed=11, leak=1.0))
    assert auc(scores_of(attack, challenge.adversary), challenge.is_member) > 0.6


@pytest.mark.parametrize("attack", DIRECT, ids=IDS)
def test_a_true_null_stays_at_chance(attack: Attack) -> None:
    found = []
    for seed in range(8):
        challenge = challenge_of(make_case(150, seed=100 + seed))
        found.append(auc(scores_of(attack, challenge.adversary), challenge.is_member))
    spread = np.sqrt((300 + 1) / (12 * 150 * 150))  # of one AUC under the null
    assert abs(np.mean(found) - 0.5) < 3.5 * spread / np.sqrt(len(found))


@pytest.mark.parametrize(
    "attack",
    [a for a in ATTACKS if a.card.needs & {Need.GENERATOR, Need.SCORES}],
    ids=lambda a: a.card.id,
)
def test_an_unlent_need_is_a_decline_not_a_crash(attack: Attack, leaky: Any) -> None:
    outcome = run_attack(attack, leaky.adversary, Context(Streams(0)))
    assert outcome.status is Status.SKIPPED and outcome.reason


@pytest.mark.parametrize("kind", ["numbers", "categories"])
@pytest.mark.parametrize("attack", DIRECT, ids=IDS)
def test_one_sided_tables_give_scores_or_a_decline(
    attack: Attack, kind: str, null_case: Any
) -> None:
    columns = {"numbers": ["age", "income", "height"], "categories": ["region", "job", "rare"]}
    challenge = challenge_of(tuple(frame[columns[kind]] for frame in null_case))  # type: ignore[arg-type]
    outcome = run_attack(attack, challenge.adversary, Context(Streams(0)))
    assert outcome.status is not Status.FAILED, outcome.reason
