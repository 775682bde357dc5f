"""The attempt log: counted, chained, locked."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from synthaudit.corridor import AuditRun
from synthaudit.errors import InputError
from synthaudit.evidence.attempts import check_log, record
from synthaudit.report.model import AuditReport


def test_earlier_attempts_on_the_same_training_data_are_counted(
    finished: dict[str, AuditRun], tmp_path: Path
) -> None:
    log = tmp_path / "deep" / "log.jsonl"
    check_log(log)
    first = record(finished["null"].report, log)
    assert first.attempts is not None and first.attempts.earlier == 0
    assert first.warnings == finished["null"].report.warnings
    # both cases share their training rows
    other = record(finished["leaky"].report, log)
    assert other.attempts is not None
    assert (other.attempts.earlier, other.attempts.same_release) == (1, 0)
    third = record(finished["null"].report, log)
    assert third.attempts is not None
    assert third.attempts.by_level == {"FAIL": 1, "INCONCLUSIVE": 1}
    assert (third.attempts.earlier, third.attempts.same_release) == (2, 1)
    for text in (third.to_text(), third.to_markdown(), third.to_html()):
        assert "2 earlier audits of the same training data" in " ".join(text.split())
    assert AuditReport.from_json(third.to_json()) == third
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["level"] for line in lines] == ["INCONCLUSIVE", "FAIL", "INCONCLUSIVE"]
    assert lines[0]["settings"]["attacks"] == ["closest_record", "tracing"]


def test_other_training_data_do_not_count_and_another_file_of_the_same_rows_does(
    finished: dict[str, AuditRun], tmp_path: Path
) -> None:
    log = tmp_path / "log.jsonl"
    report = finished["null"].report
    record(report, log)

    def changed(**digests: str) -> AuditReport:
        train = report.inputs.train.model_copy(update=digests)
        inputs = report.inputs.model_copy(update={"train": train})
        return report.model_copy(update={"inputs": inputs})

    other = record(changed(sha256="0" * 64, sha256_content="1" * 64), log)
    same = record(changed(sha256="2" * 64), log)
    assert other.attempts is not None and other.attempts.earlier == 0
    assert same.attempts is not None and same.attempts.earlier == 1


@pytest.mark.parametrize("spoil", ["edited", "taken-out", "torn", "foreign", "binary"])
def test_a_log_that_was_touched_is_refused(
    finished: dict[str, AuditRun], tmp_path: Path, spoil: str
) -> None:
    log = tmp_path / "log.jsonl"
    for _ in range(3):
        record(finished["leaky"].report, log)
    lines = log.read_text().splitlines(keepends=True)
    log.write_bytes(
        {
            "edited": "".join([lines[0], lines[1].replace("FAIL", "PASS"), lines[2]]).encode(),
            "taken-out": "".join([lines[0], lines[2]]).encode(),
            "torn": "".join(lines)[:-20].encode(),
            "foreign": b'{"some": "thing"}\n',
            "binary": b"\x00\xff\n",
        }[spoil]
    )
    with pytest.raises(InputError, match="begin another log"):
        check_log(log)
    with pytest.raises(InputError, match="log"):
        check_log(tmp_path)


WRITER = """
import sys
from pathlib import Path
from synthaudit.evidence.attempts import record
from synthaudit.report.model import AuditReport
report = AuditReport.from_json(Path(sys.argv[1]).read_bytes())
for _ in range(12):
    record(report, Path(sys.argv[2]))
"""


def test_writers_at_the_same_time_lose_nothing(
    finished: dict[str, AuditRun], tmp_path: Path
) -> None:
    (tmp_path / "r.json").write_text(finished["leaky"].report.to_json())
    log = tmp_path / "log.jsonl"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path / "r.json"), str(log)])
        for _ in range(3)
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    check_log(log)
    assert len(log.read_text().splitlines()) == 36
