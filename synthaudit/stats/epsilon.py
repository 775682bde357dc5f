"""Lower bounds on epsilon: what an attack's success says about a claimed privacy budget.

They can contradict a claim of differential privacy and never confirm one. All of them need the
train/holdout split to have been random; otherwise they are refused.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from synthaudit.errors import NotApplicable, UsageError
from synthaudit.seeds import Streams
from synthaudit.stats.binomial import lower_bound, upper_bound
from synthaudit.stats.halves import split_halves
from synthaudit.stats.ranks import checked, midranks
from synthaudit.stats.roc import exact_roc
from synthaudit.types import Bools, Estimate, Floats, Ints

TOP = 50.0
"""Epsilons are searched up to here."""
GUESSED = (1.0, 0.3, 0.1, 0.03, 0.01)
"""Shares of the pairs an auditor may guess at; the bound pays for trying all of them."""


def _refuse_unless_random(is_random_split: bool) -> None:
    if not is_random_split:
        raise NotApplicable(
            "A lower bound on epsilon needs a split into train and holdout that was random, and "
            "this one was not declared so; declare it if it was."
        )


def epsilon_from_counts(
    true_positives: float,
    n_members: float,
    false_positives: float,
    n_nonmembers: float,
    *,
    delta: float = 0.0,
    confidence: float = 0.95,
) -> float:
    """Lower bound on epsilon from one decision rule fixed in advance, at least 0.

    ``max(ln((TPR_low - delta) / FPR_high), ln((1 - FPR_high - delta) / (1 - TPR_low)))`` (Kairouz
    et al. 2015, arXiv:1311.0776, theorem 2.1; Jagielski et al. 2020, arXiv:2006.07709). Both
    directions follow from the same two one-sided exact bounds, each at half of the error.
    """
    alpha = (1.0 - confidence) / 2.0
    t = lower_bound(true_positives, n_members, alpha)
    f = upper_bound(false_positives, n_nonmembers, alpha)
    found = [0.0]
    for good, bad in ((t - delta, f), (1.0 - f - delta, 1.0 - t)):
        if good > 0.0:
            found.append(math.log(good / bad))
    return max(found)


def epsilon_from_attack(
    scores: Floats,
    is_member: Bools,
    streams: Streams,
    *,
    is_random_split: bool,
    groups: Ints | None = None,
    delta: float = 0.0,
    confidence: float = 0.95,
) -> Estimate:
    """Clopper-Pearson lower bound; the threshold is chosen on one half, applied to the other.

    On each half the threshold with the largest bound *there* is chosen; the decisions it makes on
    the other half, and the reverse, are counted together. ``value`` and ``low`` are the bound;
    ``high`` is None: an attack never bounds epsilon from above.

    What it cannot show: it treats candidates as independent trials of the mechanism. All of them
    sat in one training run, so it is the customary figure, not a theorem about that run;
    :func:`epsilon_one_run` is.

    Raises
    ------
    NotApplicable
        The split was not random.
    """
    _refuse_unless_random(is_random_split)
    scores, is_member = checked(scores, is_member)
    if groups is not None:
        raise NotApplicable(
            "Epsilon bounds count rows as independent, and these rows come in groups; audit one "
            "row a group."
        )
    first = split_halves(is_member, streams)
    flagged = np.zeros(scores.size, dtype=np.bool_)
    for chosen_on, applied_to in ((first, ~first), (~first, first)):
        threshold = _threshold(scores[chosen_on], is_member[chosen_on], delta, confidence)
        flagged[applied_to] = scores[applied_to] >= threshold
    n1, n0 = int(is_member.sum()), int((~is_member).sum())
    method = "Clopper-Pearson, threshold from the other half"
    if min(n1, n0) == 0:
        note = "needs members and non-members"
        return Estimate("epsilon_lower", None, None, None, n1 + n0, 0.0, confidence, method, note)
    bound = epsilon_from_counts(
        int(np.sum(flagged & is_member)),
        n1,
        int(np.sum(flagged & ~is_member)),
        n0,
        delta=delta,
        confidence=confidence,
    )
    note = f"a lower bound at delta = {delta:g}"
    return Estimate("epsilon_lower", bound, bound, None, n1 + n0, 0.0, confidence, method, note)


def _threshold(scores: Floats, is_member: Bools, delta: float, confidence: float) -> float:
    from scipy.special import betaincinv

    curve = exact_roc(scores, is_member)
    n1, n0 = int(curve.n_true[-1]), int(curve.n_false[-1])
    if min(n1, n0) == 0:
        return math.inf
    alpha = (1.0 - confidence) / 2.0
    tp, fp = curve.n_true.astype(np.float64), curve.n_false.astype(np.float64)
    t = np.where(tp > 0, betaincinv(np.maximum(tp, 1e-9), n1 - tp + 1.0, alpha), 0.0)
    f = np.where(fp < n0, betaincinv(fp + 1.0, np.maximum(n0 - fp, 1e-9), 1.0 - alpha), 1.0)
    up = np.log(np.maximum(t - delta, 1e-300) / f)
    down = np.log(np.maximum(1.0 - f - delta, 1e-300) / (1.0 - t))
    return float(curve.thresholds[int(np.argmax(np.maximum(up, down)))])


def one_run_bound(
    n_correct: int,
    n_guesses: int,
    n_total: int,
    *,
    delta: float = 0.0,
    alpha: float = 0.05,
) -> float:
    """Largest epsilon contradicted by ``n_correct`` of ``n_guesses`` fair coins guessed right.

    Steinke, Nasr, Jagielski 2023 (arXiv:2305.08846), theorem 5.2 / corollary D.8: under
    (epsilon, delta)-differential privacy the number of right guesses among ``n_guesses`` is
    dominated by Bin(n_guesses, e^eps / (1 + e^eps)) up to
    ``2 * n_total * delta * max_i P(v - i <= Bin < v) / i``.

    Parameters
    ----------
    n_total : int
        Coins in the game, guessed at or not (delta is paid for all of them).
    """
    if not 0 <= n_correct <= n_guesses <= n_total:
        raise UsageError(
            f"Needs 0 <= correct <= guesses <= total, got {n_correct}, {n_guesses}, {n_total}."
        )

    def contradicted(epsilon: float) -> bool:
        return _one_run_p(n_correct, n_guesses, n_total, epsilon, delta) <= alpha

    if n_guesses == 0 or not contradicted(0.0):
        return 0.0
    low, high = 0.0, TOP
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if contradicted(middle) else (low, middle)
    return low


def _one_run_p(v: int, r: int, m: int, epsilon: float, delta: float) -> float:
    from scipy.stats import binom

    q = 1.0 / (1.0 + math.exp(-epsilon))
    beta = float(binom.sf(v - 1, r, q))
    if delta <= 0.0 or v == 0:
        return beta
    i = np.arange(1, v + 1)
    below = binom.cdf(v - 1, r, q) - binom.cdf(v - 1 - i, r, q)
    return min(beta + 2.0 * m * delta * float(np.max(below / i)), 1.0)


@dataclass(frozen=True)
class OneRun:
    """The one-run bound and how it was reached."""

    epsilon: Estimate
    n_pairs: int
    n_guesses: int
    n_correct: int


def epsilon_one_run(
    scores: Floats,
    is_member: Bools,
    streams: Streams,
    *,
    is_random_split: bool,
    groups: Ints | None = None,
    delta: float = 0.0,
    confidence: float = 0.95,
) -> OneRun:
    """One-run lower bound on epsilon for *replacing* a record, exact for fixed-size splits.

    Steinke et al. need every record's membership to be an independent fair coin; a split of fixed
    size is not that. Members and non-members are therefore matched at random: given the unordered
    pairs, which of the two is the member *is* an independent fair coin in every pair, and swapping
    the two is replacing one record. The auditor guesses the higher-scoring one, in the pairs with
    the largest difference of score ranks, and abstains in the others. Five shares of guesses are
    tried, each at a fifth of the error (Bonferroni).

    Divide by two for the epsilon of adding or removing one record (replacing is one removal and
    one addition).

    Raises
    ------
    NotApplicable
        The split was not random, or rows come in groups.
    """
    _refuse_unless_random(is_random_split)
    if groups is not None:
        raise NotApplicable(
            "Epsilon bounds count rows as independent, and these rows come in groups; audit one "
            "row a group."
        )
    scores, is_member = checked(scores, is_member)
    rng = streams.rng("pairs")
    inside = rng.permutation(np.flatnonzero(is_member))
    outside = rng.permutation(np.flatnonzero(~is_member))
    n_pairs = min(inside.size, outside.size)
    values = _savage(scores)
    gap = values[inside[:n_pairs]] - values[outside[:n_pairs]]
    alpha = (1.0 - confidence) / len(GUESSED)
    best = (0.0, 0, 0)
    order = np.argsort(-np.abs(gap), kind="stable")
    for share in GUESSED:
        guessed = gap[order[: round(share * n_pairs)]]
        guessed = guessed[guessed != 0.0]
        n_correct = int(np.sum(guessed > 0))
        bound = one_run_bound(n_correct, guessed.size, n_pairs, delta=delta, alpha=alpha)
        best = max(best, (bound, guessed.size, n_correct))
    note = f"{best[2]} of {best[1]} guesses right among {n_pairs} pairs; replacing one record"
    method = "one-run bound (Steinke et al. 2023) on random pairs"
    value = best[0] if n_pairs else None
    estimate = Estimate(
        "epsilon_one_run", value, value, None, n_pairs, 0.0, confidence, method, note
    )
    return OneRun(estimate, n_pairs, best[1], best[2])


def _savage(scores: Floats) -> Floats:
    """Exponential scores of ranks: differences are largest where a high scorer takes part."""
    values: Floats = -np.log1p(-midranks(scores) / (scores.size + 1.0))
    return values
