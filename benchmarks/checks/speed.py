"""CPU seconds of every check on one case, the first call of compiled code left out.

python benchmarks/checks/speed.py CASE_FOLDER
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from synthaudit.data.challenge import draw_challenge
from synthaudit.data.tables import load_tables
from synthaudit.parallel import Context
from synthaudit.plugins import run_check
from synthaudit.registry import discover_checks
from synthaudit.seeds import Streams


def main() -> None:
    """Run twice (the first time compiles and imports) and print the second."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case", type=Path)
    options = parser.parse_args()
    files = json.loads((options.case / "case.json").read_text())["files"]
    tables = load_tables(
        *(options.case / files[name] for name in ("train", "holdout", "synthetic"))
    )
    for measured in (False, True):
        view = draw_challenge(tables, Streams(0)).auditor
        total = 0.0
        for check in discover_checks():
            start = time.process_time()
            outcome = run_check(check, view, Context(Streams(0)))
            seconds = time.process_time() - start
            total += seconds
            if measured:
                print(f"| {check.card.id} | {seconds:.2f} | {outcome.status} |")
        if measured:
            print(f"| all | {total:.2f} | |")


if __name__ == "__main__":
    main()
