"""How often the validity checks raise an alarm on splits that are random by construction.

    python benchmarks/checks/null_splits.py CASES --tables adult__resample sick__resample ... -n 40

Pools train and holdout of each named case, deals them out anew at random n times and runs the
checks that judge the holdout. Prints alarms by severity and how the blind AUC is spread.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from synthaudit.checks.blind_classifier import BlindClassifier
from synthaudit.checks.holdout_overlap import HoldoutOverlap
from synthaudit.checks.swapped_files import SwappedFiles
from synthaudit.data.challenge import draw_challenge
from synthaudit.data.tables import load_tables
from synthaudit.parallel import Context
from synthaudit.seeds import Streams

CHECKS = (BlindClassifier(), HoldoutOverlap(), SwappedFiles())


def deal(folder: Path, n_repeats: int, share: float) -> None:
    """Split one case's real rows n times and count alarms."""
    files = json.loads((folder / "case.json").read_text())["files"]
    real = pd.concat(
        [pd.read_parquet(folder / files[name]) for name in ("train", "holdout")], ignore_index=True
    )
    synthetic = pd.read_parquet(folder / files["synthetic"])
    n_train = round(share * len(real))
    aucs, smallest, alarms = [], [], Counter[str]()
    for i in range(n_repeats):
        order = np.random.default_rng(i).permutation(len(real))
        train, holdout = real.iloc[order[:n_train]], real.iloc[order[n_train:]]
        view = draw_challenge(load_tables(train, holdout, synthetic), Streams(i)).auditor
        for check in CHECKS:
            finding = check.run(view, Context(Streams(i)))
            alarms.update(f"{n.severity} {n.code}" for n in finding.notices)
            for e in finding.estimates:
                if e.name == "blind_auc" and e.value is not None:
                    aucs.append(e.value)
                    covered = e.low is not None and e.low > 0.5
                    alarms["(95 % interval above one half)"] += bool(covered)
                if e.name == "smallest_column_p_value" and e.value is not None:
                    smallest.append(e.value <= 0.05)
    print(
        f"| {folder.name} | {n_train}/{len(real) - n_train} | {n_repeats} | {np.mean(aucs):.3f} | "
        f"{np.std(aucs):.3f} | {np.mean(smallest):.1%} | {dict(alarms)} |",
        flush=True,
    )


def main() -> None:
    """One line a table and share."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", type=Path)
    parser.add_argument("--tables", nargs="+", required=True)
    parser.add_argument("-n", type=int, default=40)
    parser.add_argument("--share", type=float, default=0.5, help="of the rows that go to train")
    options = parser.parse_args()
    print("| table | train/holdout | splits | AUC mean | AUC SD | a column p <= 0.05 | alarms |")
    print("|---|---|---|---|---|---|---|")
    for name in options.tables:
        deal(options.cases / name, options.n, options.share)


if __name__ == "__main__":
    main()
