"""What helps to believe and to mend: columns, groups, the placebo, the split, the prevalence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import make_case, make_population

from synthaudit import AuditReport, UsageError, audit
from synthaudit.attacks.value_fingerprint import ValueFingerprint
from synthaudit.data import draw_challenge, load_tables
from synthaudit.exposure import OTHERS, columns_exposed, subgroups
from synthaudit.measure import placebo
from synthaudit.parallel import Context
from synthaudit.placebo import placebo_scores
from synthaudit.seeds import Streams

QUICK = ("calibrated_closest_record", "value_fingerprint")


def quick(tables: Any, **settings: Any) -> AuditReport:
    return audit(*tables, attacks=QUICK, shadows=0, jobs=1, **settings)


def column_leak(n: int = 300) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Fresh rows whose incomes alone are those of training rows."""
    train, holdout, synthetic = make_case(n, seed=11)
    incomes = train["income"].sample(frac=1, random_state=1).to_numpy()
    return train, holdout, synthetic.assign(income=incomes)


def test_the_column_that_carries_the_leak_is_named() -> None:
    found = columns_exposed(
        draw_challenge(load_tables(*column_leak()), Streams(0)), Context(Streams(0))
    )
    assert found[0].column == "income"
    assert (found[0].alone.low or 0) > 0.9
    assert found[0].without is not None and (found[0].without.high or 1) < 0.65
    assert (found[0].reused.low or 0) > 0.8
    others = {f.column: f for f in found[1:]}
    assert all((f.alone.value or 1) < 0.65 for f in others.values())
    assert all((f.without.low or 0) > 0.7 for f in others.values() if f.without is not None)


def test_without_a_column_the_fingerprint_is_the_sum_of_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    challenge = draw_challenge(load_tables(*column_leak(60)), Streams(0))
    summed = columns_exposed(challenge, Context(Streams(0)))
    anew = replace(ValueFingerprint.card, adds_up=False)
    monkeypatch.setattr(ValueFingerprint, "card", anew)
    assert columns_exposed(challenge, Context(Streams(0))) == summed  # to the last digit


def test_columns_reach_the_report_and_workers_move_nothing() -> None:
    report = quick(column_leak(120))
    assert report.columns[0].column == "income"
    again = audit(*column_leak(120), attacks=QUICK, shadows=0, jobs=2)
    assert again.columns == report.columns


@pytest.fixture(scope="module")
def grouped() -> AuditReport:
    return quick(make_case(300, 12, 0.4), exposure_by=("region", "rare", "age"), prevalence=0.01)


def test_groups_of_a_named_column(grouped: AuditReport) -> None:
    by: dict[str, list[Any]] = {}
    for stratum in grouped.strata:
        by.setdefault(stratum.basis, []).append(stratum)
    assert list(by) == ["isolation", "region", "rare", "age"]
    assert {s.label for s in by["region"]} <= {"N", "E", "S", "W"}
    assert [s.label for s in by["age"]][:2] == ["lowest quarter", "second quarter"]
    for strata in by.values():
        assert sum(s.n_members for s in strata) == 300
    assert grouped.config.exposure_by == ("region", "rare", "age")
    assert "--exposure-by rare" in grouped.command


def test_a_rare_level_is_never_named(grouped: AuditReport) -> None:
    labels = {s.label for s in grouped.strata if s.basis == "rare"}
    assert labels == {"often", OTHERS}
    hidden = next(s for s in grouped.strata if s.label == OTHERS)
    assert hidden.suppressed and hidden.auc.value is None
    assert "seldom" not in grouped.to_json()


def test_small_levels_are_thrown_together() -> None:
    train, holdout, synthetic = make_case(200, 3)
    rng = np.random.default_rng(0)
    for frame in (train, holdout, synthetic):
        frame["town"] = rng.choice([f"t{i}" for i in range(30)], 200)
    challenge = draw_challenge(load_tables(train, holdout, synthetic), Streams(0))
    (groups,) = subgroups(challenge, ("town",))
    assert list(groups.names.values()) == [OTHERS]
    assert (groups.group_of == -1).all()


def test_exposure_by_nothing_there_is_refused() -> None:
    with pytest.raises(UsageError, match="'wealth'"):
        quick(make_case(60, 1), exposure_by=("wealth",))


def test_precision_and_members_at_a_prevalence(grouped: AuditReport) -> None:
    found = grouped.identified
    assert found is not None and found.prevalence == 0.01
    shares = {top.prevalence for top in found.top}
    assert shares == {0.5, 0.01}
    pairs = [(a, b) for a in found.top for b in found.top
             if a.r == b.r and (a.prevalence, b.prevalence) == (0.5, 0.01)]  # fmt: skip
    assert pairs
    for even, rare in pairs:
        assert rare.n_members == even.n_members
        assert (rare.precision.low or 0) <= (even.precision.low or 0)
    assert found.n_at_prevalence is not None and found.n_at_prevalence <= found.n


@pytest.mark.parametrize("prevalence", [0.0, 1.0, 7.0])
def test_a_prevalence_is_a_share(prevalence: float) -> None:
    with pytest.raises(UsageError, match="prevalence must lie between 0 and 1"):
        quick(make_case(60, 1), prevalence=prevalence)


def test_epsilon_needs_a_random_split() -> None:
    case = make_case(200, 5, 1.0)
    stated = {split: quick(case, split=split) for split in ("assumed", "random", "not-random")}
    for split in ("assumed", "random"):
        methods = [bound.method for bound in stated[split].epsilon]
        assert len(methods) == 2 and any("one-run" in method for method in methods)
        assert all(bound.value > 0.5 for bound in stated[split].epsilon)
    assert stated["not-random"].epsilon == ()
    passed = {
        split: next(v.passed for v in report.validity if v.id == "random-split")
        for split, report in stated.items()
    }
    assert passed == {"assumed": None, "random": True, "not-random": False}
    assert any(w.code == "split-not-random" for w in stated["not-random"].warnings)
    assert "--split random" in stated["random"].command
    with pytest.raises(UsageError, match="random"):
        quick(case, split="by date")


def test_the_placebo_of_a_fair_split_is_one_half_and_its_interval_covers() -> None:
    inside = 0
    for seed in range(25):
        view = draw_challenge(load_tables(*make_case(100, 500 + seed)), Streams(seed))
        scores = placebo_scores(view.adversary, Context(Streams(seed)))
        assert scores is not None
        found = placebo(scores, view.is_member).auc
        inside += (found.low or 0) <= 0.5 <= (found.high or 1)
    # 95 %: 20 or fewer of 25 happen in 0.1 % of such runs
    assert inside >= 20


def test_the_placebo_sees_multiplied_rows() -> None:
    train, holdout, synthetic = make_case(200, 8)
    multiplied = pd.concat([holdout.iloc[:40]] * 5, ignore_index=True)
    report = quick((train, multiplied, synthetic))
    shown = next(v for v in report.validity if v.id == "placebo")
    assert shown.passed is False
    assert any(w.code.startswith("placebo-") for w in report.warnings)
    assert report.level == "INVALID"


def test_the_placebo_sees_a_holdout_of_other_people() -> None:
    population = make_population(4000, 8)
    train, fresh, rest = (population.iloc[a:b] for a, b in ((0, 400), (400, 800), (800, 4000)))
    holdout = rest[rest["income"] > rest["income"].quantile(0.85)].iloc[:400]
    view = draw_challenge(load_tables(train, holdout, fresh), Streams(0))
    scores = placebo_scores(view.adversary, Context(Streams(0)))
    assert scores is not None
    found = placebo(scores, view.is_member).auc
    assert (found.low or 0) > 0.5
