"""The schema as a file a person can read, edit and give back (TOML)."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from synthaudit.data.files import write_atomically
from synthaudit.errors import InputError
from synthaudit.types import Column, ColumnKind, Schema

VERSION = 1
_HEADER = """\
# What each column is to the audit. Change a `kind` and give this file back with --schema.
# Kinds: numeric, datetime, category and boolean take part in distances; identifier and text are
# tested for replay only; constant is set aside. The other entries are for reading.
"""
_TYPES: dict[str, tuple[type, ...]] = {
    "kind": (str,),
    "n_distinct": (int,),
    "n_missing": (int,),
    "resolution": (int, float),
    "reason": (str,),
}


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are TOML's, but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def schema_toml(schema: Schema) -> str:
    """A schema as TOML, one table per column."""
    lines = [_HEADER, f"version = {VERSION}"]
    for column in schema.columns:
        lines += [
            "",
            f"[columns.{_quoted(column.name)}]",
            f"kind = {_quoted(column.kind.value)}",
            f"n_distinct = {column.n_distinct}",
            f"n_missing = {column.n_missing}",
        ]
        if column.resolution is not None:
            lines.append(f"resolution = {float(column.resolution)!r}")
        lines.append(f"reason = {_quoted(column.reason)}")
    return "\n".join(lines) + "\n"


def write_schema(schema: Schema, path: str | Path) -> None:
    """Write a schema as TOML, one table per column."""
    write_atomically(Path(path), schema_toml(schema).encode())


def read_schema(path: str | Path) -> Schema:
    """Read a schema file.

    Only ``kind`` is needed for a column; columns that are not named are inferred as usual.

    Raises
    ------
    InputError
        When the file is not there, is not TOML, or holds something unknown.
    """
    path = Path(path)
    try:
        content = tomllib.loads(path.read_bytes().decode())
    except OSError as error:
        msg = f"The schema file {path.name!r} cannot be read ({error.strerror}); check the path."
        raise InputError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"The schema file {path.name!r} is not valid TOML: {error}."
        raise InputError(msg) from error
    _refuse_unknown(content, {"version", "columns"}, f"The schema file {path.name!r}")
    if content.get("version") != VERSION:
        msg = (
            f"The schema file {path.name!r} has version {content.get('version')!r}; "
            f"this program reads version {VERSION}: let an audit write a new one."
        )
        raise InputError(msg)
    columns = content.get("columns", {})
    if not isinstance(columns, dict):
        msg = f"The schema file {path.name!r} needs one [columns.NAME] table per column."
        raise InputError(msg)
    return Schema(tuple(_column(name, columns[name]) for name in sorted(columns)))


def _refuse_unknown(given: dict[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(given) - known)
    if unknown:
        msg = f"{where} has the unknown entry {unknown[0]!r}; known are {', '.join(sorted(known))}."
        raise InputError(msg)


def _column(name: str, given: Any) -> Column:
    where = f"Column {name!r} in the schema file"
    if not isinstance(given, dict):
        msg = f"{where} is not a table; write [columns.{_quoted(name)}] and its kind below."
        raise InputError(msg)
    _refuse_unknown(given, set(_TYPES), where)
    for entry, value in given.items():
        if not isinstance(value, _TYPES[entry]) or isinstance(value, bool):
            wanted = "text" if str in _TYPES[entry] else "a number"
            msg = f"{where}: {entry} must be {wanted}, got {type(value).__name__}."
            raise InputError(msg)
    kinds = [kind.value for kind in ColumnKind]
    if given.get("kind") not in kinds:
        msg = f"{where} has the kind {given.get('kind')!r}; use one of {', '.join(kinds)}."
        raise InputError(msg)
    step = given.get("resolution")
    return Column(
        name,
        ColumnKind(given["kind"]),
        given.get("n_distinct", 0),
        given.get("n_missing", 0),
        None if step is None else float(step),
        given.get("reason", ""),
    )
