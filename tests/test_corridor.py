"""The corridor end to end in Python: what moves a number, and what must not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
from conftest import make_case

from synthaudit import AuditReport, PolicyViolation, audit
from synthaudit.data.views import AdversaryView
from synthaudit.parallel import Context
from synthaudit.plugins import run_attack
from synthaudit.seeds import Streams
from synthaudit.types import Card, Floats, Level, Status

QUICK = ("closest_record", "value_fingerprint", "tracing")


def numbers(report: AuditReport) -> dict[str, Any]:
    """Everything in the report but times, paths of inputs and the number of workers."""
    content = json.loads(report.to_json())
    for key in ("seconds", "created", "inputs", "command"):
        del content[key]
    del content["config"]["jobs"]
    for result in content["results"]:
        del result["seconds"]
    return content


def quick(case: Any, **settings: Any) -> AuditReport:
    return audit(*case, attacks=QUICK, shadows=0, **settings)


@pytest.fixture(scope="module")
def case() -> tuple[pd.DataFrame, ...]:
    return make_case(120, seed=8, leak=0.6)


@pytest.fixture(scope="module")
def report(case: Any) -> AuditReport:
    return quick(case, jobs=1)


def test_a_leak_is_a_fail_and_raises(report: AuditReport) -> None:
    assert report.verdict.level is Level.FAIL
    assert report.score.high is not None and report.score.high < 50
    with pytest.raises(PolicyViolation):
        report.raise_for_policy()
    metrics = report.metrics()
    assert metrics["privacy.score"] == report.score.value
    assert {"attack", "check"} <= set(report.to_frame()["kind"])
    assert AuditReport.from_json(report.to_json()) == report


def test_more_workers_change_no_number(report: AuditReport, case: Any) -> None:
    assert numbers(quick(case, jobs=2)) == numbers(report)


def test_inputs_are_not_modified(case: Any) -> None:
    before = [frame.copy() for frame in case]
    quick(case, jobs=1)
    for frame, copy in zip(case, before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)


def test_row_and_column_order_change_no_number(report: AuditReport, case: Any) -> None:
    rng = np.random.default_rng(1)
    shuffled = [
        frame.iloc[rng.permutation(len(frame))][list(rng.permutation(frame.columns))]
        for frame in case
    ]
    assert numbers(quick(shuffled, jobs=1)) == numbers(report)


def test_arrow_and_polars_give_the_same_numbers(report: AuditReport, case: Any) -> None:
    pa = pytest.importorskip("pyarrow")
    tables = [pa.Table.from_pandas(frame, preserve_index=False) for frame in case]
    assert numbers(quick(tables, jobs=1)) == numbers(report)
    pl = pytest.importorskip("polars")
    frames = [pl.from_arrow(table) for table in tables]
    assert numbers(quick(frames, jobs=1)) == numbers(report)


def test_an_attack_more_moves_no_other_attacks_number(report: AuditReport, case: Any) -> None:
    more = audit(*case, attacks=(*QUICK, "nndr"), shadows=0, jobs=1)
    for id_ in QUICK:
        mine, theirs = report.result(id_), more.result(id_)
        assert mine is not None and theirs is not None and mine.estimates == theirs.estimates


def test_another_seed_is_recorded(case: Any) -> None:
    assert quick(case, jobs=1, seed=7).seed == 7


@dataclass(frozen=True)
class Misbehaving:
    """Does whatever its ``how`` says."""

    how: str
    card: ClassVar[Card] = Card("misbehaving", "Misbehaving", "Does it?", "It does.")

    def score(self, view: AdversaryView, context: Context) -> Floats:
        if self.how == "raises":
            raise ValueError("row 17 holds the diagnosis C50.9")
        if self.how == "shape":
            return np.zeros(3)
        return np.full(view.n_candidates, np.nan)


@pytest.mark.parametrize("how", ["raises", "shape", "nan"])
def test_a_plug_in_that_misbehaves_is_a_failed_result(how: str, case: Any) -> None:
    from synthaudit.data import draw_challenge, load_tables

    view = draw_challenge(load_tables(*case), Streams(0)).adversary
    outcome = run_attack(Misbehaving(how), view, Context(Streams(0)))
    assert outcome.status is Status.FAILED and outcome.reason
    assert "C50" not in outcome.reason and outcome.result().status is Status.FAILED


def test_names_of_columns_and_levels_and_units_change_no_number(case: Any) -> None:
    """Every attack that needs no generator, every check but a vendor's own definition."""
    plain = audit(*case, shadows=0, jobs=1)
    names = {name: f"x{i}" for i, name in enumerate(reversed(list(case[0].columns)))}
    levels = {"region": dict(zip("NESW", ("x1", "a", "Ü", "B"), strict=True))}

    def renamed(frame: pd.DataFrame) -> pd.DataFrame:
        frame = frame.replace(levels)
        frame["income"], frame["age"] = frame["income"] * 1000, frame["age"] * 12
        frame["joined"] = frame["joined"] - pd.Timedelta(days=3650)
        return frame.rename(columns=names)

    other = audit(*map(renamed, case), shadows=0, jobs=1)
    assert other.verdict.level == plain.verdict.level and other.score == plain.score
    assert other.headline == plain.headline and other.permutation == plain.permutation
    for mine, theirs in zip(other.results, plain.results, strict=True):
        # SDMetrics' baseline draws whole numbers for columns of whole numbers: units are its own
        if mine.id != "vendor_sdmetrics":
            kept = [[(e.name, e.value, e.low, e.high, e.n) for e in r.estimates]
                    for r in (mine, theirs)]  # fmt: skip
            assert kept[0] == kept[1], mine.id
    assert [c.alone for c in other.columns] == [c.alone for c in plain.columns]


def test_an_attacker_none_of_whose_attacks_could_be_measured_says_why() -> None:
    constant = [pd.DataFrame({"a": [1] * n}) for n in (40, 41, 42)]
    found = {one.id: one.why for one in audit(*constant, shadows=4, jobs=1).threat_models}
    assert found["outsider"].startswith("No attack of this kind could be measured: Every common")
    assert "no stand-in could be fitted" in found["stand-in"]
    insider = {one.id: one.why for one in audit(*constant, generator="cart", jobs=1).threat_models}
    assert insider["insider"].startswith("No attack of this kind could be measured: ")
