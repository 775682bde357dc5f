"""Training the shadows: each in its own process, each stored when finished, none repeated.

A shadow is named by a content key over everything that can change its features: the candidates, the
released table's size, the generator's spec, the split, the seed, the features and the version. With
a work directory a run killed at any moment goes on where it stopped and ends with the same report.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from synthaudit._version import __version__
from synthaudit.attacks.shadow.features import feature_names, features_of
from synthaudit.attacks.shadow.queries import Queries
from synthaudit.attacks.shadow.splits import half_splits, rows_of, trained
from synthaudit.counted import plural
from synthaudit.data.store import ArrayStore
from synthaudit.data.views import AdversaryView, Geometry
from synthaudit.errors import GeneratorError, NotApplicable
from synthaudit.parallel import Context
from synthaudit.types import Attack, Bools, Floats32, Generator

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Worlds:
    """Features of all candidates in all shadows and in the release.

    Attributes
    ----------
    features : (n_shadows, n_candidates, n_features) float32
        The outsider attacks and the closeness profile.
    answers : (n_shadows, n_candidates, n_queries) float32
        Evidence of the counting queries.
    halves : (n_shadows, n_candidates) bool
        The half each shadow was assigned; complementary within a pair.
    membership : (n_shadows, n_candidates) bool
        Who it was trained on: its half, or some of it.
    release : (n_candidates, n_features) float32
    release_answers : (n_candidates, n_queries) float32
    failures : sentences about shadows that could not be made (their pairs are left out)
    """

    features: Floats32
    answers: Floats32
    halves: Bools
    membership: Bools
    release: Floats32
    release_answers: Floats32
    failures: tuple[str, ...] = ()

    @property
    def n_pairs(self) -> int:
        """Number of complementary pairs."""
        return len(self.membership) // 2


@dataclass(frozen=True, eq=False)
class _Job:
    """What one worker needs to make one shadow."""

    view: AdversaryView
    attacks: tuple[Attack, ...]
    queries: Queries
    generator: Generator
    membership: Bools
    n_rows: int
    context: Context
    store: ArrayStore | None
    prefix: str

    def __call__(self, shadow: int) -> Floats32 | str:
        """What was measured in shadow number ``shadow``, or why there is nothing."""
        key = f"{self.prefix}-{shadow:04d}"
        kept = self.store.get(key, self.view.n_candidates) if self.store is not None else None
        if kept is not None:
            return kept
        reason = ""
        for attempt in range(2):  # a neural generator may diverge once: retried with its own seed
            try:
                found = self._make(shadow, attempt)
            except GeneratorError as error:
                reason = str(error)
                continue
            if self.store is not None:
                self.store.put(key, found)
            return found
        return reason

    def _make(self, shadow: int, attempt: int) -> Floats32:
        rows = rows_of(self.membership, shadow)
        train = self.view.candidate_frame.iloc[rows].reset_index(drop=True)
        seed = self.context.streams.integer("shadow", shadow, attempt)
        frame = synthesize(self.generator, train, self.n_rows, seed)
        return self.measure(self.view.with_synthetic(self.view.encode(frame), frame))

    def measure(self, view: AdversaryView) -> Floats32:
        """Features and answers about every candidate in one table, side by side."""
        features = features_of(view, self.attacks, self.context)
        return np.concatenate([features, self.queries.ask(view.synthetic)], axis=1)


def synthesize(generator: Generator, train: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
    """One shadow table; whatever a foreign generator raises becomes a GeneratorError without text.

    Raises
    ------
    GeneratorError
    """
    try:
        frame = generator.synthesize(train, n_rows, seed)
    except GeneratorError:
        raise
    except Exception as error:
        # the text of a foreign exception may quote rows
        raise GeneratorError(
            f"The generator {generator.card.id} stopped with {type(error).__name__} on "
            f"{plural(len(train), 'row')}."
        ) from error
    if len(frame) == 0:
        raise GeneratorError(f"The generator {generator.card.id} returned no rows.")
    return frame


def shadow_rows(view: AdversaryView, n_trained_on: int, context: Context) -> int:
    """Rows every shadow table has: as many per training row as the release has.

    What a generator gives away of one person grows with the rows it is asked for per person it was
    trained on. Where the pool is smaller than the training table, shadows of the release's own
    length would leak more than the release does and teach too loud a signature.
    """
    n_train = int(context.extras.get("n_train_rows", n_trained_on))
    return max(round(view.synthetic.n_rows * n_trained_on / n_train), 2)


def _prefix(view: AdversaryView, generator: Generator, names: tuple[str, ...], root: str) -> str:
    """The content key all shadows of a run share."""
    digest = hashlib.sha256()
    identity = getattr(generator, "fingerprint", None) or repr(generator)
    for part in (__version__, identity, root, "|".join(names)):
        digest.update(part.encode() + b"\x00")
    for table in (view.candidates.ranks, view.candidates.values, view.candidates.codes):
        digest.update(np.ascontiguousarray(table).tobytes())
    return digest.hexdigest()[:32]


def make_worlds(
    view: AdversaryView,
    generator: Generator,
    attacks: Sequence[Attack],
    n_shadows: int,
    context: Context,
) -> Worlds:
    """Train ``n_shadows`` shadows and measure every candidate in each of them and in the release.

    Raises
    ------
    NotApplicable
        When fewer than two complementary pairs of shadows could be made.
    """
    halves = half_splits(view.n_candidates, n_shadows, context.streams, view.persons)
    membership = trained(halves, context.extras.get("shadow_rows"), context.streams, view.persons)
    for geometry in Geometry:  # made once here, shared by every shadow
        view.nearest_candidates(10, geometry)
    job = _job(view, generator, tuple(attacks), membership, context)
    made = context.map(job, range(n_shadows), task=f"shadows of {generator.card.id}")
    kept = [shadow for pair in _whole(made) for shadow in (2 * pair, 2 * pair + 1)]
    measured = [answer for s in kept if not isinstance(answer := made[s], str)]
    failures = tuple(answer for answer in made if isinstance(answer, str))
    del made
    release = job.measure(view)
    cut = len(feature_names(attacks))
    return Worlds(
        np.stack([table[:, :cut] for table in measured]),
        np.stack([table[:, cut:] for table in measured]),
        halves[kept],
        membership[kept],
        release[:, :cut],
        release[:, cut:],
        failures,
    )


def _job(
    view: AdversaryView,
    generator: Generator,
    attacks: tuple[Attack, ...],
    membership: Bools,
    context: Context,
) -> _Job:
    store: ArrayStore | None = context.extras.get("store")
    n_rows = shadow_rows(view, int(membership[0].sum()), context)
    queries = Queries.about(view.candidates, len(membership), context.streams)
    names = (*feature_names(attacks), *queries.names)
    root = f"{context.streams.root}:{context.streams.path}:{n_rows}:{membership[0].sum()}"
    return _Job(
        view.with_synthetic(view.synthetic, view.synthetic_frame),  # without its searches
        attacks,
        queries,
        generator,
        membership,
        n_rows,
        Context(context.streams, jobs=1, extras={}),
        store,
        _prefix(view, generator, names, root),
    )


def _whole(made: Sequence[Floats32 | str]) -> list[int]:
    """The pairs of which both shadows were made.

    Raises
    ------
    NotApplicable
        When there are fewer than two.
    """
    n_pairs = len(made) // 2
    failures = [answer for answer in made if isinstance(answer, str)]
    whole = [
        pair
        for pair in range(n_pairs)
        if not any(isinstance(made[s], str) for s in (2 * pair, 2 * pair + 1))
    ]
    if len(whole) < 2:
        raise NotApplicable(
            f"Only {len(whole)} of {n_pairs} pairs of shadows could be made, and 2 are the "
            f"least: {failures[0]}"
        )
    return whole
