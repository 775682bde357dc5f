"""Hand-made comparisons: two tables told apart, several over time, audits that are not alike."""

from __future__ import annotations

from synthaudit.report.comparison import Compared, Comparison, Difference, Pair
from synthaudit.report.sections import Tool
from synthaudit.types import Interval, Level, ThreatModel


def around(value: float, half: float) -> Interval:
    return Interval(value, value - half, value + half)


def table(
    number: int,
    label: str,
    level: Level,
    score: float | None,
    advantage: float | None,
    day: str = "2026-11-23",
    fidelity: float = 0.95,
    policy: str = "default",
) -> Compared:
    nothing = Interval(None, None, None)
    measured = advantage is not None
    gain = advantage or 0.0
    return Compared.model_validate(
        {
            "number": number,
            "label": label,
            "source": f"{label}.csv",
            "sha256": f"{number}9a6c21{number}" * 8,
            "created": f"{day}T10:04:31Z",
            "level": level,
            "policy": policy,
            "score": nothing if score is None else around(score, 4.0),
            "attack": "Generator shadows" if measured else None,
            "threat_model": ThreatModel.STAND_IN if measured else None,
            "advantage": around(gain, 0.024) if measured else nothing,
            "auc": around(0.5 + gain / 2.6, 0.0145) if measured else nothing,
            "tpr_at_fpr_0.01": around(0.012 + gain * 0.6, 0.008) if measured else nothing,
            "identified": Interval(0.0, 0.0, 0.0012) if measured else nothing,
            "n_members": 3000,
            "n_nonmembers": 3000,
            "fidelity": around(fidelity, 0.012),
            "fidelity_of_holdout": 0.961,
        }
    )


def pair(first: Compared, second: Compared, *, paired: bool = True) -> Pair:
    half = 0.018 if paired else 0.04
    differences = []
    for quantity in ("advantage", "auc", "tpr_at_fpr_0.01"):
        one, other = first.quantity(quantity).value, second.quantity(quantity).value
        assert one is not None and other is not None
        gap = one - other
        low, high = gap - half, gap + half
        differences.append(
            Difference(
                quantity=quantity, value=gap, low=low, high=high, told_apart=low > 0 or high < 0
            )
        )
    why = (
        ""
        if paired
        else "the two audits attacked other people (their train or holdout files differ)"
    )
    return Pair(
        first=first.number,
        second=second.number,
        paired=paired,
        why=why,
        differences=tuple(differences),
    )


def comparison(
    *tables: Compared, paired: bool = True, cautions: tuple[str, ...] = ()
) -> Comparison:
    known = [t for t in tables if t.is_measured]
    pairs = tuple(
        pair(one, other, paired=paired) for i, one in enumerate(known) for other in known[i + 1 :]
    )
    return Comparison(
        tool=Tool(version="0.1.0"),
        created="2026-11-24T08:00:00Z",
        tables=tables,
        pairs=pairs,
        cautions=cautions,
    )


def two() -> Comparison:
    """A leaky and a quiet table from the same people."""
    return comparison(
        table(1, "vendor-a", Level.FAIL, 17, 0.64, fidelity=0.966),
        table(2, "vendor-b", Level.PASS, 71, 0.06, fidelity=0.83),
    )


def releases() -> Comparison:
    """Four releases over the months, the middle two alike."""
    return comparison(
        table(1, "2026-08", Level.FAIL, 21, 0.41, "2026-08-03", 0.97),
        table(2, "2026-09", Level.INCONCLUSIVE, 52, 0.097, "2026-09-02", 0.95),
        table(3, "2026-10", Level.PASS, 56, 0.088, "2026-10-02", 0.94),
        table(4, "2026-11", Level.PASS, 93, 0.012, "2026-11-02", 0.91),
    )


def unlike() -> Comparison:
    """Audits that cannot be set against one another, and some that hardly can."""
    return comparison(
        table(1, "hospital-north", Level.PASS, 90, 0.02),
        table(2, "hospital-south", Level.PASS, 88, 0.025, policy="strict"),
        table(3, "broken", Level.INVALID, None, None),
        paired=False,
        cautions=(
            "The policies differ, so the scores and verdicts do not compare; the differences "
            "below do not depend on a policy.",
            "broken (table 3) has no numbers that may be compared.",
        ),
    )


COMPARISONS = {"two": two, "releases": releases, "unlike": unlike}
