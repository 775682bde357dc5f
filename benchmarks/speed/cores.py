"""Wall time of exact engines on one core and on two, each measurement in its own process.

    python benchmarks/speed/cores.py [--cores 1 2]

Adult-like tables, as many queries as reference rows, the nearest one; where an engine would need
minutes it gets a part of the queries and is scaled up (marked *). Run it with nothing else running.
Writes ``cores.md`` beside this file.
"""

from __future__ import annotations

import argparse
import datetime
import json
import time

from engine import (
    HERE,
    MILLION,
    filled,
    first,
    in_own_process,
    machine,
    memory_from_here,
    peak_memory,
    version,
    warm_up,
)
from engines import ENGINES, Engine
from tables import adult_like

SIZES = (10_000, 50_000, 200_000)
NAMES = (
    "synthaudit, k = 1",
    "faiss flat, L1 one-hot",
    "scikit-learn brute, L1 one-hot",
    "scipy cKDTree, L1 one-hot",
)


def measure(engine: Engine, n: int) -> dict[str, float]:
    """Wall seconds of building and querying, and the peak of memory."""
    warm_up(engine, "adult-like")
    pair = filled(adult_like(n, n))
    m = int(min(n, max(2_000, engine.pairs / n)))
    memory_from_here()
    start = time.perf_counter()
    search = engine.build(pair)
    built = time.perf_counter()
    search(*first(pair, m))
    done = time.perf_counter()
    wall = built - start + (done - built) * n / m
    return {"wall": wall, "scaled": float(m < n), "peak": peak_memory()}


def main() -> None:
    """Measure what is installed, write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--one", nargs=2, metavar=("ENGINE", "ROWS"))
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    engines = {engine.name: engine for engine in ENGINES}
    if options.one:
        print(json.dumps(measure(engines[options.one[0]], int(options.one[1]))))
        return
    started = machine()
    columns = [(n, cores) for n in SIZES for cores in options.cores]
    columns += [(MILLION, cores) for cores in options.cores]
    lines = [
        "# Nearest record: wall seconds by cores",
        "",
        f"Machine: {started}. "
        + ", ".join(f"{p} {v}" for p in ("numpy", "numba", "scikit-learn", "scipy", "faiss-cpu")
                    if (v := version(p)))
        + f". {datetime.date.today().isoformat()}. Made by `cores.py`.",
        "",
        "Adult-like tables of 6 numbers and 9 categories, as many queries as rows, building "
        "included. In brackets the peak memory of the process in GB. * = scaled up from a part of "
        "the queries.",
        "",
        "| engine | " + " | ".join(f"{n:,} on {c}" for n, c in columns) + " |",
        "|---" * (len(columns) + 1) + "|",
    ]  # fmt: skip
    for name in NAMES:
        if not version(engines[name].needs):
            continue
        cells = []
        for n, cores in columns:
            ours = name.startswith("synthaudit")
            found = in_own_process(__file__, [name, str(n)], cores) if ours or n < MILLION else None
            cells.append("–")
            if found is not None:
                star = "*" if found["scaled"] else ""
                cells[-1] = f"{found['wall']:,.2f}{star} ({found['peak'] / 1e3:.2f})"
            print(name, n, cores, cells[-1], flush=True)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    (HERE / "cores.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
