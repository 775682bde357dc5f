"""The verdict's sentences: plain English, always the number, the attacker and the interval.

Never "safe", "anonymous" or "compliant": an audit can say what was found by whom at what size.
"No evidence of a leak" and "no leak larger than x" are different sentences, and both occur here.
"""

from __future__ import annotations

from synthaudit.types import Estimate, Headline, Level

TITLES = {
    "advantage": "Membership advantage",
    "tail": "Members exposed at few false accusations",
    "identified": "Members that can be singled out",
    "copies": "Copied rows beyond coincidence",
    "epsilon": "Claimed epsilon",
}
RELATIONS = {
    Level.PASS: "is within",
    Level.FAIL: "lies beyond",
    Level.INCONCLUSIVE: "is not clearly on either side of",
}
BROKEN = "These inputs cannot support a membership audit, so no number from them may be quoted."
UNTESTED = "The exact permutation test was not run, so nothing can be passed."
POWERLESS = "The power of this audit is unknown, so nothing can be passed."
REVERSED = (
    "The strongest deviation points the other way: holdout rows look more like members than "
    "training rows do. Check that the train and holdout files were not swapped; output that was "
    "filtered for similarity to training rows also does this, and gives members away."
)


def percent(value: float) -> str:
    """``12.3 %``; two decimals below ten percent."""
    return f"{100 * value:.2f} %" if abs(value) < 0.1 else f"{100 * value:.1f} %"


def p_words(p_value: float | None) -> str:
    """``p = 0.0005``, or that there is none."""
    return "not run" if p_value is None else f"p = {p_value:.2g}"


def attacker(headline: Headline | None) -> str:
    """Who did it, and what he holds."""
    if headline is None:
        return "the strongest attack"
    return f"the strongest attack ({headline.title}; {headline.threat_model.value})"


COPIED = {
    "excess_near_copies": "of synthetic rows nearly copy training rows beyond the holdout's rate",
    "excess_replay": "of synthetic rows carry an identifier or text of a training row, beyond the "
    "holdout's rate",
    "excess_isolated_copies": "of the synthetic rows about people who stand out copy training "
    "rows, beyond the holdout's rate",
}
"""What follows the share, by what was counted."""


def finding(name: str, value: float, fpr: float, headline: Headline | None) -> str:
    """What was found, without its interval."""
    amount = percent(value)
    if name == "advantage":
        return f"{attacker(headline)} has an advantage of {amount} over coin tossing"
    if name == "tail":
        return (
            f"while wrongly accusing {percent(fpr)} of outsiders, {attacker(headline)} finds "
            f"{amount} of members beyond that rate"
        )
    if name == "identified":
        return f"{amount} of members can be singled out with 5 % false identifications"
    exact = "of synthetic rows copy training rows beyond the holdout's rate"
    return f"{amount} {COPIED.get(name, exact)}"


def component_sentence(
    name: str, found: str, e: Estimate, limit: float, level: Level, p_value: float | None
) -> str:
    """The finding, its interval, and where that lies."""
    low, high = e.low or 0.0, e.high or 0.0
    interval = f"the {e.confidence:.0%} interval {percent(low)} to {percent(high)}"
    if level is Level.INCONCLUSIVE and low > limit:
        end = (
            f"{interval} lies beyond the limit of {percent(limit)}, but the exact test over all "
            f"attacks is not significant ({p_words(p_value)})"
        )
    else:
        end = f"{interval} {RELATIONS[level]} the limit of {percent(limit)}"
    return f"{TITLES[name]}: {found}; {end}."


def not_tested(name: str, why: str, is_required: bool) -> str:
    """A component without a number is a result too."""
    word = "required" if is_required else "not required"
    reason = f" ({why})" if why else ""
    return f"{TITLES[name]}: NOT TESTED{reason}; the policy lists it as {word}."


def epsilon_sentence(bound: float | None, claimed: float) -> str:
    """What a lower bound says about a claim."""
    title = TITLES["epsilon"]
    if bound is None:
        return f"{title}: NOT TESTED; a lower bound on epsilon needs a random split."
    word = "contradicts" if bound > claimed else "does not contradict (and cannot confirm)"
    return f"{title}: the observed lower bound {bound:.2f} {word} the claimed {claimed:g}."


def missing(name: str) -> str:
    """A required component that has no number."""
    return (
        f"{TITLES[name]}: required by the policy and could not be measured, so nothing can be "
        "passed."
    )


def unmeasured(test: str) -> str:
    """A required attack or check that did not run."""
    return f"The policy requires the test '{test}', which was not measured."


def too_weak(sizes: str, smallest: float, allowed: float) -> str:
    """An audit that could not have seen what the policy forbids."""
    return (
        f"With {sizes} an advantage below {percent(smallest)} would have gone unseen (80 % "
        f"power); the policy asks for {percent(allowed)}."
    )


def summary(
    level: Level,
    policy: str,
    sizes: str,
    failed: tuple[str, ...],
    detectable: float | None,
    p_value: float | None,
    significance: float,
) -> str:
    """The verdict in one sentence or two; ``failed`` names the components beyond their limits."""
    attacked = f"{sizes} attacked"
    if level is Level.FAIL:
        what = ", ".join(TITLES[name].lower() for name in failed)
        return f"Exposure beyond the {policy} policy's limits: {what} ({attacked})."
    if level is Level.INCONCLUSIVE:
        return f"These tables do not settle the {policy} policy's question ({attacked})."
    power = (
        f"; an advantage of {percent(detectable)} would have been seen"
        if detectable is not None
        else ""
    )
    if p_value is not None and p_value < significance:
        return (
            f"A leak was found ({p_words(p_value)} over all attacks), and all of it that was "
            f"measured is smaller than the {policy} policy's limits ({attacked}{power})."
        )
    return (
        f"No evidence of a leak larger than the {policy} policy's limits ({attacked}{power}). It "
        "holds for the attackers that were tried."
    )


def settling(rows: int | None) -> str:
    """What would settle an inconclusive verdict."""
    if rows is None:
        return "More rows alone would not settle it."
    return f"About {rows} members and as many non-members would settle it."
