"""Plug-ins that raise, hang, lie about shapes or take workers with them: the audit stands."""

from __future__ import annotations

import importlib
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar

import numpy as np
import pytest
from conftest import make_case

import synthaudit.corridor
from synthaudit.corridor import run_audit
from synthaudit.data.views import AdversaryView
from synthaudit.errors import UsageError
from synthaudit.parallel import Context
from synthaudit.plugins import guarded
from synthaudit.registry import select_attacks
from synthaudit.report.model import AuditReport
from synthaudit.request import AuditRequest
from synthaudit.types import Attack, Card, Floats, Result, Status

MARKER = "Zanzibar-4711"


def sleeps(_: int) -> int:
    time.sleep(60)
    return 0


def dies(number: int) -> int:
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@dataclass(frozen=True)
class Bad:
    """Does whatever its ``how`` says."""

    how: str
    card: ClassVar[Card] = Card("bad", "Bad", "Is it bad?", "It is.")

    def score(self, view: AdversaryView, context: Context) -> Floats:
        found: Any = getattr(self, self.how)(view, context)
        return found

    def raises(self, *_: Any) -> None:
        raise ValueError(f"row 17 holds {MARKER}")

    def runs_out_of_memory(self, *_: Any) -> None:
        raise MemoryError(MARKER)

    def gives_the_wrong_shape(self, *_: Any) -> Any:
        return np.zeros((3, 3))

    def gives_texts(self, view: AdversaryView, _: Context) -> Any:
        return np.array([MARKER] * view.n_candidates)

    def gives_nothing(self, *_: Any) -> None:
        return None

    def gives_nan(self, view: AdversaryView, _: Context) -> Any:
        return np.full(view.n_candidates, np.nan)

    def hangs(self, *_: Any) -> None:
        while True:
            pass

    def swallows_everything(self, *_: Any) -> None:
        while True:
            try:
                time.sleep(60)
            except Exception:  # noqa: BLE001, S112 - that is what is bad about it
                continue

    def hangs_in_workers(self, _: AdversaryView, context: Context) -> None:
        context.map(sleeps, range(2))

    def loses_a_worker(self, _: AdversaryView, context: Context) -> None:
        context.map(dies, range(4))


SAYS = {
    "raises": r"It stopped with ValueError at test_hostile_plugins\.py:\d+; please report this\.",
    "runs_out_of_memory": r"Memory ran out: .+\.",
    "gives_the_wrong_shape": r"The attack returned scores of shape \(3, 3\) .+\.",
    "gives_texts": r"It stopped with ValueError.*\.",
    "gives_nothing": r"The attack returned scores of shape \(\) .+\.",
    "gives_nan": r"The attack returned \d+ scores that are not finite; .+\.",
    "hangs": r"It was ended after 1 seconds, .+\.",
    "swallows_everything": r"It was ended after 1 seconds, .+\.",
    "hangs_in_workers": r"It was ended after 12 seconds, .+\.",
    "loses_a_worker": r"A worker process was ended from outside, .+\.",
}


def audited(
    how: str | None, monkeypatch: pytest.MonkeyPatch, **settings: Any
) -> tuple[AuditReport, Result | None]:
    """An audit with one sound attack and, before it, one that is not."""
    sound = select_attacks(("closest_record",))
    attacks: tuple[Attack, ...] = sound if how is None else (Bad(how), *sound)
    monkeypatch.setattr(synthaudit.corridor, "select_attacks", lambda _: attacks)
    request = AuditRequest(shadows=0, jobs=settings.pop("jobs", 1), **settings)
    report = run_audit(*make_case(60, seed=8, leak=0.6), request).report
    return report, report.result("bad")


@pytest.mark.parametrize("how", SAYS)
def test_a_bad_plug_in_is_a_failed_result_and_the_rest_stands(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = how in ("hangs_in_workers", "loses_a_worker")
    limit = {"hangs": 1.0, "swallows_everything": 1.0, "hangs_in_workers": 12.0}.get(how)
    without, _ = audited(None, monkeypatch)  # imports and compiles: that has no limit to keep
    start = time.monotonic()
    report, bad = audited(how, monkeypatch, time_limit=limit, jobs=2 if many else 1)
    assert time.monotonic() - start < 55
    assert bad is not None and bad.status == "FAILED" and not bad.estimates
    assert re.fullmatch(SAYS[how], bad.reason), bad.reason
    mine, theirs = report.result("closest_record"), without.result("closest_record")
    assert mine is not None and theirs is not None and mine.estimates == theirs.estimates
    said = [reason for reason in report.verdict.reasons if "failed" in reason]
    # a machine under load may be late with a check as well
    assert len(said) == 1 and re.search(r"verdict holds without \w+: bad\b", said[0])
    assert not any("failed and counts" in reason for reason in without.verdict.reasons)
    for text in (report.to_json(), report.to_html(), report.to_markdown(), report.to_text()):
        assert MARKER not in text


def test_an_import_is_not_stopped_half_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "takes_its_time.py").write_text("import time\ntime.sleep(0.5)\nis_whole = True\n")
    monkeypatch.syspath_prepend(tmp_path)

    def run() -> None:
        importlib.import_module("takes_its_time")
        while True:
            pass

    outcome = guarded(Bad.card, "attack", run, 0.1)
    assert outcome.status is Status.FAILED and 0.5 < outcome.seconds < 30
    assert sys.modules["takes_its_time"].is_whole


def test_a_compilation_is_not_stopped_half_way() -> None:
    import numba

    @numba.njit
    def total(values: Any) -> Any:
        found = 0.0
        for value in values:
            found += np.sqrt(value) + np.log1p(value)
        return found

    def run() -> None:
        total(np.ones(3))
        while True:
            pass

    assert guarded(Bad.card, "attack", run, 0.01).status is Status.FAILED
    assert len(total.signatures) == 1


@pytest.fixture
def alarms_ignored() -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("alarms_ignored")  # those that come too early and too late
def test_an_alarm_at_any_line_leaves_none_behind() -> None:
    statuses = []
    for nth in range(100):
        lines = 0

        def at_line(frame: FrameType, event: str, _: Any, nth: int = nth) -> Any:
            nonlocal lines
            if event == "line":
                lines += 1
                if lines == nth + 1:
                    signal.raise_signal(signal.SIGALRM)
            return at_line

        def at_call(frame: FrameType, *_: Any, at_line: Any = at_line) -> Any:
            return at_line if frame.f_code.co_name in ("_within", "stop") else None

        traced = sys.gettrace()
        sys.settrace(at_call)
        try:
            statuses.append(guarded(Bad.card, "attack", lambda: 1, 100.0).status)
        finally:
            sys.settrace(traced)
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0), nth
        assert signal.getsignal(signal.SIGALRM) is signal.SIG_IGN, nth
        if lines <= nth:
            break
    assert lines <= nth and {Status.MEASURED, Status.FAILED} == set(statuses)


def test_a_time_limit_that_is_not_reached_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    without, _ = audited(None, monkeypatch)
    within, _ = audited(None, monkeypatch, time_limit=300.0)
    assert within.results[0].estimates == without.results[0].estimates
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf")])
def test_a_time_limit_is_a_number_of_seconds(
    seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="positive number"):
        audited(None, monkeypatch, time_limit=seconds)


def test_a_time_limit_in_another_thread_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def run() -> None:
        try:
            audited(None, monkeypatch, time_limit=5.0)
        except UsageError as error:
            said.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert said and "main thread" in said[0]
