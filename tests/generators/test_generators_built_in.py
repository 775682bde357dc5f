"""What each built-in family is, beyond the contract: what it keeps, and what it leaks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from generator_tables import people

from synthaudit.generators.bayes_net import (
    MOST_TOGETHER,
    BayesNet,
    _information,
    _network,
    _networks,
    blocks_of,
)
from synthaudit.generators.bins import bin_column, without_gaps
from synthaudit.generators.cart import MOST_PREDICTORS, Cart, _ordered
from synthaudit.generators.columns import TrainingColumns, draw_alike, read_column
from synthaudit.generators.copula import Copula
from synthaudit.generators.interpolation import Interpolation
from synthaudit.generators.marginals import Marginals
from synthaudit.generators.noisy_bootstrap import NoisyBootstrap
from synthaudit.generators.search import blocks
from synthaudit.neighbors import NeighborIndex
from synthaudit.types import Floats, Generator


def nearest(train: pd.DataFrame, queries: pd.DataFrame, made: pd.DataFrame) -> Floats:
    """Distance of every query row to its nearest synthetic row."""
    table = TrainingColumns.read(train)
    index = NeighborIndex(*blocks(table, made))
    return index.query(*blocks(table, queries), 1).distances[:, 0]


def closest_record_auc(generator: Generator, n_rows: int = 400) -> float:
    """AUC of the closest-record attack on members against fresh people."""
    train, fresh = people(n_rows, seed=1), people(n_rows, seed=2)
    made = generator.synthesize(train, n_rows, seed=3)
    members, others = nearest(train, train, made), nearest(train, fresh, made)
    below = (members[:, None] < others[None, :]).mean()
    return float(below + (members[:, None] == others[None, :]).mean() / 2.0)


def test_the_positive_control_leaks_and_the_negative_one_does_not() -> None:
    assert closest_record_auc(NoisyBootstrap()) > 0.9
    # 400 against 400: the standard error of an AUC without signal is 0.020
    assert abs(closest_record_auc(Marginals()) - 0.5) < 0.06


def test_small_leaves_copy_more_than_large_ones() -> None:
    copying = [closest_record_auc(Cart(min_leaf=leaf)) for leaf in (1, 5, 50)]
    assert copying[0] > copying[1] + 0.05 > copying[2] + 0.05


@pytest.mark.parametrize(
    ("generator", "least"),
    [(Cart(), 0.9), (Copula(), 0.7), (BayesNet(), 0.8), (Interpolation(), 0.8)],
)
def test_dependence_is_kept(generator: Generator, least: float) -> None:
    """Job explains income; the share of variance it explains survives, but not in margins."""

    def explained(frame: pd.DataFrame) -> float:
        income = np.log(frame["income"])
        within = income - income.groupby(frame["job"]).transform("mean")
        return float(1.0 - within.var() / income.var())

    train = people(1500)
    kept = explained(generator.synthesize(train, 1500, 1)) / explained(train)
    assert kept > least if not isinstance(generator, Copula) else kept > 0.05
    assert explained(Marginals().synthesize(train, 1500, 1)) < 0.02


def test_copula_keeps_the_correlation_of_numbers() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=3000)
    y = 0.7 * x + np.sqrt(1 - 0.49) * rng.normal(size=3000)
    train = pd.DataFrame({"x": np.exp(x), "y": y**3})
    made = Copula().synthesize(train, 3000, 1)
    expected = train.corr("spearman").iloc[0, 1]
    assert made.corr("spearman").iloc[0, 1] == pytest.approx(expected, abs=0.03)


def test_where_values_come_from() -> None:
    train = people(600)
    exact = {
        Cart(): True,
        Copula(): True,
        BayesNet(draw="observed"): True,
        Copula("interpolated"): False,
        Copula("beta"): False,
        BayesNet(): False,
        BayesNet(draw="range"): False,
        Interpolation(): False,
        NoisyBootstrap(): False,
        Marginals(): False,
    }
    for generator, reuses in exact.items():
        made = generator.synthesize(train, 600, 1)
        share = made["income"].dropna().isin(train["income"]).mean()
        assert share == 1.0 if reuses else share < 0.2, generator


def test_negative_control_never_draws_what_is_rare() -> None:
    train = people(400).assign(
        disease=np.where(np.arange(400) < 3, "rare", "none"),
        amount=np.where(np.arange(400) == 0, 987654.0, 10.0),
    )
    made = Marginals().synthesize(train, 5000, 1)
    assert set(made["disease"]) == {"none"}
    assert set(made["amount"]) == {10.0}


def test_interpolated_rows_lie_between_two_training_rows() -> None:
    # ranks are evenly spaced: the group is what makes the first two neighbours, and the last two
    train = pd.DataFrame(
        {"x": [0.0, 1.0, 10.0, 11.1], "y": [0.0, 3.0, 20.0, 23.3], "group": list("aabb")}
    )
    made = Interpolation(k=1).synthesize(train, 200, 1)
    low = made["x"] <= 1.0
    assert low.any() and (~low).any()
    assert np.allclose(made["y"][low], 3.0 * made["x"][low], atol=0.2)
    assert (made["x"][~low] >= 10.0).all()
    assert ((made["group"] == "a") == low).all()


def test_donors_come_from_the_same_group_each_equally_often() -> None:
    rng = np.random.default_rng(0)
    groups = np.array([3, 1, 3, 1, 3])
    drawn = draw_alike(groups, np.repeat([1, 3], 6000), rng)
    shares = np.bincount(drawn, minlength=5) / 6000
    assert shares == pytest.approx([1 / 3, 1 / 2, 1 / 3, 1 / 2, 1 / 3], abs=0.03)
    assert set(drawn[:6000]) == {1, 3}


def test_levels_are_ordered_by_the_target() -> None:
    codes = np.array([1, 1, 2, 2, 3, 3], dtype=np.int32)
    scores = np.array([[5.0], [7.0], [1.0], [1.0], [2.0], [4.0]])
    # means 6, 1, 3 (and the missing level 0, unused, at 0)
    assert _ordered(codes, scores).tolist() == [3, 3, 1, 1, 2, 2]


def test_bins_by_hand() -> None:
    values = [0.0] * 6 + [1.5, 2.5, 3.5, 4.5, np.nan]
    binned = bin_column(read_column(pd.Series(values)), n_bins=2)
    # zero is as frequent as half of the rows and a bin of its own; 1.5, 2.5 | 3.5, 4.5
    assert binned.codes.tolist() == [3] * 6 + [1, 1, 2, 2, 0]
    assert binned.counts.tolist() == [1, 2, 2, 6]
    whole = [binned.column.restore(binned.low[[i]]).iloc[0] for i in (1, 2, 3)]
    assert whole == [1.5, 3.5, 0.0]
    ends = [binned.column.restore(binned.high[[i]]).iloc[0] for i in (1, 2, 3)]
    assert ends == [2.5, 4.5, 0.0]
    reaching = without_gaps(binned)
    ends = [reaching.column.restore(reaching.high[[i]]).iloc[0] for i in (1, 2, 3)]
    assert ends == [3.5, 4.5, 1.5]


def test_information_by_hand_and_its_bias() -> None:
    same = pd.DataFrame({"a": list("xxyy") * 25, "b": list("ppqq") * 25, "c": list("stst") * 25})
    binned = [bin_column(column, 8) for column in TrainingColumns.read(same).columns]
    # b tells all about a (log 2 nats), c nothing; occupied cells: 2 - 2 - 2 + 1 and 4 - 2 - 2 + 1
    assert _information(binned, 0, (1,)) == pytest.approx(np.log(2) + 1 / 100)
    assert _information(binned, 0, (2,)) == pytest.approx(0.0 - 1 / 100)


def test_network_finds_the_chain() -> None:
    rng = np.random.default_rng(0)
    a = rng.integers(0, 4, 2000)
    b = np.where(rng.random(2000) < 0.9, a, rng.integers(0, 4, 2000))
    c = np.where(rng.random(2000) < 0.9, b, rng.integers(0, 4, 2000))
    noise = rng.integers(0, 4, 2000)
    frame = pd.DataFrame({"noise": noise, "a": a, "c": c, "b": b}).astype(str)
    binned = [bin_column(column, 8) for column in TrainingColumns.read(frame).columns]
    parents = dict(_network(binned))
    # b, in the middle, shares most; a and c hang on it; nobody depends on noise
    assert 3 in parents[1] and 3 in parents[2]
    assert parents[0] == () and all(0 not in p for p in parents.values())


def test_a_wide_table_is_dealt_into_networks_of_neighbouring_columns() -> None:
    assert [block.size for block in blocks_of(MOST_TOGETHER)] == [MOST_TOGETHER]
    assert [block.size for block in blocks_of(2 * MOST_TOGETHER + 1)] == [67, 67, 67]
    rng = np.random.default_rng(1)
    n_columns = MOST_TOGETHER + 2
    frame = pd.DataFrame(rng.integers(0, 3, (60, n_columns))).astype(str)
    frame[n_columns - 1] = frame[n_columns - 2]  # neighbours that say the same
    binned = [bin_column(column, 8) for column in TrainingColumns.read(frame).columns]
    found = _networks(binned)
    assert sorted(j for j, _ in found) == list(range(n_columns))
    half = n_columns // 2
    assert all((j < half) == (i < half) for j, parents in found for i in parents)
    made = BayesNet().synthesize(frame, 300, 2)
    assert list(made.columns) == list(frame.columns)
    assert (made[n_columns - 1] == made[n_columns - 2]).mean() > 0.9


def test_the_tree_of_a_wide_table_sees_the_columns_made_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from sklearn.tree import DecisionTreeClassifier

    widths = []
    fit = DecisionTreeClassifier.fit

    def counted(tree: DecisionTreeClassifier, seen: Floats, *rest: object) -> object:
        widths.append(seen.shape[1])
        return fit(tree, seen, *rest)

    monkeypatch.setattr(DecisionTreeClassifier, "fit", counted)
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.integers(0, 3, (60, MOST_PREDICTORS + 3))).astype(str)
    made = Cart(min_leaf=5).synthesize(frame, 30, 3)
    assert made.shape == (30, MOST_PREDICTORS + 3)
    assert widths == [min(j, MOST_PREDICTORS) for j in range(1, MOST_PREDICTORS + 3)]


def test_smoothing_reaches_unseen_combinations() -> None:
    train = pd.DataFrame({"a": ["x"] * 200 + ["y"] * 200, "b": ["p"] * 200 + ["q"] * 200})
    strict = BayesNet(smoothing=0.0).synthesize(train, 4000, 1)
    assert ((strict["a"] == "x") == (strict["b"] == "p")).all()
    smooth = BayesNet(smoothing=200.0).synthesize(train, 4000, 1)
    # (200 * 0 + 200 * 1/2) / (200 + 200) of the rows of either parent
    off = ((smooth["a"] == "x") != (smooth["b"] == "p")).mean()
    assert off == pytest.approx(0.25, abs=0.03)
