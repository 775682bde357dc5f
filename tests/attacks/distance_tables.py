"""Small tables with known truth for the tests of the distance attacks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from synthaudit.data import draw_challenge, load_tables
from synthaudit.data.views import AdversaryView
from synthaudit.parallel import Context
from synthaudit.seeds import Streams
from synthaudit.types import Attack, Bools, Column, ColumnKind, EncodedTable, Floats, Schema

N_ROWS = 200


def people(n_rows: int, seed: int) -> pd.DataFrame:
    """Dependent numbers (whole, continuous, with missing cells) and categories."""
    rng = np.random.default_rng(seed)
    group = rng.choice(4, n_rows, p=[0.4, 0.3, 0.2, 0.1])
    frame = pd.DataFrame(
        {
            "age": np.clip(rng.normal(30 + 8 * group, 9), 17, 90).round(),
            "wage": np.exp(rng.normal(7 + 0.3 * group, 0.5)),
            "weight": rng.normal(70 + 3 * group, 9),
            "height": rng.normal(170 + 3 * group, 8),
            "visits": rng.poisson(3 + group).astype(float),
            "region": rng.choice(list("NESW"), n_rows, p=[0.4, 0.3, 0.2, 0.1]),
            "job": np.array(list("abcdefgh"))[(group + rng.integers(0, 4, n_rows)) % 8],
            "plan": rng.choice(["basic", "plus", "pro"], n_rows, p=[0.6, 0.3, 0.1]),
        }
    )
    frame.loc[rng.random(n_rows) < 0.05, "height"] = np.nan
    frame.loc[rng.random(n_rows) < 0.05, "job"] = None
    return frame


NUMBERS = ["age", "wage", "weight", "height", "visits"]
CATEGORIES = ["region", "job", "plan"]


def split(seed: int, n_rows: int = N_ROWS) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Train, holdout and fresh rows of one population."""
    table = people(3 * n_rows, seed)
    train, holdout, fresh = (
        table.iloc[i * n_rows : (i + 1) * n_rows].reset_index(drop=True) for i in range(3)
    )
    return train, holdout, fresh


def attacked(
    train: pd.DataFrame, holdout: pd.DataFrame, synthetic: pd.DataFrame
) -> tuple[AdversaryView, Bools]:
    """What an adversary sees of three tables, and the labels it does not see."""
    challenge = draw_challenge(load_tables(train, holdout, synthetic), Streams(0))
    return challenge.adversary, challenge.is_member


def scores(attack: Attack, view: AdversaryView) -> Floats:
    """Scores under the test's own seed."""
    found = attack.score(view, Context(Streams(0)))
    assert found.shape == (view.n_candidates,) and np.isfinite(found).all()
    return found


def auc(found: Floats, is_member: Bools) -> float:
    ranks = pd.Series(found).rank().to_numpy()
    n1 = int(is_member.sum())
    return float((ranks[is_member].sum() - n1 * (n1 + 1) / 2) / (n1 * (len(found) - n1)))


def attack_auc(attack: Attack, tables: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]) -> float:
    view, is_member = attacked(*tables)
    return auc(scores(attack, view), is_member)


def mixed_like(first: pd.DataFrame, second: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Rows on the line from rows of ``first`` to rows of ``second``; categories from either."""
    rng = np.random.default_rng(seed)
    t = rng.random(len(first))
    made = first.copy()
    for name in NUMBERS:
        if name in made:
            between = first[name] + t * (second[name] - first[name])
            made[name] = between.round() if name in {"age", "visits"} else between
    for name in CATEGORIES:
        if name in made:
            made[name] = first[name].where(rng.random(len(first)) > t, second[name])
    return made


def smote(train: pd.DataFrame, seed: int, k: int = 5) -> pd.DataFrame:
    """A SMOTE of our own: each row towards one of its ``k`` nearest by standardised numbers."""
    rng = np.random.default_rng(seed)
    names = [name for name in NUMBERS if name in train]
    values = train[names].to_numpy(dtype=float)
    values = np.where(np.isnan(values), np.nanmean(values, axis=0), values)
    values = (values - values.mean(axis=0)) / values.std(axis=0)
    far = ((values[:, None] - values[None]) ** 2).sum(axis=2)
    np.fill_diagonal(far, np.inf)
    near = np.argsort(far, axis=1)[:, :k]
    other = near[np.arange(len(train)), rng.integers(0, k, len(train))]
    return mixed_like(train, train.iloc[other].reset_index(drop=True), seed)


def table_of(numbers: Any, codes: Any) -> EncodedTable:
    """An encoded table whose ranks, standard units and values are the same numbers."""
    values = np.atleast_2d(np.asarray(numbers, dtype=np.float64))
    levels = np.atleast_2d(np.asarray(codes, dtype=np.int32))
    single = np.ascontiguousarray(values.astype(np.float32))
    return EncodedTable(single, single.copy(), values, levels)


def view_of(pool: EncodedTable, synthetic: EncodedTable) -> AdversaryView:
    """A view of two tables made by hand."""
    columns = tuple(
        Column(f"n{j}", ColumnKind.NUMERIC, 9, 0) for j in range(pool.values.shape[1])
    ) + tuple(Column(f"z{j}", ColumnKind.CATEGORY, 9, 0) for j in range(pool.codes.shape[1]))
    return AdversaryView(pool, synthetic, Schema(columns), pd.DataFrame(), pd.DataFrame())
