"""Several finished audits in, one comparison out.

Paired where it can be: when two audits attacked the very same candidates and both kept their scores
(``--save-scores``), the difference of two numbers is known far better than either number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from synthaudit._version import __version__
from synthaudit.errors import InputError, UsageError
from synthaudit.outputs import read_report
from synthaudit.report.comparison import (
    QUANTITIES,
    Compared,
    Comparison,
    Difference,
    Pair,
    Quantity,
)
from synthaudit.report.comparison_words import cautions
from synthaudit.report.model import AuditReport
from synthaudit.report.sections import Tool
from synthaudit.stats.binomial import Bounds
from synthaudit.stats.paired import (
    advantage_parts,
    auc_parts,
    correlation_of,
    difference_of,
    tpr_parts,
)
from synthaudit.types import Floats, Interval

if TYPE_CHECKING:
    import pandas as pd

MOST_TABLES = 12
NEEDED = ("source", "row", "first_half", "strongest", "flagged", "strongest_tail")
NOTHING = Interval(None, None, None)


@dataclass(frozen=True, eq=False)
class Audit:
    """One finished audit, and its candidates' scores where they are beside the report."""

    report: AuditReport
    label: str
    scores: pd.DataFrame | None
    """Sorted by source and row; the columns ``NEEDED`` and ``person``, one number a person."""

    def parts(self) -> dict[str, Floats]:
        """What every candidate adds to each quantity, ``(n_candidates,)`` each."""
        if self.scores is None:
            return {}
        scores = self.scores.drop_duplicates("person")
        is_member = (scores["source"] == "train").to_numpy()
        half, flagged = (scores[name].to_numpy(bool) for name in ("first_half", "flagged"))
        bulk, tail = (scores[name].to_numpy(float) for name in ("strongest", "strongest_tail"))
        return {
            "advantage": advantage_parts(flagged, is_member),
            "auc": auc_parts(bulk, is_member, half),
            "tpr_at_fpr_0.01": tpr_parts(tail, is_member, 0.01),
        }


def compare(paths: Sequence[Path], confidence: float = 0.95) -> Comparison:
    """Put finished audits side by side.

    Parameters
    ----------
    paths : sequence of Path
        Reports as JSON, or directories that hold a ``report.json``; at least two.
    confidence : float
        Of all differences together (Bonferroni).

    Raises
    ------
    UsageError
        When there are fewer than two reports, or more than can be read side by side.
    InputError
        When one of them is not a report.
    """
    if not 2 <= len(paths) <= MOST_TABLES:
        raise UsageError(
            f"A comparison needs 2 to {MOST_TABLES} reports, but {len(paths)} were given."
        )
    files = [path / "report.json" if path.is_dir() else path for path in paths]
    audits = [_audit(file, label) for file, label in zip(files, _labels(files), strict=True)]
    tables = tuple(_compared(audit, number) for number, audit in enumerate(audits, start=1))
    return Comparison(
        tool=Tool(version=__version__),
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        tables=tables,
        pairs=_pairs(audits, tables, confidence),
        confidence=confidence,
        cautions=cautions([audit.report for audit in audits], tables),
    )


def _labels(files: Sequence[Path]) -> list[str]:
    """The shortest ending of each path that tells it from the others, without ``report.json``."""
    stems = [
        (*file.resolve().parts[1:-1], *(() if file.stem == "report" else (file.stem,)))
        for file in files
    ]
    found = []
    for i, stem in enumerate(stems):
        others = [other for j, other in enumerate(stems) if j != i and other != stem]
        length = 1
        while length < len(stem) and any(stem[-length:] == other[-length:] for other in others):
            length += 1
        label = "/".join(stem[-length:]) or files[i].name
        # the same report twice has no ending of its own
        found.append(f"{label} ({i + 1})" if stems.count(stem) > 1 else label)
    return found


def _audit(file: Path, label: str) -> Audit:
    report = read_report(file)
    return Audit(report, label, _scores(report, file.parent / "confidential/candidates.parquet"))


def _scores(report: AuditReport, path: Path) -> pd.DataFrame | None:
    """The candidates' scores, when they are there and belong to this very report."""
    if not path.is_file():
        return None
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise InputError(
            f"The scores beside the report in {path.parent.parent.name} cannot be read "
            f"({type(error).__name__}): repeat the audit with --save-scores, or remove them."
        ) from error
    digests = {name: table.sha256.encode() for name, table in report.inputs.tables()}
    metadata = table.schema.metadata or {}
    if any(metadata.get(name.encode()) != digest for name, digest in digests.items()):
        return None  # left over from another audit in the same directory
    if not set(NEEDED) <= set(table.column_names):
        return None
    frame: pd.DataFrame = table.to_pandas()
    frame = frame.sort_values(["source", "row"]).reset_index(drop=True)
    # numbered in this order, so that the same grouping has the same numbers; else every row alone
    persons = frame.get("person", frame.index)
    return frame[list(NEEDED)].assign(person=pd.factorize(persons)[0])


def _compared(audit: Audit, number: int) -> Compared:
    report, head = audit.report, audit.report.headline
    utility = report.result("utility")
    fit = (utility.estimate("pair_fit") or utility.estimate("column_fit")) if utility else None
    values = (
        {} if head is None else {name: getattr(head, name.replace(".", "_")) for name in QUANTITIES}
    )
    return Compared(
        **values,
        number=number,
        label=audit.label,
        source=report.inputs.synthetic.source,
        sha256=report.inputs.synthetic.sha256,
        created=report.created,
        level=report.level,
        policy=report.verdict.policy,
        score=report.score,
        attack=head.title if head else None,
        threat_model=head.threat_model if head else None,
        identified=report.identified.share if report.identified else NOTHING,
        n_members=report.coverage.n_members_attacked,
        n_nonmembers=report.coverage.n_nonmembers_attacked,
        fidelity=Interval(fit.value, fit.low, fit.high) if fit else NOTHING,
        fidelity_of_holdout=fit.null if fit else None,
    )


def _pairs(
    audits: Sequence[Audit], tables: Sequence[Compared], confidence: float
) -> tuple[Pair, ...]:
    chosen = [
        (i, j)
        for i, j in combinations(range(len(tables)), 2)
        if tables[i].is_measured and tables[j].is_measured
    ]
    n_differences = sum(len(_bounds(tables[i], tables[j])) for i, j in chosen)
    each = 1.0 - (1.0 - confidence) / max(n_differences, 1)
    parts = [audit.parts() for audit in audits]
    found = []
    for i, j in chosen:
        why = _unpaired(audits[i], audits[j])
        differences = []
        for name, (first, second) in _bounds(tables[i], tables[j]).items():
            rho = 0.0
            if not why:
                widths = (first.high - first.low, second.high - second.low)
                rho = correlation_of(parts[i][name], parts[j][name], widths)
            gap = difference_of(first, second, rho, each)
            apart = gap.low > 0.0 or gap.high < 0.0
            differences.append(
                Difference(
                    quantity=name, value=gap.value, low=gap.low, high=gap.high, told_apart=apart
                )
            )
        found.append(
            Pair(first=i + 1, second=j + 1, paired=not why, why=why, differences=tuple(differences))
        )
    return tuple(found)


def _bounds(first: Compared, second: Compared) -> dict[Quantity, tuple[Bounds, Bounds]]:
    """The quantities that both tables have, with their intervals."""
    found: dict[Quantity, tuple[Bounds, Bounds]] = {}
    for name in QUANTITIES:
        ends = []
        for table in (first, second):
            x = table.quantity(name)
            if x.value is not None and x.low is not None and x.high is not None:
                ends.append(Bounds(x.value, x.low, x.high))
        if len(ends) == 2:
            found[name] = (ends[0], ends[1])
    return found


def _unpaired(first: Audit, second: Audit) -> str:
    """Why two audits cannot be compared candidate by candidate; empty when they can."""
    here, there = first.report.inputs, second.report.inputs
    if here.train.sha256 != there.train.sha256 or here.holdout.sha256 != there.holdout.sha256:
        return "the two audits attacked other people (their train or holdout files differ)"
    if first.scores is None or second.scores is None:
        return "the candidates' scores are not beside both reports (audit both with --save-scores)"
    mine, theirs = (scores[["source", "row", "person"]] for scores in (first.scores, second.scores))
    if not mine.equals(theirs):
        return (
            "the two audits drew or grouped other candidates (use the same seed, size and group "
            "key for both)"
        )
    return ""
