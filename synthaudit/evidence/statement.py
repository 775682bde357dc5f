"""What is signed: an in-toto statement that these tables were tested with this result.

Statement v1 (in-toto.io/Statement/v1) with the Test Result predicate v0.1
(in-toto.io/attestation/test-result/v0.1): which tests passed, which failed, which could not be
settled, and what configured them.
"""

from __future__ import annotations

from typing import Any

from synthaudit.evidence import manifest
from synthaudit.gate.rules import Outcome, rules_of
from synthaudit.report.model import AuditReport
from synthaudit.types import Level

TYPE = "https://in-toto.io/Statement/v1"
PREDICATE = "https://in-toto.io/attestation/test-result/v0.1"
RESULTS = {Level.PASS: "PASSED", Level.FAIL: "FAILED"}


def statement(report: AuditReport, listing: bytes) -> dict[str, Any]:
    """The statement for a report and the bytes of its manifest, which names everything else."""
    rules = rules_of(report)

    def named(*outcomes: Outcome) -> list[str]:
        return [rule.id for rule in rules if rule.outcome in outcomes]

    digest = report.inputs.digest
    tables = [
        {"name": role, "digest": {digest: table.sha256}} for role, table in report.inputs.tables()
    ]
    return {
        "_type": TYPE,
        "subject": [
            {"name": manifest.NAME, "digest": {"sha256": manifest.sha256(listing)}},
            *tables,
        ],
        "predicateType": PREDICATE,
        "predicate": {
            "result": RESULTS.get(report.level, "WARNED"),
            "configuration": [
                {"name": "policy", "annotations": {"name": report.verdict.policy}},
                {"name": "seed", "annotations": {"seed": report.seed}},
            ],
            "passedTests": named(Outcome.MET),
            "warnedTests": named(Outcome.OPEN, Outcome.NOT_TESTED),
            "failedTests": named(Outcome.BROKEN),
        },
    }
