"""The corridor: three tables in, one report out.

(The module is not called ``audit`` because a submodule of that name would hide the function
``synthaudit.audit`` as soon as it is imported.)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from synthaudit.data import Challenge, Tables, load_tables
from synthaudit.errors import UsageError
from synthaudit.exposure import ColumnFigures, columns_exposed, subgroups
from synthaudit.lending import Lending, choose_stand_in, named
from synthaudit.measure import Subgroups
from synthaudit.parallel import (
    Context,
    Progress,
    available_cores,
    no_progress,
    steady_threads,
    working_on,
)
from synthaudit.placebo import placebo_scores
from synthaudit.plugins import Outcome, check_time_limit, run_attack, run_check
from synthaudit.policy import Policy
from synthaudit.prepare import prepared, schema_source
from synthaudit.registry import discover_checks, select_attacks
from synthaudit.request import AuditRequest, Clock
from synthaudit.seeds import Streams
from synthaudit.selftest import Planted, yardstick
from synthaudit.types import (
    Attack,
    Finding,
    Floats,
    Need,
    Status,
)

if TYPE_CHECKING:
    from synthaudit.attacks.shadow import ShadowEvidence
    from synthaudit.measure import Measurements
    from synthaudit.report.model import AuditReport


__all__ = ["AuditRun", "Clock", "Observations", "run_audit", "run_selftest"]


@dataclass(frozen=True)
class Observations:
    """Everything measured before a label is used to judge it."""

    tables: Tables
    challenge: Challenge
    attacks: tuple[Outcome[Floats], ...]
    checks: tuple[Outcome[Finding], ...]
    lending: Lending | None
    shadow: ShadowEvidence | None
    subgroups: tuple[Subgroups, ...] = ()
    columns: tuple[ColumnFigures, ...] = ()
    placebo: Floats | None = None
    """(n_tables, n_candidates); None where shadows are the placebo, or none could be made."""
    yardstick: tuple[Planted, ...] = ()

    @property
    def scores(self) -> dict[str, Floats]:
        """Scores of the attacks that were measured, by id."""
        return {
            outcome.card.id: outcome.answer
            for outcome in self.attacks
            if outcome.status is Status.MEASURED and outcome.answer is not None
        }


@dataclass(frozen=True)
class AuditRun:
    """A finished audit: the shareable report, and what stays in the building."""

    report: AuditReport
    observations: Observations
    measured: Measurements


def run_audit(
    train: Any,
    holdout: Any,
    synthetic: Any,
    request: AuditRequest,
    progress: Progress = no_progress,
) -> AuditRun:
    """Read, attack, check, judge, report."""
    jobs = request.jobs or available_cores()
    with steady_threads(jobs), working_on(request.backend):
        return _run(train, holdout, synthetic, request, jobs, progress)


def _run(
    train: Any,
    holdout: Any,
    synthetic: Any,
    request: AuditRequest,
    jobs: int,
    progress: Progress,
) -> AuditRun:
    from synthaudit.assemble import assemble, measured_of
    from synthaudit.assemble.split import split_within

    clock = Clock()
    policy = request.policy if isinstance(request.policy, Policy) else Policy.load(request.policy)
    check_time_limit(request.time_limit)
    streams = Streams(request.seed)
    attacks = select_attacks(request.attacks)
    lending = _named_generator(request)
    limit = request.time_limit
    context = Context(streams, jobs, progress, backend=request.backend, time_limit=limit)
    ready = prepared((train, holdout, synthetic), request, attacks, lending, context, clock)
    tables, challenge, attacks, request = (
        ready.tables, ready.challenge, ready.attacks, ready.request,
    )  # fmt: skip
    if lending is not None:
        lending = lending.in_order(tables.given_order)
    groups = subgroups(challenge, request.exposure_by)
    split_within(challenge, request.split)  # a column that is not there is refused before any work
    checks = _run_checks(challenge, context, clock)
    observations = _run_attacks(
        tables, challenge, attacks, lending, request, context, clock, checks
    )
    observations = replace(
        _explained(observations, attacks, request, context, clock), subgroups=groups
    )
    config = request.config(policy, lending.generator.spec if lending else None, jobs)
    measured = measured_of(observations, config, streams, clock, progress)
    report = assemble(observations, measured, policy, config, clock)
    return AuditRun(report, observations, measured)


def run_selftest(
    train: Any,
    holdout: Any,
    synthetic: Any,
    request: AuditRequest,
    progress: Progress = no_progress,
) -> tuple[Planted, ...]:
    """Read, plant, look: see :func:`synthaudit.selftest.yardstick`."""
    jobs = request.jobs or available_cores()
    with steady_threads(jobs):
        attacks = select_attacks(request.attacks)
        schema = schema_source(request.schema)
        tables = load_tables(train, holdout, synthetic, schema=schema, group_key=request.group_key)
        context = Context(Streams(request.seed), jobs, progress).child("selftest")
        return yardstick(tables, attacks, context, request.max_candidates)


def _explained(
    observed: Observations,
    attacks: tuple[Attack, ...],
    request: AuditRequest,
    context: Context,
    clock: Clock,
) -> Observations:
    """What helps to believe and to mend: placebo, columns, and planted leaks when asked for."""
    challenge = observed.challenge
    with clock.step("exposure by column"):
        columns = columns_exposed(challenge, context.child("columns"))
    placebo = None
    if observed.shadow is None:
        with clock.step("placebo"):
            placebo = placebo_scores(challenge.adversary, context.child("placebo"))
    planted: tuple[Planted, ...] = ()
    if request.selftest:
        with clock.step("selftest"):
            planted = yardstick(
                observed.tables, attacks, context.child("selftest"), request.max_candidates
            )
    return replace(observed, columns=columns, placebo=placebo, yardstick=planted)


def _named_generator(request: AuditRequest) -> Lending | None:
    """The user's generator, refused before any work when it does not exist."""
    if request.shadows:
        from synthaudit.attacks.shadow.splits import check_count, check_rows

        check_count(request.shadows)
        check_rows(request.shadow_rows)
    if request.generator is None:
        if request.filters:
            raise UsageError("A filter is part of a generator: name the generator as well.")
        return None
    if not request.shadows:
        raise UsageError("A generator was named but no shadows are to be trained: ask for some.")
    return named(request.generator, request.filters)


def _run_checks(
    challenge: Challenge, context: Context, clock: Clock
) -> tuple[Outcome[Finding], ...]:
    checks = discover_checks()
    outcomes = []
    for done, check in enumerate(checks, start=1):
        with clock.step(f"check {check.card.id}"):
            outcomes.append(run_check(check, challenge.auditor, context))
        context.progress("checks", done, len(checks))
    return tuple(outcomes)


def _run_attacks(
    tables: Tables,
    challenge: Challenge,
    attacks: tuple[Attack, ...],
    lending: Lending | None,
    request: AuditRequest,
    context: Context,
    clock: Clock,
    checks: tuple[Outcome[Finding], ...],
) -> Observations:
    """Every attack in turn; shadow attacks are lent a generator, combinations the scores so far."""
    view = challenge.adversary
    wants_generator = any(Need.GENERATOR in attack.card.needs for attack in attacks)
    if lending is None and wants_generator and request.shadows:
        if set(request.attacks) == {"insider"}:
            raise UsageError(
                "The insider's attack needs the generator: name it with --generator, or ask for "
                "'stand-in' to have one chosen."
            )
        with clock.step("choose a stand-in generator"):
            lending = choose_stand_in(view, context.child("stand-in"), len(tables.frames["train"]))
    extras = _extras(lending, request, context)
    # the size of the training table is no label: vendors state it
    extras["n_train_rows"] = len(tables.frames["train"])
    scores: dict[str, Floats] = extras["scores"]
    outcomes = []
    for done, attack in enumerate(attacks, start=1):
        lent = replace(context, extras=extras)
        with clock.step(f"attack {attack.card.id}"):
            outcome = run_attack(attack, view, lent)
        if outcome.answer is not None:
            scores[attack.card.id] = outcome.answer
        if lending is not None and Need.GENERATOR in attack.card.needs:
            outcome = replace(outcome, card=replace(outcome.card, threat_model=lending.role))
        outcomes.append(outcome)
        context.progress("attacks", done, len(attacks))
    return Observations(
        tables, challenge, tuple(outcomes), checks, lending, extras.get("shadow_evidence")
    )


def _extras(lending: Lending | None, request: AuditRequest, context: Context) -> dict[str, Any]:
    """What attacks may ask for by a Need."""
    from synthaudit.registry import discover_attacks

    extras: dict[str, Any] = {
        "scores": {},
        "features": discover_attacks(),
        "n_shadows": request.shadows,
        "shadow_rows": request.shadow_rows,
        "shadow_streams": context.streams.child("shadows"),
    }
    if lending is not None:
        extras["generator"] = lending.generator
    if request.workdir is not None:
        from synthaudit.data.store import ArrayStore

        store = ArrayStore(request.workdir)
        store.tidy()
        extras["store"] = store
    return extras
