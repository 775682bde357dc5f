"""Policy + evidence -> level, score and reasons. Pure: no randomness, no clock, no input.

Each component is mapped piecewise linearly so that 100 is what chance would give, 50 exactly the
policy's limit and 0 total exposure; the interval is mapped with it, and the overall score is the
lowest component. The level follows the worst finding, never a mean:

INVALID       the inputs cannot support a membership number (a notice says why)
FAIL          a component's whole interval is beyond its limit, and (components made from attacks)
              the exact permutation test over all attacks is significant at 5 %
PASS          every required component was measured and its whole interval is within its limit,
              every required test ran, and the audit could have seen a leak as large as the limit
INCONCLUSIVE  anything else
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from synthaudit.policy import Policy
from synthaudit.types import Component, Estimate, Headline, Interval, Level, Notice, Verdict

SIGNIFICANCE = 0.05
SUPPORTED = 5.0
"""Expected false positives from which an FPR is called supported: with fewer no distribution-free
lower bound above 0 exists, so the figure could never fail."""
TITLES = {
    "advantage": "Membership advantage",
    "tail": "Members exposed at few false accusations",
    "identified": "Members that can be singled out",
    "copies": "Copied rows beyond coincidence",
    "epsilon": "Claimed epsilon",
}


@dataclass(frozen=True)
class Evidence:
    """Everything the verdict looks at.

    Attributes
    ----------
    n_members, n_nonmembers : int
        Candidates attacked.
    advantage : Estimate or None
        Of the strongest attack in bulk (``Strongest.bulk``), halves swapped.
    tpr : tuple of Estimate
        ``tpr_at_fpr_*`` of the strongest attack in the tail (``Strongest.tail``); ``null`` is the
        FPR.
    identified : Estimate or None
        Share of members singled out at 5 % false identifications.
    excess_copies : Estimate or None
        Share of synthetic rows that copy training rows, beyond the holdout's rate.
    p_value : float or None
        Global max-T permutation p-value over all attacks.
    detectable_advantage : float or None
        Smallest advantage these sizes show with 80 % power at the 5 % level.
    bulk, tail : Headline or None
        Who was the strongest, for the sentences.
    epsilon : Estimate or None
        Lower bound on epsilon (``low`` is the bound).
    measured : tuple of str
        Ids of attacks and checks with status MEASURED.
    notices : tuple of Notice
    is_reversed : bool
        The strongest deviation is significant and points the other way (non-members score higher).
    """

    n_members: int
    n_nonmembers: int
    advantage: Estimate | None = None
    tpr: tuple[Estimate, ...] = ()
    identified: Estimate | None = None
    excess_copies: Estimate | None = None
    p_value: float | None = None
    detectable_advantage: float | None = None
    bulk: Headline | None = None
    tail: Headline | None = None
    epsilon: Estimate | None = None
    measured: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    is_reversed: bool = False

    @property
    def tail_estimate(self) -> Estimate | None:
        """TPR at the smallest FPR <= 1 % with about five false positives, else at the smallest

        resolvable one; None when not even 1 % can be resolved.
        """
        usable = [e for e in self.tpr if e.value is not None and e.null is not None]
        usable = sorted((e for e in usable if _fpr(e) <= 0.01 + 1e-12), key=_fpr)
        supported = [e for e in usable if self.n_nonmembers * _fpr(e) >= SUPPORTED - 1e-9]
        # without support the larger FPR has the more false positives behind it
        return supported[0] if supported else (usable[-1] if usable else None)


def _fpr(e: Estimate) -> float:
    return e.null if e.null is not None else math.nan


@dataclass(frozen=True)
class _Scale:
    """From a component's own unit to the score."""

    null: float
    limit: float
    worst: float

    def score(self, value: float | None) -> float | None:
        """100 at chance, 50 at the limit, 0 at total exposure; linear between, clipped outside."""
        if value is None:
            return None
        if value <= self.limit:
            score = 100.0 - 50.0 * (value - self.null) / (self.limit - self.null)
        else:
            score = 50.0 * (self.worst - value) / (self.worst - self.limit)
        return min(max(score, 0.0), 100.0)

    def scored(self, value: float | None, low: float | None, high: float | None) -> Interval:
        """The interval turns round: the largest exposure is the lowest score."""
        return Interval(self.score(value), self.score(high), self.score(low))


def judge(evidence: Evidence, policy: Policy) -> Verdict:
    """The verdict, with a reason in plain words for every component and every obstacle.

    What it cannot show: leaks that no attack and no check of this audit looks for. A PASS says
    that what was measured lies within the policy's limits, for the attackers that were tried.
    """
    components = _components(evidence, policy)
    score = _overall(components)
    broken = [n.message for n in evidence.notices if n.severity == "invalid"]
    if broken:
        reasons = (
            "These inputs cannot support a membership audit, so the numbers below must not be "
            "quoted.",
            *broken,
        )
        return Verdict(Level.INVALID, score, reasons, components, policy.name)
    obstacles = _obstacles(evidence, policy, components)
    failed = [c for c in components if c.level is Level.FAIL]
    open_ = [c for c in components if c.level is Level.INCONCLUSIVE]
    if failed:
        level, needed = Level.FAIL, None
    elif open_ or obstacles:
        level, needed = Level.INCONCLUSIVE, _rows_to_settle(evidence, policy, components)
    else:
        level, needed = Level.PASS, None
    reasons = (_summary(level, evidence, policy, failed), *(c.reason for c in components))
    reasons += tuple(obstacles) + _remarks(evidence)
    if level is Level.INCONCLUSIVE:
        reasons += (_settling(needed),)
    return Verdict(level, score, reasons, components, policy.name, needed)


def _components(evidence: Evidence, policy: Policy) -> tuple[Component, ...]:
    tail = evidence.tail_estimate
    fpr = _fpr(tail) if tail is not None else 0.01
    excess = None
    if tail is not None and tail.value is not None:
        low = None if tail.low is None else tail.low - fpr
        high = None if tail.high is None else tail.high - fpr
        excess = Estimate(
            tail.name, tail.value - fpr, low, high, tail.n, 0.0, tail.confidence, tail.method
        )
    rows = [
        ("advantage", evidence.advantage, policy.advantage.value, 1.0),
        ("tail", excess, policy.excess_tpr.value, 1.0 - fpr),
        ("identified", evidence.identified, policy.identified.value, 1.0),
        ("copies", evidence.excess_copies, policy.excess_copies.value, 1.0),
    ]
    components = [_component(*row, evidence=evidence, policy=policy, fpr=fpr) for row in rows]
    if policy.epsilon is not None:
        components.append(_epsilon(evidence, policy.epsilon.value))
    return tuple(components)


def _component(
    name: str,
    estimate: Estimate | None,
    limit: float,
    worst: float,
    *,
    evidence: Evidence,
    policy: Policy,
    fpr: float,
) -> Component:
    scale = _Scale(0.0, limit, worst)
    if estimate is None or estimate.value is None or estimate.low is None or estimate.high is None:
        why = "" if estimate is None or not estimate.note else f" ({estimate.note})"
        word = "required" if name in policy.required_components else "not required"
        reason = f"{TITLES[name]}: NOT TESTED{why}; the policy lists it as {word}."
        nothing = Interval(None, None, None)
        return Component(
            name, TITLES[name], None, None, None, 0.0, limit, worst, nothing, None, reason
        )
    value, low, high = estimate.value, estimate.low, estimate.high
    level = _level(name, low, high, limit, evidence)
    score = scale.scored(value, low, high)
    reason = _sentence(name, estimate, limit, level, evidence, fpr)
    return Component(name, TITLES[name], value, low, high, 0.0, limit, worst, score, level, reason)


def _level(name: str, low: float, high: float, limit: float, evidence: Evidence) -> Level:
    if high <= limit:
        return Level.PASS
    if low <= limit:
        return Level.INCONCLUSIVE
    # copies are counted, not attacked: their interval stands alone
    if name == "copies" or (evidence.p_value is not None and evidence.p_value < SIGNIFICANCE):
        return Level.FAIL
    return Level.INCONCLUSIVE


def _epsilon(evidence: Evidence, claimed: float) -> Component:
    """A lower bound can contradict a claim and never confirm it: FAIL or not tested."""
    title = TITLES["epsilon"]
    # epsilon has no largest value; the advantage it allows, tanh(epsilon / 2), has
    scale = _Scale(0.0, math.tanh(claimed / 2.0), 1.0)
    bound = None if evidence.epsilon is None else evidence.epsilon.low
    if bound is None:
        reason = f"{title}: NOT TESTED; a lower bound on epsilon needs a random split."
        nothing = Interval(None, None, None)
        return Component(
            "epsilon", title, None, None, None, 0.0, claimed, math.inf, nothing, None, reason
        )
    score = scale.score(math.tanh(bound / 2.0))
    contradicted = bound > claimed
    word = "contradicts" if contradicted else "does not contradict (and cannot confirm)"
    reason = f"{title}: the observed lower bound {bound:.2f} {word} the claimed {claimed:g}."
    level = Level.FAIL if contradicted else None
    return Component(
        "epsilon", title, bound, bound, None, 0.0, claimed, math.inf,
        Interval(score, None, score), level, reason,
    )  # fmt: skip


def _overall(components: tuple[Component, ...]) -> Interval:
    """The lowest component, bound by bound: conservative at the lower end."""
    counted = [c.score for c in components if c.level is not None]

    def lowest(values: list[float | None]) -> float | None:
        return min((v for v in values if v is not None), default=None)

    return Interval(
        lowest([s.value for s in counted]),
        lowest([s.low for s in counted]),
        lowest([s.high for s in counted]),
    )


def _percent(value: float) -> str:
    text = f"{100 * value:.2f}" if abs(value) < 0.1 else f"{100 * value:.1f}"
    return f"{text} %"


def _attacker(headline: Headline | None) -> str:
    if headline is None:
        return "the strongest attack"
    return f"the strongest attack ({headline.title}; {headline.threat_model.value})"


def _sentence(
    name: str, e: Estimate, limit: float, level: Level, evidence: Evidence, fpr: float
) -> str:
    value, low, high = e.value or 0.0, e.low or 0.0, e.high or 0.0
    interval = f"{e.confidence:.0%} interval {_percent(low)} to {_percent(high)}"
    if name == "advantage":
        start = (
            f"{_attacker(evidence.bulk)} has an advantage of {_percent(value)} over coin tossing"
        )
    elif name == "tail":
        start = (
            f"while wrongly accusing {_percent(fpr)} of outsiders, {_attacker(evidence.tail)} "
            f"finds {_percent(value)} of members beyond that rate"
        )
    elif name == "identified":
        start = f"{_percent(value)} of members can be singled out with 5 % false identifications"
    else:
        start = f"{_percent(value)} of synthetic rows copy training rows beyond the holdout's rate"
    relation = {
        Level.PASS: "is within",
        Level.FAIL: "lies beyond",
        Level.INCONCLUSIVE: "is not clearly on either side of",
    }[level]
    end = f"the {interval} {relation} the limit of {_percent(limit)}"
    if level is Level.INCONCLUSIVE and low > limit:
        end = (
            f"the {interval} lies beyond the limit of {_percent(limit)}, but the exact test over "
            f"all attacks is not significant ({_p(evidence.p_value)})"
        )
    return f"{TITLES[name]}: {start}; {end}."


def _p(p_value: float | None) -> str:
    return "not run" if p_value is None else f"p = {p_value:.2g}"


def _obstacles(evidence: Evidence, policy: Policy, components: tuple[Component, ...]) -> list[str]:
    """What stands in the way of a PASS although no interval does."""
    sentences = [
        f"{c.title} is required by the policy and could not be measured, so nothing can be passed."
        for c in components
        if c.level is None and c.id in policy.required_components
    ]
    sentences += [
        f"The policy requires the test '{test}', which was not measured."
        for test in policy.required_tests
        if test not in evidence.measured
    ]
    smallest, allowed = evidence.detectable_advantage, policy.detectable_advantage.value
    if smallest is None:
        sentences.append("The power of this audit is unknown, so nothing can be passed.")
    elif smallest > allowed:
        sentences.append(
            f"With {evidence.n_members} members and {evidence.n_nonmembers} non-members an "
            f"advantage below {_percent(smallest)} would have gone unseen (80 % power); the "
            f"policy asks for {_percent(allowed)}."
        )
    if evidence.p_value is None and any(c.level for c in components if c.id != "copies"):
        sentences.append("The exact permutation test was not run, so nothing can be passed.")
    return sentences


def _remarks(evidence: Evidence) -> tuple[str, ...]:
    if not evidence.is_reversed:
        return ()
    return (
        "The strongest deviation points the other way: holdout rows look more like members than "
        "training rows do. Check that the train and holdout files were not swapped; output that "
        "was filtered for similarity to training rows also does this, and gives members away.",
    )


def _summary(level: Level, evidence: Evidence, policy: Policy, failed: list[Component]) -> str:
    sizes = f"{evidence.n_members} members and {evidence.n_nonmembers} non-members attacked"
    if level is Level.FAIL:
        what = ", ".join(c.title.lower() for c in failed)
        return f"Exposure beyond the {policy.name} policy's limits: {what} ({sizes})."
    if level is Level.INCONCLUSIVE:
        return f"These tables do not settle the {policy.name} policy's question ({sizes})."
    p, seen = evidence.p_value, evidence.detectable_advantage
    power = "" if seen is None else f"; an advantage of {_percent(seen)} would have been seen"
    if p is not None and p < SIGNIFICANCE:
        return (
            f"A leak was found ({_p(p)} over all attacks), and all of it that was measured is "
            f"smaller than the {policy.name} policy's limits ({sizes}{power})."
        )
    return (
        f"No evidence of a leak larger than the {policy.name} policy's limits ({sizes}{power}). "
        "It holds for the attackers that were tried."
    )


def _settling(rows: int | None) -> str:
    if rows is None:
        return "More rows alone would not settle it."
    return f"About {rows} members and as many non-members would settle it."


def _rows_to_settle(
    evidence: Evidence, policy: Policy, components: tuple[Component, ...]
) -> int | None:
    """Rows a side that would settle it; None when rows are not what is missing."""
    n = min(evidence.n_members, evidence.n_nonmembers)
    if any(t not in evidence.measured for t in policy.required_tests):
        return None
    if n == 0 or evidence.p_value is None or evidence.detectable_advantage is None:
        return None
    needs: list[float] = []
    beyond: list[float] = []
    for c in components:
        if c.level is Level.INCONCLUSIVE and c.value is not None:
            (beyond if c.value > c.limit else needs).append(_rows_for(c, n))
        elif c.level is None and c.id in policy.required_components:
            if c.id not in ("tail", "advantage"):
                return None
            needs.append(500.0)
    smallest, allowed = evidence.detectable_advantage, policy.detectable_advantage.value
    if smallest > allowed:
        needs.append(n * (smallest / allowed) ** 2)
    # one component settled beyond its limit settles the audit; within, all of them must be
    rows = min(beyond) if beyond else max(needs, default=math.inf)
    if not math.isfinite(rows) or rows > 1e7:
        return None
    digits = 10.0 ** max(math.floor(math.log10(rows)) - 1, 0)
    return int(math.ceil(rows / digits) * digits)


def _rows_for(c: Component, n: int) -> float:
    """Intervals shrink with the square root of n; a count of nothing with n itself."""
    value, low, high = c.value or 0.0, c.low or 0.0, c.high or 0.0
    if value == c.limit:
        return math.inf
    if value > c.limit:
        return n * max((value - low) / (value - c.limit), 1.0) ** 2
    ratio = max((high - value) / (c.limit - value), 1.0)
    counted_nothing = value <= 0.0 and c.id in ("identified", "copies")
    return n * (ratio if counted_nothing else ratio**2)
