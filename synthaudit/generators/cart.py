"""Sequential classification and regression trees, in the manner of R's synthpop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from synthaudit.errors import UsageError
from synthaudit.generators.columns import (
    CategoryColumn,
    ModelColumn,
    NumberColumn,
    TrainingColumns,
    draw_alike,
)
from synthaudit.seeds import Streams
from synthaudit.types import Card, Codes, Floats, Floats32, Ints

if TYPE_CHECKING:
    import pandas as pd

MAX_CLASSES = 40
"""Levels a tree tries to tell apart; the rarer ones share one class (their donors stay exact)."""
MOST_PREDICTORS = 100
"""Columns a tree grows on: the ones made last. On all columns before it, the trees of a thousand
columns would look at half a million predictors."""


@dataclass(frozen=True)
class Cart:
    """Each column is drawn from the leaf of a tree grown on the columns before it.

    The first column is a bootstrap of the training column. Every later one is predicted by a tree
    from the columns already made; a synthetic row falls into a leaf and takes the value of a
    training row in it, chosen at random. Values are therefore always observed ones. A tree looks at
    the ``MOST_PREDICTORS`` columns made last, so in a wider table distant columns are independent
    given those between them.

    Parameters
    ----------
    min_leaf : int
        Training rows a leaf holds at least (synthpop's ``minbucket``, 5). Small leaves copy.
    order : {"given", "few-levels"}
        Columns as the table has them, or those with the fewest distinct values first.

    References
    ----------
    Reiter (2005), Journal of Official Statistics 21(3); Nowok, Raab & Dibben (2016), synthpop,
    doi:10.18637/jss.v074.i11. Ordered factors by the first principal component: Coppersmith,
    Hong & Hosking (1999), doi:10.1023/A:1009869804967.
    """

    min_leaf: int = 5
    order: Literal["given", "few-levels"] = "given"

    card: ClassVar[Card] = Card(
        id="cart",
        title="Sequential CART",
        question="What would a synthpop-like chain of decision trees make of this table?",
        how_to_read=(
            "Every value is copied from a training row in the same leaf, so rare values come back "
            "exactly; the smaller min_leaf, the more of a row is copied."
        ),
        references=(
            "Nowok, Raab & Dibben 2016, doi:10.18637/jss.v074.i11",
            "Reiter 2005, J. Official Statistics 21(3)",
        ),
    )

    def __post_init__(self) -> None:
        if self.min_leaf < 1:
            raise UsageError(f"cart: min_leaf must be at least 1, got {self.min_leaf}")
        if self.order not in ("given", "few-levels"):
            raise UsageError(f"cart: order must be 'given' or 'few-levels', got {self.order!r}")

    def synthesize(self, train: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
        """Grow the chain of trees on ``train`` and draw ``n_rows`` rows from it."""
        table = TrainingColumns.read(train)
        streams = Streams(seed, ("generator", "cart"))
        donors: dict[int, Ints] = {}
        for j in self._visits(table.columns):
            rng = streams.rng("donor", j)
            if not donors or n_rows == 0:
                donors[j] = rng.integers(0, table.n_rows, n_rows)
                continue
            tree_seed = streams.integer("tree", j)
            leaf_of_train, leaf_of_new = self._leaves(table.columns, j, donors, tree_seed)
            donors[j] = draw_alike(leaf_of_train, leaf_of_new, rng)
        return table.assemble([column.donate(donors[j]) for j, column in enumerate(table.columns)])

    def _visits(self, columns: Sequence[ModelColumn]) -> list[int]:
        visits = list(range(len(columns)))
        if self.order == "few-levels":
            visits.sort(key=lambda j: _n_distinct(columns[j]))
        return visits

    def _leaves(
        self, columns: Sequence[ModelColumn], j: int, donors: dict[int, Ints], tree_seed: int
    ) -> tuple[Ints, Ints]:
        """The leaf of every training row and of every synthetic row made so far."""
        from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

        target = _Target.of(columns[j])
        before = list(donors)[-MOST_PREDICTORS:]
        shown = [_predictor(columns[i], target) for i in before]
        seen = np.column_stack(shown)
        new = np.column_stack([x[donors[i]] for x, i in zip(shown, before, strict=True)])
        kind = DecisionTreeClassifier if target.is_classes else DecisionTreeRegressor
        tree = kind(min_samples_leaf=self.min_leaf, random_state=tree_seed)
        tree.fit(seen, target.y)
        return tree.apply(seen), tree.apply(new)


@dataclass(frozen=True, eq=False)
class _Target:
    """What a tree predicts, and the scores that order the levels of its predictors."""

    y: NDArray[Any]
    scores: Floats
    """``(n_rows, n_scores)``: standardised values, or class indicators."""
    is_classes: bool

    @classmethod
    def of(cls, column: ModelColumn) -> _Target:
        if isinstance(column, CategoryColumn):
            # a class needs a few rows to be worth telling apart (and scikit-learn warns otherwise)
            codes = column.folded(min(MAX_CLASSES, max(1, column.codes.size // 4)))
            return cls(codes, np.eye(int(codes.max()) + 1)[codes], is_classes=True)
        missing = np.isnan(column.values)
        spread = np.nanstd(column.values) or 1.0
        scores = ((column.values - np.nanmean(column.values)) / spread)[:, None]
        if missing.any():
            # a second output, so that leaves also tell missing from present
            scores = np.column_stack([np.where(missing[:, None], 0.0, scores), missing])
        return cls(scores, scores, is_classes=False)


def _predictor(column: ModelColumn, target: _Target) -> Floats32:
    """A training column as a tree can cut it: missing lowest, levels ordered by the target."""
    if isinstance(column, NumberColumn):
        # float32 is what scikit-learn's trees compare anyway
        return column.missing_lowest
    return _ordered(column.codes, target.scores).astype(np.float32)


def _ordered(codes: Codes, scores: Floats) -> Ints:
    """Replace codes by the rank of their level along the target's first principal direction."""
    n_levels = int(codes.max()) + 1
    counts = np.maximum(np.bincount(codes, minlength=n_levels), 1)
    means = np.column_stack(
        [np.bincount(codes, weights=s, minlength=n_levels) / counts for s in scores.T]
    )
    if means.shape[1] == 1:
        along = means[:, 0]
    else:
        centred = (means - scores.mean(axis=0)) * np.sqrt(counts)[:, None]
        # einsum rather than a matrix product: BLAS sums in an order that depends on its threads
        _, directions = np.linalg.eigh(np.einsum("ij,ik->jk", centred, centred))
        along = np.einsum("ij,j->i", means, directions[:, -1])
    rank = np.empty(n_levels, dtype=np.int64)
    rank[np.argsort(along, kind="stable")] = np.arange(n_levels)
    return rank[codes]


def _n_distinct(column: ModelColumn) -> int:
    if isinstance(column, CategoryColumn):
        return column.n_levels
    return int(np.unique(column.values[~np.isnan(column.values)]).size)
