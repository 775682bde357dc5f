"""The neighbour engine against public engines: CPU seconds and memory, each in its own process.

    python benchmarks/speed/engine.py            # 2k to 200k, about ten minutes of CPU
    python benchmarks/speed/engine.py --million  # and one million rows against one million

Every process is held to one thread. Where an engine would need minutes, it gets a part of the
queries and the figure is scaled up linearly (marked *), which is what a search does. Missing values
are filled in beforehand, since no other engine has them. Writes ``engine.csv`` and ``engine.md``
next to this file.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import importlib.metadata
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from engines import ENGINES, Engine
from numpy.typing import NDArray
from tables import Pair, adult_like, uniform

HERE = Path(__file__).parent
TABLES: dict[str, Callable[[int, int], Pair]] = {
    "adult-like": adult_like,
    "uniform 6+9": lambda n, m: uniform(n, 6, 9, m),
    "uniform 15+0": lambda n, m: uniform(n, 15, 0, m),
    "uniform 50+0": lambda n, m: uniform(n, 50, 0, m),
}
SIZES = (2_000, 10_000, 50_000, 200_000)
MILLION = 1_000_000
CHECKED = 200
"""Queries whose nearest distance is compared with a double-precision scan."""


@dataclass(frozen=True)
class Row:
    """One measured cell."""

    table: str
    n_rows: int
    engine: str
    n_queries: int
    cpu_seconds: float
    scaled: bool
    peak_mb: float
    table_mb: float
    wrong_of_200: int | None


def measure(engine: Engine, table: str, n: int) -> Row:
    """In a fresh process: warm up on small tables, then build and query."""
    m = int(min(n, max(CHECKED, engine.pairs / n)))
    warm_up(engine, table)
    pair = filled(TABLES[table](n, n))
    before = memory_from_here()
    start = time.process_time()
    search = engine.build(pair)
    built = time.process_time()
    found = search(*first(pair, m))
    done = time.process_time()
    return Row(
        table,
        n,
        engine.name,
        m,
        round(built - start + (done - built) * n / m, 3),
        m < n,
        round(peak_memory()),
        round(before),
        int((np.abs(found[:CHECKED] - exact(pair)) > 1e-3).sum()) if engine.same_metric else None,
    )


def warm_up(engine: Engine, table: str) -> None:
    """Small tables of the kind first, so that no loading or compiling is measured."""
    small = filled(TABLES[table](500, 500))
    engine.build(small)(*first(small, 300))
    if engine.name.startswith("synthaudit"):  # a hard table, for the code that is loaded for those
        hard = uniform(40_000, 15, 0, 5_000)
        engine.build(hard)(*first(hard, 5_000))


def memory_from_here() -> float:
    """Resident megabytes; on Linux the peak is forgotten, so that it is the search's own."""
    if not Path("/proc/self/clear_refs").exists():
        return peak_memory()
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def peak_memory() -> float:
    """Most resident megabytes since ``memory_from_here``."""
    if Path("/proc/self/status").exists():
        return _status("VmHWM")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _status(key: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key)) / 1e3


def filled(pair: Pair) -> Pair:
    """Missing numbers at 0."""
    return Pair(
        np.nan_to_num(pair.numbers), pair.codes, np.nan_to_num(pair.query_numbers), pair.query_codes
    )


def first(pair: Pair, m: int) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """The first m queries."""
    return pair.query_numbers[:m], pair.query_codes[:m]


def exact(pair: Pair) -> NDArray[np.float64]:
    """The nearest distance of the first queries, scanned in double precision."""
    nearest = []
    for numbers, codes in zip(*first(pair, CHECKED), strict=True):
        gaps = np.abs(pair.numbers.astype(np.float64) - numbers.astype(np.float64)).sum(axis=1)
        nearest.append((gaps + (pair.codes != codes).sum(axis=1)).min())
    return np.array(nearest)


def in_own_process(script: str, asked: list[str], threads: int = 1) -> dict[str, Any] | None:
    """What ``script --one ENGINE ...`` prints in a child held to so many threads, or None."""
    held = dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS",
         "ENGINE_THREADS"),
        str(threads),
    )  # fmt: skip
    child = subprocess.run(
        [sys.executable, script, "--one", *asked],
        env={**os.environ, **held}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if child.returncode:
        print(f"  {asked[0]}: {child.stderr.strip().splitlines()[-1]}", flush=True)
        return None
    found: dict[str, Any] = json.loads(child.stdout.splitlines()[-1])
    return found


def cold_and_warm() -> tuple[float, float]:
    """CPU seconds of a first query in a new process, without and with compiled code on disk."""
    code = (
        "import time, numba, numpy as np; from synthaudit.neighbors import NeighborIndex;"
        "x, c = np.zeros((9, 2), np.float32), np.zeros((9, 2), np.int32);"
        "t = time.process_time(); NeighborIndex(x, c).query(x, c, 2);"
        "print(time.process_time() - t)"
    )
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
        runs = [
            subprocess.run(
                [sys.executable, "-c", code],
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            )
            for _ in range(2)
        ]
    return float(runs[0].stdout), float(runs[1].stdout)


def machine() -> str:
    """Processor, cores, memory and load, in one line."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((line.split(":")[1].strip() for line in lines if "model name" in line), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{model or platform.processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"{platform.system()}, load average {os.getloadavg()[0]:.1f} at the start"
    )


def version(package: str) -> str | None:
    """The installed version, or None."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def markdown(rows: list[Row], header: list[str]) -> str:
    """One table a kind of data: engines down, sizes across, CPU seconds (times ours)."""
    lines = ["# Nearest record: CPU seconds, one thread", "", *header]
    for table in TABLES:
        here = [row for row in rows if row.table == table]
        sizes = sorted({row.n_rows for row in here})
        if not sizes:
            continue
        ours = {row.n_rows: row.cpu_seconds for row in here if row.engine == ENGINES[0].name}
        lines += ["", f"## {table}", ""]
        lines += ["| engine | " + " | ".join(f"{n:,}" for n in sizes) + " | peak MB | wrong |"]
        lines += ["|---" * (len(sizes) + 3) + "|"]
        for engine in ENGINES:
            cells = {row.n_rows: row for row in here if row.engine == engine.name}
            if not cells:
                continue
            texts = [_cell(cells.get(n), ours.get(n)) for n in sizes]
            last = cells[max(cells)]
            wrong = "other metric" if last.wrong_of_200 is None else f"{last.wrong_of_200} of 200"
            peak = f"{last.peak_mb:,.0f} ({last.table_mb:,.0f} before)"
            lines.append(f"| {engine.name} | " + " | ".join([*texts, peak, wrong]) + " |")
    return "\n".join(lines) + "\n"


def _cell(row: Row | None, ours: float | None) -> str:
    if row is None:
        return "–"
    text = f"{row.cpu_seconds:,.2f}{'*' if row.scaled else ''}"
    if ours and not row.engine.startswith("synthaudit"):
        text += f" (×{row.cpu_seconds / ours:,.0f})"
    return text


def main() -> None:
    """Measure everything that is installed and write the two files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--one", nargs=3, metavar=("ENGINE", "TABLE", "ROWS"))
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    options = parser.parse_args()
    if options.one:
        name, table, n = options.one
        engine = next(engine for engine in ENGINES if engine.name == name)
        print(json.dumps(asdict(measure(engine, table, int(n)))))
        return
    started = machine()
    cold, warm = cold_and_warm()
    jobs = [
        (engine, table, n)
        for table in TABLES
        for n in options.sizes
        for engine in ENGINES
        if version(engine.needs) and (table == "adult-like" or not engine.adult_only)
        if not (engine.needs == "pynndescent" and n > 10_000)
        if table == "adult-like" or n in (10_000, 200_000)
    ]
    if options.million:
        jobs.append((ENGINES[0], "adult-like", MILLION))
    packages = ("numpy", "numba", "scikit-learn", "scipy", "faiss-cpu", "pynndescent")
    header = [
        f"Machine: {started}. Python {platform.python_version()}, "
        + ", ".join(f"{p} {version(p)}" for p in packages if version(p))
        + f". {datetime.date.today().isoformat()}.",
        "",
        "As many queries as reference rows, nearest one, one direction; building included, warm-up "
        "on 500 rows excluded. In brackets: times the first row's. * = scaled up from a part of "
        "the queries. Peak memory is the process's, and what it was before the index was built "
        "(interpreter, libraries, tables), at the largest size. Wrong: nearest distances of 200 "
        "that differ by more than 0.001 from a double-precision scan.",
        "",
        f"First query of a process: {cold:.1f} CPU s when everything has to be compiled, "
        f"{warm:.2f} s with the compiled code on disk (the import of numba, "
        "a quarter of a second, not counted).",
    ]
    rows = []
    for engine, table, n in jobs:
        found = in_own_process(__file__, [engine.name, table, str(n)])
        row = Row(**found) if found else None
        if row is not None:
            rows.append(row)
            print(f"{table} {n} {engine.name}: {row.cpu_seconds} s, {row.peak_mb} MB", flush=True)
            write(rows, header)  # after every one: an interrupted run keeps what it has


def write(rows: list[Row], header: list[str]) -> None:
    """The two files."""
    (HERE / "engine.md").write_text(markdown(rows, header))
    with (HERE / "engine.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(asdict(rows[0])))
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


if __name__ == "__main__":
    main()
