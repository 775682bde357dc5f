"""Can train and holdout be told apart without looking at the synthetic table?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from synthaudit.checks._contents import contents_of
from synthaudit.checks._detector import told_apart
from synthaudit.checks._fits import kolmogorov_smirnov, total_variation
from synthaudit.checks._keys import as_numbers
from synthaudit.checks._two_samples import category_p_value, holm, number_p_value
from synthaudit.checks._units import one_row_each
from synthaudit.data.views import AuditorView
from synthaudit.errors import NotApplicable
from synthaudit.parallel import Context
from synthaudit.types import Card, ColumnKind, Estimate, Finding, Notice, ThreatModel

LEAST_ROWS = 10
MOST_NAMED = 8


@dataclass(frozen=True)
class ColumnTest:
    """One column of train against the same column of the holdout."""

    name: str
    p_value: float
    """Adjusted for the number of columns (Holm)."""
    distance: float
    """Total variation (categories) or Kolmogorov-Smirnov distance (numbers), in [0, 1]."""


def compare_columns(view: AuditorView) -> tuple[ColumnTest, ...]:
    """Every column of train tested against the holdout's, the most different first."""
    # several rows of one person are no independent draws: one of them speaks for the person
    train, holdout = (
        view.table(name).take(one_row_each(view.units(name))) for name in ("train", "holdout")
    )
    numbers, categories = view.schema.numbers, view.schema.categories
    p_values, distances = [], []
    for j in range(len(numbers)):
        a, b = train.values[:, j], holdout.values[:, j]
        p_values.append(number_p_value(a, b))
        distances.append(kolmogorov_smirnov(a, b))
    for j in range(len(categories)):
        first, second = train.codes[:, j], holdout.codes[:, j]
        p_values.append(category_p_value(first, second))
        distances.append(total_variation(first, second))
    tests = [
        ColumnTest(*columns)
        for columns in zip(numbers + categories, holm(p_values), distances, strict=True)
    ]
    return tuple(sorted(tests, key=lambda test: (test.p_value, -test.distance)))


@dataclass(frozen=True)
class BlindClassifier:
    """A membership attack that never sees the release: whatever it finds is not leakage.

    When train and holdout come from different times, places or filters, every attack profits from
    the difference, and no membership figure can be trusted. Boosted trees and a logistic regression
    are cross-fitted; single columns are tested with the family-wise error held (Holm).

    Invalid when the AUC's whole interval lies at or above ``invalid_from`` (an attack could reach
    that without any leak); a warning when a difference is certain but slight.

    What it cannot show: differences that neither model nor any single column reveals.

    Attributes
    ----------
    invalid_from : float
        0.6, an advantage of about 0.15: an attack figure of that size would mean nothing.
    level : float
        p-value of a single column, and one-sided level of the AUC, from which it is a warning.
    """

    confidence: float = 0.95
    invalid_from: float = 0.6
    level: float = 1e-3

    card: ClassVar[Card] = Card(
        id="blind_classifier",
        title="Train and holdout told apart blindly",
        question="Are train and holdout drawn from the same population?",
        how_to_read=(
            "0.5 means that train and holdout cannot be told apart, as a random split gives. Well "
            "above it, an attack can find members without the synthetic table, so that its success "
            "proves nothing: draw the holdout at random from the same rows as train."
        ),
        references=(
            "Das, Zhang and Tramer (2024), arXiv:2406.16201: blind baselines",
            "Holm (1979), Scandinavian Journal of Statistics 6:65: step-down adjustment",
        ),
        threat_model=ThreatModel.AUDITOR,
    )

    def run(self, view: AuditorView, context: Context) -> Finding:
        """Tell the tables apart by whole rows and by single columns."""
        contents_of(view)
        if min(view.train.n_rows, view.holdout.n_rows) < LEAST_ROWS:
            raise NotApplicable(
                f"Telling train and holdout apart needs at least {LEAST_ROWS} rows in each."
            )
        verdicts = told_apart(view, "train", "holdout", context)
        auc = verdicts.auc(
            "blind_auc", self.confidence, "train against holdout, synthetic table not used"
        )
        strict = verdicts.auc("blind_auc", 1 - 2 * self.level)
        columns = compare_columns(view)
        different = [test for test in columns if test.p_value <= self.level]
        worst = columns[0]
        estimates = (
            auc,
            Estimate(
                "smallest_column_p_value", worst.p_value, None, None, len(columns), None,
                self.confidence,
                "Mann-Whitney, Kolmogorov-Smirnov, Fisher or chi-squared, Holm-adjusted",
                f"column {worst.name!r}; {len(different)} of {len(columns)} columns differ",
            ),
            Estimate(
                "largest_column_distance", worst.distance, None, None, len(columns), None,
                self.confidence, "total variation or Kolmogorov-Smirnov distance",
                f"column {worst.name!r}, the one with the smallest p-value",
            ),
        )  # fmt: skip
        found = strict.low is not None and strict.low > 0.5
        notices = [self._notice(auc, found, different)] if found or different else []
        order = _identifier_order(view, self.level / 10)
        return Finding(estimates, notices=(*notices, *order))

    def _notice(self, auc: Estimate, found: bool, different: list[ColumnTest]) -> Notice:
        named = ", ".join(repr(test.name) for test in different[:MOST_NAMED])
        more = f" and {len(different) - MOST_NAMED} more" if len(different) > MOST_NAMED else ""
        where = f" Columns that differ: {named}{more}." if different else ""
        low = auc.low or 0.0
        how_well = f"AUC {auc.value or 0.0:.2f} [{low:.2f}, {auc.high or 0.0:.2f}]"
        if found and low >= self.invalid_from:
            return Notice(
                "train-and-holdout-differ",
                f"Train and holdout can be told apart without the synthetic table ({how_well}), so "
                f"an attack can succeed without any leak.{where} Draw the holdout at random from "
                "the rows that train was drawn from, and audit again.",
                "holdout",
                None,
                "invalid",
            )
        return Notice(
            "train-and-holdout-differ-slightly",
            f"Train and holdout are not quite alike ({how_well} without the synthetic table)."
            f"{where} Read attack figures of this size as no leak; a holdout drawn at random from "
            "the same rows as train would settle it.",
            "holdout",
            None,
            "warn",
        )


def _identifier_order(view: AuditorView, level: float) -> tuple[Notice, ...]:
    """Numeric identifiers that run higher in one table: the split followed the row order."""
    from scipy.stats import mannwhitneyu

    notices = []
    for name in view.schema.of_kind(ColumnKind.IDENTIFIER):
        a, b = (as_numbers(view.frames[table][name]) for table in ("train", "holdout"))
        if a is None or b is None:
            continue
        if float(mannwhitneyu(a, b, method="asymptotic").pvalue) <= level:
            notices.append(
                Notice(
                    "split-follows-identifier",
                    f"Identifier {name!r} runs higher in one of train and holdout, so the split "
                    "followed the order of the rows; bounds that assume a random split (epsilon, "
                    "permutation p-values) are weaker than they look.",
                    None,
                    name,
                    "warn",
                )
            )
    return tuple(notices)


PLUGINS = (BlindClassifier(),)
