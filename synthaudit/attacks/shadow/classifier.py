"""One pooled classifier of in/out over all (candidate, shadow) pairs.

Pooling is what makes few shadows enough: a per-record test must learn two distributions for every
candidate from a handful of worlds; the pooled classifier learns one signature of membership from
all of them (measured: 4 shadows pooled beat per-record LiRA with 64).

Two stages. A linear discriminant weighs the hundreds of counting queries; its score, from weights
that never saw the shadow being scored, joins the outsider attacks as one more feature, and a
classifier of those, calibrated by OUT worlds, decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from synthaudit.attacks.shadow.calibration import OutWorlds, standardise
from synthaudit.attacks.shadow.linear import Discriminant, fit_discriminant
from synthaudit.attacks.shadow.worlds import Worlds
from synthaudit.seeds import Streams
from synthaudit.types import Bools, Floats, Floats32, Ints

MAX_ROWS = 20_000
"""Rows a classifier is trained on. Measured on trees and networks: 40,000 give the same AUC to
0.001, 12,000 lose up to 0.005."""

FOLDS = 4
"""Groups of pairs for cross-validation (at most the number of pairs)."""


def _logistic(seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(C=0.05, max_iter=300))


def _boosting(seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=120,
        learning_rate=0.06,
        max_leaf_nodes=12,
        min_samples_leaf=40,
        l2_regularization=10.0,
        early_stopping=False,
        random_state=seed,
    )


FAMILIES: dict[str, Callable[[int], Any]] = {"logistic": _logistic, "boosting": _boosting}

BOTH = "both"
"""The sum of the ranks of all families: one more contestant."""


@dataclass(frozen=True, eq=False)
class Signature:
    """The learned signature of membership.

    Attributes
    ----------
    family : str
        The classifier kept (``logistic``, ``boosting`` or ``both``), by cross-validation over
        shadow pairs.
    validation_auc : dict
        Mean AUC over left-out pairs for every family: what this attack reaches on shadows, the
        positive control of the audit.
    held_out : (n_shadows, n_candidates)
        Score of every candidate in every shadow, from classifiers that saw neither the shadow nor
        its complement: the attack applied to each shadow as if it were the release.
    lessons : tuple of Lesson
        One a fold of pairs; together they read a release.
    out : OutWorlds
    """

    family: str
    validation_auc: dict[str, float]
    held_out: Floats
    lessons: tuple[Lesson, ...]
    out: OutWorlds

    def read(self, features: Floats32, answers: Floats32) -> Floats:
        """Score every candidate in a released table, ``(n_candidates,)``.

        The release is calibrated as a shadow is, one pair left out, so that the number of OUT
        worlds (and with it the noise of the calibration) is what the classifiers have learned.
        """
        names = FAMILIES if self.family == BOTH else (self.family,)
        total = {name: np.zeros(len(features)) for name in names}
        for lesson in self.lessons:
            table = joined(features, lesson.discriminant, answers)
            for pair in lesson.pairs:
                design = self.out.calibrate(table, pair)
                for name in names:
                    total[name] += _logit(lesson.models[name], design) / self.out.n_pairs
        return _summed_ranks(total) if self.family == BOTH else total[self.family]


@dataclass(frozen=True, eq=False)
class Lesson:
    """What was learned from all pairs but ``pairs``."""

    pairs: tuple[int, ...]
    discriminant: Discriminant
    models: dict[str, Any]


@dataclass(frozen=True, eq=False)
class _Folds:
    """Which shadows are learned from, and which candidates of them, when a fold is left out."""

    n_pairs: int
    n_candidates: int
    streams: Streams

    @property
    def number(self) -> int:
        return min(FOLDS, self.n_pairs)

    def pairs(self, fold: int) -> tuple[int, ...]:
        return tuple(range(fold, self.n_pairs, self.number))

    def training(self, fold: int) -> list[tuple[int, Ints]]:
        """Shadows with the rows used of each, at most ``MAX_ROWS`` altogether."""
        left_out = self.pairs(fold)
        shadows = [s for s in range(2 * self.n_pairs) if s // 2 not in left_out]
        n_rows = min(max(MAX_ROWS // len(shadows), 1), self.n_candidates)
        chosen = []
        for s in shadows:
            rng = self.streams.rng("rows", fold, s)
            chosen.append((s, np.sort(rng.choice(self.n_candidates, n_rows, replace=False))))
        return chosen


def _ranks(scores: Floats) -> Floats:
    from scipy.stats import rankdata

    return np.asarray(rankdata(scores), dtype=np.float64) / (len(scores) + 1)


def _auc(scores: Floats, inside: Bools) -> float:
    n_in = int(inside.sum())
    n_out = len(inside) - n_in
    total = float((_ranks(scores) * (len(scores) + 1))[inside].sum())
    return (total - n_in * (n_in + 1) / 2) / (n_in * n_out)


def _logit(model: Any, design: Floats) -> Floats:
    scores: Floats = np.asarray(model.decision_function(design), dtype=np.float64)
    return scores


def _summed_ranks(scores: dict[str, Floats]) -> Floats:
    total: Floats = np.sum([_ranks(scores[name]) for name in FAMILIES], axis=0)
    return total


def learn(worlds: Worlds, streams: Streams) -> Signature:
    """Train on the shadows, keep the better family, score the shadows (held out).

    Parameters
    ----------
    worlds : Worlds
        Features, answers and membership of all shadows.
    streams : Streams
    """
    folds = _Folds(worlds.n_pairs, worlds.membership.shape[1], streams)
    discriminants = [_discriminant(worlds, folds, fold) for fold in range(folds.number)]
    out = OutWorlds.of(_with_discriminant(worlds, discriminants), worlds.halves)
    held_out = {name: np.zeros(worlds.membership.shape) for name in FAMILIES}
    lessons = []
    for fold, discriminant in enumerate(discriminants):
        models = _models(out, worlds.membership, folds, fold)
        lessons.append(Lesson(folds.pairs(fold), discriminant, models))
        for shadow in (s for pair in folds.pairs(fold) for s in (2 * pair, 2 * pair + 1)):
            design = out.calibrate(out.features[shadow], shadow // 2)
            for name, model in models.items():
                held_out[name][shadow] = _logit(model, design)
    held_out[BOTH] = np.stack(
        [_summed_ranks({n: held_out[n][s] for n in FAMILIES}) for s in range(2 * worlds.n_pairs)]
    )
    validation = {
        name: float(np.mean([_auc(s, m) for s, m in zip(scores, worlds.membership, strict=True)]))
        for name, scores in held_out.items()
    }
    best = max(sorted(validation), key=lambda name: validation[name])
    return Signature(best, validation, held_out[best], tuple(lessons), out)


def _discriminant(worlds: Worlds, folds: _Folds, fold: int) -> Discriminant:
    """The weights of the queries, learned from the other folds."""
    training = folds.training(fold)
    return fit_discriminant(
        [worlds.answers[s][rows] for s, rows in training],
        [worlds.membership[s][rows] for s, rows in training],
    )


def _with_discriminant(worlds: Worlds, discriminants: list[Discriminant]) -> Floats32:
    """Features of all shadows, each with the score of weights that did not see it or its pair."""
    tables = zip(worlds.features, worlds.answers, strict=True)
    return np.stack(
        [
            joined(features, discriminants[shadow // 2 % len(discriminants)], answers)
            for shadow, (features, answers) in enumerate(tables)
        ]
    )


def joined(features: Floats32, discriminant: Discriminant, answers: Floats32) -> Floats32:
    """Features with the discriminant's score as one more, standardised within the table."""
    scores = standardise(discriminant.score(answers)[:, None])
    return np.concatenate([features, scores.astype(np.float32)], axis=1)


def _models(out: OutWorlds, membership: Bools, folds: _Folds, fold: int) -> dict[str, Any]:
    """Every family, fitted on the shadows outside ``fold``."""
    training = folds.training(fold)
    design = np.concatenate([out.calibrate(out.features[s], s // 2)[rows] for s, rows in training])
    label = np.concatenate([membership[s][rows] for s, rows in training])
    return {
        name: make(folds.streams.integer(name, fold)).fit(design, label)
        for name, make in FAMILIES.items()
    }
