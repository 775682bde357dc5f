"""What pipelines get besides the report: JUnit, annotations, metrics, and an exit code."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synthaudit.cli.exits import Exit, exit_code
from synthaudit.cli.say import say, say_exactly

if TYPE_CHECKING:
    from synthaudit.report.model import AuditReport


class Open(StrEnum):
    """What an INCONCLUSIVE verdict does to the exit code."""

    FAIL = "fail"
    WARN = "warn"


Junit = Annotated[
    Path | None,
    typer.Option(
        "--junit",
        help="Also write JUnit XML here: one test case a rule of the policy.",
        show_default=False,
    ),
]
Github = Annotated[
    bool,
    typer.Option("--github", help="Also print annotations and write the step's summary."),
]
Metrics = Annotated[
    Path | None,
    typer.Option(
        "--metrics",
        help="Also write the flat metrics here as JSON (DVC, W&B, any tracker).",
        show_default=False,
    ),
]
InconclusiveIs = Annotated[
    Open,
    typer.Option("--inconclusive-is", help="fail: exit 3. warn: exit 0 and say so (not INVALID)."),
]
Json = Annotated[
    str | None,
    typer.Option(
        "--json",
        help="Also write the JSON report here; '-' is standard output.",
        show_default=False,
    ),
]


@dataclass(frozen=True)
class Delivery:
    """Where a finished report goes besides its directory."""

    json: str | None = None
    junit: Path | None = None
    github: bool = False
    metrics: Path | None = None
    inconclusive_is: Open = Open.FAIL

    @property
    def is_piped(self) -> bool:
        """Whether standard output is the JSON report and nothing else."""
        return self.json == "-"

    def send(self, report: AuditReport) -> Exit:
        """Write and print everything asked for; the exit code of the command."""
        if self.is_piped:
            say_exactly(report.to_json())
        elif self.json is not None:
            _write(Path(self.json), report.to_json())
        if self.junit is not None:
            from synthaudit.gate import junit_xml

            is_failure = self.inconclusive_is is Open.FAIL
            _write(self.junit, junit_xml(report, open_is_failure=is_failure))
        if self.metrics is not None:
            import json

            _write(self.metrics, json.dumps(report.metrics(), indent=2, sort_keys=True) + "\n")
        if self.github:
            self._annotate(report)
        return self._exit(report)

    def _annotate(self, report: AuditReport) -> None:
        from synthaudit.gate import annotation_lines, step_summary

        for command in annotation_lines(report):
            # Actions reads workflow commands on both streams
            say(command, err=self.is_piped)
        page = os.environ.get("GITHUB_STEP_SUMMARY")
        if not page:
            say("synthaudit: GITHUB_STEP_SUMMARY is not set, so no summary.", err=True)
            return
        with Path(page).open("a", encoding="utf-8") as stream:  # other steps write there too
            stream.write(step_summary(report) + "\n")

    def _exit(self, report: AuditReport) -> Exit:
        code = exit_code(report.level)
        if self.inconclusive_is is Open.WARN and report.level == "INCONCLUSIVE":
            say("synthaudit: INCONCLUSIVE, let through by --inconclusive-is warn", err=True)
            return Exit.POLICY_MET
        return code


def _write(path: Path, text: str) -> None:
    from synthaudit.data.files import write_atomically
    from synthaudit.errors import InputError

    try:
        write_atomically(path, text.encode())
    except OSError as error:
        raise InputError(
            f"{path.name} cannot be written ({error.strerror or type(error).__name__}): choose "
            "another path."
        ) from error
