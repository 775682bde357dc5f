"""The distance to the closest record of other tools against ours: CPU seconds, one thread each.

    python benchmarks/speed/peers.py            # 2,000 and 10,000 rows a table, some minutes
    python benchmarks/speed/peers.py --sizes 2000

Three Adult-like tables (6 numbers, 9 categories) are handed over as frames; every tool, in a
process of its own, gives each synthetic row's distance to its closest training row and to its
closest holdout row, by the function it uses itself. Imports are not counted, preparing the frames
is. Where a tool would need many minutes it gets a part of the synthetic rows and the figure is
scaled up (*), which is what a search by pairs does. Tools that are not installed are left out.
Writes ``peers.csv`` and ``peers.md`` next to this file.
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
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SIZES = (2_000, 10_000)
THREADS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
)  # fmt: skip
Frames = tuple[Any, Any, Any]


def ours(train: Any, holdout: Any, synthetic: Any) -> float:
    """Read, align and encode as an audit does; build both indices, search both.

    Returns the CPU seconds from the encoded tables on.
    """
    from synthaudit.data import draw_challenge, load_tables
    from synthaudit.neighbors import NeighborIndex
    from synthaudit.seeds import Streams

    view = draw_challenge(load_tables(train, holdout, synthetic), Streams(0)).auditor
    made = view.synthetic
    start = time.process_time()
    for real in (view.train, view.holdout):
        NeighborIndex(real.ranks, real.codes).query(made.ranks, made.codes, 1)
    return time.process_time() - start


def anonymeter(train: Any, holdout: Any, synthetic: Any) -> None:
    """Its mixed-type neighbours, compiled by numba."""
    import anonymeter.evaluators  # noqa: F401  (its modules import each other: this one first)
    from anonymeter.neighbors.mixed_types_kneighbors import MixedTypeKNeighbors

    for table in (train, holdout):
        MixedTypeKNeighbors(1, n_jobs=1).fit(table).kneighbors(synthetic, return_distance=True)


def sdmetrics(train: Any, holdout: Any, synthetic: Any) -> None:
    """What DCROverfittingProtection calls."""
    from sdmetrics.single_table.privacy.dcr_utils import calculate_dcr

    kinds = {
        name: {"sdtype": "numerical" if name.startswith("number") else "categorical"}
        for name in train.columns
    }
    for table in (train, holdout):
        calculate_dcr(synthetic, table, {"columns": kinds})


def syntheval(train: Any, holdout: Any, synthetic: Any) -> None:
    """What its distance to the closest record calls, by Gower's distance."""
    from syntheval.utils.nn_distance import _knn_distance

    categories = [name for name in train.columns if not name.startswith("number")]
    frames = [table.copy() for table in (train, holdout, synthetic)]
    for name in categories:  # its own preprocessing hands codes over
        levels = {v: i for i, v in enumerate(sorted(set().union(*(f[name] for f in frames))))}
        for frame in frames:
            frame[name] = frame[name].map(levels)
    for table in frames[:2]:
        _knn_distance(frames[2], table, categories, 1)


def mostlyai_qa(train: Any, holdout: Any, synthetic: Any) -> float:
    """Encode as its report does, then one search over all columns each (it makes seven).

    Returns the CPU seconds of the searches alone.
    """
    from mostlyai.qa._distances import calculate_dcrs_nndrs
    from mostlyai.qa._embeddings import encode_data

    made, real, other = encode_data(synthetic, train, holdout)
    start = time.process_time()
    for table in (real, other):
        calculate_dcrs_nndrs(data=table, query=made)
    return time.process_time() - start


ENCODED = ", from encoded tables"
TOOLS: dict[str, tuple[Callable[..., float | None], str, int]] = {
    "synthaudit": (ours, "numba", 10**9),
    "synthaudit" + ENCODED: (ours, "numba", 10**9),
    "anonymeter": (anonymeter, "anonymeter", 10**9),
    "syntheval": (syntheval, "syntheval", 10**9),
    "mostlyai-qa": (mostlyai_qa, "mostlyai-qa", 10**9),
    "mostlyai-qa" + ENCODED: (mostlyai_qa, "mostlyai-qa", 10**9),
    "sdmetrics": (sdmetrics, "sdmetrics", 1_000),
}
"""Function, distribution and most synthetic rows it is given. A function that times its searches
itself is counted whole but where the tool's name says ``ENCODED``."""


def frames(n: int) -> Frames:
    """Train, holdout and a table of as many other people."""
    import numpy as np
    from large import people
    from tables import _profiles

    rng = np.random.default_rng(0)
    profiles = _profiles(rng)
    made = tuple(people(rng, profiles, n, extra=0) for _ in range(3))
    # the others cannot compare missing values
    return tuple(
        frame.assign(**{name: frame[name].fillna(0.0) for name in frame if name[:6] == "number"})
        for frame in made
    )  # type: ignore[return-value]


def measure(tool: str, n: int) -> dict[str, Any]:
    """CPU seconds and peak memory of one tool, in this process; a small run comes first."""
    run, _, most = TOOLS[tool]
    run(*frames(300))  # imports, compilation
    train, holdout, synthetic = frames(n)
    some = synthetic.head(min(most, n)).copy()
    start = time.process_time()
    own = run(train, holdout, some)
    whole = time.process_time() - start
    taken = own if own is not None and tool.endswith(ENCODED) else whole
    seconds = taken * n / len(some)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"tool": tool, "n_rows": n, "cpu_seconds": round(seconds, 3),
            "scaled": len(some) < n, "peak_mb": round(peak)}  # fmt: skip


def page(rows: list[dict[str, Any]]) -> str:
    """The table in words."""
    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}"
        for name in dict.fromkeys(name for _, name, _ in TOOLS.values())
        if installed(name)
    )
    sizes = sorted({row["n_rows"] for row in rows})
    base = {
        (row["tool"], row["n_rows"]): row["cpu_seconds"]
        for row in rows
        if row["tool"].startswith("synthaudit")
    }
    lines = [
        "# Distance to the closest record, tools compared",
        "",
        f"{platform.system()} {platform.machine()}, one thread each, Python "
        f"{platform.python_version()}, {versions}. {datetime.date.today().isoformat()}. Written by "
        "`peers.py`.",
        "",
        "CPU seconds from three frames of 15 columns to every synthetic row's distance to its "
        "closest training row and its closest holdout row; *from encoded tables* leaves out what "
        "becomes of the frames before, in ours as in theirs. Ours reads and aligns the frames as "
        "an audit does (which also takes a digest of each table). In brackets: times ours. "
        "* = scaled up from a part of the synthetic rows. Distances differ from tool to tool.",
        "",
        "| tool | " + " | ".join(f"{n:,} rows a table" for n in sizes) + " | peak MB |",
        "|---" * (len(sizes) + 2) + "|",
    ]
    for tool in TOOLS:
        mine = {row["n_rows"]: row for row in rows if row["tool"] == tool}
        if not mine:
            continue
        cells = []
        for n in sizes:
            row = mine[n]
            text = f"{row['cpu_seconds']:,.2f}{'*' if row['scaled'] else ''}"
            if not tool.startswith("synthaudit"):
                mate = "synthaudit" + ENCODED * tool.endswith(ENCODED)
                text += f" (×{row['cpu_seconds'] / base[mate, n]:,.0f})"
            cells.append(text)
        lines.append(f"| {tool} | " + " | ".join(cells) + f" | {mine[sizes[-1]]['peak_mb']:,} |")
    return "\n".join(lines) + "\n"


def installed(distribution: str) -> bool:
    """Whether a distribution is there."""
    try:
        importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def main() -> None:
    """Measure what is installed, write the two files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--one", nargs=2, metavar=("TOOL", "ROWS"))
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one[0], int(options.one[1]))))
        return
    single = dict.fromkeys(THREADS, "1")
    rows = []
    for tool, (_, distribution, _) in TOOLS.items():
        for n in options.sizes if installed(distribution) else ():
            done = subprocess.run(
                [sys.executable, __file__, "--one", tool, str(n)],
                env=os.environ | single, capture_output=True, text=True, check=False,
            )  # fmt: skip
            if done.returncode:
                print(tool, n, "failed:", done.stderr.strip().splitlines()[-1:], flush=True)
                continue
            rows.append(json.loads(done.stdout.strip().splitlines()[-1]))
            print(rows[-1], flush=True)
    with (HERE / "peers.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    (HERE / "peers.md").write_text(page(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
