"""Populations to draw harmless tables from: rows are independent, so nothing can leak."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]


def mixed(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Numbers, dates and categories that depend on each other; skew, ties, gaps, a rare level."""
    kind = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    income = np.exp(rng.normal(7 + 0.4 * kind, 0.6)).round(2)
    frame = pd.DataFrame(
        {
            "age": np.clip(rng.normal(30 + 8 * kind, 9), 17, 90).round(),
            "income": income,
            "gain": np.where(rng.random(n) < 0.85, 0.0, (rng.pareto(2, n) * 500).round()),
            "height": rng.normal(170 + 4 * kind, 7).round(1),
            "region": rng.choice(list("NESW"), n, p=[0.4, 0.3, 0.2, 0.1]),
            "job": np.array(["clerk", "driver", "nurse", "baker", "judge"])[
                (kind + rng.choice(3, n, p=[0.7, 0.2, 0.1])) % 5
            ],
            "rare": np.where(rng.random(n) < 0.02, "seldom", "often"),
            "joined": pd.Timestamp("2015-01-01")
            + pd.to_timedelta(rng.integers(0, 3000, n), unit="D"),
        }
    )
    frame.loc[rng.random(n) < 0.1, "height"] = np.nan
    frame.loc[rng.random(n) < 0.1, "job"] = None
    return frame


def categorical(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Eight categories of two to five levels: most rows have doubles, copies are coincidence."""
    kind = rng.integers(0, 3, n)
    columns = {}
    for j in range(8):
        n_levels = 2 + j % 4
        shift = (kind + rng.integers(0, 2, n)) % n_levels
        columns[f"c{j}"] = np.where(rng.random(n) < 0.7, shift, rng.integers(0, n_levels, n))
    return pd.DataFrame(columns).astype(str).add_prefix("q")


def numeric(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Eight continuous, correlated columns of different shapes: no two rows are equal."""
    factor = rng.normal(size=(n, 2))
    plain = factor @ rng.normal(size=(2, 8)) + 0.7 * rng.normal(size=(n, 8))
    plain[:, 4:6] = np.exp(plain[:, 4:6])
    return pd.DataFrame(plain, columns=[f"x{j}" for j in range(8)])


def adult(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Rows of UCI Adult, drawn without replacement from the sample data."""
    files = [ROOT / "sample_data" / f"{name}.csv" for name in ("train", "holdout")]
    real = pd.concat([pd.read_csv(file) for file in files], ignore_index=True)
    return real.iloc[rng.permutation(len(real))[:n]].reset_index(drop=True)


POPULATIONS: dict[str, Callable[[int, np.random.Generator], pd.DataFrame]] = {
    "mixed": mixed,
    "categorical": categorical,
    "numeric": numeric,
    "adult": adult,
}
