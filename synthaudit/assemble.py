"""What was observed, measured and judged, put into the report: no number is made here."""

from __future__ import annotations

import platform
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from synthaudit._version import __version__
from synthaudit.data.views import Geometry
from synthaudit.measure import Measurements, measure, placebo_spread
from synthaudit.parallel import Progress, no_progress
from synthaudit.policy import Policy
from synthaudit.report.model import AuditReport
from synthaudit.report.sections import (
    Alternative,
    Coverage,
    EpsilonBound,
    GeneratorUse,
    Identified,
    Inputs,
    Permutation,
    Power,
    Step,
    Stratum,
    TableInput,
    ThreatModelEntry,
    Timing,
    Tool,
    TopRecords,
    Validity,
)
from synthaudit.seeds import Streams
from synthaudit.types import (
    AuditConfig,
    Estimate,
    Floats,
    Headline,
    Interval,
    Notice,
    Result,
    Status,
    ThreatModel,
)
from synthaudit.verdict import Evidence, judge

if TYPE_CHECKING:
    from synthaudit.corridor import Clock, Observations

LIBRARIES = ("numpy", "pandas", "scipy", "scikit-learn", "numba", "pyarrow", "sdv")
ISOLATION_NEIGHBOR = 5
TITLES = {
    ThreatModel.OUTSIDER: "Outsider: holds the synthetic table and a list of people",
    ThreatModel.STAND_IN: "Stand-in: guesses the kind of generator",
    ThreatModel.INSIDER: "Insider: holds the generator's code and settings",
}


def assemble(
    observed: Observations,
    policy: Policy,
    config: AuditConfig,
    streams: Streams,
    clock: Clock,
    progress: Progress = no_progress,
) -> AuditReport:
    """Measure, judge and write down."""
    challenge = observed.challenge
    with clock.step("statistics"):
        measured = measure(
            observed.scores,
            challenge.is_member,
            _isolation(observed),
            {o.card.id: o.card for o in observed.attacks if o.status is Status.MEASURED},
            streams.child("statistics"),
            progress,
        )
    results = _results(observed, measured)
    notices = observed.tables.notices + _check_notices(observed)
    placebo = _placebo(observed)
    verdict = judge(_evidence(observed, measured, results, notices), policy)
    inputs = observed.tables.inputs
    # the report's own model flattens a types.Headline while validating, which no type can say
    headline: Any = _headline(measured)
    return AuditReport(
        tool=Tool(version=__version__),
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        verdict=verdict,
        headline=headline,
        results=results,
        warnings=notices,
        inputs=Inputs(
            **{name: _input(observed, name) for name in inputs},
            schema=observed.tables.schema,
        ),
        coverage=_coverage(observed),
        config=config,
        seed=config.seed,
        versions=_versions(),
        seconds=Timing(
            total=clock.total,
            steps=tuple(Step(name=name, seconds=s) for name, s in clock.steps.items()),
        ),
        command=_command(observed, config),
        strata=tuple(
            Stratum(
                label=stratum.name,
                n_members=stratum.n_members,
                n_nonmembers=stratum.n_nonmembers,
                auc=_interval(stratum.auc),
                tpr=_interval(stratum.tpr),
                suppressed=stratum.is_suppressed,
            )
            for stratum in measured.strata
        ),
        identified=_identified(measured, challenge.n_members),
        power=_power(measured),
        threat_models=_threat_models(observed, results),
        generator=_generator(observed),
        permutation=_permutation(measured),
        epsilon=_epsilon(measured),
        validity=placebo,
    )


def _headline(measured: Measurements) -> Headline | None:
    """The numbers the verdict rests on: AUC and advantage of the strongest attack in bulk, true
    positive rates of the strongest in the tail (mostly the same one)."""
    best = measured.strongest
    if best is None:
        return None
    return replace(best.bulk.headline, tpr_at_fpr=best.tail.headline.tpr_at_fpr)


def _isolation(observed: Observations) -> Floats | None:
    """Distance to the 5th nearest other candidate; None when there are not that many."""
    view = observed.challenge.adversary
    if view.n_candidates <= ISOLATION_NEIGHBOR or view.candidates.n_columns == 0:
        return None
    found = view.nearest_candidates(ISOLATION_NEIGHBOR, Geometry.RANK)
    distance: Floats = found.distances[:, -1]
    return distance


def _results(observed: Observations, measured: Measurements) -> tuple[Result, ...]:
    attacks = [
        replace(
            outcome.result(),
            estimates=measured.estimates.get(outcome.card.id, ()),
            curves=measured.curves.get(outcome.card.id, ()),
        )
        for outcome in observed.attacks
    ]
    checks = [
        replace(
            outcome.result(),
            estimates=outcome.answer.estimates if outcome.answer else (),
            curves=outcome.answer.curves if outcome.answer else (),
        )
        for outcome in observed.checks
    ]
    return (*attacks, *checks)


def _check_notices(observed: Observations) -> tuple[Notice, ...]:
    return tuple(
        notice for outcome in observed.checks if outcome.answer for notice in outcome.answer.notices
    )


def _found(results: tuple[Result, ...], id_: str, name: str) -> Estimate | None:
    return next((r.estimate(name) for r in results if r.id == id_), None)


def _evidence(
    observed: Observations,
    measured: Measurements,
    results: tuple[Result, ...],
    notices: tuple[Notice, ...],
) -> Evidence:
    best = measured.strongest
    copies = _found(results, "exact_copies", "excess_copies")
    return Evidence(
        n_members=observed.challenge.n_members,
        n_nonmembers=observed.challenge.n_nonmembers,
        advantage=best.bulk.estimate("advantage") if best else None,
        tpr=tuple(e for e in best.tail.estimates if e.name.startswith("tpr_at_fpr"))
        if best
        else (),
        identified=measured.identified.share if measured.identified else None,
        excess_copies=copies,
        p_value=measured.permutation.p_value if measured.permutation else None,
        detectable_advantage=measured.power.advantage,
        bulk=best.bulk.headline if best else None,
        tail=best.tail.headline if best else None,
        epsilon=measured.epsilon,
        measured=tuple(result.id for result in results if result.status is Status.MEASURED),
        notices=notices,
        is_reversed=measured.is_reversed,
    )


def _interval(estimate: Estimate) -> Interval:
    return Interval(estimate.value, estimate.low, estimate.high)


def _input(observed: Observations, name: str) -> TableInput:
    found = observed.tables.inputs[name]
    return TableInput(
        source=found.source,
        format=found.format,
        sha256=found.sha256,
        rows=found.n_rows,
        columns=found.n_columns,
    )


def _coverage(observed: Observations) -> Coverage:
    challenge = observed.challenge
    left = challenge.n_members_left_out + challenge.n_nonmembers_left_out
    note = (
        "Equal numbers of members and non-members were attacked; those left out were chosen at "
        "random."
        if left
        else ""
    )
    return Coverage(
        n_members=challenge.n_members + challenge.n_members_left_out,
        n_members_attacked=challenge.n_members,
        n_nonmembers=challenge.n_nonmembers + challenge.n_nonmembers_left_out,
        n_nonmembers_attacked=challenge.n_nonmembers,
        note=note,
    )


def _identified(measured: Measurements, n_members: int) -> Identified | None:
    found = measured.identified
    if found is None or measured.strongest is None:
        return None
    return Identified(
        n=found.n_identified,
        of=n_members,
        share=_interval(found.share),
        false_share=found.q,
        attack=measured.strongest.tail.headline.attack,
        top=tuple(
            TopRecords(r=e.n, n_members=round((e.value or 0.0) * e.n), precision=_interval(e))
            for e in measured.top
        ),
    )


def _power(measured: Measurements) -> Power:
    power = measured.power
    resolvable = [fpr for fpr in ("0.01", "0.1") if power.tpr_at_fpr.get(fpr) is not None]
    fpr = resolvable[0] if resolvable else None
    return Power(
        n_members=power.n_members,
        n_nonmembers=power.n_nonmembers,
        min_advantage=power.advantage,
        min_auc=power.auc,
        min_tpr=power.tpr_at_fpr[fpr] if fpr else None,
        fpr=float(fpr) if fpr else None,
        power=power.power,
        level=power.level,
    )


def _permutation(measured: Measurements) -> Permutation | None:
    test = measured.permutation
    if test is None:
        return None
    return Permutation(
        n=test.n_permutations,
        p_value=test.p_value,
        n_attacks=len({statistic.attack for statistic in test.tested}),
    )


def _epsilon(measured: Measurements) -> tuple[EpsilonBound, ...]:
    found = measured.epsilon
    if found is None or found.low is None:
        return ()
    return (EpsilonBound(value=found.low, confidence=found.confidence, method=found.method),)


def _threat_models(
    observed: Observations, results: tuple[Result, ...]
) -> tuple[ThreatModelEntry, ...]:
    return tuple(_threat_model(observed, results, model) for model in TITLES)


def _threat_model(
    observed: Observations, results: tuple[Result, ...], model: ThreatModel
) -> ThreatModelEntry:
    mine = [
        result
        for result in results
        if result.kind == "attack" and result.threat_model is model
        and result.status is Status.MEASURED and result.estimate("auc") is not None
    ]  # fmt: skip
    if not mine:
        return ThreatModelEntry(
            id=model, title=TITLES[model], attempted=False, why=_why_not(observed, model)
        )

    def lower_bound(result: Result) -> float:
        return result.estimates[0].low or 0.0

    best = max(mine, key=lower_bound)
    auc, advantage = best.estimate("auc"), best.estimate("advantage")
    return ThreatModelEntry(
        id=model,
        title=TITLES[model],
        attempted=True,
        why=f"{len(mine)} attacks were run.",
        attack=best.id,
        auc=_interval(auc) if auc else None,
        advantage=_interval(advantage) if advantage else None,
    )


def _why_not(observed: Observations, model: ThreatModel) -> str:
    if model is ThreatModel.INSIDER:
        return "No generator was named; name it with --generator to test this."
    if model is ThreatModel.STAND_IN:
        if observed.lending is not None and observed.lending.role is ThreatModel.INSIDER:
            return "The generator itself was named, which is stronger than a stand-in."
        return (
            "No shadows were trained: switched off, not asked for, or no stand-in could be fitted."
        )
    return "No attack of this kind was asked for."


def _generator(observed: Observations) -> GeneratorUse | None:
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


def _placebo(observed: Observations) -> tuple[Validity, ...]:
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


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "synthaudit": __version__}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _command(observed: Observations, config: AuditConfig) -> str:
    """The command that repeats the audit, on files of the same names."""
    sources = {name: table.source for name, table in observed.tables.inputs.items()}
    parts = ["synthaudit audit"]
    parts += [f"--{name} {source}" for name, source in sources.items()]
    parts.append(f"--seed {config.seed}")
    if config.attacks != ("all",):
        parts.append(f"--attacks {','.join(config.attacks)}")
    if config.policy != "default":
        parts.append(f"--policy {config.policy}")
    if observed.lending is not None and observed.lending.role is ThreatModel.INSIDER:
        spec, *filters = observed.lending.generator.spec.split(" | ")
        parts.append(f"--generator '{spec}'")
        parts += [f"--filter {text}" for text in filters]
    if config.shadows != AuditConfig.shadows:
        parts.append(f"--shadows {config.shadows}")
    if config.max_candidates is not None:
        parts.append(f"--max-candidates {config.max_candidates}")
    return " ".join(parts)
