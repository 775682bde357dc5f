"""How much generators look like the table they learned from, how fast, and how much they leak.

    python benchmarks/generators/fidelity.py [--train T --holdout H] [--rows 2000] [--repeats 3]
        [--generator SPEC ...]

By default the sample data of this repository and every built-in generator. Prints one Markdown
table. Every figure is a mean over the repeats (seeds 1, 2, ...):

- margins: distance between synthetic and holdout column, total variation for levels,
  Kolmogorov-Smirnov for numbers and dates; mean over columns, 0 is best
- pairs: total variation of two columns at a time, numbers cut at the training deciles; mean over
  pairs, 0 is best but fresh real rows do not reach it (first line)
- detector: cross-fitted AUC of a classifier that tells synthetic from holdout rows, 0.5 is best
- re-used: share of the numbers with more than 100 distinct training values that occur there exactly
- closest record, value fingerprint: AUC of these two attacks on as many members as non-members
- seconds: fit and sample on one core, the fastest of the repeats
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from threadpoolctl import threadpool_limits

from synthaudit.attacks.closest_record import PLUGINS as CLOSEST
from synthaudit.attacks.value_fingerprint import PLUGINS as FINGERPRINT
from synthaudit.data.challenge import draw_challenge
from synthaudit.data.tables import load_tables
from synthaudit.generators import parse_generator, synthesize_checked
from synthaudit.generators.registry import built_ins
from synthaudit.parallel import Context
from synthaudit.seeds import Streams
from synthaudit.types import Generator

SAMPLE = Path(__file__).parents[2] / "sample_data"
VARIANTS = ("cart:min_leaf=1", "cart:min_leaf=20", "copula:margins=interpolated",
            "bayes-net:draw=observed", "cart | dcr:0.3")  # fmt: skip


def is_number(column: pd.Series[Any]) -> bool:
    """Numbers and dates, as opposed to levels."""
    return column.dtype.kind in "iufM"


def numbers(column: pd.Series[Any]) -> np.ndarray:
    """A number or date column as doubles, NaN where missing."""
    if column.dtype.kind == "M":
        column = (column - pd.Timestamp(0)).dt.total_seconds()
    return column.to_numpy(dtype=float, na_value=np.nan)


def margin(train: pd.Series[Any], real: pd.Series[Any], made: pd.Series[Any]) -> float:
    """Distance of one column between two tables."""
    if not is_number(train):
        return variation(codes(train, real, 0), codes(train, made, 0))
    a, b = numbers(real), numbers(made)
    a, b = np.sort(a[~np.isnan(a)]), np.sort(b[~np.isnan(b)])
    both = np.concatenate([a, b])
    below = [np.searchsorted(x, both, side="right") / len(x) for x in (a, b)]
    return float(np.abs(below[0] - below[1]).max())


def codes(train: pd.Series[Any], column: pd.Series[Any], n_bins: int = 10) -> np.ndarray:
    """Levels, or bins between the training deciles; missing is a level."""
    if not is_number(train):
        texts = column.astype(object).where(column.notna(), "(missing)").astype(str)
        return texts.to_numpy()
    cuts = np.unique(np.nanquantile(numbers(train), np.linspace(0, 1, n_bins + 1)[1:-1]))
    values = numbers(column)
    return np.where(np.isnan(values), -1, np.searchsorted(cuts, values)).astype(str)


def variation(a: np.ndarray, b: np.ndarray) -> float:
    """Total variation distance between two samples of levels."""
    shares = [pd.Series(x).value_counts(normalize=True) for x in (a, b)]
    both = pd.concat(shares, axis=1).fillna(0.0).to_numpy()
    return float(np.abs(both[:, 0] - both[:, 1]).sum() / 2.0)


def pairs(train: pd.DataFrame, real: pd.DataFrame, made: pd.DataFrame) -> float:
    """Mean total variation over all pairs of columns."""
    cut = {c: (codes(train[c], real[c]), codes(train[c], made[c])) for c in train}
    found = [
        variation(*(np.char.add(np.char.add(cut[a][i], "\x1f"), cut[b][i]) for i in (0, 1)))
        for a, b in combinations(train.columns, 2)
    ]
    return float(np.mean(found))


def detector(real: pd.DataFrame, made: pd.DataFrame, seed: int) -> float:
    """Cross-fitted AUC of gradient boosting telling two tables apart."""
    both = pd.concat([real, made], ignore_index=True)
    design = np.column_stack(
        [
            numbers(both[c]) if is_number(real[c]) else pd.factorize(both[c].astype(str))[0]
            for c in both
        ]
    )
    label = np.repeat([0, 1], [len(real), len(made)])
    model = HistGradientBoostingClassifier(max_iter=100, early_stopping=False, random_state=seed)
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    scores = cross_val_predict(model, design, label, cv=folds, method="decision_function")
    return float(roc_auc_score(label, scores))


def reused(train: pd.DataFrame, made: pd.DataFrame) -> float:
    """Share of synthetic cells in fine-grained number columns that repeat a training value."""
    fine = [c for c in train if is_number(train[c]) and train[c].nunique() > 100]
    return float(np.mean([made[c].isin(train[c]).mean() for c in fine])) if fine else np.nan


def leaks(train: pd.DataFrame, holdout: pd.DataFrame, made: pd.DataFrame) -> tuple[float, float]:
    """AUC of closest record and of the value fingerprint."""
    tables = load_tables(train, holdout, made)
    challenge = draw_challenge(tables, Streams(0))
    context = Context(Streams(0))
    answers = []
    for attack in (CLOSEST[0], FINGERPRINT[0]):
        scores = attack.score(challenge.adversary, context)
        answers.append(float(roc_auc_score(challenge.is_member, scores)))
    return answers[0], answers[1]


def measured(
    make: Callable[[int], pd.DataFrame], train: pd.DataFrame, holdout: pd.DataFrame, repeats: int
) -> dict[str, float]:
    """All figures of one generator; looks are compared with the first half of the holdout."""
    real = holdout.head(len(holdout) // 2)
    rows, seconds = [], []
    for seed in range(1, repeats + 1):
        start = time.perf_counter()
        made = make(seed)
        seconds.append(time.perf_counter() - start)
        closest, fingerprint = leaks(train, real, made)
        rows.append(
            {
                "margins": np.mean([margin(train[c], real[c], made[c]) for c in train]),
                "pairs": pairs(train, real, made),
                "detector": detector(real, made.head(len(real)), seed),
                "re-used": reused(train, made),
                "closest record": closest,
                "value fingerprint": fingerprint,
            }
        )
    return {**pd.DataFrame(rows).mean().to_dict(), "seconds": min(seconds)}


def printed(spec: str, figures: dict[str, float]) -> None:
    """One line of the table."""
    cells = " | ".join(
        f"{value:.2f}" if key == "seconds" else f"{value:.3f}" for key, value in figures.items()
    )
    shown = spec.replace("|", "\\|")
    print(f"| `{shown}` | {cells} |", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, default=SAMPLE / "train.csv")
    parser.add_argument("--holdout", type=Path, default=SAMPLE / "holdout.csv")
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--generator", action="append", default=[])
    options = parser.parse_args()
    tables = load_tables(options.train, options.holdout, options.train)
    train, holdout = tables.frames["train"].head(options.rows), tables.frames["holdout"]
    simple = [name for name, cls in built_ins().items() if not hasattr(cls, "from_spec")]
    print(f"{options.train.name}, {len(train)} x {train.shape[1]}, {options.repeats} seeds, "
          f"{platform.machine()} {platform.python_version()}, numpy {np.__version__}, "
          f"pandas {pd.__version__}, {time.strftime('%Y-%m-%d')}\n")  # fmt: skip
    print("| generator | margins | pairs | detector | re-used | closest record AUC "
          "| value fingerprint AUC | seconds |\n|---|---|---|---|---|---|---|---|")  # fmt: skip
    with threadpool_limits(limits=1):
        if not options.generator:
            fresh = holdout.iloc[len(holdout) // 2 :]
            printed("(fresh real rows)", measured(lambda _: fresh, train, holdout, 1))
        for spec in options.generator or [*simple, *VARIANTS]:
            generator = parse_generator(spec)
            synthesize_checked(generator, train.head(50), 10, 0)  # imports are not what is timed

            def make(seed: int, generator: Generator = generator) -> pd.DataFrame:
                return synthesize_checked(generator, train, len(train), seed)

            printed(spec, measured(make, train, holdout, options.repeats))


if __name__ == "__main__":
    main()
