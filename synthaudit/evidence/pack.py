"""The evidence pack: everything a reader needs to check an audit without the data.

===================  =============================================================
``result.json``      the report, as ``report.json``
``report.html/.md``  the report for people
``config.json``      every setting that can change a number, and the command
``policy.toml``      the policy as applied, with reasons and sources
``schema.toml``      what each column was to the audit
``environment.json`` versions, platform, cores, start and end
``inputs.json``      sizes and digests of the three tables
``threat-model.md``  the attackers, tried and not
``limitations.md``   what was not tested and what cannot be shown
``sheet.md``         one page for the record, with room for who decides
``MANIFEST.json``    digests of all of the above
``public-key.pem``, ``attestation.json``  when signed
===================  =============================================================

All but the environment and the signature follow from the report alone, so a verifier writes them
again and compares.
"""

from __future__ import annotations

import hashlib
import os
import platform
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from synthaudit.data.files import write_atomically
from synthaudit.data.schema import schema_toml
from synthaudit.errors import InputError
from synthaudit.evidence import manifest
from synthaudit.evidence.canonical import readable
from synthaudit.evidence.policy_file import policy_toml
from synthaudit.evidence.sheet import sheet_text
from synthaudit.evidence.statements import limitations_text, threat_model_text
from synthaudit.parallel import available_cores
from synthaudit.report.model import AuditReport

if TYPE_CHECKING:
    from synthaudit.evidence.signing import Signer

FOLDER = "evidence"
RESULT = "result.json"
ENVIRONMENT = "environment.json"
ATTESTATION = "attestation.json"
PUBLIC_KEY = "public-key.pem"


def derived(report: AuditReport) -> dict[str, bytes]:
    """Every file of a pack that follows from the report alone."""
    if report.policy is None or report.grounds is None:
        raise InputError(
            "This report is too old to make evidence from (schema version "
            f"{report.schema_version}): repeat the audit."
        )
    texts = {
        RESULT: report.to_json(),
        "report.html": report.to_html(),
        "report.md": report.to_markdown(),
        "config.json": readable({**asdict(report.config), "command": report.command}),
        "policy.toml": policy_toml(report.policy),
        "schema.toml": schema_toml(report.inputs.schema_),
        "inputs.json": readable(_inputs(report)),
        "threat-model.md": threat_model_text(report),
        "limitations.md": limitations_text(report),
        "sheet.md": sheet_text(report),
    }
    return {name: text.encode() for name, text in texts.items()}


def _inputs(report: AuditReport) -> dict[str, object]:
    tables: dict[str, object] = {
        role: table.model_dump(mode="json") for role, table in report.inputs.tables()
    }
    return {**tables, "digest": report.inputs.digest}


def environment(report: AuditReport) -> dict[str, object]:
    """Where the audit ran. No host name, user name or path: the pack is made to be forwarded."""
    ended = datetime.fromisoformat(report.created)
    started = ended - timedelta(seconds=round(report.seconds.total))
    return {
        "tool": report.tool.model_dump(mode="json"),
        "code": code_digest(),
        "versions": report.versions,
        "implementation": platform.python_implementation(),
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "cores_available": available_cores(),
        "jobs": report.config.jobs,
        "started": started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "ended": report.created,
        "seconds": report.seconds.total,
    }


@cache
def code_digest() -> str:
    """SHA-256 over the program's own files: two builds of one version are told apart by it."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.suffix in (".py", ".toml", ".j2", ".css", ".html", ".svg") and path.is_file():
            digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def write_pack(report: AuditReport, out: Path, signer: Signer | None = None) -> Path:
    """Write ``out/evidence/``, the manifest and the signature last.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        When it cannot be written.
    """
    folder = out / FOLDER
    files = {**derived(report), ENVIRONMENT: readable(environment(report)).encode()}
    if signer is not None:
        files[PUBLIC_KEY] = signer.public_pem
    listing = manifest.manifest_text(files, report.created, report.tool.version).encode()
    try:
        _clear(folder)
        for name, content in files.items():
            write_atomically(folder / name, content)
        write_atomically(folder / manifest.NAME, listing)
        if signer is not None:
            from synthaudit.evidence.statement import statement

            envelope = signer.envelope(statement(report, listing))
            write_atomically(folder / ATTESTATION, readable(envelope).encode())
    except OSError as error:
        raise InputError(
            f"The evidence cannot be written ({error.strerror or type(error).__name__}): choose "
            "another directory with --out."
        ) from error
    return folder


KNOWN = {
    *(RESULT, "report.html", "report.md", "config.json", "policy.toml", "schema.toml"),
    *("inputs.json", "threat-model.md", "limitations.md", "sheet.md", ENVIRONMENT),
    *(manifest.NAME, ATTESTATION, PUBLIC_KEY),
}


def _clear(folder: Path) -> None:
    """Take away an earlier pack's files: two packs in one folder verify as neither."""
    for name in KNOWN:
        (folder / name).unlink(missing_ok=True)
