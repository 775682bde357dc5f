"""The sums of an EM step of ``_linkage``, compiled; imported only when something is learned."""

from __future__ import annotations

from synthaudit.neighbors.compiled import kernel
from synthaudit.types import Floats, Ints


@kernel
def add_pulls(pull: Floats, window: Ints, held: Floats) -> None:
    """Add what every pair pulls to its smallest window and to all wider ones.

    ``pull`` (n_rows, k, n_numbers) and ``window`` alike; ``held`` (n_rows, n_numbers, n_windows)
    starts at 0. Pairs are added in their order, whatever the window.
    """
    for i in range(pull.shape[0]):
        for pair in range(pull.shape[1]):
            for j in range(pull.shape[2]):
                for m in range(window[i, pair, j], held.shape[2]):
                    held[i, j, m] += pull[i, pair, j]
