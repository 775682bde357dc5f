"""What was observed, measured and judged, put into the report: no number is made here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from synthaudit._version import __version__
from synthaudit.assemble.attackers import threat_models
from synthaudit.assemble.evidence import (
    evidence_of,
    grounds_of,
    notices_of_checks,
    notices_of_failures,
    results_of,
)
from synthaudit.assemble.exposure import columns_of, yardstick_of
from synthaudit.assemble.origins import by_name, command_of, coverage_of, input_of, versions
from synthaudit.assemble.shadows import (
    generator_of,
    notices_of_placebo,
    placebo_of,
    validity_of,
)
from synthaudit.assemble.split import split_notices, split_of, split_within
from synthaudit.assemble.statistics import (
    epsilon_of,
    headline_of,
    identified_of,
    permutation_of,
    power_section,
    strata_of,
)
from synthaudit.gate.rejudge import evidence_from, used
from synthaudit.measure import Measurements, Question, isolation_of, measure
from synthaudit.parallel import Progress, no_progress
from synthaudit.policy import Policy
from synthaudit.report.model import AuditReport
from synthaudit.report.sections import Inputs, Step, Timing, Tool
from synthaudit.seeds import Streams
from synthaudit.types import AuditConfig, Status
from synthaudit.verdict import judge

if TYPE_CHECKING:
    from synthaudit.corridor import Clock, Observations


def measured_of(
    observed: Observations,
    config: AuditConfig,
    streams: Streams,
    clock: Clock,
    progress: Progress = no_progress,
) -> Measurements:
    """Every statistic of what was observed."""
    challenge = observed.challenge
    with clock.step("statistics"):
        return measure(
            observed.scores,
            Question(
                challenge.is_member,
                isolation_of(challenge.adversary),
                challenge.persons,
                observed.subgroups,
                config.split in ("random", "assumed"),
                config.prevalence,
                split_within(challenge, config.split),
            ),
            {o.card.id: o.card for o in observed.attacks if o.status is Status.MEASURED},
            streams.child("statistics"),
            progress,
            config.jobs,
        )


def assemble(
    observed: Observations,
    measured: Measurements,
    policy: Policy,
    config: AuditConfig,
    clock: Clock,
) -> AuditReport:
    """Judge and write down."""
    results = results_of(observed, measured)
    placebo = placebo_of(observed)
    notices = (
        *observed.tables.notices,
        *split_notices(config),
        *notices_of_checks(observed),
        *notices_of_placebo(placebo),
        *notices_of_failures(results),
    )
    grounds = grounds_of(evidence_of(observed, measured, results, notices))
    verdict = judge(evidence_from(grounds, results, notices), policy)
    inputs = observed.tables.inputs
    sources: dict[str, Any] = {name: input_of(observed, name) for name in inputs}
    # the report's own model flattens a types.Headline while validating, which no type can say
    headline: Any = headline_of(measured)
    return AuditReport(
        tool=Tool(version=__version__),
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        verdict=verdict,
        headline=headline,
        results=results,
        warnings=notices,
        inputs=Inputs(**sources, schema=by_name(observed.tables.schema)),
        coverage=coverage_of(observed),
        config=config,
        seed=config.seed,
        versions=versions(),
        seconds=Timing(
            total=clock.total,
            steps=tuple(Step(name=name, seconds=s) for name, s in clock.steps.items()),
        ),
        command=command_of(observed, config),
        strata=strata_of(measured),
        identified=identified_of(measured, config.prevalence),
        power=power_section(measured),
        threat_models=threat_models(observed, results),
        generator=generator_of(observed),
        permutation=permutation_of(measured),
        epsilon=epsilon_of(measured),
        validity=(*validity_of(placebo), split_of(config)),
        yardstick=yardstick_of(observed),
        columns=columns_of(observed),
        policy=used(policy),
        grounds=grounds,
    )
