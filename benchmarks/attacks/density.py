"""Power of the density attacks on a directory of cases with known truth, and their nulls.

    python benchmarks/attacks/density.py CASES OUT.csv [--only 'adult__*' ...] [--classics]
        [--max-candidates 2000] [--datasets 8]

A case is a directory with ``train``, ``holdout`` and ``synthetic`` tables. CASES may be a game:
``pool.parquet``, ``masks.npy`` (packed bits, who of the pool is in the training table) and
``synth/<generator>/ds_###.parquet``; ``--datasets`` says how many of each generator to attack.
One row per case and attack goes to OUT.csv: AUC, TPR at 1 % and 0.1 % FPR (share of members above
the score that at most that share of non-members exceeds, no interpolation) and CPU seconds. Rows of
cases run before are kept. ``--classics`` adds the field's attacks (``classics.py``). The file is
then shown as Markdown.
"""

from __future__ import annotations

import argparse
import csv
import fnmatch
import platform
import time
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sklearn
from classics import CLASSICS
from scipy.stats import rankdata
from threadpoolctl import threadpool_limits

from synthaudit import __version__
from synthaudit.attacks import (
    cell_counts,
    combined,
    density_ratio,
    kernel_ratio,
    parentage,
    tracing,
    value_combinations,
    value_fingerprint,
)
from synthaudit.data import draw_challenge, load_tables
from synthaudit.data.views import AdversaryView
from synthaudit.errors import NotApplicable
from synthaudit.parallel import Context
from synthaudit.registry import discover_attacks
from synthaudit.seeds import Streams
from synthaudit.stats.auc import auc
from synthaudit.types import Attack, Bools, Floats

FAMILY = (
    value_fingerprint, value_combinations, cell_counts, kernel_ratio, parentage, density_ratio,
    tracing,
)  # fmt: skip
FIELDS = ("case", "attack", "n_side", "auc", "tpr_at_0.01", "tpr_at_0.001", "cpu_seconds")
Scorer = Callable[[AdversaryView], Floats]
Rows = list[dict[str, str]]


def tpr_at(scores: Floats, is_member: Bools, fpr: float) -> float:
    """Share of members above the least score that at most ``fpr`` of the non-members exceed."""
    outside = np.sort(scores[~is_member])[::-1]
    allowed = int(fpr * outside.size + 1e-9)
    return float((scores[is_member] > outside[min(allowed, outside.size - 1)]).mean())


def run_of(attack: Attack, view: AdversaryView) -> Floats:
    """Scores in a context of the attack's own."""
    return attack.score(view, Context(Streams(0).child("attack", attack.card.id)))


Case = tuple[str, tuple[Any, Any, Any]]
"""A name and the three tables, as paths or frames."""


def cases_in(root: Path, n_datasets: int) -> Iterator[Case]:
    """The cases of a directory, or the data sets of a game."""
    if not (root / "masks.npy").exists():
        for case in sorted(root.iterdir()):
            files = tuple(case / f"{t}.parquet" for t in ("train", "holdout", "synthetic"))
            if all(file.exists() for file in files):
                yield case.name, files  # type: ignore[misc]
        return
    pool = pd.read_parquet(root / "pool.parquet")
    masks = np.unpackbits(np.load(root / "masks.npy"), axis=1)[:, : len(pool)].astype(bool)
    for generator in sorted((root / "synth").iterdir()):
        for i, inside in enumerate(masks[:n_datasets]):
            members, others = (pool[kept].reset_index(drop=True) for kept in (inside, ~inside))
            table = generator / f"ds_{i:03d}.parquet"
            yield f"{generator.name}#{i:03d}", (members, others, table)


def combine(view: AdversaryView, scores: dict[str, Floats]) -> Floats:
    """The combination of all outsider attacks, those of the other family included."""
    for attack in discover_attacks():
        if not attack.card.needs and attack.card.id not in scores:
            try:
                scores[attack.card.id] = run_of(attack, view)
            except NotApplicable:
                continue
    attack = combined.PLUGINS[0]
    known = {name: scores[name] for name in scores if name not in CLASSICS}
    return attack.score(view, Context(Streams(0), extras={"scores": known}))


def rank_average(scores: dict[str, Floats]) -> Floats:
    """What ensembles usually do with the same scores."""
    known = [scores[name] for name in scores if name not in CLASSICS and name != "combined"]
    return np.mean([rankdata(each) for each in known], axis=0)


def measure(case: Case, max_candidates: int, classics: bool) -> Rows:
    """One row per attack."""
    name, tables = case
    challenge = draw_challenge(load_tables(*tables), Streams(0), max_candidates=max_candidates)
    view, is_member = challenge.adversary, challenge.is_member
    scorers: dict[str, Scorer] = {
        attack.card.id: partial(run_of, attack) for module in FAMILY for attack in module.PLUGINS
    }
    scorers |= CLASSICS if classics else {}
    scores: dict[str, Floats] = {}
    scorers["combined"] = lambda view: combine(view, scores)
    scorers["rank average"] = lambda view: rank_average(scores)
    rows = []
    for attack, scorer in scorers.items():
        start = time.process_time()
        try:
            found = scorer(view)
        except NotApplicable:
            continue
        scores[attack] = found
        rows.append(
            {
                "case": name,
                "attack": attack,
                "n_side": str(challenge.n_members),
                "auc": f"{auc(found, is_member):.4f}",
                "tpr_at_0.01": f"{tpr_at(found, is_member, 0.01):.4f}",
                "tpr_at_0.001": f"{tpr_at(found, is_member, 0.001):.4f}",
                "cpu_seconds": f"{time.process_time() - start:.2f}",
            }
        )
    return rows


def is_null(case: str) -> bool:
    """Fresh rows of the population, or a generator that cannot know the members."""
    return "null" in case or case.endswith("__resample")


def game_table(rows: Rows) -> str:
    """Mean over the data sets of a game, with the standard error of the AUC."""
    lines = [
        "| generator | attack | data sets | AUC | TPR at 1 % | TPR at 0.1 % |",
        "|---" * 6 + "|",
    ]
    for key in dict.fromkeys((row["case"].split("#")[0], row["attack"]) for row in rows):
        mine = [row for row in rows if (row["case"].split("#")[0], row["attack"]) == key]
        areas = np.array([float(row["auc"]) for row in mine])
        tails = [np.mean([float(row[f]) for row in mine]) for f in ("tpr_at_0.01", "tpr_at_0.001")]
        lines.append(
            f"| {key[0]} | {key[1]} | {len(mine)} | {areas.mean():.3f} ± "
            f"{areas.std(ddof=1) / np.sqrt(len(mine)):.3f} | {tails[0]:.3f} | {tails[1]:.3f} |"
        )
    return "\n".join(lines)


def power_table(rows: Rows) -> str:
    """AUC and TPR at 1 % FPR, one line per case; the best AUC of a line is bold."""
    cases = [c for c in dict.fromkeys(row["case"] for row in rows) if not is_null(c)]
    attacks = list(dict.fromkeys(row["attack"] for row in rows))
    cells = {(row["case"], row["attack"]): row for row in rows}
    lines = ["| case | n | " + " | ".join(attacks) + " |", "|---" * (len(attacks) + 2) + "|"]
    for case in cases:
        found = [cells.get((case, attack)) for attack in attacks]
        best = max(float(row["auc"]) for row in found if row)
        texts = []
        for row in found:
            text = f"{float(row['auc']):.3f} / {float(row['tpr_at_0.01']):.3f}" if row else "–"
            texts.append(f"**{text}**" if row and float(row["auc"]) == best else text)
        n_side = next(row["n_side"] for row in found if row)
        lines.append(f"| {case} | {n_side} | " + " | ".join(texts) + " |")
    return "\n".join(lines)


def null_table(rows: Rows) -> str:
    """Mean standardised AUC over true nulls, its spread, and the largest of them."""
    lines = ["| attack | nulls | mean AUC | mean z | sd of z | largest z |", "|---" * 6 + "|"]
    for attack in dict.fromkeys(row["attack"] for row in rows):
        mine = [row for row in rows if row["attack"] == attack and is_null(row["case"])]
        areas = np.array([float(row["auc"]) for row in mine])
        n = np.array([int(row["n_side"]) for row in mine])
        z = (areas - 0.5) / np.sqrt((2 * n + 1) / (12 * n * n))
        lines.append(
            f"| {attack} | {len(mine)} | {areas.mean():.3f} | {z.mean():+.2f} | {z.std():.2f} "
            f"| {np.abs(z).max():.2f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure what has not been measured yet, then show everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", nargs="*", default=["*"])
    parser.add_argument("--classics", action="store_true")
    parser.add_argument("--max-candidates", type=int, default=2000)
    parser.add_argument("--datasets", type=int, default=8)
    asked = parser.parse_args()
    rows: Rows = []
    if asked.out.exists():
        rows = list(csv.DictReader(asked.out.open(newline="", encoding="utf-8")))
    done = {row["case"] for row in rows}
    with threadpool_limits(limits=1):
        for case in cases_in(asked.cases, asked.datasets):
            wanted = any(fnmatch.fnmatch(case[0], pattern) for pattern in asked.only)
            if not wanted or case[0] in done:
                continue
            rows += measure(case, asked.max_candidates, asked.classics)
            with asked.out.open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, FIELDS)
                writer.writeheader()
                writer.writerows(rows)
    print(f"synthaudit {__version__}, numpy {np.__version__}, scikit-learn {sklearn.__version__}, ")
    print(f"Python {platform.python_version()}, {platform.machine()}, {date.today()}\n")
    if any("#" in row["case"] for row in rows):
        print(game_table(rows))
        return
    print(power_table(rows), "\n")
    print(null_table(rows))


if __name__ == "__main__":
    main()
