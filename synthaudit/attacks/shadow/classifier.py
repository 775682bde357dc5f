"""One pooled classifier of in/out over all (candidate, shadow) pairs.

Pooling is what makes few shadows enough: a per-record test must learn two distributions for every
candidate from a handful of worlds; the pooled classifier learns one signature of membership from
all of them (measured: 4 shadows pooled beat per-record LiRA with 64).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from synthaudit.attacks.shadow.calibration import OutWorlds
from synthaudit.seeds import Streams
from synthaudit.types import Bools, Floats

MAX_ROWS = 40_000
"""Rows a classifier is trained on; more were measured not to help."""


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
    release : (n_candidates,)
        Score in the released table.
    """

    family: str
    validation_auc: dict[str, float]
    held_out: Floats
    release: Floats


def _ranks(scores: Floats) -> Floats:
    from scipy.stats import rankdata

    return np.asarray(rankdata(scores), dtype=np.float64) / (len(scores) + 1)


def _auc(scores: Floats, inside: Bools) -> float:
    n_in = int(inside.sum())
    n_out = len(inside) - n_in
    total = float((_ranks(scores) * (len(scores) + 1))[inside].sum())
    return (total - n_in * (n_in + 1) / 2) / (n_in * n_out)


def _fit(family: str, designs: list[Floats], labels: list[Bools], streams: Streams) -> Any:
    design, label = np.concatenate(designs), np.concatenate(labels)
    if len(label) > MAX_ROWS:
        kept = streams.rng("subsample").choice(len(label), MAX_ROWS, replace=False)
        design, label = design[np.sort(kept)], label[np.sort(kept)]
    return FAMILIES[family](streams.integer("seed")).fit(design, label)


def _logit(model: Any, design: Floats) -> Floats:
    scores: Floats = np.asarray(model.decision_function(design), dtype=np.float64)
    return scores


def learn(worlds: OutWorlds, release: Floats, streams: Streams, folds: int = 4) -> Signature:
    """Train on the shadows, keep the better family, score shadows (held out) and the release.

    Parameters
    ----------
    worlds : OutWorlds
        Features of all shadows and their membership.
    release : (n_candidates, n_features)
        Features of the released table.
    streams : Streams
    folds : int
        Groups of pairs for cross-validation (at most the number of pairs).
    """
    n_pairs = worlds.n_pairs
    designs = [
        worlds.calibrate(worlds.features[shadow], shadow // 2) for shadow in range(2 * n_pairs)
    ]
    group = np.arange(n_pairs) % min(folds, n_pairs)
    n_candidates = worlds.membership.shape[1]
    held_out = {name: np.zeros((2 * n_pairs, n_candidates)) for name in FAMILIES}
    of_release = {name: np.zeros(n_candidates) for name in FAMILIES}
    # the release is calibrated as a shadow is, one pair left out, so that the number of OUT worlds
    # (and with it the noise of the calibration) is what the classifier has learned from
    release_designs = [worlds.calibrate(release, pair) for pair in range(n_pairs)]
    for fold in np.unique(group):
        training = [s for s in range(2 * n_pairs) if group[s // 2] != fold]
        testing = [s for s in range(2 * n_pairs) if group[s // 2] == fold]
        for name in FAMILIES:
            model = _fit(
                name,
                [designs[s] for s in training],
                [worlds.membership[s] for s in training],
                streams.child(name, int(fold)),
            )
            for shadow in testing:
                held_out[name][shadow] = _logit(model, designs[shadow])
            for pair in np.flatnonzero(group == fold):
                of_release[name] += _logit(model, release_designs[pair]) / n_pairs
    held_out["both"] = np.stack(
        [
            sum((_ranks(held_out[name][s]) for name in FAMILIES), np.zeros(n_candidates))
            for s in range(2 * n_pairs)
        ]
    )
    of_release["both"] = sum(
        (_ranks(of_release[name]) for name in FAMILIES), np.zeros(n_candidates)
    )
    validation = {
        name: float(
            np.mean([_auc(held_out[name][s], worlds.membership[s]) for s in range(2 * n_pairs)])
        )
        for name in held_out
    }
    best = max(sorted(validation), key=lambda name: validation[name])
    return Signature(best, validation, held_out[best], of_release[best])
