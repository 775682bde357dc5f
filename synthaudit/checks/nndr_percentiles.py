"""Fifth percentiles of the nearest distance and of the nearest-neighbour distance ratio."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from synthaudit.checks._contents import contents_of
from synthaudit.checks._curves import cumulative_curve
from synthaudit.checks._duel import Duel, duel
from synthaudit.data.views import AuditorView
from synthaudit.errors import NotApplicable
from synthaudit.parallel import Context, thread_stream
from synthaudit.stats.binomial import clopper_pearson
from synthaudit.stats.clusters import effective_size
from synthaudit.types import Bools, Card, Curve, Estimate, Finding, Floats, Ints, ThreatModel

N_DEALS = 199
N_CUTS = 25
SHARE = 0.05


def nearest_two(pair: Duel, kept: Bools) -> tuple[Floats, Floats, Ints]:
    """Distances from every synthetic row to the nearest two of the kept real rows.

    A row whose list runs out gets the list's last distance: only the far end of the distribution
    is touched, fifth percentiles are not.

    Parameters
    ----------
    kept : (n_train + n_holdout,) bool

    Returns
    -------
    first, second : (n_synthetic,) float64
    rows : (n_synthetic,) int64; the nearest kept row
    """
    candidates = kept[pair.rows]
    last = pair.rows.shape[1] - 1
    places = []
    for _ in range(2):
        place = np.where(candidates.any(axis=1), candidates.argmax(axis=1), last)[:, None]
        np.put_along_axis(candidates, place, False, axis=1)
        places.append(place)
    first, second = (np.take_along_axis(pair.distances, place, 1)[:, 0] for place in places)
    return first, second, np.take_along_axis(pair.rows, places[0], 1)[:, 0]


def ratio(first: Floats, second: Floats) -> Floats:
    """``first / second``; two equal distances, zero included, give 1: no single row is hugged."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(second > 0, first / second, 1.0)


def quantile_with_ends(values: Floats, rows: Ints, confidence: float) -> Floats:
    """Fifth percentile with its interval: (low, value, high).

    The ends are the quantiles at the exact binomial limits of the share below (Woodruff 1952,
    doi:10.1080/01621459.1952.10483443), the sample counted at its effective size because synthetic
    rows that share their nearest real row are not independent.
    """
    below = values <= np.quantile(values, SHARE, method="inverted_cdf")
    size = effective_size(below, rows)
    limits = clopper_pearson(SHARE * size, size, confidence)
    shares = (limits.low, SHARE, limits.high)
    ends: Floats = np.quantile(values, shares, method="inverted_cdf")
    return ends


def sides(pair: Duel, in_train: Bools, rng: np.random.Generator) -> tuple[Bools, Bools]:
    """Train and holdout as masks over the pool, the larger cut at random to the smaller's size."""
    chosen = []
    for mask in (in_train, ~in_train):
        rows = np.flatnonzero(mask)
        kept = np.zeros(mask.size, dtype=bool)
        kept[rng.permutation(rows)[: pair.n_kept]] = True
        chosen.append(kept)
    return chosen[0], chosen[1]


def _gaps(pair: Duel, both_sides: tuple[Bools, Bools]) -> Floats:
    """(2,): train minus holdout by statistic."""
    found = []
    for kept in both_sides:
        first, second, _ = nearest_two(pair, kept)
        both = np.stack([first, ratio(first, second)])
        found.append(np.quantile(both, SHARE, axis=1, method="inverted_cdf"))
    gaps: Floats = found[0] - found[1]
    return gaps


@dataclass(frozen=True)
class Nndr:
    """Nearest distances and ratios of synthetic rows to train, with the holdout as yardstick.

    The nearest-neighbour distance ratio is the distance to the nearest real row over that to the
    second nearest: small where one row is singled out. Sizes are matched by averaging over random
    cuts of the larger table; p-values come from random deals of the real rows.

    What it cannot show: a percentile over synthetic rows is blind to leaks that concern fewer than
    one row in twenty.
    """

    confidence: float = 0.95

    card: ClassVar[Card] = Card(
        id="nndr_percentiles",
        title="Closest distances and their ratios",
        question="How close are the closest synthetic rows to train, compared with the holdout?",
        how_to_read=(
            "Train's figures should equal the holdout's. Smaller for train means that the closest "
            "twentieth of the synthetic rows sits nearer to training rows than chance explains."
        ),
        references=(
            "Zhao et al. (2021), arXiv:2102.08369: DCR and NNDR at the fifth percentile",
            "Size matching, holdout yardstick and permutation test are this project's own",
        ),
        threat_model=ThreatModel.AUDITOR,
    )

    def run(self, view: AuditorView, context: Context) -> Finding:
        """Measure both percentiles for train, the holdout and random deals."""
        contents_of(view)
        if min(view.train.n_rows, view.holdout.n_rows) < 2:
            raise NotApplicable("Distance ratios need two rows in train and two in the holdout.")
        if view.synthetic.n_rows * SHARE < 1:
            raise NotApplicable(
                f"A fifth percentile needs at least 20 synthetic rows; there are "
                f"{view.synthetic.n_rows}."
            )
        pair = duel(view)
        rng = context.streams.rng("deals")
        n_cuts = 1 if pair.n_train == pair.n_holdout else N_CUTS
        actual = [self._measured(pair, pair.labels(), rng) for _ in range(n_cuts)]
        deals = (sides(pair, pair.deal(rng), rng) for _ in range(N_DEALS))
        dealt = list(thread_stream(lambda both: _gaps(pair, both), deals, context.jobs))
        observed, null = np.mean(actual, axis=0), np.array(dealt)
        estimates: list[Estimate] = []
        for j, name in enumerate(("dcr_p5", "nndr_p5")):
            estimates += self._compared(name, observed[j], null[:, j], view.synthetic.n_rows)
        return Finding(tuple(estimates), self._curves(pair, context))

    def _curves(self, pair: Duel, context: Context) -> tuple[Curve, ...]:
        """The ratios' distributions for train and holdout, sizes matched by one random cut."""
        rng = context.streams.rng("curves")
        curves = []
        for side, kept in zip(("train", "holdout"), sides(pair, pair.labels(), rng), strict=True):
            first, second, _ = nearest_two(pair, kept)
            ratios = ratio(first, second)
            label = "nearest over second nearest distance"
            curves.append(
                cumulative_curve(f"nndr_{side}", ratios, np.ones(ratios.size), ratios.size, label)
            )
        return tuple(curves)

    def _measured(self, pair: Duel, in_train: Bools, rng: np.random.Generator) -> Floats:
        """(2, 2, 3): statistic by side by (low, value, high)."""
        found = []
        for kept in sides(pair, in_train, rng):
            first, second, rows = nearest_two(pair, kept)
            found.append(
                [
                    quantile_with_ends(values, rows, self.confidence)
                    for values in (first, ratio(first, second))
                ]
            )
        return np.array(found).swapaxes(0, 1)

    def _compared(self, name: str, observed: Floats, null: Floats, n: int) -> list[Estimate]:
        train, holdout = observed
        gap = float(train[1] - holdout[1])
        low = gap - float(np.hypot(train[1] - train[0], holdout[2] - holdout[1]))
        high = gap + float(np.hypot(train[2] - train[1], holdout[1] - holdout[0]))
        p_value = (1 + int(np.sum(np.abs(null) >= abs(gap) - 1e-12))) / (1 + null.size)
        method = "Woodruff at the effective size"
        what = "nearest distance" if name == "dcr_p5" else "nearest over second nearest distance"
        sided = [
            Estimate(
                f"{name}_{side}", float(found[1]), float(found[0]), float(found[2]), n, null_value,
                self.confidence, method, f"fifth percentile of the {what} to {side}",
            )
            for side, found, null_value in (
                ("train", train, float(holdout[1])),
                ("holdout", holdout, None),
            )
        ]  # fmt: skip
        return [
            *sided,
            Estimate(
                f"{name}_gap", gap, low, high, n, 0.0, self.confidence,
                f"{method}; parts combined by the square-root rule",
                "train minus holdout; negative when synthetic rows sit closer to train",
            ),
            Estimate(
                f"{name}_p_value", p_value, None, None, n, None, self.confidence,
                f"{null.size} random deals of the real rows, two-sided",
                "chance of a gap this large if nothing leaked",
            ),
        ]  # fmt: skip


PLUGINS = (Nndr(),)
