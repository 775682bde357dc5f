"""Rows in both tables, rows multiplied in one: against enumeration, planted, null."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from check_views import array_view, codes_of, context, get, value

from synthaudit.checks._twins import at_least, dealt, near_pairs, one_sided_chance
from synthaudit.checks.holdout_overlap import HoldoutOverlap, apart_chance


def test_one_sided_chance_equals_enumeration() -> None:
    for n_train, n_holdout in ((3, 4), (5, 2)):
        deals = list(combinations(range(n_train + n_holdout), n_train))
        for size in range(1, 5):
            share = np.mean([set(range(size)) <= set(deal) for deal in deals])
            found = one_sided_chance(np.array([size]), n_train, n_holdout)[0]
            assert found == pytest.approx(share)


def test_apart_chance_by_hand() -> None:
    assert apart_chance(1, 1) == 1.0
    assert apart_chance(2, 2) == pytest.approx(2 / 3)


def test_tail_of_a_sum_equals_enumeration() -> None:
    chances = np.array([0.2, 0.5, 0.9])
    for least in range(5):
        total = 0.0
        for picked in np.ndindex(2, 2, 2):
            if sum(picked) >= least:
                total += float(np.prod(np.where(picked, chances, 1 - chances)))
        assert at_least(least, chances) == pytest.approx(total)


def test_groups_by_hand() -> None:
    train, holdout = np.array([2, 1, 0, 1, 60]), np.array([0, 1, 3, 0, 60])
    groups = dealt(train, holdout, 64, 64)
    assert (groups.in_train.n_groups, groups.split.n_groups, groups.in_holdout.n_groups) == (
        1,
        1,
        1,
    )


def rows(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, 4))


@pytest.mark.parametrize(
    ("share", "severity"), [(0.5, "invalid"), (0.1, "invalid"), (0.04, "warn")]
)
def test_overlap_is_found(share: float, severity: str) -> None:
    train, holdout, synthetic = rows(400, 1), rows(400, 2), rows(200, 3)
    n = round(share * 400)
    holdout[:n] = train[:n]
    finding = HoldoutOverlap().run(array_view((train, holdout, synthetic)), context())
    found = get(finding, "excess_overlap")
    assert found.value == pytest.approx(share)
    assert found.low is not None and found.high is not None
    assert found.low < found.value <= found.high
    assert codes_of(finding) == {"rows-in-train-and-holdout": severity}


def test_overlap_with_a_little_noise_is_found() -> None:
    train, holdout, synthetic = rows(300, 1), rows(300, 2), rows(200, 3)
    holdout[:60] = train[:60] + np.random.default_rng(4).normal(0, 0.005, (60, 4))
    finding = HoldoutOverlap().run(array_view((train, holdout, synthetic)), context())
    assert codes_of(finding) == {"near-twins-in-train-and-holdout": "invalid"}


@pytest.mark.parametrize("name", ["train", "holdout"])
def test_multiplied_rows_invalidate(name: str) -> None:
    tables = {"train": rows(200, 1), "holdout": rows(200, 2)}
    tables[name] = np.repeat(tables[name], 2, axis=0)
    view = array_view((tables["train"], tables["holdout"], rows(200, 3)))
    finding = HoldoutOverlap().run(view, context())
    assert codes_of(finding) == {"repeated-rows": "invalid"}
    assert finding.notices[0].table == name
    assert value(finding, f"repeated_rows_{name}") == pytest.approx(0.5)


def test_a_doubled_train_that_overlaps_is_both() -> None:
    train, holdout = rows(200, 1), rows(200, 2)
    holdout[:60] = train[:60]
    view = array_view((np.repeat(train, 2, axis=0), holdout, rows(200, 3)))
    found = codes_of(HoldoutOverlap().run(view, context()))
    assert found == {"rows-in-train-and-holdout": "invalid", "repeated-rows": "invalid"}


@pytest.mark.parametrize("sizes", [(300, 300), (540, 60), (60, 540)])
def test_coincidence_and_duplicates_of_the_source_raise_no_alarm(sizes: tuple[int, int]) -> None:
    """Low-entropy rows, and a source that holds every tenth row twice, split at random."""
    rng = np.random.default_rng(5)
    shares = 1 / np.arange(1, 200)
    shares /= shares.sum()
    n, excesses = sum(sizes), []
    for _ in range(40):
        pool = np.stack([rng.choice(199, n, p=shares), rng.integers(0, 5, n)], axis=1) + 1
        pool[: n // 10] = pool[n // 10 : 2 * (n // 10)]
        pool = rng.permutation(pool)
        view = array_view(codes=(pool[: sizes[0]], pool[sizes[0] :], pool[:50]))
        finding = HoldoutOverlap().run(view, context())
        excesses.append(value(finding, "excess_overlap"))
        assert not finding.notices
    assert abs(np.mean(excesses)) < 3.5 * np.std(excesses) / np.sqrt(len(excesses))


def test_near_pairs_do_not_depend_on_labels() -> None:
    pool = rows(80, 6)
    pool[10:20] = pool[:10] + 1e-3
    rng = np.random.default_rng(7)
    found = []
    for n_train in (40, 20):
        order = rng.permutation(80)
        view = array_view((pool[order[:n_train]], pool[order[n_train:]], pool[:5]))
        first, second = near_pairs(view, 0.2)
        found.append(
            {frozenset((int(order[i]), int(order[j]))) for i, j in zip(first, second, strict=True)}
        )
    assert found[0] == found[1]
    assert {frozenset((i, i + 10)) for i in range(10)} <= found[0]
