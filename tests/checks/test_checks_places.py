"""Swapped files and sizes."""

from __future__ import annotations

import numpy as np
import pytest
from check_views import array_view, codes_of, context, value

from synthaudit.checks.sizes import Sizes
from synthaudit.checks.swapped_files import SwappedFiles


def rows(n: int, seed: int, shift: float = 0.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(shift, 1, size=(n, 4))


def flags(*tables: np.ndarray) -> dict[str, str]:
    return codes_of(SwappedFiles().run(array_view(tables), context()))  # type: ignore[arg-type]


def test_files_in_their_places_raise_nothing() -> None:
    assert flags(rows(200, 1), rows(200, 2), rows(200, 3)) == {}


def test_a_leaky_release_is_not_a_swap() -> None:
    train, holdout, synthetic = rows(200, 1), rows(200, 2), rows(200, 3)
    synthetic[:60] = train[:60]
    assert flags(train, holdout, synthetic) == {}


def test_the_same_file_twice() -> None:
    train, holdout = rows(200, 1), rows(200, 2)
    assert flags(train, holdout, holdout) == {"synthetic-equals-holdout": "invalid"}
    assert flags(train, holdout, train) == {"synthetic-equals-train": "warn"}


def test_train_and_holdout_exchanged_shows_in_copies() -> None:
    train, holdout, synthetic = rows(200, 1), rows(200, 2), rows(200, 3)
    synthetic[:40] = train[:40]
    assert flags(holdout, train, synthetic) == {"synthetic-copies-holdout": "invalid"}


def test_a_filter_on_copies_is_not_taken_for_a_swap() -> None:
    """Rows coincide anyway; a filter drops those equal to train and leaves the holdout's."""
    rng = np.random.default_rng(4)
    shares = 1 / np.arange(1, 2_000)
    shares /= shares.sum()
    train, holdout, drawn = (rng.choice(1_999, (n, 1), p=shares) + 1 for n in (900, 900, 4_000))
    synthetic = drawn[~np.isin(drawn, train)][:900, None]
    view = array_view(codes=(train, holdout, synthetic))
    found = codes_of(SwappedFiles().run(view, context()))
    assert set(found.values()) == {"warn"}


def test_a_low_entropy_table_equals_train_by_nature() -> None:
    rng = np.random.default_rng(5)
    tables = tuple(rng.integers(1, 3, (200, 2)) for _ in range(3))
    assert codes_of(SwappedFiles().run(array_view(codes=tables), context())) == {}


def test_the_odd_one_out_is_named() -> None:
    real, more, made_up = rows(300, 1), rows(300, 2), rows(300, 3, shift=1.5)
    assert flags(made_up, real, more) == {"train-is-the-odd-one-out": "warn"}
    assert flags(real, made_up, more) == {"holdout-is-the-odd-one-out": "warn"}
    assert flags(real, more, made_up) == {}


def size_flags(*sizes: int) -> dict[str, str]:
    tables = tuple(rows(n, i) for i, n in enumerate(sizes))
    return codes_of(Sizes().run(array_view(tables), context()))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ((300, 300, 300), set()),
        ((30, 30, 300), {"too-few-real-rows"}),
        ((300, 15, 300), {"too-few-real-rows"}),
        ((1, 300, 300), {"too-few-real-rows"}),
        ((300, 300, 1), {"too-few-synthetic-rows"}),
        ((4_000, 150, 300), {"lopsided-sizes"}),
    ],
)
def test_too_few_rows_are_said(sizes: tuple[int, int, int], expected: set[str]) -> None:
    assert set(size_flags(*sizes)) == expected


def test_visible_auc_falls_with_rows() -> None:
    small, large = (
        value(
            Sizes().run(array_view(tuple(rows(n, i) for i in range(3))), context()),  # type: ignore[arg-type]
            "smallest_detectable_auc",
        )
        for n in (100, 1_000)
    )
    assert small > large > 0.5


def test_nothing_to_compare_is_said() -> None:
    nothing = np.empty((200, 0))
    assert codes_of(Sizes().run(array_view((nothing, nothing, nothing)), context())) == {
        "nothing-to-compare": "warn"
    }
