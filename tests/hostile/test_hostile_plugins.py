"""Plug-ins that raise, hang, lie about shapes or take workers with them: the audit stands."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest
from conftest import make_case

import synthaudit.corridor
from synthaudit.corridor import run_audit
from synthaudit.data.views import AdversaryView
from synthaudit.errors import UsageError
from synthaudit.parallel import Context
from synthaudit.registry import select_attacks
from synthaudit.report.model import AuditReport
from synthaudit.request import AuditRequest
from synthaudit.types import Attack, Card, Floats, Result

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
    start = time.monotonic()
    report, bad = audited(how, monkeypatch, time_limit=limit, jobs=2 if many else 1)
    assert time.monotonic() - start < 55
    assert bad is not None and bad.status == "FAILED" and not bad.estimates
    assert re.fullmatch(SAYS[how], bad.reason), bad.reason
    without, _ = audited(None, monkeypatch)
    mine, theirs = report.result("closest_record"), without.result("closest_record")
    assert mine is not None and theirs is not None and mine.estimates == theirs.estimates
    said = [reason for reason in report.verdict.reasons if "failed" in reason]
    # a machine under load may be late with a check as well
    assert len(said) == 1 and re.search(r"verdict holds without \w+: bad\b", said[0])
    assert not any("failed and counts" in reason for reason in without.verdict.reasons)
    for text in (report.to_json(), report.to_html(), report.to_markdown(), report.to_text()):
        assert MARKER not in text


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
