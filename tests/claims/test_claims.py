"""Claims: read strictly, answered from a report, by hand and on real audits."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from example_reports import EXAMPLES
from finished_audits import flags, run_command, without_slow_checks
from scipy.stats import binom

from synthaudit.claims import (
    Answer,
    Finding,
    claims_json,
    claims_markdown,
    claims_text,
    judge_claims,
    read_claims,
)
from synthaudit.claims.file import parse_claims
from synthaudit.claims.judge import _identified_margin
from synthaudit.claims.kinds import KINDS, STATEMENT
from synthaudit.corridor import AuditRun
from synthaudit.errors import InputError
from synthaudit.report.model import AuditReport
from synthaudit.stats.binomial import clopper_pearson
from synthaudit.types import Interval, Status

FILE = """
schema = 1
vendor = "Acme"
product = "Acme Synth 4"

[[claim]]
kind = "identical-rows"
value = 0.0
quote = "0 % identical records"
source = "data sheet, page 2"

[[claim]]
kind = "mostlyai-dcr-share"
value = 0.5
quote = "DCR share 50 %"

[[claim]]
kind = "sdmetrics-dcr-overfitting-protection"
value = 0.98
quote = "DCROverfittingProtection 0.98"

[[claim]]
kind = "membership-auc"
value = 0.55
quote = "no membership inference above 0.55"

[[claim]]
kind = "epsilon"
value = 1.0
quote = "epsilon = 1"

[[claim]]
kind = "identified-people"
value = 0.0
quote = "nobody can be identified"

[[claim]]
kind = "statement"
quote = "GDPR anonymous"
"""


def one(kind: str, report: AuditReport, value: float | None, **more: float) -> Finding:
    item: dict[str, Any] = {"kind": kind, "quote": "said so", **more}
    if value is not None:
        item["value"] = value
    (finding,) = judge_claims(parse_claims({"schema": 1, "claim": [item]}), report)
    return finding


def answers(report: AuditReport, path: Path) -> dict[str, Answer]:
    path.write_text(FILE)
    return {f.claim.kind.id: f.answer for f in judge_claims(read_claims(path), report)}


def test_a_copied_table_contradicts_what_is_said_of_it(
    finished: dict[str, AuditRun], tmp_path: Path
) -> None:
    assert answers(finished["leaky"].report, tmp_path / "c.toml") == {
        "identical-rows": Answer.CONTRADICTED,
        "mostlyai-dcr-share": Answer.NOT_TESTABLE,  # far off, but on another distance
        "sdmetrics-dcr-overfitting-protection": Answer.CONTRADICTED,
        "membership-auc": Answer.CONTRADICTED,
        "epsilon": Answer.CONTRADICTED,
        "identified-people": Answer.CONTRADICTED,
        "statement": Answer.OUTSIDE,
    }


def test_fresh_rows_do_not(finished: dict[str, AuditRun], tmp_path: Path) -> None:
    found = answers(finished["null"].report, tmp_path / "c.toml")
    assert found["identical-rows"] is Answer.CONFIRMED
    assert found["mostlyai-dcr-share"] is Answer.CONFIRMED
    assert found["membership-auc"] is Answer.NOT_CONTRADICTED
    assert found["identified-people"] is Answer.NOT_CONTRADICTED
    assert Answer.CONTRADICTED not in set(found.values()) - {
        found["sdmetrics-dcr-overfitting-protection"]
    }


@pytest.mark.parametrize("name", ["leaky", "null"])
def test_every_figure_is_confirmed_when_stated_as_recomputed(
    finished: dict[str, AuditRun], name: str
) -> None:
    report = finished[name].report
    for kind in KINDS.values():
        if kind.figure is None:
            continue
        result = report.result(kind.figure[0])
        assert result is not None, kind.id
        estimate = result.estimate(kind.figure[1])
        assert estimate is not None and estimate.value is not None, kind.id
        assert one(kind.id, report, round(estimate.value, 6)).answer is Answer.CONFIRMED


def test_a_figure_is_held_to_its_tolerance(finished: dict[str, AuditRun]) -> None:
    report = finished["null"].report
    estimate = report.result("vendor_new_rows").estimate("new_row_synthesis")  # type: ignore[union-attr]
    value = estimate.value  # type: ignore[union-attr]
    assert value is not None and value > 0.9
    kind = "sdmetrics-new-row-synthesis"
    assert one(kind, report, value - 0.004).answer is Answer.CONFIRMED
    assert one(kind, report, value - 0.006).answer is Answer.CONTRADICTED
    assert one(kind, report, value - 0.006, tolerance=0.01).answer is Answer.CONFIRMED


def with_numbers(auc: Interval, p_value: float) -> AuditReport:
    """A report whose strongest attack reached this much."""
    report = EXAMPLES["pass"]()
    data = json.loads(report.to_json())
    data["headline"]["auc"] = {"value": auc.value, "low": auc.low, "high": auc.high}
    data["grounds"] = {"n_members": 3000, "n_nonmembers": 3000, "p_value": p_value}
    return AuditReport.model_validate(data)


def test_a_bound_is_contradicted_only_by_a_whole_interval_and_the_exact_test() -> None:
    beyond = Interval(0.60, 0.57, 0.63)
    assert one("membership-auc", with_numbers(beyond, 0.001), 0.55).answer is Answer.CONTRADICTED
    assert one("membership-auc", with_numbers(beyond, 0.2), 0.55).answer is Answer.NOT_CONTRADICTED
    reaches = with_numbers(Interval(0.60, 0.54, 0.66), 0.001)
    assert one("membership-auc", reaches, 0.55).answer is Answer.NOT_CONTRADICTED
    # even a whole interval below the claim confirms nothing
    below = with_numbers(Interval(0.51, 0.49, 0.53), 0.5)
    finding = one("membership-auc", below, 0.55)
    assert finding.answer is Answer.NOT_CONTRADICTED and finding.power == 0.8
    smallest = below.power.min_auc  # type: ignore[union-attr]
    assert finding.detectable == pytest.approx(0.55 + smallest - 0.5)  # type: ignore[operator]


def test_what_would_have_been_seen_is_said_in_words() -> None:
    below = with_numbers(Interval(0.51, 0.49, 0.53), 0.5)
    seen = one("membership-auc", below, 0.55)
    assert f"a true value of {seen.detectable:.3g} or more would have contradicted" in seen.reason
    assert "with 80% power" in seen.reason
    # beside a claim of 0.9999 nothing larger could show
    blind = one("membership-auc", below, 0.9999)
    assert blind.answer is Answer.NOT_TESTABLE and blind.power is None
    assert "no value could have contradicted it" in blind.reason
    power = below.power
    assert power is not None and power.min_advantage is not None
    advantage = one("membership-advantage", below, 0.2)
    assert advantage.detectable == pytest.approx(0.2 + power.min_advantage)


def test_a_figure_that_was_not_measured_says_why(finished: dict[str, AuditRun]) -> None:
    report = finished["null"].report
    found = one("dcr-share", report, 0.5)
    assert found.answer is Answer.CONFIRMED
    gone = report.model_copy(
        update={"results": tuple(r for r in report.results if r.id != "dcr_share")}
    )
    missing = one("dcr-share", gone, 0.5)
    assert missing.answer is Answer.NOT_TESTABLE and "dcr_share: was not run" in missing.reason
    (result,) = (r for r in report.results if r.id == "dcr_share")
    failed = dataclasses.replace(
        result, status=Status.SKIPPED, reason="there were too few rows", estimates=()
    )
    others = tuple(r for r in report.results if r.id != "dcr_share")
    skipped = one("dcr-share", report.model_copy(update={"results": (*others, failed)}), 0.5)
    assert skipped.answer is Answer.NOT_TESTABLE and "too few rows" in skipped.reason


def test_a_share_on_a_distance_of_ones_own_contradicts_nothing(
    finished: dict[str, AuditRun],
) -> None:
    for kind, wrong in (("dcr-share", 0.0), ("mostlyai-dcr-share", 0.0), ("mostlyai-nndr", 0.9)):
        found = one(kind, finished["leaky"].report, wrong)
        assert found.answer is Answer.NOT_TESTABLE
        assert "an embedding of their own" in found.reason


def test_epsilon_by_hand() -> None:
    grounds = with_numbers(Interval(0.5, 0.5, 0.5), 0.001).grounds
    leaky = EXAMPLES["fail"]().model_copy(update={"grounds": grounds})
    # of several bounds the verdict's, which stands first, counts
    assert [found.value for found in leaky.epsilon] == [3.4, 2.1]
    assert one("epsilon", leaky, 3.3).answer is Answer.CONTRADICTED
    assert one("epsilon", leaky, 3.5).answer is Answer.NOT_CONTRADICTED
    low = leaky.model_copy(
        update={"epsilon": (leaky.epsilon[0].model_copy(update={"value": 0.1}),)}
    )
    finding = one("epsilon", low, 0.2)
    # the smallest epsilon that allows the claim's advantage and the smallest one seen on top
    margin = leaky.power.min_advantage  # type: ignore[union-attr]
    assert finding.detectable is not None and margin is not None
    assert math.tanh(finding.detectable / 2) == pytest.approx(math.tanh(0.1) + margin)
    without = leaky.model_copy(update={"epsilon": ()})
    assert one("epsilon", without, 1.0).answer is Answer.NOT_TESTABLE


@pytest.mark.parametrize(("stated", "n"), [(0.0, 150), (0.01, 400), (0.2, 60)])
def test_what_would_be_seen_of_identified_people_is_seen_four_times_in_five(
    stated: float, n: int
) -> None:
    margin = _identified_margin(stated, n)
    assert margin is not None
    power = {}
    for truth in (stated + margin, stated + margin - 0.001):
        power[truth] = sum(
            binom.pmf(k, n, truth) for k in range(n + 1) if clopper_pearson(k, n).low > stated
        )
    enough, too_little = power.values()
    assert enough >= 0.8 > too_little
    assert _identified_margin(0.999, 3) is None


def test_an_invalid_audit_answers_nothing() -> None:
    report = EXAMPLES["invalid"]()
    for kind in KINDS.values():
        if kind is not STATEMENT:
            assert one(kind.id, report, max(kind.low, 0.5)).answer is Answer.NOT_TESTABLE
    assert one("statement", report, None).answer is Answer.OUTSIDE


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("schema = 2\n[[claim]]\n", "schema"),
        ("schema = 1\n", "no claim"),
        ('schema = 1\nclaim = "x"\n', "no claim"),
        ("schema = 1\ncolour = 1\n[[claim]]\n", "colour"),
        ('schema = 1\n[[claim]]\nkind = "astrology"\nquote = "q"\n', "astrology"),
        ('schema = 1\n[[claim]]\nkind = "epsilon"\nvalue = 1\n', "quote"),
        ('schema = 1\n[[claim]]\nkind = "epsilon"\nquote = "q"\n', "number"),
        ('schema = 1\n[[claim]]\nkind = "epsilon"\nquote = "q"\nvalue = true\n', "number"),
        ('schema = 1\n[[claim]]\nkind = "dcr-share"\nquote = "q"\nvalue = 50\n', "share"),
        ('schema = 1\n[[claim]]\nkind = "statement"\nquote = "q"\nvalue = 1\n', "no value"),
        ('schema = 1\n[[claim]]\nkind = "epsilon"\nquote = "q"\nvalue = 1\nmood = 2\n', "mood"),
        ("schema = = 1", "TOML"),
    ],
)
def test_a_file_that_is_not_understood_is_refused(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "claims.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=says):
        read_claims(path)


def test_text_from_the_vendor_is_inert_everywhere(finished: dict[str, AuditRun]) -> None:
    hostile = "x\n# <script>|[a](b)\x1b[31m"
    content = {
        "schema": 1, "vendor": hostile, "product": hostile, "generator": hostile,
        "claim": [{"kind": "statement", "quote": hostile, "source": hostile}],
    }  # fmt: skip
    claims, report = parse_claims(content), finished["null"].report
    findings = judge_claims(claims, report)
    markdown = claims_markdown(claims, findings, report)
    for text in (markdown, claims_text(claims, findings)):
        assert "\x1b" not in text
    assert "<script>" not in markdown and not re.search(r"(?<!\\)\]\(", markdown)
    assert sum(line.startswith("# ") for line in markdown.splitlines()) == 1
    assert json.loads(claims_json(claims, findings, report))["findings"][0]["quote"] == hostile


@pytest.mark.slow
def test_the_command_on_tables_and_on_a_report(
    case_files: dict[str, dict[str, Path]], tmp_path: Path
) -> None:
    (tmp_path / "claims.toml").write_text(FILE)
    done = run_command(
        "claims", tmp_path / "claims.toml", *flags(case_files["leaky"]), "--out", tmp_path / "out",
        "--attacks", "closest_record", "--shadows", 0, "--jobs", 1,
        PYTHONPATH=without_slow_checks(tmp_path),
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "5 contradicted" in done.stdout and '[!!] "0 % identical records"' in done.stdout
    again = run_command(
        "claims", tmp_path / "claims.toml", "--report", tmp_path / "out" / "report.json"
    )
    assert again.returncode == 1
    assert again.stdout == done.stdout
    record = json.loads((tmp_path / "out" / "claims.json").read_text())
    assert len(record["findings"]) == 7
    assert "## 0 % identical records" in (tmp_path / "out" / "claims.md").read_text()
    alone = run_command("claims", tmp_path / "claims.toml")
    assert alone.returncode == 2 and "--report" in alone.stderr


def test_the_command_on_tables_knows_how_they_were_split(
    case_files: dict[str, dict[str, Path]], tmp_path: Path
) -> None:
    (tmp_path / "claims.toml").write_text(FILE)
    done = run_command(
        "claims", tmp_path / "claims.toml", *flags(case_files["leaky"]), "--split", "by date",
        "--attacks", "closest_record", "--shadows", 0, "--jobs", 1,
    )  # fmt: skip
    assert done.returncode == 2
    assert "'stratified:COLUMN'" in " ".join(done.stderr.split())
