"""Are there enough rows, and enough different ones, for any conclusion?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from synthaudit.counted import plural
from synthaudit.data.views import AuditorView
from synthaudit.parallel import Context
from synthaudit.stats.power import detectable_auc
from synthaudit.types import Card, Estimate, Finding, Notice, ThreatModel


@dataclass(frozen=True)
class Sizes:
    """Counts rows and says what that many could show at all.

    With m rows on the smaller side of train and holdout a rank-sum test at 5 % sees, with 80 %
    power, an attack AUC no smaller than the one given (normal approximation).

    Attributes
    ----------
    few_real, few_synthetic : int
        Below this many rows a warning says that no conclusion is safe.
    lopsided_from : float
        Ratio of the real tables' sizes from which the smaller one limits everything.
    """

    confidence: float = 0.95
    few_real: int = 100
    few_synthetic: int = 100
    lopsided_from: float = 20.0

    card: ClassVar[Card] = Card(
        id="sizes",
        title="Enough rows",
        question="Are there enough rows for the audit to see a leak if there is one?",
        how_to_read=(
            "The smallest detectable AUC is what an attack would have to reach to be noticed with "
            "this many rows. A pass means little when it is far above 0.5."
        ),
        references=("Hanley and McNeil (1982), doi:10.1148/radiology.143.1.7063747: power",),
        threat_model=ThreatModel.AUDITOR,
    )

    def run(self, view: AuditorView, context: Context) -> Finding:
        """Count, and say what can be seen."""
        n_train, n_holdout = view.n_units("train"), view.n_units("holdout")
        smaller = min(n_train, n_holdout)
        visible = detectable_auc(smaller, smaller) if smaller >= 2 else None
        auc = Estimate(
            "smallest_detectable_auc", visible, visible, visible, smaller, 0.5, self.confidence,
            "80 % power, 5 % level, two-sided rank-sum test, normal approximation",
            "" if visible is not None else "no attack could be noticed with so few rows",
        )  # fmt: skip
        return Finding((auc,), notices=tuple(self._notices(view, visible)))

    def _notices(self, view: AuditorView, visible: float | None) -> list[Notice]:
        notices = []
        sizes = {name: view.n_units(name) for name in ("train", "holdout")}
        units = "rows" if view.persons is None else "persons"
        name = min(sizes, key=lambda table: sizes[table])
        if sizes[name] < self.few_real:
            seen = (
                f"only an attack AUC above {visible:.2f} could be noticed"
                if visible is not None
                else "no attack could be noticed"
            )
            notices.append(
                _warning(
                    "too-few-real-rows",
                    f"The {name} table has {sizes[name]} {units}: {seen}, so a result without "
                    f"leak means little; a few hundred {units} on either side are needed.",
                    name,
                )
            )
        elif max(sizes.values()) >= self.lopsided_from * sizes[name]:
            notices.append(
                _warning(
                    "lopsided-sizes",
                    f"The {name} table has {sizes[name]} {units} and the other real table "
                    f"{max(sizes.values())}: the smaller one limits what can be seen.",
                    name,
                )
            )
        if view.synthetic.n_rows < self.few_synthetic:
            notices.append(
                _warning(
                    "too-few-synthetic-rows",
                    f"The synthetic table has {plural(view.synthetic.n_rows, 'row')}: a release of "
                    "more rows by the same generator gives more away than this audit sees; audit "
                    "as many rows as will be released.",
                    "synthetic",
                )
            )
        if view.train.n_columns == 0:
            notices.append(
                _warning(
                    "nothing-to-compare",
                    "No column varies among the real rows or takes part in comparisons, so nothing "
                    "about leakage can be said.",
                    None,
                )
            )
        return notices


def _warning(code: str, message: str, table: str | None) -> Notice:
    return Notice(code, message, table, None, "warn")


PLUGINS = (Sizes(),)
