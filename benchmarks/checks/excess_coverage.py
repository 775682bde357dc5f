"""How often the interval of the excess covers what was planted, and how often the null is rejected.

    python benchmarks/checks/excess_coverage.py -n 1000

Row contents come from a population in which half of the rows have a content of their own (one of a
thousand) and half a common one (Zipf over three thousand). A share of the synthetic rows copies a
training row; what a fresh table of train's size would have held anyway is not counted as planted.
"""

from __future__ import annotations

import argparse

import numpy as np

from synthaudit.checks._excess import excess

SETTINGS = (
    (300, 300, 0.0),
    (300, 300, 0.02),
    (300, 300, 0.1),
    (450, 50, 0.0),
    (450, 50, 0.1),
    (50, 450, 0.0),
    (50, 450, 0.1),
    (2_000, 2_000, 0.01),
)
N_COMMON, N_OWN = 3_000, 1_000


def simulate(n_train: int, n_holdout: int, leak: float, n_repeats: int) -> tuple[float, ...]:
    """Coverage of the planted share, share of intervals above zero, mean width, mean error."""
    rng = np.random.default_rng(n_train + round(1_000 * leak))
    shares = 1 / np.arange(1, N_COMMON + 1)
    shares /= shares.sum()
    chance = np.concatenate([0.5 * shares, np.full(N_OWN, 0.5 / N_OWN)])
    n = n_train + n_holdout
    answers = []
    for _ in range(n_repeats):
        train, holdout, synthetic = (
            np.where(
                rng.random(size) < 0.5,
                rng.choice(N_COMMON, size, p=shares),
                rng.integers(N_COMMON, N_COMMON + N_OWN, size),
            )
            for size in (n_train, n_holdout, n)
        )
        planted = rng.random(n) < leak
        synthetic[planted] = train[rng.integers(n_train, size=int(planted.sum()))]
        truth = float(np.sum((1 - chance[synthetic[planted]]) ** n_train)) / n
        counts = [np.bincount(part, minlength=chance.size) for part in (synthetic, train, holdout)]
        found = excess(*counts, n_train, n_holdout, n)
        covered = found.low - 1e-12 <= truth <= found.high + 1e-12
        answers.append((covered, found.low > 0, found.high - found.low, found.value - truth))
    return tuple(float(x) for x in np.mean(answers, axis=0))


def main() -> None:
    """One line a setting."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=1_000)
    options = parser.parse_args()
    print("| train/holdout/synthetic | copied | covers | above zero | mean width | mean error |")
    print("|---|---|---|---|---|---|")
    for n_train, n_holdout, leak in SETTINGS:
        covers, above, width, error = simulate(n_train, n_holdout, leak, options.n)
        print(
            f"| {n_train}/{n_holdout}/{n_train + n_holdout} | {leak:.0%} | {covers:.1%} | "
            f"{above:.1%} | {width:.3f} | {error:+.4f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
