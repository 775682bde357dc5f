"""A whole outsider audit of three equally large tables: time, memory and where they go.

    python benchmarks/speed/whole.py [ROWS] [--jobs 2]

Real tables are Adult-like people (6 numbers and 9 categories), the release comes from the built-in
sequential trees. What it takes to make the tables is not counted. One run a process, so that the
peak is the audit's own.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np
from large import people
from tables import _profiles

STEPS = 15
"""The costliest steps are named, so many of them."""


def main() -> None:
    """Make the tables, audit, say what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int, nargs="?", default=100_000)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()

    from synthaudit.corridor import AuditRequest, run_audit
    from synthaudit.generators import parse_generator

    rng = np.random.default_rng(0)
    profiles = _profiles(rng)
    train, holdout = (people(rng, profiles, options.rows, extra=0) for _ in range(2))
    synthetic = parse_generator("cart:min_leaf=20").synthesize(train, options.rows, 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    wall, cpu = time.perf_counter(), time.process_time()
    request = AuditRequest(attacks=("outsider",), shadows=0, jobs=options.jobs)
    report = run_audit(train, holdout, synthetic, request).report
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    strongest = report.headline.auc.value if report.headline is not None else None
    print(f"{report.verdict.level}, strongest attack AUC {strongest:.3f}")
    for step in sorted(report.seconds.steps, key=lambda step: -step.seconds)[:STEPS]:
        print(f"  {step.seconds:7.1f} s  {step.name}")
    print(
        f"{options.rows:,} rows a table x {train.shape[1]} columns, {options.jobs} jobs: "
        f"wall {wall:.0f} s, CPU {cpu:.0f} s, peak {peak:.2f} GB ({before:.2f} GB before)"
    )


if __name__ == "__main__":
    main()
