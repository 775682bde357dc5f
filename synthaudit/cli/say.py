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


class UnreadError(Exception):
    """Whoever read standard output went away.

    Not an OSError: the framework below would end the command with 1 on a broken pipe, which here
    means that a leak was found.
    """


def say(text: str, *, err: bool = False) -> None:
    """Print ``text`` on standard output or standard error.

    Raises
    ------
    UnreadError
        When nobody reads any more.
    """
    stream = sys.stderr if err else sys.stdout
    encoding = getattr(stream, "encoding", None) or "utf-8"
    say_exactly(printable(text).encode(encoding, "replace").decode(encoding) + "\n", err=err)


def say_exactly(text: str, *, err: bool = False) -> None:
    """Print ``text`` as it is, for machines; raises as :func:`say` does."""
    try:
        typer.echo(text, nl=False, err=err)
    except BrokenPipeError as error:
        raise UnreadError from error
