"""Tables every room's tests may use: small, mixed, made here, with known truth."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

if TYPE_CHECKING:
    from synthaudit.corridor import AuditRun


# read when scikit-learn loads its OpenMP: threads that spin take the cores of other tests away
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def make_population(n_rows: int, seed: int) -> pd.DataFrame:
    """A mixed population with dependence, skew, ties, missing values, dates and rare categories."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(3, n_rows, p=[0.5, 0.3, 0.2])
    income = np.exp(rng.normal(7 + 0.4 * kind, 0.6)).round(2)
    age = np.clip(rng.normal(30 + 8 * kind, 9), 17, 90).round()
    frame = pd.DataFrame(
        {
            "age": age,
            "income": income,
            "balance": (income * rng.normal(0.3, 0.1, n_rows)).round(2),
            "gain": np.where(rng.random(n_rows) < 0.85, 0.0, (rng.pareto(2, n_rows) * 500).round()),
            "height": rng.normal(170 + 4 * kind, 7).round(1),
            "region": rng.choice(list("NESW"), n_rows, p=[0.4, 0.3, 0.2, 0.1]),
            "job": np.array(["clerk", "driver", "nurse", "baker", "judge"])[
                (kind + rng.choice(3, n_rows, p=[0.7, 0.2, 0.1])) % 5
            ],
            "rare": np.where(rng.random(n_rows) < 0.02, "seldom", "often"),
            "married": rng.random(n_rows) < 0.3 + 0.2 * kind,
            "joined": pd.Timestamp("2015-01-01")
            + pd.to_timedelta(rng.integers(0, 3000, n_rows), unit="D"),
        }
    )
    frame.loc[rng.random(n_rows) < 0.06, "height"] = np.nan
    frame.loc[rng.random(n_rows) < 0.05, "job"] = None
    return frame


def make_case(
    n_rows: int, seed: int, leak: float = 0.0
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Train, holdout and synthetic; a share ``leak`` of the synthetic rows are training rows."""
    population = make_population(3 * n_rows, seed)
    train, holdout, fresh = (
        population.iloc[i * n_rows : (i + 1) * n_rows].reset_index(drop=True) for i in range(3)
    )
    n_leaked = round(leak * n_rows)
    synthetic = pd.concat([train.iloc[:n_leaked], fresh.iloc[n_leaked:]], ignore_index=True)
    return train, holdout, synthetic


@pytest.fixture(scope="session")
def population() -> pd.DataFrame:
    """600 rows of the mixed population."""
    return make_population(600, seed=1)


@pytest.fixture(scope="session")
def leaky_case() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Every second synthetic row is a training row."""
    return make_case(300, seed=2, leak=0.5)


@pytest.fixture(scope="session")
def null_case() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Synthetic rows are fresh people: nothing can leak."""
    return make_case(300, seed=3, leak=0.0)


@pytest.fixture(scope="session")
def case_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Path]]:
    """Two cases of 150 rows a table on disk: every row a copy, and none."""
    from finished_audits import write_case

    folder = tmp_path_factory.mktemp("cases")
    return {name: write_case(folder / name, leak) for name, leak in (("leaky", 1.0), ("null", 0.0))}


@pytest.fixture(scope="session")
def finished(case_files: dict[str, dict[str, Path]]) -> dict[str, AuditRun]:
    """Both cases audited with two quick attacks and every check."""
    from finished_audits import quick_audit

    return {name: quick_audit(paths) for name, paths in case_files.items()}
