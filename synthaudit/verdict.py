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
from dataclasses import dataclass, replace

import synthaudit.verdict_words as words
from synthaudit.policy import Policy
from synthaudit.stats.power import rows_to_clear
from synthaudit.types import Component, Estimate, Headline, Interval, Level, Notice, Verdict

SIGNIFICANCE = 0.05
SUPPORTED = 5.0
"""Expected false positives from which an FPR is called supported: with fewer no distribution-free
lower bound above 0 exists, so the figure could never fail."""
FAILED_TESTS = "failed-tests"
"""Code of the notice that names attacks and checks which broke: repeated among the reasons."""
MOST_EPSILON = 50.0
"""Drawn as total exposure; epsilon itself has no largest value."""


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
    excess_near_copies : Estimate or None
        Share of synthetic rows that nearly copy training rows, beyond the holdout's rate.
    excess_isolated_copies : Estimate or None
        The share that copies, exactly or nearly, among synthetic rows about people who stand out.
    excess_replay : Estimate or None
        Share of synthetic rows with an identifier or free text of a training row, beyond chance.
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
    excess_near_copies: Estimate | None = None
    excess_isolated_copies: Estimate | None = None
    excess_replay: Estimate | None = None

    @property
    def sizes(self) -> str:
        """How many were attacked, in words."""
        return f"{self.n_members} members and {self.n_nonmembers} non-members"

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
    """From a component's own unit, 0 at chance, to the score."""

    limit: float
    worst: float

    def score(self, value: float | None) -> float | None:
        """100 at chance, 50 at the limit, 0 at total exposure; linear between, clipped outside."""
        if value is None:
            return None
        if value <= self.limit:
            score = 100.0 - 50.0 * value / self.limit
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
    broken = tuple(n.message for n in evidence.notices if n.severity == "invalid")
    if broken:
        return Verdict(Level.INVALID, score, (words.BROKEN, *broken), components, policy.name)
    obstacles = _obstacles(evidence, policy, components)
    failed = tuple(c.id for c in components if c.level is Level.FAIL)
    needed = None
    if failed:
        level = Level.FAIL
    elif obstacles or any(c.level is Level.INCONCLUSIVE for c in components):
        level, needed = Level.INCONCLUSIVE, _rows_to_settle(evidence, policy, components)
    else:
        level = Level.PASS
    first = words.summary(
        level,
        policy.name,
        evidence.sizes,
        failed,
        evidence.detectable_advantage,
        evidence.p_value,
        SIGNIFICANCE,
    )
    reasons = (first, *(c.reason for c in components), *obstacles)
    reasons += tuple(n.message for n in evidence.notices if n.code == FAILED_TESTS)
    if evidence.is_reversed:
        reasons += (words.REVERSED,)
    if level is Level.INCONCLUSIVE:
        reasons += (words.settling(needed),)
    return Verdict(level, score, reasons, components, policy.name, needed)


def _components(evidence: Evidence, policy: Policy) -> tuple[Component, ...]:
    tail = evidence.tail_estimate
    fpr = _fpr(tail) if tail is not None else 0.01
    rows = (
        ("advantage", evidence.advantage, policy.advantage.value, 1.0),
        ("tail", _excess(tail, fpr), policy.excess_tpr.value, 1.0 - fpr),
        ("identified", evidence.identified, policy.identified.value, 1.0),
        ("copies", _copies(evidence, policy.excess_copies.value), policy.excess_copies.value, 1.0),
    )
    components = [
        _component(name, e, _Scale(limit, worst), evidence, policy, fpr)
        for name, e, limit, worst in rows
    ]
    if policy.epsilon is not None:
        components.append(_epsilon(evidence, policy.epsilon.value))
    return tuple(components)


def _copies(evidence: Evidence, limit: float) -> Estimate | None:
    """Exact copies, unless others are shown beyond the limit and weigh more.

    Near copies, copies of people who stand out and replayed identifiers can fail a table and never
    hold up a PASS: in tables of few distinct values chance makes so many near copies that their
    interval seldom lies within a limit meant for copies, few synthetic rows are about people who
    stand out, and most tables have no identifiers.
    """
    heaviest = evidence.excess_copies
    others = (evidence.excess_near_copies, evidence.excess_isolated_copies, evidence.excess_replay)
    for other in others:
        if other is None or other.low is None or other.low <= limit:
            continue
        if heaviest is None or heaviest.low is None or other.low > heaviest.low:
            heaviest = other
    return heaviest


def _excess(tail: Estimate | None, fpr: float) -> Estimate | None:
    """TPR less the FPR it was bought with."""
    if tail is None or tail.value is None or tail.low is None or tail.high is None:
        return None
    value, low, high = (x - fpr for x in (tail.value, tail.low, tail.high))
    return replace(tail, value=value, low=low, high=high, null=0.0)


def _component(
    name: str,
    e: Estimate | None,
    scale: _Scale,
    evidence: Evidence,
    policy: Policy,
    fpr: float,
) -> Component:
    title, limit, worst = words.TITLES[name], scale.limit, scale.worst
    if e is None or e.value is None or e.low is None or e.high is None:
        why = "" if e is None else e.note
        reason = words.not_tested(name, why, name in policy.required_components)
        nothing = Interval(None, None, None)
        return Component(name, title, None, None, None, 0.0, limit, worst, nothing, None, reason)
    level = _level(name, e.low, e.high, limit, evidence.p_value)
    who = evidence.tail if name == "tail" else evidence.bulk
    found = words.finding(e.name if name == "copies" else name, e.value, fpr, who)
    reason = words.component_sentence(name, found, e, limit, level, evidence.p_value)
    score = scale.scored(e.value, e.low, e.high)
    return Component(name, title, e.value, e.low, e.high, 0.0, limit, worst, score, level, reason)


def _level(name: str, low: float, high: float, limit: float, p_value: float | None) -> Level:
    if high <= limit:
        return Level.PASS
    if low <= limit:
        return Level.INCONCLUSIVE
    # copies are counted, not attacked: their interval stands alone
    if name == "copies" or (p_value is not None and p_value < SIGNIFICANCE):
        return Level.FAIL
    return Level.INCONCLUSIVE


def _epsilon(evidence: Evidence, claimed: float) -> Component:
    """A lower bound can contradict a claim and never confirm it: FAIL or not tested."""
    bound = None if evidence.epsilon is None else evidence.epsilon.low
    # epsilon has no largest value; the advantage it allows, tanh(epsilon / 2), has
    scale = _Scale(math.tanh(claimed / 2.0), 1.0)
    score = None if bound is None else scale.score(math.tanh(bound / 2.0))
    return Component(
        "epsilon",
        words.TITLES["epsilon"],
        bound,
        bound,
        None,
        0.0,
        claimed,
        MOST_EPSILON,
        Interval(score, None, score),
        Level.FAIL if bound is not None and bound > claimed else None,
        words.epsilon_sentence(bound, claimed),
    )


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


def _obstacles(
    evidence: Evidence, policy: Policy, components: tuple[Component, ...]
) -> tuple[str, ...]:
    """What stands in the way of a PASS although no interval does."""
    sentences = [
        words.missing(c.id)
        for c in components
        if c.level is None and c.id in policy.required_components
    ]
    sentences += [
        words.unmeasured(test) for test in policy.required_tests if test not in evidence.measured
    ]
    smallest, allowed = evidence.detectable_advantage, policy.detectable_advantage.value
    if smallest is None:
        sentences.append(words.POWERLESS)
    elif smallest > allowed:
        sentences.append(words.too_weak(evidence.sizes, smallest, allowed))
    if evidence.p_value is None:
        sentences.append(words.UNTESTED)
    return tuple(sentences)


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
        if c.level is Level.INCONCLUSIVE:
            rows = rows_to_clear(
                c.value or 0.0,
                c.low or 0.0,
                c.high or 0.0,
                c.limit,
                n,
                is_count=c.id in ("identified", "copies"),
            )
            (beyond if (c.value or 0.0) > c.limit else needs).append(rows or math.inf)
        elif c.level is None and c.id in policy.required_components:
            if c.id not in ("tail", "advantage"):
                return None
            needs.append(SUPPORTED / 0.01)
    smallest, allowed = evidence.detectable_advantage, policy.detectable_advantage.value
    if smallest > allowed:
        needs.append(n * (smallest / allowed) ** 2)
    # one component settled beyond its limit settles the audit; within, all of them must be
    found = min(beyond) if beyond else max(needs, default=math.inf)
    if not math.isfinite(found) or found > 1e7:
        return None
    digits = 10.0 ** max(math.floor(math.log10(found)) - 1, 0)
    return int(math.ceil(found / digits) * digits)
