"""What the caller of an audit asks for, and the clock it runs by."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from synthaudit.errors import UsageError
from synthaudit.parallel import Backend
from synthaudit.policy import Policy
from synthaudit.stats import level_at_prevalence
from synthaudit.types import AuditConfig, Generator, Schema

SPLITS = ("assumed", "random", "not-random")
STRATIFIED = "stratified:"
"""Followed by the column within whose values the split was random."""


@dataclass(frozen=True)
class AuditRequest:
    """What the caller asks for; see :func:`synthaudit.audit` for the meaning of each."""

    seed: int = 0
    attacks: tuple[str, ...] = ("all",)
    policy: str | Path | Policy = "default"
    schema: Schema | str | Path | None = None
    generator: str | Generator | None = None
    shadows: int = 16
    shadow_rows: int | None = None
    max_candidates: int | None = None
    jobs: int | None = None
    workdir: Path | None = None
    backend: Backend = field(default_factory=Backend)
    time_limit: float | None = None
    """Seconds one attack or check may take."""
    filters: tuple[str, ...] = ()
    """Post-processing that is part of the named generator: ``dcr:0.3``, ``dedup``."""
    group_key: str | None = None
    split: str = "assumed"
    prevalence: float | None = None
    exposure_by: tuple[str, ...] = ()
    selftest: bool = False
    memory: int | None = None
    """Bytes the audit may take (default: half the machine); larger tables are read in parts."""
    budget: float | None = None
    """Seconds the audit may take: attacks, candidates and shadows are chosen to fit."""

    def __post_init__(self) -> None:
        if self.split not in SPLITS and not self.split.startswith(STRATIFIED):
            raise UsageError(
                f"The split is {self.split!r}: say 'random', 'stratified:COLUMN' or 'not-random', "
                "or nothing at all."
            )
        if self.prevalence is not None:
            level_at_prevalence(0.05, self.prevalence)

    def config(self, policy: Policy, spec: str | None, jobs: int) -> AuditConfig:
        """The part of the request that is recorded."""
        return AuditConfig(
            seed=self.seed,
            attacks=self.attacks,
            policy=policy.name,
            max_candidates=self.max_candidates,
            generator=spec,
            shadows=self.shadows,
            shadow_rows=self.shadow_rows,
            group_key=self.group_key,
            split=self.split,
            prevalence=self.prevalence,
            exposure_by=self.exposure_by,
            selftest=self.selftest,
            jobs=jobs,
            schema="inferred" if self.schema is None else "given",
        )


@dataclass
class Clock:
    """Wall time by step, in the order the steps were first entered."""

    started: float = field(default_factory=time.perf_counter)
    steps: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.steps[name] = self.steps.get(name, 0.0) + time.perf_counter() - start

    @property
    def total(self) -> float:
        """Seconds since the clock was made."""
        return time.perf_counter() - self.started
