"""Cell keys and counts: against hand-worked cells and a slow twin that compares tuples."""

from __future__ import annotations

from collections import Counter
from math import comb

import numpy as np
import pytest
from density_views import encoded, none, permuted, planted, scored, view_of

from synthaudit.attacks._cell_keys import (
    CellKeys,
    Tally,
    binned_keys,
    column_subsets,
    exact_keys,
    mixed,
    row_keys,
)
from synthaudit.attacks.cell_counts import CellCounts, excess_log_count
from synthaudit.errors import NotApplicable


def test_equal_cells_share_a_key_and_columns_do_not() -> None:
    table = encoded([[0.0, 0.0], [-0.0, 1.0], [np.nan, np.nan]], [[0], [0], [1]])
    keys = exact_keys(table)
    assert keys[0, 0] == keys[1, 0]  # both zeros are zero
    assert keys[0, 0] != keys[0, 1]  # the same value in another column is another cell
    assert keys[2, 0] != keys[0, 0] and keys[2, 2] != keys[0, 2]
    other_nan = np.frombuffer(np.uint64(0x7FF8000000000001).tobytes(), dtype=np.float64)
    again = encoded(np.column_stack([other_nan, other_nan]), [[1]])
    assert (exact_keys(again)[0] == keys[2]).all()  # missing is one value, whatever its bits


def test_mixing_is_a_bijection_on_what_tables_hold() -> None:
    words = np.arange(100_000, dtype=np.uint64)
    assert np.unique(mixed(words)).size == words.size
    assert np.unique(mixed(words << np.uint64(40))).size == words.size


def test_row_keys_see_content_only() -> None:
    table = encoded([[1.0, 2.0], [2.0, 1.0], [1.0, 2.0]], [[3], [3], [3]])
    keys = row_keys(table)
    assert keys[0] == keys[2] != keys[1]


def test_tally_by_hand() -> None:
    view = view_of([[1.0], [1.0], [2.0]], [[1], [2], [1]], [[1.0], [1.0], [9.0]], [[1], [1], [1]])
    tally = CellKeys.exact(view).tally((0,))
    assert tally.in_pool.tolist() == [2, 2, 1] and tally.in_table.tolist() == [2, 2, 0]
    assert tally.n_rows_found == 2 and tally.n_rows == 3
    pair = CellKeys.exact(view).tally((0, 1))
    assert pair.in_pool.tolist() == [1, 1, 1] and pair.in_table.tolist() == [2, 0, 0]


@pytest.mark.parametrize("columns", [(0,), (3,), (0, 4), (1, 2, 5), (0, 1, 2, 3, 4, 5)])
def test_tally_equals_its_slow_twin(columns: tuple[int, ...]) -> None:
    view = planted(60, 1, "resample").view
    rows = [
        [
            tuple("missing" if np.isnan(v) else v for v in values) + tuple(codes)
            for values, codes in zip(table.values.tolist(), table.codes.tolist(), strict=True)
        ]
        for table in (view.candidates, view.synthetic)
    ]
    pool, table = ([tuple(row[c] for c in columns) for row in each] for each in rows)
    held, drawn = Counter(pool), Counter(table)
    tally = CellKeys.exact(view).tally(columns)
    assert tally.in_pool.tolist() == [held[cell] for cell in pool]
    assert tally.in_table.tolist() == [drawn[cell] for cell in pool]
    assert tally.n_rows_found == sum(cell in held for cell in table)


def test_bins_are_shares_of_the_candidates_and_keep_missing_apart() -> None:
    pool = encoded(np.array([[1.0], [2.0], [3.0], [4.0], [np.nan]]), none(5))
    keys = binned_keys(pool, pool, 2)[:, 0]
    assert keys[0] == keys[1] != keys[2] == keys[3]
    assert keys[4] not in keys[:4]
    tied = encoded(np.r_[np.zeros(90), np.arange(1.0, 11.0)][:, None], none(100))
    jittered = encoded([[0.0], [0.2]], none(2), tied.values)
    near = binned_keys(jittered, tied, 8)
    assert near[0, 0] == near[1, 0]  # jitter just above a heavy tie stays in its bin


def test_subsets_are_all_or_the_asked_number() -> None:
    rng = np.random.default_rng(0)
    assert column_subsets(4, 2, 100, rng) == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    some = column_subsets(20, 3, 50, rng)
    assert len(some) == len(set(some)) == 50 < comb(20, 3)
    assert all(len(set(subset)) == 3 for subset in some)
    assert column_subsets(3, 4, 10, rng) == []
    same = [column_subsets(20, 3, 50, np.random.default_rng(7)) for _ in range(2)]
    assert same[0] == same[1]


def test_excess_by_hand() -> None:
    # 4 candidates, 8 synthetic rows: 3 rows in the cell are worth 1.5 candidates; 2 - 1 others
    tally = Tally(np.array([2, 1, 1, 1]), np.array([3, 0, 8, 1]), 8, 8)
    expected = np.log([2.0 / 1.5, 0.5 / 0.5, 4.5 / 0.5, 1.0 / 0.5])
    np.testing.assert_allclose(excess_log_count(tally), expected)


def test_cell_counts_is_the_mean_of_its_queries() -> None:
    view = view_of(none(4), [[1], [1], [2], [2]], none(2), [[1], [1]])
    cells = CellCounts(bins=(2,), orders=(1,))
    # the only subset: two synthetic rows are worth four candidates, one other holds the level
    np.testing.assert_allclose(
        scored(cells, view), np.log([4.5 / 1.5, 4.5 / 1.5, 0.5 / 1.5, 0.5 / 1.5])
    )


def test_no_columns_is_a_decline() -> None:
    with pytest.raises(NotApplicable):
        scored(CellCounts(), view_of(none(4), none(4), none(4), none(4)))


def test_permuting_candidates_permutes_scores() -> None:
    view = planted(80, 3, "resample").view
    order = np.random.default_rng(0).permutation(160)
    np.testing.assert_allclose(
        scored(CellCounts(), permuted(view, order)), scored(CellCounts(), view)[order]
    )
