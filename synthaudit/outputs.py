"""What a finished audit leaves on disk, and reading a report back.

Every file is written whole or not at all. What is safe to forward (``report.*``, ``schema.toml``)
and what is not (``confidential/``, mode 0600) never share a directory.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from synthaudit.corridor import AuditRun
from synthaudit.data import write_schema
from synthaudit.data.files import write_atomically
from synthaudit.errors import InputError, UsageError

if TYPE_CHECKING:
    from synthaudit.report.model import AuditReport

RENDERERS = ("html", "md", "text")


def render_as(report: AuditReport, to: str) -> str:
    """The report as ``html``, ``md`` or ``text``.

    Raises
    ------
    UsageError
        When ``to`` is none of them.
    """
    if to == "html":
        return report.to_html()
    if to == "md":
        return report.to_markdown()
    if to == "text":
        return report.to_text()
    raise UsageError(f"A report cannot be rendered as {to!r}: use one of {', '.join(RENDERERS)}.")


def read_report(path: Path) -> AuditReport:
    """A report that was written as JSON.

    Raises
    ------
    InputError
        When there is no such file or it is not a report.
    """
    from synthaudit.report.model import AuditReport

    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"The report {path.name} cannot be read ({type(error).__name__}): give the path of a "
            "report.json that an audit wrote."
        ) from error
    return AuditReport.from_json(content)


def write_outputs(run: AuditRun, out: Path, *, save_scores: bool = False) -> tuple[Path, ...]:
    """Write ``report.json``, ``report.html``, ``report.md`` and ``schema.toml`` into ``out``.

    With ``save_scores`` also ``confidential/candidates.parquet``.

    Returns
    -------
    tuple of Path
        What was written, the report for people first.

    Raises
    ------
    InputError
        When the directory cannot be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        report = run.report
        html, text = out / "report.html", out / "report.md"
        write_atomically(html, report.to_html().encode())
        write_atomically(text, report.to_markdown().encode())
        write_schema(run.observations.tables.schema, out / "schema.toml")
        written = [html, text, out / "report.json", out / "schema.toml"]
        if save_scores:
            written.append(_write_scores(run, out / "confidential"))
        # last: where report.json is, everything else is too
        write_atomically(out / "report.json", report.to_json().encode())
    except OSError as error:
        raise InputError(
            f"The directory {out} cannot be written ({error.strerror or type(error).__name__}): "
            "choose another with --out."
        ) from error
    return tuple(written)


def _write_scores(run: AuditRun, directory: Path) -> Path:
    """One row per attacked candidate: where it came from and how every attack scored it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    challenge = run.observations.challenge
    table = pa.table(
        {
            "source": np.where(challenge.is_member, "train", "holdout"),
            "row": challenge.source_rows,
            **{f"score_{name}": scores for name, scores in run.observations.scores.items()},
        }
    )
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    path = directory / "candidates.parquet"
    write_atomically(path, buffer.getvalue(), mode=0o600)
    return path
