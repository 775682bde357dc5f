"""The words: made from the numbers, honest about chance, and never promising."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from example_reports import EXAMPLES, failing, inconclusive, passing
from hypothesis import given, settings
from hypothesis import strategies as st

from synthaudit.report import (
    attackers,
    explain,
    findings,
    groups,
    quantities,
    scope,
    sentences,
    words,
)
from synthaudit.report.model import AuditReport
from synthaudit.report.sections import Stratum
from synthaudit.types import Estimate, Interval, Level, Result, Status, ThreatModel

ALL = pytest.mark.parametrize("name", EXAMPLES)
PROMISES = re.compile(r"(?i)\b(safe|safely|anonymous|anonymi[sz]ed|compliant|compliance|no risk)\b")


def told(page: str) -> str:
    """What a page says, without tags and style."""
    page = re.sub(r"(?s)<style>.*?</style>", " ", page)
    return unescape(re.sub(r"<[^>]+>", " ", page))


@ALL
def test_no_rendering_promises_anything(name: str) -> None:
    report = EXAMPLES[name]()
    for text in (report.to_text(), report.to_markdown(), told(report.to_html())):
        assert PROMISES.findall(text) == []
        assert not re.search(r"\b(nan|None|inf)\b", text)


def with_headline(report: AuditReport, **numbers: Interval) -> AuditReport:
    assert report.headline is not None
    headline = report.headline.model_copy(update=numbers)
    return AuditReport.model_validate(dict(report) | {"headline": headline})


def test_the_answer_names_the_attacker_and_what_guessing_gives() -> None:
    for name, make in EXAMPLES.items():
        answer = words.answer(make())
        if name != "invalid":
            assert "who holds" in answer
            assert "guessing" in answer
    stronger = with_headline(failing(), tpr_at_fpr_0_01=Interval(0.9, 0.88, 0.92))
    assert "about 502 of 1,000" in words.answer(failing())
    assert "about 900 of 1,000" in words.answer(stronger)
    insider = with_headline(failing(), threat_model=ThreatModel.INSIDER)  # type: ignore[arg-type]
    assert "an insider who holds" in words.answer(insider)


def test_no_evidence_and_evidence_of_none_are_different_sentences() -> None:
    quiet = " ".join(words.evidence_sentences(passing()))
    assert "no evidence of a leak; it is evidence that these attacks find none larger" in quiet
    assert "0.032" in quiet
    loud = " ".join(words.evidence_sentences(failing()))
    assert "This is evidence of a leak: its size, as an advantage, is at least 0.667" in loud
    unsized = with_headline(inconclusive(), auc=Interval(0.6, 0.55, 0.65))
    text = " ".join(words.evidence_sentences(unsized))
    assert "its size is not settled: an advantage up to 0.169" in text


def test_inconclusive_says_what_would_settle_it() -> None:
    assert "About 1,900 members and as many non-members would settle it" in (
        scope.settle_sentence(inconclusive())
    )
    assert scope.settle_sentence(passing()) == ""


def test_a_leak_that_is_only_copies_is_told_as_copies() -> None:
    report = failing()
    parts = tuple(
        part if part.id == "copies" else replace(part, level=Level.PASS, score=Interval(90, 80, 99))
        for part in report.verdict.components
    )
    verdict = replace(report.verdict, components=parts)
    only = AuditReport.model_validate(dict(report) | {"verdict": verdict})
    assert words.answer(only).startswith("Yes, by looking: 2.1% of the synthetic rows repeat")


def test_unresolved_rates_are_said_to_be_unresolved() -> None:
    sentence = sentences.tail_sentence("0.001", Interval(None, None, None))
    assert "not resolvable" in sentence
    assert "0 " not in sentence.replace("0.1%", "")


@given(st.floats(0, 1))
@settings(max_examples=200)
def test_people_in_the_tail_sentence(value: float) -> None:
    sentence = sentences.tail_sentence("0.01", Interval(value, value / 2, (1 + value) / 2))
    assert ("none can be named" in sentence) == (value == 0)
    assert ("all can be named" in sentence) == (value == 1)
    assert "guessing names 10" in sentence


def test_every_measured_result_is_explained_with_interval_and_chance() -> None:
    for make in EXAMPLES.values():
        for result in make().results:
            sentence = explain.result_sentence(result)
            if result.status is Status.MEASURED:
                assert "95% interval" in sentence
                assert "guessing" in sentence or "without a leak" in sentence
            else:
                assert result.reason in sentence


def test_directions_are_told_from_the_interval() -> None:
    def result(low: float, value: float, high: float) -> Result:
        auc = Estimate("auc", value, low, high, 100, 0.5)
        return Result(
            "a", "attack", "A", "?", "!", ThreatModel.OUTSIDER, Status.MEASURED, "", (auc,)
        )

    assert "better than guessing" in explain.result_sentence(result(0.51, 0.6, 0.7))
    assert "no better than guessing" in explain.result_sentence(result(0.4, 0.6, 0.7))
    assert "wrong more often than guessing" in explain.result_sentence(result(0.3, 0.4, 0.49))


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("auc", "decimal"),
        ("advantage", "decimal"),
        ("tpr_at_fpr_0.01", "percent"),
        ("dcr_share", "percent"),
        ("excess_copies", "percent"),
        ("copied_rows_train", "percent"),
        ("n_rows", "free"),
        ("dcr_5th_percentile", "free"),
    ],
)
def test_forms_follow_names(name: str, form: str) -> None:
    assert quantities.form_of(Estimate(name, 0.1, 0.0, 0.2, 10, 0.0)) == form


def test_a_quantity_beyond_one_is_never_a_percentage() -> None:
    assert quantities.form_of(Estimate("odd_share", 3.2, 1.0, 4.0, 10, 1.0)) == "free"


def test_untested_is_listed_and_never_passed_over() -> None:
    lines = " ".join(scope.not_tested(EXAMPLES["partial"]()))
    assert "Generator shadows (failed)" in lines
    assert "9,000 training members" in lines
    assert "Observed epsilon: the split was not declared random" in lines
    assert "linked to other tables" in lines


def test_threat_models_are_derived_where_nobody_filled_them_in() -> None:
    entries = {entry.id: entry for entry in attackers.threat_models(EXAMPLES["partial"]())}
    assert entries["outsider"].attempted
    assert not entries["insider"].attempted


def test_claimed_epsilon() -> None:
    bound = failing().epsilon[0]
    assert "the claimed epsilon of 1 is contradicted" in findings.epsilon_sentence(bound)
    weaker = bound.model_copy(update={"claimed": 8.0})
    assert "not contradicted" in findings.epsilon_sentence(weaker)


def with_strata(*groups: tuple[str, float, float]) -> AuditReport:
    """Groups of 100 members: label, share named, AUC; intervals of plus or minus 0.03."""
    strata = tuple(
        Stratum(
            label=label,
            n_members=100,
            n_nonmembers=100,
            tpr=Interval(tpr, max(tpr - 0.03, 0), tpr + 0.03),
            auc=Interval(auc, auc - 0.03, auc + 0.03),
        )
        for label, tpr, auc in groups
    )
    return AuditReport.model_validate(dict(failing()) | {"strata": strata})


def test_a_group_is_called_exposed_only_when_it_stands_out() -> None:
    alike = with_strata(("crowd", 0.50, 0.8), ("alone", 0.52, 0.81))
    assert findings.groups_sentence(alike).startswith("No group stands out from the others; ")
    named = with_strata(("crowd", 0.10, 0.8), ("alone", 0.60, 0.8))
    assert findings.groups_sentence(named).startswith("Most exposed group, alone: of its 100")
    by_auc = with_strata(("crowd", 0.01, 0.52), ("alone", 0.012, 0.72))
    sentence = findings.groups_sentence(by_auc)
    assert sentence.startswith("Most exposed group, alone: shown one member")
    assert "72 times in 100" in sentence
    quiet = with_strata(("crowd", 0.01, 0.5), ("alone", 0.02, 0.51))
    assert "No group of members is shown to be more exposed" in findings.groups_sentence(quiet)
    assert findings.groups_sentence(with_strata()) == ""


def test_one_of_many_groups_stands_out_only_by_more_than_luck() -> None:
    """0.03 above the average is beyond one group's interval, and within the luck of forty."""
    two = with_strata(("crowd", 0.10, 0.8), ("alone", 0.17, 0.8))
    assert findings.standing_out(two) is not None
    forty = [("crowd", 0.10, 0.8)] * 39
    assert findings.standing_out(with_strata(*forty, ("alone", 0.135, 0.8))) is None
    assert findings.standing_out(with_strata(*forty, ("alone", 0.17, 0.8))) is not None


def test_groups_too_small_to_be_shown_are_not_told() -> None:
    report = with_strata(("crowd", 0.10, 0.8), ("alone", 0.60, 0.8))
    hidden = tuple(s.model_copy(update={"suppressed": s.label == "alone"}) for s in report.strata)
    report = AuditReport.model_validate(dict(report) | {"strata": hidden})
    assert "alone" not in findings.groups_sentence(report)
    assert "60%" not in re.sub(r"(?s).*id=.exposure.", "", report.to_html()).split("</section>")[0]


def test_nobody_singled_out_is_said_with_its_bound() -> None:
    found = passing().identified
    assert found is not None
    assert findings.identified_sentence(found) == (
        "Not one of 3,000 members can be singled out with at most 5% false identifications; the "
        "share that could be is at most 0.1%, at 95% confidence."
    )


def check(id_: str, *estimates: Estimate) -> Result:
    return Result(id_, "check", id_, "?", "!", ThreatModel.AUDITOR, Status.MEASURED, "", estimates)


def test_a_check_is_told_by_its_excess_away_from_its_yardstick() -> None:
    ingredient = Estimate("rows_train", 1.0, 0.5, 1.0, 1, 0.0)
    at = Estimate("excess_a", 0.0, -0.1, 0.1, 9, 0.0)
    away = Estimate("excess_b", 0.4, 0.3, 0.5, 9, 0.0)
    assert explain.leading(check("c", ingredient, at, away)) == away
    assert explain.leading(check("c", ingredient, at)) == at
    assert explain.leading(check("c", ingredient)) == ingredient
    assert explain.leading(check("c")) is None


def test_checks_are_told_where_they_belong() -> None:
    away = Estimate("auc", 0.7, 0.6, 0.8, 9, 0.5)
    found = tuple(check(i, away) for i in ("blind_classifier", "vendor_x", "utility", "copies"))
    report = AuditReport.model_validate(dict(failing()) | {"results": found})
    assert groups.conditions(report) == ()  # validity tells it already
    report = AuditReport.model_validate(dict(report) | {"validity": ()})
    assert [r.id for r in groups.conditions(report)] == ["blind_classifier"]
    assert [r.id for r in groups.other_tools(report)] == ["vendor_x"]
    assert [r.id for r in groups.causes(report)] == ["utility", "copies"]
    assert explain.check_state(found[2], report) == "for context"
    invalid = AuditReport.model_validate(dict(EXAMPLES["invalid"]()) | {"results": found})
    assert explain.check_state(found[0], invalid) == "in doubt"
    assert explain.check_state(found[3], invalid) == "cannot be judged"


def test_two_halves_may_choose_two_attacks() -> None:
    assert failing().headline is not None
    both = with_headline(
        failing(),
        attack="closest_record / tracing",  # type: ignore[arg-type]
        chosen_by_half=("closest_record", "tracing"),  # type: ignore[arg-type]
    )
    page = both.to_html()
    assert page.count('class="curve member"') == 2 + 4  # and two drawings of a check, with legends
    assert "each half of the candidates chose" in page
