"""What the checks say of a directory of cases whose truth is known.

    python benchmarks/checks/validity.py CASES [--pattern 'inv__*' 'rep__*'] [--out table.md]

A case is a folder with train, holdout and synthetic tables and a ``case.json`` naming the files and
the truth (private, leaky, invalid-holdout, ...). Prints one line a case: the copies and near copies
in excess, the DCR share, rare numbers carried over, the blind AUC, the notices that warn or
invalidate, and seconds; then how often an audit of a sound case was called invalid.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from synthaudit.data.challenge import draw_challenge
from synthaudit.data.tables import load_tables
from synthaudit.errors import SynthauditError
from synthaudit.parallel import Context
from synthaudit.plugins import run_check
from synthaudit.registry import discover_checks
from synthaudit.seeds import Streams
from synthaudit.types import Notice, Result

COLUMNS = (
    ("exact_copies", "excess_copies", "copies"),
    ("near_copies", "excess_near_copies", "near"),
    ("dcr_share", "dcr_share", "DCR share"),
    ("rare_values", "excess_rare_numbers", "rare numbers"),
    ("identifier_replay", "excess_replay", "ids"),
    ("blind_classifier", "blind_auc", "blind AUC"),
    ("utility", "detector_auc", "detector"),
)
SOUND = ("private", "expected-low", "leaky", "leaky-weak", "unknown", "leaky-id")


@dataclass(frozen=True)
class Row:
    """One case, measured."""

    case: str
    truth: str
    cells: tuple[str, ...]
    notices: tuple[Notice, ...]
    failed: tuple[str, ...]
    seconds: float

    def line(self) -> str:
        """A row of the Markdown table."""
        flags = [f"{n.severity.upper()} {n.code}" for n in self.notices if n.severity != "info"]
        flags += [f"FAILED {name}" for name in self.failed]
        found = "; ".join(flags)
        cells = (self.case, self.truth, *self.cells, found, f"{self.seconds:.1f}")
        return "| " + " | ".join(cells) + " |"


def cell(results: dict[str, Result], check: str, name: str) -> str:
    """One figure with its interval, as percent or as it is."""
    estimate = results[check].estimate(name) if check in results else None
    if estimate is None or estimate.value is None:
        return ""
    low, high = estimate.low, estimate.high
    ends = "" if low is None or high is None else f" [{low:.3f}, {high:.3f}]"
    return f"{estimate.value:.3f}{ends}"


def measure(folder: Path) -> Row:
    """Load one case and run every check."""
    facts = json.loads((folder / "case.json").read_text())
    files = [folder / facts["files"][name] for name in ("train", "holdout", "synthetic")]
    try:
        challenge = draw_challenge(load_tables(*files), Streams(0))
    except SynthauditError as error:
        empty = ("",) * len(COLUMNS)
        refused = Notice("refused", str(error), severity="refused")
        return Row(folder.name, facts["truth"], empty, (refused,), (), 0.0)
    start = time.perf_counter()
    results, notices, failed = {}, [], []
    for check in discover_checks():
        outcome = run_check(check, challenge.auditor, Context(Streams(0)))
        if outcome.answer is not None:
            notices += outcome.answer.notices
            finding = outcome.answer
            bare = outcome.result()
            results[check.card.id] = Result(
                **{**bare.__dict__, "estimates": finding.estimates, "curves": finding.curves}
            )
        elif outcome.status == "FAILED":
            failed.append(f"{check.card.id}: {outcome.reason}")
    seconds = time.perf_counter() - start
    cells = tuple(cell(results, check, name) for check, name, _ in COLUMNS)
    return Row(folder.name, facts["truth"], cells, tuple(notices), tuple(failed), seconds)


def main() -> None:
    """Measure, print, summarise."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", type=Path)
    parser.add_argument("--pattern", nargs="+", default=["*"])
    parser.add_argument("--max-rows", type=int, default=100_000, help="skip larger training tables")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    heads = ("case", "truth", *(head for *_, head in COLUMNS), "notices", "s")
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    rows = []
    for folder in sorted(options.cases.iterdir()):
        wanted = any(fnmatch(folder.name, pattern) for pattern in options.pattern)
        if not wanted or not (folder / "case.json").exists():
            continue
        shape = json.loads((folder / "case.json").read_text()).get("shape") or {}
        if (shape.get("train") or [0])[0] > options.max_rows:
            continue
        rows.append(measure(folder))
        lines.append(rows[-1].line())
        print(lines[-1], flush=True)
    sound = [row for row in rows if row.truth in SOUND]
    invalid = [r for r in sound if any(n.severity == "invalid" for n in r.notices)]
    warned = [r for r in sound if any(n.severity == "warn" for n in r.notices)]
    summary = (
        f"{len(sound)} sound cases: {len(invalid)} called invalid "
        f"({', '.join(r.case for r in invalid)}), {len(warned)} warned about"
    )
    print(summary)
    if options.out:
        options.out.write_text("\n".join([*lines, "", summary, ""]))


if __name__ == "__main__":
    main()
