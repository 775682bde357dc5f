"""A budget chooses candidates, attacks and shadows, and says what it left out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from synthaudit.budget import (
    FEWEST_A_SIDE,
    PILOT_CANDIDATES,
    PILOT_ROWS,
    Law,
    budget_notice,
    choose,
    parse_duration,
)
from synthaudit.corridor import AuditRequest, run_audit
from synthaudit.errors import UsageError
from synthaudit.types import Card, Need

SAMPLE = Path(__file__).parents[1] / "sample_data"
SIZES = {"train": 50_000, "holdout": 40_000, "synthetic": 60_000}


@dataclass(frozen=True)
class Pretend:
    """An attack with a card only."""

    card: Card

    def score(self, view: Any, context: Any) -> Any:
        raise NotImplementedError


def attack(name: str, *needs: Need, is_feature: bool = False) -> Pretend:
    return Pretend(Card(name, name, "", "", needs=frozenset(needs), is_feature=is_feature))


@pytest.mark.parametrize(("text", "s"), [("90s", 90), ("5m", 300), ("1h30m", 5400), ("45", 45)])
def test_durations(text: str, s: float) -> None:
    assert parse_duration(text) == s


@pytest.mark.parametrize("text", ["", "soon", "0s", "5 minutes", "-3m"])
def test_no_durations(text: str) -> None:
    with pytest.raises(UsageError, match="looks like '90s'"):
        parse_duration(text)


def test_a_law_by_hand() -> None:
    # four times the candidates took four times as long, four times the rows sixteen times
    law = Law.through(1.0, 4.0, 16.0)
    assert law.at(PILOT_CANDIDATES, PILOT_ROWS) == pytest.approx(1.0)
    assert law.at(10 * PILOT_CANDIDATES, PILOT_ROWS) == pytest.approx(10.0)
    assert law.at(PILOT_CANDIDATES, 10 * PILOT_ROWS) == pytest.approx(100.0)
    # a stutter of the clock is no power of ten
    assert Law.through(1.0, 1e6, 0.5).at(10 * PILOT_CANDIDATES, 1e9) == pytest.approx(100.0)


LAWS = {"cheap": Law(0.01, 1.0, 0.0), "costly": Law(1.0, 1.0, 1.0)}
ATTACKS = (
    attack("cheap", is_feature=True),
    attack("costly"),
    attack("shadow", Need.GENERATOR),
)
GENERATOR = Law(0.01, 0.5, 0.5)


def test_enough_time_leaves_nothing_out() -> None:
    choice = choose(LAWS, GENERATOR, ATTACKS, SIZES, 16, 1e9)
    assert choice.attacks == ATTACKS and choice.left_out == ()
    assert (choice.max_candidates, choice.shadows) == (40_000, 16)
    assert budget_notice(choice, 40_000, 16, 1e9).severity == "info"


@pytest.mark.parametrize("seconds", [1.0, 30.0, 300.0, 3_000.0, 30_000.0])
def test_what_is_chosen_fits(seconds: float) -> None:
    choice = choose(LAWS, GENERATOR, ATTACKS, SIZES, 16, seconds)
    assert choice.seconds <= seconds
    assert FEWEST_A_SIDE <= choice.max_candidates <= 40_000


def test_candidates_go_first_and_then_the_costliest_attack() -> None:
    # costly: 100 rows-steps x n / 300 seconds; at 40,000 a side 26,667 s
    few = choose(LAWS, GENERATOR, ATTACKS[:2], SIZES, 0, 5_000.0)
    assert few.left_out == () and FEWEST_A_SIDE < few.max_candidates < 40_000
    none = choose(LAWS, GENERATOR, ATTACKS[:2], SIZES, 0, 100.0)
    assert none.left_out == ("costly",) and none.max_candidates == FEWEST_A_SIDE


def test_shadows_take_what_is_left() -> None:
    counts = [
        choose(LAWS, GENERATOR, ATTACKS, SIZES, 16, seconds).shadows for seconds in (0.2, 4.0, 1e5)
    ]
    assert counts[0] == 0 and counts[-1] == 16 and sorted(counts) == counts
    gone = choose(LAWS, GENERATOR, ATTACKS, SIZES, 16, 0.2)
    assert "shadow" in gone.left_out


def test_the_notice_says_what_it_does_to_power() -> None:
    choice = choose(LAWS, GENERATOR, ATTACKS, SIZES, 16, 100.0)
    notice = budget_notice(choice, 40_000, 16, 100.0)
    assert notice.severity == "warn"
    assert "2,000 of 40,000 candidates a side" in notice.message
    assert "Left out: costly" in notice.message
    assert f"--max-candidates 2000 --shadows {choice.shadows}" in notice.message


def test_a_real_audit_keeps_to_its_budget() -> None:
    request = AuditRequest(
        attacks=("closest_record", "value_fingerprint"), shadows=0, jobs=1, budget=60.0
    )
    paths = [SAMPLE / f"{name}.csv" for name in ("train", "holdout", "synthetic_leaky")]
    run = run_audit(*paths, request)
    notices = {notice.code: notice for notice in run.observations.tables.notices}
    assert "budget" in notices
    assert set(run.observations.scores) == {"closest_record", "value_fingerprint"}
