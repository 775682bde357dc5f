"""Do the controls control? Attacks on the output of the positive and the negative control.

    python benchmarks/generators/controls.py [--splits 12] [--rows 2000]

The real rows of the sample data are split anew into members and others, each control learns from
the members, and four outsider attacks are scored. Prints mean AUC and its standard error.
"""

from __future__ import annotations

import argparse
import platform
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from synthaudit.attacks.closest_record import PLUGINS as CLOSEST
from synthaudit.attacks.density_ratio import PLUGINS as DENSITY
from synthaudit.attacks.tracing import PLUGINS as TRACING
from synthaudit.attacks.value_fingerprint import PLUGINS as FINGERPRINT
from synthaudit.data.challenge import draw_challenge
from synthaudit.data.tables import load_tables
from synthaudit.generators import parse_generator
from synthaudit.parallel import Context
from synthaudit.seeds import Streams

SAMPLE = Path(__file__).parents[2] / "sample_data"
ATTACKS = (CLOSEST[0], FINGERPRINT[0], DENSITY[0], TRACING[0])


def aucs(spec: str, rows: pd.DataFrame, n_side: int, seed: int) -> list[float]:
    """AUC of every attack on one split."""
    order = Streams(seed).rng("split").permutation(len(rows))
    train, holdout = (
        rows.iloc[order[i * n_side : (i + 1) * n_side]].reset_index(drop=True) for i in (0, 1)
    )
    made = parse_generator(spec).synthesize(train, n_side, seed)
    challenge = draw_challenge(load_tables(train, holdout, made), Streams(seed))
    context = Context(Streams(seed))
    return [
        float(roc_auc_score(challenge.is_member, attack.score(challenge.adversary, context)))
        for attack in ATTACKS
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splits", type=int, default=12)
    parser.add_argument("--rows", type=int, default=2000)
    options = parser.parse_args()
    tables = load_tables(SAMPLE / "train.csv", SAMPLE / "holdout.csv", SAMPLE / "train.csv")
    rows = pd.concat([tables.frames["train"], tables.frames["holdout"]], ignore_index=True)
    print(f"{options.rows} against {options.rows}, {options.splits} splits, {platform.machine()} "
          f"{platform.python_version()}, {time.strftime('%Y-%m-%d')}\n")  # fmt: skip
    print("| control | " + " | ".join(a.card.id for a in ATTACKS) + " |")
    print("|---" * (len(ATTACKS) + 1) + "|")
    with threadpool_limits(limits=1):
        for spec in ("marginals", "noisy-bootstrap"):
            found = np.array([aucs(spec, rows, options.rows, s) for s in range(options.splits)])
            error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
            cells = [f"{m:.3f} ± {e:.3f}" for m, e in zip(found.mean(axis=0), error, strict=True)]
            print(f"| `{spec}` | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
