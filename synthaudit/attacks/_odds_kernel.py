"""The compiled sums behind ``kernel_ratio`` and ``parentage``; imported only when those run.

The odds of a candidate and a row are one over the product, over columns, of the coincidence of
their values (see ``_coincidence``). Columns outside, rows inside: the inner loops vectorise.
"""

from __future__ import annotations

import numpy as np

from synthaudit.neighbors.compiled import kernel, part
from synthaudit.types import Codes, Floats, Ints

BLOCK = 256
SLOPE = 4.0
MISMATCH = 2.0


@part
def coincidences(
    numbers: Floats,
    codes: Codes,
    number_floor: Floats,
    code_floor: Floats,
    reference_numbers: Floats,
    reference_codes: Codes,
    start: int,
    product: Floats,
) -> None:
    """Product of coincidences of one candidate with the rows from ``start`` on.

    ``numbers``, ``codes`` and the floors are the candidate's row; ``reference_*`` are column-major.
    """
    n_rows = product.size
    product[:] = 1.0
    for j in range(numbers.size):
        here, floor = numbers[j], number_floor[j]
        column = reference_numbers[j, start : start + n_rows]
        for row in range(n_rows):
            product[row] *= min(SLOPE * abs(column[row] - here) + floor, MISMATCH)
    for j in range(codes.size):
        code, floor = codes[j], code_floor[j]
        levels = reference_codes[j, start : start + n_rows]
        for row in range(n_rows):
            product[row] *= floor if levels[row] == code else MISMATCH


@kernel
def sum_of_odds(
    numbers: Floats,
    codes: Codes,
    number_floor: Floats,
    code_floor: Floats,
    reference_numbers: Floats,
    reference_codes: Codes,
    itself: Ints,
    scratch: Floats,
    found: Floats,
) -> None:
    """For every candidate, the sum of its odds with all reference rows but ``itself[i]`` (or -1).

    ``scratch`` holds ``BLOCK`` doubles.
    """
    n_reference = reference_numbers.shape[1]
    for i in range(numbers.shape[0]):
        total = 0.0
        for start in range(0, n_reference, BLOCK):
            n_rows = min(BLOCK, n_reference - start)
            product = scratch[:n_rows]
            coincidences(
                numbers[i],
                codes[i],
                number_floor[i],
                code_floor[i],
                reference_numbers,
                reference_codes,
                start,
                product,
            )
            if start <= itself[i] < start + n_rows:
                product[itself[i] - start] = np.inf
            for row in range(n_rows):
                total += 1.0 / product[row]
        found[i] = total


@kernel
def largest_share(
    numbers: Floats,
    codes: Codes,
    number_floor: Floats,
    code_floor: Floats,
    reference_numbers: Floats,
    reference_codes: Codes,
    first: int,
    last: int,
    scratch: Floats,
    totals: Floats,
    found: Floats,
) -> None:
    """The largest share a candidate has in the odds of any reference row in ``[first, last)``.

    ``scratch`` and ``totals`` hold ``BLOCK`` doubles; ``found`` (n_candidates,) is raised to the
    shares found. Odds are worked out twice, once for the rows' totals: cheaper than keeping them.
    """
    for start in range(first, last, BLOCK):
        n_rows = min(BLOCK, last - start)
        product, total = scratch[:n_rows], totals[:n_rows]
        total[:] = 0.0
        for again in range(2):
            for i in range(numbers.shape[0]):
                coincidences(
                    numbers[i],
                    codes[i],
                    number_floor[i],
                    code_floor[i],
                    reference_numbers,
                    reference_codes,
                    start,
                    product,
                )
                if again == 0:
                    for row in range(n_rows):
                        total[row] += 1.0 / product[row]
                else:
                    best = found[i]
                    for row in range(n_rows):
                        best = max(best, 1.0 / (product[row] * total[row]))
                    found[i] = best
