"""The generator-shadow attack: copies of the generator teach the signature of membership.

The corridor lends a generator and says whose it is: named by the user (threat model *insider*) or
chosen by measurement (*stand-in*). The attack is the same; the result carries the one that applied.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from synthaudit.attacks.shadow.classifier import learn
from synthaudit.attacks.shadow.features import affordable
from synthaudit.attacks.shadow.worlds import make_worlds
from synthaudit.data.views import AdversaryView
from synthaudit.errors import NotApplicable
from synthaudit.parallel import Context
from synthaudit.types import Bools, Card, Floats, Generator, Need, ThreatModel


@dataclass(frozen=True, eq=False)
class ShadowEvidence:
    """What the shadows show beside the scores; the corridor turns it into placebo and power.

    Attributes
    ----------
    generator : str
        Spec of the generator the shadows came from.
    n_shadows, n_failed : int
    failure : str
        Why the first one failed, in a sentence without cell values; empty when none did.
    family : str
        Classifier kept.
    validation_auc : float
        Mean AUC of the attack on shadows it had not seen: what it reaches where truth is known.
    held_out : (n_shadows, n_candidates)
        Scores of the attack applied to each shadow as if it were the release. True labels must not
        predict them: no shadow knows who the members are.
    membership : (n_shadows, n_candidates) bool
        Who each shadow was trained on; independent of the true labels.
    rows_trained_on : int
    """

    generator: str
    n_shadows: int
    n_failed: int
    failure: str
    family: str
    validation_auc: float
    held_out: Floats
    membership: Bools
    rows_trained_on: int


def _lent(context: Context) -> Generator:
    generator: Generator | None = context.extras.get("generator")
    if generator is None:
        raise NotApplicable(
            "No generator was lent to it: shadows were switched off, or none could be chosen."
        )
    return generator


@dataclass(frozen=True, eq=False)
class Shadows:
    """Everything the three readings start from.

    Attributes
    ----------
    held_out : (n_shadows, n_candidates)
        Scores of the pooled classifier in shadows it did not see.
    membership : (n_shadows, n_candidates) bool
    release : (n_candidates,)
        Its scores in the released table.
    """

    held_out: Floats
    membership: Bools
    release: Floats


def _shared(view: AdversaryView, context: Context) -> Shadows:
    """Shadows and signature, made once for the attacks that read them differently."""
    memo: dict[str, Shadows] = context.extras.setdefault("memo", {})
    if "shadow" not in memo:
        generator: Generator = context.extras["generator"]
        features = affordable(context.extras.get("features", ()), view)
        # the streams must not depend on which of the attacks asks first
        common = replace(context, streams=context.extras["shadow_streams"])
        n_shadows = int(context.extras.get("n_shadows", 16))
        worlds = make_worlds(view, generator, features, n_shadows, common)
        signature = learn(worlds, common.streams.child("classifier"))
        release = signature.read(worlds.release, worlds.release_answers)
        memo["shadow"] = Shadows(signature.held_out, worlds.membership, release)
        context.extras["shadow_evidence"] = ShadowEvidence(
            generator=generator.card.id,
            n_shadows=len(worlds.membership),
            n_failed=len(worlds.failures),
            failure=worlds.failures[0] if worlds.failures else "",
            family=signature.family,
            validation_auc=signature.validation_auc[signature.family],
            held_out=signature.held_out,
            membership=worlds.membership,
            rows_trained_on=int(worlds.membership[0].sum()),
        )
    return memo["shadow"]


def pooled(shadows: Shadows) -> Floats:
    """The pooled classifier's score."""
    return shadows.release


def likelihood_ratio(shadows: Shadows) -> Floats:
    """LiRA on the held-out scores: log-likelihood of IN against OUT, per candidate.

    The statistic is the pooled classifier's held-out score; each candidate's IN and OUT means come
    from its own worlds, the effect (IN minus OUT) is shrunk to the pooled effect since K/2 worlds
    say little about one person, the variance is pooled (Carlini et al. 2022, arXiv:2112.03570).
    """
    scores, inside = shadows.held_out, shadows.membership
    # shadows trained on part of their half may never have known a candidate: no effect of its own
    n_in, n_out = np.maximum(inside.sum(axis=0), 1e-9), (~inside).sum(axis=0)
    mean_in = np.where(inside, scores, 0.0).sum(axis=0) / n_in
    mean_out = np.where(inside, 0.0, scores).sum(axis=0) / n_out
    effect = mean_in - mean_out
    residual = scores - np.where(inside, mean_in, mean_out)
    variance = float((residual**2).sum()) / max(scores.size - 2 * scores.shape[1], 1) + 1e-12
    noise = variance * (1.0 / n_in + 1.0 / n_out)
    seen = n_in >= 1.0
    signal = max(float(effect[seen].var()) - float(noise[seen].mean()), 0.0)
    average = float(effect[seen].mean())
    shrunk = average + signal / (signal + noise) * (effect - average)
    release = _on_the_scale_of(shadows.release, scores)
    ratio: Floats = shrunk * (release - (mean_out + shrunk / 2)) / variance
    return ratio


def relative(shadows: Shadows) -> Floats:
    """RMIA in its pairwise form: how many candidates z does x beat, both relative to OUT worlds.

    Score = share of the pool over which ``s(x) - out(x)`` dominates ``s(z) - out(z)`` (Zarifzadeh
    et al. 2024, arXiv:2312.03262, with log-ratios as differences and gamma = 1); a monotone map of
    the OUT-calibrated score, hence the same ROC, kept for those who look for the name.
    """
    scores, inside = shadows.held_out, shadows.membership
    mean_out = np.where(inside, 0.0, scores).sum(axis=0) / (~inside).sum(axis=0)
    calibrated = _on_the_scale_of(shadows.release, scores) - mean_out
    order = np.argsort(np.argsort(calibrated, kind="stable"), kind="stable")
    return np.asarray(order, dtype=np.float64) / len(order)


def _on_the_scale_of(release: Floats, scores: Floats) -> Floats:
    """Scores of the release brought to the level and spread of a shadow's."""
    centre, spread = float(np.median(scores)), float(scores.std()) + 1e-12
    scaled: Floats = (release - np.median(release)) / (release.std() + 1e-12) * spread + centre
    return scaled


@dataclass(frozen=True)
class ShadowAttack:
    """One reading of the shadows.

    Attributes
    ----------
    card : Card
    reading : callable
        ``shadows -> (n_candidates,)``.
    """

    card: Card
    reading: Callable[[Shadows], Floats]

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Train shadows (once per audit), learn the signature, read it in the release."""
        _lent(context)
        return self.reading(_shared(view, context))


_SOURCES = (
    "Shokri et al. 2017, arXiv:1610.05820 (shadow models)",
    "Stadler, Oprisanu, Troncoso 2022, arXiv:2011.07018 (shadows of table generators)",
    "complementary half-split pairs, leave-the-pair-out calibration, pooling: this project",
)
_QUESTION = (
    "Do copies of the generator, trained on data we control, teach a signature of membership that "
    "is found again in the real release?"
)


def _card(identity: str, title: str, sources: tuple[str, ...], how: str) -> Card:
    return Card(
        id=identity,
        title=f"Generator shadows{title}",
        question=_QUESTION,
        how_to_read=f"0.5 is chance. {how}",
        references=sources,
        threat_model=ThreatModel.STAND_IN,
        needs=frozenset({Need.GENERATOR, Need.OUTSIDER_ATTACKS}),
    )


PLUGINS = (
    ShadowAttack(
        _card(
            "shadow",
            "",
            _SOURCES,
            "The classifier never saw a true label: it learned from shadows only. With a stand-in "
            "instead of the generator itself, power is lost where none fits.",
        ),
        pooled,
    ),
    ShadowAttack(
        _card(
            "shadow_lira",
            ", likelihood ratio (LiRA)",
            ("Carlini et al. 2022, arXiv:2112.03570 (LiRA)", *_SOURCES),
            "The special case that asks, for each person, whether the release looks more like "
            "worlds with or without that person.",
        ),
        likelihood_ratio,
    ),
    ShadowAttack(
        _card(
            "shadow_rmia",
            ", relative (RMIA)",
            ("Zarifzadeh, Liu, Shokri 2024, arXiv:2312.03262 (RMIA)", *_SOURCES),
            "The special case that compares each person with all others, relative to worlds "
            "without that person.",
        ),
        relative,
    ),
)
