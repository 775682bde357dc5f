"""What shadows were made with, and what they say about the holdout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synthaudit.counted import plural
from synthaudit.measure import Placebo, placebo
from synthaudit.report.sections import Alternative, GeneratorUse, Validity
from synthaudit.types import Notice, ThreatModel

if TYPE_CHECKING:
    from synthaudit.corridor import Observations

DOUBTFUL = 0.01
"""p-value below which the placebo is said to work at all."""

BROKEN = 0.001
"""p-value below which it may end an audit, together with ``FAR``."""

FAR = 0.02
"""How far from 0.5 its interval must stay to end an audit: with tens of thousands of rows a
difference between train and holdout that moves no conclusion is significant as well."""


def generator_of(observed: Observations) -> GeneratorUse | None:
    lending, shadow = observed.lending, observed.shadow
    if lending is None:
        return None
    by_hand = lending.role is ThreatModel.INSIDER
    return GeneratorUse(
        name=lending.generator.spec,
        how="named" if by_hand else "stand-in",
        why=_why_this_generator(observed),
        closeness=lending.closeness,
        shadows=shadow.n_shadows if shadow else 0,
        considered=tuple(
            Alternative(name=tried.spec, distance=2.0 * abs(tried.auc - 0.5))
            for tried in lending.considered
            if tried.auc is not None
        ),
    )


def _why_this_generator(observed: Observations) -> str:
    lending, shadow = observed.lending, observed.shadow
    n_train = len(observed.tables.frames["train"])
    if lending is None:
        return ""
    sentences = []
    if lending.role is ThreatModel.STAND_IN and lending.considered:
        auc = lending.considered[0].auc or 1.0
        sentences.append(
            f"Of {len(lending.considered)} stand-ins its output is the hardest to tell from the "
            f"synthetic table (classifier AUC {auc:.2f}; 0.5 would be indistinguishable)."
        )
        if auc > 0.8:
            sentences.append(
                "It is still told apart easily: no stand-in fits, and an attacker who has the real "
                "generator may do much better."
            )
    if shadow is not None:
        sentences.append(
            f"On shadows it had not seen, where the truth is known, the attack reached an AUC of "
            f"{shadow.validation_auc:.2f}; {_sizes(shadow.rows_trained_on, n_train)}"
        )
        if shadow.n_failed:
            sentences.append(
                f"{plural(shadow.n_failed, 'shadow')} could not be made, tried twice, and left "
                f"out with the complements: {shadow.failure}"
            )
    return " ".join(sentences)


def _sizes(n_shadow: int, n_train: int) -> str:
    if n_shadow == n_train:
        return (
            f"each shadow was trained on {n_shadow} rows, as many as the real training table has."
        )
    return (
        f"each shadow was trained on {n_shadow} rows ({n_train} in the real training table) and "
        "asked for as many rows per training row as the release has."
    )


def placebo_of(observed: Observations) -> Placebo | None:
    """True labels against tables that cannot know them: shadows, or the placebo's own."""
    held_out = observed.placebo if observed.shadow is None else observed.shadow.held_out
    challenge = observed.challenge
    if held_out is None or min(challenge.n_members, challenge.n_nonmembers) < 1:
        return None
    return placebo(held_out, challenge.is_member, challenge.persons)


def validity_of(found: Placebo | None) -> tuple[Validity, ...]:
    """The placebo as the report shows it."""
    if found is None:
        return ()
    passed = found.p_value >= DOUBTFUL
    meaning = (
        "True labels do not predict scores made from tables that cannot know them."
        if passed
        else "True labels predict scores made from tables that cannot know them: training and "
        "holdout rows differ by themselves, so part of every membership number may be that "
        "difference."
    )
    return (
        Validity(
            id="placebo",
            title="Placebo: attack on tables that cannot know who the members are",
            passed=passed,
            estimate=found.auc,
            meaning=meaning,
        ),
    )


def notices_of_placebo(found: Placebo | None) -> tuple[Notice, ...]:
    """A placebo that works: a warning, or the end of the audit when it works well."""
    if found is None or found.p_value >= DOUBTFUL:
        return ()
    value, low, high = (
        number or 0.0 for number in (found.auc.value, found.auc.low, found.auc.high)
    )
    said = f"mean AUC {value:.3f} [{low:.3f}, {high:.3f}]"
    if found.p_value < BROKEN and max(low - 0.5, 0.5 - high) >= FAR:
        return (
            Notice(
                "placebo-predicts-labels",
                "An attack tells train from holdout on tables that cannot know which is "
                f"which ({said}), so it can succeed without any leak. Draw the holdout at random "
                "from the rows that train was drawn from, and audit again.",
                severity="invalid",
            ),
        )
    return (
        Notice(
            "placebo-leans",
            "An attack leans towards one of train and holdout on tables that cannot know "
            f"which is which ({said}). Read attack figures of this size as no leak.",
            severity="warn",
        ),
    )
