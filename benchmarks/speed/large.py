"""Ten million synthetic rows of twenty columns audited within a memory bound.

    python benchmarks/speed/large.py make FOLDER [ROWS]     # train, holdout and a Parquet directory
    python benchmarks/speed/large.py audit FOLDER [MEMORY] [ATTACKS]  # e.g. 2GB; what it took

Real tables have 5,000 rows each; 2 % of the synthetic rows are copies of training rows with one
cell redrawn.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet
from tables import N_PROFILES, _people, _profiles

PART = 1_000_000
EXTRA = 5
"""Columns beside the Adult-like ones."""


def people(
    rng: np.random.Generator, profiles: dict[str, np.ndarray], n: int, extra: int = EXTRA
) -> pd.DataFrame:
    """The Adult-like table with so many more columns."""
    numbers, codes = _people(rng, profiles, n)
    frame = pd.DataFrame(numbers.round(), columns=[f"number_{j}" for j in range(numbers.shape[1])])
    for j, column in enumerate(codes.T):
        frame[f"category_{j}"] = pd.Categorical.from_codes(
            column, [f"level {i}" for i in range(int(column.max()) + 1)]
        ).astype(str)
    for j in range(extra):
        frame[f"extra_{j}"] = (rng.gamma(2.0, 50.0, n) * (j + 1)).round(1)
    return frame


def make(folder: Path, n_rows: int) -> None:
    """Write the three tables."""
    rng = np.random.default_rng(0)
    profiles = _profiles(rng)
    folder.mkdir(parents=True, exist_ok=True)
    train, holdout = people(rng, profiles, 5_000), people(rng, profiles, 5_000)
    train.to_csv(folder / "train.csv", index=False)
    holdout.to_csv(folder / "holdout.csv", index=False)
    (folder / "synthetic").mkdir(exist_ok=True)
    for part in range(0, n_rows, PART):
        n = min(PART, n_rows - part)
        made = people(rng, profiles, n)
        copied = rng.random(n) < 0.02
        source = train.iloc[rng.integers(0, len(train), int(copied.sum()))].reset_index(drop=True)
        source["number_1"] = made.loc[copied, "number_1"].to_numpy()
        made.loc[copied] = source.to_numpy()
        table = pa.Table.from_pandas(made.astype(train.dtypes), preserve_index=False)
        parquet.write_table(table, folder / "synthetic" / f"part-{part // PART:03}.parquet")


def tell(task: str, done: int, total: int) -> None:
    """Print finished steps."""
    if done == total:
        print(f"  {time.process_time():7.0f} CPU s: {task}", flush=True)


def audit(folder: Path, memory: str, attacks: str) -> None:
    """Audit with every outsider attack and say what it took."""
    from synthaudit.corridor import AuditRequest, run_audit
    from synthaudit.plan import parse_bytes, plan_memory

    sources = folder / "train.csv", folder / "holdout.csv", folder / "synthetic"
    limit = parse_bytes(memory)
    plan = plan_memory(*sources, limit)
    assert plan is not None
    print(plan.to_text(), flush=True)
    start, cpu = time.perf_counter(), time.process_time()
    request = AuditRequest(attacks=tuple(attacks.split(",")), shadows=0, jobs=1, memory=limit)
    run = run_audit(
        *sources, request, lambda task, done, total: print(task, done, total, flush=True)
    )
    print(f"{N_PROFILES} profiles, verdict {run.report.verdict.level}")
    for notice in run.observations.tables.notices:
        print(f"  {notice.code}: {notice.message}")
    auc = run.report.headline.auc if run.report.headline is not None else None
    print(f"strongest attack: AUC {auc.value:.3f}" if auc and auc.value else "no attack")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    print(f"wall {wall:.0f} s, CPU {cpu:.0f} s, peak {peak:.2f} GB")


if __name__ == "__main__":
    what, where = sys.argv[1], Path(sys.argv[2])
    if what == "make":
        make(where, int(sys.argv[3]) if len(sys.argv) > 3 else 10_000_000)
    else:
        memory, attacks = (*sys.argv[3:], *("4GB", "outsider")[len(sys.argv) - 3 :])
        audit(where, memory, attacks)
