"""Regression guard: the engine against scikit-learn's brute force, in one run on one machine.

    python benchmarks/check.py           # 10,000 rows, three kinds of table
    python benchmarks/check.py --quick   # 2,000 rows of one kind (also a test)

Speeds differ from machine to machine and from hour to hour; their ratio hardly does. It fails (exit
code 1) when a ratio of CPU times falls below its bound, or when an answer is wrong. Bounds lie
below the least ratio seen on a quiet and on a busy machine (docs/neighbors.md).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "speed"))
from engines import ENGINES, Engine
from tables import Pair, adult_like, uniform

OURS = "synthaudit, k = 1"
THEIRS = "scikit-learn brute, L1 one-hot"
ASKED = 500
"""Queries scikit-learn is given; its time is scaled up, which is what a brute force does."""


@dataclass(frozen=True)
class Guard:
    """A table and the least ratio of CPU times."""

    name: str
    table: Callable[[int, int], Pair]
    n_rows: int
    bound: float


GUARDS = (
    Guard("adult-like", adult_like, 10_000, 100.0),
    Guard("uniform 6+9", lambda n, m: uniform(n, 6, 9, m), 10_000, 30.0),
    Guard("uniform 15+0", lambda n, m: uniform(n, 15, 0, m), 10_000, 8.0),
)
QUICK = (Guard("adult-like, quick", adult_like, 2_000, 20.0),)


def _engine(name: str) -> Engine:
    return next(engine for engine in ENGINES if engine.name == name)


def ratio(guard: Guard) -> tuple[float, int]:
    """Their CPU time over ours, and the nearest distances that differ."""
    n = guard.n_rows
    pair = guard.table(n, n)
    pair = Pair(
        np.nan_to_num(pair.numbers), pair.codes, np.nan_to_num(pair.query_numbers), pair.query_codes
    )
    few = pair.query_numbers[:ASKED], pair.query_codes[:ASKED]
    _engine(OURS).build(pair)(*few)  # loads or compiles
    start = time.process_time()
    ours = _engine(OURS).build(pair)(pair.query_numbers, pair.query_codes)
    between = time.process_time()
    theirs = _engine(THEIRS).build(pair)(*few)
    scaled = (time.process_time() - between) * n / ASKED
    wrong = int((np.abs(ours[:ASKED] - theirs) > 1e-3).sum())
    return scaled / max(between - start, 1e-4), wrong


def main(arguments: list[str] | None = None) -> int:
    """Check every guard; 1 when one of them does not hold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args(arguments)
    failed = 0
    for guard in QUICK if options.quick else GUARDS:
        found, wrong = ratio(guard)
        holds = found >= guard.bound and not wrong
        failed += not holds
        print(
            f"{'ok  ' if holds else 'FAIL'} {guard.name}: {found:.0f} times less CPU than "
            f"scikit-learn brute force (bound {guard.bound:.0f}), {wrong} of {ASKED} wrong"
        )
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
