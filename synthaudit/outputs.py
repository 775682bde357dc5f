"""What a finished audit leaves on disk, and reading a report back.

Every file is written whole or not at all. What is safe to forward (``report.*``, ``schema.toml``)
and what is not (``confidential/``, mode 0600) never share a directory.
"""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from synthaudit.assemble.exposed import exposed_of
from synthaudit.corridor import AuditRun
from synthaudit.data import write_schema
from synthaudit.data.files import sole_writer, sweep, write_atomically
from synthaudit.errors import InputError, UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from synthaudit.report.comparison import Comparison
    from synthaudit.report.model import AuditReport

RENDERERS = ("html", "md", "text", "pdf")
PRIVATE = 0o600
"""Mode of everything under ``confidential/``."""


def render_as(report: AuditReport, to: str) -> bytes:
    """The report as ``html``, ``md``, ``text`` or ``pdf``.

    Raises
    ------
    UsageError
        When ``to`` is none of them, or a PDF cannot be printed on this machine.
    """
    if to == "html":
        return report.to_html().encode()
    if to == "md":
        return report.to_markdown().encode()
    if to == "text":
        return report.to_text().encode()
    if to == "pdf":
        from synthaudit.report.pdf import render_pdf

        return render_pdf(report)
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


def write_outputs(
    run: AuditRun, out: Path, *, save_scores: bool = False, findings: bool = False
) -> tuple[Path, ...]:
    """Write ``report.json``, ``report.html``, ``report.md`` and ``schema.toml`` into ``out``.

    With ``save_scores`` also ``confidential/candidates.parquet``, with ``findings`` also
    ``confidential/findings.parquet`` and ``confidential/findings.html``.

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
        with sole_writer(out):
            return _write_all(run, out, save_scores=save_scores, findings=findings)
    except BlockingIOError as error:
        raise InputError(
            f"Another audit is writing into {out} and does not end: wait for it, or choose another "
            "directory with --out."
        ) from error
    except OSError as error:
        raise _unwritable(out, error) from error


def _write_all(run: AuditRun, out: Path, *, save_scores: bool, findings: bool) -> tuple[Path, ...]:
    """Every file; while they are written there is no report.json, old or new."""
    report = run.report
    # rendered before the first file is touched: what cannot be rendered changes nothing
    html, text, json = report.to_html(), report.to_markdown(), report.to_json()
    for folder in (out, out / "confidential"):
        sweep(folder, "*")
    (out / "report.json").unlink(missing_ok=True)
    write_atomically(out / "report.html", html.encode())
    write_atomically(out / "report.md", text.encode())
    write_schema(run.observations.tables.schema, out / "schema.toml")
    names = ("report.html", "report.md", "report.json", "schema.toml")
    written = [out / name for name in names]
    if save_scores:
        written.append(_write_scores(run, out / "confidential"))
    if findings:
        written += _write_findings(run, out / "confidential")
    # last: where report.json is, everything else is too, and of the same audit
    write_atomically(out / "report.json", json.encode())
    return tuple(written)


def refuse_unwritable(out: Path) -> None:
    """Find out before an hour of work, not after it, that a directory cannot be written.

    Raises
    ------
    InputError
        When ``out`` is a file, or the first of its parents that is there cannot be written.
    """
    there = next((path for path in (out, *out.absolute().parents) if path.exists()), out)
    if not there.is_dir():
        raise InputError(f"{there} is not a directory: choose another with --out.")
    if not os.access(there, os.W_OK | os.X_OK):
        why = PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        raise _unwritable(out, why)


def write_comparison(comparison: Comparison, out: Path) -> tuple[Path, ...]:
    """Write ``comparison.html``, ``comparison.txt`` and ``comparison.json`` into ``out``.

    Raises
    ------
    InputError
        When the directory cannot be written.
    """
    contents = {
        "html": comparison.to_html(),
        "txt": comparison.to_text(),
        "json": comparison.to_json(),
    }
    try:
        for suffix, text in contents.items():
            write_atomically(out / f"comparison.{suffix}", text.encode())
    except OSError as error:
        raise _unwritable(out, error) from error
    return tuple(out / f"comparison.{suffix}" for suffix in contents)


def _unwritable(out: Path, error: OSError) -> InputError:
    return InputError(
        f"The directory {out} cannot be written ({error.strerror or type(error).__name__}): "
        "choose another with --out."
    )


def _write_scores(run: AuditRun, directory: Path) -> Path:
    """One row per attacked candidate: where it came from and how every attack scored it.

    ``strongest`` and ``strongest_tail`` are the held-out scores behind the headline, ``flagged``
    the decisions behind its advantage and ``first_half`` the half each candidate belongs to: what a
    paired comparison of two audits needs.
    """
    import pyarrow as pa

    challenge, best = run.observations.challenge, run.measured.strongest
    columns = {
        "source": np.where(challenge.is_member, "train", "holdout"),
        "row": challenge.source_rows,
        **{f"score_{name}": scores for name, scores in run.observations.scores.items()},
    }
    # what is measured is measured by person where rows are grouped: every row gets its person's
    rows = slice(None) if challenge.persons is None else challenge.persons
    if challenge.persons is not None:
        columns["person"] = challenge.persons
    if best is not None:
        columns |= {
            "first_half": best.first[rows],
            "strongest": best.bulk.scores[rows],
            "flagged": best.bulk.flagged[rows],
            "strongest_tail": best.tail.scores[rows],
        }
    digests = {name: table.sha256 for name, table in run.report.inputs.tables()}
    path = directory / "candidates.parquet"
    _write_private(pa.table(columns).replace_schema_metadata(digests), path)
    return path


def _write_findings(run: AuditRun, directory: Path) -> list[Path]:
    """The exposed training rows: all of them as records, the surest of them as a page."""
    import pyarrow as pa

    from synthaudit.report.confidential import records, render_findings

    exposed = exposed_of(run.observations, run.measured)
    schema = pa.schema(
        [
            ("row", pa.int64()),
            ("rank", pa.int64()),
            ("p_value", pa.float64()),
            ("singled_out", pa.bool_()),
            ("synthetic_rows", pa.list_(pa.int64())),
            ("columns", pa.list_(pa.string())),
        ]
    )
    table, page = directory / "findings.parquet", directory / "findings.html"
    _write_private(pa.Table.from_pylist(records(exposed), schema=schema), table)
    write_atomically(page, render_findings(run.report, exposed).encode(), mode=PRIVATE)
    return [page, table]


def _write_private(table: pa.Table, path: Path) -> None:
    """A Parquet file nobody else can read, in a directory nobody else can enter."""
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)  # it may have been there before, open to all
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    write_atomically(path, buffer.getvalue(), mode=PRIVATE)
