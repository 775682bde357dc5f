"""The page of whole audits, from their lines."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import numpy as np

Row = dict[str, Any]

HEAD = """# Calibration of whole audits

What the verdict does when the answer is known. Every line is a whole audit: tables read, kinds
inferred, every outsider attack and check run, the verdict judged by the default policy. Made by
`python benchmarks/calibration/audits.py`; populations are in
`benchmarks/calibration/populations.py` (`adult` draws from the sample data). Harmless synthetic
tables are fresh rows of the same population, or such rows with every column shuffled by itself.
Intervals are Clopper-Pearson, 95 %. How often the interval of each statistic holds the truth, small
n and extreme rates included, is simulated score by score in
[benchmarks/calibration/results.md](../benchmarks/calibration/results.md).

"""


def interval(k: int, n: int) -> str:
    """``3 of 400 (0.2 to 2.2 %)``."""
    from scipy.stats import beta

    low = 0.0 if k == 0 else float(beta.ppf(0.025, k, n - k + 1))
    high = 1.0 if k == n else float(beta.ppf(0.975, k + 1, n - k))
    return f"{k} of {n} ({100 * low:.1f} to {100 * high:.1f} %)"


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Markdown."""
    names = list(head)
    lines = [f"| {' | '.join(names)} |", "|" + "---|" * len(names)]
    lines += [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def by(rows: list[Row], *keys: str) -> dict[tuple[Any, ...], list[Row]]:
    """Rows by the values of ``keys``, in order of first appearance."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in sorted(rows, key=lambda row: [str(row[key]).zfill(8) for key in keys]):
        found.setdefault(tuple(row[key] for key in keys), []).append(row)
    return found


def count(rows: list[Row], test: Callable[[Row], bool]) -> int:
    """How many rows pass."""
    return sum(map(test, rows))


def nulls(rows: list[Row]) -> str:
    """False alarms of harmless tables, overall and by cell, and the p-values."""
    from scipy.stats import kstest

    def levels(part: list[Row]) -> list[object]:
        named = [count(part, lambda r, x=x: r["level"] == x)  # type: ignore[misc]
                 for x in ("PASS", "INCONCLUSIVE", "INVALID")]  # fmt: skip
        rejected = count(part, lambda r: (r["p_value"] or 1.0) <= 0.05)
        return [interval(count(part, lambda r: r["level"] == "FAIL"), len(part)), *named,
                interval(rejected, len(part))]  # fmt: skip

    head = ["FAIL", "PASS", "INCONCLUSIVE", "INVALID", "exact test <= 0.05"]
    text = "## Harmless tables\n\n" + table(["audits", *head], [[len(rows), *levels(rows)]])
    for title, keys in (
        ("population and size", ("population", "n_real")),
        ("ratio of train to holdout", ("ratio",)),
        ("synthetic table and shadows", ("kind", "shadows")),
    ):
        cells = [[*key, *levels(part)] for key, part in by(rows, *keys).items()]
        names = ["rows of train and holdout" if key == "n_real" else key for key in keys]
        text += f"\nBy {title}:\n\n" + table([*names, *head], cells)
    p_values = np.array([r["p_value"] for r in rows if r["p_value"] is not None])
    uniform = float(kstest(p_values, "uniform").pvalue)
    steps = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75)
    quantiles = ", ".join(f"{np.mean(p_values <= q):.3f}" for q in steps)
    text += (
        f"\nThe exact test's p-values ({p_values.size}): shares at or below "
        f"{', '.join(map(str, steps))} are {quantiles}; Kolmogorov-Smirnov against uniform "
        f"p = {uniform:.2f}.\n"
    )
    return text + wrong(rows) + "\n" + covered(rows)


def wrong(rows: list[Row]) -> str:
    """What accused or refused harmless tables, one by one."""
    cells = [
        [
            r["population"],
            r["n_real"],
            r["ratio"],
            r["level"],
            ", ".join(r["failed"] or r["invalid"]),
        ]
        for r in rows
        if r["level"] in ("FAIL", "INVALID")
    ]
    head = ["population", "rows of train and holdout", "ratio", "verdict", "because of"]
    return "\nFalse alarms:\n\n" + table(head, cells) if cells else ""


def covered(rows: list[Row]) -> str:
    """Intervals of the audits' own figures against the truth of harmless tables."""
    cells = []
    for name, truth, words in (
        ("auc", 0.5, "AUC of the strongest attack"),
        ("advantage", 0.0, "advantage of the strongest attack"),
        ("excess_copies", 0.0, "copies beyond coincidence"),
        ("blind_auc", 0.5, "train told from holdout blindly"),
        ("placebo", 0.5, "placebo"),
    ):
        part = [r[name] for r in rows if r.get(name) and r[name][1] is not None]
        inside = sum(low - 1e-9 <= truth <= high + 1e-9 for _, low, high in part)
        cells.append([words, truth, interval(inside, len(part))])
    head = ["figure", "truth", "its 95 % interval holds the truth"]
    return "Intervals in these audits:\n\n" + table(head, cells)


def powers(rows: list[Row]) -> str:
    """Detection of planted copies against the size that was promised to be seen."""
    cells = []
    for (n_real, share), part in by(rows, "n_real", "share").items():
        tests = (
            lambda r: (r["p_value"] or 1.0) <= 0.05,
            lambda r: bool(r["excess_copies"]) and r["excess_copies"][1] > 0,
            lambda r: r["level"] == "FAIL",
        )
        found = [interval(count(part, test), len(part)) for test in tests]
        means = [
            np.mean([r["advantage"][0] for r in part]),
            np.mean([r["detectable"] for r in part]),
        ]
        passed = count(part, lambda r: r["level"] == "PASS")
        shown = [f"{mean:.3f}" for mean in means]
        cells.append([n_real // 2, f"{100 * share:g} %", *found, passed, *shown])
    head = ["rows a side", "copied", "exact test", "copies counted", "FAIL", "PASS",
            "advantage found", "advantage promised"]  # fmt: skip
    return "## Planted copies\n\n" + POWER + "\n" + table(head, cells)


POWER = """A share of the synthetic rows are training rows, the others fresh. A copied row is seen
by counting long before it is an advantage over all members; "advantage promised" is the smallest
that the report says it would have seen with 80 % probability.
"""
RIGHT = {
    "train itself": ("FAIL",),
    "third copied, rest noise": ("FAIL",),
    "copies": ("FAIL",),
    "fresh": ("PASS", "INCONCLUSIVE"),
}


def peers(rows: list[Row]) -> str:
    """The cases peers get wrong."""
    cells = []
    for (population, ratio, kind), part in by(rows, "population", "ratio", "kind").items():
        right = RIGHT[kind]
        found = ", ".join(sorted({r["level"] for r in part}))
        good = count(part, lambda r, right=right: r["level"] in right)  # type: ignore[misc]
        cells.append([population, ratio, kind, " or ".join(right), found, f"{good} of {len(part)}"])
    head = ["population", "train to holdout", "synthetic table", "right", "found", "right in"]
    return "## Where common tools were measured to be wrong\n\n" + table(head, cells)


def page(rows: list[Row], n_planned: int | None = None) -> str:
    """The whole page; ``n_planned`` audits is what the script runs when it has the time."""
    groups = {name: [r for r in rows if r["group"] == name] for name in ("power", "peers")}
    harmless = [r for r in rows if r["group"] in ("null", "shadows")]
    seconds = sum(r["seconds"] for r in rows)
    libraries = ", ".join(f"{n} {version(n)}" for n in ("numpy", "scipy", "scikit-learn", "pandas"))
    foot = (
        f"\n{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores (shared), "
        f"Python {platform.python_version()}, {libraries}; {len(rows)} audits, "
        f"{seconds / 60:.0f} CPU minutes.\n"
    )
    partial = (
        f"**{len(rows)} of {n_planned} audits** so far: cells with few audits say little, and "
        "cells that are not here were not run. The script goes on where it stopped.\n\n"
        if n_planned and len(rows) < n_planned
        else ""
    )
    parts = [HEAD, partial, nulls(harmless)]
    parts += ["\n" + powers(groups["power"])] if groups["power"] else []
    parts += ["\n" + peers(groups["peers"])] if groups["peers"] else []
    return "".join(parts) + foot
