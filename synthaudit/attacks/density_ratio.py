"""Density ratio: a classifier learns to tell the synthetic table from the pool.

Where it finds the candidate's surroundings more synthetic than real, members were there. The forest
is fitted once; every candidate is scored by the trees whose bootstrap sample left it out, members
and non-members alike, so the pool serves as training data and as candidates without a row wasted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthaudit.attacks._canonical import content_order, shared_by_twins
from synthaudit.data.views import AdversaryView
from synthaudit.errors import NotApplicable
from synthaudit.parallel import Context
from synthaudit.types import Card, EncodedTable, Floats

MISSING = -1.0
"""Missing numbers lie below every rank: a tree can cut them off."""


def design(table: EncodedTable) -> Floats:
    """Ranks and codes as one matrix, ``(n_rows, n_columns)``."""
    ranks = np.nan_to_num(table.ranks.astype(np.float64), nan=MISSING)
    return np.concatenate([ranks, table.codes.astype(np.float64)], axis=1)


@dataclass(frozen=True)
class DensityRatio:
    """Out-of-bag logit of a random forest of synthetic rows against candidates.

    Attributes
    ----------
    n_trees : int
    share_of_rows : float
        Size of each tree's bootstrap sample as a share of all rows; a half leaves every candidate
        out of about three trees in five.
    """

    n_trees: int = 200
    share_of_rows: float = 0.5

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
            "out-of-bag against the unlabelled pool: this project",
        ),
    )

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Log-odds of "synthetic" by trees that did not see the candidate, ``(n_candidates,)``."""
        from sklearn.ensemble import RandomForestClassifier

        pool, table = view.candidates, view.synthetic
        if pool.n_columns == 0 or pool.n_rows < 20 or table.n_rows < 20:
            raise NotApplicable(
                "A classifier needs at least one column, 20 candidates and 20 synthetic rows; it "
                f"got {pool.n_columns}, {pool.n_rows} and {table.n_rows}."
            )
        order = content_order(pool)
        rows = np.concatenate([design(pool.take(order)), design(table.take(content_order(table)))])
        is_synthetic = np.repeat([0, 1], [pool.n_rows, table.n_rows])
        forest = RandomForestClassifier(
            self.n_trees,
            max_samples=self.share_of_rows,
            oob_score=True,
            random_state=context.streams.integer("forest"),
        )
        balance = np.repeat([0.5 / pool.n_rows, 0.5 / table.n_rows], [pool.n_rows, table.n_rows])
        forest.fit(rows, is_synthetic, sample_weight=balance * len(rows))
        votes = forest.oob_decision_function_[: pool.n_rows, 1]
        scores = np.empty(pool.n_rows)
        scores[order] = self._log_odds(votes)
        return shared_by_twins(pool, scores)

    def _log_odds(self, votes: Floats) -> Floats:
        """Logit with half a vote added to each side; a candidate no tree left out sits at 0."""
        half = 0.5 / self.n_trees
        votes = np.nan_to_num(votes, nan=0.5)
        odds: Floats = np.log((votes + half) / (1.0 - votes + half))
        return odds


PLUGINS = (DensityRatio(),)
