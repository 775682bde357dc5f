"""What every check must obey, run over whatever checks are found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from synthaudit.data import draw_challenge, load_tables
from synthaudit.parallel import Context
from synthaudit.plugins import run_check
from synthaudit.registry import discover_checks
from synthaudit.seeds import Streams
from synthaudit.types import Check, Finding, Status, ThreatModel

CHECKS = discover_checks()
IDS = [check.card.id for check in CHECKS]


def found(check: Check, case: Any, jobs: int = 1) -> tuple[Status, str, Finding | None]:
    view = draw_challenge(load_tables(*case), Streams(0), jobs=jobs).auditor
    before = {name: frame.copy() for name, frame in view.frames.items()}
    outcome = run_check(check, view, Context(Streams(0), jobs=jobs))
    for name, frame in before.items():
        pd.testing.assert_frame_equal(view.frames[name], frame)
    return outcome.status, outcome.reason, outcome.answer


@pytest.mark.parametrize("check", CHECKS, ids=IDS)
def test_card_is_complete(check: Check) -> None:
    card = check.card
    assert card.id.isidentifier() and card.threat_model is ThreatModel.AUDITOR
    assert card.title and card.question.endswith("?") and len(card.how_to_read) > 20


@pytest.mark.parametrize("check", CHECKS, ids=IDS)
def test_estimates_are_whole_and_repeatable(check: Check, leaky_case: Any) -> None:
    status, reason, finding = found(check, leaky_case)
    assert status is not Status.FAILED, reason
    if finding is None:
        assert status is Status.SKIPPED and reason
        return
    assert finding.estimates
    for estimate in finding.estimates:
        if estimate.value is None:
            assert estimate.note, f"{estimate.name} is not resolved and does not say why"
            continue
        # nothing counted (n = 0) is no evidence: only a p-value can say that
        assert np.isfinite(estimate.value) and (estimate.n > 0 or estimate.name == "p_value")
        if estimate.low is not None and estimate.high is not None:
            assert estimate.low <= estimate.value <= estimate.high, estimate.name
    assert len({e.name for e in finding.estimates}) == len(finding.estimates)
    assert found(check, leaky_case, jobs=2)[2] == finding


@pytest.mark.parametrize("check", CHECKS, ids=IDS)
def test_a_random_split_is_not_called_invalid(check: Check, null_case: Any) -> None:
    _, _, finding = found(check, null_case)
    severe = [n for n in (finding.notices if finding else ()) if n.severity == "invalid"]
    assert severe == []


@pytest.mark.parametrize("check", CHECKS, ids=IDS)
@pytest.mark.parametrize("columns", [["age", "income"], ["region", "rare"], ["age"]])
def test_narrow_and_one_sided_tables_are_survived(
    check: Check, columns: list[str], leaky_case: Any
) -> None:
    status, reason, _ = found(check, [frame[columns].head(40) for frame in leaky_case])
    assert status is not Status.FAILED, reason


def test_no_check_has_the_id_of_an_attack() -> None:
    from synthaudit.registry import discover_attacks

    # results of both kinds stand in one list of the report and are looked up by id
    assert not set(IDS) & {attack.card.id for attack in discover_attacks()}
