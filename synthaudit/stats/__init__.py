"""Statistics: arrays in, :class:`~synthaudit.types.Estimate` and frozen dataclasses out.

No frames and no files here. ``scores`` is (n,) float64 with higher = more likely a member,
``is_member`` is (n,) bool. scipy is imported only where it is used.
"""

from synthaudit.stats.epsilon import epsilon_from_attack, epsilon_one_run
from synthaudit.stats.evaluation import FPRS, evaluate
from synthaudit.stats.identified import (
    Identified,
    identified,
    level_at_prevalence,
    precision_at_top,
)
from synthaudit.stats.permutation import PermutationTest, permutation_test
from synthaudit.stats.persons import (
    all_by_person,
    by_person,
    labels_by_person,
    largest_by_person,
)
from synthaudit.stats.power import Power, power_of
from synthaudit.stats.roc import exact_roc, roc_curve
from synthaudit.stats.strata import (
    Stratum,
    exposure_by_isolation,
    exposure_by_stratum,
    isolation_bins,
)
from synthaudit.stats.strongest import Strongest, strongest

__all__ = [
    "FPRS",
    "Identified",
    "PermutationTest",
    "Power",
    "Stratum",
    "Strongest",
    "all_by_person",
    "by_person",
    "epsilon_from_attack",
    "epsilon_one_run",
    "evaluate",
    "exact_roc",
    "exposure_by_isolation",
    "exposure_by_stratum",
    "identified",
    "isolation_bins",
    "labels_by_person",
    "largest_by_person",
    "level_at_prevalence",
    "permutation_test",
    "power_of",
    "precision_at_top",
    "roc_curve",
    "strongest",
]
