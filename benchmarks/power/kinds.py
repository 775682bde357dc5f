"""What kind of leak a case holds: the words the tables, pictures and goals group by."""

from __future__ import annotations

import re

PLANTED = {
    "copy": "rows copied",
    "outliers": "outliers copied",
    "near": "rows copied with noise",
    "round": "rows copied, rounded",
    "datejitter": "rows copied, dates moved",
    "catswap": "rows copied, categories changed",
    "both": "rows copied, noise and categories changed",
    "splice": "two rows spliced",
    "shift1col": "one column shifted",
    "dcrmiss-shift": "columns shifted",
    "dcrmiss-offset": "columns shifted",
    "dcrmiss-scale": "columns rescaled",
    "dcrmiss-rotate": "columns rotated",
    "permcol": "columns permuted",
    "idleak": "identifiers replayed",
    "subgroup": "one subgroup copied",
    "collapse": "one row repeated",
    "reversed": "holdout copied",
}
GENERATORS = {
    "cart1": "sequential trees, leaf 1",
    "cart5": "sequential trees, leaf 5",
    "smote": "interpolation (SMOTE)",
    "noisy": "noisy copies",
    "kde": "kernel smoothing",
    "bn": "Bayesian network",
    "gc": "Gaussian copula (SDV)",
    "tvae": "TVAE",
    "ctgan": "CTGAN",
    "ddpm": "diffusion model",
    "dp-": "differentially private",
    "privbayes": "differentially private",
    "indep": "independent columns",
    "resample": "fresh real rows",
    "null": "fresh real rows",
    "TabDDPM": "diffusion model",
}


def kind_of(case: str, generator: str) -> str:
    """The kind in words; planted leaks by what was planted, others by who made the table."""
    if case.startswith("inv__"):
        return "malformed or invalid inputs"
    name = case.split("__", 1)[1] if "__" in case else case
    name = name.split("__", 1)[1] if "__" in name else name  # replicates: rep__table__what
    if "-over-" in name:
        return "rows copied into a generator's output"
    for start, words in PLANTED.items():
        if name.startswith(start):
            return words
    for start, words in GENERATORS.items():
        if name.startswith(start) or generator.startswith(start):
            return words
    return re.sub(r"[^\w ().-]", "", generator) or "other"


def is_null(case: str) -> bool:
    """Fresh rows of the population: nothing can leak."""
    return "resample" in case or "null-" in case
