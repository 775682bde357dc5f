"""The excess estimator: by hand, against enumeration of all deals, and its coverage."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import binom

from synthaudit.checks._excess import excess, least_by_chance, most_by_chance, sign_test
from synthaudit.checks._matching import presence


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_by_hand_with_equal_sizes() -> None:
    # three contents of train and one of the holdout come back once each, one of train five times
    found = excess(ints(1, 1, 1, 1, 5), ints(1, 1, 1, 0, 1), ints(0, 0, 0, 1, 0), 10, 10, 20)
    assert found.found == pytest.approx(8 / 20)
    assert found.expected == pytest.approx(1 / 20)
    assert found.value == pytest.approx(7 / 20)
    assert (found.n_units_train, found.n_units_holdout) == (4, 1)
    assert found.p_value == pytest.approx(6 / 32)  # at least 4 heads of 5


def test_a_copied_row_counts_one_whatever_the_sizes() -> None:
    for n_train, n_holdout in ((90, 10), (10, 90), (50, 50)):
        found = excess(ints(4), ints(1), ints(0), n_train, n_holdout, 100)
        assert found.value == pytest.approx(0.04)
        assert found.expected == pytest.approx(0.0)


def test_a_holdout_row_stands_for_as_many_as_train_is_larger() -> None:
    found = excess(ints(1), ints(0), ints(1), 90, 10, 100)
    assert found.value == pytest.approx(-0.09)


def test_contents_both_tables_share_cancel() -> None:
    found = excess(ints(7, 3), ints(4, 2), ints(5, 2), 50, 50, 10)
    assert found.value == pytest.approx(0.0)
    assert found.expected == pytest.approx(1.0)
    assert found.p_value == 1.0


@pytest.mark.parametrize(("n_train", "n_holdout"), [(4, 4), (6, 2), (2, 6), (7, 1), (1, 7)])
def test_mean_over_every_deal_is_exactly_zero(n_train: int, n_holdout: int) -> None:
    contents = np.array([0, 0, 0, 1, 1, 2, 3, 4])  # eight real rows of five contents
    weights = ints(2, 1, 3, 1, 0)
    values, variances = [], []
    for deal in combinations(range(8), n_train):
        dealt = np.isin(np.arange(8), deal)
        k = np.bincount(contents[dealt], minlength=5).astype(np.int64)
        h = np.bincount(contents[~dealt], minlength=5).astype(np.int64)
        found = excess(weights, k, h, n_train, n_holdout, 1_000)
        values.append(found.found - found.expected)
        variances.append(found.value)
    assert np.mean(values) == pytest.approx(0.0, abs=1e-12)
    assert np.mean(variances) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("count", [0, 3, 12])
def test_upper_limit_is_the_last_count_chance_can_reach(share: float, count: int) -> None:
    limit = most_by_chance(count, share, 0.025)
    reached = [x for x in range(1, 400) if binom.sf(x - 1, x + count, share) >= 0.025]
    assert max(reached, default=0) <= limit < max(reached, default=0) + 1


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("count", [0, 3, 12, 40])
def test_lower_limit_is_the_first_count_chance_can_reach(share: float, count: int) -> None:
    limit = least_by_chance(count, share, 0.025)
    reached = [x for x in range(2_000) if binom.cdf(x, x + count, share) >= 0.025]
    assert min(reached) - 1 <= limit <= min(reached)


def test_nothing_found_gives_a_known_limit() -> None:
    found = excess(ints(), ints(), ints(), 10, 10, 100)
    assert (found.value, found.high) == (0.0, 0.0)
    assert found.low == pytest.approx(-np.log(0.025) / np.log(0.5) / 100)
    assert found.low * 100 == pytest.approx(-5.32, abs=0.01)


def test_sign_test_by_hand() -> None:
    assert sign_test(3, 0, 0.5) == pytest.approx(1 / 8)
    assert sign_test(60, 0, 300 / 315) == pytest.approx((300 / 315) ** 60)


def test_copies_that_stand_or_fall_together_count_as_few() -> None:
    many = excess(np.ones(80, dtype=np.int64), *(np.ones(80, int), np.zeros(80, int)), 99, 99, 400)
    few = excess(ints(40, 40), ints(1, 1), ints(0, 0), 99, 99, 400)
    assert many.value == pytest.approx(few.value)
    assert many.low > 0 > few.low


@pytest.mark.parametrize(
    ("n_train", "n_holdout", "leak"),
    [(300, 300, 0.0), (300, 300, 0.1), (450, 50, 0.1), (50, 450, 0.1), (450, 50, 0.0)],
)
def test_interval_covers_what_was_planted(n_train: int, n_holdout: int, leak: float) -> None:
    """Contents from a heavy-tailed population; truth: planted copies nobody else would have had."""
    rng = np.random.default_rng(n_train + round(1_000 * leak))
    shares = 1 / np.arange(1, 3_001)
    shares /= shares.sum()
    # half of the rows have a content of their own, half one of the population's common ones
    n, covered, repeats = 200, 0, 200
    for _ in range(repeats):
        common = [rng.choice(3_000, size, p=shares) for size in (n_train, n_holdout, n)]
        own = [rng.integers(3_000, 4_000, size) for size in (n_train, n_holdout, n)]
        train, holdout, synthetic = (
            np.where(rng.random(a.size) < 0.5, a, b) for a, b in zip(common, own, strict=True)
        )
        planted = rng.random(n) < leak
        synthetic[planted] = train[rng.integers(n_train, size=int(planted.sum()))]
        chance = np.concatenate([0.5 * shares, np.full(1_000, 0.5 / 1_000)])
        truth = float(np.sum((1 - chance[synthetic[planted]]) ** n_train)) / n
        counts = [np.bincount(part, minlength=4_000) for part in (synthetic, train, holdout)]
        found = excess(*counts, n_train, n_holdout, n)
        covered += found.low - 1e-12 <= truth <= found.high + 1e-12
    assert covered / repeats >= 0.94


def test_presence_weights_never_make_chance_negative() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        n_train, n_holdout = rng.integers(1, 40, 2)
        k = rng.integers(0, n_train + 1, 4)
        h = rng.integers(0, n_holdout + 1, 4)
        found = excess(rng.integers(0, 5, 4), k, h, int(n_train), int(n_holdout), 20)
        assert found.expected >= -1e-9
        assert found.low - 1e-12 <= found.value <= max(found.high, found.value) + 1e-12
    assert presence(np.array([2.0]), 3, 2)[0] == pytest.approx(1.0)


def test_a_pair_that_must_be_apart_bounds_nothing_and_ends() -> None:
    # one row in each table: equal rows are split whatever anybody did (this never returned before)
    assert most_by_chance(0, 1.0, 0.025) == np.inf
    assert least_by_chance(0, 1.0, 0.025) == 0.0
    assert least_by_chance(1, 1.0, 0.025) == np.inf
