"""One column, two tables: do they come from the same population?"""

from __future__ import annotations

import numpy as np

from synthaudit.types import Codes, Floats, Ints

LEAST_EXPECTED = 5.0


def number_p_value(first: Floats, second: Floats) -> float:
    """Three times the smallest p-value of three tests (Bonferroni).

    Mann-Whitney sees a shift, Kolmogorov-Smirnov any other change of shape, Fisher's test a change
    of missingness.

    Parameters
    ----------
    first, second : (n,) and (m,) float64, NaN for missing
    """
    from scipy.stats import fisher_exact, ks_2samp, mannwhitneyu

    gaps = [int(np.isnan(part).sum()) for part in (first, second)]
    a, b = first[~np.isnan(first)], second[~np.isnan(second)]
    p_values = []
    if sum(gaps):
        table = np.array([[gaps[0], a.size], [gaps[1], b.size]])
        p_values.append(float(fisher_exact(table).pvalue))
    if a.size and b.size and a.size + b.size > 2:  # two values are no sample of anything
        p_values.append(float(mannwhitneyu(a, b, method="asymptotic").pvalue))
        p_values.append(float(ks_2samp(a, b, method="asymp").pvalue))
    p_values = [p for p in p_values if np.isfinite(p)]
    return min(1.0, 3 * min(p_values, default=1.0))


def category_p_value(first: Codes, second: Codes) -> float:
    """Chi-squared test of homogeneity, levels expected fewer than five times pooled into one.

    Parameters
    ----------
    first, second : (n,) and (m,) int32 codes from 0
    """
    from scipy.stats import chi2_contingency, fisher_exact

    size = int(max(first.max(initial=0), second.max(initial=0))) + 1
    table: Ints = np.stack([np.bincount(part, minlength=size) for part in (first, second)])
    table = table[:, table.sum(axis=0) > 0]
    smaller = min(first.size, second.size) / max(first.size + second.size, 1)
    rare = table.sum(axis=0) * smaller < LEAST_EXPECTED
    if rare.sum() > 1:
        table = np.concatenate([table[:, ~rare], table[:, rare].sum(axis=1)[:, None]], axis=1)
    if table.shape[1] < 2:
        return 1.0
    if table.shape == (2, 2):
        return float(fisher_exact(table).pvalue)
    return float(chi2_contingency(table, correction=False).pvalue)


def holm(p_values: list[float]) -> list[float]:
    """Holm's step-down adjustment (1979): the family-wise level holds whatever the dependence."""
    order = np.argsort(p_values)
    adjusted = np.empty(len(p_values))
    running = 0.0
    for place, j in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - place) * p_values[j]))
        adjusted[j] = running
    return [float(p) for p in adjusted]
