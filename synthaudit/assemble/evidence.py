"""What the verdict may look at: results, notices, and the numbers each component rests on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from synthaudit.measure import Measurements
from synthaudit.report.grounds import Grounds
from synthaudit.report.plain import plain
from synthaudit.types import Estimate, Headline, Notice, Result, Status
from synthaudit.verdict import FAILED_TESTS, Evidence

if TYPE_CHECKING:
    from synthaudit.corridor import Observations


def results_of(observed: Observations, measured: Measurements) -> tuple[Result, ...]:
    attacks = [
        replace(
            outcome.result(),
            estimates=measured.estimates.get(outcome.card.id, ()),
            curves=measured.curves.get(outcome.card.id, ()),
        )
        for outcome in observed.attacks
    ]
    checks = [
        replace(
            outcome.result(),
            estimates=outcome.answer.estimates if outcome.answer else (),
            curves=outcome.answer.curves if outcome.answer else (),
        )
        for outcome in observed.checks
    ]
    return (*attacks, *checks)


def notices_of_checks(observed: Observations) -> tuple[Notice, ...]:
    return tuple(
        notice for outcome in observed.checks if outcome.answer for notice in outcome.answer.notices
    )


def notices_of_failures(results: tuple[Result, ...]) -> tuple[Notice, ...]:
    """One sentence naming what broke: the verdict must not read as if it had been tried."""
    failed = [result.id for result in results if result.status is Status.FAILED]
    if not failed:
        return ()
    named = ", ".join(failed[:8]) + (" and others" if len(failed) > 8 else "")
    tests = (
        "1 test failed and counts" if len(failed) == 1 else f"{len(failed)} tests failed and count"
    )
    them = "it" if len(failed) == 1 else "them"
    message = f"{tests} as not made, so the verdict holds without {them}: {named}."
    return (Notice(FAILED_TESTS, message, severity="warn"),)


def _found(results: tuple[Result, ...], id_: str, name: str) -> Estimate | None:
    return next((r.estimate(name) for r in results if r.id == id_), None)


def evidence_of(
    observed: Observations,
    measured: Measurements,
    results: tuple[Result, ...],
    notices: tuple[Notice, ...],
) -> Evidence:
    best = measured.strongest
    return Evidence(
        n_members=measured.power.n_members,
        n_nonmembers=measured.power.n_nonmembers,
        advantage=best.bulk.estimate("advantage") if best else None,
        tpr=tuple(e for e in best.tail.estimates if e.name.startswith("tpr_at_fpr"))
        if best
        else (),
        identified=measured.identified.share if measured.identified else None,
        excess_copies=_found(results, "exact_copies", "excess_copies"),
        excess_near_copies=_found(results, "near_copies", "excess_near_copies"),
        excess_replay=_found(results, "identifier_replay", "excess_replay"),
        excess_isolated_copies=_found(results, "isolated_copies", "excess_isolated_copies"),
        p_value=measured.permutation.p_value if measured.permutation else None,
        detectable_advantage=measured.power.advantage,
        bulk=best.bulk.headline if best else None,
        tail=best.tail.headline if best else None,
        epsilon=measured.epsilon,
        measured=tuple(result.id for result in results if result.status is Status.MEASURED),
        notices=notices,
        is_reversed=measured.is_reversed,
    )


def _strongest(headline: Headline | None) -> dict[str, str] | None:
    if headline is None:
        return None
    names = ("attack", "title", "threat_model")
    return {name: str(getattr(headline, name)) for name in names}


def grounds_of(evidence: Evidence) -> Grounds:
    """The evidence as the report keeps it, rounded as everything in a report is.

    The verdict is made from these rounded numbers, so that judging the report again
    (``synthaudit.gate.rejudge``) gives the same verdict to the last digit.
    """
    kept: dict[str, Any] = {
        name: getattr(evidence, name)
        for name in Grounds.model_fields
        if name not in ("bulk", "tail")
    }
    strongest = {"bulk": _strongest(evidence.bulk), "tail": _strongest(evidence.tail)}
    return Grounds.model_validate(plain({**kept, **strongest}))
