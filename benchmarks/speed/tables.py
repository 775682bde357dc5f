"""Tables for timing: one that looks like the Adult census extract, and uniform ones.

The Adult-like table has 6 number and 9 category columns with the skew that matters to a search: a
top level of 70 to 90 % in several categories, 92 % zeros in one number and 46 % of one value in
another, an education that determines a number, relationships that follow from marital status and
sex, 2 % missing. People are drawn from 400 profiles of Zipf-distributed size. The second table is
another draw in which 5 % of the cells are redrawn from their columns and numbers are shaken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVELS = {
    "workclass": (9, 0.70),
    "education": (16, 0.32),
    "marital": (7, 0.46),
    "occupation": (15, 0.13),
    "race": (5, 0.85),
    "country": (42, 0.90),
}
"""Levels and the share of the commonest, for the categories that are drawn by themselves."""
N_PROFILES = 400


@dataclass(frozen=True, eq=False)
class Pair:
    """A reference table and queries against it: float32 numbers in [0, 1], int32 codes."""

    numbers: NDArray[np.float32]
    codes: NDArray[np.int32]
    query_numbers: NDArray[np.float32]
    query_codes: NDArray[np.int32]


def uniform(n: int, n_numbers: int, n_codes: int, n_queries: int, seed: int = 0) -> Pair:
    """The hardest table: nothing depends on anything; categories have ten levels."""
    rng = np.random.default_rng(seed)
    return Pair(
        rng.random((n, n_numbers), dtype=np.float32),
        rng.integers(0, 10, (n, n_codes), dtype=np.int32),
        rng.random((n_queries, n_numbers), dtype=np.float32),
        rng.integers(0, 10, (n_queries, n_codes), dtype=np.int32),
    )


def adult_like(n: int, n_queries: int, seed: int = 0) -> Pair:
    """Reference and queries, numbers as mid-ranks of the two tables together."""
    rng = np.random.default_rng(seed)
    profiles = _profiles(rng)
    values, codes = _people(rng, profiles, n)
    query_values, query_codes = _perturbed(rng, *_people(rng, profiles, n_queries))
    both = np.vstack([values, query_values])
    ranks = np.column_stack([_mid_ranks(column) for column in both.T]).astype(np.float32)
    return Pair(ranks[:n], codes, ranks[n:], query_codes)


def _skewed(n_levels: int, top: float) -> NDArray[np.float64]:
    """Shares of the levels: the commonest as given, the rest falling geometrically."""
    rest = 0.75 ** np.arange(n_levels - 1)
    return np.concatenate([[top], (1 - top) * rest / rest.sum()])


def _profiles(rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
    """Every profile's own distribution over levels, centred on the column's."""
    made = {
        name: rng.dirichlet(6 * _skewed(*levels) + 1e-3, N_PROFILES)
        for name, levels in LEVELS.items()
    }
    made["age"] = rng.gamma(6.0, 4.0, N_PROFILES) + 15
    made["is_male"] = rng.beta(1.2, 0.6, N_PROFILES)
    size = 1 / np.arange(1, N_PROFILES + 1) ** 0.9
    made["size"] = size / size.sum()
    return made


def _people(
    rng: np.random.Generator, profiles: dict[str, NDArray[np.float64]], n: int
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    who = rng.choice(N_PROFILES, n, p=profiles["size"])
    drawn = {}
    for name in LEVELS:
        below = np.cumsum(profiles[name], axis=1)[who]
        drawn[name] = np.minimum((rng.random((n, 1)) > below).sum(axis=1), below.shape[1] - 1)
    male = rng.random(n) < profiles["is_male"][who]
    married = drawn["marital"] == 0
    alone = np.where(rng.random(n) < 0.6, 2, rng.integers(3, 6, n))
    relationship = np.where(married, np.where(male, 0, 1), alone)
    schooling = np.array([9, 10, 13, 14, 11, 7, 12, 6, 4, 15, 5, 8, 16, 3, 2, 1])
    years = schooling[drawn["education"]]
    age = np.clip(np.round(rng.gamma(9.0, profiles["age"][who] / 9)), 17, 90)
    income = rng.random(n) < 1 / (1 + np.exp(5.0 - 0.25 * years - 1.5 * married - 0.01 * age))
    steps = np.sort(rng.lognormal(8, 1.2, 120).round())
    gain = np.where(rng.random(n) < 0.08 + 0.1 * income, rng.choice(steps, n), 0)
    loss = np.where(rng.random(n) < 0.047, rng.choice(steps[::3], n), 0)
    usual = rng.choice([35, 45, 50, 60, 20, 55, 30], n) + rng.integers(-3, 4, n) * (
        rng.random(n) < 0.2
    )
    hours = np.where(rng.random(n) < 0.46, 40.0, usual)
    hours[rng.random(n) < 0.02] = np.nan
    weight = rng.lognormal(12.0, 0.55, n).round()
    values = np.column_stack([age, weight, years, gain, loss, hours])
    codes = np.column_stack([*drawn.values(), relationship, male, income]).astype(np.int32)
    return values, codes


def _perturbed(
    rng: np.random.Generator, values: NDArray[np.float64], codes: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    n = codes.shape[0]
    values, codes = values.copy(), codes.copy()
    values[:, 0] += rng.integers(-2, 3, n)
    values[:, 1] *= np.exp(rng.normal(0, 0.05, n))
    for table in (values, codes):
        for column in table.T:
            redrawn = rng.random(n) < 0.05
            column[redrawn] = rng.permutation(column)[redrawn]
    return values, codes


def _mid_ranks(column: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean share of values below and not above, in [0, 1]; NaN stays NaN."""
    present = np.sort(column[~np.isnan(column)])
    below = np.searchsorted(present, column, "left")
    upto = np.searchsorted(present, column, "right")
    return np.where(np.isnan(column), np.nan, (below + upto) / 2 / max(1, present.size))
