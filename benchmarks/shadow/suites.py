"""The tasks of every suite: a name and a function that returns one tidy row."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from play import context_for, play, tail

from synthaudit.attacks.shadow.classifier import learn
from synthaudit.attacks.shadow.features import affordable, features_of
from synthaudit.attacks.shadow.queries import Queries
from synthaudit.attacks.shadow.worlds import make_worlds
from synthaudit.data import draw_challenge, load_tables
from synthaudit.generators import parse_generator
from synthaudit.lending import named
from synthaudit.parallel import Context, steady_threads
from synthaudit.plugins import run_attack
from synthaudit.registry import discover_attacks
from synthaudit.seeds import Streams
from synthaudit.stats.auc import auc

Row = dict[str, Any]
Task = tuple[str, Callable[[], Row]]

SAMPLE = Path(__file__).parents[2] / "sample_data"

INSIDER = ("cart:min_leaf=5", "cart:min_leaf=20", "copula", "bayes-net")
MORE = ("interpolation", "cart:min_leaf=5 | dcr:0.3", "copula:margins=beta", "marginals")
"""Fewer seeds: their floors are nobody's claim."""

SDV = {"sdv:GaussianCopulaSynthesizer": 8, "sdv:TVAESynthesizer:epochs=100": 4,
       "sdv:CTGANSynthesizer:epochs=30": 4, "bayes-net:bins=20:smoothing=0.05": 8,
       "bayes-net": 8, "python:dp_chain:epsilon_1": 16, "python:dp_chain:epsilon_10": 16,
       "python:dp_chain:epsilon_1000": 16}  # fmt: skip
"""With shadows; fewer epochs than SDV's 300, which leaks less, to save time. Bayesian networks are
this project's own, ``dp_chain`` is a differentially private chain of noisy
counts beside this file."""


def people(n: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Members, non-members and strangers: census rows of the sample data, split by ``seed``."""
    real = pd.concat([pd.read_csv(SAMPLE / f"{name}.csv") for name in ("train", "holdout")])
    order = np.random.default_rng(seed).permutation(len(real))
    parts = (real.iloc[order[i * n : (i + 1) * n]].reset_index(drop=True) for i in range(3))
    train, holdout, strangers = parts
    return train, holdout, strangers


def insider(spec: str, seed: int, n: int, n_shadows: int, with_published: bool = False) -> Row:
    """The generator is known: its copies against its release."""
    train, holdout, _ = people(n, seed)
    synthetic = parse_generator(spec).synthesize(train, n, 1000 + seed)
    row = play(
        train, holdout, synthetic, generator=spec, n_shadows=n_shadows, seed=seed,
        with_published=with_published,
    )  # fmt: skip
    return {"generator": spec, "seed": seed, "members": n} | row


def null(number: int, n: int) -> Row:
    """Fresh real rows instead of a synthetic table: the shadow attack has nothing to find."""
    train, holdout, strangers = people(n, 10_000 + number)
    spec = "cart:min_leaf=5"
    with steady_threads(1):
        tables = load_tables(train, holdout, strangers)
        challenge = draw_challenge(tables, Streams(number))
        lending = named(spec).in_order(tables.given_order)
        context = context_for(number, lending, 4, n)
        attack = next(a for a in discover_attacks() if a.card.id == "shadow")
        outcome = run_attack(attack, challenge.adversary, context)
    assert outcome.answer is not None, outcome.reason
    rng = np.random.default_rng(number)
    found = auc(outcome.answer, challenge.is_member)
    others = [auc(outcome.answer, rng.permutation(challenge.is_member)) for _ in range(999)]
    p_value = (1 + sum(other >= found for other in others)) / 1000
    return {"run": number, "members": n, "auc": round(found, 4), "p_value": p_value}


def overhead(n_shadows: int = 16) -> Row:
    """CPU seconds a shadow costs beyond its generator, 4,000 candidates and 15 columns."""
    spec = "cart:min_leaf=5"
    train, holdout, _ = people(2000, 1)
    generator = parse_generator(spec)
    generator.synthesize(train, 2000, 6)  # imports what it needs
    start = time.process_time()
    synthetic = generator.synthesize(train, 2000, 7)
    fit = time.process_time() - start
    with steady_threads(1):
        tables = load_tables(train, holdout, synthetic)
        view = draw_challenge(tables, Streams(1)).adversary
        lending = named(spec).in_order(tables.given_order)
        context = context_for(1, lending, n_shadows, 2000)
        features = affordable(context.extras["features"], view)
        features_of(view, features, context)  # compiles what is compiled
        start = time.process_time()
        worlds = make_worlds(view, lending.generator, features, n_shadows, context)
        made = (time.process_time() - start) / n_shadows
        start = time.process_time()
        signature = learn(worlds, Streams(0))
        signature.read(worlds.release, worlds.release_answers)
        learning = (time.process_time() - start) / n_shadows
    return {
        "candidates": 4000,
        "columns": train.shape[1],
        "shadows": n_shadows,
        "generator_seconds": round(fit, 2),
        "measuring_seconds_a_shadow": round(made - fit, 2),
        "learning_seconds_a_shadow": round(learning, 2),
        "largest_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def stand_in(case: Path, n_shadows: int, cap: int) -> Row:
    """The generator is unknown: choose, attack, compare with the strongest outsider."""
    truth = json.loads((case / "case.json").read_text())
    tables = [read(case / truth["files"][name]) for name in ("train", "holdout", "synthetic")]
    row = play(*tables, generator=None, n_shadows=n_shadows, seed=0, max_candidates=cap)
    return {"case": case.name, "made_by": truth["generator"], "truth": truth["truth"]} | row


def read(path: Path) -> pd.DataFrame:
    """A table of a case."""
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)


def game(folder: Path, made_by: str, spec: str, n_sets: int, n_shadows: int) -> Row:
    """Membership games: one pool, many releases, shadows trained once; AUC per record.

    A record's AUC is over releases: its scores where it was a member against those where not.
    """
    pool = pd.read_parquet(folder / "pool.parquet")
    masks = np.unpackbits(np.load(folder / "masks.npy"), axis=1)[:n_sets, : len(pool)].astype(bool)
    sets = [
        pd.read_parquet(folder / "synth" / made_by / f"ds_{i:03d}.parquet") for i in range(n_sets)
    ]
    with steady_threads(1):
        # the pool's order and the first release are all that is taken from this split
        tables = load_tables(pool[masks[0]], pool[~masks[0]], sets[0])
        challenge = draw_challenge(tables, Streams(0))
        view = challenge.adversary
        rows = np.where(
            challenge.is_member,
            np.flatnonzero(masks[0])[np.minimum(challenge.source_rows, masks[0].sum() - 1)],
            np.flatnonzero(~masks[0])[np.minimum(challenge.source_rows, (~masks[0]).sum() - 1)],
        )
        lending = named(spec).in_order(tables.given_order)
        context = context_for(0, lending, n_shadows, int(masks[0].sum()))
        features = affordable(context.extras["features"], view)
        streams = context.extras["shadow_streams"]
        common = Context(streams, extras=context.extras)
        worlds = make_worlds(view, lending.generator, features, n_shadows, common)
        signature = learn(worlds, streams.child("classifier"))
        queries = Queries.about(view.candidates, n_shadows, streams)
        scores = {"shadow": [], "closest_record": []}
        for frame in sets:
            shadow = view.with_synthetic(view.encode(frame), frame)
            found = features_of(shadow, features, Context(streams))
            scores["shadow"].append(signature.read(found, queries.ask(shadow.synthetic)))
            scores["closest_record"].append(-shadow.nearest_synthetic(1).distances[:, 0])
    inside = masks[:, rows]
    row: Row = {"game": folder.name, "made_by": made_by, "lent": spec, "releases": n_sets,
                "shadows": n_shadows}  # fmt: skip
    for name, found_scores in scores.items():
        table = np.stack(found_scores)
        by_release = [auc(s, m) for s, m in zip(table, inside, strict=True)]
        tails = [tail(s, m) for s, m in zip(table, inside, strict=True)]
        by_record = per_record_auc(table, inside)
        isolated = view.nearest_candidates(5).distances.mean(axis=1)
        most = np.argsort(isolated)[-len(rows) // 20 :]
        row |= {
            f"{name}_auc": round(float(np.mean(by_release)), 4),
            f"{name}_tpr01": round(float(np.mean(tails)), 4),
            f"{name}_per_record": round(float(by_record.mean()), 4),
            f"{name}_per_record_isolated": round(float(by_record[most].mean()), 4),
        }
    return row


def per_record_auc(table: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """AUC of every record over releases, scores ranked within their release first."""
    ranks = table.argsort(axis=1).argsort(axis=1) / table.shape[1]
    return np.array([auc(ranks[:, i], inside[:, i]) for i in range(table.shape[1])])
