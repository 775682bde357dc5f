"""Keyed digests, and telling whether a table is the one that was audited.

A plain digest of a small table can be guessed: whoever can list the likely tables tries them all.
With a key (HMAC-SHA-256, RFC 2104) only holders of the key can; they can still check the table.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path

from synthaudit.data.content import identify
from synthaudit.errors import InputError, UsageError
from synthaudit.report.model import AuditReport
from synthaudit.report.sections import Inputs, TableInput

PLAIN, KEYED = "sha256", "hmac-sha256"
SHORTEST_KEY = 16
"""Bytes; a shorter key can be guessed as the table could."""


def read_key(path: Path) -> bytes:
    """The key in a file, without the line end an editor adds.

    Raises
    ------
    InputError
        When the file cannot be read or the key is shorter than 16 bytes.
    """
    try:
        key = path.read_bytes().rstrip(b"\r\n")
    except OSError as error:
        raise InputError(
            f"The key file {path.name} cannot be read ({error.strerror}); check the path."
        ) from error
    if len(key) < SHORTEST_KEY:
        raise InputError(
            f"The key in {path.name} has {len(key)} bytes and could be guessed: use "
            f"{SHORTEST_KEY} or more (openssl rand -hex 32 makes a good one)."
        )
    return key


def keyed_digest(digest: str, key: bytes) -> str:
    """HMAC-SHA-256 of a digest, both in hexadecimal."""
    return hmac.new(key, bytes.fromhex(digest), hashlib.sha256).hexdigest()


def keyed(report: AuditReport, key: bytes) -> AuditReport:
    """The same report with keyed digests of the three tables."""
    if report.inputs.digest == KEYED:
        raise UsageError("The digests of this report are keyed already; use them as they are.")

    def with_key(table: TableInput) -> TableInput:
        content = table.sha256_content
        return table.model_copy(
            update={
                "sha256": keyed_digest(table.sha256, key),
                "sha256_content": None if content is None else keyed_digest(content, key),
            }
        )

    tables = {role: with_key(table) for role, table in report.inputs.tables()}
    inputs = report.inputs.model_copy(update={**tables, "digest": KEYED})
    return report.model_copy(update={"inputs": inputs})


@dataclass(frozen=True)
class Match:
    """Whether a table is the one that was audited."""

    role: str
    same_bytes: bool
    same_content: bool | None
    """None: the report keeps no digest of the content."""

    @property
    def is_same(self) -> bool:
        """The same file, or the same rows in another file."""
        return self.same_bytes or bool(self.same_content)

    def sentence(self) -> str:
        """What was found, in a sentence."""
        if self.same_bytes:
            return f"{self.role} is the file that was audited, byte for byte."
        if self.same_content:
            return f"{self.role} holds the rows that were audited, in another file or order."
        return f"{self.role} is not the table that was audited."


def match(inputs: Inputs, role: str, path: Path, key: bytes | None = None) -> Match:
    """Compare a file with the table that was audited in this role.

    Raises
    ------
    UsageError
        When the digests are keyed and no key was given, or the other way round.
    """
    if inputs.digest == KEYED and key is None:
        raise UsageError("The digests are keyed: give the key file with --digest-key.")
    if inputs.digest == PLAIN and key is not None:
        raise UsageError("The digests are not keyed: leave --digest-key out.")
    found = identify(path, role)
    wanted: TableInput = getattr(inputs, role)

    def same(digest: str, kept: str) -> bool:
        mine = digest if key is None else keyed_digest(digest, key)
        return hmac.compare_digest(mine, kept)

    content = wanted.sha256_content
    return Match(
        role,
        same(found.sha256, wanted.sha256),
        None if content is None else same(found.sha256_content, content),
    )
