"""Runs the real command on tables with one defect each, and compares with what was expected of it.

    python benchmarks/reliability/invalid_cases.py CASES OUT [--only 'inv__*'] [--jobs 2]

A case is a directory with three tables and a ``case.json`` whose ``expect`` says what is right:
``error`` (exit 2 with one sentence, or INVALID), ``warn`` (something in the report's warnings that
the clean case does not have), ``ok`` (a report whose verdict does not contradict the truth),
``same-as-clean`` (the very numbers of ``clean_reference``), or several of these joined by ``or``.

Every case keeps ``OUT/<case>/run.json``, so an interrupted run goes on where it stopped; delete a
directory to run a case again. The exit code is the number of cases that ended otherwise.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OTHER_CELLS = {
    "inv__adultS__file-latin1": "missing work classes are written as '?'",
    "inv__adultS__file-quoted-newlines-unicode": "missing work classes are written as '?'",
    "inv__adultS__file-semicolon-decimal-comma": "one half is added to a synthetic column",
}
"""Cases whose cells differ from the clean one's by more than their defect: the same verdict and
AUCs within 0.02 are asked of them."""
TABLES = ("train", "holdout", "synthetic")
DOUBTFUL = ("warn", "invalid")


@dataclass(frozen=True)
class Run:
    """How the command ended on one case."""

    exit_code: int
    said: str
    """Standard error without progress lines."""
    seconds: float
    report: dict[str, Any] | None

    @property
    def level(self) -> str:
        """The verdict, or ``ERROR``."""
        return self.report["verdict"]["level"] if self.report else "ERROR"

    @property
    def is_error(self) -> bool:
        """Refused in one sentence, or INVALID: no number is to be believed."""
        one_sentence = len(self.said.splitlines()) == 1 and "Traceback" not in self.said
        refused = self.exit_code == 2 and self.report is None and one_sentence
        return refused or (self.exit_code == 3 and self.level == "INVALID")

    @property
    def warnings(self) -> set[tuple[str, str | None]]:
        """Codes and columns of everything doubtful."""
        found = self.report["warnings"] if self.report else []
        return {(w["code"], w["column"]) for w in found if w["severity"] in DOUBTFUL}

    @property
    def numbers(self) -> Any:
        """Everything measured: what two audits of the same rows must agree on."""
        if self.report is None:
            return None
        results = [
            (r["id"], r["status"], [(e["name"], e["value"], e["low"], e["high"], e["n"])
                                    for e in r["estimates"]])
            for r in self.report["results"]
        ]  # fmt: skip
        return self.report["headline"], self.report["verdict"]["score"], self.level, results

    def is_close_to(self, other: Run) -> bool:
        """The same verdict, and AUCs that differ by at most 0.02."""
        if self.report is None or other.report is None:
            return False
        mine, theirs = (
            {(r["id"], e["name"]): e["value"] for r in run["results"] for e in r["estimates"]
             if e["name"] == "auc"}
            for run in (self.report, other.report)
        )  # fmt: skip
        apart = [abs(mine[key] - theirs[key]) for key in theirs]
        return self.level == other.level and max(apart) <= 0.02


def run_case(case: Path, out: Path, settings: list[str]) -> Run:
    """Run the command, or read how it ended the last time."""
    kept = out / case.name / "run.json"
    if not kept.exists():
        truth = json.loads((case / "case.json").read_text())
        files = [f"--{name}={case / truth['files'][name]}" for name in TABLES]
        report = out / case.name / "report.json"
        command = [sys.executable, "-m", "synthaudit", "audit", *files, *settings]
        start = time.perf_counter()
        done = subprocess.run(
            [*command, "--quiet", f"--out={report.parent}", "--jobs=1"],
            check=False,
            capture_output=True,
            text=True,
            timeout=1800,
            env=os.environ | {"NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
        seconds = time.perf_counter() - start
        found = json.loads(report.read_text()) if report.exists() else None
        content = {"exit_code": done.returncode, "said": done.stderr.strip(), "seconds": seconds}
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(content | {"report": found}))
        print(f"{case.name:<46} {seconds:6.1f} s  exit {done.returncode}", flush=True)
    return Run(**json.loads(kept.read_text()))


def contradiction(truth: dict[str, Any], run: Run) -> str:
    """Where the verdict says the opposite of what is known; empty when it does not."""
    leak = truth.get("underlying_leak")
    is_leaky = truth["truth"] == "leaky" or (leak or 0.0) >= 0.1
    if is_leaky and run.level == "PASS":
        return "a planted leak is passed"
    if leak == 0.0 and truth["truth"] != "leaky" and run.level == "FAIL":
        return "harmless rows are accused"
    return ""


def same_as_clean(truth: dict[str, Any], run: Run, clean: Run | None) -> bool:
    """The very numbers of the clean case, or close ones where the cells themselves differ."""
    if clean is None:
        return False
    if truth["name"] in OTHER_CELLS:
        return run.is_close_to(clean)
    return bool(run.numbers == clean.numbers)


def ending(expected: str, truth: dict[str, Any], run: Run, clean: Run | None) -> bool:
    """Whether the case ended in this one way."""
    if expected == "error":
        return run.is_error
    if run.report is None:
        return False
    if expected == "warn":
        return bool(run.warnings - (clean.warnings if clean is not None else set()))
    if expected == "same-as-clean":
        return same_as_clean(truth, run, clean)
    return run.level != "INVALID" and not contradiction(truth, run)


def judged(truth: dict[str, Any], run: Run, clean: Run | None) -> str:
    """Empty when the case ended as expected, else what is wrong."""
    if run.exit_code not in (0, 1, 2, 3):
        return f"exit {run.exit_code}: {run.said[-300:]}"
    if wrong := contradiction(truth, run):
        return wrong
    # ``ok`` is last: the words of the others contain no "-or-"
    ways = truth["expect"].split("-or-")
    if any(ending(way, truth, run, clean) for way in ways):
        return ""
    return f"ended as {run.level} (exit {run.exit_code}): {run.said[:200]}"


def table(rows: list[tuple[str, str, str, str, str]]) -> str:
    """The outcome as Markdown."""
    lines = ["| case | expected | ended as | warnings beyond the clean case | as expected |",
             "|---|---|---|---|---|"]  # fmt: skip
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run what has not been run, judge everything, write ``OUT/outcome.md``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", default="inv__*")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--shadows", type=int, default=16, help="the command's own default")
    options = parser.parse_args()
    settings = [f"--shadows={options.shadows}"]
    truths = {
        path.parent.name: json.loads(path.read_text())
        for path in sorted(options.cases.glob("*/case.json"))
    }
    wanted = [name for name in truths if fnmatch.fnmatch(name, options.only)]
    needed = {truths[name].get("clean_reference") or name for name in wanted}
    names = sorted({*wanted, *needed})
    with ThreadPoolExecutor(options.jobs) as pool:
        made = pool.map(lambda n: run_case(options.cases / n, options.out, settings), names)
        runs = dict(zip(names, made, strict=True))
    rows, n_wrong = [], 0
    for name in wanted:
        truth, run = truths[name], runs[name]
        clean = runs.get(truth.get("clean_reference") or "")
        clean = None if truth.get("clean_reference") == name else clean
        wrong = judged(truth, run, clean)
        n_wrong += bool(wrong)
        beyond = run.warnings - (clean.warnings if clean is not None else set())
        ended = run.level if run.report else f"exit {run.exit_code}"
        said = ", ".join(sorted({code for code, _ in beyond}))
        rows.append((name, truth["expect"], ended, said, wrong or "yes"))
        if wrong:
            print(f"NOT AS EXPECTED {name} ({truth['expect']}): {wrong}")
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "outcome.md").write_text(table(rows))
    print(f"{len(rows) - n_wrong} of {len(rows)} as expected -> {options.out / 'outcome.md'}")
    return n_wrong


if __name__ == "__main__":
    sys.exit(main())
