"""Copies among the synthetic rows about people who stand out."""

from __future__ import annotations

import numpy as np
import pytest
from check_views import array_view, context, get, value

from synthaudit.checks.exact_copies import ExactCopies
from synthaudit.checks.isolated_copies import IsolatedCopies
from synthaudit.errors import NotApplicable
from synthaudit.types import Floats


def naive(train: Floats, holdout: Floats, synthetic: Floats, part: float) -> tuple[int, int]:
    """Synthetic rows nearest to an isolated real row, and copies of training rows among them."""
    real = np.concatenate([train, holdout])

    def far(a: Floats, b: Floats) -> Floats:
        return np.minimum(np.abs(a - b), 3).mean(axis=1)

    alone = np.array([far(np.delete(real, i, 0), real[i]).min() for i in range(len(real))])
    edge = np.sort(alone)[int(np.ceil((1 - part) * len(real))) - 1]
    near = copies = 0
    for row in synthetic:
        distances = far(real, row)
        closest = int(np.argmin(distances))
        near += bool(alone[closest] >= edge)
        hit = (distances <= 0.2 * alone) & (alone >= edge)
        copies += bool(hit[: len(train)].any())
    return near, copies


@pytest.mark.parametrize("seed", range(3, 9))
def test_it_equals_a_naive_count(seed: int) -> None:
    rng = np.random.default_rng(seed)
    train, holdout, synthetic = (rng.normal(0, 0.3, (n, 2)) for n in (120, 80, 100))
    strangest = np.argsort(-np.abs(train).sum(axis=1))[:6]
    synthetic[:6] = train[strangest] + np.array([[0.0, 0.0]] * 3 + [[0.001, 0.001]] * 3)
    # some about people of the holdout, and some a little too far away to be copies
    others = np.argsort(-np.abs(holdout).sum(axis=1))[:5]
    synthetic[6:11] = holdout[others] + 0.001
    synthetic[11:17] = train[strangest] + np.linspace(0.01, 0.08, 6)[:, None]
    arrays = tuple(part.astype(np.float32).astype(float) for part in (train, holdout, synthetic))
    finding = IsolatedCopies(part=0.1).run(array_view(arrays), context())
    near, copies = naive(*arrays, part=0.1)
    assert 0 < copies < near
    found = get(finding, "excess_isolated_copies")
    assert found.n == near
    assert value(finding, "isolated_rows_copied") == pytest.approx(copies / near)


def test_copied_outliers_are_seen_where_the_table_hides_them() -> None:
    rng = np.random.default_rng(4)
    train, holdout, synthetic = (rng.standard_t(3, (n, 3)) for n in (1500, 1500, 1500))
    strangest = np.argsort(-np.abs(train).sum(axis=1))[:15]
    synthetic[:15] = train[strangest]
    view = array_view((train, holdout, synthetic))
    finding = IsolatedCopies().run(view, context())
    found = get(finding, "excess_isolated_copies")
    whole = get(ExactCopies().run(view, context()), "excess_copies")
    assert found.low is not None and whole.value is not None
    assert whole.value == pytest.approx(0.01)
    assert found.low > 3 * whole.value
    assert value(finding, "p_value") < 0.01


def test_fresh_rows_are_no_copies() -> None:
    rng = np.random.default_rng(12)
    inside = 0
    for _ in range(40):
        tables = tuple(rng.standard_t(3, size=(n, 2)) for n in (150, 100, 300))
        found = get(IsolatedCopies().run(array_view(tables), context()), "excess_isolated_copies")
        assert found.low is not None and found.high is not None
        inside += found.low <= 0 <= found.high
    assert inside >= 37


def test_without_anybody_standing_out_it_does_not_apply() -> None:
    twins = np.repeat(np.arange(20.0), 3)[:, None]
    with pytest.raises(NotApplicable, match="stand out"):
        IsolatedCopies().run(array_view((twins, twins, twins)), context())
    rng = np.random.default_rng(1)
    real = rng.standard_t(2, (100, 1))
    middle = np.zeros((10, 1))
    with pytest.raises(NotApplicable, match="among the isolated"):
        IsolatedCopies().run(array_view((real[:50], real[50:], middle)), context())
