"""Small real-looking tables for the tests of the data room."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from synthaudit.data import Challenge, Tables, draw_challenge, load_tables
from synthaudit.seeds import Streams

TABLES = ("train", "holdout", "synthetic")
BLOCKS = ("ranks", "scaled", "values", "codes")
CITIES = np.array(["Oslo", "Bergen", "Trondheim", "Stavanger", "Bodo"], dtype=object)


def people(n: int, seed: int) -> pd.DataFrame:
    """n persons with numbers, categories, a truth value, a date and gaps."""
    rng = np.random.default_rng(seed)
    income = rng.lognormal(10, 0.5, n).round(2)
    income[rng.random(n) < 0.1] = np.nan
    city = CITIES[rng.choice(5, n, p=[0.4, 0.25, 0.2, 0.1, 0.05])]
    city[rng.random(n) < 0.05] = None
    born = np.datetime64("1950-01-01") + rng.integers(0, 20_000, n).astype("m8[D]")
    return pd.DataFrame(
        {
            "age": rng.integers(18, 90, n),
            "income": income,
            "city": city,
            "smoker": rng.random(n) < 0.3,
            "born": born.astype("M8[ns]"),
            "visits": rng.poisson(3, n),
        }
    )


def three(n: int = 120, seed: int = 0) -> dict[str, pd.DataFrame]:
    """Train, holdout and synthetic."""
    return {name: people(n, seed + i) for i, name in enumerate(TABLES)}


def load(frames: dict[str, Any], **options: Any) -> Tables:
    """load_tables with the tables by name."""
    return load_tables(*(frames[name] for name in TABLES), **options)


def draw(frames: dict[str, Any], seed: int = 0, **options: Any) -> Challenge:
    """The challenge of three tables."""
    return draw_challenge(load(frames), Streams(seed), **options)


def write_csv(frames: dict[str, pd.DataFrame], folder: Path) -> dict[str, Path]:
    """The three tables as CSV files."""
    paths = {name: folder / f"{name}.csv" for name in frames}
    for name, frame in frames.items():
        frame.to_csv(paths[name], index=False)
    return paths


def write_parquet(frames: dict[str, pd.DataFrame], folder: Path) -> dict[str, Path]:
    """The three tables as Parquet files."""
    paths = {name: folder / f"{name}.parquet" for name in frames}
    for name, frame in frames.items():
        frame.to_parquet(paths[name])
    return paths


def changed(
    frames: dict[str, pd.DataFrame], change: Callable[[pd.DataFrame], pd.DataFrame], *names: str
) -> dict[str, pd.DataFrame]:
    """The same tables with some (default: all) changed."""
    names = names or TABLES
    return {name: change(f.copy()) if name in names else f for name, f in frames.items()}


def codes(tables: Tables) -> set[str]:
    """The codes of all notices."""
    return {notice.code for notice in tables.notices}


def arrays(challenge: Challenge) -> dict[str, np.ndarray]:
    """Every array an attack or check can compute with, and the labels."""
    found = {"labels": challenge.is_member}
    for block in BLOCKS:
        found[f"pool {block}"] = getattr(challenge.adversary.candidates, block)
        for name in TABLES:
            found[f"{name} {block}"] = getattr(challenge.auditor.table(name), block)
    return found


def assert_same(first: Challenge, second: Challenge, *, skip: tuple[str, ...] = ()) -> None:
    """Every array is equal, bit for bit."""
    one, other = arrays(first), arrays(second)
    for name, array in one.items():
        if not name.endswith(skip) or not skip:
            np.testing.assert_array_equal(array, other[name], err_msg=name)
