"""Judging a report again under another policy, from the report alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from synthaudit.errors import InputError
from synthaudit.policy import Limit, Policy
from synthaudit.report.grounds import Grounds, LimitUsed, PolicyUsed, Strongest
from synthaudit.report.model import AuditReport
from synthaudit.types import Headline, Interval, Notice, Result, Status
from synthaudit.verdict import Evidence, judge

UNKNOWN = Interval(None, None, None)


def rejudge(report: AuditReport, policy: str | Path | Policy) -> AuditReport:
    """The same measurements under another policy.

    Parameters
    ----------
    report : AuditReport
        Of schema version 1.1 or later: it holds what its verdict rests on.
    policy : str, path or Policy
        A preset by name or a TOML file.

    Returns
    -------
    AuditReport
        With the verdict, the policy and the recorded setting exchanged; every measured number is
        the one of ``report``. Under the policy it was made with, the verdict is the same one.

    Raises
    ------
    InputError
        When the report is too old to say what its verdict rests on, or the policy cannot be read.
    """
    if report.grounds is None:
        raise InputError(
            f"This report (schema version {report.schema_version}) does not hold what its verdict "
            "rests on, so it cannot be judged again: repeat the audit with the policy."
        )
    wanted = policy if isinstance(policy, Policy) else Policy.load(policy)
    verdict = judge(evidence_from(report.grounds, report.results, report.warnings), wanted)
    kept = {name: getattr(report, name) for name in type(report).model_fields}
    config = replace(report.config, policy=wanted.name)
    changed = {"verdict": verdict, "policy": used(wanted), "config": config}
    return AuditReport.model_validate({**kept, **changed})


def used(policy: Policy) -> PolicyUsed:
    """A policy as a report keeps it."""
    names = ("name", "quantity", "value", "reason", "source")
    return PolicyUsed(
        name=policy.name,
        description=policy.description,
        limits=tuple(
            LimitUsed(**{name: getattr(limit, name) for name in names}) for limit in policy.limits
        ),
        required_components=policy.required_components,
        required_tests=policy.required_tests,
        required_reason=policy.required_reason,
    )


def policy_of(report: AuditReport) -> Policy | None:
    """The policy a report was judged by, as the verdict takes it; None when it is too old."""
    kept = report.policy
    if kept is None:
        return None
    limits = {
        limit.name: Limit(limit.name, limit.quantity, limit.value, limit.reason, limit.source)
        for limit in kept.limits
    }
    return Policy(
        name=kept.name,
        description=kept.description,
        advantage=limits["advantage"],
        excess_tpr=limits["excess_tpr"],
        identified=limits["identified"],
        excess_copies=limits["excess_copies"],
        detectable_advantage=limits["detectable_advantage"],
        epsilon=limits.get("epsilon"),
        required_components=kept.required_components,
        required_tests=kept.required_tests,
        required_reason=kept.required_reason,
    )


def evidence_from(
    grounds: Grounds, results: tuple[Result, ...], notices: tuple[Notice, ...]
) -> Evidence:
    """What a verdict is made from, as a report keeps it."""
    return Evidence(
        n_members=grounds.n_members,
        n_nonmembers=grounds.n_nonmembers,
        advantage=grounds.advantage,
        tpr=grounds.tpr,
        identified=grounds.identified,
        excess_copies=grounds.excess_copies,
        p_value=grounds.p_value,
        detectable_advantage=grounds.detectable_advantage,
        bulk=_headline(grounds.bulk),
        tail=_headline(grounds.tail),
        epsilon=grounds.epsilon,
        measured=tuple(r.id for r in results if r.status is Status.MEASURED),
        notices=notices,
        is_reversed=grounds.is_reversed,
        excess_near_copies=grounds.excess_near_copies,
        excess_isolated_copies=grounds.excess_isolated_copies,
        excess_replay=grounds.excess_replay,
    )


def _headline(strongest: Strongest | None) -> Headline | None:
    """As much of the strongest attack as the verdict's sentences name."""
    if strongest is None:
        return None
    return Headline(strongest.attack, strongest.title, strongest.threat_model, UNKNOWN, UNKNOWN, {})
