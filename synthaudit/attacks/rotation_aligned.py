"""Closest record after turning the synthetic table back onto the pool.

Numbers that were standardised and rotated, or otherwise mixed linearly without changing distances
between rows, lie far from their originals in every column, yet the cloud of rows has kept its
shape. Two clouds of one shape are laid onto each other by their principal axes and then by
iterating: match each synthetic row to its nearest candidate, keep the clearer half of the matches,
turn the table by the rotation that fits them best.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthaudit.attacks._calibration import log_ratio, require_rows
from synthaudit.attacks._evidence import spread_rows
from synthaudit.data.views import AdversaryView, Geometry
from synthaudit.errors import NotApplicable
from synthaudit.neighbors import NeighborIndex
from synthaudit.parallel import Context
from synthaudit.types import Card, Floats, Ints

N_MATCHED = 2000
"""Synthetic rows the rotation is fitted on."""
N_STEPS = 30
FIRST_AXES = 5
"""Matching starts on so many leading axes, the ones two samples agree on, and adds one a step."""
MOST_AXES = 200
"""Number columns up to which whole clouds are turned. The rotation of more is looked for among the
so many longest axes of either cloud, where two clouds of fewer rows lie entirely; its cost grows
with the third power of their number."""
N_FLIPPED = 2
N_TRIED = 500
N_TRIAL_STEPS = 10
KEPT = 0.5
CAP = 6.0
"""Standard deviations beyond which two values are simply far apart when rows are matched."""
DIGITS = 9
"""Coordinates are rounded before matching: rounding noise must not choose between rows."""


def standardised(values: Floats) -> Floats:
    """Every column with mean 0 and standard deviation 1; missing cells at the mean."""
    return _centred(values) / spread_of(values)


def spread_of(values: Floats) -> Floats:
    """Standard deviation of every column, 1 where there is none."""
    n = np.maximum(np.isfinite(values).sum(axis=0), 1)
    spread = np.sqrt((_centred(values) ** 2).sum(axis=0) / n)
    answer: Floats = np.where(spread > 0, spread, 1.0)
    return answer


def _centred(values: Floats) -> Floats:
    finite = np.isfinite(values)
    mean = np.where(finite, values, 0.0).sum(axis=0) / np.maximum(finite.sum(axis=0), 1)
    answer: Floats = np.where(finite, values - mean, 0.0)
    return answer


def layouts(pool: Floats, release: Floats) -> tuple[Floats, Floats, Floats]:
    """The release as it may have been before a rotation of standardised numbers.

    Rescaled column by column afterwards; given back the units of the pool's columns; or left in
    one unit. A rotation changes the spread of single columns, so only the right one is undone.
    """
    centred = _centred(release)
    whole = np.sqrt((centred**2).sum(axis=1).mean() / centred.shape[1]) or 1.0
    return centred / spread_of(release), centred / spread_of(pool), centred / whole


def skewness(along: Floats) -> Floats:
    """Third standardised moment of every column of centred coordinates, 0 where all are equal."""
    spread = np.sqrt((along**2).mean(axis=0))
    answer: Floats = (along**3).mean(axis=0) / np.where(spread > 0, spread, 1.0) ** 3
    return answer


def axes(rows: Floats) -> Floats:
    """Principal axes, longest first, each pointing where its coordinates are skewed to.

    Returns
    -------
    (n_axes, n_columns) float64; orthonormal rows
    """
    _, _, directions = np.linalg.svd(rows, full_matrices=rows.shape[0] < rows.shape[1])
    answer: Floats = directions * np.where(skewness(rows @ directions.T) < 0, -1.0, 1.0)[:, None]
    return answer


def along_longest(rows: Floats) -> tuple[Floats, Floats]:
    """Coordinates along the ``MOST_AXES`` longest principal axes, and these axes.

    Returns
    -------
    coordinates : (n_rows, MOST_AXES) float64
    directions : (MOST_AXES, n_columns) float64
        Zeros where there are fewer rows than axes.
    """
    _, _, directions = np.linalg.svd(rows, full_matrices=False)
    kept = np.zeros((MOST_AXES, rows.shape[1]))
    kept[: len(directions)] = directions[:MOST_AXES]
    return rows @ kept.T, kept


def starts(pool: Floats, release: Floats) -> list[Floats]:
    """Rotations that lay principal axes onto principal axes.

    Axes with little skew may point either way: the leading ones that are skewed least are tried
    both ways.
    """
    towards, away = axes(pool), axes(release)
    skew = np.abs(skewness(pool @ towards[:FIRST_AXES].T))
    doubtful = np.argsort(skew, kind="stable")[:N_FLIPPED]
    found = []
    for signs in itertools.product((1.0, -1.0), repeat=doubtful.size):
        flip = np.ones(len(towards))
        flip[doubtful] = signs
        found.append((away * flip[:, None]).T @ towards)
    return found


def settled(pool: Floats, release: Floats, rotation: Floats, steps: range, jobs: int = 1) -> Floats:
    """Match, keep the clearer half of the matches, turn; ``steps`` says how many axes matter.

    References
    ----------
    Besl & McKay 1992 (iterative closest point), doi:10.1109/34.121791; Chetverikov et al. 2005
    (keeping part of the matches), doi:10.1016/j.imavis.2004.05.007; Schoenemann 1966 (orthogonal
    Procrustes), doi:10.1007/BF02289451.
    """
    towards = axes(pool)
    for step in steps:
        leading = towards[: FIRST_AXES + step].T
        matched, ratio = _nearest(pool @ leading, release @ rotation @ leading, jobs)
        clear = ratio <= np.quantile(ratio, KEPT)
        left, _, right = np.linalg.svd(release[clear].T @ pool[matched[clear]])
        rotation = left @ right
    return rotation


def clarity(pool: Floats, release: Floats, jobs: int = 1) -> float:
    """How clearly rows of the release find their nearest pool row: the median of d1 / d2.

    Label-blind; near 0 only where rows lie on their originals.
    """
    return float(np.median(_nearest(pool, release, jobs)[1]))


def rotation_onto(pool: Floats, release: Floats, jobs: int = 1) -> Floats:
    """The rotation ``R`` (n_columns, n_columns) for which ``release @ R`` lies best on ``pool``.

    The likeliest start is chosen on a few rows. The right rotation is found or it is not: on
    made-up tables of six columns with two axes of almost equal length, in about three of four.
    """
    few = release[:: max(1, len(release) // N_TRIED)]
    tried = [
        settled(pool, few, start, range(N_TRIAL_STEPS), jobs) for start in starts(pool, release)
    ]
    best = min(tried, key=lambda rotation: clarity(pool, few @ rotation, jobs))
    return settled(pool, release, best, range(N_TRIAL_STEPS, N_TRIAL_STEPS + N_STEPS), jobs)


def _nearest(pool: Floats, release: Floats, jobs: int) -> tuple[Ints, Floats]:
    """Nearest pool row of every row of the release, and its distance over the second nearest's."""
    nothing = np.empty((len(pool), 0), dtype=np.int32)
    rounded = np.round(pool, DIGITS).astype(np.float32)
    asked = np.round(release, DIGITS).astype(np.float32)
    index = NeighborIndex(rounded, nothing, cap=CAP, jobs=jobs)
    found = index.query(asked, np.empty((len(asked), 0), dtype=np.int32), 2)
    first, second = found.distances[:, 0], found.distances[:, 1]
    ratio = np.where(second > 0, first / np.where(second > 0, second, 1.0), 1.0)
    return found.rows[:, 0], ratio


def turned_back(view: AdversaryView, pool: Floats) -> Floats:
    """The synthetic numbers laid onto the standardised pool, from whichever layout fits best."""
    sample = spread_rows(view.synthetic, N_MATCHED)
    laid = _laid_onto if pool.shape[1] <= MOST_AXES else _laid_along
    turned = [
        laid(pool, release, sample, view.jobs)
        for release in layouts(view.candidates.values, view.synthetic.values)
    ]
    return min(turned, key=lambda pair: clarity(pool, pair[0], view.jobs))[1]


def _laid_onto(pool: Floats, release: Floats, sample: Ints, jobs: int) -> tuple[Floats, Floats]:
    """A sample of the release, and all of it, turned by the rotation that fits the sample best."""
    rotation = rotation_onto(pool, release[sample], jobs)
    return release[sample] @ rotation, release @ rotation


def _laid_along(pool: Floats, release: Floats, sample: Ints, jobs: int) -> tuple[Floats, Floats]:
    """The same for many columns: what is turned are the longest axes of the release."""
    of_pool, towards = along_longest(pool)
    of_sample, away = along_longest(release[sample])
    turned = (release @ away.T) @ rotation_onto(of_pool, of_sample, jobs) @ towards
    return turned[sample], turned


@dataclass(frozen=True)
class RotationAligned:
    """The calibrated closest record after the best rotation of the synthetic table's numbers.

    Both tables are standardised by their own means and deviations, so shifts and rescalings of
    columns are undone as well. Categories are compared as they are.
    """

    card: ClassVar[Card] = Card(
        id="rotation_aligned",
        title="Closest record after turning the table back",
        question=(
            "Would this person have a look-alike in the synthetic table if its numbers had not "
            "been rotated, shifted or rescaled?"
        ),
        how_to_read=(
            "Higher means that after the one rotation that lays the synthetic table best onto the "
            "candidates a synthetic record lies next to this person. Strong here and weak "
            "elsewhere: the release is a linearly mixed copy of real rows."
        ),
        references=(
            "This project: alignment before distances (docs/attacks.md)",
            "Besl, McKay 1992, iterative closest point, doi:10.1109/34.121791",
            "Liu, Giannella, Kargupta 2006, attacks on rotated data, doi:10.1007/11871637_30",
        ),
    )

    def score(self, view: AdversaryView, context: Context) -> Floats:
        """Log ratio of the nearest distances after alignment.

        Raises
        ------
        NotApplicable
            With fewer than two number columns, three candidates or two synthetic rows there is
            nothing to rotate.
        """
        require_rows(view, n_synthetic=2)
        n_numbers = view.candidates.values.shape[1]
        if n_numbers < 2 or view.n_candidates < 3:
            raise NotApplicable(
                f"Rotations mix number columns and there are {n_numbers} with "
                f"{view.n_candidates} candidates; this attack needs 2 columns and 3 candidates."
            )
        pool = standardised(view.candidates.values)
        turned = turned_back(view, pool)
        numbers, codes = pool.astype(np.float32), view.candidates.codes
        cap = Geometry.STANDARD.cap
        index = NeighborIndex(numbers, codes, cap=cap, jobs=view.jobs)
        reference = view.leave_out(index, numbers, codes, 1)
        nearest = NeighborIndex(
            turned.astype(np.float32), view.synthetic.codes, cap=cap, jobs=view.jobs
        ).query(numbers, codes, 1)
        return log_ratio(reference.distances, nearest.distances)


PLUGINS = (RotationAligned(),)
