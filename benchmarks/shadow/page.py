"""Writes ``results.md`` from the CSV files beside it.

python benchmarks/shadow/page.py
"""

from __future__ import annotations

import platform
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import kstest, t

HERE = Path(__file__).parent
FLOORS = {"cart:min_leaf=5": "0.87, 0.57", "cart:min_leaf=20": "0.86, 0.60", "copula": "0.61, 0.08"}
FAMILY = {"bn": "bayes-net", "cart1": "cart", "cart5": "cart", "gc": "copula",
          "smote": "interpolation", "noisy": "noisy-bootstrap"}  # fmt: skip


def table(rows: list[list[object]]) -> str:
    """Markdown; the first row is the head."""
    head, *body = [[str(cell).replace("|", "\\|") for cell in row] for row in rows]
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def mean_with(values: pd.Series) -> str:
    """Mean over seeds with its 95 % t interval."""
    n, mean = len(values), values.mean()
    if n < 2:
        return f"{mean:.3f}"
    half = t.ppf(0.975, n - 1) * values.std(ddof=1) / np.sqrt(n)
    return f"{mean:.3f} ± {half:.3f}"


def insider(rows: pd.DataFrame) -> str:
    """The generator is known."""
    lines: list[list[object]] = [["generator", "seeds", "shadow AUC", "TPR at 1 % FPR", "floor",
                                  "strongest outsider AUC", "its TPR (best of all)",
                                  "closest record AUC, TPR", "LiRA AUC", "held-out"]]  # fmt: skip
    for spec, part in rows.groupby("generator", sort=False):
        held_out = f"{part.validation_auc.mean():.3f}"
        lines.append([f"`{spec}`", len(part), mean_with(part.shadow_auc),
                      mean_with(part.shadow_tpr01), FLOORS.get(str(spec), "–"),
                      mean_with(part.outsider_auc), mean_with(part.outsider_tpr01),
                      f"{part.closest_auc.mean():.3f}, {part.closest_tpr01.mean():.3f}",
                      mean_with(part.shadow_lira_auc), held_out])  # fmt: skip
    worse = int((rows.z < -1.96).sum())
    return (
        table(lines)
        + f"\n\nSignificantly below the strongest outsider (DeLong, z < -1.96): {worse} of "
        f"{len(rows)} runs; significantly above: {int((rows.z > 1.96).sum())}. The outsider is "
        "chosen with hindsight, which favours it."
    )


def sdv(rows: pd.DataFrame) -> str:
    """SDV's synthesizers."""
    head = ["synthesizer", "rows", "shadows", "shadow AUC", "TPR at 1 % FPR", "strongest outsider"]
    lines: list[list[object]] = [[*head, "its AUC", "best published", "its AUC", "held-out",
                                  "CPU s"]]  # fmt: skip
    for r in rows.itertuples():
        rows_of = f"{r.members} members, {r.members} others"
        area = f"{r.shadow_auc} ({r.shadow_low:.3f} to {r.shadow_high:.3f})"
        lines.append([f"`{r.generator}`", rows_of, r.shadows, area, r.shadow_tpr01,
                      f"`{r.outsider}`", r.outsider_auc, r.published, r.published_auc,
                      r.validation_auc,
                      round(r.seconds_shadows)])  # fmt: skip
    return table(lines)


def stand_in(rows: pd.DataFrame) -> str:
    """The generator is unknown."""
    lines: list[list[object]] = [["case", "made by", "chosen", "told apart", "shadow AUC",
                                  "strongest outsider", "its AUC", "z", "audit with",
                                  "audit without", "z"]]  # fmt: skip
    lines += [[r.case, r.made_by, f"`{r.lent}`", r.told_apart, r.shadow_auc, f"`{r.outsider}`",
               r.outsider_auc, r.z, r.audit_auc, r.audit_without_auc, r.audit_z]
              for r in rows.itertuples()]  # fmt: skip
    right = [r.lent.split(":")[0] == FAMILY[r.made_by] for r in rows.itertuples()]
    return (
        f"Right family in {sum(right)} of {len(right)} cases ({100 * np.mean(right):.0f} %).\n\n"
        f"The audit with the shadows among its attacks against the audit without, both choosing on "
        f"one half and measuring on the other: mean AUC {rows.audit_auc.mean():.4f} against "
        f"{rows.audit_without_auc.mean():.4f}; significantly (|z| > 1.96) better in "
        f"{int((rows.audit_z > 1.96).sum())} cases, worse in {int((rows.audit_z < -1.96).sum())}. "
        f"The shadow attack by itself against the strongest outsider with hindsight: significantly "
        f"better in {int((rows.z > 1.96).sum())}, worse in {int((rows.z < -1.96).sum())}.\n\n"
        + table(lines)
    )


def games(rows: pd.DataFrame) -> str:
    """Membership games."""
    lines: list[list[object]] = [["made by", "lent", "releases", "AUC", "TPR at 1 % FPR",
                                  "AUC per record", "of the 5 % most isolated",
                                  "closest record: AUC", "per record", "isolated"]]  # fmt: skip
    lines += [[r.made_by, f"`{r.lent}`", r.releases, r.shadow_auc, r.shadow_tpr01,
               r.shadow_per_record, r.shadow_per_record_isolated, r.closest_record_auc,
               r.closest_record_per_record, r.closest_record_per_record_isolated]
              for r in rows.itertuples()]  # fmt: skip
    return table(lines)


def null(rows: pd.DataFrame) -> str:
    """Fresh real rows."""
    test = kstest(rows.p_value, "uniform")
    low = (rows.p_value <= 0.05).mean()
    return (
        f"{len(rows)} audits of {rows.members[0]} members, as many others and as many strangers as "
        f"the release (4 CART shadows): mean AUC {rows.auc.mean():.4f}, {100 * low:.1f} % of "
        f"p-values at most 0.05, Kolmogorov–Smirnov against uniform: D = {test.statistic:.3f}, "
        f"p = {test.pvalue:.2f}."
    )


def overhead(rows: pd.DataFrame) -> str:
    """Cost beyond the generator."""
    row = rows.iloc[0]
    return (
        f"{row.candidates:.0f} candidates, {row['columns']:.0f} columns, one core (CPU time): the "
        f"generator itself {row.generator_seconds} s; measuring a shadow "
        f"{row.measuring_seconds_a_shadow} s, learning "
        f"{row.learning_seconds_a_shadow} s a shadow ({row.shadows:.0f} shadows). Largest memory "
        f"of the process: {row.largest_memory_mb:.0f} MB."
    )


SECTIONS = {
    "insider": ("The generator is known", insider),
    "games": ("Membership games", games),
    "sdv": ("SDV's synthesizers, Bayesian networks, a differentially private chain", sdv),
    "stand-in": ("The generator is unknown", stand_in),
    "null": ("Nothing to find", null),
    "overhead": ("What a shadow costs", overhead),
}


def main() -> None:
    """Write the page."""
    names = ("numpy", "scikit-learn", "numba", "pandas", "scipy")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    parts = [
        "# Generator shadows, measured",
        f"Made on {date.today()}, {platform.system()} {platform.machine()}, one core of 2 shared "
        f"with other work, Python {platform.python_version()}, {versions}. `run.py` measures, "
        "`page.py` writes this page from the CSV files beside it.",
    ]
    for name, (title, describe) in SECTIONS.items():
        path = HERE / f"{name}.csv"
        if path.exists():
            parts += [f"## {title}", (HERE / "notes" / f"{name}.md").read_text().strip(),
                      describe(pd.read_csv(path))]  # fmt: skip
    (HERE / "results.md").write_text("\n\n".join(parts) + "\n")


if __name__ == "__main__":
    main()
