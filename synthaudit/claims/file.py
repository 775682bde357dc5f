"""Reading ``claims.toml``; what is not known is refused."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthaudit.claims.kinds import KINDS, STATEMENT, Kind
from synthaudit.errors import InputError

SCHEMA = 1
TOP = ("schema", "vendor", "product", "generator", "claim")
KEYS = ("kind", "value", "quote", "tolerance", "source")


@dataclass(frozen=True)
class Claim:
    """One sentence of a vendor, and the number in it."""

    kind: Kind
    quote: str
    """The vendor's own words."""
    value: float | None
    """None for statements."""
    tolerance: float
    source: str = ""
    """Where it was said."""


@dataclass(frozen=True)
class Claims:
    """A file of claims."""

    claims: tuple[Claim, ...]
    vendor: str = ""
    product: str = ""
    generator: str = ""
    """What made the table, as declared."""


def read_claims(path: Path) -> Claims:
    """Read a file of claims.

    Raises
    ------
    InputError
        When it cannot be read, or holds something unknown or out of range.
    """
    try:
        content = tomllib.loads(path.read_bytes().decode())
    except OSError as error:
        raise InputError(
            f"The claims file {path.name} cannot be read ({error.strerror}); check the path."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"The claims file {path.name} is not valid TOML: {error}.") from error
    return parse_claims(content, path.name)


def parse_claims(content: dict[str, Any], origin: str = "claims.toml") -> Claims:
    """Claims from parsed TOML; ``origin`` names the file in errors."""
    reader = _Reader(origin)
    reader.known(content, TOP, "at the top")
    if content.get("schema") != SCHEMA or isinstance(content.get("schema"), bool):
        raise reader.refuse(f"'schema' must be {SCHEMA}.")
    given = content.get("claim", [])
    if not isinstance(given, list) or not given:
        raise reader.refuse("there is no claim; write one [[claim]] each.")
    return Claims(
        tuple(reader.claim(item, number) for number, item in enumerate(given, start=1)),
        **{key: reader.text(content, key, "at the top", "") for key in TOP[1:4]},
    )


@dataclass(frozen=True)
class _Reader:
    origin: str

    def refuse(self, sentence: str) -> InputError:
        return InputError(f"Claims {self.origin}: {sentence}")

    def known(self, content: dict[str, Any], keys: tuple[str, ...], where: str) -> None:
        unknown = sorted(set(content) - set(keys))
        if unknown:
            raise self.refuse(
                f"unknown key '{unknown[0]}' {where}; the keys are {', '.join(keys)}."
            )

    def text(self, content: dict[str, Any], key: str, where: str, default: str | None) -> str:
        value = content.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.refuse(f"'{key}' {where} must be text; write the vendor's own words.")
        return value

    def claim(self, item: Any, number: int) -> Claim:
        where = f"in claim {number}"
        if not isinstance(item, dict):
            raise self.refuse(f"claim {number} must be a table; write [[claim]].")
        self.known(item, KEYS, where)
        kind = KINDS.get(str(item.get("kind")))
        if kind is None:
            raise self.refuse(
                f"'kind' {where} is {str(item.get('kind'))[:40]!r}; the kinds are "
                f"{', '.join(KINDS)}."
            )
        quote = self.text(item, "quote", where, None)
        source = self.text(item, "source", where, "")
        if kind is STATEMENT:
            if "value" in item or "tolerance" in item:
                raise self.refuse(f"a statement {where} has no value; leave it out.")
            return Claim(kind, quote, None, 0.0, source)
        value = self.number(item, "value", where, kind.low, kind.high, None)
        tolerance = self.number(item, "tolerance", where, 0.0, 0.1, kind.tolerance)
        return Claim(kind, quote, value, tolerance, source)

    def number(
        self,
        item: dict[str, Any],
        key: str,
        where: str,
        low: float,
        high: float,
        default: float | None,
    ) -> float:
        value = item.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(f"'{key}' {where} must be a number; write {key} = 0.5, say.")
        if not low <= value <= high:
            hint = "; percent must be written as a share" if value > 1 and high <= 1 else ""
            raise self.refuse(
                f"'{key}' {where} must lie between {low:g} and {high:g}, but is {value:g}{hint}."
            )
        return float(value)
