"""JUnit XML: one test case a rule, as GitLab, Jenkins and most test reporters read it."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from synthaudit.gate.rules import Outcome, Rule, rules_of
from synthaudit.report.inert import inert
from synthaudit.report.model import AuditReport
from synthaudit.report.words import verdict_line
from synthaudit.types import Level

MESSAGE = 2_000
SUITE = "synthaudit"


def junit_xml(report: AuditReport, *, open_is_failure: bool = True) -> str:
    """The report as a JUnit test suite.

    Broken rules are failures, rules that were not tested are skipped. A rule that is not settled
    is a failure too, unless ``open_is_failure`` is False: then it is skipped, with its reason. The
    last case, ``verdict``, fails exactly when the exit code of the command is not 0, so that a
    reader of this file and a reader of the exit code never disagree.

    Text from outside is made inert, and what XML 1.0 cannot hold never reaches it.
    """
    rules = rules_of(report)
    cases = [_case(report, rule, open_is_failure) for rule in rules]
    cases.append(_verdict_case(report, open_is_failure))
    suite = ET.Element(
        "testsuite",
        name=SUITE,
        tests=str(len(cases)),
        failures=str(sum(case.find("failure") is not None for case in cases)),
        errors=str(sum(case.find("error") is not None for case in cases)),
        skipped=str(sum(case.find("skipped") is not None for case in cases)),
        time=f"{report.seconds.total:.3f}",
        timestamp=report.created.removesuffix("Z"),
    )
    suite.append(_properties(report))
    suite.extend(cases)
    suites = ET.Element("testsuites", name=SUITE)
    suites.append(suite)
    ET.indent(suites)
    text: str = ET.tostring(suites, encoding="unicode")
    return f"<?xml version='1.0' encoding='utf-8'?>\n{text}\n"


def _properties(report: AuditReport) -> ET.Element:
    element = ET.Element("properties")
    values = {"policy": report.verdict.policy, "level": report.level, "seed": report.seed}
    for role, table in report.inputs.tables():
        values[f"{role}.{report.inputs.digest}"] = table.sha256
    for name, value in values.items():
        ET.SubElement(element, "property", name=name, value=inert(str(value)))
    return element


def _case(report: AuditReport, rule: Rule, open_is_failure: bool) -> ET.Element:
    element = ET.Element(
        "testcase", classname=f"{SUITE}.{inert(report.verdict.policy)}", name=inert(rule.id)
    )
    message = inert(f"{rule.title}: {rule.message}", MESSAGE)
    if rule.outcome is Outcome.BROKEN:
        ET.SubElement(element, "failure", type="leak", message=message)
    elif rule.outcome is Outcome.NOT_TESTED:
        ET.SubElement(element, "skipped", message=message)
    elif rule.outcome is Outcome.OPEN and rule.id == "inputs":
        ET.SubElement(element, "error", type="invalid", message=message)
    elif rule.outcome is Outcome.OPEN and open_is_failure:
        ET.SubElement(element, "failure", type="inconclusive", message=message)
    elif rule.outcome is Outcome.OPEN:
        ET.SubElement(element, "skipped", message=message)
    return element


def _verdict_case(report: AuditReport, open_is_failure: bool) -> ET.Element:
    element = ET.Element(
        "testcase", classname=f"{SUITE}.{inert(report.verdict.policy)}", name="verdict"
    )
    passed = report.level is Level.PASS
    if not passed and (open_is_failure or report.level is not Level.INCONCLUSIVE):
        failure = ET.SubElement(
            element, "failure", type=report.level.lower(), message=inert(verdict_line(report))
        )
        failure.text = inert(" ".join(report.verdict.reasons), 4 * MESSAGE)
    return element
