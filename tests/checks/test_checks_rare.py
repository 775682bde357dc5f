"""Values only one real row has."""

from __future__ import annotations

import numpy as np
import pytest
from check_views import array_view, context, get, value

from synthaudit.checks.rare_values import RareValues, singles
from synthaudit.errors import NotApplicable


def test_singles_by_hand() -> None:
    real = np.array([7, 7, 8, 9, 5])
    rows, again = singles(real, np.array([9, 7, 1]), real == 5)
    assert list(rows) == [2, 3]  # 8 and 9 occur once, 5 is skipped
    assert list(again) == [False, True]


def test_categories_and_pairs_by_hand() -> None:
    # column 0: level 3 once in train, level 4 once in the holdout; column 1 has no rare level;
    # pairs: (2, 2) once in train, (1, 2) once in the holdout, both levels common by themselves
    train = [[1, 1], [2, 1], [3, 1], [2, 2]]
    holdout = [[1, 1], [2, 1], [4, 1], [1, 2]]
    synthetic = [[3, 2], [2, 2], [1, 1]]
    finding = RareValues().run(array_view(codes=(train, holdout, synthetic)), context())
    assert get(finding, "excess_rare_categories").n == 1
    assert value(finding, "excess_rare_categories") == pytest.approx(1.0)
    assert get(finding, "excess_rare_pairs").n == 1
    assert value(finding, "excess_rare_pairs") == pytest.approx(1.0)


def test_numbers_carried_over_are_seen_and_coincidence_is_not() -> None:
    rng = np.random.default_rng(1)
    train, holdout, fresh = (rng.normal(size=(300, 3)) for _ in range(3))
    carried = fresh.copy()
    carried[:90, 1] = train[rng.permutation(300)[:90], 1]
    leaky = RareValues().run(array_view((train, holdout, carried)), context())
    assert value(leaky, "excess_rare_numbers") == pytest.approx(90 / 900)
    grid = tuple(np.round(part, 2) for part in (train, holdout, fresh))
    null = get(RareValues().run(array_view(grid), context()), "excess_rare_numbers")
    assert null.low is not None and null.high is not None
    assert value(RareValues().run(array_view(grid), context()), "rare_numbers_train") > 0.1
    assert null.low <= 0 <= null.high


@pytest.mark.parametrize("sizes", [(450, 50), (50, 450)])
def test_unequal_sizes_have_a_null_at_zero(sizes: tuple[int, int]) -> None:
    rng = np.random.default_rng(2)
    values = []
    for _ in range(60):
        tables = tuple(np.round(rng.normal(size=(n, 2)), 2) for n in (*sizes, 200))
        values.append(value(RareValues().run(array_view(tables), context()), "excess_rare_numbers"))
    assert abs(np.mean(values)) < 3.5 * np.std(values) / np.sqrt(len(values))


def test_values_of_one_row_count_as_one_unit() -> None:
    rng = np.random.default_rng(3)
    train, holdout, fresh = (rng.normal(size=(100, 20)) for _ in range(3))
    synthetic = np.concatenate([train[:3], fresh[3:]])  # three rows, sixty values
    found = get(RareValues().run(array_view((train, holdout, synthetic)), context()),
                "excess_rare_numbers")  # fmt: skip
    assert found.value == pytest.approx(60 / 2_000)
    assert found.low is not None and found.low < 0  # three heads in a row prove nothing


def test_missing_cells_are_no_values() -> None:
    train, holdout = np.array([[np.nan], [1.0], [1.0]]), np.array([[1.0], [1.0], [1.0]])
    with pytest.raises(NotApplicable, match="single training row"):
        RareValues().run(array_view((train, holdout, train)), context())
