"""Every attack of the family: planted leaks caught, true nulls at chance, inputs left alone."""

from __future__ import annotations

import numpy as np
import pytest
from density_views import Planted, auc, null_spread, permuted, planted, scored

from synthaudit.attacks.cell_counts import CellCounts
from synthaudit.attacks.density_ratio import DensityRatio
from synthaudit.attacks.kernel_ratio import KernelRatio
from synthaudit.attacks.parentage import Parentage
from synthaudit.attacks.tracing import Tracing
from synthaudit.attacks.value_combinations import ValueCombinations
from synthaudit.attacks.value_fingerprint import ValueFingerprint
from synthaudit.types import Attack

ATTACKS: tuple[Attack, ...] = (
    ValueFingerprint(),
    ValueCombinations(),
    CellCounts(at_most=10),
    KernelRatio(),
    Parentage(),
    Tracing(),
    DensityRatio(n_trees=60),
)
IDS = [attack.card.id for attack in ATTACKS]
EACH = pytest.mark.parametrize("attack", ATTACKS, ids=IDS)


@pytest.fixture(scope="module")
def cases() -> dict[str, Planted]:
    kinds = ("copies", "resample", "numbers", "categories")
    return {kind: planted(150, 9, kind) for kind in kinds}


LEAST = {  # AUC on a sequential resample with leaf 5, where plain nearest distance has about 0.55
    "value_fingerprint": 0.85,
    "value_combinations": 0.85,
    "cell_counts": 0.6,
    "kernel_ratio": 0.65,
    "parentage": 0.65,
    "tracing": 0.5,
    "density_ratio": 0.55,
}


@EACH
def test_reused_values_are_caught(attack: Attack, cases: dict[str, Planted]) -> None:
    found = []
    for seed in range(3):
        case = planted(150, 20 + seed, "resample")
        found.append(auc(scored(attack, case.view), case.is_member))
    assert np.mean(found) > LEAST[attack.card.id]


@EACH
@pytest.mark.parametrize("kind", ["copies", "numbers", "categories"])
def test_copies_of_half_the_members_are_caught(
    attack: Attack, kind: str, cases: dict[str, Planted]
) -> None:
    case = cases[kind]
    least = 0.52 if kind == "categories" or attack.card.id == "tracing" else 0.62
    assert auc(scored(attack, case.view), case.is_member) > least


@EACH
def test_a_true_null_stays_at_chance(attack: Attack) -> None:
    # S is made of people in neither half: mean AUC within three standard errors of a half
    n_side, n_tables = 60, 24
    found = []
    for seed in range(n_tables):
        case = planted(n_side, 1000 + seed, "fresh")
        found.append(auc(scored(attack, case.view, seed), case.is_member))
    error = null_spread(n_side, n_side) / np.sqrt(n_tables)
    assert abs(np.mean(found) - 0.5) < 3 * error
    assert 0.5 < np.std(found) / null_spread(n_side, n_side) < 1.6


@EACH
def test_permuting_candidates_permutes_scores(attack: Attack, cases: dict[str, Planted]) -> None:
    view = cases["resample"].view
    order = np.random.default_rng(2).permutation(view.n_candidates)
    np.testing.assert_allclose(
        scored(attack, permuted(view, order)), scored(attack, view)[order], rtol=1e-8, atol=1e-8
    )


@EACH
def test_inputs_are_left_alone_and_scores_repeat(attack: Attack, cases: dict[str, Planted]) -> None:
    view = cases["copies"].view
    tables = (view.candidates, view.synthetic)
    arrays = [a for t in tables for a in (t.ranks, t.scaled, t.values, t.codes)]
    before = [array.copy() for array in arrays]
    first, second = scored(attack, view), scored(attack, view)
    np.testing.assert_array_equal(first, second)
    assert first.shape == (view.n_candidates,) and first.dtype == np.float64
    assert np.isfinite(first).all()
    for array, copy in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, copy)


@EACH
def test_shifting_all_values_together_changes_nothing(attack: Attack) -> None:
    # only ranks and equality matter: units do not
    case = planted(80, 3, "numbers")
    pool, table = case.view.candidates, case.view.synthetic
    moved = planted(80, 3, "numbers").view
    moved.candidates.values[:] = pool.values * 8.0
    moved.synthetic.values[:] = table.values * 8.0
    np.testing.assert_allclose(
        auc(scored(attack, moved), case.is_member),
        auc(scored(attack, case.view), case.is_member),
        atol=0.05,  # the forest draws rows by content, which is different content now
    )
