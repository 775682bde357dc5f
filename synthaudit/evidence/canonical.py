"""JSON with one spelling a value (RFC 8785, JSON Canonicalization Scheme), for digests."""

from __future__ import annotations

import json
import math
from typing import Any

LARGEST_INTEGER = 2**53


def canonical(value: Any) -> bytes:
    """The canonical bytes of plain JSON data.

    Keys are sorted by their UTF-16 code units, nothing is indented, text is escaped as little as
    JSON allows, and numbers are spelled as ECMAScript does (RFC 8785, section 3.2).

    Raises
    ------
    ValueError
        For numbers that are not finite, or integers that a double cannot hold exactly.
    """
    return _spell(value).encode("utf-8")


def _spell(value: Any) -> str:
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise ValueError("an integer beyond 2^53 has no canonical spelling")
        return str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_spell(key)}:{_spell(value[key])}" for key in keys) + "}"
    return "[" + ",".join(_spell(item) for item in value) + "]"


def _number(value: float) -> str:
    """As ``Number.prototype.toString`` (ECMA-262, Number::toString)."""
    if not math.isfinite(value):
        raise ValueError("a number that is not finite has no spelling in JSON")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    # repr is the shortest spelling that reads back, which is what ECMAScript asks for too
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    # the decimal point stands after `point` digits
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    n = len(digits)
    if n <= point <= 21:
        return sign + digits + "0" * (point - n)
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if n > 1 else ""
    return f"{sign}{digits[0]}{tail}e{point - 1:+d}"


def readable(value: Any) -> str:
    """Plain JSON data for a file: keys sorted, indented, ASCII, one spelling a value."""
    return json.dumps(value, indent=2, sort_keys=True, allow_nan=False) + "\n"
