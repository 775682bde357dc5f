"""The field's attacks on every case of known truth: what ours are compared with.

    python benchmarks/power/baselines.py CASES OUT [--only 'adult__*'] [--max-candidates 1500]

Every attack of ``benchmarks/attacks/classics.py`` scores the candidates an audit of the case would
attack, with the whole unlabelled pool as its reference. One JSON a case is kept in
``OUT/baselines``, so an interrupted run goes on where it stopped; ``OUT/baselines.csv`` has one row
per case and attack. *Best* on a case means best with hindsight, after looking at the labels.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import numpy as np
from run import chosen, table_of, write_table

sys.path.insert(0, str(Path(__file__).parents[1] / "attacks"))

FPRS = (0.1, 0.01, 0.001)


def measured(case: Path, max_candidates: int) -> list[dict[str, Any]]:
    """One row per published attack."""
    from classics import CLASSICS
    from density import tpr_at
    from threadpoolctl import threadpool_limits

    from synthaudit.data import draw_challenge, load_tables
    from synthaudit.seeds import Streams
    from synthaudit.stats.auc import auc

    tables = [table_of(case, name) for name in ("train", "holdout", "synthetic")]
    with threadpool_limits(1):
        challenge = draw_challenge(load_tables(*tables), Streams(0), max_candidates=max_candidates)
        rows = []
        for name, attack in CLASSICS.items():
            start = time.process_time()
            scores = np.nan_to_num(attack(challenge.adversary), posinf=1e300, neginf=-1e300)
            row = {"case": case.name, "attack": name, "n": challenge.n_members,
                   "auc": auc(scores, challenge.is_member),
                   "seconds": round(time.process_time() - start, 2)}  # fmt: skip
            row |= {f"tpr_at_fpr_{fpr}": tpr_at(scores, challenge.is_member, fpr) for fpr in FPRS}
            rows.append(row)
    return rows


def keep(case: Path, target: Path, max_candidates: int) -> str:
    """Measure one case and keep what was found; returns a line to print."""
    try:
        rows = measured(case, max_candidates)
    except Exception as error:  # a table the field's attacks cannot work on
        rows = [{"case": case.name, "attack": None, "error": repr(error)[:120]}]
    target.write_text(json.dumps(rows))
    best = max((row for row in rows if "auc" in row), key=lambda row: row["auc"], default=None)
    return f"{case.name:<44} {best['attack']} {best['auc']:.3f}" if best else f"{case.name} failed"


def main() -> None:
    """Measure what is not there yet, then write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", default="*", help="patterns of case names, by commas")
    parser.add_argument("--max-candidates", type=int, default=1500)
    options = parser.parse_args()
    kept = options.out / "baselines"
    kept.mkdir(parents=True, exist_ok=True)
    cases = chosen(options.cases, options.only)
    todo = [case for case in cases if not (kept / f"{case.name}.json").exists()]
    with ProcessPoolExecutor(options.jobs) as pool:
        jobs = [
            pool.submit(keep, case, kept / f"{case.name}.json", options.max_candidates)
            for case in todo
        ]
        for job in as_completed(jobs):
            print(job.result(), flush=True)
    rows = [row for file in sorted(kept.glob("*.json")) for row in json.loads(file.read_text())]
    write_table([row for row in rows if row["attack"]], options.out / "baselines.csv")


if __name__ == "__main__":
    main()
