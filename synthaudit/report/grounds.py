"""What a verdict rests on, complete enough to judge the report again without the data."""

from __future__ import annotations

from pydantic import Field

from synthaudit.report.sections import Count, Rate, Section
from synthaudit.types import Estimate, ThreatModel


class LimitUsed(Section):
    """One limit of the policy, with what it is a number of and why it is that number."""

    name: str
    quantity: str
    value: float
    reason: str = ""
    source: str = ""


class PolicyUsed(Section):
    """The policy as it was applied, so that a reader can argue with it."""

    name: str
    description: str = ""
    limits: tuple[LimitUsed, ...]
    required_components: tuple[str, ...] = ()
    """Components without which nothing is passed."""
    required_tests: tuple[str, ...] = ()
    """Ids of attacks and checks without which nothing is passed."""
    required_reason: str = ""

    def limit(self, name: str) -> LimitUsed | None:
        """The limit of that name, or None."""
        return next((limit for limit in self.limits if limit.name == name), None)


class Strongest(Section):
    """Which attack stands behind a number, for the sentences of the verdict."""

    attack: str
    title: str
    threat_model: ThreatModel


class Grounds(Section):
    """The numbers a policy is applied to; with ``results`` and ``warnings``, all of them."""

    n_members: Count
    n_nonmembers: Count
    advantage: Estimate | None = None
    tpr: tuple[Estimate, ...] = ()
    """True-positive rates of the strongest attack in the tail; ``null`` is the false-positive
    rate each belongs to."""
    identified: Estimate | None = None
    excess_copies: Estimate | None = None
    p_value: Rate | None = None
    detectable_advantage: float | None = None
    bulk: Strongest | None = None
    tail: Strongest | None = None
    epsilon: Estimate | None = None
    is_reversed: bool = False
    excess_near_copies: Estimate | None = None
    excess_isolated_copies: Estimate | None = None
    excess_replay: Estimate | None = None


class Attempts(Section):
    """Earlier audits of the same training data that a log kept with ``--log`` knows of."""

    earlier: Count
    """Audits of the same training data before this one."""
    by_level: dict[str, int] = Field(default_factory=dict)
    """How they ended."""
    first: str | None = None
    """UTC time of the earliest of them."""
    same_release: Count = 0
    """Of these, audits of the very same synthetic table."""
