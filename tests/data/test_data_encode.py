"""Ranks, scaled values, codes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from data_people import TABLES, draw, three
from hypothesis import given, settings
from hypothesis import strategies as st

from synthaudit.data.columns import Form
from synthaudit.data.encode import NumberScale, fit_scale, read_cells

# nearer to zero than 1e-100 is zero for everybody but the spelling
FINITE = st.floats(-1e9, 1e9).map(lambda value: value if abs(value) >= 1e-100 else 0.0)


def fitted(*tables: list[float]) -> NumberScale:
    cells = [read_cells(pd.Series(table, dtype=float), Form.NUMBER) for table in tables]
    return fit_scale("x", Form.NUMBER, cells)


def naive_rank(value: float, pool: list[float]) -> float:
    """Mid-rank at observed values, a straight line between them, 0 below and 1 above."""

    def mid(v: float) -> float:
        return (sum(p < v for p in pool) + sum(p == v for p in pool) / 2) / len(pool)

    if value < min(pool):
        return 0.0
    if value > max(pool):
        return 1.0
    low = max(p for p in pool if p <= value)
    high = min(p for p in pool if p >= value)
    if low == high:
        return mid(low)
    return mid(low) + (value - low) / (high - low) * (mid(high) - mid(low))


def test_ranks_by_hand() -> None:
    scale = fitted([10.0, 20.0], [20.0, 30.0, np.nan])
    values = np.array([10.0, 20.0, 30.0, 15.0, 9.0, 31.0, np.nan])
    np.testing.assert_allclose(
        scale.rank(values), [0.125, 0.5, 0.875, 0.3125, 0.0, 1.0, np.nan], rtol=1e-6
    )
    assert scale.rank(values).dtype == np.float32


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.one_of(FINITE, st.integers(-5, 5).map(float)), min_size=1, max_size=30),
    st.lists(st.one_of(FINITE, st.integers(-6, 6).map(float)), min_size=1, max_size=10),
)
def test_ranks_equal_the_naive_ones(pool: list[float], values: list[float]) -> None:
    got = fitted(pool, []).rank(np.array(values))
    np.testing.assert_allclose(got, [naive_rank(v, pool) for v in values], atol=1e-6)
    assert ((got >= 0) & (got <= 1)).all()
    order = np.argsort(values, kind="stable")
    assert (np.diff(got[order]) >= 0).all()


def test_scaled_values_by_hand() -> None:
    # quartiles of 0..8 are 2 and 6: spread 4 / 1.349
    scale = fitted(list(range(9)), [])
    np.testing.assert_allclose(scale.scale(np.array([4.0, 8.0])), [0.0, 4 * 1.349 / 4], rtol=1e-6)
    # half of the values equal: the standard deviation steps in
    mostly = fitted([0.0] * 9, [10.0])
    assert mostly.scale(np.array([3.0]))[0] == pytest.approx(1.0)
    constant = fitted([7.0], [7.0])
    assert constant.scale(np.array([9.0]))[0] == pytest.approx(2.0)


def test_a_normal_margin_is_scaled_to_about_one() -> None:
    scale = fitted(np.random.default_rng(0).normal(50, 12, 20_000).tolist(), [])
    assert scale.spread == pytest.approx(12, rel=0.03)
    assert scale.median == pytest.approx(50, rel=0.01)


def test_the_encoder_is_blind_to_labels() -> None:
    frames = three()
    swapped = {**frames, "train": frames["holdout"], "holdout": frames["train"]}
    first, second = draw(frames), draw(swapped)
    for name, other in (("train", "holdout"), ("holdout", "train"), ("synthetic", "synthetic")):
        one, two = first.auditor.frames[name], second.auditor.frames[other]
        a = first.adversary.encode(one)
        b = second.adversary.encode(one)
        for block in ("ranks", "scaled", "values", "codes"):
            np.testing.assert_array_equal(getattr(a, block), getattr(b, block))
        assert len(one) == len(two)


def test_codes_fall_with_frequency_and_missing_is_zero() -> None:
    frames = three()
    challenge = draw(frames)
    place = challenge.adversary.schema.categories.index("city")
    both = pd.concat([challenge.auditor.frames["train"], challenge.auditor.frames["holdout"]])
    codes = np.concatenate(
        [challenge.auditor.train.codes[:, place], challenge.auditor.holdout.codes[:, place]]
    )
    counts = pd.Series(codes[codes > 0]).value_counts()
    assert (np.diff(counts.loc[sorted(counts.index)]) <= 0).all()
    assert ((codes == 0) == both["city"].isna().to_numpy()).all()
    assert pd.Series(codes).groupby(both["city"].fillna("-").to_numpy()).nunique().max() == 1


def test_levels_nobody_has_seen_get_codes_after_the_known_ones() -> None:
    view = draw(three()).adversary
    frame = view.candidate_frame.iloc[:4].copy()
    frame["city"] = ["Narvik", "Alta", "Narvik", None]
    place = view.schema.categories.index("city")
    codes = view.encode(frame).codes[:, place]
    assert codes.tolist() == [6, 7, 6, 0]


def test_shadow_tables_come_in_any_dtype() -> None:
    view = draw(three()).adversary
    frame = view.candidate_frame
    odd = pd.DataFrame(
        {
            "born": frame["born"].astype(str),
            "smoker": frame["smoker"].astype(float),
            "city": frame["city"].astype("category"),
            "age": frame["age"].astype("float32"),
            "income": frame["income"].astype(object),
            "visits": frame["visits"].astype("Int16"),
            "extra": 1,
        }
    ).set_axis(frame.index[::-1])
    got = view.encode(odd)
    for block in ("ranks", "scaled", "values", "codes"):
        np.testing.assert_array_equal(getattr(got, block), getattr(view.candidates, block))
        assert getattr(got, block).flags.c_contiguous


def test_blocks_are_contiguous_and_typed() -> None:
    challenge = draw(three())
    tables = [challenge.adversary.candidates, *map(challenge.auditor.table, TABLES)]
    for table in tables:
        dtypes = [str(getattr(table, b).dtype) for b in ("ranks", "scaled", "values", "codes")]
        assert dtypes == ["float32", "float32", "float64", "int32"]
        assert all(getattr(table, b).flags.c_contiguous for b in ("ranks", "values", "codes"))
        assert table.n_columns == 6
