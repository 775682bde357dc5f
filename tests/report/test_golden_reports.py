"""Golden reports: every verdict in every format, compared with reviewed files.

A change of words or layout shows here as a diff. Look at it, and when it is what was meant, accept
it with ``ACCEPT_GOLDEN=1 pytest tests/report/test_golden_reports.py`` and commit the files.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from example_reports import EXAMPLES

from synthaudit.report.model import AuditReport

GOLDEN = Path(__file__).parent / "golden"
RENDERERS = {
    "json": AuditReport.to_json,
    "txt": AuditReport.to_text,
    "md": AuditReport.to_markdown,
    "html": AuditReport.to_html,
}


@pytest.mark.parametrize("suffix", RENDERERS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_golden(name: str, suffix: str) -> None:
    # rendered from the JSON, as `synthaudit render` does: nothing but the file is needed
    report = AuditReport.from_json(EXAMPLES[name]().to_json())
    found = RENDERERS[suffix](report)
    golden = GOLDEN / f"{name}.{suffix}"
    if os.environ.get("ACCEPT_GOLDEN") == "1":
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(found, encoding="utf-8", newline="\n")
    assert golden.read_text(encoding="utf-8") == found, f"look at the change in {golden.name}"
