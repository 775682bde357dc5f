"""Tracing: whether the table's averages lean towards the candidate.

Homer et al. 2008 traced people in pooled DNA by nothing but averages; Dwork et al. 2015 proved how
few averages suffice. A synthetic table gives its averages away even where no row is close to
anybody: with a few hundred training rows and a few hundred moments, members lean visibly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthaudit.attacks._cell_keys import column_subsets
from synthaudit.attacks._moments import MAX_PAIRS, Moments
from synthaudit.data.views import AdversaryView
from synthaudit.errors import NotApplicable
from synthaudit.parallel import Context
from synthaudit.types import Card, Floats

RIDGE = 0.3
"""Added to the moments' correlation matrix: directions in which the pool hardly varies cannot be
told from noise. Measured: 0.1 to 1 give the same AUC to 0.01 on most tables."""
MOST_MOMENTS = 3_000
"""Moments up to which their own matrix is solved; with more of them than candidates the matrix of
the candidates is, which says the same and is smaller (2,000 columns have about 20,000 moments)."""


@dataclass(frozen=True, eq=False)
class Whitening:
    """What the candidates' own moments say of them: the same for every table.

    With ``X`` the candidates' moments, ``W = (X'X / n + ridge)^-1``. Where moments are more than
    candidates the same is had from the smaller ``X X'``: ``X W = (X X' / n + ridge)^-1 X``.

    Attributes
    ----------
    matrix : (n_moments, n_moments) or (n_candidates, n_candidates) float64, regularised
    own : (n_candidates,) float64
        ``x' W x / (n - 1)``: everybody's own weight in the reference, the more the rarer they are.
    by_rows : bool
        Whether ``matrix`` is that of the candidates.
    """

    matrix: Floats
    own: Floats
    by_rows: bool

    @classmethod
    def of(cls, pool: Floats, ridge: float = RIDGE) -> Whitening:
        """From the candidates' moments, ``(n_candidates, n_moments)``, centred."""
        n, n_moments = pool.shape
        by_rows = n_moments > max(n, MOST_MOMENTS)
        matrix = (pool @ pool.T if by_rows else pool.T @ pool) / n
        matrix[np.diag_indices_from(matrix)] += ridge
        if by_rows:
            own = np.einsum("ij,ij->i", np.linalg.solve(matrix, pool), pool)
        else:
            own = np.einsum("ji,ij->i", np.linalg.solve(matrix, pool.T), pool)
        return cls(matrix, own / (n - 1), by_rows)

    def products(self, pool: Floats, excess: Floats) -> Floats:
        """``X W excess``, ``(n_candidates,)``."""
        if self.by_rows:
            found: Floats = np.asarray(np.linalg.solve(self.matrix, pool @ excess), np.float64)
        else:
            found = pool @ np.linalg.solve(self.matrix, excess)
        return found


def lean(pool: Floats, table: Floats, white: Whitening) -> Floats:
    """Whitened inner product of each candidate with what the table's mean has more than the pool's.

    ``x' W (mean(S) - mean(P without x))`` with ``W`` the inverse of the pool's regularised
    covariance (Dwork et al. 2015, doi:10.1109/FOCS.2015.46; whitened: the linear discriminant).
    Taking the candidate out of the pool's mean adds ``x' W x / (n - 1)``: everybody's own weight in
    the reference pulls against them, the more the rarer they are, member or not.

    Parameters
    ----------
    pool : (n_candidates, n_moments), centred
    table : (n_rows, n_moments), on the pool's scale
    white : Whitening
        Of the pool.

    Returns
    -------
    (n_candidates,) float64
    """
    excess = table.mean(axis=0) - pool.mean(axis=0)
    found: Floats = white.products(pool, excess) + white.own
    return found


@dataclass(frozen=True)
class Tracing:
    """Inner product with first and second moments."""

    card: ClassVar[Card] = Card(
        id="tracing",
        title="Tracing from averages",
        question="Do the table's averages and correlations lean towards this person?",
        how_to_read=(
            "0.5 is chance. Above it, membership shows in averages alone, without any synthetic "
            "row that resembles anybody: filters that drop close rows do not help. The fewer "
            "training rows and the more columns, the stronger."
        ),
        references=(
            "Homer et al. 2008, doi:10.1371/journal.pgen.1000167",
            "Dwork et al. 2015, doi:10.1109/FOCS.2015.46 (Robust traceability from trace amounts)",
        ),
        is_feature=True,
    )

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Lean of the table towards each candidate, ``(n_candidates,)``."""
        if view.candidates.n_columns == 0 or view.n_candidates < 3:
            raise NotApplicable("It needs at least one column and three candidates.")
        rng = context.streams.rng("pairs")
        pairs = column_subsets(view.candidates.n_columns, 2, MAX_PAIRS, rng)
        key = tuple(pairs)
        moments = view.of_pool(("moments", key), lambda: Moments.of(view.candidates, pairs))
        if moments.number == 0:
            raise NotApplicable("No column varies enough among the candidates to have averages.")
        pool = moments(view.candidates)
        white = view.of_pool(("whitening", key), lambda: Whitening.of(pool))
        return lean(pool, moments(view.synthetic), white)


PLUGINS = (Tracing(),)
