"""Hypergeometric size matching against enumeration of every cut."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from synthaudit.checks._matching import neighbors_needed, order_weights, presence


def test_presence_by_hand() -> None:
    # 2 of 4 rows kept: a single row survives half the cuts, two rows all but 1 of the 6
    assert presence(np.array([0, 1, 2, 3]), 4, 2) == pytest.approx([0, 1 / 2, 5 / 6, 1])


def test_presence_without_a_cut_is_certain() -> None:
    assert list(presence(np.array([0, 1, 5]), 5, 5)) == [0.0, 1.0, 1.0]


@pytest.mark.parametrize(("n_rows", "n_kept"), [(6, 1), (6, 3), (7, 5), (9, 8)])
def test_presence_equals_the_share_of_cuts(n_rows: int, n_kept: int) -> None:
    cuts = [set(cut) for cut in combinations(range(n_rows), n_kept)]
    for copies in range(n_rows + 1):
        share = np.mean([bool(cut & set(range(copies))) for cut in cuts])
        assert presence(np.array([copies]), n_rows, n_kept)[0] == pytest.approx(share, abs=1e-12)


@pytest.mark.parametrize(("n_rows", "n_kept"), [(6, 2), (7, 3)])
def test_order_weights_equal_the_share_of_cuts(n_rows: int, n_kept: int) -> None:
    firsts = [min(cut) for cut in combinations(range(n_rows), n_kept)]
    shares = np.bincount(firsts, minlength=n_rows) / len(firsts)
    assert order_weights(n_rows, n_rows, n_kept) == pytest.approx(shares, abs=1e-12)


def test_order_weights_put_the_rest_on_the_last_place() -> None:
    short = order_weights(2, 6, 2)
    full = order_weights(6, 6, 2)
    assert short == pytest.approx([full[0], full[1:].sum()])


def test_lists_are_long_enough_for_a_cut_nine_to_one() -> None:
    k = neighbors_needed(9_000, 1_000, 4_000)
    assert presence(np.array([k]), 9_000, 1_000)[0] > 0.999
    assert neighbors_needed(1_000, 1_000, 4_000) == 1
