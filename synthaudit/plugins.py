"""Running one plug-in: timed, and with its failure turned into a result instead of a crash.

A plug-in that declines becomes SKIPPED with its reason, one that breaks becomes FAILED; the rest of
the audit stands and the report says what is missing. The text of a foreign exception is *not*
copied into the result: it may quote cells of the tables. Its type and the place are.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Generic, TypeVar

import numpy as np

from synthaudit.data.views import AdversaryView, AuditorView
from synthaudit.errors import NotApplicable, SynthauditError, UsageError
from synthaudit.parallel import Context
from synthaudit.types import Attack, Card, Check, Finding, Floats, Result, Status

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Outcome(Generic[Answer]):
    """What became of one plug-in: an answer, or a status with its reason."""

    card: Card
    kind: str
    status: Status
    reason: str
    seconds: float
    answer: Answer | None = None

    def result(self) -> Result:
        """The bare result, without estimates (the corridor adds what the statistics find)."""
        card = self.card
        return Result(
            id=card.id,
            kind=self.kind,
            title=card.title,
            question=card.question,
            how_to_read=card.how_to_read,
            threat_model=card.threat_model,
            status=self.status,
            reason=self.reason,
            references=card.references,
            seconds=self.seconds,
        )


def place_of(error: BaseException) -> str:
    """Where a foreign exception came from: type, file and line, never its text."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != __file__]
    own = [frame for frame in frames if "synthaudit" in frame.filename] or frames
    place = f" at {Path(own[-1].filename).name}:{own[-1].lineno}" if own else ""
    return f"{type(error).__name__}{place}"


def check_time_limit(seconds: float | None) -> None:
    """Refuse a time limit where none can be kept.

    Raises
    ------
    UsageError
        When it is not positive, or this is not the main thread of a Unix process: nothing else is
        given alarms.
    """
    if seconds is None:
        return
    if not 0.0 < seconds < 1e8:
        raise UsageError(f"A time limit is a positive number of seconds, but is {seconds:g}.")
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or not hasattr(signal, "setitimer"):
        raise UsageError("A time limit needs the main thread of a Unix process: leave it out here.")


class _TimeIsUp(BaseException):
    """Raised inside a plug-in that takes too long; no ``except Exception`` swallows it."""


_AGAIN = 0.05
"""Seconds until a late plug-in that could not be stopped is looked at again."""


def _can_stop(frame: FrameType | None) -> bool:
    """Not while a module is imported or a function compiled: stopped half-way, either would stay
    half there for the rest of the process."""
    unfinished = ["<frozen importlib"]
    if compiler := getattr(sys.modules.get("numba"), "__file__", None):
        unfinished.append(str(Path(compiler).parent) + os.sep)
    while frame is not None:
        if frame.f_code.co_filename.startswith(tuple(unfinished)):
            return False
        frame = frame.f_back
    return True


@contextmanager
def _within(seconds: float | None) -> Iterator[None]:
    """Interrupt the body after so many seconds, and again every ten seconds after.

    By the alarm of the system, in this very thread: the caches plug-ins share stay shared. A single
    call into compiled code that never returns cannot be interrupted by anything but a kill; an
    import or a compilation is waited for.
    """
    if seconds is None:
        yield
        return
    is_over = False

    def stop(_: int, frame: FrameType | None) -> None:
        if is_over:
            return
        if not _can_stop(frame):
            signal.setitimer(signal.ITIMER_REAL, _AGAIN, 10.0)
            return
        raise _TimeIsUp

    previous = signal.getsignal(signal.SIGALRM)
    try:
        try:
            signal.signal(signal.SIGALRM, stop)
            signal.setitimer(signal.ITIMER_REAL, seconds, 10.0)
            yield
        finally:
            is_over = True  # an alarm from here on must not keep the next lines from being run
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, previous)


def guarded(
    card: Card, kind: str, run: Callable[[], Answer], time_limit: float | None = None
) -> Outcome[Answer]:
    """Run ``run`` and report what became of it. KeyboardInterrupt and SystemExit pass through.

    ``time_limit`` is in seconds.
    """
    start = time.perf_counter()

    def outcome(status: Status, reason: str, answer: Answer | None = None) -> Outcome[Answer]:
        return Outcome(card, kind, status, reason, time.perf_counter() - start, answer)

    try:
        with _within(time_limit):
            answer = run()
    except _TimeIsUp:
        return outcome(
            Status.FAILED,
            f"It was ended after {time_limit:g} seconds, the time limit of one attack or check.",
        )
    except MemoryError:
        return outcome(
            Status.FAILED, "Memory ran out: use fewer rows (--max-candidates) or a larger machine."
        )
    except NotApplicable as declined:
        return outcome(Status.SKIPPED, str(declined))
    except SynthauditError as error:  # our own sentences carry no cell values
        return outcome(Status.FAILED, str(error))
    except Exception as error:  # noqa: BLE001 - a plug-in may raise anything; the audit must stand
        return outcome(Status.FAILED, f"It stopped with {place_of(error)}; please report this.")
    return outcome(Status.MEASURED, "", answer)


def run_attack(attack: Attack, view: AdversaryView, context: Context) -> Outcome[Floats]:
    """Score all candidates with one attack; scores of the wrong shape or not finite are FAILED."""

    def scores() -> Floats:
        if not (view.schema.numbers or view.schema.categories):
            raise NotApplicable(
                "Every common column is an identifier, free text or a constant: there is "
                "nothing an attack could compare."
            )
        found = np.asarray(
            attack.score(view, context.child("attack", attack.card.id)), dtype=np.float64
        )
        if found.shape != (view.n_candidates,):
            raise SynthauditError(
                f"The attack returned scores of shape {found.shape} for {view.n_candidates} "
                "candidates; it must return one score each."
            )
        if not np.isfinite(found).all():
            n_bad = int((~np.isfinite(found)).sum())
            raise SynthauditError(
                f"The attack returned {n_bad} scores that are not finite; they cannot be ranked."
            )
        return found

    return guarded(attack.card, "attack", scores, context.time_limit)


def run_check(check: Check, view: AuditorView, context: Context) -> Outcome[Finding]:
    """Run one check."""
    child = context.child("check", check.card.id)
    return guarded(check.card, "check", lambda: check.run(view, child), context.time_limit)
