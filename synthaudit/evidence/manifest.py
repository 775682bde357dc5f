"""MANIFEST.json: every file of a pack with its size and digest, and a digest of the list itself."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from synthaudit.errors import InputError
from synthaudit.evidence.canonical import canonical, readable

NAME = "MANIFEST.json"
VERSION = 1
KEYS = {"schema", "kind", "tool", "created", "files", "self"}
KIND = "synthaudit evidence"


@dataclass(frozen=True)
class Listed:
    """One file of the pack."""

    path: str
    sha256: str
    size: int


def sha256(content: bytes) -> str:
    """Digest of bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def manifest_text(files: dict[str, bytes], created: str, version: str) -> str:
    """The manifest of the given files. ``self`` is the digest of all else in it (RFC 8785)."""
    body: dict[str, Any] = {
        "schema": VERSION,
        "kind": KIND,
        "tool": {"name": "synthaudit", "version": version},
        "created": created,
        "files": [
            {"path": path, "sha256": sha256(files[path]), "bytes": len(files[path])}
            for path in sorted(files)
        ],
    }
    return readable({**body, "self": sha256(canonical(body))})


def read_manifest(content: bytes) -> tuple[Listed, ...]:
    """The files a manifest lists.

    Raises
    ------
    InputError
        When it is not a manifest, or one byte of it differs from what was written.
    """
    try:
        data = json.loads(content)
        files = tuple(
            Listed(str(item["path"]), str(item["sha256"]), int(item["bytes"]))
            for item in data["files"]
        )
        body = {key: value for key, value in data.items() if key != "self"}
        intact = (
            set(data) == KEYS
            and data["self"] == sha256(canonical(body))
            and readable(data).encode() == content
        )
        version = data["schema"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{NAME} is damaged: it cannot be read as a manifest.") from error
    if not intact:
        raise InputError(f"{NAME} is damaged: it is not what was written.")
    if version != VERSION:
        raise InputError(f"{NAME} has version {version}; this program reads {VERSION}.")
    return files
