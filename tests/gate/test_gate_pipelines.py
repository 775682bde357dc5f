"""JUnit, annotations, metrics and exit codes, from finished reports."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from example_reports import EXAMPLES
from finished_audits import run_command

from synthaudit.corridor import AuditRun
from synthaudit.gate import Outcome, annotation_lines, junit_xml, rejudge, rules_of, step_summary
from synthaudit.gate.github import escaped
from synthaudit.policy import Policy
from synthaudit.report.model import AuditReport
from synthaudit.types import Level, Notice

HOSTILE = "a\nb::error::x %0A <script>|`\x1b[31m\x00]]>\u202e,c:"


@pytest.fixture(scope="module")
def files(
    finished: dict[str, AuditRun], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    made = {name: folder / f"{name}.json" for name in finished}
    for name, path in made.items():
        path.write_text(finished[name].report.to_json())
    return made


def suite_of(text: str) -> ET.Element:
    return ET.fromstring(text).find("testsuite")  # type: ignore[return-value]  # noqa: S314


def kinds_of(suite: ET.Element) -> dict[str, str]:
    return {
        case.get("name", ""): (case[0].tag if len(case) else "passed")
        for case in suite.iter("testcase")
    }


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_rule_is_a_test_case_and_the_last_agrees_with_the_exit_code(name: str) -> None:
    report = EXAMPLES[name]()
    suite = suite_of(junit_xml(report))
    kinds = kinds_of(suite)
    assert [rule.id for rule in rules_of(report)] == list(kinds)[:-1]
    assert kinds["verdict"] == ("passed" if report.level is Level.PASS else "failure")
    for rule in rules_of(report):
        if rule.outcome is Outcome.NOT_TESTED:
            assert kinds[rule.id] == "skipped"
        if rule.outcome is Outcome.BROKEN:
            assert kinds[rule.id] == "failure"
    for tag, count in (("failure", "failures"), ("skipped", "skipped"), ("error", "errors")):
        assert int(suite.get(count, "")) == list(kinds.values()).count(tag)
    assert int(suite.get("tests", "")) == len(kinds)


def test_what_is_open_fails_or_is_skipped_as_asked(finished: dict[str, AuditRun]) -> None:
    report = finished["null"].report
    assert report.level is Level.INCONCLUSIVE  # 150 rows a side settle nothing
    strict, loose = (
        kinds_of(suite_of(junit_xml(report, open_is_failure=o))) for o in (True, False)
    )
    assert strict["power"] == "failure" and loose["power"] == "skipped"
    assert strict["verdict"] == "failure" and loose["verdict"] == "passed"
    invalid = kinds_of(suite_of(junit_xml(EXAMPLES["invalid"](), open_is_failure=False)))
    assert invalid["inputs"] == "error" and invalid["verdict"] == "failure"


def test_invalid_inputs_say_what_is_wrong_and_nothing_else() -> None:
    report = EXAMPLES["invalid"]()
    (wrong,) = (notice for notice in report.warnings if notice.severity == "invalid")
    other = Notice("few-common-columns", "Only 2 columns.", severity="warn")
    report = report.model_copy(update={"warnings": (other, wrong)})
    (rule,) = (rule for rule in rules_of(report) if rule.id == "inputs")
    assert rule.message == wrong.message
    silent = report.model_copy(update={"warnings": ()})
    (rule,) = (rule for rule in rules_of(silent) if rule.id == "inputs")
    assert rule.message == " ".join(report.verdict.reasons)


def test_a_required_test_that_did_not_run_is_skipped_with_its_reason(
    finished: dict[str, AuditRun],
) -> None:
    policy = Policy.load("default")
    from dataclasses import replace

    wants = replace(policy, required_tests=("exact_copies", "generator_shadow"))
    rules = {rule.id: rule for rule in rules_of(rejudge(finished["null"].report, wants))}
    assert rules["test-exact_copies"].outcome is Outcome.MET
    assert rules["test-generator_shadow"].outcome is Outcome.NOT_TESTED


def hostile(report: AuditReport) -> AuditReport:
    """The same report with hostile text wherever text comes from outside."""
    verdict = report.model_dump(mode="json")["verdict"]
    for component in verdict["components"]:
        component["reason"] = component["title"] = HOSTILE
    verdict["reasons"] = [HOSTILE]
    verdict["policy"] = HOSTILE
    notice = Notice("x", HOSTILE, severity="invalid")
    return report.model_copy(
        update={
            "verdict": AuditReport.model_validate(
                {**report.model_dump(mode="json"), "verdict": verdict}
            ).verdict,
            "warnings": (notice,),
        }
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_text_from_outside_ends_no_command_no_cell_and_no_xml(name: str) -> None:
    report = hostile(EXAMPLES[name]())
    suite_of(junit_xml(report))  # parses
    for line in annotation_lines(report):
        assert len(line.splitlines()) == 1
        kind, message = re.fullmatch(r"::(error|warning) title=[^:,]*::(.*)", line).groups()  # type: ignore[union-attr]
        assert "\x1b" not in line and kind
        assert "%25" in message or "%" not in message
    table = step_summary(report).split("<details>")[0]
    rows = [line for line in table.splitlines() if line.startswith("|")]
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 4 for row in rows)
    assert "<script>" not in step_summary(report)


def test_workflow_commands_are_escaped_as_the_toolkit_does() -> None:
    assert escaped("50%\r\n:,") == "50%25%0D%0A:,"
    assert escaped("50%\r\n:,", is_property=True) == "50%25%0D%0A%3A%2C"


def test_the_gate_tells_pipelines_everything(files: dict[str, Path], tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("earlier step\n")
    done = run_command(
        "gate", files["leaky"], "--github", "--quiet", "--junit", tmp_path / "deep" / "j.xml",
        "--metrics", tmp_path / "m.json", "--json", tmp_path / "r.json",
        GITHUB_STEP_SUMMARY=str(summary),
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert all(line.startswith("::") for line in done.stdout.splitlines()) and done.stdout
    text = summary.read_text()
    assert text.startswith("earlier step\n### synthaudit: FAIL") and "<details>" in text
    assert kinds_of(suite_of((tmp_path / "deep" / "j.xml").read_text()))["verdict"] == "failure"
    metrics = json.loads((tmp_path / "m.json").read_text())
    assert metrics["privacy.passed"] == 0.0 and metrics["privacy.advantage"] > 0.9
    assert all(isinstance(value, float) for value in metrics.values())
    assert (tmp_path / "r.json").read_text() == files["leaky"].read_text()


def test_inconclusive_fails_unless_told_otherwise_and_json_stays_json(
    files: dict[str, Path],
) -> None:
    assert run_command("gate", files["null"], "-q").returncode == 3
    done = run_command(
        "gate", files["null"], "--inconclusive-is", "warn", "--json", "-", "--github",
        GITHUB_STEP_SUMMARY="",
    )  # fmt: skip
    assert done.returncode == 0
    assert json.loads(done.stdout)["verdict"]["level"] == "INCONCLUSIVE"
    assert "let through" in done.stderr and "::warning" in done.stderr
    leak = run_command("gate", files["leaky"], "--inconclusive-is", "warn", "-q")
    assert leak.returncode == 1


def test_another_policy_another_exit_code(files: dict[str, Path], tmp_path: Path) -> None:
    from test_gate_rejudge import ALL, policy_text

    own = tmp_path / "policy.toml"
    own.write_text(policy_text(ALL))
    done = run_command("gate", files["null"], "--policy", own)
    assert done.returncode == 0 and "PASS" in done.stdout
    wrong = run_command("gate", files["null"], "--policy", "nonsense")
    assert wrong.returncode == 2 and "nonsense" in wrong.stderr
