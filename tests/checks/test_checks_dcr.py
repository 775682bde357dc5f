"""DCR share and percentiles: naive twins over every cut and deal, ties, coverage, reversal."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from check_views import array_view, codes_of, context, get, value

from synthaudit.checks._duel import duel
from synthaudit.checks.dcr_share import DcrShare
from synthaudit.checks.nndr_percentiles import Nndr, ratio
from synthaudit.errors import NotApplicable


def naive_share(train: np.ndarray, holdout: np.ndarray, synthetic: np.ndarray) -> float:
    """Mean over every cut of the larger table; ties one half."""
    kept = min(len(train), len(holdout))
    shares = []
    for a in combinations(range(len(train)), kept):
        for b in combinations(range(len(holdout)), kept):
            for row in synthetic:
                d_train = np.abs(train[list(a)] - row).mean(axis=1).min()
                d_holdout = np.abs(holdout[list(b)] - row).mean(axis=1).min()
                tie = abs(d_train - d_holdout) < 1e-9
                shares.append(0.5 if tie else float(d_train < d_holdout))
    return float(np.mean(shares))


@pytest.mark.parametrize("sizes", [(5, 5), (7, 3), (3, 7), (6, 1), (1, 6)])
@pytest.mark.parametrize("grid", [3, 1_000])
def test_share_equals_the_mean_over_every_cut(sizes: tuple[int, int], grid: int) -> None:
    rng = np.random.default_rng(grid + sizes[0])
    tables = tuple(rng.integers(0, grid, (n, 2)) / grid for n in (*sizes, 6))
    pair = duel(array_view(tables))
    assert pair.share(pair.labels()) == pytest.approx(naive_share(*tables), abs=1e-9)


@pytest.mark.parametrize("sizes", [(4, 4), (6, 2), (2, 6)])
@pytest.mark.parametrize("grid", [3, 1_000])
def test_mean_share_over_every_deal_is_one_half(sizes: tuple[int, int], grid: int) -> None:
    rng = np.random.default_rng(17)
    tables = tuple(rng.integers(0, grid, (n, 2)) / grid for n in (*sizes, 5))
    pair = duel(array_view(tables))
    n = sum(sizes)
    deals = [np.isin(np.arange(n), deal) for deal in combinations(range(n), sizes[0])]
    assert np.mean([pair.share(deal) for deal in deals]) == pytest.approx(0.5, abs=1e-12)


def test_cutting_the_lists_short_leaves_an_equal_sized_duel_unchanged() -> None:
    rng = np.random.default_rng(18)
    tables = tuple(rng.integers(0, 4, (40, 3)) / 4 for _ in range(3))
    pair = duel(array_view(tables))
    for _ in range(20):
        labels = rng.permutation(pair.labels())
        assert pair.nearest_only().share(labels) == pair.share(labels)


def test_low_cardinality_copy_of_train_is_seen_through_its_ties() -> None:
    rng = np.random.default_rng(19)
    train, holdout = rng.integers(1, 4, (400, 5)), rng.integers(1, 4, (400, 5))
    finding = DcrShare().run(array_view(codes=(train, holdout, train)), context())
    assert value(finding, "tied_share") > 0.6
    assert value(finding, "dcr_share") > 0.55  # ties to the holdout would make this 0.1
    assert value(finding, "p_value") < 0.01


def test_reversed_tables_are_warned_about() -> None:
    rng = np.random.default_rng(20)
    train, holdout = rng.normal(size=(300, 3)), rng.normal(size=(300, 3))
    finding = DcrShare().run(array_view((train, holdout, holdout + 0.01)), context())
    assert codes_of(finding) == {"synthetic-closer-to-holdout": "warn"}
    assert value(finding, "dcr_share") < 0.1
    honest = DcrShare().run(array_view((train, holdout, train + 0.01)), context())
    assert not honest.notices


@pytest.mark.parametrize("sizes", [(150, 150), (270, 30), (30, 270)])
def test_interval_and_p_value_hold_on_a_null(sizes: tuple[int, int]) -> None:
    rng = np.random.default_rng(sum(sizes) + sizes[0])
    covered, rejected, repeats = 0, 0, 60
    for i in range(repeats):
        tables = tuple(rng.normal(size=(n, 3)) for n in (*sizes, 200))
        finding = DcrShare(n_deals=99).run(array_view(tables), context(i))
        found = get(finding, "dcr_share")
        assert found.low is not None and found.high is not None
        covered += found.low <= 0.5 <= found.high
        rejected += value(finding, "p_value") <= 0.05
    assert covered >= 0.87 * repeats  # 3 standard errors below 95 %
    assert rejected <= 0.12 * repeats


def test_curves_are_distributions_thinned_so_that_no_row_shows() -> None:
    rng = np.random.default_rng(21)
    view = array_view(tuple(rng.normal(size=(n, 2)) for n in (80, 40, 60)))
    for curve in DcrShare().run(view, context()).curves:
        assert len(curve.x) == len(curve.y) == 12  # a point for five rows
        assert list(curve.x) == sorted(curve.x)
        assert curve.y[0] > 0
        assert curve.y[-1] < 1


def test_ratio_of_two_zero_distances_is_one() -> None:
    assert list(ratio(np.array([0.0, 0.0, 1.0]), np.array([0.0, 2.0, 4.0]))) == [1.0, 0.0, 0.25]


def test_percentiles_equal_a_naive_computation() -> None:
    rng = np.random.default_rng(22)
    train, holdout, synthetic = (rng.random((100, 2)).astype(np.float32) for _ in range(3))
    finding = Nndr().run(array_view((train, holdout, synthetic)), context())
    for name, real in (("train", train), ("holdout", holdout)):
        far = np.abs(synthetic[:, None].astype(float) - real[None].astype(float)).mean(axis=2)
        two = np.sort(far, axis=1)[:, :2]
        assert value(finding, f"dcr_p5_{name}") == pytest.approx(np.sort(two[:, 0])[4], abs=1e-9)
        ratios = np.sort(two[:, 0] / two[:, 1])
        assert value(finding, f"nndr_p5_{name}") == pytest.approx(ratios[4], abs=1e-9)


def test_percentiles_match_sizes() -> None:
    rng = np.random.default_rng(23)
    gaps = []
    for i in range(12):
        tables = tuple(rng.normal(size=(n, 3)) for n in (450, 50, 200))
        gaps.append(value(Nndr().run(array_view(tables), context(i)), "dcr_p5_gap"))
    assert abs(np.mean(gaps)) < 3.5 * np.std(gaps) / np.sqrt(len(gaps))


def test_percentiles_see_copies_and_decline_on_too_little() -> None:
    rng = np.random.default_rng(24)
    train, holdout = rng.normal(size=(200, 3)), rng.normal(size=(200, 3))
    finding = Nndr().run(array_view((train, holdout, train)), context())
    gap = get(finding, "nndr_p5_gap")
    assert gap.high is not None and gap.high < 0
    assert value(finding, "nndr_p5_p_value") < 0.01
    with pytest.raises(NotApplicable, match="20 synthetic rows"):
        Nndr().run(array_view((train, holdout, train[:19])), context())
    with pytest.raises(NotApplicable, match="two rows"):
        Nndr().run(array_view((train[:1], holdout, train)), context())
