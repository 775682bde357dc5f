"""Do the intervals of a paired comparison cover? Simulated games with known differences.

Usage: python benchmarks/compare/coverage.py [--runs 200] [--rows 400]

Two synthetic tables are attacked by way of the same candidates. Every candidate has a luck of its
own that the best attacks on both tables share (correlation ``shared``); beside it two useless
attacks a table are run, which know nothing of that luck (a combination could subtract it, and the
truth would be another). The strongest is chosen and measured as in an audit, and the differences
get their intervals with and without the pairing. Members' scores are shifted by ``gain``, so the
truth is known: AUC = Phi(gain / sqrt 2), advantage = 2 Phi(gain / 2) - 1, TPR at 1 % FPR =
Phi(gain + Phi^-1(0.01)).
"""

from __future__ import annotations

import argparse
import platform
from statistics import NormalDist

import numpy as np

import synthaudit
from synthaudit.seeds import Streams
from synthaudit.stats import strongest
from synthaudit.stats.binomial import Bounds
from synthaudit.stats.paired import (
    advantage_parts,
    auc_parts,
    correlation_of,
    difference_of,
    tpr_parts,
)

PHI = NormalDist()
CASES = ((0.0, 0.0, 0.7), (0.0, 0.0, 0.0), (0.6, 0.6, 0.7), (1.0, 0.5, 0.7), (2.0, 1.6, 0.9))
QUANTITIES = ("auc", "advantage", "tpr_at_fpr_0.01")


def truth(gain: float) -> dict[str, float]:
    """AUC, advantage and TPR of normal scores shifted by ``gain``."""
    return {
        "auc": PHI.cdf(gain / 2**0.5),
        "advantage": 2 * PHI.cdf(gain / 2) - 1,
        "tpr_at_fpr_0.01": PHI.cdf(gain + PHI.inv_cdf(0.01)),
    }


def played(gain: float, shared: float, luck: np.ndarray, is_member: np.ndarray, seed: int):
    """One table's audit: the bounds of each quantity and what every candidate adds to it."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(3, luck.size))
    scores = {
        "best": shared**0.5 * luck + (1 - shared) ** 0.5 * noise[0] + gain * is_member,
        "useless": noise[1],
        "useless too": noise[2],
    }
    best = strongest(scores, is_member, Streams(seed))
    bounds = {}
    for name in QUANTITIES:
        e = (best.tail if name.startswith("tpr") else best.bulk).estimate(name)
        bounds[name] = Bounds(e.value, e.low, e.high)
    parts = {
        "auc": auc_parts(best.bulk.scores, is_member, best.first),
        "advantage": advantage_parts(best.bulk.flagged, is_member),
        "tpr_at_fpr_0.01": tpr_parts(best.tail.scores, is_member, 0.01),
    }
    return bounds, parts


def covered(case: tuple[float, float, float], runs: int, rows: int) -> list[str]:
    """One line per quantity: coverage and width, paired and not."""
    first, second, shared = case
    is_member = np.arange(rows) < rows // 2
    hits = {(q, p): 0 for q in QUANTITIES for p in (True, False)}
    widths = dict.fromkeys(hits, 0.0)
    for run in range(runs):
        luck = np.random.default_rng(10_000 + run).normal(size=rows)
        (b1, p1), (b2, p2) = (
            played(gain, shared, luck, is_member, 2 * run + side)
            for side, gain in enumerate((first, second))
        )
        for q in QUANTITIES:
            true = truth(first)[q] - truth(second)[q]
            ends = (b1[q].high - b1[q].low, b2[q].high - b2[q].low)
            rho = correlation_of(p1[q], p2[q], ends)
            for paired in (True, False):
                gap = difference_of(b1[q], b2[q], rho if paired else 0.0)
                hits[q, paired] += gap.low <= true <= gap.high
                widths[q, paired] += gap.high - gap.low
    return [
        f"| {first} | {second} | {shared} | {q} | {hits[q, True] / runs:.3f} "
        f"| {hits[q, False] / runs:.3f} | {widths[q, True] / runs:.3f} "
        f"| {widths[q, False] / runs:.3f} |"
        for q in QUANTITIES
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--rows", type=int, default=400)
    options = parser.parse_args()
    print(
        f"synthaudit {synthaudit.__version__}, Python {platform.python_version()}, numpy "
        f"{np.__version__}, {platform.machine()}; {options.runs} runs of {options.rows} candidates"
    )
    print(
        "\n| gain 1 | gain 2 | shared | quantity | covered, paired | covered, unpaired "
        "| width, paired | width, unpaired |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for case in CASES:
        print("\n".join(covered(case, options.runs, options.rows)), flush=True)


if __name__ == "__main__":
    main()
