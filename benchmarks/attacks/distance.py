"""Power of the distance attacks on a directory of cases with known truth.

    python benchmarks/attacks/distance.py CASES OUT.csv [--only 'adult__*' ...]
        [--max-candidates 4000] [--left-out] [--filtered]

A case is a directory with ``train``, ``holdout`` and ``synthetic`` tables. One row per case and
attack goes to OUT.csv: AUC, TPR at 1 % and 0.1 % FPR (share of members above the score that at most
that share of non-members exceeds, no interpolation) and CPU seconds. Rows of cases run before are
kept. ``--left-out`` adds the variants that were tried and dropped (``left_out.py``), ``--filtered``
attacks a CART table of each case before and after the 30 % of its rows nearest to training rows are
dropped. Afterwards the file is shown as Markdown tables.
"""

from __future__ import annotations

import argparse
import csv
import fnmatch
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from left_out import VARIANTS
from threadpoolctl import threadpool_limits

from synthaudit.attacks import (
    aligned,
    calibrated,
    closest_record,
    rare_agreement,
    record_linkage,
    repeated_offset,
    rotation_aligned,
    segment,
)
from synthaudit.data import draw_challenge, load_tables
from synthaudit.data.views import AdversaryView
from synthaudit.errors import NotApplicable
from synthaudit.parallel import Context
from synthaudit.seeds import Streams
from synthaudit.types import Bools, Floats

MODULES = (
    closest_record, calibrated, rare_agreement, record_linkage, segment, aligned, repeated_offset,
    rotation_aligned,
)  # fmt: skip
FIELDS = ("case", "attack", "n_side", "auc", "tpr_at_0.01", "tpr_at_0.001", "cpu_seconds")
Scorer = Callable[[AdversaryView], Floats]


def scorers(left_out: bool) -> dict[str, Scorer]:
    """What is measured, by id."""
    context = Context(Streams(0))
    found: dict[str, Scorer] = {
        attack.card.id: (lambda view, attack=attack: attack.score(view, context))
        for module in MODULES
        for attack in module.PLUGINS
    }
    return found | (VARIANTS if left_out else {})


def auc(scores: Floats, is_member: Bools) -> float:
    """Area under the ROC, ties counted half."""
    ranks = pd.Series(scores).rank().to_numpy()
    n1 = int(is_member.sum())
    return float((ranks[is_member].sum() - n1 * (n1 + 1) / 2) / (n1 * (len(scores) - n1)))


def tpr(scores: Floats, is_member: Bools, fpr: float) -> float:
    """Share of members above the score that at most ``fpr`` of the non-members exceed."""
    others = np.sort(scores[~is_member])[::-1]
    return float((scores[is_member] > others[int(fpr * len(others))]).mean())


def tables_of(case: Path, filtered: bool) -> Iterator[tuple[str, tuple[Any, Any, Any]]]:
    """The case's three tables, or two pairs around tables made here."""
    parts = [next(case.glob(f"{name}.*")) for name in ("train", "holdout", "synthetic")]
    if not filtered:
        yield case.name, (parts[0], parts[1], parts[2])
        return
    from synthaudit.generators.cart import Cart
    from synthaudit.generators.filters import DcrFilter, Filtered

    train, holdout = (pd.read_parquet(path) for path in parts[:2])
    table = case.name.split("__", maxsplit=1)[0]
    for name, generator in (
        (f"{table}__own-cart", Cart()),
        (f"{table}__own-cart-filtered30", Filtered(Cart(), (DcrFilter(0.3),))),
    ):
        yield name, (train, holdout, generator.synthesize(train, len(train), 1))


def measure(
    name: str, tables: tuple[Any, Any, Any], max_candidates: int, wanted: dict[str, Scorer]
) -> Iterator[dict[str, Any]]:
    """One row per attack."""
    challenge = draw_challenge(load_tables(*tables), Streams(0), max_candidates=max_candidates)
    view, is_member = challenge.adversary, challenge.is_member
    for attack, score in wanted.items():
        start = time.process_time()
        try:
            scores = score(view)
        except NotApplicable:
            continue
        yield {
            "case": name,
            "attack": attack,
            "n_side": int(is_member.sum()),
            "auc": round(auc(scores, is_member), 4),
            "tpr_at_0.01": round(tpr(scores, is_member, 0.01), 4),
            "tpr_at_0.001": round(tpr(scores, is_member, 0.001), 4),
            "cpu_seconds": round(time.process_time() - start, 2),
        }


def shown(rows: list[dict[str, Any]]) -> str:
    """AUC / TPR at 1 % / TPR at 0.1 % (in percent) as a Markdown table, a case a line."""
    attacks = list(dict.fromkeys(row["attack"] for row in rows))
    cells = {
        (row["case"], row["attack"]): f"{float(row['auc']):.3f} / "
        f"{100 * float(row['tpr_at_0.01']):.0f} / {100 * float(row['tpr_at_0.001']):.0f}"
        for row in rows
    }
    lines = ["| case | " + " | ".join(attacks) + " |", "|---" * (len(attacks) + 1) + "|"]
    for case in dict.fromkeys(row["case"] for row in rows):
        values = [cells.get((case, attack), "–") for attack in attacks]
        lines.append(f"| {case} | " + " | ".join(values) + " |")
    return "\n".join(lines)


def nulls(rows: list[dict[str, Any]]) -> str:
    """On tables of fresh rows: mean AUC and the largest distance from 1/2 in standard errors."""
    lines = ["| attack | null cases | mean AUC | its z | largest |z| of a case |", "|---" * 5 + "|"]
    private = [row for row in rows if "resample" in row["case"] or "__null" in row["case"]]
    for attack in dict.fromkeys(row["attack"] for row in private):
        own = [row for row in private if row["attack"] == attack]
        area = np.array([float(row["auc"]) for row in own])
        n = np.array([int(row["n_side"]) for row in own])
        error = np.sqrt((2 * n + 1) / (12 * n**2))
        z = (area - 0.5) / error
        lines.append(
            f"| {attack} | {len(own)} | {area.mean():.4f} | {z.sum() / np.sqrt(len(z)):+.1f} | "
            f"{np.abs(z).max():.1f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("cases", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", nargs="*", default=["*"])
    parser.add_argument("--attacks", nargs="*", default=["*"])
    parser.add_argument("--max-candidates", type=int, default=4000)
    parser.add_argument("--left-out", action="store_true")
    parser.add_argument("--filtered", action="store_true")
    asked = parser.parse_args()
    rows: list[dict[str, Any]] = []
    if asked.out.exists():
        with asked.out.open(newline="") as file:
            rows = list(csv.DictReader(file))
    wanted = {
        name: score
        for name, score in scorers(asked.left_out).items()
        if any(fnmatch.fnmatch(name, pattern) for pattern in asked.attacks)
    }
    cases = [
        case
        for case in sorted(asked.cases.iterdir())
        if any(fnmatch.fnmatch(case.name, pattern) for pattern in asked.only)
    ]
    for case in cases:
        for name, tables in tables_of(case, asked.filtered):
            done = {row["attack"] for row in rows if row["case"] == name}
            todo = {key: score for key, score in wanted.items() if key not in done}
            with threadpool_limits(limits=1):
                rows += measure(name, tables, asked.max_candidates, todo)
            print(name, flush=True)
            with asked.out.open("w", newline="") as file:
                writer = csv.DictWriter(file, FIELDS)
                writer.writeheader()
                writer.writerows(rows)
    print(shown(rows), nulls(rows), sep="\n\n")


if __name__ == "__main__":
    main()
