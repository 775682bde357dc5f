"""The compiled sum behind ``kernel_ratio``; imported only when that attack runs."""

from __future__ import annotations

import numpy as np

from synthaudit.neighbors.compiled import kernel
from synthaudit.types import Codes, Floats, Ints

BLOCK = 256
SLOPE = 4.0
MISMATCH = 2.0


@kernel
def sum_of_odds(
    numbers: Floats,
    codes: Codes,
    number_floor: Floats,
    code_floor: Floats,
    reference_numbers: Floats,
    reference_codes: Codes,
    itself: Ints,
    products: Floats,
    found: Floats,
) -> None:
    """For every candidate, the sum over reference rows of one over the product of coincidences.

    ``numbers`` (n, n_numbers) and ``codes`` (n, n_categories) are candidates, the floors are the
    coincidence of an exact agreement, ``reference_*`` are column-major, ``itself[i]`` is the
    reference row that is candidate i or -1, ``products`` (BLOCK,) is scratch. Columns outside, rows
    inside: the loops vectorise.
    """
    n_reference = reference_numbers.shape[1]
    for i in range(numbers.shape[0]):
        total = 0.0
        for start in range(0, n_reference, BLOCK):
            stop = min(start + BLOCK, n_reference)
            product = products[: stop - start]
            product[:] = 1.0
            for j in range(numbers.shape[1]):
                here, floor = numbers[i, j], number_floor[i, j]
                column = reference_numbers[j, start:stop]
                for row in range(stop - start):
                    product[row] *= min(SLOPE * abs(column[row] - here) + floor, MISMATCH)
            for j in range(codes.shape[1]):
                code, floor = codes[i, j], code_floor[i, j]
                levels = reference_codes[j, start:stop]
                for row in range(stop - start):
                    product[row] *= floor if levels[row] == code else MISMATCH
            if start <= itself[i] < stop:
                product[itself[i] - start] = np.inf
            for row in range(stop - start):
                total += 1.0 / product[row]
        found[i] = total
