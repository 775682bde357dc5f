"""Choosing what fits into a time budget, by trying everything on small parts of the tables first.

Every attack is timed on three small pilots: a few candidates against a few synthetic rows, then
four times as many candidates, then four times as many synthetic rows. That gives each one a law
``t0 (n / n0)^p (m / m0)^q`` on this machine and these columns, and what the audit would take is
their sum. Candidates are reduced first, then the costliest attacks are left out; what is left of
the time goes to shadows.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from synthaudit.data import Tables, draw_challenge
from synthaudit.errors import UsageError
from synthaudit.parallel import Context
from synthaudit.plugins import run_attack
from synthaudit.stats.power import detectable_auc
from synthaudit.types import Attack, Generator, Need, Notice

PILOT_CANDIDATES, PILOT_ROWS, STEP = 300, 600, 4
FEWEST_A_SIDE = 2_000
"""Candidates are not cut below this many a side (AUC 0.53 is then still seen): attacks go first."""
FOR_THE_REST = 0.3
"""Share of the budget kept for reading, checks and statistics."""
FOR_SHADOWS = 0.5
"""Share of what is left that the outsider attacks may not touch when shadows are wanted."""
SHADOW_COUNTS = (16, 12, 8, 4)


def parse_duration(text: str) -> float:
    """Seconds of ``90s``, ``5m``, ``1h30m``.

    Raises
    ------
    UsageError
        For anything else, and for no time at all.
    """
    found = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?", text.strip().lower())
    seconds = sum(
        int(part or 0) * unit
        for part, unit in zip(found.groups() if found else (), (3600, 60, 1), strict=False)
    )
    if seconds <= 0:
        raise UsageError(f"A budget looks like '90s', '5m' or '1h30m'; got {text!r}.")
    return float(seconds)


@dataclass(frozen=True)
class Law:
    """Seconds as a function of candidates and synthetic rows."""

    seconds: float
    by_candidates: float
    by_rows: float

    def at(self, n_candidates: float, n_rows: float) -> float:
        """What the attack is expected to take."""
        return float(
            self.seconds
            * (n_candidates / PILOT_CANDIDATES) ** self.by_candidates
            * (n_rows / PILOT_ROWS) ** self.by_rows
        )

    @classmethod
    def through(cls, small: float, more_candidates: float, more_rows: float) -> Law:
        """The law through three measured times; a step cannot cost more than quadratically."""
        least = max(small, 1e-4)
        steps = (max(more, least) / least for more in (more_candidates, more_rows))
        p, q = (float(min(np.log(step) / np.log(STEP), 2.0)) for step in steps)
        return cls(least, p, q)


@dataclass(frozen=True)
class Choice:
    """What fits.

    Attributes
    ----------
    attacks : tuple of Attack
    left_out : ids
    max_candidates : a side
    shadows : int
    seconds : float
        What attacks and shadows are expected to take.
    """

    attacks: tuple[Attack, ...]
    left_out: tuple[str, ...]
    max_candidates: int
    shadows: int
    seconds: float


def pilot(
    tables: Tables,
    attacks: Sequence[Attack],
    generator: Generator | None,
    context: Context,
) -> tuple[dict[str, Law], Law]:
    """The law of every attack, and of one run of the generator.

    Attacks that need a generator are not tried: their cost is that of their shadows.
    """
    sizes = (
        (PILOT_CANDIDATES, PILOT_ROWS),
        (PILOT_CANDIDATES * STEP, PILOT_ROWS),
        (PILOT_CANDIDATES, PILOT_ROWS * STEP),
    )
    _timed(tables, attacks, generator, *sizes[0], context)  # loads and compiles
    runs = [_timed(tables, attacks, generator, *size, context) for size in sizes]
    laws = {name: Law.through(*(run[name] for run in runs)) for name in runs[0]}
    return laws, laws.pop("generator")


def _timed(
    tables: Tables,
    attacks: Sequence[Attack],
    generator: Generator | None,
    n_candidates: int,
    n_rows: int,
    context: Context,
) -> dict[str, float]:
    """Seconds of each attack on the first rows of an order that has nothing to do with labels."""
    wanted = {"train": n_candidates // 2, "holdout": n_candidates // 2, "synthetic": n_rows}
    rows = {
        name: np.sort(context.streams.rng("pilot", name).permutation(len(frame))[: wanted[name]])
        for name, frame in tables.frames.items()
    }
    few = replace(
        tables,
        frames={n: f.iloc[rows[n]].reset_index(drop=True) for n, f in tables.frames.items()},
        persons={n: persons[rows[n]] for n, persons in tables.persons.items()},
    )
    view = draw_challenge(few, context.streams.child("pilot"), jobs=context.jobs).adversary
    extras = {"scores": {}, "n_train_rows": n_candidates // 2}
    seconds = {}
    for attack in attacks:
        if Need.GENERATOR not in attack.card.needs:
            start = time.perf_counter()
            run_attack(attack, view, replace(context, extras=extras))
            seconds[attack.card.id] = time.perf_counter() - start
    start = time.perf_counter()
    if generator is not None:
        generator.synthesize(view.candidate_frame.iloc[: n_candidates // 2], n_rows, seed=0)
    seconds["generator"] = time.perf_counter() - start
    return seconds


def choose(
    laws: Mapping[str, Law],
    of_generator: Law,
    attacks: Sequence[Attack],
    sizes: Mapping[str, int],
    shadows: int,
    seconds: float,
) -> Choice:
    """The most candidates, attacks and shadows that fit into ``seconds``.

    Parameters
    ----------
    sizes : rows by table
    shadows : wanted; 0 for none
    """
    n_rows, full = sizes["synthetic"], min(sizes["train"], sizes["holdout"])
    wants_shadows = shadows > 0 and any(Need.GENERATOR in a.card.needs for a in attacks)
    seconds *= 1.0 - FOR_THE_REST
    room = seconds * (1.0 - FOR_SHADOWS if wants_shadows else 1.0)

    def cost(name: str, n_side: int) -> float:
        return laws[name].at(2 * n_side, n_rows) if name in laws else 0.0

    n_side = full
    while n_side > FEWEST_A_SIDE and sum(cost(name, n_side) for name in laws) > room:
        n_side = max(n_side * 9 // 10, FEWEST_A_SIDE)
    kept, spent = set(), 0.0
    for name in sorted(laws, key=lambda name: cost(name, n_side)):
        if spent + cost(name, n_side) <= room:
            kept.add(name)
            spent += cost(name, n_side)
    of_shadow = of_generator.at(2 * n_side, n_rows) + sum(
        cost(a.card.id, n_side)
        for a in attacks
        if a.card.is_feature_at(2 * n_side * n_rows) and a.card.id in kept
    )
    fits = [k for k in SHADOW_COUNTS if k <= shadows and spent + k * of_shadow <= seconds]
    n_shadows = fits[0] if wants_shadows and fits else 0
    left_out = [name for name in laws if name not in kept]
    if wants_shadows and not n_shadows:
        left_out += [a.card.id for a in attacks if Need.GENERATOR in a.card.needs]
    return Choice(
        tuple(a for a in attacks if a.card.id not in left_out),
        tuple(left_out),
        n_side,
        n_shadows,
        spent + n_shadows * of_shadow,
    )


def budget_notice(choice: Choice, full: int, shadows: int, budget: float) -> Notice:
    """What was left out, what that does to power, and how to ask for the same without a clock."""
    said = [f"A budget of {budget:.0f} s was given; the attacks were expected to take "
            f"{choice.seconds:.0f} s."]  # fmt: skip
    if choice.max_candidates < full:
        few, all_ = (detectable_auc(n, n) or 1.0 for n in (choice.max_candidates, full))
        said.append(
            f"{choice.max_candidates:,} of {full:,} candidates a side were attacked: the smallest "
            f"AUC seen with 80 % power is {few:.3f} instead of {all_:.3f}."
        )
    if choice.left_out:
        said.append(
            f"Left out: {', '.join(choice.left_out)}; what only those would find stays unseen."
        )
    if choice.shadows < shadows and choice.shadows:
        said.append(
            f"{choice.shadows} shadows were trained instead of {shadows}: thresholds for single "
            "candidates are rougher."
        )
    names = ",".join(attack.card.id for attack in choice.attacks)
    said.append(
        f"The same audit without a clock: --max-candidates {choice.max_candidates} --shadows "
        f"{choice.shadows} --attacks {names}."
    )
    is_less = choice.left_out or choice.max_candidates < full or choice.shadows < shadows
    return Notice("budget", " ".join(said), severity="warn" if is_less else "info")
