"""The first screen's two other answers, and how counts are told: short, ordered, one-sided."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from example_reports import EXAMPLES, failing, inconclusive, invalid, passing
from test_report_words import check

from synthaudit.report import brief, explain, findings, glance, groups, numbers, plots
from synthaudit.report.model import AuditReport
from synthaudit.report.sections import ColumnExposure, PlantedLeak, Stratum
from synthaudit.types import Curve, Estimate, Interval, Schema


def test_how_sure_is_said_from_the_interval_and_the_inputs() -> None:
    assert glance.sureness(failing()).startswith("The 95% interval of the score, ")
    assert (
        "lies wholly below the limit of 50: chance does not explain this leak. Nothing was"
        in glance.sureness(failing())
    )
    assert "An advantage of 0.041 or more would have shown with 80% probability" in glance.sureness(
        passing()
    )
    unsure = glance.sureness(inconclusive())
    assert "reaches across the limit of 50. About 1,900 members" in unsure
    assert glance.sureness(invalid()).startswith("There is no score")


def test_doubts_are_named_on_the_first_screen() -> None:
    tests = failing().validity
    broken = (tests[0].model_copy(update={"passed": False}), *tests[1:])
    report = AuditReport.model_validate(dict(failing()) | {"validity": broken})
    assert f"In doubt: {tests[0].title}." in glance.sureness(report)
    untested = AuditReport.model_validate(dict(failing()) | {"validity": ()})
    assert "fit for its purpose was not tested" in glance.sureness(untested)


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_to_do_is_the_first_advice(name: str) -> None:
    report = EXAMPLES[name]()
    first = {
        "pass": "Try a stronger attacker",
        "partial": "Try a stronger attacker",
        "fail": "Hold this release back",
        "inconclusive": "Do not read this as a pass",
        "invalid": "Mend the inputs first",
    }[name]
    assert first in glance.action(report)
    assert first in report._repr_html_() and "How sure" in report._repr_html_()


def test_a_condition_is_broken_on_one_side_only() -> None:
    """A leaky table repeats the holdout less than chance gives: no doubt about the files."""
    below = check(
        "swapped_files", Estimate("excess_copies_of_holdout", -0.01, -0.02, -0.005, 9, 0.0)
    )
    above = check("swapped_files", Estimate("excess_copies_of_holdout", 0.01, 0.005, 0.02, 9, 0.0))
    report = failing()
    assert (explain.check_level(below, report), explain.check_state(below, report)) == (
        "PASS",
        "holds",
    )
    assert (explain.check_level(above, report), explain.check_state(above, report)) == (
        "notice",
        "in doubt",
    )
    count = check("exact_copies", Estimate("excess_copies", -0.01, -0.02, -0.005, 9, 0.0))
    assert explain.check_state(count, report) == "less than without a leak"


def test_the_summary_tells_the_farthest_counts_first() -> None:
    def share(id_: str, value: float) -> Estimate:
        return Estimate(f"excess_{id_}", value, value - 0.01, value + 0.01, 99, 0.0)

    found = tuple(check(id_, share(id_, v)) for id_, v in
                  (("a", 0.02), ("b", 0.6), ("c", 0.3), ("d", 0.05), ("e", 0.04)))  # fmt: skip
    report = AuditReport.model_validate(dict(failing()) | {"results": found, "columns": ()})
    told = next(b.answer for b in brief.briefs(report) if b.anchor == "causes")
    assert told == (
        "Unlike a table that does not leak: b 60% (0% without a leak); c 30% (0% without a leak); "
        "d 5% (0% without a leak); and 2 other counts."
    )


def test_planted_leaks_are_told_by_the_border_of_what_is_seen() -> None:
    report = failing()
    assert findings.yardstick_sentence(report) == (
        "Of 3 leaks planted on purpose in this very table 2 were seen, the smallest: 1% of "
        "training rows copied. Not seen: 0.1% of training rows copied."
    )
    baseline = PlantedLeak(label="nothing planted", share=0.0, seen=True)
    untold = tuple(leak.model_copy(update={"seen": None}) for leak in report.yardstick)
    leaky = AuditReport.model_validate(dict(report) | {"yardstick": (baseline, *untold)})
    assert "leaks by itself, so they cannot be told" in findings.yardstick_sentence(leaky)
    assert [findings.planted_state(leak) for leak in leaky.yardstick[:2]] == [
        "leaks by itself",
        "cannot be told",
    ]
    blind = tuple(leak.model_copy(update={"seen": False}) for leak in report.yardstick)
    report = AuditReport.model_validate(dict(report) | {"yardstick": blind})
    assert findings.yardstick_sentence(report).endswith("none was seen.")
    assert findings.yardstick_sentence(inconclusive()) == ""


def test_ends_that_differ_do_not_print_alike() -> None:
    assert numbers.span(Interval(0.629, 0.6272, 0.6294), "percent") == "62.72% to 62.94%"
    assert numbers.span(Interval(49.4, 49.38, 49.47), "score") == "49.4 to 49.5"
    assert numbers.span(Interval(0.0, 0.0, 0.0), "percent") == "0% to 0%"
    assert numbers.span(Interval(0.5, 0.5, 0.5), "percent") == "50% to 50%"
    # near an edge nothing may round onto it
    assert "100" not in numbers.span(Interval(0.9996, 0.99951, 0.99962), "percent")


def test_groups_by_isolation_and_by_column_are_tables_of_their_own() -> None:
    extra = tuple(
        Stratum(label=label, basis="sex", n_members=1000, n_nonmembers=1000,
                tpr=Interval(0.2, 0.18, 0.22), auc=Interval(0.6, 0.58, 0.62))
        for label in ("first", "second")
    )  # fmt: skip
    report = AuditReport.model_validate(dict(failing()) | {"strata": (*extra, *failing().strata)})
    assert [kind.basis for kind in groups.by_basis(report)] == ["isolation", "sex"]
    page = report.to_html()
    assert "<caption>By isolation:" in page and "<caption>By sex:" in page


def test_wide_tables_and_many_groups_stay_one_small_page() -> None:
    """2,000 columns and 400 groups: the most exposed are shown, the rest are counted."""
    report = failing()
    first = report.inputs.schema_.columns[0]
    schema = Schema(tuple(replace(first, name=f"column_{i}") for i in range(2000)))
    exposures = tuple(
        ColumnExposure(column=f"column_{i}", alone=Interval(0.5 + i / 8000, 0.5, 0.9))
        for i in range(2000)
    )
    strata = tuple(
        Stratum(label=f"town {i}", basis="town", n_members=99, n_nonmembers=99, suppressed=i < 300,
                tpr=Interval(i / 500, 0.0, 0.9), auc=Interval(0.6, 0.5, 0.7))
        for i in range(400)
    )  # fmt: skip
    inputs = report.inputs.model_copy(update={"schema_": schema})
    wide = AuditReport.model_validate(
        dict(report) | {"inputs": inputs, "columns": exposures, "strata": strata}
    )
    page = wide.to_html()
    assert len(page.encode()) < 400_000
    assert "The 30 most telling of 2,000 columns" in page and "The first 300 of 2,000" in page
    assert "column_1999" in page and page.count("<code>column_") < 400
    assert "300 groups of too few people to be shown; 60 groups less exposed than these" in page
    assert "town 399" in page and "town 310" not in page


def test_the_near_end_of_distances_is_drawn_enlarged() -> None:
    x = tuple(i / 100 for i in range(101))
    curves = tuple(Curve(f"dcr_{n}", x, tuple(v**k for v in x), x_label="distance", y_label="share")
                   for n, k in (("train", 1.0), ("holdout", 1.2)))  # fmt: skip
    result = check("dcr_share", Estimate("dcr_share", 0.6, 0.5, 0.7, 9, 0.5))
    drawn = list(plots.panels(replace(result, curves=curves)))
    assert [title for _, title, _ in drawn] == ["Distance", "The nearest tenth of it"]
    assert max(y for curve in drawn[1][0] for y in curve.y) <= 0.1
    other = replace(result, curves=tuple(replace(c, name=f"nndr_{c.name}") for c in curves))
    assert len(list(plots.panels(other))) == 1


def test_every_attack_is_listed_under_its_attacker() -> None:
    report = failing()
    listed = [r.id for _, results in groups.by_attacker(report) for r in results]
    assert sorted(listed) == sorted(r.id for r in report.attacks)
    page = re.sub(r"(?s).*id=.attacks.", "", report.to_html())
    assert page.index("Outsider") < page.index("Attacker with a stand-in")
