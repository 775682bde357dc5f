"""Auditing a generator instead of one release: split, generate, audit, and do it again.

One release may be a lucky draw. Every repetition splits the real table anew, fits the generator on
the training half, and attacks what came out; the summary says how the results vary.
"""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from synthaudit.corridor import run_audit
from synthaudit.counted import plural
from synthaudit.data import load_tables
from synthaudit.data.files import write_atomically
from synthaudit.data.persons import half_of_persons
from synthaudit.errors import InputError, UsageError
from synthaudit.lending import named
from synthaudit.outputs import write_outputs
from synthaudit.parallel import Progress, no_progress
from synthaudit.request import AuditRequest
from synthaudit.seeds import Streams
from synthaudit.types import Ints, Level

if TYPE_CHECKING:
    import pandas as pd

LEAST_ROWS = 20


@dataclass(frozen=True)
class Release:
    """One release in numbers."""

    directory: str
    level: str
    score: float | None
    attack: str | None
    auc: float | None
    advantage: float | None
    tpr_at_fpr_001: float | None


@dataclass(frozen=True)
class GeneratorSummary:
    """All releases of one generator; the level is that of the worst."""

    generator: str
    releases: tuple[Release, ...]

    @property
    def level(self) -> str:
        """FAIL if any release fails, else the least favourable of the others."""
        order = [Level.FAIL, Level.INVALID, Level.INCONCLUSIVE, Level.PASS]
        return min(
            (release.level for release in self.releases), key=lambda x: order.index(Level(x))
        )

    def spread(self, name: str) -> tuple[float, float, float] | None:
        """Smallest, mean and largest over releases; None when never measured."""
        found = [v for release in self.releases if (v := getattr(release, name)) is not None]
        return (min(found), statistics.fmean(found), max(found)) if found else None

    def to_text(self) -> str:
        """For a terminal."""
        lines = [f"{self.level}: {len(self.releases)} releases of {self.generator}", ""]
        lines += [
            f"  {release.directory:<12} {release.level:<13} score {_shown(release.score, 1)}"
            f"  AUC {_shown(release.auc)}  advantage {_shown(release.advantage)}"
            f"  TPR at 1 % FPR {_shown(release.tpr_at_fpr_001)}  ({release.attack})"
            for release in self.releases
        ]
        for name, title in (("auc", "AUC"), ("advantage", "advantage")):
            if spread := self.spread(name):
                low, mean, high = spread
                lines.append(f"  {title} over releases: {low:.3f} to {high:.3f}, mean {mean:.3f}")
        return "\n".join(lines)


def _shown(value: float | None, digits: int = 3) -> str:
    return "not resolvable" if value is None else f"{value:.{digits}f}"


def _halves(
    frame: pd.DataFrame, persons: Ints | None, streams: Streams
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A random half to train on and as many other rows; whole persons where rows are grouped."""
    rng = streams.rng("split")
    if persons is None:
        half, order = len(frame) // 2, rng.permutation(len(frame))
        parts = order[:half], order[half : 2 * half]
    else:
        inside = half_of_persons(persons, rng)
        parts = np.flatnonzero(inside), np.flatnonzero(~inside)
    return (
        frame.iloc[parts[0]].reset_index(drop=True),
        frame.iloc[parts[1]].reset_index(drop=True),
    )


def audit_releases(
    real: Any, request: AuditRequest, n_releases: int, out: Path, progress: Progress = no_progress
) -> GeneratorSummary:
    """Split ``real``, fit the generator, audit its output, ``n_releases`` times.

    Parameters
    ----------
    real : path or table
    request : AuditRequest
        Must name a generator; its seed is the root of splits, releases and audits.
    n_releases : int
    out : Path
        ``release-1/report.html``, ..., and ``summary.json``.

    Raises
    ------
    UsageError
        No generator was named.
    InputError
        Fewer than 20 real rows.
    """
    if request.generator is None:
        raise UsageError("Auditing a generator needs its name: give --generator.")
    # the readers align three tables; the same one three times is one table, canonically typed
    tables = load_tables(real, real, real, group_key=request.group_key)
    frame = tables.frames["train"][list(tables.given_order)]
    if len(frame) < LEAST_ROWS:
        raise InputError(
            f"The real table has {plural(len(frame), 'row')}, too few to split and audit: "
            f"give at least {LEAST_ROWS}."
        )
    lending = named(request.generator, request.filters)
    # a generator is not shown the key: it is no attribute of a person
    keys = [n.column for n in tables.notices if n.code == "grouped-by-person" and n.column]
    found = []
    for number in range(1, n_releases + 1):
        streams = Streams(request.seed).child("release", number)
        train, holdout = _halves(frame, tables.persons.get("train"), streams)
        shown = train.drop(columns=keys)
        synthetic = lending.generator.synthesize(shown, len(train), streams.integer("generate"))
        seed = streams.integer("audit")
        run = run_audit(train, holdout, synthetic, replace(request, seed=seed), progress)
        write_outputs(run, out / f"release-{number}")
        head = run.report.headline
        found.append(
            Release(
                directory=f"release-{number}",
                level=str(run.report.level),
                score=run.report.score.value,
                attack=head.attack if head else None,
                auc=head.auc.value if head else None,
                advantage=head.advantage.value if head else None,
                tpr_at_fpr_001=head.tpr_at_fpr["0.01"].value if head else None,
            )
        )
        progress("releases", number, n_releases)
    summary = GeneratorSummary(lending.generator.spec, tuple(found))
    content = {"generator": summary.generator, "level": summary.level,
               "releases": [asdict(release) for release in summary.releases]}  # fmt: skip
    write_atomically(out / "summary.json", json.dumps(content, indent=2).encode())
    return summary
