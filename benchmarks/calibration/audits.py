"""Whole audits whose answer is known: harmless tables, planted copies, and where peers are wrong.

    python benchmarks/calibration/audits.py run OUT [--only null,power,peers,shadows] [--seconds N]
    python benchmarks/calibration/audits.py page OUT docs/calibration.md

Every audit leaves one line in ``OUT/audits.jsonl``, so an interrupted run goes on where it stopped.
Harmless synthetic tables are fresh rows of the population, or such rows with every column shuffled
by itself; nothing in either knows who is in train.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from calibration_page import page
from populations import POPULATIONS

RATIOS = {"9:1": 0.9, "1:1": 0.5, "1:9": 0.1}


@dataclass(frozen=True)
class Case:
    """One audit: how its tables are made."""

    group: str
    population: str
    n_real: int
    """Rows of train and holdout together."""
    ratio: str
    kind: str
    """``fresh``, ``margins``, ``copies`` or a case of the peers."""
    share: float
    seed: int
    shadows: int = 0

    @property
    def key(self) -> str:
        """Its name."""
        return (
            f"{self.group}/{self.population}/{self.n_real}/{self.ratio}/{self.kind}/{self.share:g}/"
            f"{self.seed}"
        )


def nulls() -> Iterator[Case]:
    """Harmless tables by population, size and ratio; many small ones, few large ones."""
    for n_real, repeats in ((200, 12), (600, 12), (2000, 6), (5000, 2)):
        for name in ("mixed", "categorical", "numeric", "adult"):
            for ratio in RATIOS:
                for seed in range(repeats):
                    kind = "fresh" if seed % 2 == 0 or n_real > 2000 else "margins"
                    yield Case("null", name, n_real, ratio, kind, 0.0, seed)
    for name in ("mixed", "categorical", "numeric"):
        for ratio in ("9:1", "1:1", "1:9"):
            for seed in range(12, 27):
                yield Case("null", name, 200, ratio, "fresh", 0.0, seed)


def shadowed() -> Iterator[Case]:
    """Harmless tables, with a stand-in chosen and eight shadows trained."""
    for name in ("mixed", "categorical", "numeric"):
        for seed in range(6):
            yield Case("shadows", name, 400, "1:1", "fresh", 0.0, seed, shadows=8)


def powers() -> Iterator[Case]:
    """Training rows copied into fresh ones, from 0.1 to 20 % of the synthetic rows."""
    for n_side, repeats in ((1000, 8), (5000, 3)):
        for share in (0.001, 0.003, 0.01, 0.03, 0.1, 0.2):
            for seed in range(repeats):
                yield Case("power", "mixed", 2 * n_side, "1:1", "copies", share, seed)


def peers() -> Iterator[Case]:
    """Cases in which common tools were measured to be wrong."""
    for seed in range(5):
        yield Case("peers", "categorical", 2000, "1:1", "train itself", 1.0, seed)
        yield Case("peers", "mixed", 2000, "9:1", "fresh", 0.0, seed)
        yield Case("peers", "mixed", 2000, "1:9", "fresh", 0.0, seed)
        yield Case("peers", "mixed", 2000, "1:1", "third copied, rest noise", 1 / 3, seed)
        yield Case("peers", "mixed", 1100, "small train", "copies", 0.15, seed)


GROUPS = {"null": nulls, "power": powers, "peers": peers, "shadows": shadowed}


def tables_of(case: Case) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Train, holdout and synthetic of a case."""
    rng = np.random.default_rng([case.seed, case.n_real, len(case.population), len(case.ratio)])
    share = 100 / 1100 if case.ratio == "small train" else RATIOS[case.ratio]
    n_train = round(share * case.n_real)
    n_synthetic = max(n_train, case.n_real // 4)
    rows = POPULATIONS[case.population](case.n_real + n_synthetic, rng)
    rows = rows.iloc[rng.permutation(len(rows))].reset_index(drop=True)
    train, holdout = rows.iloc[:n_train], rows.iloc[n_train : case.n_real]
    fresh = rows.iloc[case.n_real :]
    if case.kind == "margins":
        # of other people: train's own values, each drawn by itself, would give members away
        fresh = pd.DataFrame({c: fresh[c].to_numpy()[rng.permutation(len(fresh))] for c in fresh})
    if case.kind == "train itself":
        return train, holdout, train.copy()
    n_copied = round(case.share * len(fresh))
    copied = train.iloc[rng.integers(len(train), size=n_copied)]
    if case.kind == "third copied, rest noise":
        other = {c: rng.permutation(fresh[c]) for c in fresh.columns}
        fresh = pd.DataFrame(other)
    return train, holdout, pd.concat([copied, fresh.iloc[n_copied:]], ignore_index=True)


def audited(case: Case) -> dict[str, Any]:
    """Run one audit and keep what calibration asks for."""
    from synthaudit import audit

    start = time.process_time()
    tables = tables_of(case)
    report = audit(*tables, shadows=case.shadows, jobs=1, seed=case.seed)
    head, power = report.headline, report.power
    found: dict[str, Any] = {
        "key": case.key,
        **{name: getattr(case, name) for name in ("group", "population", "n_real", "ratio", "kind",
                                                  "share", "seed", "shadows")},
        "level": str(report.level),
        "p_value": report.permutation.p_value if report.permutation else None,
        "failed": [c.id for c in report.verdict.components if str(c.level) == "FAIL"],
        "invalid": [w.code for w in report.warnings if w.severity == "invalid"],
        "n_side": power.n_nonmembers if power else None,
        "detectable": power.min_advantage if power else None,
        "seconds": round(time.process_time() - start, 2),
    }  # fmt: skip
    for name in ("auc", "advantage"):
        value = getattr(head, name) if head else None
        found[name] = [value.value, value.low, value.high] if value else None
    found["identified"] = report.identified.n if report.identified else None
    for check, name in (("exact_copies", "excess_copies"), ("blind_classifier", "blind_auc")):
        result = report.result(check)
        e = result.estimate(name) if result else None
        found[name] = [e.value, e.low, e.high] if e else None
    placebo = next((v.estimate for v in report.validity if v.id == "placebo"), None)
    found["placebo"] = [placebo.value, placebo.low, placebo.high] if placebo else None
    return found


def run(out: Path, groups: list[str], seconds: float) -> None:
    """Audits that are not there yet, cases of all cells in turn, until the time is up."""
    kept = out / "audits.jsonl"
    out.mkdir(parents=True, exist_ok=True)
    done = (
        {json.loads(line)["key"] for line in kept.read_text().splitlines()}
        if kept.exists()
        else set()
    )
    todo = [case for group in groups for case in GROUPS[group]() if case.key not in done]
    todo.sort(key=lambda case: (case.n_real > 2000, case.seed // 2, case.n_real))
    start = time.process_time()
    with kept.open("a") as file:
        for number, case in enumerate(todo, start=1):
            if time.process_time() - start > seconds:
                print(f"time is up: {len(todo) - number + 1} audits left")
                return
            row = audited(case)
            file.write(json.dumps(row) + "\n")
            file.flush()
            print(f"{number}/{len(todo)} {case.key} {row['level']} {row['seconds']} s", flush=True)


def main() -> None:
    """Run, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["run", "page"])
    parser.add_argument("out", type=Path)
    parser.add_argument("target", type=Path, nargs="?")
    parser.add_argument("--only", default=",".join(GROUPS))
    parser.add_argument("--seconds", type=float, default=1e9, help="CPU seconds to spend")
    options = parser.parse_args()
    if options.what == "run":
        run(options.out, options.only.split(","), options.seconds)
    elif options.target is None:
        parser.error("say where the page goes")
    else:
        lines = (options.out / "audits.jsonl").read_text().splitlines()
        rows = {row["key"]: row for row in map(json.loads, lines)}
        n_planned = sum(1 for cases in GROUPS.values() for _ in cases())
        options.target.write_text(page(list(rows.values()), n_planned), encoding="utf-8")


if __name__ == "__main__":
    main()
