"""How improbable an agreement is, and sums of it over whole tables.

The coincidence of two values is about the share of real rows as close as that: for categories the
frequency ``f`` of the shared level, for numbers ``4 |rank difference| + f`` with ``f`` the
frequency of the candidate's own value; it is at most 2, which is also what a mismatch costs. The
odds of a candidate and a row are one over the product of coincidences over columns: the weight of
agreement in record linkage (Fellegi, Sunter 1969), a kernel that adapts to ties, skew and rarity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthaudit.attacks._cell_keys import row_keys
from synthaudit.data.views import AdversaryView
from synthaudit.parallel import thread_map
from synthaudit.types import Codes, EncodedTable, Floats, Ints

FAR_AWAY = 10.0
"""Stands for a missing number: agrees with another missing one, disagrees with all present."""


def coincidence_of(view: AdversaryView) -> Coincidence:
    """The coincidences of a view's candidates, counted once for all attacks and shadows."""
    return view.of_pool("coincidence", lambda: Coincidence.of(view.candidates))


@dataclass(frozen=True, eq=False)
class Coincidence:
    """Candidates with the coincidence of an exact agreement in every column.

    Attributes
    ----------
    numbers, codes : (n_candidates, n_numbers), (n_candidates, n_categories)
    number_floor, code_floor : of the same shapes; frequency of the candidate's own value
    """

    numbers: Floats
    codes: Codes
    number_floor: Floats
    code_floor: Floats

    @classmethod
    def of(cls, candidates: EncodedTable) -> Coincidence:
        """Frequencies among the candidates themselves, alike for all."""
        # the product over columns must stay above the smallest double, however wide the table
        least = 10.0 ** (-280.0 / max(candidates.n_columns, 1))
        return cls(
            _numbers(candidates),
            candidates.codes,
            np.maximum(_frequencies(candidates.values), least),
            np.maximum(_frequencies(candidates.codes), least),
        )

    def log_density(self, reference: EncodedTable, itself: Ints, jobs: int) -> Floats:
        """Log mean odds of each candidate over reference rows.

        Parameters
        ----------
        reference : EncodedTable
        itself : (n_candidates,) int64
            The reference row that is the candidate and is left out, or -1.
        jobs : int
            Threads; each candidate is summed in one of them, so they change nothing.

        Returns
        -------
        (n_candidates,) float64
        """
        from synthaudit.attacks._odds_kernel import BLOCK, sum_of_odds

        found = np.empty(len(self.codes))
        columns = _by_column(reference)

        def run(rows: slice) -> None:
            mine = (
                self.numbers[rows],
                self.codes[rows],
                self.number_floor[rows],
                self.code_floor[rows],
            )
            sum_of_odds(*mine, *columns, itself[rows], np.empty(BLOCK), found[rows])

        thread_map(run, _slices(len(found), 4 * jobs), jobs)
        # thousands of mismatches underflow; such a candidate resembles nobody at all
        answer: Floats = np.log(np.maximum(found, 1e-300) / (reference.n_rows - (itself >= 0)))
        return answer

    def largest_share(self, table: EncodedTable, jobs: int) -> Floats:
        """The largest share of each candidate in the odds of any row of ``table``.

        A row's odds with all candidates, normalised to 1, say which of them it may descend from.

        Returns
        -------
        (n_candidates,) float64, in [0, 1]
        """
        from synthaudit.attacks._odds_kernel import BLOCK, largest_share

        columns = _by_column(table)
        mine = (self.numbers, self.codes, self.number_floor, self.code_floor)

        def run(rows: slice) -> Floats:
            found = np.zeros(len(self.codes))
            scratch = np.empty(BLOCK), np.empty(BLOCK)
            largest_share(*mine, *columns, rows.start, rows.stop, *scratch, found)
            return found

        parts = thread_map(run, _slices(table.n_rows, jobs), jobs)
        answer: Floats = np.maximum.reduce(parts)  # the same in whatever parts it was found
        return answer


MOST_PAIRS = 2_000_000_000
"""Pairs of candidate and synthetic row an attack looks at: about ten seconds of one core."""


def thinned(table: EncodedTable, n_candidates: int, max_pairs: int) -> EncodedTable:
    """At most ``max_pairs / n_candidates`` rows, by a hash of their content: no order moves it."""
    n_kept = max(max_pairs // n_candidates, 1)
    if table.n_rows <= n_kept:
        return table
    return table.take(np.argsort(row_keys(table), kind="stable")[:n_kept])


def _slices(n: int, n_parts: int) -> list[slice]:
    width = max(1, -(-n // max(n_parts, 1)))
    return [slice(start, min(start + width, n)) for start in range(0, n, width)]


def _by_column(table: EncodedTable) -> tuple[Floats, Codes]:
    return np.ascontiguousarray(_numbers(table).T), np.ascontiguousarray(table.codes.T)


def _numbers(table: EncodedTable) -> Floats:
    ranks = table.ranks.astype(np.float64)
    return np.where(np.isnan(ranks), FAR_AWAY, ranks)


def _frequencies(cells: NDArray[np.float64] | NDArray[np.int32]) -> Floats:
    """Share of rows with the row's own value, per column."""
    shares = np.empty(cells.shape)
    for j in range(cells.shape[1]):
        _, cell, counts = np.unique(cells[:, j], return_inverse=True, return_counts=True)
        shares[:, j] = counts[cell.reshape(-1)] / len(cells)
    return shares
