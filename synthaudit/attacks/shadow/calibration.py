"""Each feature of each candidate, compared with the worlds in which that candidate was left out.

A feature (say, how close the table comes to the candidate) means little by itself: some people are
easy to come close to. Its value in tables that *cannot* have known the candidate says what to
expect. When a shadow is calibrated, it *and its complement* are left out: leaving out only the
shadow itself would leave K/2 OUT worlds for its members and K/2 - 1 for its non-members, and the
count (hence the variance) of the calibration would tell the label.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthaudit.types import Bools, Floats, Floats32


@dataclass(frozen=True, eq=False)
class OutWorlds:
    """Sums over the OUT worlds of every candidate, from which any pair can be taken away.

    Attributes
    ----------
    features : (n_shadows, n_candidates, n_features) float32
    halves : (n_shadows, n_candidates) bool
        Complementary within a pair; each candidate's OUT world is the shadow of the other half.
    total, squares : (n_candidates, n_features); sums over all OUT worlds
    """

    features: Floats32
    halves: Bools
    total: Floats
    squares: Floats

    @classmethod
    def of(cls, features: Floats32, halves: Bools) -> OutWorlds:
        """Sum once, one world at a time: a copy of all of them would not fit where they do."""
        total, squares = np.zeros(features.shape[1:]), np.zeros(features.shape[1:])
        for world, inside in zip(features, halves, strict=True):
            held = world.astype(np.float64) * ~inside[:, None]
            total += held
            squares += held**2
        return cls(features, halves, total, squares)

    @property
    def n_pairs(self) -> int:
        """Number of complementary pairs."""
        return int(self.features.shape[0]) // 2

    def moments_without(self, pair: int) -> tuple[Floats, Floats]:
        """Mean and shrunk standard deviation over OUT worlds outside ``pair``.

        Returns
        -------
        mean, spread : (n_candidates, n_features)
            The variance of a candidate from a handful of worlds is shrunk towards the variance
            pooled over candidates, with the weight of 4 pooled degrees of freedom: per-record
            variances from 7 worlds are mostly noise, the pooled one ignores that records differ.
        """
        first, second = self.features[2 * pair], self.features[2 * pair + 1]
        # each candidate is of the other half in exactly one shadow of the pair
        held = np.where(self.halves[2 * pair][:, None], second, first).astype(np.float64)
        n_worlds = self.n_pairs - 1
        mean = (self.total - held) / n_worlds
        variance = np.maximum((self.squares - held**2) / n_worlds - mean**2, 0.0)
        pooled = variance.mean(axis=0)
        weight = n_worlds / (n_worlds + 4.0)
        shrunk = weight * variance + (1.0 - weight) * pooled
        return mean, np.sqrt(shrunk + 1e-12)

    def calibrate(self, table: Floats32, pair: int) -> Floats:
        """Design matrix of a table's features against the OUT worlds outside ``pair``.

        Returns
        -------
        (n_candidates, 3 * n_features)
            The feature as it is, its difference from the OUT mean, and that difference in shrunk
            OUT standard deviations. A tree model needs the first to see *holes* that similarity
            filters cut around members.
        """
        mean, spread = self.moments_without(pair)
        shift = table - mean
        return np.concatenate([table, shift, shift / spread], axis=1)


def standardise(features: Floats) -> Floats:
    """Centre and scale every feature within one table, ``(n_candidates, n_features)``.

    Level and scale of a table's features depend on its fidelity and size; within-table scores keep
    what distinguishes candidates, and carry over from a stand-in to a real release.
    """
    centre = np.median(features, axis=0)
    spread = np.median(np.abs(features - centre), axis=0) * 1.4826
    fallback = features.std(axis=0)
    spread = np.where(spread > 1e-12, spread, np.where(fallback > 1e-12, fallback, 1.0))
    scaled: Floats = np.clip((features - centre) / spread, -12.0, 12.0)
    return scaled
