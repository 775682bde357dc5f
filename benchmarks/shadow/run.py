"""Measures the generator-shadow attack; every task is kept, so that a stopped run goes on.

    python benchmarks/shadow/run.py KEPT [--suite insider,overhead,...] [--cases DIR] [--games DIR]

``KEPT`` is a scratch directory with one JSON a task. When all tasks of the suites asked for are
there, tidy CSV files are written beside this script; ``page.py`` makes the page of them. Suites:
``insider`` (the generator is known), ``sdv`` (SDV's synthesizers, needs the extra), ``null`` (fresh
real rows), ``overhead``, ``stand-in`` (needs ``--cases``) and ``games`` (needs ``--games``).
"""

from __future__ import annotations

import argparse
import csv
import fnmatch
import json
import time
from functools import partial
from pathlib import Path

import suites
from suites import Row, Task

HERE = Path(__file__).parent
GAMES = {"cart5": "cart:min_leaf=5", "bn": "bayes-net:bins=20:smoothing=0.05",
         "gc": "sdv:GaussianCopulaSynthesizer",
         "bn-null": "bayes-net:bins=20:smoothing=0.05"}  # fmt: skip
FAMILIES = ("*__bn", "*__cart1", "*__cart5", "*__gc", "*__smote", "*__noisy")


def tasks_of(suite: str, options: argparse.Namespace) -> list[Task]:
    """Names and functions of a suite's tasks."""
    if suite == "insider":
        return [
            (f"{spec}-{seed}", partial(suites.insider, spec, seed, 1000, 16))
            for seed in range(1, options.seeds + 1)
            for spec in (*suites.INSIDER, *(suites.MORE if seed <= 2 else ()))
        ]
    if suite == "sdv":
        return [
            (spec, partial(suites.insider, spec, 1, 1000, k, with_published=True))
            for spec, k in suites.SDV.items()
        ]
    if suite == "null":
        return [(f"{i:03d}", partial(suites.null, i, 100)) for i in range(options.runs)]
    if suite == "overhead":
        return [("overhead", suites.overhead)]
    if suite == "games":
        return [
            (name, partial(suites.game, options.games, name, spec, options.sets, 16))
            for name, spec in GAMES.items()
        ]
    patterns = options.only.split(",") if options.only else FAMILIES
    cases = sorted(
        path.parent
        for path in options.cases.glob("*/case.json")
        if any(fnmatch.fnmatch(path.parent.name, pattern) for pattern in patterns)
    )
    return [(case.name, partial(suites.stand_in, case, 8, 2000)) for case in cases]


def write(rows: list[Row], path: Path) -> None:
    """Rows as CSV, columns in the order first seen."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Do what is not there yet, within ``--seconds`` of CPU time, then write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kept", type=Path)
    parser.add_argument("--suite", default="insider,overhead,null")
    parser.add_argument("--cases", type=Path)
    parser.add_argument("--games", type=Path)
    parser.add_argument("--only", help="patterns of case names, by commas")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--sets", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so many")
    options = parser.parse_args()
    for suite in options.suite.split(","):
        tasks = tasks_of(suite, options)
        kept = options.kept / suite
        kept.mkdir(parents=True, exist_ok=True)
        paths = [kept / (name.replace("/", "_").replace(" ", "") + ".json") for name, _ in tasks]
        for (name, task), path in zip(tasks, paths, strict=True):
            if not path.exists() and time.process_time() < options.seconds:
                row = task()
                path.write_text(json.dumps(row))
                print(suite, name, row, flush=True)
        done = [json.loads(path.read_text()) for path in paths if path.exists()]
        if done:
            write(done, HERE / f"{suite}.csv")
        print(f"{suite}: {len(done)} of {len(paths)} tasks")


if __name__ == "__main__":
    main()
