"""The exact test: could a random split have produced scores that follow it this closely?

Under a random split and label-blind scores the labels are exchangeable given the pool and the
synthetic table, so permuting them gives an exact null for any statistic of any attack, shadow
attacks included. All statistics of all attacks are judged under the *same* permutations by their
largest standardised deviation (Westfall and Young 1993, max-T), so running twenty attacks does not
manufacture a leak, and correlated attacks cost little.

Every statistic here is linear in the labels (a sum of weights over the members), so all
permutations of all statistics are one matrix product.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from synthaudit.errors import UsageError
from synthaudit.parallel import ahead, thread_map
from synthaudit.seeds import Streams
from synthaudit.stats.clusters import group_codes
from synthaudit.stats.ranks import checked, ordered_midranks
from synthaudit.types import Bools, Floats, Ints

TOPS = (0.1, 0.03, 0.01, 0.003, 0.001)
"""Shares of the pool whose members are counted: the label-blind twins of TPR at fixed FPR."""
LEAST_FLAGGED = 12
"""Candidates a flagged share must hold to be tested: fewer could not clear the suite's bar."""
BLOCK_CELLS = 12_000_000
"""Labels drawn at a time."""
MOMENTS_AT_ONCE = 32
"""Statistics whose moments are taken at a time."""


@dataclass(frozen=True)
class Tested:
    """One statistic of one attack, judged."""

    attack: str
    metric: str
    """``auc``, or ``top_0.1``, ``top_0.03``, ... (members among that share of the pool)."""
    stratum: int | None
    """None: all candidates."""
    z: float
    """Standardised by its exact permutation mean and variance; positive: members score higher."""
    p_adjusted: float
    """Step-down max-T p-value, two-sided: family-wise over every statistic of every attack."""


@dataclass(frozen=True)
class PermutationTest:
    """The suite's verdict on "nothing leaks at all"."""

    p_value: float
    """Global: the smallest adjusted p-value."""
    tested: tuple[Tested, ...]
    """Every statistic, strongest first."""
    critical: float
    """95 % quantile of the largest |z| under the null: the bar one statistic has to clear."""
    n_permutations: int
    n_units: int

    def of_attack(self, attack: str) -> float | None:
        """Adjusted p-value of one attack (the smallest over its statistics), or None."""
        found = [t.p_adjusted for t in self.tested if t.attack == attack]
        return min(found, default=None)

    @property
    def is_reversed(self) -> bool:
        """The strongest deviation is significant (5 %) and *non-members* score higher there."""
        return bool(self.tested) and self.p_value < 0.05 and self.tested[0].z < 0


def top_weights(scores: Floats, share: float, ordered: Floats | None = None) -> Floats:
    """1 for the highest-scoring ``share`` of candidates, 0 below, a fraction for a tie across.

    Parameters
    ----------
    ordered : (n,) float64, optional
        The scores in ascending order, where they have been sorted already.

    Returns
    -------
    (n,) float64, summing to ``share * n``.
    """
    n = scores.size
    size = share * n
    ordered = np.sort(scores) if ordered is None else ordered
    edge = ordered[n - 1 - min(max(int(np.ceil(size)) - 1, 0), n - 1)]
    above, tied = scores > edge, scores == edge
    weights: Floats = above.astype(np.float64)
    weights[tied] = (size - above.sum()) / tied.sum()
    return weights


def permutation_test(
    scores: Mapping[str, Floats],
    is_member: Bools,
    streams: Streams,
    *,
    groups: Ints | None = None,
    blocks: Ints | None = None,
    strata: Ints | None = None,
    n_permutations: int = 2000,
    jobs: int = 1,
) -> PermutationTest:
    """Exact two-sided permutation test with max-T over attacks x metrics x strata.

    Parameters
    ----------
    scores : mapping of attack to (n,) float64
        Label-blind scores (a score trained on labels has no exact null here).
    is_member : (n,) bool
    streams : Streams
        ``streams.rng("permutations")`` is used.
    groups : (n,) int, optional
        Rows split together: whole groups change sides. A group that holds both members and
        non-members is permuted as two units, one of each label.
    blocks : (n,) int, optional
        The split was stratified by these: labels are permuted within blocks only.
    strata : (n,) int, optional
        Label-blind bins (isolation, say); each attack's AUC within each bin joins the family.
    n_permutations : int
        Random permutations; the smallest p-value is 1 / (n_permutations + 1).
    jobs : int
        Threads; they change nothing.

    Returns
    -------
    PermutationTest
        p-values count the observed labelling among the permutations, which makes them exact
        (Phipson and Smyth 2010, doi:10.2202/1544-6115.1585).

    What it cannot show: size. A tiny leak is significant when there are many rows, and a split
    that was not random (by date, by site) is "significant" with no leak at all.
    """
    if not scores:
        raise UsageError("The permutation test got no attack scores; run at least one attack.")
    attacks, rows = _statistics(scores, is_member, strata, jobs)
    units = _Units.of(is_member, groups, blocks)
    weights = units.sums(rows)
    mean, sd = units.moments(weights)
    # a statistic without spread (all scores tied) says nothing and must not win
    live = sd > 1e-9 * (np.abs(weights).max(axis=1) + 1e-300)
    sd = np.where(live, sd, 1.0)
    observed = np.where(live, (weights @ units.labels - mean) / sd, 0.0)
    order = np.argsort(-np.abs(observed), kind="stable")
    exceed = np.zeros(order.size, dtype=np.int64)
    largest = np.empty(n_permutations)
    done = 0
    # drawing takes as long as the products: the next block is drawn while this one is multiplied
    for labels in ahead(units.draw(n_permutations, streams.rng("permutations")), jobs):
        z = np.abs((weights @ labels - mean[:, None]) / sd[:, None]) * live[:, None]
        # successive maxima from the weakest statistic up: step-down max-T
        maxima = np.maximum.accumulate(z[order[::-1]], axis=0)[::-1]
        exceed += (maxima >= np.abs(observed)[order][:, None] - 1e-9).sum(axis=1)
        largest[done : done + labels.shape[1]] = maxima[0]
        done += labels.shape[1]
    adjusted = np.maximum.accumulate((exceed + 1.0) / (n_permutations + 1.0))
    tested = tuple(
        Tested(attacks[j][0], attacks[j][1], attacks[j][2], float(observed[j]), float(p))
        for j, p in zip(order, adjusted, strict=True)
    )
    critical = float(np.quantile(largest, 0.95)) if n_permutations else np.inf
    return PermutationTest(tested[0].p_adjusted, tested, critical, n_permutations, units.n)


def _statistics(
    scores: Mapping[str, Floats], is_member: Bools, strata: Ints | None, jobs: int
) -> tuple[list[tuple[str, str, int | None]], Floats]:
    """Names and weights (n_statistics, n) of every statistic."""
    n = is_member.size
    # m flagged candidates deviate by at most sqrt(m) standard errors when half are members
    shares = [share for share in TOPS if share * n >= LEAST_FLAGGED]
    bins = [] if strata is None else [int(stratum) for stratum in np.unique(strata)]
    names: list[tuple[str, str, int | None]] = []
    for attack in scores:
        names.append((attack, "auc", None))
        names += [(attack, f"top_{share:g}", None) for share in shares]
        names += [(attack, "auc", stratum) for stratum in bins]
    per_attack = 1 + len(shares) + len(bins)
    # hundreds of megabytes in a large audit: filled in place, not gathered and copied
    rows = np.zeros((len(names), n))

    def fill(i: int, raw: Floats) -> None:
        values, _ = checked(raw, is_member)
        mine = rows[i * per_attack : (i + 1) * per_attack]
        order = np.argsort(values, kind="stable")
        mine[0, order] = _centred_ranks(values[order])
        for weights, share in zip(mine[1:], shares, strict=False):
            weights[:] = top_weights(values, share, values[order]) / np.sqrt(share * n)
        if strata is not None:
            within = strata[order]
            for weights, stratum in zip(mine[1 + len(shares) :], bins, strict=True):
                inside = order[within == stratum]
                weights[inside] = _centred_ranks(values[inside])

    thread_map(lambda item: fill(*item), list(enumerate(scores.values())), jobs)
    return names, rows


def _centred_ranks(ordered: Floats) -> Floats:
    """Mid-ranks of sorted values about their mean, in units of their number."""
    ranks = ordered_midranks(ordered)
    centred: Floats = (ranks - ranks.mean()) / max(ordered.size, 1)
    return centred


@dataclass(frozen=True, eq=False)
class _Units:
    """What is permuted: rows, or groups of rows, within blocks."""

    labels: Floats
    """(n_units,) 0 or 1."""
    of_row: Ints | None
    """Unit of every row; None: each row is its own."""
    blocks: tuple[Ints, ...]
    """Units of each block."""

    @property
    def n(self) -> int:
        """Number of units."""
        return self.labels.size

    @classmethod
    def of(cls, is_member: Bools, groups: Ints | None, blocks: Ints | None) -> _Units:
        n = is_member.size
        codes = group_codes(groups, n)
        in_block = np.zeros(n, dtype=np.int64) if blocks is None else np.asarray(blocks)
        if in_block.shape != (n,):
            raise UsageError(f"Blocks must have one entry a candidate ({n}): {in_block.shape}.")
        of_row = None
        if codes is not None:
            keys = np.stack([codes, is_member.astype(np.int64)])
            _, first, of_row = np.unique(keys, axis=1, return_index=True, return_inverse=True)
            of_row = of_row.reshape(-1).astype(np.int64)
            is_member, in_block = is_member[first], in_block[first]
        members = tuple(np.flatnonzero(in_block == b) for b in np.unique(in_block))
        return cls(is_member.astype(np.float64), of_row, members)

    def sums(self, weights: Floats) -> Floats:
        """Weights of units: rows summed within units."""
        if self.of_row is None:
            return weights
        return np.stack([np.bincount(self.of_row, weights=w) for w in weights])

    def moments(self, weights: Floats) -> tuple[Floats, Floats]:
        """Exact permutation mean and standard deviation (simple random sampling by block)."""
        mean, variance = np.zeros(weights.shape[0]), np.zeros(weights.shape[0])
        for units in self.blocks:
            n, m = units.size, float(self.labels[units].sum())
            # a few statistics at a time: copies of all of them would be the audit's largest arrays
            for start in range(0, len(weights), MOMENTS_AT_ONCE):
                some = slice(start, start + MOMENTS_AT_ONCE)
                inside = weights[some][:, units]
                centre = inside.mean(axis=1)
                mean[some] += m * centre
                if n > 1:
                    spread = ((inside - centre[:, None]) ** 2).sum(axis=1)
                    variance[some] += spread * m * (n - m) / (n * (n - 1.0))
        return mean, np.sqrt(variance)

    def draw(self, n_permutations: int, rng: np.random.Generator) -> Iterator[Floats]:
        """Permuted labels, (n_units, at most 250) a block; blocks keep to about 16 MB."""
        labels = self.labels.astype(np.uint8)
        step = int(np.clip(BLOCK_CELLS // max(self.n, 1), 8, 250))
        for start in range(0, n_permutations, step):
            size = min(step, n_permutations - start)
            drawn = np.empty((size, self.n), dtype=np.uint8)
            for units in self.blocks:
                tiled = np.tile(labels[units], (size, 1))
                drawn[:, units] = rng.permuted(tiled, axis=1, out=tiled)
            yield drawn.T.astype(np.float64)
