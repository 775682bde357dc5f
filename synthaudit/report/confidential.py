"""Row-level findings: a page and records of their own, kept apart from the shareable report.

They say which training rows are exposed, which synthetic rows point at them and which columns
agree. That is the leak itself, sorted: whoever reads it knows more about the members than the
synthetic table tells. Files made from it belong in ``confidential/`` with mode 0600, and nothing of
it enters an ``AuditReport``. Even here rows are positions in their files; no cell is copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from synthaudit.report import inert, numbers
from synthaudit.report.html import page_of
from synthaudit.report.model import AuditReport

MOST_ROWS = 500
"""Rows on the page; the records hold all of them."""


@dataclass(frozen=True)
class Exposed:
    """One training row that the strongest attack gives away.

    Attributes
    ----------
    row : int
        Position in the training file, counted from 0.
    rank : int
        1 for the candidate the attack is surest of, members and non-members together.
    p_value : float
        Conformal p-value against the non-members' scores: the share of non-members (counting the
        row itself) that score at least as high.
    singled_out : bool
        Whether it is among the members named with a bounded share of false identifications.
    synthetic_rows : tuple of int
        Positions of the synthetic rows that point at it, the nearest first.
    columns : tuple of str
        Columns in which the nearest of them agrees.
    """

    row: int
    rank: int
    p_value: float
    singled_out: bool
    synthetic_rows: tuple[int, ...] = ()
    columns: tuple[str, ...] = ()


def records(exposed: Sequence[Exposed]) -> list[dict[str, Any]]:
    """One record per exposed training row, for ``confidential/findings.parquet``."""
    return [
        {
            "row": one.row,
            "rank": one.rank,
            "p_value": one.p_value,
            "singled_out": one.singled_out,
            "synthetic_rows": list(one.synthetic_rows),
            "columns": list(one.columns),
        }
        for one in ordered(exposed)
    ]


def ordered(exposed: Sequence[Exposed]) -> list[Exposed]:
    """The most exposed first; ties by position, so that the file is the same every time."""
    return sorted(exposed, key=lambda one: (one.rank, one.row))


def listed_sentence(report: AuditReport, exposed: Sequence[Exposed]) -> str:
    """Who is listed, and how many of them chance alone would list."""
    n_singled = sum(one.singled_out for one in exposed)
    attacked = report.coverage.n_members_attacked
    if not exposed:
        return "No training row is listed: no member scores above 99% of the non-members."
    others = len(exposed) - n_singled
    told = "All of them" if not others else f"{numbers.count(n_singled)} of them"
    told += " are singled out with a bounded share of false identifications"
    if not others:
        return f"{told}."
    return (
        f"{told}; the other {numbers.count(others)} score above 99% of the non-members. Of "
        f"{numbers.count(attacked)} members attacked about {numbers.count(attacked / 100)} would "
        "do so by chance, if nothing leaked."
    )


def render_findings(report: AuditReport, exposed: Sequence[Exposed]) -> str:
    """The confidential page, for ``confidential/findings.html``.

    Parameters
    ----------
    report : AuditReport
        The report these findings belong to: its verdict, attack and files are named on the page.
    exposed : sequence of Exposed
        In any order; at most ``MOST_ROWS`` are shown.
    """
    shown = ordered(exposed)[:MOST_ROWS]
    return page_of(
        "findings.html",
        report=inert.presentable(report),
        exposed=shown,
        n_exposed=len(exposed),
        n_singled_out=sum(one.singled_out for one in exposed),
        listed=listed_sentence(report, exposed),
    )
