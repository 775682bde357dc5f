"""One fault at a time in a table with one copy in five, and what the audit makes of it.

    python benchmarks/reliability/faults.py [--page benchmarks/reliability/faults.md]

Eight columns, 300 rows a table, a fifth of the synthetic rows verbatim training rows: faults that
other tools are known to crash on or to answer wrongly without a word. For each the page gives the
verdict, the share of copies found (0.20 without a fault), the AUC of the closest record, and what
was said. A row is *silent* when the copies are not found and nothing (no error, no warning, no
INVALID) says why.

The script exits with 1 when one is.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from synthaudit import AuditReport, SynthauditError, __version__, audit

N_ROWS = 300
Frames = dict[str, pd.DataFrame]
Fault = Callable[[Frames], Frames]


def people(seed: int) -> pd.DataFrame:
    """Persons with four numbers and four categories."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 90, N_ROWS),
            "hours": rng.integers(0, 60, N_ROWS),
            "income": rng.lognormal(7, 1, N_ROWS).round(2),
            "height": rng.normal(170, 9, N_ROWS).round(1),
            "city": rng.choice(["Oslo", "Bergen", "Hamar", "Moss"], N_ROWS),
            "job": rng.choice(["clerk", "driver", "nurse", "baker", "judge"], N_ROWS),
            "school": rng.choice(["low", "middle", "high"], N_ROWS),
            "sex": rng.choice(["f", "m"], N_ROWS),
        }
    )


def tables() -> Frames:
    """Train, holdout, and a synthetic table of which the first 60 rows are training rows."""
    train, holdout, fresh = (people(seed) for seed in range(3))
    synthetic = pd.concat([train.iloc[:60], fresh.iloc[60:]], ignore_index=True)
    return {"train": train, "holdout": holdout, "synthetic": synthetic}


def on(*names: str) -> Callable[[Callable[[pd.DataFrame], pd.DataFrame]], Fault]:
    """A fault that changes the named tables (all, when none is named)."""

    def made(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Fault:
        def fault(frames: Frames) -> Frames:
            chosen = names or tuple(frames)
            return {n: change(f.copy()) if n in chosen else f for n, f in frames.items()}

        return fault

    return made


def _assigned(name: str, cells: Callable[[pd.DataFrame], object]) -> Callable[..., pd.DataFrame]:
    return lambda frame: frame.assign(**{name: cells(frame)})


def _gaps(column: str, n: int) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda f: f.assign(**{column: f[column].where(np.arange(len(f)) >= n)})


def _levels(seed: int) -> Callable[[pd.DataFrame], object]:
    return lambda f: [f"v{i}" for i in np.random.default_rng(seed).integers(0, 600, len(f))]


def _many_levels(frames: Frames) -> Frames:
    """600 levels; copied rows keep the level of their original."""
    made = {n: f.assign(code=_levels(i)(f)) for i, (n, f) in enumerate(frames.items())}
    made["synthetic"].loc[:59, "code"] = made["train"]["code"][:60].to_numpy()
    return made


def _half_overlap(frames: Frames) -> Frames:
    holdout = pd.concat([frames["train"][:150], frames["holdout"][:150]], ignore_index=True)
    return {**frames, "holdout": holdout}


def _joined(f: pd.DataFrame) -> object:
    return pd.Timestamp("2015-01-01") + pd.to_timedelta(f["hours"] * 31 + f["age"], unit="D")


FAULTS: dict[str, Fault] = {
    "none (20 % copies)": lambda frames: frames,
    "NaN in a numeric column (3 rows)": on()(_gaps("income", 3)),
    "NaN in a numeric column, 1 synthetic row": on("synthetic")(_gaps("income", 1)),
    "NaN in a category": on()(_gaps("city", 3)),
    "datetime column": on()(_assigned("joined", _joined)),
    "boolean column": on()(_assigned("old", lambda f: f["age"] > 60)),
    "unseen category in synthetic": on("synthetic")(
        lambda f: f.assign(city=f["city"].where(np.arange(len(f)) < 250, "Atlantis"))
    ),
    "category in train only": on("holdout", "synthetic")(
        lambda f: f.assign(job=f["job"].where(f["job"] != "judge", "clerk"))
    ),
    "constant numeric column": on()(_assigned("zero", lambda _: 0)),
    "id column (all different)": lambda frames: {
        n: f.assign(id=np.arange(len(f)) + 1000 * i) for i, (n, f) in enumerate(frames.items())
    },
    "extra column in synthetic": on("synthetic")(_assigned("surplus", lambda f: f["age"] * 2)),
    "missing column in synthetic": on("synthetic")(lambda f: f.drop(columns="school")),
    "column order differs": on("synthetic")(lambda f: f[f.columns[::-1]]),
    "int against float": on("synthetic")(lambda f: f.assign(age=f["age"].astype(float))),
    "int32 columns": on()(lambda f: f.astype({"age": "int32", "hours": "int32"})),
    "numbers as text in synthetic": on("synthetic")(
        lambda f: f.astype({"age": str, "income": str})
    ),
    "infinity in synthetic": on("synthetic")(
        lambda f: f.assign(income=f["income"].where(np.arange(len(f)) < 299, np.inf))
    ),
    "600-level category": _many_levels,
    "all-missing column": on()(_assigned("nothing", lambda _: None)),
    "empty synthetic": on("synthetic")(lambda f: f.iloc[:0]),
    "empty holdout": on("holdout")(lambda f: f.iloc[:0]),
    "1-row synthetic": on("synthetic")(lambda f: f.iloc[:1]),
    "1-row holdout": on("holdout")(lambda f: f.iloc[:1]),
    "half of the holdout is train": _half_overlap,
    "holdout = train": lambda frames: {**frames, "holdout": frames["train"]},
    "synthetic = train": lambda frames: {**frames, "synthetic": frames["train"]},
}


def _number(report: AuditReport, id_: str, name: str) -> float | None:
    result = report.result(id_)
    estimate = None if result is None else result.estimate(name)
    return None if estimate is None else estimate.value


def row(name: str, fault: Fault) -> tuple[str, bool]:
    """One line of the page, and whether it is a silent wrong answer."""
    frames = fault(tables())
    try:
        report = audit(*frames.values(), attacks=("closest_record",), shadows=0, jobs=1)
    except SynthauditError as error:
        return f"| {name} | error | – | – | {error} |", False
    copies = _number(report, "exact_copies", "excess_copies")
    auc = _number(report, "closest_record", "auc")
    failed = [result.id for result in report.results if result.status == "FAILED"]
    said = [notice.message for notice in report.warnings if notice.severity != "info"]
    wanted = {"synthetic = train": 1.0}.get(name, 0.20)
    is_found = copies is not None and copies >= wanted - 0.03
    is_said = bool(said) or report.level in ("INVALID", "INCONCLUSIVE")
    shown = ["–" if value is None else f"{value:.3f}" for value in (copies, auc)]
    words = "; ".join([*(f"FAILED: {id_}" for id_ in failed), *said[:2]]).replace("|", "/")
    line = f"| {name} | {report.level} | {shown[0]} | {shown[1]} | {words or 'nothing'} |"
    return line, not is_found and not is_said


def main() -> int:
    """Measure every fault; print and keep the page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--page", type=Path, default=None)
    asked = parser.parse_args()
    lines, silent = [], []
    for name, fault in FAULTS.items():
        line, is_silent = row(name, fault)
        print(line, flush=True)
        lines.append(line)
        silent += [name] if is_silent else []
    page = [
        "# Faults, one at a time",
        "",
        f"`python benchmarks/reliability/faults.py`, synthaudit {__version__}, "
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({platform.machine()}), "
        f"Python {platform.python_version()}, pandas {pd.__version__}, numpy {np.__version__}.",
        "",
        __doc__.split("\n\n")[2].replace("\n", " ").strip(),
        "",
        "| fault | verdict | copies found | AUC | said (warnings, at most two) |",
        "|---|---|---|---|---|",
        *lines,
        "",
        f"Silent wrong answers: {', '.join(silent) or 'none'}.",
    ]
    if asked.page is not None:
        asked.page.write_text("\n".join(page) + "\n")
    return 1 if silent else 0


if __name__ == "__main__":
    raise SystemExit(main())
