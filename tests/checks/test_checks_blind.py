"""Train and holdout told apart blindly: shifts found and named, random splits left alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from check_views import array_view, codes_of, context, get, value, view_of

from synthaudit.checks._detector import _Folds, cross_fitted, told_apart
from synthaudit.checks._two_samples import category_p_value, holm, number_p_value
from synthaudit.checks.blind_classifier import BlindClassifier
from synthaudit.errors import NotApplicable
from synthaudit.types import ColumnKind


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9]) == [0.9]


def test_p_values_see_shift_shape_and_missingness() -> None:
    rng = np.random.default_rng(1)
    base = rng.normal(size=300)
    assert number_p_value(base, rng.normal(0.5, 1, 300)) < 1e-4
    assert number_p_value(base, rng.normal(0, 2, 300)) < 1e-4
    gaps = np.where(rng.random(300) < 0.2, np.nan, rng.normal(size=300))
    assert number_p_value(base, gaps) < 1e-6
    assert number_p_value(base[:1], base[1:2]) == 1.0
    assert number_p_value(np.full(5, np.nan), np.full(5, np.nan)) == 1.0


def test_category_p_value_pools_rare_levels() -> None:
    rng = np.random.default_rng(2)
    many = rng.integers(1, 500, 300).astype(np.int32)
    other = rng.integers(1, 500, 300).astype(np.int32)
    assert category_p_value(many, other) == 1.0  # nothing frequent enough to compare
    assert category_p_value(np.full(50, 1, np.int32), np.full(50, 2, np.int32)) < 1e-10


def test_tests_keep_their_level_on_a_null() -> None:
    rng = np.random.default_rng(3)
    small = 0
    for _ in range(300):
        numbers = [np.round(rng.normal(size=n), 1) for n in (80, 40)]
        levels = [rng.integers(0, 6, n).astype(np.int32) for n in (80, 40)]
        small += number_p_value(*numbers) < 0.05
        small += category_p_value(*levels) < 0.05
    assert small <= 45  # 600 tests at 5 %: 30 expected, 3 standard errors above


def shifted(case: tuple[pd.DataFrame, ...], how: str) -> tuple[pd.DataFrame, ...]:
    train, holdout, synthetic = case
    if how == "later":
        holdout = holdout.assign(joined=holdout["joined"] + pd.Timedelta(days=4_000))
    if how == "elsewhere":
        holdout = holdout.assign(region="W")
    if how == "mild":
        holdout = holdout.assign(age=holdout["age"] + 4)
    return train, holdout, synthetic


@pytest.mark.parametrize(
    ("how", "column", "severity"),
    [("later", "joined", "invalid"), ("elsewhere", "region", "invalid"), ("mild", "age", "warn")],
)
def test_shifts_are_found_and_named(
    null_case: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame],
    how: str,
    column: str,
    severity: str,
) -> None:
    finding = BlindClassifier().run(view_of(*shifted(null_case, how)), context())
    assert set(codes_of(finding).values()) == {severity}
    assert repr(column) in finding.notices[0].message


def test_random_splits_are_never_invalid() -> None:
    rng = np.random.default_rng(4)
    for i in range(12):
        numbers = tuple(rng.normal(size=(n, 5)) for n in (60, 40, 10))
        codes = tuple(rng.integers(0, 4, (n, 3)) for n in (60, 40, 10))
        finding = BlindClassifier().run(array_view(numbers, codes), context(i))
        assert "invalid" not in codes_of(finding).values()


def test_duplicates_cannot_give_themselves_away() -> None:
    """Each row many times in its own table: folds split by content keep the AUC at chance."""
    rng = np.random.default_rng(5)
    train, holdout = (np.repeat(rng.normal(size=(60, 5)), 8, axis=0) for _ in range(2))
    view = array_view((train, holdout, train[:20]))
    auc = told_apart(view, "train", "holdout", context()).auc("auc", 0.95)
    assert auc.value is not None and auc.low is not None
    assert abs(auc.value - 0.5) < 0.15
    assert auc.low < 0.5
    naive = np.arange(960)  # what happens when every row is taken for a person of its own
    fooled = cross_fitted(view.train, view.holdout, naive, context()).auc("auc", 0.95)
    assert fooled.value is not None and fooled.value > 0.8


def test_the_question_is_asked_once_whoever_asks() -> None:
    rng = np.random.default_rng(6)
    view = array_view(tuple(rng.normal(size=(50, 2)) for _ in range(3)))
    first = told_apart(view, "train", "holdout", context().child("check", "one"))
    second = told_apart(view, "train", "holdout", context().child("check", "two"))
    assert first is second


def test_numeric_keys_in_file_order_are_told() -> None:
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(
        {"key": rng.permutation(90_000)[:300] * 7 + 13, "x": rng.normal(size=300).round(3)}
    ).sort_values("key")
    train, holdout = frame.iloc[:150], frame.iloc[150:]
    view = view_of(train, holdout, train.assign(key=train["key"] + 1))
    assert view.schema.of_kind(ColumnKind.IDENTIFIER) == ("key",)
    assert codes_of(BlindClassifier().run(view, context()))["split-follows-identifier"] == "warn"


def test_declines_on_a_handful_of_rows() -> None:
    rng = np.random.default_rng(8)
    with pytest.raises(NotApplicable, match="at least 10 rows"):
        BlindClassifier().run(
            array_view(tuple(rng.normal(size=(n, 2)) for n in (9, 50, 5))), context()
        )


def test_blind_auc_of_identical_tables_is_one_half() -> None:
    rng = np.random.default_rng(9)
    table = rng.normal(size=(80, 3))
    finding = BlindClassifier().run(array_view((table, table, table)), context())
    assert value(finding, "blind_auc") == pytest.approx(0.5, abs=0.02)
    assert get(finding, "smallest_column_p_value").value == 1.0


def test_a_number_no_training_fold_has_a_value_of_is_set_aside() -> None:
    # found by Hypothesis: trees cannot bin a column that is missing throughout
    values = np.full((12, 2), np.nan)
    values[:, 1] = np.arange(12) % 3
    values[0, 0] = 1.0  # alone in its fold: the other folds' models see no value of the column
    folds = np.arange(12) % 4
    is_first = np.arange(12) % 2 == 0
    data = _Folds(values, np.nan_to_num(values), is_first, folds, 0)
    assert np.isfinite(data.scores(0)).all()
    nothing = _Folds(np.full((12, 1), np.nan), np.zeros((12, 1)), is_first, folds, 0)
    np.testing.assert_array_equal(nothing.scores(0), 0.5)
