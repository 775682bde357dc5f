"""How often do the statistics and the verdict keep their promises?

    python benchmarks/calibration/calibrate.py [--quick] [--only 1 4]

Simulates score sets with known truth (no tables: the audit's own calibration on real tables is
another study), judges them with the default policy, and writes ``results.md`` beside this file.
One process, one thread, about 20 minutes of CPU.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import scipy
from scipy.special import ndtr, ndtri

from synthaudit.checks._excess import excess
from synthaudit.policy import Policy
from synthaudit.seeds import Streams
from synthaudit.stats import identified, permutation_test, power_of, strongest
from synthaudit.stats.advantage import advantage_estimate
from synthaudit.stats.auc import auc_interval
from synthaudit.stats.halves import split_halves
from synthaudit.stats.tpr import Scored, tpr_interval
from synthaudit.types import Bools, Floats, Level, Verdict
from synthaudit.verdict import Evidence, judge

POLICY = Policy.load("default")
N_ATTACKS = 15
N_PERMUTATIONS = 400


@dataclass(frozen=True)
class World:
    """What is true in a simulated audit.

    ``shift``: every member scores this many standard deviations higher in five of the attacks.
    ``exposed``: this share of members scores above everybody in three of them.
    ``copied``: this share of synthetic rows are planted copies (on top of ``coincident`` ones,
    which match train and holdout alike).
    ``attacks``: with one attack its own advantage is the best there is, and a limit can be met
    exactly; with more their combination knows better.
    """

    name: str
    shift: float = 0.0
    exposed: float = 0.0
    copied: float = 0.0
    coincident: float = 0.001
    attacks: int = N_ATTACKS


def scores_of(world: World, n: int, rng: np.random.Generator) -> tuple[dict[str, Floats], Bools]:
    """Fifteen correlated attacks; two of them with heavy ties, as counting attacks have."""
    is_member = rng.permutation(np.arange(2 * n) < n)
    common = rng.normal(size=2 * n)
    hit = is_member & (rng.random(2 * n) < world.exposed)
    scores = {}
    for j in range(world.attacks):
        own = 0.7 * common + np.sqrt(1 - 0.49) * rng.normal(size=2 * n)
        own += world.shift * is_member * (j % 3 == 0) + 9.0 * hit * (j % 5 == 0)
        scores[f"a{j}"] = np.round(own * 2) / 2 if j in (7, 8) else own
    return scores, is_member


def audit(world: World, n: int, seed: int) -> Verdict:
    """One simulated audit under the default policy."""
    rng = np.random.default_rng([seed, n, *world.name.encode()])
    scores, is_member = scores_of(world, n, rng)
    streams = Streams(seed)
    test = permutation_test(scores, is_member, streams, n_permutations=N_PERMUTATIONS)
    best = strongest(scores, is_member, streams, p_value=test.p_value)
    hits = round(world.copied * n) + int(rng.binomial(n, world.coincident))
    every = hits + int(rng.binomial(n, world.coincident))
    in_train = (np.arange(every) < hits).astype(np.int64)
    copies = excess(np.ones(every, dtype=np.int64), in_train, 1 - in_train, n, n, n)
    return judge(
        Evidence(
            n_members=n,
            n_nonmembers=n,
            advantage=best.bulk.estimate("advantage"),
            tpr=best.tail.estimates[2:],
            identified=identified(best.tail.scores, is_member).share,
            excess_copies=copies.estimate("excess_copies"),
            p_value=test.p_value,
            detectable_advantage=power_of(n, n).advantage,
            bulk=best.bulk.headline,
            tail=best.tail.headline,
            is_reversed=test.is_reversed,
        ),
        POLICY,
    )


Row = list[str]


def share(count: int, total: int) -> str:
    """A share with its Monte-Carlo error."""
    p = count / total
    return f"{100 * p:.1f} ± {100 * np.sqrt(max(p * (1 - p), 0.25 / total) / total):.1f} %"


def verdicts(worlds: list[World], sizes: dict[int, int]) -> Iterator[Row]:
    """Levels by world and size, and which components failed."""
    for world in worlds:
        for n, repeats in sizes.items():
            found = [audit(world, n, seed) for seed in range(repeats)]
            levels = Counter(v.level for v in found)
            failed = Counter(c.id for v in found for c in v.components if c.level is Level.FAIL)
            yield [
                world.name,
                str(n),
                str(repeats),
                *(share(levels[x], repeats) for x in (Level.PASS, Level.INCONCLUSIVE, Level.FAIL)),
                ", ".join(f"{k} {v}" for k, v in failed.most_common()) or "none",
            ]


def test_size(sizes: dict[int, int]) -> Iterator[Row]:
    """Size of the exact test over fifteen attacks and all their statistics."""
    for n, repeats in sizes.items():
        p_values = []
        for seed in range(repeats):
            rng = np.random.default_rng([seed, n, 1])
            scores, is_member = scores_of(World("nothing leaks"), n, rng)
            found = permutation_test(scores, is_member, Streams(seed), n_permutations=199)
            p_values.append(found.p_value)
        yield [str(n), str(repeats)] + [
            share(int(np.sum(np.array(p_values) <= level)), repeats) for level in (0.01, 0.05, 0.2)
        ]


def settling(repeats: int) -> Iterator[Row]:
    """Do the rows that an INCONCLUSIVE asks for settle it?"""
    for world, n in (
        (World("nothing leaks", coincident=0.0), 300),
        (World("copies 2 %", exposed=0.02, copied=0.02, coincident=0.0), 300),
        (World("members shifted 0.2", shift=0.2, coincident=0.0), 300),
    ):
        asked, settled, tried = [], 0, 0
        for seed in range(repeats):
            first = audit(world, n, seed)
            rows = first.rows_to_settle
            if first.level is not Level.INCONCLUSIVE or rows is None or rows > 5000:
                continue
            tried += 1
            asked.append(rows)
            settled += audit(world, rows, seed + 1000).level is not Level.INCONCLUSIVE
        if tried:
            yield [world.name, str(n), str(tried), f"{np.median(asked):.0f}", share(settled, tried)]


def coverage(repeats: int) -> Iterator[Row]:
    """Coverage of the 95 % intervals of AUC, advantage and TPR at fixed FPR."""
    for n1, n0 in ((10, 10), (50, 50), (300, 300), (2000, 2000), (20, 1000), (1000, 20)):
        for label, shift, exposed in (
            ("null", 0.0, 0.0),
            ("shift 1", 1.0, 0.0),
            ("shift 3", 3.0, 0.0),
            ("5 % exposed", 0.0, 0.05),
        ):
            yield [f"{n1} / {n0}", label, *_coverage_of(n1, n0, shift, exposed, repeats)]


def _coverage_of(n1: int, n0: int, shift: float, exposed: float, repeats: int) -> Row:
    rng = np.random.default_rng([n1, n0, int(10 * shift), int(100 * exposed)])
    is_member = np.arange(n1 + n0) < n1

    def tail(t: float) -> float:
        return exposed + (1 - exposed) * float(ndtr(shift - t))

    area = exposed + (1 - exposed) * float(ndtr(shift / np.sqrt(2)))
    rates = [f for f in (0.1, 0.01, 0.001) if n0 * f >= 1]
    hits = {"auc": 0, "advantage": 0} | {f"{f:g}": 0 for f in rates}
    for seed in range(repeats):
        scores = rng.normal(size=n1 + n0) + shift * is_member
        scores[:n1] += 30.0 * (rng.random(n1) < exposed)
        _, low, high, _ = auc_interval(scores, is_member)
        hits["auc"] += low <= area <= high
        first = split_halves(is_member, Streams(seed))
        gain = advantage_estimate(scores, is_member, first)
        truth = _attained(scores, is_member, first, tail)
        hits["advantage"] += (gain.low or 0) <= truth <= (gain.high or 0)
        scored = Scored.of(scores, is_member)
        for f in rates:
            _, low, high = tpr_interval(scored, f)
            hits[f"{f:g}"] += low <= tail(float(ndtri(1 - f))) <= high
    names = ("auc", "advantage", "0.1", "0.01", "0.001")
    return [f"{hits[k] / repeats:.3f}" if k in hits else "n/a" for k in names]


def _attained(
    scores: Floats, is_member: Bools, first: Bools, tail: Callable[[float], float]
) -> float:
    """Population advantage of the two thresholds that were chosen."""
    from synthaudit.stats.advantage import best_threshold

    total = 0.0
    for chosen_on, applied in ((first, ~first), (~first, first)):
        t = best_threshold(scores[chosen_on], is_member[chosen_on])
        total += float(np.sum(is_member & applied)) / float(np.sum(is_member)) * tail(t)
        total -= float(np.sum(~is_member & applied)) / float(np.sum(~is_member)) * float(ndtr(-t))
    return total


def held_out_coverage(sizes: dict[int, int]) -> Iterator[Row]:
    """Null coverage of the strongest attack's intervals after choosing among fifteen."""
    names = ("auc", "advantage", "tpr_at_fpr_0.1", "tpr_at_fpr_0.01")
    choices = ("overall", "bulk", "tail", "combination")
    for n, repeats in sizes.items():
        hits, total = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        for seed in range(repeats):
            rng = np.random.default_rng([seed, n, 2])
            scores, is_member = scores_of(World("nothing leaks"), n, rng)
            found = strongest(scores, is_member, Streams(seed))
            for which in choices:
                for e in getattr(found, which).estimates:
                    if e.value is not None:
                        total[which, e.name] += 1
                        hits[which, e.name] += e.low <= e.null <= e.high
        for which in choices:
            shares = [
                f"{hits[which, k] / total[which, k]:.3f}" if total[which, k] else "n/a"
                for k in names
            ]
            yield [str(n), which, *shares]


def table(head: Row, rows: Iterator[Row]) -> str:
    """A Markdown table, printed as it grows."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for row in rows:
        lines.append("| " + " | ".join(row) + " |")
        print(lines[-1], flush=True)
    return "\n".join(lines)


def studies(k: int) -> list[tuple[str, Row, Iterator[Row]]]:
    """Title, column heads and rows of every study, repeats divided by ``k``."""
    sizes = {100: 100 // k, 300: 100 // k, 1000: 100 // k, 4000: 40 // k}
    nothing = [
        World("nothing leaks, no coincidences", coincident=0.0),
        World("nothing leaks, 0.1 % coincidences"),
        World("nothing leaks, 1 % coincidences", coincident=0.01),
    ]
    # an equal-variance shift d has the advantage 2 * ndtr(d / 2) - 1; of e exposed members at most
    # 5 % false, e + (1 - e) f with f = r e / (1 - r (1 - e)), r = 1 / 19, can be singled out
    bulk = float(2 * ndtri(0.5 + POLICY.advantage.value / 2))
    named = 0.95 * POLICY.identified.value
    tail = POLICY.excess_tpr.value / 0.99
    copied = POLICY.excess_copies.value
    limit = [
        World("advantage at its limit", shift=bulk, attacks=1),
        World("tail at its limit", exposed=tail, attacks=1),
        World("identified at its limit", exposed=named, attacks=1),
        World("copies at their limit", copied=copied, attacks=1),
        World("all but the tail at their limits", bulk, named, copied, attacks=1),
    ]
    planted = [
        World(f"copies {100 * c:g} %", exposed=c, copied=c) for c in (0.005, 0.01, 0.02, 0.05, 0.2)
    ] + [World("members shifted 0.3", shift=0.3), World("members shifted 1", shift=1.0)]
    levels = ["world", "n a side", "audits", "PASS", "INCONCLUSIVE", "FAIL", "components failed"]
    return [
        ("Size of the exact test (nominal 1, 5, 20 %)",
         ["n a side", "suites", "p <= 0.01", "p <= 0.05", "p <= 0.2"],
         test_size({50: 1000 // k, 300: 1000 // k, 2000: 300 // k})),
        ("Verdicts when nothing leaks", levels, verdicts(nothing, sizes)),
        ("Verdicts when the truth is exactly a limit", levels,
         verdicts(limit, {1000: 100 // k, 4000: 40 // k})),
        ("Verdicts on planted leaks", levels,
         verdicts(planted, {400: 40 // k, 1000: 40 // k, 4000: 20 // k})),
        ("Rows to settle", ["world", "n a side", "inconclusive audits", "median rows asked for",
                            "settled at that size"], settling(30 // k)),
        ("Coverage of one attack's 95 % intervals",
         ["members / non-members", "truth", "AUC", "advantage", "TPR@10 %", "TPR@1 %",
          "TPR@0.1 %"], coverage(600 // k)),
        ("Null coverage after choosing among fifteen attacks",
         ["n a side", "choice", "AUC", "advantage", "TPR@10 %", "TPR@1 %"],
         held_out_coverage({60: 300 // k, 500: 200 // k, 2000: 60 // k})),
    ]  # fmt: skip


def about() -> str:
    """Where and how the figures were made."""
    return (
        f"# Calibration of the statistics and the verdict\n\n"
        f"Written by `benchmarks/calibration/calibrate.py`, last on {datetime.date.today()}: "
        f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}, "
        f"{platform.machine()}, one thread of {os.cpu_count()} cores. Simulated scores of "
        f"{N_ATTACKS} attacks, default policy, {N_PERMUTATIONS} permutations; ± is the Monte-Carlo "
        "standard error."
    )


def main() -> None:
    """Run all studies, or those named by number, and keep the sections of the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the repeats, no file")
    parser.add_argument("--only", type=int, nargs="*", help="numbers of studies, from 1")
    arguments = parser.parse_args()
    path = Path(__file__).parent / "results.md"
    kept = path.read_text(encoding="utf-8").split("\n## ")[1:] if path.exists() else []
    sections = {text.split("\n")[0]: text.strip() for text in kept}
    for number, (title, head, rows) in enumerate(studies(10 if arguments.quick else 1), start=1):
        if arguments.only and number not in arguments.only:
            continue
        print(f"\n## {title}", flush=True)
        sections[title] = f"{title}\n\n{table(head, rows)}"
        if not arguments.quick:
            order = [t for t, _, _ in studies(1) if t in sections]
            body = "\n\n".join(f"## {sections[t]}" for t in order)
            path.write_text(f"{about()}\n\n{body}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
