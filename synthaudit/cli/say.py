"""Printing what may hold other people's text: column names, file names, messages.

Terminal escapes, bidirectional overrides and other invisible signs are shown as replacement
characters, absurdly long lines are cut, and a terminal that cannot show a letter gets a question
mark instead of a traceback.
"""

from __future__ import annotations

import sys
import unicodedata

import typer

LONGEST_LINE = 2_000
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn"}


def printable(text: str) -> str:
    """``text`` without control signs (line ends stay) and without lines longer than a page."""
    return "\n".join(_line(line) for line in text.split("\n"))


def _line(line: str) -> str:
    if len(line) > LONGEST_LINE:
        half = LONGEST_LINE // 2
        line = f"{line[:half]} … {line[-half:]}"
    if line.isprintable():
        return line
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(sign) in _UNPRINTABLE else sign
        for sign in line
    )


def say(text: str, *, err: bool = False) -> None:
    """Print ``text`` on standard output or standard error."""
    stream = sys.stderr if err else sys.stdout
    encoding = getattr(stream, "encoding", None) or "utf-8"
    typer.echo(printable(text).encode(encoding, "replace").decode(encoding), err=err)
