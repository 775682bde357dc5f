"""Turns the tables of ``run.py``, ``baselines.py`` and ``left_out.py`` into docs/power.md.

python benchmarks/power/summary.py OUT docs/power.md
"""

from __future__ import annotations

import argparse
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from goals import LEAKY, best_ours, best_published, goals
from kinds import kind_of
from pictures import draw

LIBRARIES = ("numpy", "scikit-learn", "numba", "pandas")
OURS = {
    "GAN-Leaks": "`closest_record`",
    "GAN-Leaks calibrated": "`calibrated_closest_record`, as a log-ratio",
    "DOMIAS (KDE)": "`kernel_ratio`, which works on mixed columns",
    "Gen-LRA": "`gen_lra`, the candidate taken from the pool",
    "LOGAN": "`density_ratio`",
    "boosting": "`density_ratio`",
    "linear": "part of `density_ratio`",
}
"""The attack of this project that takes a published one's place; the others were left out."""


def machine() -> str:
    """What the figures were made with."""
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"Made on {datetime.now(UTC):%Y-%m-%d}, {platform.system()} {platform.machine()}, 2 cores, "
        f"Python {platform.python_version()}, {versions}."
    )


def interval(row: pd.Series, name: str) -> str:
    """``value (low to high)``, or a dash where these sizes do not resolve it."""
    value, low, high = (row.get(f"{name}_{part}") for part in ("value", "low", "high"))
    if value is None or pd.isna(value):
        return "–"
    return f"{value:.3f} ({low:.3f} to {high:.3f})"


def table(cases: pd.DataFrame) -> list[str]:
    """One line a case."""
    lines = [
        "| case | truth | published: AUC | TPR at 1 % | ours: AUC | TPR at 1 % | strongest | p "
        "| verdict |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for _, row in cases.iterrows():
        theirs = "– | –"
        if pd.notna(row["published_auc"]):
            theirs = f"{row['published_auc']:.3f} | {row['published_tpr_at_fpr_0.01']:.3f}"
        p_value = "" if pd.isna(row.get("p_value")) else f"{row['p_value']:.3f}"
        lines.append(
            f"| {row['case']} | {row['truth']} | {theirs} | {interval(row, 'auc')} "
            f"| {interval(row, 'tpr_at_fpr_0.01')} | {row.get('strongest', '')} | {p_value} "
            f"| {row['level']} |"
        )
    return lines


def by_kind(cases: pd.DataFrame) -> list[str]:
    """Means and verdicts by kind of leak."""
    lines = [
        "| kind | cases | published: mean AUC | ours: mean AUC | published: mean TPR at 1 % "
        "| ours | verdicts |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind, group in cases.groupby("kind"):
        levels = ", ".join(f"{n} {level}" for level, n in group["level"].value_counts().items())
        means = [
            group[name].mean()
            for name in ("published_auc", "auc_value", "published_tpr_at_fpr_0.01",
                         "tpr_at_fpr_0.01_value")
        ]  # fmt: skip
        shown = " | ".join("–" if pd.isna(mean) else f"{mean:.3f}" for mean in means)
        lines.append(f"| {kind} | {len(group)} | {shown} | {levels} |")
    return lines


def every_attack(attacks: pd.DataFrame) -> list[str]:
    """Mean AUC of every attack by kind of leak; the best in bold."""
    measured = attacks[(attacks["kind"] == "attack") & attacks["auc_value"].notna()]
    kinds = [
        kind_of(case, generator)
        for case, generator in zip(measured["case"], measured["generator"], strict=True)
    ]
    wide = measured.assign(leak=kinds).pivot_table(
        index="id", columns="leak", values="auc_value", aggfunc="mean"
    )
    best = wide.max()
    lines = ["| kind | best attacks (mean AUC) |", "|---|---|"]
    for kind in wide.columns:
        top = wide[kind].sort_values(ascending=False)
        top = top[top >= best[kind] - 0.02].head(4)
        lines.append(f"| {kind} | " + ", ".join(f"`{i}` {v:.2f}" for i, v in top.items()) + " |")
    return lines


def field(cases: pd.DataFrame, baselines: pd.DataFrame) -> list[str]:
    """Every published attack over the leaky cases, and what became of it here."""
    leaky = cases[cases["truth"].isin(LEAKY) & cases["auc_value"].notna()].set_index("case")
    lines = [
        f"Means over {len(leaky)} leaky cases; ours: AUC {leaky['auc_value'].mean():.3f}, TPR at "
        f"1 % {leaky['tpr_at_fpr_0.01_value'].mean():.3f}. *Ahead* counts the cases on which the "
        "published attack lies above our interval.",
        "",
        "| published attack | mean AUC | mean TPR at 1 % | ahead | here |",
        "|---|---|---|---|---|",
    ]
    theirs = baselines[baselines["case"].isin(leaky.index)]
    means = theirs.groupby("attack")[["auc", "tpr_at_fpr_0.01"]].mean()
    for attack, row in means.sort_values("auc", ascending=False).iterrows():
        mine = theirs[theirs["attack"] == attack].set_index("case")["auc"]
        n_ahead = int((mine > leaky["auc_high"].reindex(mine.index)).sum())
        here = OURS.get(str(attack), "left out")
        lines.append(
            f"| {attack} | {row['auc']:.3f} | {row['tpr_at_fpr_0.01']:.3f} | {n_ahead} | {here} |"
        )
    return lines


def left_out(tried: pd.DataFrame) -> list[str]:
    """Ideas that were measured and are not in the product."""
    means = tried.groupby("idea", sort=False)[["auc", "tpr_at_fpr_0.01"]].mean()
    ideas = list(means.index)
    lines = [
        f"Means over {tried['case'].nunique()} tables (`left_out.py`). Boosted trees in place of "
        "the logistic combination, or added to it, move little and learn worse from few labels. "
        "The closest record and DOMIAS in the directions in which the data vary are behind the "
        "best attack everywhere but on one table of thirty correlated numbers; Gen-LRA, which uses "
        "the same kernel, is kept for smoothed and noisy rows.",
        "",
        "| tried | mean AUC | mean TPR at 1 % |",
        "|---|---|---|",
    ]
    for idea in ideas:
        row = means.loc[idea]
        lines.append(f"| {idea} | {row['auc']:.3f} | {row['tpr_at_fpr_0.01']:.3f} |")
    wide = tried.pivot(index="case", columns="idea", values="auc")[ideas]
    lines += ["", "| case: AUC | " + " | ".join(ideas) + " |", "|---" * (len(ideas) + 1) + "|"]
    for case, row in wide.iterrows():
        lines.append(f"| {case} | " + " | ".join(f"{v:.3f}" for v in row) + " |")
    return lines


def shadows(attacks: pd.DataFrame) -> str:
    """Whether the audits trained shadows."""
    if (attacks["threat_model"] == "stand-in").any():
        return (
            "Default settings, 16 shadows of a stand-in chosen by measurement among them (what "
            "they add by themselves is measured in [shadow.md](shadow.md))"
        )
    return "Outsider attacks only (what generator shadows add is in [shadow.md](shadow.md))"


def page(
    cases: pd.DataFrame, attacks: pd.DataFrame, baselines: pd.DataFrame, tried: pd.DataFrame
) -> list[str]:
    """The whole page."""
    lines = [
        "# Detection power",
        "",
        f"{machine()} `benchmarks/power/run.py` audits tables with known truth (real rows; real "
        "generators or planted leaks), `baselines.py` runs the field's attacks on the same tables "
        "(on at most 1,500 people a side; the first goal allows for the luck of that draw), "
        f"`summary.py` writes this page. {shadows(attacks)}, seed 0, one seed a case. "
        "*Published* is the best published attack on the case, **chosen with hindsight**; each of "
        "them is lent the whole unlabelled pool as its reference, which is more than its paper "
        "gives it. *Ours* is chosen on one half of the candidates and measured on the other, with "
        "its 95 % interval. So a case without a leak shows the published best above 0.5 and ours "
        "around it; the first two goals compare like with like as well.",
        "",
        "| goal | found | reached |",
        "|---|---|---|",
    ]
    for goal in goals(cases, attacks, tried):
        reached = {True: "yes", False: "**no**", None: "–"}[goal.reached]
        lines.append(f"| {goal.words} | {goal.found} | {reached} |")
    return [
        *lines,
        "",
        "![AUC of every case](power/auc.svg)",
        "",
        "![TPR at 1 % of every case](power/tpr.svg)",
        "",
        "![Mean AUC by kind of leak](power/kinds.svg)",
        "",
        "## By kind of leak and family of generator",
        "",
        *by_kind(cases),
        "",
        "## Which attack finds what",
        "",
        *every_attack(attacks),
        "",
        "## The field's attacks, and what became of them here",
        "",
        *field(cases, baselines),
        "",
        "## Tried and left out",
        "",
        *left_out(tried),
        "",
        "## Case by case",
        "",
        *table(cases),
        "",
    ]


def main() -> None:
    """Read the tables, write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("page", type=Path)
    options = parser.parse_args()
    cases = pd.read_csv(options.out / "cases.csv")
    attacks = pd.read_csv(options.out / "attacks.csv")
    baselines = pd.read_csv(options.out / "baselines.csv")
    tried = pd.read_csv(options.out / "left_out.csv")
    cases["kind"] = [
        kind_of(case, str(generator))
        for case, generator in zip(cases["case"], cases["generator"], strict=True)
    ]
    cases = cases.merge(best_published(baselines), on="case", how="left")
    cases = cases.merge(best_ours(attacks), on="case", how="left")
    options.page.write_text("\n".join(page(cases, attacks, baselines, tried)), encoding="utf-8")
    draw(cases, options.page.with_suffix(""))


if __name__ == "__main__":
    main()
