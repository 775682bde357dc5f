"""Density ratio: a classifier learns to tell the synthetic table from the pool.

Where it finds the candidate's surroundings more synthetic than real, members were there. Every tree
of the forest is grown on a random half of the candidates and scores the other half, members and
non-members alike, so the pool serves as training data and as candidates without a row wasted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthaudit.attacks._cell_keys import Keys, mixed, row_keys
from synthaudit.data.persons import person_keys
from synthaudit.data.views import AdversaryView
from synthaudit.errors import NotApplicable
from synthaudit.parallel import Context, thread_stream
from synthaudit.types import Bools, Card, EncodedTable, Floats, Floats32

MISSING = -1.0
"""Missing numbers lie below every rank: a tree can cut them off."""

LEAST_ROWS = 20


def design(table: EncodedTable) -> Floats:
    """Ranks and codes as one matrix, ``(n_rows, n_columns)``."""
    ranks = np.nan_to_num(table.ranks.astype(np.float64), nan=MISSING)
    return np.concatenate([ranks, table.codes.astype(np.float64)], axis=1)


def drawn(keys: Keys, salt: Keys, share: float) -> Bools:
    """A random ``share`` of rows, decided by their content: twins stay together, order is nothing.

    A forest that draws rows by position would score a candidate differently in a differently
    ordered pool, and could keep one of two identical candidates for training on.
    """
    limit = np.uint64(min(share, 1.0 - 1e-12) * 2.0**64)
    found: Bools = mixed(keys + salt) < limit
    return found


def _asked(
    real: tuple[Floats32, Bools], synthetic: tuple[Floats32, Bools], seed: int
) -> tuple[Bools, Floats] | None:
    """A tree grown on the drawn rows of both tables, asked about all other real rows.

    Returns
    -------
    (n_candidates,) bool, and the votes of these; None where nobody was drawn, or nobody was left.
    """
    from sklearn.tree import DecisionTreeClassifier

    (pool, inside), (table, rows) = real, synthetic
    n_real, n_synthetic = int(inside.sum()), int(rows.sum())
    if not (0 < n_real < inside.size and n_synthetic):
        return None  # hundreds of twins can all be drawn, or none
    # sums of multiples of 1/1024 are exact, whatever order the rows are added in
    balance = max(round(1024.0 * n_real / n_synthetic), 1) / 1024.0
    tree = DecisionTreeClassifier(max_features="sqrt", random_state=seed)
    tree.fit(
        np.concatenate([pool[inside], table[rows]]),
        np.repeat([0, 1], [n_real, n_synthetic]),
        sample_weight=np.repeat([1.0, balance], [n_real, n_synthetic]),
    )
    return ~inside, tree.predict_proba(pool[~inside])[:, 1]


@dataclass(frozen=True)
class DensityRatio:
    """Log-odds of "synthetic" by the trees of a forest that were grown without the candidate.

    Attributes
    ----------
    n_trees : int
    share_of_pool, share_of_table : float
        Share of candidates and of synthetic rows a tree is grown on.
    max_rows : int
        Rows a tree is grown on at most.
    """

    n_trees: int = 200
    share_of_pool: float = 0.5
    share_of_table: float = 0.8
    max_rows: int = 8_000

    card: ClassVar[Card] = Card(
        id="density_ratio",
        title="Density ratio (classifier)",
        question="Does a classifier find this person's surroundings more synthetic than real?",
        how_to_read=(
            "0.5 is chance. Above it, the generator put more rows around its training rows than "
            "the population has there. A classifier weighs columns by itself and needs no notion "
            "of distance; it also learns what makes synthetic rows look synthetic, which is no "
            "leak and costs it power."
        ),
        references=(
            "Hayes et al. 2019, arXiv:1705.07663 (LOGAN: a discriminator as the attack)",
            "van Breugel et al. 2023, arXiv:2302.12580 (DOMIAS: density ratio)",
            "cross-fitted against the unlabelled pool: this project",
        ),
    )

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Log-odds of the vote, half a vote added to each side, ``(n_candidates,)``."""
        pool, table = view.candidates, view.synthetic
        if pool.n_columns == 0 or min(pool.n_rows, table.n_rows) < LEAST_ROWS:
            raise NotApplicable(
                f"A classifier needs a column, {LEAST_ROWS} candidates and {LEAST_ROWS} synthetic "
                f"rows; there are {pool.n_columns}, {pool.n_rows} and {table.n_rows}."
            )
        keys = row_keys(pool)
        if view.persons is not None:
            # a person's rows are drawn together: a tree that was grown on one of them is not asked
            keys = person_keys(keys, view.persons)
        votes, counted = self._votes(pool, table, (keys, row_keys(table)), context)
        share = (votes + 0.5) / (counted + 1.0)
        odds: Floats = np.log(share / (1.0 - share))
        return odds

    def _votes(
        self, pool: EncodedTable, table: EncodedTable, keys: tuple[Keys, Keys], context: Context
    ) -> tuple[Floats, Floats]:
        """Votes for "synthetic" and trees asked, per candidate."""
        # single precision is what trees are grown in: converted once, not by each of them
        real, synthetic = (design(each).astype(np.float32) for each in (pool, table))
        wanted = self.share_of_pool * pool.n_rows + self.share_of_table * table.n_rows
        thinned = min(1.0, self.max_rows / wanted)
        votes, counted = np.zeros(pool.n_rows), np.zeros(pool.n_rows)
        rng = context.streams.rng("forest")
        seeds = [
            (rng.integers(0, 2**64, size=(2, 1), dtype=np.uint64), int(rng.integers(2**31)))
            for _ in range(self.n_trees)
        ]

        def grown(seeded: tuple[Keys, int]) -> tuple[Bools, Floats] | None:
            salts, seed = seeded
            inside = drawn(keys[0], salts[0], self.share_of_pool * thinned)
            rows = drawn(keys[1], salts[1], self.share_of_table * thinned)
            return _asked((real, inside), (synthetic, rows), seed)

        # votes are added up in the order of the trees, by whatever thread they were grown
        for answer in thread_stream(grown, seeds, context.jobs):
            if answer is not None:
                outside, found = answer
                votes[outside] += found
                counted[outside] += 1.0
        return votes, counted


PLUGINS = (DensityRatio(),)
