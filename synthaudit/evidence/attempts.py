"""The attempt log: who looked at which training data how often before this verdict.

Retrying until a gate passes is a multiple test, and each verdict that is used as a filter tells
something about the training data (Ganev & De Cristofaro 2023, arXiv:2312.05114). A log cannot
prevent that; it shows it.

The log is JSON lines, appended under a lock (``fcntl.flock``) and never rewritten. Each line names
the digest of the one before it, so that a line that was changed or taken out shows. Lines taken off
the end do not: keep a copy elsewhere where that matters.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from synthaudit.errors import InputError
from synthaudit.evidence.manifest import sha256
from synthaudit.report.grounds import Attempts
from synthaudit.report.model import AuditReport
from synthaudit.report.sections import Inputs
from synthaudit.types import Notice

VERSION = 1
PRIVATE = 0o600
NOTICE = "earlier-attempts"


@dataclass(frozen=True)
class Attempt:
    """One line of the log."""

    line: dict[str, Any]

    def same(self, inputs: Inputs, role: str) -> bool:
        """Whether the table in this role was the same one, by bytes or by content."""
        if self.line["digest"] != inputs.digest:
            return False
        mine, other = getattr(inputs, role), self.line[role]
        return bool(
            mine.sha256 == other["sha256"]
            or (mine.sha256_content and mine.sha256_content == other["sha256_content"])
        )


def check_log(path: Path) -> None:
    """Refuse a log that cannot be used before an hour is spent on the audit.

    Raises
    ------
    InputError
        When it cannot be opened, is no log, or a line was changed or taken out.
    """
    with _locked(path) as stream:
        _read(stream, path)


def record(report: AuditReport, path: Path) -> AuditReport:
    """Append an audit to the log; the report with the number of attempts before it.

    Counting and appending happen under one lock: of two audits that end together, one comes first.
    """
    with _locked(path) as stream:
        lines, attempts = _read(stream, path)
        report = _with_attempts(report, attempts)
        line = json.dumps(
            {
                "schema": VERSION,
                "previous": sha256(lines[-1]) if lines else None,
                "time": report.created,
                "tool": report.tool.version,
                "digest": report.inputs.digest,
                **{role: _table(report, role) for role in ("train", "holdout", "synthetic")},
                "settings": asdict(report.config),
                "level": str(report.level),
                "score": asdict(report.score),
                "report": sha256(report.to_json().encode()),
            },
            sort_keys=True,
        )
        stream.seek(0, os.SEEK_END)
        stream.write(line.encode() + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    return report


def _table(report: AuditReport, role: str) -> dict[str, Any]:
    table = getattr(report.inputs, role)
    return {"sha256": table.sha256, "sha256_content": table.sha256_content, "rows": table.rows}


def _with_attempts(report: AuditReport, attempts: list[Attempt]) -> AuditReport:
    mine = [attempt for attempt in attempts if attempt.same(report.inputs, "train")]
    levels = Counter(attempt.line["level"] for attempt in mine)
    again = sum(attempt.same(report.inputs, "synthetic") for attempt in mine)
    found = Attempts(
        earlier=len(mine),
        by_level=dict(sorted(levels.items())),
        first=min((attempt.line["time"] for attempt in mine), default=None),
        same_release=again,
    )
    warnings = report.warnings
    if mine:
        warnings = (*warnings, Notice(NOTICE, _sentence(found), severity="warn"))
    return report.model_copy(update={"attempts": found, "warnings": warnings})


def _sentence(found: Attempts) -> str:
    audits = "1 earlier audit" if found.earlier == 1 else f"{found.earlier} earlier audits"
    ended = ", ".join(f"{n} {level}" for level, n in found.by_level.items())
    same = f", {found.same_release} of this very release" if found.same_release else ""
    return (
        f"The log knows {audits} of the same training data since {(found.first or '')[:10]} "
        f"({ended}{same}): a verdict that was tried for again and again says less, and each "
        "verdict used to choose a release tells something about the training data."
    )


@contextmanager
def _locked(path: Path) -> Iterator[IO[bytes]]:
    import fcntl

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, PRIVATE)
    except OSError as error:
        raise InputError(
            f"The log {path.name} cannot be opened ({error.strerror}): choose another with --log."
        ) from error
    with os.fdopen(handle, "r+b") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield stream


def _read(stream: IO[bytes], path: Path) -> tuple[list[bytes], list[Attempt]]:
    stream.seek(0)
    content = stream.read()
    lines = content.splitlines()
    if content and not content.endswith(b"\n"):
        raise _damaged(path, len(lines))
    previous: str | None = None
    attempts = []
    for number, line in enumerate(lines, start=1):
        try:
            data = json.loads(line)
            attempt = Attempt(data)
            for role in ("train", "holdout", "synthetic"):
                data[role]["sha256"], data[role]["sha256_content"]
            data["level"], data["time"], data["digest"]
            chained = data["schema"] == VERSION and data["previous"] == previous
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise _damaged(path, number) from error
        if not chained:
            raise _damaged(path, number)
        attempts.append(attempt)
        previous = sha256(line)
    return lines, attempts


def _damaged(path: Path, line: int) -> InputError:
    return InputError(
        f"Line {line} of the log {path.name} is not what was written, or a line before it was "
        "taken out: keep it as evidence and begin another log."
    )
