"""synthaudit: attacks a synthetic table and measures how far it gives its training members away.

>>> from synthaudit import audit
>>> report = audit(train, holdout, synthetic, seed=0)        # doctest: +SKIP
>>> report.verdict.level, report.score                       # doctest: +SKIP

The public door is :func:`audit`, :func:`audit_synthesizer`, :func:`rejudge`,
:class:`AuditReport`, :class:`Policy` and the errors; everything else may move. Nothing heavy is
imported until it is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthaudit._version import __version__
from synthaudit.errors import (
    GeneratorError,
    InputError,
    PolicyViolation,
    SynthauditError,
    UsageError,
)

if TYPE_CHECKING:
    from synthaudit.integrations.sdv import audit_synthesizer
    from synthaudit.policy import Policy
    from synthaudit.report.model import AuditReport
    from synthaudit.types import Generator, Schema

__all__ = [
    "AuditReport",
    "GeneratorError",
    "InputError",
    "Policy",
    "PolicyViolation",
    "SynthauditError",
    "UsageError",
    "__version__",
    "audit",
    "audit_synthesizer",
    "rejudge",
]


def audit(
    train: Any,
    holdout: Any,
    synthetic: Any,
    *,
    seed: int = 0,
    attacks: Sequence[str] = ("all",),
    policy: str | Path | Policy = "default",
    schema: Schema | str | Path | None = None,
    metadata: Any = None,
    generator: str | Generator | None = None,
    shadows: int = 16,
    shadow_rows: int | None = None,
    max_candidates: int | None = None,
    jobs: int | None = None,
    workdir: str | Path | None = None,
    group_key: str | None = None,
    split: str = "assumed",
    prevalence: float | None = None,
    exposure_by: Sequence[str] = (),
    selftest: bool = False,
) -> AuditReport:
    """Attack ``synthetic`` and report how far it gives the members of ``train`` away.

    Parameters
    ----------
    train : DataFrame, path or Arrow-exchangeable table
        The real rows the generator was fitted on: the members.
    holdout : DataFrame, path or Arrow-exchangeable table
        Real rows of the same population the generator never saw: the non-members. A random split
        of one table; ``synthaudit split`` makes one.
    synthetic : DataFrame, path or Arrow-exchangeable table
        The table that is to leave the building.
    seed : int
        Root of every random stream. Same inputs, same seed: same report, apart from times.
    attacks : sequence of str
        Attack ids, threat models (``outsider``, ``stand-in``, ``insider``) or ``all``.
    policy : str, path or Policy
        A preset (``default``, ``strict``, ``lenient``) or a TOML file.
    schema : Schema, path or None
        Column kinds; inferred when None.
    metadata : sdv.metadata.Metadata, dict or path, optional
        SDV's metadata of the table, instead of a schema.
    generator : str, Generator, callable or None
        The generator to train shadows with, by spec (``cart:min_leaf=5``) or as an object; None
        chooses a stand-in by measurement.
    shadows : int
        Shadow generators to train (an even number, at least 4; 0 trains none).
    shadow_rows : int, optional
        Rows each is trained on at most (for slow generators); half of the candidates when None.
    max_candidates : int, optional
        Cap on the candidates attacked on either side.
    jobs : int, optional
        Workers; all available cores when None. Changes no number.
    workdir : path, optional
        Where finished shadows are kept, so that an interrupted run resumes.
    group_key : str, optional
        Column of train and holdout that names the person, when a person has several rows: then
        persons, not rows, are drawn, scored and counted.
    split : str
        ``random``, ``stratified:COLUMN`` (at random within the values of a column), ``not-random``
        or ``assumed`` (nobody said): how train and holdout were split. Bounds on epsilon are
        refused when they were not split at random.
    prevalence : float, optional
        Share of members among the people an attacker would look at; precision and identified
        members are then given for it as well.
    exposure_by : sequence of str
        Columns whose groups exposure is reported by; small groups are thrown together.
    selftest : bool
        Also plant known leaks into the synthetic table and report which are seen.

    Returns
    -------
    AuditReport
        ``report.verdict``, ``report.score``, ``report.metrics()``, ``report.to_html(path)``, ...

    Raises
    ------
    InputError, UsageError
        One sentence: what is wrong, what was found, what to do.
    """
    from synthaudit.corridor import run_audit
    from synthaudit.request import AuditRequest

    if metadata is not None:
        if schema is not None:
            raise UsageError("Give a schema or SDV metadata, not both.")
        from synthaudit.integrations.sdv import schema_of

        schema = schema_of(metadata)
    request = AuditRequest(
        seed=seed,
        attacks=tuple(attacks),
        policy=policy,
        schema=schema,
        generator=generator,
        shadows=shadows,
        shadow_rows=shadow_rows,
        max_candidates=max_candidates,
        jobs=jobs,
        workdir=Path(workdir) if workdir is not None else None,
        group_key=group_key,
        split=split,
        prevalence=prevalence,
        exposure_by=tuple(exposure_by),
        selftest=selftest,
    )
    return run_audit(train, holdout, synthetic, request).report


def rejudge(report: AuditReport, policy: str | Path | Policy) -> AuditReport:
    """The same measurements judged under another policy; no table is read.

    Raises
    ------
    InputError
        When the report is too old to say what its verdict rests on, or the policy cannot be read.
    """
    from synthaudit.gate import rejudge as judged_again

    return judged_again(report, policy)


def __getattr__(name: str) -> Any:
    # the report model pulls in pydantic and the policy its own imports: only when asked for
    if name == "AuditReport":
        from synthaudit.report.model import AuditReport

        return AuditReport
    if name == "Policy":
        from synthaudit.policy import Policy

        return Policy
    if name == "audit_synthesizer":
        from synthaudit.integrations.sdv import audit_synthesizer

        return audit_synthesizer
    raise AttributeError(f"module 'synthaudit' has no attribute {name!r}")
