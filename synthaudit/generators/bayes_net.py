"""A Bayesian network of at most two parents a column, with smoothed tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from synthaudit.errors import UsageError
from synthaudit.generators.bins import BinnedColumn, bin_column, entropy, without_gaps
from synthaudit.generators.columns import TrainingColumns
from synthaudit.seeds import Streams
from synthaudit.types import Card, Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

N_SHORTLIST = 5
"""Possible parents of a column among which pairs are compared."""
MAX_BINS = 64
"""Tables have (bins + spikes)**3 cells."""
MOST_TOGETHER = 100
"""Columns of one network. Comparing every column with every other would take minutes for a thousand
columns, so a wider table is dealt, in its order, into networks that know nothing of each other."""


@dataclass(frozen=True)
class BayesNet:
    """Columns drawn one after the other given at most two columns drawn before.

    Numbers are cut into quantile bins. The network grows greedily: next comes the column that
    shares most information with one already in it, with the one or two parents it shares most
    with. Conditional tables are smoothed towards the column's margin; a number is then drawn
    inside its bin. A table of more than ``MOST_TOGETHER`` columns becomes several networks of
    columns that stand together: what one tells about another network's columns is lost.

    Parameters
    ----------
    bins : int
        Quantile bins of a number.
    smoothing : float
        How many rows the margin counts for in every conditional table.
    draw : {"uniform", "observed", "range"}
        Numbers anywhere between the smallest and the largest value seen in the bin (a spike stays
        a spike), the value of a training row in it, or anywhere up to the next bin (as histograms
        do: spikes are smeared over the gap above them).

    References
    ----------
    Zhang et al. (2017), PrivBayes, doi:10.1145/3134428 (greedy network; no noise is added here, so
    nothing is differentially private). Bias of mutual information: Miller (1955), Note on the bias
    of information estimates; twice that: Akaike (1974), doi:10.1109/TAC.1974.1100705.
    """

    bins: int = 8
    smoothing: float = 1.0
    draw: Literal["uniform", "observed", "range"] = "uniform"

    card: ClassVar[Card] = Card(
        id="bayes-net",
        title="Bayesian network",
        question="What would a small network of smoothed frequency tables make of this table?",
        how_to_read=(
            "It remembers counts of up to three columns at a time; rare combinations are its leak, "
            "exact values are not unless draw=observed."
        ),
        references=("Zhang et al. 2017, PrivBayes, doi:10.1145/3134428",),
    )

    def __post_init__(self) -> None:
        if not 1 <= self.bins <= MAX_BINS:
            raise UsageError(f"bayes-net: bins must be 1 to {MAX_BINS}, got {self.bins}")
        if not 0.0 <= self.smoothing < np.inf:
            raise UsageError(f"bayes-net: smoothing must be 0 or more, got {self.smoothing}")
        if self.draw not in ("uniform", "observed", "range"):
            raise UsageError(
                f"bayes-net: draw must be 'uniform', 'observed' or 'range', got {self.draw!r}"
            )

    def synthesize(self, train: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
        """Learn network and tables from ``train`` and draw ``n_rows`` rows."""
        table = TrainingColumns.read(train)
        streams = Streams(seed, ("generator", "bayes-net"))
        binned = [bin_column(column, self.bins) for column in table.columns]
        states: dict[int, Ints] = {}
        for j, parents in _networks(binned):
            margin = np.zeros(n_rows, dtype=np.int64)
            seen, n_seen = _joint(binned, parents)
            new = margin if not parents else _combine([states[i] for i in parents], binned, parents)
            cells = np.bincount(
                seen * binned[j].n_states + binned[j].codes, minlength=n_seen * binned[j].n_states
            ).reshape(n_seen, binned[j].n_states)
            weights = cells + self._prior(binned[j])
            states[j] = _draw_states(weights, new, streams.rng("state", j))
        return table.assemble(
            [
                self._values(column, states[j], streams.rng("value", j))
                for j, column in enumerate(binned)
            ]
        )

    def _prior(self, column: BinnedColumn) -> Floats:
        # a table row that was never seen needs some mass even when smoothing is off
        weight = max(self.smoothing, 1e-9)
        return np.asarray(weight * column.counts / column.counts.sum(), dtype=np.float64)

    def _values(
        self, column: BinnedColumn, states: Ints, rng: np.random.Generator
    ) -> pd.Series[Any]:
        if self.draw == "observed":
            return column.observed(states, rng)
        spread = without_gaps(column) if self.draw == "range" else column
        return spread.uniform(states, rng)


def blocks_of(n_columns: int) -> list[Ints]:
    """Columns that share a network: all of them, or runs of about equal length."""
    n_blocks = -(-n_columns // MOST_TOGETHER)
    return np.array_split(np.arange(n_columns, dtype=np.int64), n_blocks)


def _networks(binned: Sequence[BinnedColumn]) -> list[tuple[int, tuple[int, ...]]]:
    """Columns in drawing order, each with its parents."""
    found: list[tuple[int, tuple[int, ...]]] = []
    for block in blocks_of(len(binned)):
        first = int(block[0])
        found += [
            (first + j, tuple(first + i for i in parents))
            for j, parents in _network(binned[first : first + block.size])
        ]
    return found


def _network(binned: Sequence[BinnedColumn]) -> list[tuple[int, tuple[int, ...]]]:
    """One network: columns in drawing order, each with its parents."""
    shared = np.zeros((len(binned), len(binned)))
    for a, b in combinations(range(len(binned)), 2):
        shared[a, b] = shared[b, a] = _information(binned, a, (b,))
    root = int(np.argmax(shared.sum(axis=0)))
    network: list[tuple[int, tuple[int, ...]]] = [(root, ())]
    chosen, waiting = [root], [j for j in range(len(binned)) if j != root]
    nearest = shared[root].copy()
    while waiting:
        j = waiting.pop(int(np.argmax(nearest[waiting])))
        network.append((j, _parents(binned, j, chosen, shared[j])))
        chosen.append(j)
        nearest = np.maximum(nearest, shared[j])
    return network


def _parents(
    binned: Sequence[BinnedColumn], j: int, chosen: Sequence[int], shared: Floats
) -> tuple[int, ...]:
    """The one or two columns of ``chosen`` that tell most about column ``j``, if any does."""
    shortlist = sorted(chosen, key=lambda i: (-shared[i], i))[:N_SHORTLIST]
    best: tuple[int, ...] = ()
    most = 0.0
    candidates = [(shortlist[0],), *combinations(shortlist, 2)]
    for parents in candidates:
        told = shared[parents[0]] if len(parents) == 1 else _information(binned, j, parents)
        if told > most:
            best, most = parents, told
    return best


def _information(binned: Sequence[BinnedColumn], j: int, parents: tuple[int, ...]) -> float:
    """Mutual information in nats, less (K_xp - K_x - K_p + 1) / n; K: occupied cells.

    That is twice its bias (Miller 1955), Akaike's price of so many free cells: without it a column
    of many rare levels is everybody's best parent, and pure noise finds one half of the time.
    """
    seen, n_seen = _joint(binned, parents)
    child = binned[j]
    cells = np.bincount(seen * child.n_states + child.codes, minlength=n_seen * child.n_states)
    n = float(child.codes.size)
    if len(parents) == 1:  # the many pairs: what a column says by itself is counted once
        given, of_parents = binned[parents[0]].counts, binned[parents[0]].entropy
    else:
        given = np.bincount(seen)
        of_parents = entropy(given, n)
    shared = child.entropy + of_parents - entropy(cells, n)
    excess = np.count_nonzero(cells) - np.count_nonzero(child.counts) - np.count_nonzero(given) + 1
    return float(shared - excess / n)


def _joint(binned: Sequence[BinnedColumn], parents: tuple[int, ...]) -> tuple[Ints, int]:
    """One code for the parents' states in every training row, and how many codes there are."""
    n_cells = 1
    for i in parents:
        n_cells *= binned[i].n_states
    if not parents:
        return np.zeros(binned[0].codes.size, dtype=np.int64), 1
    return _combine([binned[i].codes.astype(np.int64) for i in parents], binned, parents), n_cells


def _combine(
    states: Sequence[Ints], binned: Sequence[BinnedColumn], parents: tuple[int, ...]
) -> Ints:
    code = states[0]
    for state, i in zip(states[1:], parents[1:], strict=True):
        code = code * binned[i].n_states + state
    return code


def _draw_states(weights: Floats, given: Ints, rng: np.random.Generator) -> Ints:
    """A state for every row, by the weights of its table row."""
    cumulative = np.cumsum(weights, axis=1)
    drawn = np.empty(given.size, dtype=np.int64)
    uniforms = rng.random(given.size)
    for start in range(0, given.size, 65536):  # bounds memory: rows x states
        rows = slice(start, start + 65536)
        ladder = cumulative[given[rows]]
        drawn[rows] = (ladder <= uniforms[rows, None] * ladder[:, -1:]).sum(axis=1)
    return drawn
