"""From rows to persons: one score a person, so that every count downstream is of persons.

Several rows of one person are one question ("was this person in training?") with several chances
to be answered. Two answers are combined, and the more surprising of the two is taken: all rows a
little (Fisher), or one row very much (the smallest p-value), each calibrated for the number of rows
so that a person with many rows does not win by having them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from synthaudit.stats.ranks import midranks
from synthaudit.types import Bools, Floats, Ints


def by_person(scores: Floats, persons: Ints) -> Floats:
    """One score a person from the scores of the person's rows, label-blind.

    A row's upper-tail p-value is its place among all candidates, ``(n - rank + 1/2) / n``. For a
    person with k rows, Fisher's combination has the survival function of chi-squared with 2k
    degrees of freedom at ``-2 sum log p``; the smallest p has ``1 - (1 - p)^k`` (Sidak). The score
    is minus the logarithm of the smaller of the two. With one row a person it is ``-log p``: the
    order of scores stays as it is.

    Parameters
    ----------
    scores : (n,) float64
    persons : (n,) int64
        0.., every number occurring.

    Returns
    -------
    (n_persons,) float64

    What it cannot show: rows of one person resemble each other, so the combined p-values are not
    calibrated probabilities. Nothing rests on that: persons are compared with persons, and all are
    combined alike.

    References
    ----------
    R. A. Fisher (1932), Statistical Methods for Research Workers, 4th ed., section 21.1; Z. Sidak
    (1967), doi:10.1080/01621459.1967.10482935. Taking the smaller of the two: this project's own.
    """
    n = scores.size
    log_p = np.log((n - midranks(scores) + 0.5) / n)
    rows = np.bincount(persons).astype(np.float64)
    total = np.bincount(persons, weights=log_p).astype(np.float64)
    fisher = _log_survival(-total, rows)
    smallest = np.full(rows.size, 0.0)
    np.minimum.at(smallest, persons, log_p)
    # log(1 - (1 - p)^k) without losing the small ones
    with np.errstate(divide="ignore"):
        sidak = np.log(-np.expm1(rows * np.log1p(-np.minimum(np.exp(smallest), 1.0))))
    answer: Floats = -np.where(rows == 1, total, np.minimum(fisher, sidak))
    return answer


def _log_survival(z: Floats, k: Floats) -> Floats:
    """log P(Gamma(k) > z), by its leading tail term where the probability underflows."""
    from scipy.special import gammaincc, gammaln

    survival = gammaincc(k, z)
    far = survival < 1e-290
    tail = -z + (k - 1.0) * np.log(z) - gammaln(k) - np.log1p(-np.minimum((k - 1.0) / z, 0.99))
    answer: Floats = np.where(far, tail, np.log(np.where(far, 1.0, survival)))
    return answer


def all_by_person(scores: Mapping[str, Floats], persons: Ints) -> dict[str, Floats]:
    """:func:`by_person` of every attack."""
    return {name: by_person(values, persons) for name, values in scores.items()}


def labels_by_person(is_member: Bools, persons: Ints) -> Bools:
    """Membership of every person; nobody's rows lie on both sides."""
    labels = np.zeros(int(persons.max(initial=-1)) + 1, dtype=np.bool_)
    labels[persons] = is_member
    return labels


def largest_by_person(values: Floats, persons: Ints) -> Floats:
    """The largest of each person's rows: a person is as isolated as the most isolated row."""
    largest = np.full(int(persons.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(largest, persons, values)
    return largest
