"""The yardstick of one audit: known leaks of graded size, planted into the user's own release.

A battery that sees nothing proves little until it is known what it would have seen. Training rows
are written into random places of the synthetic table (word for word, nearly, with columns changed,
outliers only), and the same attacks and the same counts are run on each such table. The tables
never leave memory.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from synthaudit.data import Challenge, Tables, draw_challenge
from synthaudit.measure import Question, isolation_of
from synthaudit.parallel import Context
from synthaudit.planting import LEAKS, plant
from synthaudit.plugins import run_attack, run_check
from synthaudit.registry import discover_checks
from synthaudit.stats import isolation_bins, permutation_test, strongest
from synthaudit.types import Attack, Floats, Interval, Need

COUNTS = {
    "exact_copies": "exact copies counted",
    "near_copies": "near copies counted",
    "isolated_copies": "copies of people who stand out counted",
}
"""Checks whose exact p-value counts as seeing, and how that is said."""
LEVEL = 0.05 / (1 + len(COUNTS))
"""Of the exact test and of each count: together they see something in at most 5 % of tables in
which there is nothing."""


@dataclass(frozen=True)
class Planted:
    """One planted leak and whether it was seen.

    Attributes
    ----------
    label : words; the first of a yardstick is the table as it came
    n_planted : training rows written into the synthetic table
    share : of the training rows
    seen : by the exact test over all attacks, or by a count of copies; None where the table leaks
        by itself, so that seeing something says nothing about what was planted
    by : what saw it, in a few words
    p_value : of the exact test
    advantage : of the strongest attack, choice and threshold from the other half
    """

    label: str
    n_planted: int
    share: float
    seen: bool | None
    by: str
    p_value: float | None
    advantage: Interval | None


def yardstick(
    tables: Tables,
    attacks: tuple[Attack, ...],
    context: Context,
    max_candidates: int | None = None,
) -> tuple[Planted, ...]:
    """Plant every leak of :data:`~synthaudit.planting.LEAKS` and look.

    Parameters
    ----------
    tables : Tables
        As the audit read them.
    attacks : tuple of Attack
        Those that need a generator are left out: shadows would be trained anew for every table.
    context : Context
    max_candidates : int, optional

    Returns
    -------
    tuple of Planted
        The table as it came first, then every leak, small ones first within a kind. A leak smaller
        than one row, or larger than half of the synthetic table, is left out.

    What it cannot show: leaks of other shapes, and what generator shadows would add. Rows are
    planted once; another draw of them may be seen or missed where the size is at the edge.
    """
    battery = tuple(a for a in attacks if Need.GENERATOR not in a.card.needs)

    def drawn(asked: Tables) -> Challenge:
        return draw_challenge(
            asked, context.streams, max_candidates=max_candidates, jobs=context.jobs
        )

    challenge = drawn(tables)
    outlying = _outlying(challenge)
    found = [_looked("nothing planted", 0, 0.0, challenge, battery, context)]
    sizes = len(tables.frames["train"]), len(tables.frames["synthetic"])
    todo = [leak for leak in LEAKS if leak.fits_rows(*sizes)]
    for done, leak in enumerate(todo, start=1):
        streams = context.streams.child(leak.how, str(leak.share))
        planted, n = plant(tables, leak, outlying, streams)
        share = n / sizes[0]
        one = _looked(leak.label, n, share, drawn(planted), battery, context)
        found.append(replace(one, seen=None) if found[0].seen else one)
        context.progress("planted leaks", done, len(todo))
    return tuple(found)


def _outlying(challenge: Challenge) -> Floats:
    """Distance of every training row, in the order of its file, to its 5th nearest other."""
    view = challenge.auditor
    n = view.train.n_rows
    outlying = np.zeros(n)
    if n > 1 and view.train.n_columns:
        near = view.nearest("train", "train", 5).distances[:, -1]
        outlying[view.frames["train"].index.to_numpy()] = near
    return outlying


def _looked(
    label: str,
    n_planted: int,
    share: float,
    challenge: Challenge,
    battery: tuple[Attack, ...],
    context: Context,
) -> Planted:
    """Run the battery and the counts on one table."""
    scores: dict[str, Floats] = {}
    lent = replace(
        context, extras={"scores": scores, "n_train_rows": challenge.auditor.train.n_rows}
    )
    for attack in battery:
        answer = run_attack(attack, challenge.adversary, lent).answer
        if answer is not None:
            scores[attack.card.id] = answer
    counted = _counted(challenge, context)
    question = Question(challenge.is_member, isolation_of(challenge.adversary), challenge.persons)
    scores, asked = question.of_persons(scores)
    if not scores or min(asked.is_member.sum(), (~asked.is_member).sum()) < 4:
        return Planted(label, n_planted, share, bool(counted), counted, None, None)
    strata = None if asked.isolation is None else isolation_bins(asked.isolation)
    test = permutation_test(scores, asked.is_member, context.streams, strata=strata)
    first = test.tested[0]
    by = [counted] if counted else []
    if test.p_value < LEVEL and first.z > 0:
        by.insert(0, f"attack {first.attack}")
    best = strongest(scores, asked.is_member, context.streams, p_value=test.p_value)
    gain = best.bulk.estimate("advantage")
    interval = Interval(gain.value, gain.low, gain.high)
    return Planted(label, n_planted, share, bool(by), "; ".join(by), test.p_value, interval)


def _counted(challenge: Challenge, context: Context) -> str:
    """The counts that saw something, in words."""
    seen = []
    for check in discover_checks():
        words = COUNTS.get(check.card.id)
        finding = run_check(check, challenge.auditor, context).answer if words else None
        p_values = [e.value for e in finding.estimates if e.name == "p_value"] if finding else []
        if words and any(p is not None and p < LEVEL for p in p_values):
            seen.append(words)
    return "; ".join(seen)


def to_text(found: tuple[Planted, ...]) -> str:
    """For a terminal: one line a planted leak, and what the lines say together."""
    width = max(len(one.label) for one in found)
    lines = [f"{'planted':<{width}} {'rows':>6}  {'seen':<8}  {'p':>6}  {'gain':>6}  by"]
    for one in found:
        seen = {True: "seen", False: "not seen", None: "-"}[one.seen]
        p = "" if one.p_value is None else f"{one.p_value:.4f}"
        gain = one.advantage
        shown = "" if gain is None or gain.value is None else f"{gain.value:+.3f}"
        line = f"{one.label:<{width}} {one.n_planted:>6,}  {seen:<8}  {p:>6}  {shown:>6}  {one.by}"
        lines.append(line.rstrip())
    lines.append("")
    if found[0].seen:
        lines.append(
            "The table leaks as it came, so that seeing something in it says nothing about what "
            "was planted: no yardstick can be had from it."
        )
    else:
        n = sum(one.seen is True for one in found[1:])
        lines.append(
            f"{n} of {len(found) - 1} planted leaks were seen. An audit of these tables that finds "
            "nothing rules out the leaks that were seen here, not the others."
        )
    return "\n".join(lines)
