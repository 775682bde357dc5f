"""The placebo: attacks on tables that cannot know who the members are.

When shadows were trained they are the placebo already. Otherwise a few cheap stand-in tables are
made here, from random halves of the pool, and attacked: true labels must not predict those scores.
"""

from __future__ import annotations

import numpy as np

from synthaudit.data.persons import half_of_persons
from synthaudit.data.views import AdversaryView
from synthaudit.errors import GeneratorError
from synthaudit.generators.bayes_net import BayesNet
from synthaudit.generators.checked import synthesize_checked
from synthaudit.parallel import Context
from synthaudit.plugins import run_attack
from synthaudit.registry import select_attacks
from synthaudit.stats.ranks import midranks
from synthaudit.types import Bools, Floats

N_PAIRS = 4
MOST_ROWS = 2_000
"""Rows of a placebo table: differences of the real tables show in any number of rows."""
BATTERY = ("closest_record", "closest_record_standard", "calibrated_closest_record")
"""Plain distances see a holdout of other people: the calibrated one compares with the pool, which
holds these people too, and sees rows that were multiplied. Measured on a holdout of the richest
fifth, 300 a side: placebo AUC 0.57, 0.68 and 0.53; 0.47 to 0.53 for tracing, value fingerprint and
cell counts."""
GENERATOR = BayesNet(draw="observed")
"""Cheap, re-uses observed values, and echoes no single row: what its tables say of a candidate is
what the candidate's own kind says."""


def placebo_scores(view: AdversaryView, context: Context) -> Floats | None:
    """Mean rank over a few attacks of every candidate, in tables made from random halves.

    Parameters
    ----------
    view : AdversaryView
    context : Context

    Returns
    -------
    (2 * n_pairs, n_candidates) float64, the two halves of a pair one after the other; None when
    the stand-in cannot be fitted or there are too few candidates.
    """
    if view.n_candidates < 20 or view.candidates.n_columns == 0:
        return None
    found = []
    for pair in range(N_PAIRS):
        streams = context.streams.child("pair", pair)
        inside = _half(view, streams.rng("half"))
        for side, rows in enumerate((inside, ~inside)):
            try:
                scores = _attacked(view, rows, streams.integer("synthesize", side), context)
            except GeneratorError:
                return None
            found.append(scores)
        context.progress("placebo tables", pair + 1, N_PAIRS)
    return np.stack(found)


def _half(view: AdversaryView, rng: np.random.Generator) -> Bools:
    """A random half of the candidates, of whole persons where they have several rows."""
    persons = np.arange(view.n_candidates) if view.persons is None else view.persons
    return half_of_persons(persons, rng)


def _attacked(view: AdversaryView, rows: Bools, seed: int, context: Context) -> Floats:
    train = view.candidate_frame[rows].reset_index(drop=True)
    frame = synthesize_checked(GENERATOR, train, min(int(rows.sum()), MOST_ROWS), seed)
    # the battery asks for nearest rows only
    placebo = view.with_synthetic(view.encode(frame), frame, fewest=1)
    total = np.zeros(view.n_candidates)
    for attack in select_attacks(BATTERY):
        answer = run_attack(attack, placebo, context).answer
        if answer is not None:
            total += midranks(answer)
    return total
