"""Identifiers and free texts of training rows that come back in the synthetic table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from synthaudit.checks._excess import Excess, excess
from synthaudit.checks._keys import as_numbers
from synthaudit.checks._units import once_each
from synthaudit.data.views import AuditorView
from synthaudit.errors import NotApplicable
from synthaudit.parallel import Context
from synthaudit.stats.binomial import share_estimate
from synthaudit.types import Card, ColumnKind, Estimate, Finding, Notice, ThreatModel

if TYPE_CHECKING:
    import pandas as pd


def is_enumeration(values: pd.Series[Any]) -> bool:
    """Whether a column merely counts its rows: consecutive integers from 0 or 1, each once."""
    numbers = as_numbers(values)
    if numbers is None or numbers.size < 2 or numbers.size < len(values):
        return False
    numbers = np.sort(numbers)
    return bool(numbers[0] in (0.0, 1.0) and np.all(np.diff(numbers) == 1.0))


def replay(view: AuditorView, name: str, confidence: float) -> Excess | None:
    """Excess of one column's synthetic values found in train; None when it has no values.

    Shares are of synthetic rows with a value in the column; equal text, equal value.
    """
    import pandas as pd

    columns = {table: view.frames[table][name] for table in ("train", "holdout", "synthetic")}
    present = {table: column.dropna().astype(object) for table, column in columns.items()}
    n = len(present["synthetic"])
    if not n or not len(present["train"]) or not len(present["holdout"]):
        return None
    codes, distinct = pd.factorize(pd.concat(list(present.values()), ignore_index=True))
    ends = np.cumsum([len(column) for column in present.values()])
    parts = [part.astype(np.int64) for part in np.split(codes, ends[:-1])]
    sizes = []
    for side, table in enumerate(("train", "holdout")):
        whose = view.units(table)[columns[table].notna().to_numpy()]
        # what one person's rows repeat is one occurrence
        parts[side] = parts[side][once_each(parts[side], whose)]
        sizes.append(int(np.unique(whose).size))
    counts = [np.bincount(part, minlength=len(distinct)).astype(np.int64) for part in parts]
    return excess(counts[2], counts[0], counts[1], sizes[0], sizes[1], n, confidence)


@dataclass(frozen=True)
class IdentifierReplay:
    """Identifiers take no part in distances; they are tested here, value by value.

    A generator that invents identifiers re-uses none; one that draws from a small space re-uses
    those of train and of the holdout alike. What it cannot show: identifiers that were rewritten
    (another case, a prefix), and free text repeated in part.
    """

    confidence: float = 0.95

    card: ClassVar[Card] = Card(
        id="identifier_replay",
        title="Identifiers and texts replayed",
        question="Do identifiers or free texts of training rows come back in the synthetic table?",
        how_to_read=(
            "The excess is the share of synthetic rows that carry an identifier of a training row, "
            "beyond the share that would carry a holdout row's by coincidence. It should be zero."
        ),
        references=("Project's own; excess as in exact_copies",),
        threat_model=ThreatModel.AUDITOR,
    )

    def run(self, view: AuditorView, context: Context) -> Finding:
        """Count every identifier and text column; the worst one leads."""
        names = view.schema.of_kind(ColumnKind.IDENTIFIER, ColumnKind.TEXT)
        notices = []
        tested = []
        for name in names:
            if is_enumeration(view.frames["synthetic"][name]):
                notices.append(_enumeration(name))
            else:
                tested.append(name)
        # one interval per column: each a little wider, so that all of them hold together
        level = 1 - (1 - self.confidence) / max(len(tested), 1)
        answers = [(name, replay(view, name, level)) for name in tested]
        found = [(name, answer) for name, answer in answers if answer is not None]
        if not found:
            raise NotApplicable(
                "There is no identifier or free-text column whose values could be replayed."
            )
        found.sort(key=lambda pair: -pair[1].value)
        notices += [_replayed(name, answer) for name, answer in found if answer.low > 0]
        estimates = self._leading(*found[0], len(found))
        if len(found) > 1:
            estimates += [
                answer.estimate(f"excess_replay:{name}", _counted(answer)) for name, answer in found
            ]
        return Finding(tuple(estimates), notices=tuple(notices))

    def _leading(self, name: str, worst: Excess, n_columns: int) -> list[Estimate]:
        others = f", the worst of {n_columns} columns (intervals corrected for that)"
        where = f"column {name!r}{others if n_columns > 1 else ''}; {_counted(worst)}"
        estimates = [worst.estimate("excess_replay", where)]
        for side, share, null in (
            ("train", worst.found, worst.expected),
            ("holdout", worst.expected, None),
        ):
            name = f"replayed_{side}"
            e = share_estimate(name, share * worst.n, worst.n, confidence=self.confidence)
            note = f"share of synthetic values that occur in {side} (scaled to the size of train)"
            estimates.append(
                Estimate(
                    name, e.value, e.low, e.high, e.n, null, e.confidence, e.method, note
                )
            )  # fmt: skip
        return estimates


def _counted(answer: Excess) -> str:
    return (
        f"{round(answer.found * answer.n)} of {answer.n} synthetic values occur in train; of the "
        f"values seen once among the real rows and replayed, {answer.n_units_train} lie in train "
        f"and {answer.n_units_holdout} in the holdout"
    )


def _replayed(name: str, answer: Excess) -> Notice:
    return Notice(
        "identifiers-replayed",
        f"Column {name!r} of the synthetic table repeats identifiers or texts of training rows in "
        f"{answer.value:.1%} of its rows beyond coincidence: drop or regenerate the column.",
        "synthetic",
        name,
        "warn",
    )


def _enumeration(name: str) -> Notice:
    return Notice(
        "identifier-enumerated",
        f"Column {name!r} of the synthetic table merely numbers its rows, so its values were not "
        "compared with those of train.",
        "synthetic",
        name,
    )


PLUGINS = (IdentifierReplay(),)
