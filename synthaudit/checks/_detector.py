"""How well a classifier tells two tables apart, each row judged by a model that never saw it.

Two models share the work: boosted trees (local structure) and a linear one (shifts of margins).
Rows of one content stay in one fold, so a duplicate cannot give itself away.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass, replace

import numpy as np

from synthaudit.checks._contents import contents_of
from synthaudit.data.views import AuditorView
from synthaudit.parallel import Context
from synthaudit.seeds import Streams
from synthaudit.stats.auc import auc_estimate
from synthaudit.types import Bools, EncodedTable, Estimate, Floats, Ints

N_FOLDS = 5
MOST_ROWS = 4_000
"""A side. More rows would find smaller differences and take longer."""
LEVELS = 20
"""Levels of a category the linear model sees one by one; rarer ones are one level to it."""
MOST_INDICATORS = 1_000


@dataclass(frozen=True, eq=False)
class Verdicts:
    """Out-of-fold scores (higher: more likely of the first table) of the rows looked at."""

    scores: Floats
    is_first: Bools
    groups: Ints
    """Contents: equal rows are one observation; or persons."""

    def auc(self, name: str, confidence: float, note: str = "") -> Estimate:
        """AUC of the scores, 0.5 when the tables cannot be told apart.

        Models of different folds share most of their rows, so that their errors agree and the AUC
        varies more than DeLong's formula says: on random splits of real tables by a factor of 1.4.
        Half-widths are stretched by the correction of Nadeau and Bengio (2003,
        doi:10.1023/A:1024068626366, section 3): ``sqrt(1 + k n_test / n_fit)``, 1.5 for five folds.
        """
        e = auc_estimate(self.scores, self.is_first, self.groups, confidence)
        low, high = _stretched(e)
        method = f"{e.method}, stretched 1.5 times for cross-fitting (Nadeau and Bengio 2003)"
        return Estimate(name, e.value, low, high, e.n, 0.5, confidence, method, note)


def _stretched(e: Estimate) -> tuple[float | None, float | None]:
    """The interval's ends, moved away from the value on the logit scale."""
    if e.value is None or e.low is None or e.high is None or not 0 < e.low < e.high < 1:
        return e.low, e.high
    center = np.log(e.value / (1 - e.value))
    factor = np.sqrt(1 + N_FOLDS / (N_FOLDS - 1))
    ends = [
        1 / (1 + np.exp(-(center + factor * (np.log(end / (1 - end)) - center))))
        for end in (e.low, e.high)
    ]
    return float(ends[0]), float(ends[1])


def tree_features(table: EncodedTable) -> Floats:
    """Ranks (missing stays missing) and codes as they are: ordered by frequency."""
    return np.concatenate([table.ranks, table.codes], axis=1).astype(np.float64)


def linear_features(table: EncodedTable) -> Floats:
    """Ranks, their squares, missing flags and one indicator per frequent level."""
    ranks = table.ranks.astype(np.float64) - 0.5
    missing = np.isnan(ranks)
    ranks[missing] = 0.0
    parts = [ranks, ranks**2, missing.astype(np.float64)]
    n_categories = table.codes.shape[1]
    # a hundred categories of twenty levels each would be gigabytes on long tables
    levels = int(np.clip(MOST_INDICATORS // max(n_categories, 1), 2, LEVELS))
    parts += [
        np.eye(levels + 1)[np.minimum(table.codes[:, j], levels)] for j in range(n_categories)
    ]
    return np.concatenate(parts, axis=1)


def _ranked(scores: Floats) -> Floats:
    """Mid-ranks in (0, 1): folds and models become comparable."""
    from scipy.stats import rankdata

    ranks: Floats = (rankdata(scores) - 0.5) / scores.size
    return ranks


@dataclass(frozen=True, eq=False)
class _Folds:
    """What the models see: two layouts of the same rows, labels, and the fold of every row."""

    trees: Floats
    linear: Floats
    is_first: Bools
    folds: Ints
    seed: int

    def scores(self, fold: int) -> Floats:
        """Scores of one fold's rows by models fitted on the others; 0.5 where none can be."""
        from sklearn.ensemble import HistGradientBoostingClassifier
        from sklearn.linear_model import LogisticRegression

        ask = self.folds == fold
        label, fit = self.is_first, ~ask
        # a column nobody has a value of cannot be binned
        known = ~np.isnan(self.trees[fit]).all(axis=0)
        if not ask.any() or label[fit].all() or not label[fit].any() or not known.any():
            return np.full(int(ask.sum()), 0.5)
        boosted = HistGradientBoostingClassifier(
            max_iter=60,
            max_leaf_nodes=15,
            min_samples_leaf=20,
            early_stopping=False,
            random_state=self.seed,
        )
        trees = self.trees[:, known]
        boosted.fit(trees[fit], label[fit])
        varies = self.linear[fit].std(axis=0) > 0
        logistic = LogisticRegression(C=0.1, max_iter=200)
        linear = self.linear[:, varies] if varies.any() else self.linear[:, :1]
        logistic.fit(linear[fit], label[fit])
        return (
            _ranked(boosted.decision_function(trees[ask]))
            + _ranked(logistic.decision_function(linear[ask]))
        ) / 2


def cross_fitted(
    first: EncodedTable, second: EncodedTable, groups: Ints, context: Context
) -> Verdicts:
    """Scores of all rows of both tables by models fitted without their fold.

    Parameters
    ----------
    groups : (n_first + n_second,) int64; rows of one group share a fold
    context : Context
        Its workers take the folds; one thread each, whatever the machine.
    """
    is_first = np.arange(first.n_rows + second.n_rows) < first.n_rows
    _, compact = np.unique(groups, return_inverse=True)
    fold_of = context.streams.rng("folds").permutation(int(compact.max()) + 1) % N_FOLDS
    data = _Folds(
        np.concatenate([tree_features(first), tree_features(second)]),
        np.concatenate([linear_features(first), linear_features(second)]),
        is_first,
        fold_of[compact],
        context.streams.integer("trees"),
    )
    scores = np.empty(is_first.size)
    answers = context.map(data.scores, range(N_FOLDS), "telling tables apart")
    for fold, answer in enumerate(answers):
        scores[data.folds == fold] = answer
    return Verdicts(scores, is_first, compact.astype(np.int64))


_KEPT: weakref.WeakKeyDictionary[AuditorView, dict[tuple[str, str, int], Verdicts]] = (
    weakref.WeakKeyDictionary()
)


def _kept_together(view: AuditorView, name: str, contents: Ints) -> Ints:
    """Groups that share a fold: equal rows, or a person's rows where a person has several."""
    if view.persons is None:
        return contents
    return view.units(name) if name in view.persons else -1 - contents


def told_apart(view: AuditorView, first: str, second: str, context: Context) -> Verdicts:
    """Verdicts on two of a view's tables, made once: several checks ask the same question.

    The stream is named by the question, not by the check that happens to ask first.
    """
    streams = Streams(context.streams.root).child("checks", "detector", first, second)
    kept = _KEPT.setdefault(view, {})
    key = (first, second, streams.root)
    if key not in kept:
        contents = contents_of(view)
        tables, groups = [], []
        for name in (first, second):
            table, rows = view.table(name), contents.rows[name]
            chosen = np.sort(streams.rng("rows", name).permutation(table.n_rows)[:MOST_ROWS])
            tables.append(table.take(chosen))
            groups.append(_kept_together(view, name, rows)[chosen])
        asked = replace(context, streams=streams)
        kept[key] = cross_fitted(tables[0], tables[1], np.concatenate(groups), asked)
    return kept[key]
