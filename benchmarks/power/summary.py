"""Turns the tables of ``run.py`` into a page: ours beside the best published attack, case by case.

    python benchmarks/power/summary.py OUT PEERS.json PAGE.md

``PEERS.json`` maps a case to the best published attack on it, chosen with hindsight
(``{"attack", "auc", "n", "tpr1"}``); a case it does not know gets a dash.
"""

from __future__ import annotations

import argparse
import json
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pandas as pd

LIBRARIES = ("numpy", "scikit-learn", "numba", "pandas")
NULLS = ("resample", "null-")


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


def table(cases: pd.DataFrame, peers: dict[str, dict[str, float]]) -> list[str]:
    """One line a case."""
    lines = [
        "| case | truth | published: AUC | TPR at 1 % | ours: AUC | TPR at 1 % | strongest | p "
        "| verdict |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for _, row in cases.iterrows():
        peer = peers.get(row["case"])
        published = f"{peer['auc']:.3f} | {peer['tpr1']:.3f}" if peer else "– | –"
        p_value = "" if pd.isna(row.get("p_value")) else f"{row['p_value']:.3f}"
        lines.append(
            f"| {row['case']} | {row['truth']} | {published} | {interval(row, 'auc')} "
            f"| {interval(row, 'tpr_at_fpr_0.01')} | {row.get('strongest', '')} | {p_value} "
            f"| {row['level']} |"
        )
    return lines


def headline(cases: pd.DataFrame, peers: dict[str, dict[str, float]]) -> list[str]:
    """The comparison in sentences, counted from the table."""
    both = cases[cases["case"].isin(peers) & cases["auc_value"].notna()]
    theirs = both["case"].map(lambda case: peers[case]["auc"])
    leaky = both["truth"].isin(["leaky", "leaky-weak"])
    nulls = cases[cases["case"].str.contains("|".join(NULLS))]
    failed = nulls["level"].eq("FAIL").sum()
    lines = [
        f"- {len(both)} cases have a published figure; ours is at least as high in "
        f"{int((both['auc_high'] >= theirs).sum())} (counting ours at the upper end of its "
        f"interval) and higher in {int((both['auc_value'] > theirs).sum())}.",
        f"- Mean AUC over the {int(leaky.sum())} leaky ones: "
        f"{both.loc[leaky, 'auc_value'].mean():.3f} (published best, chosen with hindsight: "
        f"{theirs[leaky].mean():.3f}).",
        f"- Harmless tables (fresh real rows): {failed} of {len(nulls)} called FAIL.",
    ]
    for generator, group in cases.groupby("generator"):
        if len(group) > 2:
            lines.append(
                f"- {generator}: {len(group)} cases, mean AUC {group['auc_value'].mean():.3f}, "
                + ", ".join(f"{n} {level}" for level, n in group["level"].value_counts().items())
                + "."
            )
    return lines


def best_attacks(attacks: pd.DataFrame) -> list[str]:
    """Mean AUC of every attack by kind of leak."""
    measured = attacks[(attacks["kind"] == "attack") & attacks["auc_value"].notna()]
    kinds = measured["generator"].where(
        ~measured["generator"].str.startswith("planted"),
        measured["case"].str.replace(r"^[a-zA-Z]+__", "", regex=True),
    )
    wide = measured.assign(kind_of_leak=kinds).pivot_table(
        index="kind_of_leak", columns="id", values="auc_value", aggfunc="mean"
    )
    lines = [
        "| kind of leak | " + " | ".join(wide.columns) + " |",
        "|---" * (len(wide.columns) + 1) + "|",
    ]
    for kind, row in wide.iterrows():
        top = row.max()
        cells = [f"**{v:.2f}**" if v >= top - 0.005 else f"{v:.2f}" for v in row]
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    return lines


def main() -> None:
    """Read the tables, write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("peers", type=Path)
    parser.add_argument("page", type=Path)
    options = parser.parse_args()
    cases = pd.read_csv(options.out / "cases.csv")
    attacks = pd.read_csv(options.out / "attacks.csv")
    peers = json.loads(options.peers.read_text())
    page = [
        "# Detection power, case by case",
        "",
        f"{machine()} `benchmarks/power/run.py` audits tables with known truth (real rows; real "
        "generators or planted leaks), `benchmarks/power/summary.py` writes this page. Outsider "
        "attacks only, default settings, seed 0. *Published* is the best of the published attacks "
        "on the case, chosen with hindsight; *ours* is chosen on one half of the candidates and "
        "measured on the other, with its 95 % interval.",
        "",
        *headline(cases, peers),
        "",
        *table(cases, peers),
        "",
        "## Every attack, by kind of leak (mean AUC)",
        "",
        *best_attacks(attacks),
        "",
    ]
    options.page.write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    main()
