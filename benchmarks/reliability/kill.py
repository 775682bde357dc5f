"""Kill audits at random moments, and look at what they leave behind.

    python benchmarks/reliability/kill.py [--audit 60] [--workers 40] [--writing 120] [--seed 0]
        [--page docs-fragment.md]

Three kinds of trial, each ended by SIGKILL, SIGTERM or SIGINT in turn at a moment drawn uniformly
over the time an undisturbed run takes:

audit
    A whole audit with four shadows in one process, resumed with the same work directory.
workers
    The same with two worker processes and an external program as the generator.
writing
    Nothing but the writing of outputs, two different reports in turn into one directory.

After each, what was written must be whole, everything in a directory with a report.json must be of
one audit, the resumed run must give the numbers of an undisturbed one, no process may be left that
carries the trial's mark in its environment, and nothing may be left in the temporary directory.
Exits with 1 when one of them does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
FILES = {"report.json", "report.html", "report.md", "schema.toml", "confidential"}
PROGRAM = """
import csv, random, sys
train, out, rows, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
with open(train, newline="") as stream:
    header, *lines = csv.reader(stream)
draw = random.Random(seed)
with open(out, "w", newline="") as stream:
    writer = csv.writer(stream)
    writer.writerow(header)
    writer.writerows(draw.choice(lines) for _ in range(rows))
"""


@dataclass
class Tally:
    """What was seen in one kind of trial."""

    trials: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def line(self, kind: str) -> str:
        """One row of the table."""
        seen = ", ".join(f"{n} {what}" for what, n in sorted(self.seen.items()))
        return f"| {kind} | {self.trials} | {seen} | {len(self.broken)} |"


def tables(folder: Path, seed: int) -> list[str]:
    """Three small tables on disk and the flags that name them."""
    rng = np.random.default_rng(seed)
    flags = []
    for name in ("train", "holdout", "synthetic"):
        frame = pd.DataFrame(
            {
                "age": rng.integers(18, 90, 60),
                "income": rng.lognormal(7, 1, 60).round(2),
                "city": rng.choice(["Oslo", "Bergen", "Hamar"], 60),
            }
        )
        frame.to_csv(folder / f"{name}.csv", index=False)
        flags += [f"--{name}", str(folder / f"{name}.csv")]
    return flags


def numbers(path: Path) -> dict[str, Any]:
    """Everything in a report but times, and what says how it was run."""
    content = json.loads(path.read_text())
    for key in ("seconds", "created", "command", "config"):
        content.pop(key, None)
    for result in content["results"]:
        result.pop("seconds")
    return dict(content)


def marked(mark: str) -> list[int]:
    """Living processes with the mark in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            is_marked = mark.encode() in (entry / "environ").read_bytes()
            is_dead = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0] in "ZX"
        except OSError:
            continue
        if is_marked and not is_dead:
            found.append(int(entry.name))
    return found


def forked(work: Callable[[], None], environment: dict[str, str], log: Path) -> int:
    """Run ``work`` in a copy of this process: the imports are paid for once."""
    # a signal between the fork and the try would unwind the copy through our own clean-up,
    # which removes the folder of all trials
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    child = os.fork()
    if child:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        return child
    code = 1
    try:
        # a shell starts what it puts into the background with SIGINT ignored, which is inherited:
        # a trial would never end
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        os.setsid()
        os.environ.update(environment)
        tempfile.tempdir = None
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        work()
        code = 0
    except SystemExit as left:
        code = int(left.code or 0)
    finally:
        os._exit(code)


def command(arguments: list[str]) -> None:
    """The command line in this process."""
    from synthaudit.cli import main

    sys.argv = ["synthaudit", *arguments]
    main()


class Bench:
    """A folder, its tables, and an undisturbed run of each kind to compare with."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.rng = random.Random(seed)  # noqa: S311 - moments to kill at
        self.flags = tables(folder, seed)
        (folder / "program.py").write_text(PROGRAM)

    def arguments(self, kind: str, out: Path, workdir: Path) -> list[str]:
        """The audit of one kind of trial."""
        generator = "cart"
        if kind == "workers":
            program = self.folder / "program.py"
            generator = f"command:{sys.executable} {program} {{train}} {{out}} {{rows}} {{seed}}"
        return [
            "audit", *self.flags, "--out", str(out), "--workdir", str(workdir), "--shadows", "4",
            "--attacks", "shadow_lira", "--generator", generator, "--save-scores",
            "--jobs", "2" if kind == "workers" else "1",
        ]  # fmt: skip

    def start(self, kind: str, trial: Path, mark: str) -> int:
        """A process that audits; its id."""
        (trial / "tmp").mkdir(parents=True, exist_ok=True)
        environment = {"SYNTHAUDIT_TRIAL": mark, "TMPDIR": str(trial / "tmp")}
        arguments = self.arguments(kind, trial / "out", trial / "work")
        if kind == "audit":
            return forked(lambda: command(arguments), environment, trial / "log")
        with (trial / "log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "synthaudit", *arguments],
                env=os.environ | environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return process.pid

    def reference(self, kind: str) -> tuple[dict[str, Any], float]:
        """The numbers and the duration of an undisturbed run."""
        trial = self.folder / f"{kind}-reference"
        start = time.monotonic()
        _, status = os.waitpid(self.start(kind, trial, "reference"), 0)
        seconds = time.monotonic() - start
        if os.waitstatus_to_exitcode(status) not in (0, 1, 3):
            raise SystemExit((trial / "log").read_text())
        return numbers(trial / "out" / "report.json"), seconds

    def killed(
        self, kind: str, n: int, truth: dict[str, Any], seconds: float, tally: Tally
    ) -> None:
        """One trial: kill, look, resume, compare."""
        trial, mark = self.folder / f"{kind}-{n}", f"trial-{kind}-{os.getpid()}-{n}"
        process = self.start(kind, trial, mark)
        time.sleep(self.rng.uniform(0.0, seconds))
        number = SIGNALS[n % len(SIGNALS)]
        os.kill(process, number)
        _, status = os.waitpid(process, 0)
        code = os.waitstatus_to_exitcode(status)
        tally.trials += 1
        out = trial / "out"
        tally.seen["finished first" if code in (0, 1, 3) else f"ended by {number.name}"] += 1
        problems = whole(out) + clean(trial, mark, parts=number != signal.SIGKILL)
        if any((trial / "work").glob("*.npy")):
            tally.seen["resumed with shadows"] += 1
        _, status = os.waitpid(self.start(kind, trial, mark), 0)
        if not (out / "report.json").exists() or numbers(out / "report.json") != truth:
            problems.append("the resumed run gives other numbers")
        problems += clean(trial, mark, parts=True)
        if problems:
            tally.broken.append(f"{kind} {n} ({number.name}): {'; '.join(problems)}")
        else:
            shutil.rmtree(trial)


def whole(out: Path) -> list[str]:
    """What is wrong with a directory that an audit wrote into, or did not."""
    problems = []
    there = {path.name for path in out.iterdir()} if out.exists() else set()
    shown = {name for name in there if not name.endswith(".part")}
    if shown - FILES:
        problems.append(f"unknown files {sorted(shown - FILES)}")
    if "report.json" in shown:
        if not {"report.html", "report.md", "schema.toml"} <= shown:
            problems.append("report.json without the others")
        content = json.loads((out / "report.json").read_text())
        page = (out / "report.html").read_text()
        if content["created"][:10] not in page or not page.rstrip().endswith("</html>"):
            problems.append("the page is not whole")
    secret = (out / "confidential").iterdir() if (out / "confidential").exists() else ()
    problems += [f"{path.name} is open to others" for path in secret if path.stat().st_mode & 0o077]
    return problems


def clean(trial: Path, mark: str, *, parts: bool) -> list[str]:
    """Processes and temporary files that are left; ``parts``: half-written files count too."""
    until = time.monotonic() + 15
    while (left := marked(mark)) and time.monotonic() < until:
        time.sleep(0.1)
    problems = [f"{len(left)} processes left"] if left else []
    kept = [path.name for path in (trial / "tmp").rglob("*") if path.is_file()]
    problems += [f"temporary files left: {kept[:3]}"] if kept else []
    if parts and (trial / "out").exists() and any((trial / "out").rglob("*.part")):
        problems.append("half-written files left")
    return problems


def writing(bench: Bench, trials: int) -> Tally:
    """Kill a process that does nothing but write two reports in turn."""
    from synthaudit.corridor import run_audit
    from synthaudit.outputs import write_outputs
    from synthaudit.request import AuditRequest

    paths = bench.flags[1::2]
    runs = [
        run_audit(*paths, AuditRequest(seed=seed, attacks=("closest_record",), shadows=0, jobs=1))
        for seed in (1, 2)
    ]
    pages = {run.report.to_json(): run.report.to_html() for run in runs}
    tally = Tally()
    for n in range(trials):
        out = bench.folder / "writing" / "out"

        def write(out: Path = out) -> None:
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
            while True:
                for run in runs:
                    write_outputs(run, out, save_scores=True)

        number = SIGNALS[n % len(SIGNALS)]
        out.parent.mkdir(exist_ok=True)
        process = forked(write, {}, bench.folder / "log")
        time.sleep(bench.rng.uniform(0.0, 2.0))
        os.kill(process, number)
        os.waitpid(process, 0)
        tally.trials += 1
        problems = whole(out)
        if (out / "report.json").exists():
            tally.seen["report.json there"] += 1
            if pages[(out / "report.json").read_text()] != (out / "report.html").read_text():
                problems.append("files of two audits")
        else:
            tally.seen["report.json not there"] += 1
        if number != signal.SIGKILL and out.exists() and any(out.rglob("*.part")):
            problems.append("half-written files left")
        write_outputs(runs[n % 2], out, save_scores=True)
        if any(out.rglob("*.part")):
            problems.append("half-written files stay for ever")
        if problems:
            tally.broken.append(f"writing {n} ({number.name}): {'; '.join(problems)}")
    return tally


def main() -> int:
    """Run the trials, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--audit", type=int, default=60)
    parser.add_argument("--workers", type=int, default=40)
    parser.add_argument("--writing", type=int, default=120)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--page", type=Path, default=None)
    asked = parser.parse_args()
    import synthaudit.assemble  # paid for once, before anything is forked
    import synthaudit.outputs  # noqa: F401

    lines = ["| what was killed | trials | seen | broken |", "|---|---|---|---|"]
    broken: list[str] = []
    with tempfile.TemporaryDirectory(prefix="kill-") as name:
        bench = Bench(Path(name), asked.seed)
        for kind, trials in (("audit", asked.audit), ("workers", asked.workers)):
            if not trials:
                continue
            tally, (truth, seconds) = Tally(), bench.reference(kind)
            for n in range(trials):
                bench.killed(kind, n, truth, seconds, tally)
            lines.append(tally.line(kind))
            broken += tally.broken
        if asked.writing:
            tally = writing(bench, asked.writing)
            lines.append(tally.line("writing"))
            broken += tally.broken
    page = "\n".join(lines)
    print(page)
    print(f"\n{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    print("\n".join(broken))
    if asked.page is not None:
        asked.page.write_text(page + "\n")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
