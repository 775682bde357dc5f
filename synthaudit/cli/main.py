"""The last door: own errors become one line, foreign ones never print a cell of a table."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from synthaudit.cli.app import app
from synthaudit.cli.exits import Exit
from synthaudit.cli.say import UnreadError, say
from synthaudit.errors import SynthauditError

# typer carries its own click since 0.2x and click's before: one name for "bad usage" in both
ClickError = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")


_KEPT = "finished shadows are kept if --workdir was given."


def _fail(sentence: str, code: int) -> None:
    say(f"synthaudit: {sentence}", err=True)
    sys.exit(code)


class Ended(KeyboardInterrupt):
    """Somebody asked this process to end: everything on the way out is tidied up first."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def _asked_to_end() -> Iterator[None]:
    """Turn the polite signals into an exception, so that files and workers are put away."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _: object) -> None:
        raise Ended(number)

    polite = [number for name in ("SIGTERM", "SIGHUP") if (number := getattr(signal, name, None))]
    # what the caller had us ignore (nohup) stays ignored
    before = {n: signal.getsignal(n) for n in polite if signal.getsignal(n) != signal.SIG_IGN}
    for number in before:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _silence_output() -> None:
    """Nothing more can be printed: keep the interpreter from trying again when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main() -> None:
    """Entry point: own errors become one line, foreign ones never print a cell of a table."""
    try:
        with _asked_to_end():
            outcome = app(standalone_mode=False)
    except SynthauditError as error:
        _fail(str(error), Exit.BAD_INPUT)
    except Ended as ended:
        name = signal.Signals(ended.number).name
        _fail(f"Ended by {name}; {_KEPT}", 128 + ended.number)
    except (typer.Abort, KeyboardInterrupt):
        _fail(f"Interrupted; {_KEPT}", Exit.INTERRUPTED)
    except UnreadError:
        # the reader (head, less) went away: nothing to tell, and nobody to tell it to; never a 0,
        # which would let a table through whose verdict nobody has read
        _silence_output()
        sys.exit(Exit.UNREAD)
    except OSError as error:
        _silence_output()
        why = error.strerror or type(error).__name__
        _fail(
            f"The system refused to read or write ({why}): free some space, or choose other paths.",
            Exit.BAD_INPUT,
        )
    except MemoryError:
        _fail(
            "Memory ran out: give the process more, or audit fewer rows (--max-candidates).",
            Exit.BAD_INPUT,
        )
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
