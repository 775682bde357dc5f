"""Scores and labels in, everything the verdict and the report need out.

The only place where label-blind scores meet labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from synthaudit.data.views import AdversaryView, Geometry
from synthaudit.errors import NotApplicable, UsageError
from synthaudit.parallel import Progress, thread_map
from synthaudit.seeds import Streams
from synthaudit.stats import (
    Identified,
    PermutationTest,
    Power,
    Stratum,
    Strongest,
    all_by_person,
    by_person,
    epsilon_from_attack,
    epsilon_one_run,
    evaluate,
    exposure_by_isolation,
    exposure_by_stratum,
    identified,
    isolation_bins,
    labels_by_person,
    largest_by_person,
    level_at_prevalence,
    permutation_test,
    power_of,
    precision_at_top,
    roc_curve,
    strongest,
)
from synthaudit.types import Bools, Card, Curve, Estimate, Floats, Ints

TOP_RECORDS = (10, 50, 100)
"""How many candidates an attacker might name: the precision of the surest r is reported."""
ISOLATION_NEIGHBOR = 5
LEAST_A_SIDE = 4
"""Members and non-members below which an attack cannot be chosen on one half and measured on the
other."""


@dataclass(frozen=True, eq=False)
class Subgroups:
    """Candidates by one column the user named, small groups already thrown together.

    Attributes
    ----------
    column : str
    group_of : (n_candidates,) int64
    names : words for each group, in the order to report
    """

    column: str
    group_of: Ints
    names: dict[int, str]


@dataclass(frozen=True, eq=False)
class Question:
    """Who is who, and what is asked of the scores.

    Attributes
    ----------
    is_member : (n_candidates,) bool
    isolation : (n_candidates,) float64 or None
        Distance to the k-th nearest other candidate; label-blind.
    persons : (n_candidates,) int64 or None
        Whose row each candidate is; scores are then combined by person and persons are counted.
    subgroups : tuple of Subgroups
    is_random_split : bool
        Epsilon bounds are refused otherwise.
    prevalence : float or None
        Share of members among the people an attacker would look at, beside the pool's.
    split_within : (n_candidates,) int64 or None
        Where the split was random only within these (the levels of a column it was stratified by).
    """

    is_member: Bools
    isolation: Floats | None = None
    persons: Ints | None = None
    subgroups: tuple[Subgroups, ...] = ()
    is_random_split: bool = True
    prevalence: float | None = None
    split_within: Ints | None = None

    def of_persons(self, scores: Mapping[str, Floats]) -> tuple[dict[str, Floats], Question]:
        """The same question with persons for candidates."""
        if self.persons is None:
            return dict(scores), self
        first = np.unique(self.persons, return_index=True)[1]
        return all_by_person(scores, self.persons), Question(
            labels_by_person(self.is_member, self.persons),
            None if self.isolation is None else largest_by_person(self.isolation, self.persons),
            None,
            # a person is in the group of his first row; most such columns are the same in all
            tuple(Subgroups(g.column, g.group_of[first], g.names) for g in self.subgroups),
            self.is_random_split,
            self.prevalence,
            None if self.split_within is None else self.split_within[first],
        )


@dataclass(frozen=True, eq=False)
class Measurements:
    """What the attacks' scores say once labels are known; n counts persons where rows are grouped.

    ``strongest`` is None when there are too few candidates or no attack was measured; everything
    that rests on it is then None or empty too.
    """

    estimates: dict[str, tuple[Estimate, ...]]
    curves: dict[str, tuple[Curve, ...]]
    power: Power
    permutation: PermutationTest | None = None
    strongest: Strongest | None = None
    identified: Identified | None = None
    top: tuple[Estimate, ...] = ()
    strata: tuple[Stratum, ...] = ()
    subgroups: dict[str, tuple[Stratum, ...]] = field(default_factory=dict)
    epsilon: Estimate | None = None
    one_run: Estimate | None = None
    identified_at: Identified | None = None
    """At the prevalence that was asked for."""
    top_at: tuple[Estimate, ...] = ()

    @property
    def is_reversed(self) -> bool:
        """The strongest significant deviation says non-members look more like members."""
        if self.permutation is None or not self.permutation.tested:
            return False
        first = self.permutation.tested[0]
        return first.p_adjusted < 0.05 and first.z < 0


def measure(
    scores: Mapping[str, Floats],
    question: Question,
    cards: Mapping[str, Card],
    streams: Streams,
    progress: Progress,
    jobs: int = 1,
) -> Measurements:
    """Judge every attack's scores, alone and together.

    Parameters
    ----------
    scores : mapping of attack id to (n_candidates,) float64
    question : Question
    cards : mapping of attack id to Card
        With the threat model that applied.
    streams : Streams
    progress : callable
    jobs : int
        Threads; they change nothing.
    """
    scores, asked = question.of_persons(scores)
    is_member = asked.is_member
    n_members = int(is_member.sum())
    n_nonmembers = int(is_member.size) - n_members
    estimates: dict[str, tuple[Estimate, ...]] = {}
    curves: dict[str, tuple[Curve, ...]] = {}
    if min(n_members, n_nonmembers) >= 2:
        alone = thread_map(
            lambda values: (
                evaluate(values, is_member, streams), (roc_curve("roc", values, is_member),)
            ),
            list(scores.values()),
            jobs,
        )  # fmt: skip
        estimates = {name: found for name, (found, _) in zip(scores, alone, strict=True)}
        curves = {name: found for name, (_, found) in zip(scores, alone, strict=True)}
    progress("statistics", len(scores), len(scores))
    if not scores or min(n_members, n_nonmembers) < LEAST_A_SIDE:
        return Measurements(estimates, curves, power_of(n_members, n_nonmembers))
    strata = isolation_bins(asked.isolation) if asked.isolation is not None else None
    test = permutation_test(
        scores, is_member, streams, strata=strata, blocks=asked.split_within, jobs=jobs
    )
    # the placeholder a test with one possible outcome leaves must not become the bar
    power = power_of(n_members, n_nonmembers, critical=test.critical or None)
    try:
        best = strongest(scores, is_member, streams, cards=cards, p_value=test.p_value, jobs=jobs)
    except UsageError:
        return Measurements(estimates, curves, power, test)
    found = Measurements(estimates, curves, power, test, best)
    return _named(_exposed(found, best, asked), best, asked, streams)


def _exposed(found: Measurements, best: Strongest, asked: Question) -> Measurements:
    """Who bears it: by isolation and by the groups the user named."""
    scores, is_member = best.overall.scores, asked.is_member
    by_isolation: tuple[Stratum, ...] = ()
    if asked.isolation is not None:
        by_isolation = exposure_by_isolation(scores, is_member, asked.isolation)
    return replace(
        found,
        strata=by_isolation,
        subgroups={
            group.column: exposure_by_stratum(scores, is_member, group.group_of, group.names)
            for group in asked.subgroups
        },
    )


def _named(found: Measurements, best: Strongest, asked: Question, streams: Streams) -> Measurements:
    """Members singled out, and what that says about a claimed epsilon."""
    tail, is_member = best.tail.scores, asked.is_member
    tops = [r for r in TOP_RECORDS if r <= is_member.size // 4]
    bounds = _epsilon(best, asked, streams)
    found = replace(
        found,
        identified=identified(tail, is_member),
        top=tuple(precision_at_top(tail, is_member, r) for r in tops),
        epsilon=bounds[0],
        one_run=bounds[1],
    )
    share = asked.prevalence
    if share is None:
        return found
    return replace(
        found,
        identified_at=identified(tail, is_member, q=level_at_prevalence(0.05, share)),
        top_at=tuple(precision_at_top(tail, is_member, r, prevalence=share) for r in tops),
    )


def _epsilon(
    best: Strongest, asked: Question, streams: Streams
) -> tuple[Estimate | None, Estimate | None]:
    """The customary lower bound and the one-run bound; neither without a random split."""
    scores, is_member, random = best.overall.scores, asked.is_member, asked.is_random_split
    try:
        usual = epsilon_from_attack(scores, is_member, streams, is_random_split=random)
        one_run = epsilon_one_run(scores, is_member, streams, is_random_split=random)
    except NotApplicable:
        return None, None
    return usual, one_run.epsilon


def isolation_of(view: AdversaryView) -> Floats | None:
    """Distance to the 5th nearest other candidate; None when there are not that many."""
    if view.n_candidates <= ISOLATION_NEIGHBOR or view.candidates.n_columns == 0:
        return None
    distance: Floats = view.nearest_candidates(ISOLATION_NEIGHBOR, Geometry.RANK).distances[:, -1]
    return distance


@dataclass(frozen=True)
class Placebo:
    """The shadow attack's mean AUC on tables that cannot know the true labels."""

    auc: Estimate
    p_value: float
    """Two-sided, under random labels; exact moments, normal tails."""


def placebo(held_out: Floats, is_member: Bools, persons: Ints | None = None) -> Placebo:
    """Do true labels predict scores made from tables that cannot know them?

    Shadows are trained on halves drawn without looking at labels. If training and holdout rows are
    exchangeable, labels are a random half of the pool given all the scores, whatever the scores
    have in common. The mean AUC over shadows is linear in each candidate's mean rank ``r``, so its
    null variance is that of a sample without replacement: ``n / (n_1 n_0 (n - 1))`` times the
    population variance of ``r`` (in units of ranks over ``n``, Hoeffding 1951,
    doi:10.1214/aoms/1177729698).

    Parameters
    ----------
    held_out : (n_shadows, n_candidates)
        The shadow attack applied to each shadow as if it were the release.
    is_member : (n_candidates,) bool
    persons : (n_candidates,) int64, optional
        Whose row each candidate is; labels are then a random half of the persons.
    """
    from scipy.stats import norm, rankdata

    from synthaudit.stats.auc import auc

    if persons is not None:
        held_out = np.stack([by_person(scores, persons) for scores in held_out])
        is_member = labels_by_person(is_member, persons)
    n, n_members = is_member.size, int(is_member.sum())
    mean_rank = rankdata(held_out, axis=1).mean(axis=0)
    value = float(np.mean([auc(scores, is_member) for scores in held_out]))
    # AUC = (mean rank of members - (n_1 + 1) / 2) / n_0, and the mean of n_1 of n ranks drawn
    # without replacement has variance (S^2 / n_1) (n_0 / n) with S^2 the n - 1 variance
    n_others = n - n_members
    spread = float(np.sqrt(mean_rank.var(ddof=1) * n_others / n / n_members)) / n_others
    half = float(norm.ppf(0.975)) * spread
    z = (value - 0.5) / spread if spread > 0 else 0.0
    estimate = Estimate(
        "placebo_auc", value, max(value - half, 0.0), min(value + half, 1.0), len(held_out), 0.5,
        method="mean over shadows; spread over random labels, given the scores",
    )  # fmt: skip
    return Placebo(estimate, float(2.0 * norm.sf(abs(z))))
