"""The generator that is lent to shadow attacks: named by the user, or chosen by measurement.

When the generator is unknown, every stand-in is fitted once on a random half of the pool and its
output compared with the release by a classifier that sees not only each row's values but what
betrays a generator's family: whether each number re-uses an observed value, how close the row comes
to its nearest real rows, and how its nearest two distances compare. The stand-in the classifier
finds hardest to tell from the release is lent. How hard that was is reported: where even the best
is easily told apart, the shadow attack has lost power and a quiet result means little.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from synthaudit.data.persons import half_of_persons
from synthaudit.data.views import AdversaryView, Geometry, index_of
from synthaudit.errors import GeneratorError, UsageError
from synthaudit.generators.checked import synthesize_checked
from synthaudit.generators.spec import fingerprint, parse_generator
from synthaudit.generators.standins import STAND_INS
from synthaudit.neighbors import NeighborIndex
from synthaudit.parallel import Context
from synthaudit.types import Bools, Card, EncodedTable, Floats, Generator, ThreatModel

if TYPE_CHECKING:
    import pandas as pd

MAX_ROWS = 4_000
"""Rows of either table the classifier compares; more change the choice rarely and cost much."""

FOLDS = 3
"""The classifier is fitted on the other two of so many parts."""

LEVELS = 10
"""Steps a number's rank is seen in. Finer, a tree finds the gaps between observed values and tells
every stand-in that does not hit them apart at once, however alike the rest is: of 11 tables the
right family was then chosen on 6, in deciles on 8 (and on 31 of all 35, docs/shadow.md)."""


@dataclass(frozen=True)
class LentGenerator:
    """A generator whose output is checked before anybody relies on it.

    Attributes
    ----------
    generator : Generator
    spec : str
    columns : tuple of str
        The order columns are handed over in (those there are): a chain of trees, and many another
        generator, makes something else of the same table in another order. Empty: as they come.
    """

    generator: Generator
    spec: str
    columns: tuple[str, ...] = ()

    @property
    def card(self) -> Card:
        """The card of the generator itself."""
        return self.generator.card

    @property
    def fingerprint(self) -> str:
        """Identity for content keys: the same for the same generator with the same settings."""
        return "\x1f".join((fingerprint(self.generator), *self.columns))

    def synthesize(self, train: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
        """``n_rows`` checked synthetic rows."""
        first = [name for name in self.columns if name in train.columns]
        others = [name for name in train.columns if name not in self.columns]
        return synthesize_checked(self.generator, train[first + others], n_rows, seed)


@dataclass(frozen=True)
class Considered:
    """One stand-in and how well a classifier tells its output from the release."""

    spec: str
    auc: float | None
    """Cross-fitted; 0.5 is "cannot be told apart", None: it could not be fitted."""
    reason: str = ""


@dataclass(frozen=True)
class Lending:
    """What was lent, in which role, and what else was considered (best first)."""

    generator: LentGenerator
    role: ThreatModel
    considered: tuple[Considered, ...] = ()

    def in_order(self, columns: tuple[str, ...]) -> Lending:
        """The same generator, handed its columns as the training table has them."""
        return replace(self, generator=replace(self.generator, columns=columns))

    @property
    def closeness(self) -> float | None:
        """1: its output cannot be told from the release; 0: perfectly. None when named."""
        best = self.considered[0].auc if self.considered else None
        return None if best is None else float(np.clip(2.0 * (1.0 - best), 0.0, 1.0))


def named(generator: object, filters: tuple[str, ...] = ()) -> Lending:
    """The generator the user named, as an insider holds it, with its post-processing.

    Parameters
    ----------
    generator : str, Generator or callable
        A spec, an object with ``card`` and ``synthesize``, or ``(frame, n_rows, seed) -> frame``.
    filters : tuple of str
        Only with a spec.

    Raises
    ------
    UsageError
        When the spec or a filter names nothing.
    """
    if isinstance(generator, str):
        spec = " | ".join((generator, *filters))
        made = parse_generator(generator, filters)
        return Lending(LentGenerator(made, spec), ThreatModel.INSIDER)
    if filters:
        raise UsageError("Filters go with a generator named by its spec, not with an object.")
    made = _from_object(generator)
    return Lending(LentGenerator(made, fingerprint(made)), ThreatModel.INSIDER)


def _from_object(thing: object) -> Generator:
    if isinstance(thing, Generator):
        return thing
    if callable(thing):
        from synthaudit.generators.python import wrap

        return wrap(thing)
    raise UsageError(
        f"A {type(thing).__name__} is no generator: give a spec such as 'cart', an object with "
        "card and synthesize, or a function (frame, n_rows, seed) -> frame."
    )


@dataclass(frozen=True, eq=False)
class Reference:
    """Candidates that rows are compared with, and their index.

    A pool that was cut down holds a small part of the training rows, and a release re-uses few of
    its values however much it copies. The stand-ins are trained on half of the pool; for them to
    look alike, as small a part of *their* training rows may be in the reference.
    """

    rows: EncodedTable
    index: NeighborIndex

    @classmethod
    def of(
        cls, view: AdversaryView, half: Bools, n_train: int, rng: np.random.Generator
    ) -> Reference:
        """Everybody the stand-ins are not trained on, and some of those they are.

        With ``h`` rows in either half, ``a`` of the inner one in the reference and ``(a + h) / 2``
        members of ``n_train`` in it, the parts ``a / h`` and ``(a + h) / (2 n_train)`` are equal
        for ``a = h^2 / (2 n_train - h)``: all of the half when the pool holds every training row.

        Parameters
        ----------
        view : AdversaryView
        half : (n_candidates,) bool
            Whom the stand-ins are trained on.
        n_train : int
            Rows of the real training table.
        rng : numpy.random.Generator
        """
        inside = rng.permutation(np.flatnonzero(half))
        n_half = len(inside)
        n_kept = round(n_half**2 / max(2 * n_train - n_half, n_half))
        if n_kept >= n_half:
            return cls(view.candidates, view.pool_index(Geometry.RANK))
        rows = np.concatenate([inside[: max(n_kept, 1)], np.flatnonzero(~half)])
        kept = view.candidates.take(np.sort(rows))
        return cls(kept, index_of(kept, Geometry.RANK, view.jobs))


def traits(table: EncodedTable, reference: Reference) -> Floats:
    """What betrays a generator's family, for every row of ``table``.

    Returns
    -------
    (n_rows, n_numbers + n_categories + n_numbers + 4)
        Ranks in ``LEVELS`` steps and codes; per number whether the value occurs in the reference;
        log distances to the nearest, second and fifth row of it; share of columns that agree with
        the nearest.
    """
    pool, index = reference.rows, reference.index
    reused = np.column_stack(
        [np.isin(table.values[:, j], pool.values[:, j]) for j in range(table.values.shape[1])]
        or [np.zeros((table.n_rows, 0), dtype=bool)]
    )
    found = index.query(table.ranks, table.codes, min(5, index.n_rows))
    near = pool.take(found.rows[:, 0])
    agree = np.concatenate([near.codes == table.codes, near.values == table.values], axis=1)
    logs = np.log(found.distances[:, [0, min(1, found.k - 1), found.k - 1]] + 1e-6)
    return np.column_stack(
        [
            np.floor(np.nan_to_num(table.ranks, nan=-1.0) * LEVELS),
            table.codes,
            reused.astype(float),
            logs,
            agree.mean(axis=1),
        ]
    ).astype(np.float64)


def told_apart(first: Floats, second: Floats, seed: int) -> float:
    """Cross-fitted AUC of a classifier of two tables of traits; 0.5: cannot be told apart.

    Nobody can tell tables of fewer rows than ``FOLDS`` apart.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    if min(len(first), len(second)) < FOLDS:
        return 0.5
    design = np.concatenate([first, second])
    label = np.repeat([0, 1], [len(first), len(second)])
    model = HistGradientBoostingClassifier(
        max_iter=60, max_leaf_nodes=12, min_samples_leaf=15, early_stopping=False, random_state=seed
    )
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    scores = cross_val_predict(model, design, label, cv=folds, method="decision_function")
    return float(roc_auc_score(label, scores))


@dataclass(frozen=True, eq=False)
class _Trial:
    """Fits one stand-in on a half of the pool and compares it with the release."""

    view: AdversaryView
    release: Floats
    reference: Reference
    half: Bools
    context: Context

    def __call__(self, generator: Generator) -> Considered:
        streams = self.context.streams.child(fingerprint(generator))
        train = self.view.candidate_frame.iloc[np.flatnonzero(self.half)]
        spec = spec_of(generator)
        try:
            frame = synthesize_checked(
                generator,
                train.reset_index(drop=True),
                len(self.release),
                streams.integer("synthesize"),
            )
        except GeneratorError as error:
            return Considered(spec, None, str(error))
        found = traits(self.view.encode(frame), self.reference)
        return Considered(spec, told_apart(self.release, found, streams.integer("classifier")))


def spec_of(generator: Generator) -> str:
    """How the generator would be named on the command line."""
    from dataclasses import fields, is_dataclass

    thing: object = generator
    settings = fields(thing) if is_dataclass(thing) else ()
    named_settings = ((field, getattr(thing, field.name)) for field in settings)
    changed = [f"{field.name}={value}" for field, value in named_settings if value != field.default]
    return ":".join((generator.card.id, *changed))


def yardstick() -> Generator:
    """The stand-in by which the time of a shadow is judged while none is chosen yet."""
    return STAND_INS[0]


def _random_half(view: AdversaryView, rng: np.random.Generator) -> Bools:
    """A random half of the candidates, whole persons where rows belong to persons."""
    if view.persons is not None:
        return half_of_persons(view.persons, rng)
    half = np.zeros(view.n_candidates, dtype=bool)
    half[rng.permutation(view.n_candidates)[: view.n_candidates // 2]] = True
    return half


def choose_stand_in(
    view: AdversaryView, context: Context, n_train: int | None = None
) -> Lending | None:
    """The stand-in whose output looks most like the release; None when none could be fitted.

    Parameters
    ----------
    view : AdversaryView
    context : Context
    n_train : int, optional
        Rows of the real training table, where the pool does not hold them all.
    """
    if view.candidates.n_columns == 0:
        return None  # nothing tells one generator's rows from another's
    half = _random_half(view, context.streams.rng("half"))
    reference = Reference.of(view, half, n_train or 1, context.streams.rng("reference"))
    rows = np.sort(context.streams.rng("release").permutation(view.synthetic.n_rows)[:MAX_ROWS])
    release = traits(view.synthetic.take(rows), reference)
    trial = _Trial(view, release, reference, half, Context(context.streams))
    tried = context.map(trial, STAND_INS, task="stand-in generators")
    aucs: list[float | None] = [one.auc for one in tried]
    order = sorted(range(len(aucs)), key=lambda i: (aucs[i] is None, aucs[i] or 0.0, i))
    best = order[0]
    if aucs[best] is None:
        return None
    lent = LentGenerator(STAND_INS[best], tried[best].spec)
    return Lending(lent, ThreatModel.STAND_IN, tuple(tried[i] for i in order))
