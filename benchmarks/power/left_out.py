"""What was tried and does not help, so that the figures can be made again.

    python benchmarks/power/left_out.py CASES OUT [--only 'adult__cart5,wdbc__*']

Two ideas, on whole tables, with the attacks as they stand. *Trees*: the combination of all attacks
by boosted trees on ranks instead of the ridge logistic regression, and the sum of both; all are
trained on one half of the candidates and measured on the other, swapped. *Whitened*: the closest
record and DOMIAS's density ratio in the directions in which the data vary, beside Gen-LRA, which
uses the same kernel and is kept. Writes ``OUT/left_out.csv``.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from run import chosen, table_of, write_table

from synthaudit.attacks._calibration import log_ratio
from synthaudit.attacks._gaussian import GaussianKernel, log_sums
from synthaudit.data import draw_challenge, load_tables
from synthaudit.data.views import AdversaryView
from synthaudit.neighbors import NeighborIndex
from synthaudit.parallel import Context, steady_threads
from synthaudit.plugins import run_attack
from synthaudit.registry import select_attacks
from synthaudit.seeds import Streams
from synthaudit.stats.auc import auc
from synthaudit.stats.combination import rank_features, transfer
from synthaudit.stats.halves import split_halves
from synthaudit.stats.ranks import midranks
from synthaudit.types import Bools, Floats

CASES = (
    "adult__bn", "adult__cart5", "adult__kde", "adult__noisy", "adult__smote", "airbnb__smote",
    "churn__cart5", "creditg__cart1", "midst__train-03", "sick__smote", "texas__cart5",
    "wdbc__cart1", "wdbc__kde", "wdbc__smote",
)  # fmt: skip
MOST_CANDIDATES = 10_000
"""Of more, the kernel between all of them would not fit into memory."""
FPRS = (0.1, 0.01)

sys.path.insert(0, str(Path(__file__).parents[1] / "attacks"))


def scores_of(view: AdversaryView, n_train: int) -> dict[str, Floats]:
    """Every outsider attack."""
    scores: dict[str, Floats] = {}
    context = Context(Streams(0), extras={"scores": scores, "n_train_rows": n_train})
    for attack in select_attacks(("outsider",)):
        outcome = run_attack(attack, view, replace(context, extras=context.extras))
        if outcome.answer is not None:
            scores[attack.card.id] = outcome.answer
    return scores


def trees(scores: dict[str, Floats], inside: Bools) -> dict[str, Floats]:
    """The combination as it is, by trees, and both."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    half = split_halves(inside, Streams(0))
    features = rank_features(scores)
    ranks = np.stack([midranks(s) / (s.size + 1.0) for s in scores.values()], axis=1)
    linear, grown = np.zeros(inside.size), np.zeros(inside.size)
    for learn in (half, ~half):
        linear[~learn] = midranks(transfer(features, inside, learn, ~learn))
        model = HistGradientBoostingClassifier(
            max_iter=80, learning_rate=0.05, max_leaf_nodes=6, min_samples_leaf=40,
            l2_regularization=10.0, early_stopping=False, random_state=0,
        ).fit(ranks[learn], inside[learn])  # fmt: skip
        grown[~learn] = midranks(model.decision_function(ranks[~learn]))
    return {"combination": linear, "combination, trees": grown, "combination, both": linear + grown}


def whitened(view: AdversaryView) -> dict[str, Floats]:
    """Closest record and density ratio in the kernel's directions."""
    kernel = GaussianKernel.of(view.candidates)
    pool, table = kernel.points(view.candidates), kernel.points(view.synthetic)
    own = kernel.logs(pool, pool)
    np.fill_diagonal(own, -np.inf)
    ratio = log_sums(kernel.logs(pool, table)) - log_sums(own)
    rows = np.arange(view.n_candidates, dtype=np.int64)
    ours, theirs = (
        NeighborIndex(points.numbers.astype(np.float32), points.codes, cap=10.0)
        for points in (pool, table)
    )
    asked = pool.numbers.astype(np.float32), pool.codes
    near = ours.query(*asked, 1, exclude=rows).distances
    return {
        "whitened closest record": log_ratio(near, theirs.query(*asked, 1).distances),
        "whitened DOMIAS": ratio,
    }


def measured(case: Path) -> list[dict[str, Any]]:
    """One row per idea."""
    from density import tpr_at

    tables = [table_of(case, name) for name in ("train", "holdout", "synthetic")]
    with steady_threads(1):
        loaded = load_tables(*tables)
        challenge = draw_challenge(loaded, Streams(0))
        view, inside = challenge.adversary, challenge.is_member
        scores = scores_of(view, len(loaded.frames["train"]))
        best = max(scores, key=lambda name: auc(scores[name], inside))
        found = {"best attack": scores[best], "gen_lra": scores.get("gen_lra", np.zeros(1))}
        found |= trees(scores, inside)
        if view.n_candidates <= MOST_CANDIDATES:
            found |= whitened(view)
    return [
        {"case": case.name, "idea": idea, "auc": auc(s, inside)}
        | {f"tpr_at_fpr_{fpr}": tpr_at(s, inside, fpr) for fpr in FPRS}
        for idea, s in found.items()
        if s.size == inside.size
    ]


def main() -> None:
    """Measure what is not there yet, then write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", default=",".join(CASES), help="patterns of case names, by commas")
    options = parser.parse_args()
    kept = options.out / "left_out"
    kept.mkdir(parents=True, exist_ok=True)
    for case in chosen(options.cases, options.only):
        target = kept / f"{case.name}.json"
        if not target.exists():
            target.write_text(json.dumps(measured(case)))
            print(case.name, flush=True)
    rows = [row for file in sorted(kept.glob("*.json")) for row in json.loads(file.read_text())]
    write_table(rows, options.out / "left_out.csv")


if __name__ == "__main__":
    main()
