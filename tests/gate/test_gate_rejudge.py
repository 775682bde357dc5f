"""Judging a report again needs the report and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from example_reports import EXAMPLES

from synthaudit import rejudge
from synthaudit.corridor import AuditRun
from synthaudit.errors import InputError
from synthaudit.gate.rejudge import policy_of, used
from synthaudit.policy import PRESETS, Policy
from synthaudit.report.model import AuditReport
from synthaudit.types import Level


def policy_text(values: dict[str, float], tests: str = "") -> str:
    from synthaudit.policy import QUANTITIES

    parts = ['schema = 1\nname = "own"\n']
    for name, value in values.items():
        parts.append(
            f'[limits.{name}]\nquantity = "{QUANTITIES[name]}"\nlimit = {value}\n'
            'reason = "r"\nsource = "s"\n'
        )
    return "".join(parts) + f"[required]\ncomponents = []\ntests = [{tests}]\n"


ALL = dict.fromkeys(
    ("advantage", "excess_tpr", "identified", "excess_copies", "detectable_advantage"), 0.999
)


@pytest.mark.parametrize("name", ["leaky", "null"])
def test_under_its_own_policy_a_report_judged_again_is_the_same(
    finished: dict[str, AuditRun], name: str
) -> None:
    report = AuditReport.from_json(finished[name].report.to_json())
    again = rejudge(report, "default")
    assert again == report
    assert report.grounds is not None and report.grounds.bulk is not None
    assert report.grounds.bulk.title in again.verdict.reasons[1]


@pytest.mark.parametrize("preset", PRESETS)
def test_judging_again_gives_what_the_audit_itself_would_give(
    finished: dict[str, AuditRun], case_files: dict[str, dict[str, Path]], preset: str
) -> None:
    from finished_audits import quick_audit

    again = rejudge(finished["null"].report, preset)
    assert again.verdict.policy == again.config.policy == preset
    assert again.policy == used(Policy.load(preset))
    if preset == "strict":
        audited = quick_audit(case_files["null"], policy=preset).report
        assert again.verdict == audited.verdict
        assert again.results != () and again.policy == audited.policy


def test_limits_move_the_verdict_and_no_number(finished: dict[str, AuditRun]) -> None:
    report = finished["leaky"].report
    assert report.level is Level.FAIL
    loose = rejudge(report, Policy.parse(policy_text(ALL)))
    assert loose.level is not Level.FAIL
    assert (loose.results, loose.headline, loose.grounds) == (
        report.results,
        report.headline,
        report.grounds,
    )
    needs = rejudge(finished["null"].report, Policy.parse(policy_text(ALL, '"value_fingerprint"')))
    assert needs.level is Level.INCONCLUSIVE
    assert any("value_fingerprint" in reason for reason in needs.verdict.reasons)
    own = rejudge(finished["null"].report, Policy.parse(policy_text(ALL, '"exact_copies"')))
    assert own.level is Level.PASS


def test_the_policy_in_a_report_is_the_policy(finished: dict[str, AuditRun]) -> None:
    assert policy_of(finished["null"].report) == Policy.load("default")


def test_reports_of_the_first_version_are_read_and_cannot_be_judged_again() -> None:
    old = EXAMPLES["pass"]().to_json().replace('"schema_version": "1.1"', '"schema_version": "1.0"')
    report = AuditReport.from_json(old)
    with pytest.raises(InputError, match="repeat the audit"):
        rejudge(report, "default")
