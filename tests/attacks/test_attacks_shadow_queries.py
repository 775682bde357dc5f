"""Counting queries of the shadow attack and the discriminant that weighs them."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import make_population

from synthaudit.attacks._cell_keys import CellKeys, Tally, exact_keys
from synthaudit.attacks._reuse import matched_log_ratio, membership_log_ratio
from synthaudit.attacks.shadow import queries as module
from synthaudit.attacks.shadow.linear import RIDGE, fit_discriminant
from synthaudit.attacks.shadow.queries import EXACT, Queries, Query
from synthaudit.data import Challenge, draw_challenge, load_tables
from synthaudit.seeds import Streams


@pytest.fixture(scope="module")
def challenge() -> Challenge:
    people = make_population(360, 3)
    parts = (people.iloc[i * 120 : (i + 1) * 120].reset_index(drop=True) for i in range(3))
    return draw_challenge(load_tables(*parts), Streams(3))


@pytest.mark.parametrize("columns", [(0,), (1, 4), (0, 2, 5, 7)])
def test_a_query_counts_as_the_plain_tally_does(
    challenge: Challenge, columns: tuple[int, ...]
) -> None:
    view = challenge.adversary
    plain = CellKeys.exact(view).tally(columns)
    query = Query.of(EXACT, columns, exact_keys(view.candidates))
    found = query.tally(exact_keys(view.synthetic))
    np.testing.assert_array_equal(found.in_pool[query.held], plain.in_pool)
    np.testing.assert_array_equal(found.in_table[query.held], plain.in_table)
    for name in ("n_rows", "n_rows_found", "n_candidates", "n_once", "n_twice", "shared"):
        assert getattr(found, name) == pytest.approx(getattr(plain, name), rel=1e-15), name


def test_answers_are_the_evidence_of_each_query(challenge: Challenge) -> None:
    view = challenge.adversary
    queries = Queries.about(view.candidates, 4, Streams(0))
    answers = queries.ask(view.synthetic)
    assert answers.shape == (view.n_candidates, len(queries.asked)) and np.isfinite(answers).all()
    exact = [j for j, query in enumerate(queries.asked) if query.bins == EXACT]
    for j in exact[:: max(len(exact) // 7, 1)]:
        expected = matched_log_ratio(CellKeys.exact(view).tally(queries.asked[j].columns))
        np.testing.assert_allclose(answers[:, j], expected, rtol=1e-5)


def test_matched_moments_agree_with_the_exact_mixture() -> None:
    # by hand: a value nobody else holds has no mixture at all, so both are the same formula
    rng = np.random.default_rng(0)
    in_pool = np.repeat([1, 2, 3, 40], 50)
    in_table = rng.poisson(in_pool / 2.0)
    tally = Tally(in_pool, in_table, 200, int(in_table.sum() // 2))
    exact, matched = membership_log_ratio(tally), matched_log_ratio(tally)
    alone = in_pool == 1
    # (the tails are clipped only where moments are matched)
    inner = alone & (in_table <= 2)
    np.testing.assert_allclose(matched[inner], exact[inner], atol=1e-9)
    assert np.corrcoef(exact, matched)[0, 1] > 0.98


def test_larger_pools_are_asked_fewer_queries(
    challenge: Challenge, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = challenge.adversary.candidates
    many = Queries.about(pool, 16, Streams(0))
    monkeypatch.setattr(module, "LARGEST", 4 * pool.n_rows * 16 * 11 * 5)
    few = Queries.about(pool, 16, Streams(0))
    assert 11 <= len(few.asked) <= 55 < len(many.asked)
    assert few.names != many.names  # stored shadows of the one are not taken for the other's


def test_the_discriminant_equals_the_textbook_ridge() -> None:
    rng = np.random.default_rng(1)
    tables = [rng.normal(size=(90, 6)).astype(np.float32) * [1, 2, 3, 1, 1, 9] for _ in range(4)]
    labels = [rng.random(90) < 0.5 for _ in range(4)]
    for table, label in zip(tables, labels, strict=True):
        table[label, 2] += 4.0
    found = fit_discriminant([t.astype(np.float32) for t in tables], labels)
    x = np.concatenate(tables).astype(np.float32).astype(np.float64)
    centred = np.concatenate([label - label.mean() for label in labels])
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    weights = np.linalg.solve(z.T @ z / len(z) + RIDGE * np.eye(6), z.T @ centred / len(z))
    expected = z @ weights
    scores = np.concatenate([found.score(t.astype(np.float32)) for t in tables])
    np.testing.assert_allclose(scores, expected, atol=1e-6)
    assert np.argmax(np.abs(weights)) == 2


def test_a_constant_query_gets_no_say() -> None:
    rng = np.random.default_rng(2)
    table = rng.normal(size=(50, 3)).astype(np.float32)
    table[:, 1] = 7.0
    found = fit_discriminant([table], [table[:, 0] > 0])
    moved = table.copy()
    moved[:, 1] = 7.0001
    np.testing.assert_allclose(found.score(moved), found.score(table), atol=1e-6)
