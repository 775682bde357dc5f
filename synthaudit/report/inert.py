"""Text from outside, made harmless once before anything is rendered.

Column names, file names and messages come from other people's files. Control characters (terminal
escapes), bidirectional overrides and invisible characters are replaced, white space is collapsed
and long text is cut, everywhere in the report at once. Renderers then escape for their own format.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, TypeVar

from synthaudit.report.plain import plain
from synthaudit.report.sections import Section

Shown = TypeVar("Shown", bound=Section)
LONGEST_TEXT = 600
LONGEST_NAME = 48
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# control, format (bidirectional, zero width), surrogate, private use, unassigned
UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
# a base letter may carry a few marks; a hundred of them paint over the neighbouring lines
MARKS_IN_A_ROW = 3


PERCENT = re.compile(r"(?<=\d)[ \u00a0\u202f]%")


def inert(text: str, longest: int = LONGEST_TEXT) -> str:
    """``text`` on one line, printable, and at most ``longest`` characters."""
    kept: list[str] = []
    marks = 0
    for character in " ".join(text[: longest * 8].split()):
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks <= MARKS_IN_A_ROW:
            kept.append(REPLACEMENT if category in UNPRINTABLE else character)
    return shortened("".join(kept), longest)


def shortened(text: str, longest: int = LONGEST_NAME) -> str:
    """``text`` cut in the middle, so that names which differ at either end stay apart."""
    if len(text) <= longest:
        return text
    head = (longest - 1) * 2 // 3
    return f"{text[:head]}…{text[len(text) - (longest - 1 - head) :]}"


def name(text: str) -> str:
    """A column or file name fit for a table cell."""
    return inert(text, LONGEST_NAME)


def presentable(report: Shown) -> Shown:
    """The same report (or comparison) with every text in it inert; numbers are untouched."""
    return type(report).model_validate(_walk(plain(report)))


def _walk(value: Any) -> Any:
    if isinstance(value, str):
        # one way of writing percentages on one page, wherever a sentence came from
        return PERCENT.sub("%", inert(value))
    if isinstance(value, list):
        return [_walk(item) for item in value]
    if isinstance(value, dict):
        return {inert(key): _walk(item) for key, item in value.items()}
    return value
