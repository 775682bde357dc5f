"""One audit's worth of attacks on a table with known truth, as one tidy row."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from synthaudit.data import Challenge, draw_challenge, load_tables
from synthaudit.lending import Lending, choose_stand_in, named
from synthaudit.parallel import Context, steady_threads
from synthaudit.plugins import run_attack
from synthaudit.registry import discover_attacks
from synthaudit.seeds import Streams
from synthaudit.stats import strongest
from synthaudit.stats.auc import auc, auc_estimate
from synthaudit.types import Attack, Bools, Floats, Need

sys.path.insert(0, str(Path(__file__).parents[1] / "attacks"))

READINGS = ("shadow", "shadow_lira", "shadow_rmia")


def tail(scores: Floats, inside: Bools, fpr: float = 0.01) -> float:
    """TPR at the last attained threshold with an FPR of at most ``fpr``."""
    out = np.sort(scores[~inside])[::-1]
    bar = out[int(np.floor(fpr * out.size))]
    return float((scores[inside] > bar).mean())


def is_shadow(attack: Attack) -> bool:
    """Whether the attack trains shadows."""
    return Need.GENERATOR in attack.card.needs


def outsiders(challenge: Challenge, context: Context) -> dict[str, Floats]:
    """Scores of every attack that needs the three tables only."""
    scores: dict[str, Floats] = context.extras.setdefault("scores", {})
    for attack in discover_attacks():
        if not is_shadow(attack):
            outcome = run_attack(attack, challenge.adversary, context)
            if outcome.answer is not None:
                scores[attack.card.id] = outcome.answer
    return scores


def context_for(seed: int, lending: Lending, n_shadows: int, n_train: int) -> Context:
    """What the corridor lends."""
    streams = Streams(seed)
    return Context(
        streams,
        extras={
            "scores": {},
            "features": discover_attacks(),
            "n_shadows": n_shadows,
            "shadow_streams": streams.child("shadows"),
            "n_train_rows": n_train,
            "generator": lending.generator,
        },
    )


def play(
    train: pd.DataFrame,
    holdout: pd.DataFrame,
    synthetic: pd.DataFrame,
    *,
    generator: str | None,
    n_shadows: int,
    seed: int,
    with_outsiders: bool = True,
    with_published: bool = False,
    max_candidates: int | None = None,
) -> dict[str, Any]:
    """Attack one release; ``generator=None`` has a stand-in chosen.

    Returns
    -------
    dict
        AUC and TPR at 1 % FPR of the pooled attack, of its two special cases and of the strongest
        outsider (chosen with hindsight, which favours it), and what was lent.
    """
    with steady_threads(1):
        tables = load_tables(train, holdout, synthetic)
        challenge = draw_challenge(tables, Streams(seed), max_candidates=max_candidates)
        start = time.process_time()
        if generator is None:
            found = choose_stand_in(
                challenge.adversary, Context(Streams(seed)).child("stand-in"), len(train)
            )
            assert found is not None
            lending = found
        else:
            lending = named(generator).in_order(tables.given_order)
        chosen = time.process_time() - start
        context = context_for(seed, lending, n_shadows, len(train))
        scores = outsiders(challenge, context) if with_outsiders else {}
        start = time.process_time()
        for attack in discover_attacks():
            if is_shadow(attack):
                outcome = run_attack(attack, challenge.adversary, context)
                if outcome.answer is None:
                    raise RuntimeError(outcome.reason)
                scores[attack.card.id] = outcome.answer
        seconds = time.process_time() - start
    return (
        _row(scores, challenge.is_member, lending)
        | _audited(scores, challenge, seed)
        | (_published(challenge) if with_published else {})
        | {
            "shadows": n_shadows,
            "candidates": challenge.n_candidates,
            "validation_auc": round(context.extras["shadow_evidence"].validation_auc, 4),
            "placebo_auc": round(
                float(
                    np.mean(
                        [
                            auc(s, challenge.is_member)
                            for s in context.extras["shadow_evidence"].held_out
                        ]
                    )
                ),
                4,
            ),
            "seconds_choice": round(chosen, 1),
            "seconds_shadows": round(seconds, 1),
        }
    )


def _row(scores: dict[str, Floats], inside: Bools, lending: Lending) -> dict[str, Any]:
    row: dict[str, Any] = {"lent": lending.generator.spec}
    estimate = auc_estimate(scores["shadow"], inside)
    row |= {"shadow_low": estimate.low, "shadow_high": estimate.high}
    if lending.considered:
        row["told_apart"] = round(lending.considered[0].auc or 1.0, 4)
    for name in READINGS:
        row[f"{name}_auc"] = round(auc(scores[name], inside), 4)
        row[f"{name}_tpr01"] = round(tail(scores[name], inside), 4)
    others = {k: v for k, v in scores.items() if k not in READINGS}
    if others:
        best = max(others, key=lambda k: auc(others[k], inside))
        row |= {"outsider": best, "outsider_auc": round(auc(others[best], inside), 4),
                "outsider_tpr01": round(max(tail(v, inside) for v in others.values()), 4),
                "z": round(paired_z(scores["shadow"], others[best], inside), 2)}  # fmt: skip
        if "combined" in others:
            row["combined_auc"] = round(auc(others["combined"], inside), 4)
            row["closest_auc"] = round(auc(others["closest_record"], inside), 4)
            row["closest_tpr01"] = round(tail(others["closest_record"], inside), 4)
    return row


def _published(challenge: Challenge) -> dict[str, Any]:
    """The strongest of the field's attacks on the same people, chosen with hindsight."""
    from classics import CLASSICS

    inside = challenge.is_member
    areas = {
        name: auc(np.nan_to_num(attack(challenge.adversary), posinf=1e300, neginf=-1e300), inside)
        for name, attack in CLASSICS.items()
        if name != "linear"  # a variant of our own
    }
    best = max(areas, key=lambda name: areas[name])
    return {"published": best, "published_auc": round(areas[best], 4)}


def _audited(scores: dict[str, Floats], challenge: Challenge, seed: int) -> dict[str, Any]:
    """What the audit says with the shadows and would say without: the strongest attack of either,

    chosen on one half and measured on the other, and whether they differ.
    """
    inside = challenge.is_member
    without = {name: s for name, s in scores.items() if name not in READINGS}
    if not without:
        return {}
    both, less = (strongest(s, inside, Streams(seed)).bulk for s in (scores, without))
    return {
        "audit_auc": round(both.headline.auc.value or 0.5, 4),
        "audit_without_auc": round(less.headline.auc.value or 0.5, 4),
        "audit_z": round(paired_z(both.scores, less.scores, inside), 2),
        "audit_strongest": both.headline.attack,
    }


def paired_z(mine: Floats, other: Floats, inside: Bools) -> float:
    """DeLong's z for the difference of two AUCs on the same candidates (1988, doi:10.2307/2531595).

    Below -1.96: the first is significantly worse.
    """
    placed = []
    for scores in (mine, other):
        a, b = scores[inside], scores[~inside]
        low, high = np.sort(b), np.sort(a)
        of_in = (np.searchsorted(low, a, "left") + np.searchsorted(low, a, "right")) / (2 * b.size)
        of_out = 1 - (np.searchsorted(high, b, "left") + np.searchsorted(high, b, "right")) / (
            2 * a.size
        )
        placed.append((of_in, of_out))
    gap_in, gap_out = placed[0][0] - placed[1][0], placed[0][1] - placed[1][1]
    spread = np.sqrt(gap_in.var(ddof=1) / gap_in.size + gap_out.var(ddof=1) / gap_out.size)
    return float(gap_in.mean() / spread) if spread > 0 else 0.0
