"""What shadows were made with, and what they say about the holdout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synthaudit.measure import placebo_spread
from synthaudit.report.sections import Alternative, GeneratorUse, Validity
from synthaudit.types import Estimate, ThreatModel

if TYPE_CHECKING:
    from synthaudit.corridor import Observations


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
            f"{shadow.validation_auc:.2f}; each shadow was trained on {shadow.rows_trained_on} rows"
            f" ({len(observed.tables.frames['train'])} in the real training table)."
        )
        if shadow.n_failed:
            sentences.append(f"{shadow.n_failed} shadows could not be made and were left out.")
    return " ".join(sentences)


def placebo_of(observed: Observations) -> tuple[Validity, ...]:
    """True labels against shadows that cannot know them: what the holdout is worth."""
    if observed.shadow is None:
        return ()
    is_member = observed.challenge.is_member
    mean, spread = placebo_spread(observed.shadow.held_out, is_member)
    # complementary shadows mirror each other, so pairs are what is independent
    half = 2.2 * spread / max(len(observed.shadow.held_out) / 2, 1) ** 0.5
    passed = mean - half <= 0.5 <= mean + half
    estimate = Estimate(
        "placebo_auc", mean, mean - half, mean + half, len(observed.shadow.held_out), 0.5,
        method="mean over shadows, t interval over pairs",
    )  # fmt: skip
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
            estimate=estimate,
            meaning=meaning,
        ),
    )
