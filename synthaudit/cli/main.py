"""The last door: own errors become one line, foreign ones never print a cell of a table."""

from __future__ import annotations

import os
import sys

import typer

from synthaudit.cli.app import app
from synthaudit.cli.exits import Exit
from synthaudit.cli.say import say
from synthaudit.errors import SynthauditError

# typer carries its own click since 0.2x and click's before: one name for "bad usage" in both
ClickError = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")


def _fail(sentence: str, code: Exit) -> None:
    say(f"synthaudit: {sentence}", err=True)
    sys.exit(code)


def main() -> None:
    """Entry point: own errors become one line, foreign ones never print a cell of a table."""
    try:
        outcome = app(standalone_mode=False)
    except SynthauditError as error:
        _fail(str(error), Exit.BAD_INPUT)
    except (typer.Abort, KeyboardInterrupt):
        _fail("Interrupted; finished shadows are kept if --workdir was given.", Exit.INTERRUPTED)
    except BrokenPipeError:
        # the reader (head, less) went away: nothing to tell, and nobody to tell it to; never a 0,
        # which would let a table through whose verdict nobody has read
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(Exit.UNREAD)
    except Exception as error:  # the last door before a traceback with cell values
        if isinstance(error, ClickError):
            error.show()  # type: ignore[attr-defined]
            sys.exit(Exit.BAD_INPUT)
        if os.environ.get("SYNTHAUDIT_DEBUG"):
            raise
        from synthaudit.plugins import place_of

        _fail(
            f"Internal error: {place_of(error)}. The text of the error is withheld, since it may "
            "quote the tables; set SYNTHAUDIT_DEBUG=1 to see it, and please report it.",
            Exit.INTERNAL,
        )
    sys.exit(outcome if isinstance(outcome, int) else 0)
