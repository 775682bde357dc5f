"""Views made from bare arrays, and tables with a planted leak, for the density attacks' tests."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from synthaudit.data.views import AdversaryView
from synthaudit.parallel import Context
from synthaudit.seeds import Streams
from synthaudit.types import Attack, Bools, EncodedTable, Floats, Schema


def encoded(numbers: ArrayLike, codes: ArrayLike, knots: Floats | None = None) -> EncodedTable:
    """A table whose ranks are mid-ranks among ``knots`` (default: its own numbers)."""
    values = np.atleast_2d(np.asarray(numbers, dtype=np.float64))
    categories = np.atleast_2d(np.asarray(codes, dtype=np.int32))
    reference = values if knots is None else knots
    ranks = np.full(values.shape, np.nan, dtype=np.float32)
    for j in range(values.shape[1]):
        present = np.sort(reference[:, j][~np.isnan(reference[:, j])])
        has = ~np.isnan(values[:, j])
        below = np.searchsorted(present, values[has, j], side="left")
        upto = np.searchsorted(present, values[has, j], side="right")
        ranks[has, j] = (below + upto) / 2.0 / max(present.size, 1)
    return EncodedTable(ranks, values.astype(np.float32), values, categories)


def view_of(
    pool_numbers: ArrayLike, pool_codes: ArrayLike, numbers: ArrayLike, codes: ArrayLike
) -> AdversaryView:
    """A view of bare arrays, each ``(n_rows, n_columns)``; frames are empty."""
    pool = encoded(pool_numbers, pool_codes)
    table = encoded(numbers, codes, pool.values)
    return AdversaryView(pool, table, Schema(()), pd.DataFrame(), pd.DataFrame())


def none(n_rows: int) -> Floats:
    """No columns of a kind."""
    return np.empty((n_rows, 0))


def permuted(view: AdversaryView, order: ArrayLike) -> AdversaryView:
    """The same view with its candidates in another order."""
    return AdversaryView(
        view.candidates.take(np.asarray(order)),
        view.synthetic,
        view.schema,
        view.candidate_frame,
        view.synthetic_frame,
    )


def scored(attack: Attack, view: AdversaryView, seed: int = 0, jobs: int = 1) -> Floats:
    """The attack's scores, in a context of its own."""
    return attack.score(view, Context(Streams(seed).child("attack", attack.card.id), jobs=jobs))


def auc(scores: Floats, is_member: Bools) -> float:
    """Area under the ROC curve, ties counted half."""
    ranks = rankdata(scores)
    n1, n0 = int(is_member.sum()), int((~is_member).sum())
    return float((ranks[is_member].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


def null_spread(n_members: int, n_nonmembers: int) -> float:
    """Standard deviation of the AUC when scores say nothing."""
    return float(np.sqrt((n_members + n_nonmembers + 1) / (12 * n_members * n_nonmembers)))


@dataclass(frozen=True, eq=False)
class Planted:
    """A view with its answer."""

    view: AdversaryView
    is_member: Bools


def population(n_rows: int, rng: np.random.Generator) -> tuple[Floats, np.ndarray]:
    """Three dependent numbers (one coarse, one with gaps) and three categories, one rare-tailed."""
    hidden = rng.normal(size=n_rows)
    numbers = np.column_stack(
        [
            np.round(np.exp(7 + 0.5 * hidden + rng.normal(0, 0.5, n_rows)), 1),
            np.round(40 + 10 * hidden + rng.normal(0, 6, n_rows)),
            np.where(rng.random(n_rows) < 0.1, np.nan, hidden + rng.normal(0, 1, n_rows)),
        ]
    )
    codes = np.column_stack(
        [
            1 + np.minimum(rng.geometric(0.35, n_rows), 12),
            1 + (hidden + rng.normal(0, 0.7, n_rows) > 0),
            rng.integers(0, 4, n_rows),
        ]
    )
    return numbers, codes.astype(np.int32)


def sequential_resample(
    numbers: Floats, codes: np.ndarray, n_rows: int, rng: np.random.Generator, leaf: int = 5
) -> tuple[Floats, np.ndarray]:
    """A tiny sequential tree generator: each value is drawn from a donor close in the one before.

    Exact values are re-used, rows are not: the leak that distances hardly see.
    """
    columns = [*np.nan_to_num(numbers, nan=-99.0).T, *codes.T.astype(float)]
    order = np.argsort(columns[0], kind="stable")
    picked = order[rng.integers(0, len(order), n_rows)]
    drawn = [columns[0][picked]]
    for before, column in pairwise(columns):
        by = np.argsort(before + rng.normal(0, 1e-9, len(before)), kind="stable")
        place = np.searchsorted(before[by], drawn[-1])
        donors = by[np.clip(place + rng.integers(-leaf, leaf + 1, n_rows), 0, len(by) - 1)]
        drawn.append(column[donors])
    made = np.column_stack(drawn[: numbers.shape[1]])
    made[made == -99.0] = np.nan
    return made, np.column_stack(drawn[numbers.shape[1] :]).astype(np.int32)


def planted(n_side: int, seed: int, kind: str) -> Planted:
    """``kind``: copies, resample, fresh (a true null), numbers or categories (copies, one kind)."""
    rng = np.random.default_rng([seed, n_side])
    numbers, codes = population(3 * n_side, rng)
    train, fresh = np.arange(n_side), np.arange(2 * n_side, 3 * n_side)
    if kind == "resample":
        made = sequential_resample(numbers[train], codes[train], n_side, rng)
    else:
        rows = fresh if kind == "fresh" else np.r_[train[: n_side // 2], fresh[: n_side // 2]]
        made = numbers[rows], codes[rows]
    order = rng.permutation(2 * n_side)
    pool = numbers[: 2 * n_side][order], codes[: 2 * n_side][order]
    if kind == "numbers":
        pool, made = (pool[0], none(2 * n_side)), (made[0], none(len(made[0])))
    if kind == "categories":
        pool, made = (none(2 * n_side), pool[1]), (none(len(made[0])), made[1])
    return Planted(view_of(*pool, *made), order < n_side)
