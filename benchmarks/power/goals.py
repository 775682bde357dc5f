"""What this project set out to reach, and what the tables of ``run.py`` say of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from kinds import is_null

PUBLISHED_ONLY = ("linear",)
"""Baselines that are variants of our own and no published attack."""
MOST_CANDIDATES = 1_500
"""Candidates a side ``baselines.py`` gives the field's attacks at most."""
LEAKY = ("leaky", "leaky-weak")
MUST_FAIL = (
    "rows copied", "rows copied with noise", "rows copied, categories changed", "columns shifted",
    "columns rescaled", "columns rotated", "columns permuted", "one column shifted",
    "outliers copied", "rows copied into a generator's output", "rows copied, rounded",
)  # fmt: skip


@dataclass(frozen=True)
class Goal:
    """One goal: what it asks, what was found, whether that reaches it (None: no case)."""

    words: str
    found: str
    reached: bool | None


def best_published(baselines: pd.DataFrame) -> pd.DataFrame:
    """Per case the best AUC and the best TPR of any published attack, with hindsight."""
    theirs = baselines[~baselines["attack"].isin(PUBLISHED_ONLY)]
    top = theirs.sort_values("auc").groupby("case").last()
    # larger tables: other people than ours, so their luck in the draw is not ours
    luck = 1.96 * np.sqrt((2 * top["n"] + 1) / (12.0 * top["n"] ** 2))
    top["auc_least"] = top["auc"] - luck.where(top["n"] >= MOST_CANDIDATES, 0.0)
    rates = theirs.groupby("case")[["tpr_at_fpr_0.1", "tpr_at_fpr_0.01"]].max()
    return top[["attack", "auc", "auc_least"]].join(rates).add_prefix("published_")


def best_ours(attacks: pd.DataFrame) -> pd.DataFrame:
    """The same of ours: per case the best AUC and the best TPR of any outsider attack."""
    mine = attacks[
        (attacks["kind"] == "attack")
        & (attacks["threat_model"] == "outsider")
        & attacks["auc_value"].notna()
    ]
    top = mine.sort_values("auc_value").groupby("case").last()[["id", "auc_value", "auc_high"]]
    rates = mine.groupby("case")[["tpr_at_fpr_0.01_value"]].max()
    return top.join(rates).add_prefix("ours_")


def ahead(cases: pd.DataFrame) -> Goal:
    """Case by case at least the best published attack, within our interval; like with like."""
    both = cases[
        cases["published_auc"].notna()
        & cases["ours_auc_value"].notna()
        & (cases["level"] != "INVALID")  # a spoilt holdout: who is a member is not even known
    ]
    behind = both[both["ours_auc_high"] < both["published_auc_least"]]
    chosen = both[both["auc_high"] < both["published_auc_least"]]
    named = f" (behind: {', '.join(behind['case'])})" if len(behind) else ""
    return Goal(
        "Every case: the strongest outsider attack at least equals the best published one, within "
        "its interval, both chosen with hindsight",
        f"{len(both) - len(behind)} of {len(both)} cases{named}; ours chosen without hindsight: "
        f"{len(both) - len(chosen)}, below on leaky ones: "
        + (", ".join(chosen[chosen["truth"].isin(LEAKY)]["case"]) or "none"),
        behind.empty if len(both) else None,
    )


def margin(cases: pd.DataFrame) -> Goal:
    """Means over leaky cases."""
    both = cases[
        cases["published_auc"].notna()
        & cases["auc_value"].notna()
        & cases["truth"].isin(LEAKY)
        & cases["tpr_at_fpr_0.01_value"].notna()
    ]
    if both.empty:
        return Goal("Leaky cases: mean AUC and TPR", "no case", None)
    said, gains, ratios = [], [], []
    for whose, start in (("ours too", "ours_"), ("ours chosen without hindsight", "")):
        area, rate = both[f"{start}auc_value"].mean(), both[f"{start}tpr_at_fpr_0.01_value"].mean()
        gains.append(area - both["published_auc"].mean())
        ratios.append(rate / both["published_tpr_at_fpr_0.01"].mean())
        said.append(
            f"{whose}: AUC {area:.3f} ({gains[-1]:+.3f}), TPR {rate:.3f} ({ratios[-1]:.2f} times)"
        )
    return Goal(
        "Leaky cases, strongest of either with hindsight: mean AUC at least 0.05 higher, mean TPR "
        "at 1 % FPR at least 1.5 times",
        f"{len(both)} cases; published best: AUC {both['published_auc'].mean():.3f}, TPR "
        f"{both['published_tpr_at_fpr_0.01'].mean():.3f}; " + "; ".join(said),
        bool(gains[0] >= 0.05 and ratios[0] >= 1.5),
    )


def mean_at_least(cases: pd.DataFrame, words: str, pattern: str, least: float) -> Goal:
    """Mean AUC of the cases whose name fits."""
    found = cases[cases["case"].str.fullmatch(pattern) & cases["auc_value"].notna()]
    if found.empty:
        return Goal(words, "no case", None)
    values = ", ".join(f"{row.case} {row.auc_value:.2f}" for row in found.itertuples())
    mean = float(found["auc_value"].mean())
    return Goal(words, f"mean {mean:.3f} ({values})", mean >= least)


def planted(cases: pd.DataFrame) -> Goal:
    """Verdicts on planted leaks of one per cent and more."""
    found = cases[
        cases["kind"].isin(MUST_FAIL)
        & ~cases["case"].str.contains("f0.1pct")
        & cases["truth"].isin(LEAKY)
    ]
    if found.empty:
        return Goal("Planted leaks", "no case", None)
    missed = found[found["level"] != "FAIL"]
    share = 1 - len(missed) / len(found)
    named = ", ".join(f"{row.case} ({row.level})" for row in missed.itertuples())
    return Goal(
        "Planted copies of 1 % and more, near, changed, shifted or rescaled copies, copied "
        "outliers: FAIL on at least 95 %",
        f"{len(found) - len(missed)} of {len(found)}" + (f"; not: {named}" if named else ""),
        share >= 0.95,
    )


def few_copies(cases: pd.DataFrame, attacks: pd.DataFrame) -> Goal:
    """Copies of one row in a thousand are at least listed."""
    found = attacks[(attacks["id"] == "exact_copies") & attacks["case"].str.contains("f0.1pct")]
    if found.empty:
        return Goal("Copies of 0.1 % of rows are listed", "no case", None)
    values = ", ".join(
        f"{row['case']} {100 * row['excess_copies_value']:.2f} % of synthetic rows"
        for _, row in found.iterrows()
    )
    return Goal(
        "Copies of 0.1 % of rows are at least listed as findings",
        values,
        bool((found["excess_copies_value"] > 0).all()),
    )


def diffusion(cases: pd.DataFrame, tried: pd.DataFrame) -> Goal:
    """The published challenge on diffusion models, from the tables alone."""
    found = cases[cases["case"].str.fullmatch(r"midst__train-\d+")]
    if found.empty or found["tpr_at_fpr_0.1_value"].isna().all():
        return Goal("Diffusion model (MIDST)", "no case", None)
    row = found.iloc[0]
    at10, at1 = row["tpr_at_fpr_0.1_value"], row["tpr_at_fpr_0.01_value"]
    said = (
        f"{row['case']}, 20,000 people a side: {at10:.3f} and {at1:.3f} (what the audit reports, "
    )
    said += "chosen by the highest-scoring few)"
    mine = tried[(tried["case"] == row["case"]) & (tried["idea"] == "combination")]
    if len(mine):
        at10, at1 = mine.iloc[0][["tpr_at_fpr_0.1", "tpr_at_fpr_0.01"]]
        said += f"; {at10:.3f} and {at1:.3f} by the combination of all attacks, named beforehand"
    return Goal(
        "Diffusion model (MIDST): TPR at least 0.25 at 10 % FPR and 0.10 at 1 % FPR, tables alone",
        said,
        bool(at10 >= 0.25 and at1 >= 0.10),
    )


def harmless(cases: pd.DataFrame) -> Goal:
    """Nulls called FAIL."""
    nulls = cases[cases["case"].map(is_null)]
    if nulls.empty:
        return Goal("Harmless tables", "no case", None)
    failed = int(nulls["level"].eq("FAIL").sum())
    return Goal(
        "Harmless tables (fresh real rows): FAIL on at most 5 %",
        f"{failed} of {len(nulls)}",
        failed <= 0.05 * len(nulls),
    )


def answered(cases: pd.DataFrame) -> Goal:
    """Damaged and tiny tables among them."""
    crashed = cases[cases["level"] == "CRASH"]["case"]
    return Goal(
        "Every case, damaged and one-row tables among them, ends with a report or one sentence",
        f"{len(cases) - len(crashed)} of {len(cases)}" + "".join(f"; not: {c}" for c in crashed),
        crashed.empty,
    )


def time_of(cases: pd.DataFrame) -> Goal:
    """The whole bank, in processor time on two cores."""
    minutes = float(cases["seconds"].sum()) / 60
    return Goal(
        "The whole bank in under 60 minutes on 2 cores",
        f"{minutes:.0f} minutes of one core for {len(cases)} cases, {minutes / 2:.0f} on two",
        minutes / 2 < 60,
    )


def goals(cases: pd.DataFrame, attacks: pd.DataFrame, tried: pd.DataFrame) -> list[Goal]:
    """All of them, in order."""
    continuous = r"(adult|airbnb|churn|sick|telco|texas|wdbc|karhunen|creditg)__cart5"
    return [
        ahead(cases),
        margin(cases),
        mean_at_least(cases, "Sequential trees: AUC at least 0.80", continuous, 0.80),
        mean_at_least(
            cases, "Interpolation, mixed tables: AUC at least 0.80", r"(?!wdbc)\w+__smote", 0.80
        ),
        mean_at_least(
            cases, "Interpolation, numeric table: AUC at least 0.90", r"wdbc__smote", 0.90
        ),
        mean_at_least(cases, "Noisy copies: AUC at least 0.90", r"\w+__noisy", 0.90),
        planted(cases),
        few_copies(cases, attacks),
        diffusion(cases, tried),
        harmless(cases),
        answered(cases),
        time_of(cases),
    ]
