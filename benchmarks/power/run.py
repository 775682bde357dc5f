"""Audits every case under a directory and writes one tidy table.

    python benchmarks/power/run.py CASES OUT [--jobs 2] [--only 'adult__*'] [--shadows 0]

A case is a directory with ``train.*``, ``holdout.*``, ``synthetic.*`` and ``case.json`` (its known
truth). One JSON a case is kept in ``OUT/audits``, so an interrupted run goes on where it stopped;
``OUT/attacks.csv`` has one row per case and attack, ``OUT/cases.csv`` one row per case.
"""

from __future__ import annotations

import argparse
import csv
import fnmatch
import json
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

METRICS = ("auc", "advantage", "tpr_at_fpr_0.1", "tpr_at_fpr_0.01", "tpr_at_fpr_0.001")


def table_of(case: Path, name: str) -> Path:
    """The file of a table, whatever its format."""
    truth = json.loads((case / "case.json").read_text())
    return case / truth["files"][name]


def audit_case(case: Path, target: Path, settings: dict[str, Any]) -> str:
    """Audit one case and keep the report (or the error) as JSON; returns a line to print."""
    from synthaudit import SynthauditError, audit

    start = time.perf_counter()
    tables = [table_of(case, name) for name in ("train", "holdout", "synthetic")]
    try:
        report = audit(*tables, jobs=1, **settings)
        content = {"report": json.loads(report.to_json())}
        said = f"{report.level:<13} {report.score.value}"
    except SynthauditError as error:
        content, said = {"error": str(error)}, f"ERROR {error}"
    except Exception as error:  # a crash is a finding of the benchmark, not its end
        content, said = {"crash": repr(error)}, f"CRASH {error!r}"
    content["seconds"] = time.perf_counter() - start
    target.write_text(json.dumps(content))
    return f"{case.name:<44} {content['seconds']:6.1f} s  {said}"


def rows_of(case: Path, kept: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The case's row and one row per measured attack."""
    truth = json.loads((case / "case.json").read_text())
    base = {
        "case": case.name,
        "truth": truth["truth"],
        "generator": truth.get("generator"),
        "expect": truth.get("expect", ""),
        "seconds": round(kept["seconds"], 1),
    }
    if "report" not in kept:
        return base | {"level": "ERROR" if "error" in kept else "CRASH",
                       "said": kept.get("error") or kept.get("crash")}, []  # fmt: skip
    report = kept["report"]
    head = report["headline"] or {}
    base["level"] = report["verdict"]["level"]
    base["score"] = report["verdict"]["score"]["value"]
    base["p_value"] = (report["permutation"] or {}).get("p_value")
    base["strongest"] = head.get("attack")
    for metric in METRICS:
        for part in ("value", "low", "high"):
            base[f"{metric}_{part}"] = (head.get(metric) or {}).get(part)
    base["warnings"] = " ".join(
        sorted({f"{w['severity']}:{w['code']}" for w in report["warnings"]})
    )
    attacks = []
    for result in report["results"]:
        row = {"case": case.name, "truth": truth["truth"], "generator": truth.get("generator"),
               "id": result["id"], "kind": result["kind"], "threat_model": result["threat_model"],
               "status": result["status"], "seconds": round(result["seconds"], 2)}  # fmt: skip
        for estimate in result["estimates"]:
            if result["kind"] == "check" or estimate["name"] in METRICS:
                for part in ("value", "low", "high"):
                    row[f"{estimate['name']}_{part}"] = estimate[part]
        attacks.append(row)
    return base, attacks


def write_table(rows: list[dict[str, Any]], path: Path) -> None:
    """Rows of differing keys as CSV, columns in the order first seen."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def chosen(root: Path, only: str) -> list[Path]:
    """The cases under a directory whose names fit one of the patterns."""
    return sorted(
        path.parent
        for path in root.glob("*/case.json")
        if any(fnmatch.fnmatch(path.parent.name, pattern) for pattern in only.split(","))
    )


def main() -> None:
    """Run what is not there yet, then write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="*", help="patterns of case names, by commas")
    parser.add_argument("--shadows", type=int, default=16, help="the audit's own default")
    parser.add_argument("--max-candidates", type=int, default=None)
    options = parser.parse_args()
    kept = options.out / "audits"
    kept.mkdir(parents=True, exist_ok=True)
    cases = chosen(options.cases, options.only)
    settings = {"shadows": options.shadows, "max_candidates": options.max_candidates}
    todo = [case for case in cases if not (kept / f"{case.name}.json").exists()]
    with ProcessPoolExecutor(options.jobs) as pool:
        jobs = [pool.submit(audit_case, c, kept / f"{c.name}.json", settings) for c in todo]
        for job in as_completed(jobs):
            print(job.result(), flush=True)
    found = [rows_of(case, json.loads((kept / f"{case.name}.json").read_text())) for case in cases]
    write_table([row for row, _ in found], options.out / "cases.csv")
    write_table([row for _, rows in found for row in rows], options.out / "attacks.csv")
    print(f"{len(cases)} cases -> {options.out}")


if __name__ == "__main__":
    main()
