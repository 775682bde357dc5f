"""Closest record after turning the synthetic table back onto the pool.

Numbers that were standardised and rotated, or otherwise mixed linearly without changing distances
between rows, lie far from their originals in every column, yet the cloud of rows has kept its
shape. Two clouds of one shape are laid onto each other by their principal axes and then by
iterating: match each synthetic row to its nearest candidate, keep the clearer half of the matches,
turn the table by the rotation that fits them best.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
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
    cubed = spread**3
    answer: Floats = (along**3).mean(axis=0) / np.where(cubed > 0, cubed, 1.0)
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


class Cloud:
    """The pool the release is turned onto: its axes and indexes are made once, not at every step.

    Parameters
    ----------
    rows : (n_rows, n_columns) float64
        Standardised.
    jobs : int
        Threads of searches.
    """

    def __init__(self, rows: Floats, jobs: int = 1) -> None:
        self.rows, self.jobs = rows, jobs
        self._whole: NeighborIndex | None = None
        self._leading: tuple[int, NeighborIndex] | None = None

    @cached_property
    def axes(self) -> Floats:
        """Principal axes; of a wide cloud nobody asks for them."""
        return axes(self.rows)

    def nearest(self, release: Floats) -> tuple[Ints, Floats]:
        """Nearest row of every row of the release, and its distance over the second nearest's."""
        if self._whole is None:
            self._whole = self._index(self.rows)
        return _nearest(self._whole, release)

    def nearest_along(self, n_axes: int, releases: list[Floats]) -> list[tuple[Ints, Floats]]:
        """The same for several releases, along the leading axes only."""
        leading = self.axes[:n_axes].T
        # the last one only: of a wide table those of all steps would not fit
        if self._leading is None or self._leading[0] != leading.shape[1]:
            self._leading = leading.shape[1], self._index(self.rows @ leading)
        return [_nearest(self._leading[1], release @ leading) for release in releases]

    def _index(self, rows: Floats) -> NeighborIndex:
        rounded = np.round(rows, DIGITS).astype(np.float32)
        nothing = np.empty((len(rows), 0), dtype=np.int32)
        return NeighborIndex(rounded, nothing, cap=CAP, jobs=self.jobs)


def _nearest(index: NeighborIndex, release: Floats) -> tuple[Ints, Floats]:
    asked = np.round(release, DIGITS).astype(np.float32)
    found = index.query(asked, np.empty((len(asked), 0), dtype=np.int32), 2)
    first, second = found.distances[:, 0], found.distances[:, 1]
    ratio = np.where(second > 0, first / np.where(second > 0, second, 1.0), 1.0)
    return found.rows[:, 0], ratio


def starts(pool: Cloud, release: Floats) -> list[Floats]:
    """Rotations that lay principal axes onto principal axes.

    Axes with little skew may point either way: the leading ones that are skewed least are tried
    both ways.
    """
    towards, away = pool.axes, axes(release)
    skew = np.abs(skewness(pool.rows @ towards[:FIRST_AXES].T))
    doubtful = np.argsort(skew, kind="stable")[:N_FLIPPED]
    found = []
    for signs in itertools.product((1.0, -1.0), repeat=doubtful.size):
        flip = np.ones(len(towards))
        flip[doubtful] = signs
        found.append((away * flip[:, None]).T @ towards)
    return found


def settled(pool: Cloud, release: Floats, rotations: list[Floats], steps: range) -> list[Floats]:
    """Match, keep the clearer half of the matches, turn; ``steps`` says how many axes matter.

    Every rotation goes its own way; they go in step, because each step has its own axes.

    References
    ----------
    Besl & McKay 1992 (iterative closest point), doi:10.1109/34.121791; Chetverikov et al. 2005
    (keeping part of the matches), doi:10.1016/j.imavis.2004.05.007; Schoenemann 1966 (orthogonal
    Procrustes), doi:10.1007/BF02289451.
    """
    for step in steps:
        turned = [release @ rotation for rotation in rotations]
        rotations = [
            _turn(pool.rows[matched], release, ratio)
            for matched, ratio in pool.nearest_along(FIRST_AXES + step, turned)
        ]
    return rotations


def _turn(matched: Floats, release: Floats, ratio: Floats) -> Floats:
    """The rotation that lays the clearer half of the rows best onto their matches."""
    clear = ratio <= np.quantile(ratio, KEPT)
    left, _, right = np.linalg.svd(release[clear].T @ matched[clear])
    rotation: Floats = left @ right
    return rotation


def clarity(pool: Cloud, release: Floats) -> float:
    """How clearly rows of the release find their nearest pool row: the median of d1 / d2.

    Label-blind; near 0 only where rows lie on their originals.
    """
    return float(np.median(pool.nearest(release)[1]))


def rotation_onto(pool: Cloud, release: Floats) -> Floats:
    """The rotation ``R`` (n_columns, n_columns) for which ``release @ R`` lies best on ``pool``.

    The likeliest start is chosen on a few rows. The right rotation is found or it is not: on
    made-up tables of six columns with two axes of almost equal length, in about three of four.
    """
    few = release[:: max(1, len(release) // N_TRIED)]
    tried = settled(pool, few, starts(pool, release), range(N_TRIAL_STEPS))
    best = min(tried, key=lambda rotation: clarity(pool, few @ rotation))
    return settled(pool, release, [best], range(N_TRIAL_STEPS, N_TRIAL_STEPS + N_STEPS))[0]


def turned_back(view: AdversaryView, pool: Floats) -> Floats:
    """The synthetic numbers laid onto the standardised pool, from whichever layout fits best."""
    sample, cloud = spread_rows(view.synthetic, N_MATCHED), Cloud(pool, view.jobs)
    turned = _turner(cloud)
    layouts_turned = [
        turned(release, sample)
        for release in layouts(view.candidates.values, view.synthetic.values)
    ]
    return min(layouts_turned, key=lambda pair: clarity(cloud, pair[0]))[1]


def _turner(pool: Cloud) -> Callable[[Floats, Ints], tuple[Floats, Floats]]:
    """Lays a release, rotated as fits a sample of it best, onto the pool: the sample and all of it.

    Of many columns the longest axes of the release are turned onto those of the pool.
    """
    if pool.rows.shape[1] <= MOST_AXES:

        def whole(release: Floats, sample: Ints) -> tuple[Floats, Floats]:
            rotation = rotation_onto(pool, release[sample])
            return release[sample] @ rotation, release @ rotation

        return whole

    longest, towards = along_longest(pool.rows)
    short = Cloud(longest, pool.jobs)

    def along(release: Floats, sample: Ints) -> tuple[Floats, Floats]:
        of_sample, away = along_longest(release[sample])
        turned = (release @ away.T) @ rotation_onto(short, of_sample) @ towards
        return turned[sample], turned

    return along


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
