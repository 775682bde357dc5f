"""Hand-made reports with realistic numbers: one per verdict, and one with attacks that did not run.

Curves are computed from closed forms (a share of members fully exposed, the rest shifted normal),
so that they look like what audits draw and never change with a random number generator.
"""

from __future__ import annotations

import math
from statistics import NormalDist

from synthaudit.report.grounds import Attempts, LimitUsed, PolicyUsed
from synthaudit.report.model import AuditReport
from synthaudit.report.sections import (
    Alternative,
    ColumnExposure,
    Coverage,
    EpsilonBound,
    GeneratorUse,
    Identified,
    Inputs,
    Permutation,
    PlantedLeak,
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
from synthaudit.types import (
    AuditConfig,
    Column,
    ColumnKind,
    Component,
    Curve,
    Estimate,
    Headline,
    Interval,
    Level,
    Notice,
    Result,
    Schema,
    Status,
    ThreatModel,
    Verdict,
)

NORMAL = NormalDist()
N = 3000


def around(value: float, half: float, bottom: float = 0.0, top: float = 1.0) -> Interval:
    return Interval(value, max(bottom, value - half), min(top, value + half))


def roc(shift: float, exposed: float = 0.0) -> Curve:
    """A share ``exposed`` of members named outright, the others shifted by ``shift``."""
    grid = [10 ** (-3.4 + 3.4 * i / 60) for i in range(60)] + [1.0]
    y = [
        exposed + (1 - exposed) * (1.0 if x >= 1 else NORMAL.cdf(NORMAL.inv_cdf(x) + shift))
        for x in grid
    ]
    half = [1.96 * math.sqrt(max(p * (1 - p), 1e-4) / N) for p in y]
    return Curve(
        name="roc",
        x=tuple(grid),
        y=tuple(y),
        low=tuple(max(0.0, p - h) for p, h in zip(y, half, strict=True)),
        high=tuple(min(1.0, p + h) for p, h in zip(y, half, strict=True)),
        x_label="False alarms",
        y_label="Members named",
    )


def rates(shift: float, exposed: float) -> tuple[float, dict[str, float]]:
    auc = exposed + (1 - exposed) * NORMAL.cdf(shift / math.sqrt(2))
    tpr = {
        fpr: exposed + (1 - exposed) * NORMAL.cdf(NORMAL.inv_cdf(float(fpr)) + shift)
        for fpr in ("0.1", "0.01", "0.001")
    }
    return auc, tpr


def attack(
    id_: str,
    title: str,
    shift: float,
    exposed: float = 0.0,
    model: ThreatModel = ThreatModel.OUTSIDER,
    seconds: float = 0.4,
    n: int = N,
) -> Result:
    auc, tpr = rates(shift, exposed)
    spread = math.sqrt(N / n)
    advantage = exposed + (1 - exposed) * (2 * NORMAL.cdf(shift / 2) - 1)
    estimates = [
        interval_estimate("auc", auc, 0.0145 * spread, 0.5, 2 * n),
        interval_estimate("advantage", advantage, 0.024 * spread, 0.0, 2 * n, bottom=-1.0),
    ]
    for fpr, value in tpr.items():
        if float(fpr) * n < 1:
            note = "fewer non-members than this rate needs"
            estimates.append(
                Estimate(f"tpr_at_fpr_{fpr}", None, None, None, n, float(fpr), note=note)
            )
        else:
            half = spread * 1.96 * math.sqrt(value * (1 - value) / N)
            estimates.append(interval_estimate(f"tpr_at_fpr_{fpr}", value, half, float(fpr), n))
    return Result(
        id=id_,
        kind="attack",
        title=title,
        question=QUESTIONS.get(id_, "Does the synthetic table treat members unlike non-members?"),
        how_to_read="An AUC of 0.5 is guessing, 1 is certainty. Higher means more exposed.",
        threat_model=model,
        status=Status.MEASURED,
        estimates=tuple(estimates),
        curves=(roc(shift, exposed),),
        references=REFERENCES.get(id_, ()),
        seconds=seconds,
    )


QUESTIONS = {
    "closest_record": "Do training people have a nearer look-alike in the synthetic table?",
    "value_fingerprint": "Are a person's rare values re-used in the synthetic table?",
    "generator_shadow": "Do members stand out as they do when we train the generator ourselves?",
}
REFERENCES = {
    "closest_record": ("Chen et al. 2020, GAN-Leaks, arXiv:1909.03935",),
    "generator_shadow": (
        "Shokri et al. 2017, arXiv:1610.05820",
        "Carlini et al. 2022, arXiv:2112.03570",
    ),
}


def interval_estimate(
    name: str,
    value: float,
    half: float,
    null: float | None,
    n: int,
    bottom: float = 0.0,
    top: float = 1.0,
) -> Estimate:
    interval = around(value, half, bottom, top)
    return Estimate(name, interval.value, interval.low, interval.high, n, null)


def undone(id_: str, title: str, status: Status, reason: str, model: ThreatModel) -> Result:
    return Result(
        id=id_,
        kind="attack",
        title=title,
        question="Do members stand out as they do when we train the generator ourselves?",
        how_to_read="An AUC of 0.5 is guessing, 1 is certainty.",
        threat_model=model,
        status=status,
        reason=reason,
    )


def distance_curves(peak: float) -> tuple[Curve, ...]:
    """Cumulative distances to the nearest synthetic row, for train and holdout."""
    x = tuple(0.01 * i for i in range(41))

    def cumulative(copies: float, scale: float) -> tuple[float, ...]:
        return tuple(copies + (1 - copies) * (1 - math.exp(-((v / scale) ** 2))) for v in x)

    labels = {"x_label": "Distance to the nearest synthetic row", "y_label": "Share of rows"}
    return (
        Curve("dcr_train", x, cumulative(peak, 0.11), **labels),
        Curve("dcr_holdout", x, cumulative(0.012, 0.13), **labels),
    )


def checks(copies: float, share: float) -> tuple[Result, ...]:
    return (
        Result(
            id="copies",
            kind="check",
            title="Exact and near copies",
            question="Do training rows reappear in the synthetic table more than they should?",
            how_to_read="The holdout's rate is what coincidence gives; only the excess is a leak.",
            threat_model=ThreatModel.AUDITOR,
            status=Status.MEASURED,
            estimates=(
                interval_estimate("exact_copies_excess", copies, 0.008, 0.0, N, bottom=-1.0),
                interval_estimate("near_copies_excess", 1.4 * copies, 0.011, 0.0, N, bottom=-1.0),
            ),
            curves=distance_curves(copies + 0.012),
            seconds=0.31,
        ),
        Result(
            id="dcr",
            kind="check",
            title="Distance to the closest record",
            question="Are synthetic rows closer to training rows than to held-out rows?",
            how_to_read="50% is what chance gives. A share near 50% does not rule a leak out.",
            threat_model=ThreatModel.AUDITOR,
            status=Status.MEASURED,
            estimates=(interval_estimate("dcr_share", share, 0.018, 0.5, N),),
            seconds=0.22,
        ),
        Result(
            id="rare_values",
            kind="check",
            title="Rare values",
            question="Do values that only one training row has turn up in the synthetic table?",
            how_to_read="Compared with values that only one held-out row has.",
            threat_model=ThreatModel.AUDITOR,
            status=Status.MEASURED,
            estimates=(
                interval_estimate("rare_values_excess", 3 * copies, 0.02, 0.0, 812, bottom=-1.0),
            ),
            seconds=0.05,
        ),
    )


COLUMNS = (
    ("age", ColumnKind.NUMERIC, 73),
    ("capital_gain", ColumnKind.NUMERIC, 119),
    ("education", ColumnKind.CATEGORY, 16),
    ("fnlwgt", ColumnKind.NUMERIC, 5612),
    ("hours_per_week", ColumnKind.NUMERIC, 90),
    ("income", ColumnKind.BOOLEAN, 2),
    ("marital_status", ColumnKind.CATEGORY, 7),
    ("native_country", ColumnKind.CATEGORY, 41),
    ("occupation", ColumnKind.CATEGORY, 14),
    ("race", ColumnKind.CATEGORY, 5),
    ("relationship", ColumnKind.CATEGORY, 6),
    ("sex", ColumnKind.CATEGORY, 2),
    ("workclass", ColumnKind.CATEGORY, 8),
)


def inputs(n: int = N, synthetic: str = "synthetic_leaky.csv") -> Inputs:
    def table(source: str, digest: str, rows: int) -> TableInput:
        return TableInput(
            source=source, format="csv", sha256=digest * 8, rows=rows, columns=len(COLUMNS)
        )

    schema = Schema(tuple(Column(name, kind, d, 0) for name, kind, d in COLUMNS))
    return Inputs(
        train=table("train.csv", "3f9a6c21", n),
        holdout=table("holdout.csv", "b07e4d58", n),
        synthetic=table(synthetic, "91c2fe30", n),
        schema_=schema,
    )


def component(id_: str, title: str, observed: Interval, limit: float, reason: str) -> Component:
    def mapped(x: float | None) -> float:
        x = 0.0 if x is None else x
        if x <= 0:
            return 100.0
        return 100 - 50 * x / limit if x <= limit else 50 * (1 - (x - limit) / (1 - limit))

    score = Interval(mapped(observed.value), mapped(observed.high), mapped(observed.low))
    assert score.low is not None and score.high is not None
    level = Level.PASS if score.low >= 50 else Level.FAIL if score.high < 50 else Level.INCONCLUSIVE
    return Component(
        id_,
        title,
        observed.value,
        observed.low,
        observed.high,
        0.0,
        limit,
        1.0,
        score,
        level,
        reason,
    )


def interval_of(result: Result, name: str, shift: float = 0.0) -> Interval:
    found = result.estimate(name)
    assert found is not None
    ends = (found.value, found.low, found.high)
    return Interval(*(None if end is None else end - shift for end in ends))


def headline(result: Result, p_value: float) -> Headline:
    return Headline(
        attack=result.id,
        title=result.title,
        threat_model=result.threat_model,
        auc=interval_of(result, "auc"),
        advantage=interval_of(result, "advantage"),
        tpr_at_fpr={
            fpr: interval_of(result, f"tpr_at_fpr_{fpr}") for fpr in ("0.1", "0.01", "0.001")
        },
        chosen_by_half=(result.id, result.id),
        p_value=p_value,
    )


def components(strongest: Result, identified: Interval, copies: Interval) -> tuple[Component, ...]:
    return (
        component(
            "advantage",
            "Advantage of the strongest attack",
            interval_of(strongest, "advantage"),
            0.10,
            "the strongest attack, chosen on one half and measured on the other",
        ),
        component(
            "tail",
            "Members named at 1% false alarms, beyond chance",
            interval_of(strongest, "tpr_at_fpr_0.01", shift=0.01),
            0.05,
            "the few who can be named with near certainty",
        ),
        component(
            "identified",
            "Members that can be singled out",
            identified,
            0.01,
            "at most 5% of them wrongly",
        ),
        component(
            "copies", "Copied rows beyond the holdout's rate", copies, 0.01, "coincidence taken off"
        ),
    )


def verdict(
    parts: tuple[Component, ...], reasons: tuple[str, ...], rows: int | None = None
) -> Verdict:
    worst = min(parts, key=lambda part: part.score.value or 0.0)
    levels = {part.level for part in parts}
    level = next(found for found in (Level.FAIL, Level.INCONCLUSIVE, Level.PASS) if found in levels)
    return Verdict(level, worst.score, reasons, parts, "default", rows)


STEPS = (
    Step(name="reading and aligning tables", seconds=0.9),
    Step(name="encoding", seconds=0.2),
    Step(name="outsider attacks", seconds=9.8),
    Step(name="stand-in choice", seconds=4.1),
    Step(name="shadow attack", seconds=21.6),
    Step(name="checks", seconds=0.6),
    Step(name="statistics and permutation test", seconds=3.3),
)


def base(n: int = N, synthetic: str = "synthetic_leaky.csv") -> dict[str, object]:
    return {
        "tool": Tool(version="0.1.0", commit="d21ee5b"),
        "created": "2026-11-23T10:04:31Z",
        "inputs": inputs(n, synthetic),
        "coverage": Coverage(
            n_members=n, n_members_attacked=n, n_nonmembers=n, n_nonmembers_attacked=n
        ),
        "config": AuditConfig(seed=0, jobs=2),
        "seed": 0,
        "versions": {
            "python": "3.11.7",
            "numpy": "2.2.1",
            "pandas": "2.3.3",
            "scikit-learn": "1.7.2",
        },
        "seconds": Timing(total=40.5, steps=STEPS),
        "command": (
            "synthaudit audit --train train.csv --holdout holdout.csv "
            f"--synthetic {synthetic} --out report --seed 0"
        ),
    }


def outsider_attacks(scale: float, exposed: float, n: int = N) -> tuple[Result, ...]:
    return (
        attack("closest_record", "Closest record", 0.3 * scale, 0.1 * exposed, n=n),
        attack(
            "closest_record_calibrated",
            "Closest record, self-calibrated",
            0.42 * scale,
            0.2 * exposed,
            n=n,
        ),
        attack(
            "value_fingerprint", "Value fingerprint", 1.0 * scale, 0.8 * exposed, seconds=0.06, n=n
        ),
        attack(
            "density_ratio",
            "Density ratio, boosted trees",
            0.65 * scale,
            0.3 * exposed,
            seconds=6.2,
            n=n,
        ),
        attack(
            "density_ratio_linear", "Density ratio, linear", 0.05 * scale, 0.0, seconds=0.7, n=n
        ),
        attack("tracing", "Tracing", 0.11 * scale, 0.0, seconds=0.2, n=n),
        attack(
            "combination",
            "Combination of all attacks",
            1.02 * scale,
            0.85 * exposed,
            seconds=1.9,
            n=n,
        ),
    )


def threat_models(stand_in: Result | None, outsider: Result) -> tuple[ThreatModelEntry, ...]:
    def entry(id_: str, title: str, result: Result | None, why: str) -> ThreatModelEntry:
        return ThreatModelEntry(
            id=id_,
            title=title,
            attempted=result is not None,
            why=why,
            attack=result.id if result else None,
            auc=interval_of(result, "auc") if result else None,
            advantage=interval_of(result, "advantage") if result else None,
        )

    why = (
        "16 shadows of a stand-in chosen by measurement"
        if stand_in
        else "no shadow could be trained"
    )
    return (
        entry("outsider", "Outsider, the table only", outsider, "7 attacks on the table alone"),
        entry("stand-in", "Attacker with a stand-in generator", stand_in, why),
        entry("insider", "Insider with the generator itself", None, "the generator was not named"),
    )


def strata(shift: float, exposed: float) -> tuple[Stratum, ...]:
    labels = (
        "least isolated fifth",
        "second fifth",
        "middle fifth",
        "fourth fifth",
        "most isolated fifth",
    )
    groups = []
    for i, label in enumerate(labels):
        auc, tpr = rates(shift * (0.5 + 0.3 * i), exposed * (0.4 + 0.3 * i))
        groups.append(
            Stratum(
                label=label,
                n_members=600,
                n_nonmembers=600,
                auc=around(auc, 0.032),
                tpr=around(tpr["0.01"], 0.038 if exposed else 0.009),
            )
        )
    return tuple(groups)


def validity(placebo: float, blind: float, passed: bool = True) -> tuple[Validity, ...]:
    return (
        Validity(
            id="placebo",
            title="Placebo: tables that cannot know the members",
            passed=passed,
            estimate=interval_estimate("auc", placebo, 0.015, 0.5, 2 * N),
            meaning="The same attack against tables made without the membership labels.",
        ),
        Validity(
            id="blind-classifier",
            title="Train and holdout cannot be told apart",
            passed=passed,
            estimate=interval_estimate("auc", blind, 0.015, 0.5, 2 * N),
            meaning="A classifier that never sees the synthetic table.",
            columns=() if passed else ("age", "hours_per_week"),
        ),
        Validity(
            id="overlap",
            title="Train and holdout share no more rows than coincidence gives",
            passed=True,
            meaning="4 rows in common, 5.1 expected.",
        ),
    )


YARDSTICK = (
    PlantedLeak(label="0.1% of training rows copied", share=0.001, seen=False,
                advantage=around(0.004, 0.02, -1)),
    PlantedLeak(label="1% of training rows copied", share=0.01, seen=True,
                advantage=around(0.031, 0.02, -1)),
    PlantedLeak(label="5% of training rows copied", share=0.05, seen=True,
                advantage=around(0.072, 0.022, -1)),
)  # fmt: skip

POWER = Power(n_members=N, n_nonmembers=N, min_advantage=0.041, min_auc=0.526, min_tpr=0.019)

STAND_IN = GeneratorUse(
    name="cart:min_leaf=5",
    how="stand-in",
    why="Of six built-in families its output is the most alike to the synthetic table.",
    closeness=0.86,
    shadows=16,
    considered=(
        Alternative(name="cart:min_leaf=5", distance=0.14),
        Alternative(name="bayes-net", distance=0.29),
        Alternative(name="interpolation", distance=0.61),
        Alternative(name="copula", distance=0.77),
    ),
)


POLICY = PolicyUsed(
    name="default",
    description="Sharing outside the team under a licence or contract.",
    limits=(
        LimitUsed(
            name="advantage",
            quantity="membership-advantage",
            value=0.1,
            reason="Of 100 training people and 100 others at most 10 more are sorted correctly.",
            source="Yeom et al. 2018, arXiv:1709.01604. The number: this project's judgement.",
        ),
        LimitUsed(
            name="identified",
            quantity="share-of-members",
            value=0.01,
            reason="Singling anybody out is harm.",
            source="Bates et al. 2023, doi:10.1214/22-AOS2244.",
        ),
    ),
    required_components=("advantage", "tail"),
    required_tests=("closest_record",),
    required_reason="A pass must rest on these.",
)
ATTEMPTS = Attempts(
    earlier=4, by_level={"FAIL": 3, "PASS": 1}, first="2026-11-02T08:00:00Z", same_release=1
)


def failing() -> AuditReport:
    """A generator that re-uses values: caught by fingerprint and shadows."""
    shadow = attack("generator_shadow", "Generator shadows", 1.25, 0.42, ThreatModel.STAND_IN, 21.6)
    results = (*outsider_attacks(1.0, 0.4), shadow)
    parts = components(shadow, around(0.47, 0.018), around(0.021, 0.008))
    return AuditReport(
        **base(),
        verdict=verdict(
            parts,
            (
                "The advantage of the strongest attack is above the policy's limit of 0.100.",
                "Members that can be singled out are above the policy's limit of 1%.",
            ),
        ),
        headline=headline(shadow, 0.001),
        results=(*results, *checks(0.021, 0.531)),
        warnings=(
            Notice(
                "coerced-to-number",
                "synthetic.age was read as text: 2 of 3,000 values are not numeric and are treated "
                "as missing.",
                "synthetic",
                "age",
                "warn",
            ),
            Notice("constant-column", "education_num holds one value and is set aside.", None,
                   "education_num"),
            Notice("shuffled", "Every table was shuffled at intake by the recorded seed."),
        ),
        strata=strata(1.0, 0.42),
        identified=Identified(
            n=1410,
            of=N,
            share=around(0.47, 0.018),
            attack="generator_shadow",
            top=(TopRecords(r=30, n_members=30, precision=Interval(1.0, 0.905, 1.0)),
                 TopRecords(r=300, n_members=297, precision=Interval(0.99, 0.971, 0.998)),
                 TopRecords(r=300, n_members=297, precision=Interval(0.667, 0.41, 0.9),
                            prevalence=0.02)),
            prevalence=0.02,
            n_at_prevalence=1320,
            share_at_prevalence=around(0.44, 0.02),
        ),
        power=POWER,
        threat_models=threat_models(shadow, results[2]),
        generator=STAND_IN,
        permutation=Permutation(n=999, p_value=0.001, n_attacks=8),
        policy=POLICY,
        attempts=ATTEMPTS,
        epsilon=(EpsilonBound(value=3.4, method="Clopper-Pearson", claimed=1.0),
                 EpsilonBound(value=2.1, method="one run", claimed=1.0)),
        validity=validity(0.503, 0.498),
        yardstick=YARDSTICK,
        columns=(
            ColumnExposure(column="fnlwgt", alone=around(0.771, 0.013),
                           without=around(0.604, 0.015), reused=around(0.52, 0.02),
                           note="exact values are re-used"),
            ColumnExposure(column="capital_gain", alone=around(0.561, 0.014),
                           without=around(0.779, 0.013), reused=around(0.11, 0.015)),
            ColumnExposure(column="hours_per_week", alone=around(0.512, 0.014),
                           without=around(0.788, 0.013), reused=around(0.008, 0.012, -1)),
        ),
    )  # fmt: skip


def passing() -> AuditReport:
    """An independent generator: nothing to find, and enough rows to say so."""
    shadow = attack("generator_shadow", "Generator shadows", 0.02, 0.0, ThreatModel.STAND_IN, 20.1)
    results = (*outsider_attacks(0.02, 0.0), shadow)
    strongest = results[2]
    parts = components(strongest, Interval(0.0, 0.0, 0.0012), around(0.0004, 0.002, -1))
    return AuditReport(
        **base(synthetic="synthetic_marginals.csv"),
        verdict=verdict(
            parts, ("Every component lies within the policy's limits, interval and all.",)
        ),
        headline=headline(strongest, 0.41),
        results=(*results, *checks(0.0004, 0.503)),
        warnings=(Notice("shuffled", "Every table was shuffled at intake by the recorded seed."),),
        strata=strata(0.01, 0.0),
        identified=Identified(
            n=0, of=N, share=Interval(0.0, 0.0, 0.0012), attack="value_fingerprint"
        ),
        power=POWER,
        threat_models=threat_models(shadow, strongest),
        generator=STAND_IN.model_copy(
            update={"name": "marginals", "closeness": 0.97, "considered": ()}
        ),
        permutation=Permutation(n=999, p_value=0.41, n_attacks=8),
        validity=validity(0.5, 0.497),
        yardstick=YARDSTICK,
    )


def inconclusive() -> AuditReport:
    """Two hundred rows a side: the interval straddles the limit."""
    n = 200
    results = outsider_attacks(0.19, 0.0, n)
    strongest = results[2]
    parts = components(strongest, Interval(0.0, 0.0, 0.018), around(0.0, 0.018, -1))
    return AuditReport(
        **base(n, "vendor_sample.parquet"),
        verdict=verdict(parts, ("The interval of the advantage reaches across the limit.",), 1900),
        headline=headline(strongest, 0.12),
        results=(*results, *checks(0.0, 0.52)),
        warnings=(
            Notice(
                "few-rows",
                "200 members and 200 non-members are few: an advantage below 0.16 may go unseen.",
                severity="warn",
            ),
        ),
        power=Power(n_members=n, n_nonmembers=n, min_advantage=0.16, min_auc=0.599, min_tpr=None),
        threat_models=threat_models(None, strongest),
        permutation=Permutation(n=999, p_value=0.12, n_attacks=7),
        validity=validity(0.49, 0.51),
    )


def invalid() -> AuditReport:
    """Train and holdout come from different populations: no number can be trusted."""
    results = outsider_attacks(0.5, 0.0)
    return AuditReport(
        **base(),
        verdict=Verdict(
            Level.INVALID,
            Interval(None, None, None),
            (
                "Train and holdout can be told apart without the synthetic table (AUC 0.71), so "
                "what looks like membership may be a difference between the two files; the columns "
                "that differ most are age and hours_per_week.",
            ),
        ),
        headline=None,
        results=(*results, *checks(0.001, 0.55)),
        warnings=(
            Notice(
                "not-exchangeable",
                "Train and holdout differ: make the holdout by a random split before the generator "
                "is trained (synthaudit split).",
                None,
                None,
                "invalid",
            ),
        ),
        power=POWER,
        threat_models=threat_models(None, results[2]),
        validity=validity(0.64, 0.71, passed=False),
    )


def partial() -> AuditReport:
    """A pass in which a shadow attack failed and another was skipped."""
    report = passing()
    lost = (
        undone("generator_shadow", "Generator shadows", Status.FAILED,
               "the generator stopped after 60 s in 14 of 16 shadows", ThreatModel.STAND_IN),
        undone("insider_shadow", "Insider shadows", Status.SKIPPED,
               "no generator was named: give one with --generator", ThreatModel.INSIDER),
        undone("tracing", "Tracing", Status.SKIPPED,
               "fewer than two columns take part in distances", ThreatModel.OUTSIDER),
    )  # fmt: skip
    kept = tuple(result for result in report.results if result.id not in {r.id for r in lost})
    worst = report.verdict.components
    nothing = Interval(None, None, None)
    untested = Component(
        id="epsilon",
        title="Observed epsilon",
        value=None,
        low=None,
        high=None,
        null=0.0,
        limit=1.0,
        worst=10.0,
        score=nothing,
        level=None,
        reason="the split was not declared random",
    )
    data = dict(report) | {
        "results": (*kept, *lost),
        "threat_models": (),
        "generator": None,
        "verdict": Verdict(
            report.level, report.score, report.verdict.reasons, (*worst, untested), "default"
        ),
        "coverage": Coverage(
            n_members=12000,
            n_members_attacked=N,
            n_nonmembers=N,
            n_nonmembers_attacked=N,
            note="3,000 of 12,000 members were drawn at random to match the holdout",
        ),
    }
    return AuditReport.model_validate(data)


EXAMPLES = {
    "pass": passing,
    "fail": failing,
    "inconclusive": inconclusive,
    "invalid": invalid,
    "partial": partial,
}
