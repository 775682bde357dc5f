"""A differentially private generator for the benchmark: a chain of noisy tables of counts.

Columns are taken in their order; the first is drawn from its counts, every other from the counts of
its pairs with the one before. Each of the p tables of counts gets Laplace noise of scale p /
epsilon, which makes the release epsilon-differentially private for adding or removing one row
(Dwork et al. 2006, doi:10.1007/11681878_14; sequential composition). Which levels and which range a
column has, and the number of rows, are taken to be public (here: read off the whole census sample,
members or not).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

SAMPLE = Path(__file__).parents[2] / "sample_data"
BINS = 16


@cache
def public() -> pd.DataFrame:
    """The population the domain is read off."""
    return pd.concat([pd.read_csv(SAMPLE / f"{name}.csv") for name in ("train", "holdout")])


def domain(name: str) -> np.ndarray:
    """Edges of a number's bins or levels of a category, by public knowledge."""
    column = public()[name]
    if pd.api.types.is_numeric_dtype(column):
        return np.linspace(float(column.min()), float(column.max()), BINS + 1)
    return np.array(sorted(column.dropna().astype(str).unique()), dtype=object)


def states(column: pd.Series) -> tuple[np.ndarray, int]:
    """States of every row, missing being the last, and how many there are."""
    known = domain(str(column.name))
    missing = column.isna().to_numpy()
    if pd.api.types.is_numeric_dtype(public()[column.name]):
        found = np.clip(
            np.searchsorted(known, column.fillna(0).to_numpy(), "right") - 1, 0, BINS - 1
        )
        return np.where(missing, BINS, found), BINS + 1
    codes = pd.Categorical(column.astype(object), categories=known).codes.astype(np.int64)
    return np.where(missing | (codes < 0), len(known), codes), len(known) + 1


def cells(name: str, drawn: np.ndarray, rng: np.random.Generator) -> pd.Series:
    """Values of drawn states: anywhere in a bin, the level itself."""
    known = domain(name)
    if pd.api.types.is_numeric_dtype(public()[name]):
        inside = np.minimum(drawn, BINS - 1)
        width = known[1] - known[0]
        values = pd.Series(known[inside] + width * rng.random(drawn.size), name=name)
        if pd.api.types.is_integer_dtype(public()[name]):
            values = np.floor(values).astype("Int64")
        return values.mask(drawn == BINS)
    return pd.Series(np.append(known, None)[drawn], name=name, dtype=object)


def synthesize(frame: pd.DataFrame, n_rows: int, seed: int, epsilon: float) -> pd.DataFrame:
    """``n_rows`` rows of the chain."""
    rng = np.random.default_rng(seed)
    scale = frame.shape[1] / epsilon
    made, before, n_before = {}, np.zeros(len(frame), dtype=np.int64), 1
    drawn = np.zeros(n_rows, dtype=np.int64)
    for name in frame.columns:
        now, n_now = states(frame[name])
        counts = np.bincount(before * n_now + now, minlength=n_before * n_now).astype(float)
        noisy = np.maximum(counts + rng.laplace(0.0, scale, counts.size), 0.0) + 1e-9
        given = noisy.reshape(n_before, n_now)
        reach = np.cumsum(given / given.sum(axis=1, keepdims=True), axis=1)
        drawn = np.minimum((rng.random((n_rows, 1)) > reach[drawn]).sum(axis=1), n_now - 1)
        made[name] = cells(str(name), drawn, rng)
        before, n_before = now, n_now
    return pd.DataFrame(made)


def epsilon_1(frame: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
    """One unit of privacy loss."""
    return synthesize(frame, n_rows, seed, 1.0)


def epsilon_10(frame: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
    """Ten."""
    return synthesize(frame, n_rows, seed, 10.0)


def epsilon_1000(frame: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
    """Next to no noise: what the chain itself gives away."""
    return synthesize(frame, n_rows, seed, 1000.0)
