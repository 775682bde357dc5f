"""Learning how synthetic rows differ from the pool rows they may have been made from.

The model is Fellegi and Sunter's for linking two files that share no key. A synthetic row s either
carries column c of its source x, or a value that has nothing to do with x:

* a category equals the source's with probability ``1 - l_c``, else it is drawn from the column;
* a number lies in window m around the source's with probability ``w_cm`` (window 0: the very
  value), spread inside it as the pool is; the last window is the whole column.

Against a row that has nothing to do with x this gives a likelihood ratio per column. How reliable
each column is (``l``, ``w``) is learned from the two tables alone by EM, the unknown source of
every synthetic row being the latent variable: no label is looked at, and a column that was
permuted, noised or redrawn finds its own weight.

References
----------
Fellegi & Sunter 1969, doi:10.1080/01621459.1969.10501049; Winkler 2000 (EM for its parameters).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthaudit.attacks._evidence import Shares, Weights, Windows, spread_rows
from synthaudit.attacks._evidence_search import strongest
from synthaudit.types import Bools, EncodedTable, Floats, Ints

N_LEARN = 500
"""Synthetic rows the reliabilities are learned from; all rows are scored. With twice the rows and
twice the steps no case moved by more than 0.003 of AUC."""
N_SOURCES = 40
"""Pool rows considered as sources of one synthetic row."""
N_STEPS = 10
START_REDRAWN = 0.2
LEAST, MOST = 0.002, 0.998


@dataclass(frozen=True, eq=False)
class Reliability:
    """What a source passes on.

    Attributes
    ----------
    redrawn : (n_categories,) float64, the ``l_c``
    windows : (n_numbers, n_windows + 1) float64, the ``w_cm``; rows sum to 1
    """

    redrawn: Floats
    windows: Floats

    def weights(self, shares: Shares) -> Weights:
        """Log likelihood ratios "x is the source of s" against "has nothing to do with it"."""
        inside = (self.windows / shares.numbers)[:, :, ::-1]
        numbers = np.log(np.cumsum(inside, axis=2)[:, :, ::-1])
        equal = np.log((1.0 - self.redrawn) / shares.levels + self.redrawn)
        return Weights(numbers, equal, np.log(self.redrawn))


def sources(
    windows: Windows, synthetic: EncodedTable, reliability: Reliability, jobs: int
) -> tuple[Floats, Ints, Bools]:
    """The likeliest sources of every row of ``synthetic``.

    Returns
    -------
    ratios : (n_rows, k) float64, log likelihood ratios, descending
    rows : (n_rows, k) int64, rows of the pool
    counts : (n_rows, k) bool
        False for the last of a full list and its ties: which of several equal rows still made the
        list is decided by row numbers, and row numbers must decide nothing. A row of which all
        sources are equal has none that count.
    """
    k = min(N_SOURCES, windows.pool.n_rows)
    found = strongest(windows, synthetic, windows.pool, reliability.weights, k, jobs=jobs)
    counts = found.rows >= 0
    if k < windows.pool.n_rows and k > 1:
        counts &= found.sums > found.sums[:, -1:]
    return found.sums, found.rows, counts


def learn(windows: Windows, synthetic: EncodedTable, jobs: int) -> Reliability:
    """Fit the reliabilities, label-blind.

    Twice: the first list of sources is made with everything equally reliable, the second with what
    was learned on it.
    """
    sample = synthetic.take(spread_rows(synthetic, N_LEARN))
    n_numbers, n_levels = windows.widths.shape[0], windows.n_windows + 1
    reliability = Reliability(
        np.full(sample.codes.shape[1], START_REDRAWN),
        np.full((n_numbers, n_levels), 1.0 / n_levels),
    )
    for _ in range(2):
        _, rows, counts = sources(windows, sample, reliability, jobs)
        told = np.flatnonzero(counts.any(axis=1))
        if told.size == 0:
            break
        pairs = _Pairs.of(windows, sample.take(told), rows[told], counts[told])
        shares = windows.shares(sample.take(told))
        for _ in range(N_STEPS):
            reliability = pairs.step(shares, reliability)
    return reliability


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Synthetic rows with their possible sources, compared once, weighed at every step."""

    window: Ints
    """(n_rows, k, n_numbers): the smallest window that holds both values."""
    equal: Bools
    """(n_rows, k, n_categories)"""
    counts: Bools

    @classmethod
    def of(cls, windows: Windows, sample: EncodedTable, rows: Ints, counts: Bools) -> _Pairs:
        ours, theirs = sample.values[:, None, :], windows.pool.values[rows]
        same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
        with np.errstate(invalid="ignore"):  # infinity minus itself: equal, dealt with above
            gaps = np.abs(ours - theirs)
        window = np.zeros(gaps.shape, dtype=np.int64)
        for m in range(windows.n_windows):
            window += ~(same | (gaps <= windows.widths[:, m]))
        return cls(window, sample.codes[:, None, :] == windows.pool.codes[rows], counts)

    def step(self, shares: Shares, now: Reliability) -> Reliability:
        """One EM step: who is the source of whom, then how reliable each column was."""
        from synthaudit.attacks._linkage_kernel import expect

        weights, n = now.weights(shares), len(self.window)
        given = (1.0 - now.redrawn) / shares.levels
        pulls, kept = np.zeros((n, *now.windows.shape)), np.zeros(now.redrawn.size)
        expect(
            self.window,
            self.equal,
            self.counts,
            weights.windows,
            weights.equal,
            weights.unequal,
            given / (given + now.redrawn),
            np.empty(self.window.shape[1]),
            pulls,
            kept,
        )
        # responsibility of window m for a pair whose smallest window is b <= m:
        # w_m / share_m / sum_(m' >= b) w_m' / share_m'
        held = np.cumsum(pulls, axis=2)
        passed = (held * now.windows / shares.numbers).sum(axis=0)
        prior = 0.5 / now.windows.shape[1]  # half a row, spread evenly: no window ever dies out
        return Reliability(np.clip(1.0 - kept / n, LEAST, MOST), (passed + prior) / (n + 0.5))
