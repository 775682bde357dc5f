"""The verdict: the map, the levels, the gates, the words."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from synthaudit.policy import Policy
from synthaudit.seeds import Streams
from synthaudit.stats import identified, permutation_test, power_of, strongest
from synthaudit.stats.binomial import difference
from synthaudit.stats.power import rows_to_clear
from synthaudit.types import Estimate, Headline, Interval, Level, Notice, ThreatModel
from synthaudit.verdict import Evidence, judge

DEFAULT = Policy.load("default")
NOBODY = Headline(
    "a", "Closest record", ThreatModel.OUTSIDER, Interval(0.5, 0.4, 0.6), Interval(0, 0, 0), {}
)


def estimate(name: str, value: float, low: float, high: float, null: float = 0.0) -> Estimate:
    return Estimate(name, value, low, high, 4000, null)


def quiet() -> Evidence:
    """4,000 a side, nothing found, everything measured."""
    return Evidence(
        n_members=4000,
        n_nonmembers=4000,
        advantage=estimate("advantage", 0.0, -0.02, 0.02),
        tpr=(
            estimate("tpr_at_fpr_0.1", 0.1, 0.09, 0.11, 0.1),
            estimate("tpr_at_fpr_0.01", 0.01, 0.006, 0.015, 0.01),
            estimate("tpr_at_fpr_0.001", 0.001, 0.0, 0.004, 0.001),
        ),
        identified=estimate("identified_share", 0.0, 0.0, 0.002),
        excess_copies=estimate("excess_copies", 0.0, -0.001, 0.001),
        p_value=0.4,
        detectable_advantage=0.031,
        bulk=NOBODY,
        tail=NOBODY,
    )


def component(evidence: Evidence, name: str, policy: Policy = DEFAULT):  # type: ignore[no-untyped-def]
    return next(c for c in judge(evidence, policy).components if c.id == name)


@pytest.mark.parametrize(
    ("value", "score"),
    [(0.0, 100), (0.05, 75), (0.10, 50), (0.55, 25), (1.0, 0), (-0.3, 100), (0.01, 95)],
)
def test_map_by_hand(value: float, score: float) -> None:
    evidence = replace(quiet(), advantage=estimate("advantage", value, value, value))
    assert component(evidence, "advantage").score.value == pytest.approx(score)


def test_total_exposure_scores_nothing_and_half_of_the_way_there_a_quarter() -> None:
    limit = DEFAULT.excess_copies.value
    for share, score in ((1.0, 0.0), ((1.0 + limit) / 2, 25.0), (limit, 50.0)):
        copied = replace(quiet(), excess_copies=estimate("excess_copies", share, share, share))
        assert component(copied, "copies").score.value == pytest.approx(score)
    named = replace(quiet(), tpr=(estimate("tpr_at_fpr_0.01", 1.0, 1.0, 1.0, 0.01),))
    assert component(named, "tail").score.value == pytest.approx(0.0)
    assert component(named, "tail").value == pytest.approx(0.99)
    assert all(c.null == 0.0 for c in judge(named, DEFAULT).components)
    claim = with_epsilon(1.0)
    for bound, score in ((0.0, 100.0), (1.0, 50.0), (40.0, 0.0)):
        found = Estimate("epsilon_lower", bound, bound, None, 4000, 0.0)
        scored = component(replace(quiet(), epsilon=found), "epsilon", claim).score
        assert scored.value == pytest.approx(score)


@pytest.mark.parametrize(
    ("low", "high", "p_value", "level"),
    [
        (-0.1, 0.10, 0.001, Level.PASS),  # up to the limit is within it
        (0.10, 0.20, 0.001, Level.INCONCLUSIVE),  # from the limit on is not beyond it
        (0.11, 0.20, 0.05, Level.INCONCLUSIVE),  # significant is below 5 %
        (0.11, 0.20, 0.0499, Level.FAIL),
    ],
)
def test_what_lies_on_a_limit(low: float, high: float, p_value: float, level: Level) -> None:
    found = estimate("advantage", (low + high) / 2, low, high)
    evidence = replace(quiet(), advantage=found, p_value=p_value)
    assert component(evidence, "advantage").level is level


def test_every_component_names_the_attack_it_rests_on() -> None:
    few = replace(NOBODY, attack="t", title="Tracing")
    evidence = replace(quiet(), tail=few)
    assert "Closest record; outsider" in component(evidence, "advantage").reason
    assert "Tracing; outsider" in component(evidence, "tail").reason
    assert "Tracing" not in component(evidence, "advantage").reason


def test_only_failed_tests_and_broken_inputs_are_reasons() -> None:
    said = Notice("failed-tests", "The verdict holds without a test: x.", severity="warn")
    other = Notice("few-common-columns", "Only 2 columns.", severity="warn")
    reasons = judge(replace(quiet(), notices=(said, other)), DEFAULT).reasons
    assert said.message in reasons and other.message not in reasons


def test_more_rows_than_anybody_has_settle_nothing() -> None:
    near = estimate("advantage", 0.0999, 0.05, 0.15)
    assert judge(replace(quiet(), advantage=near), DEFAULT).rows_to_settle is None


def test_rows_that_would_settle_it_are_rounded_up_to_two_digits() -> None:
    for n, value in ((40, 0.01), (4000, 0.05)):
        evidence = replace(
            quiet(),
            n_members=n,
            n_nonmembers=n,
            advantage=estimate("advantage", value, value - 0.3, value + 0.3),
        )
        found = judge(evidence, DEFAULT).rows_to_settle
        exact = rows_to_clear(value, value - 0.3, value + 0.3, DEFAULT.advantage.value, n)
        assert found is not None and exact is not None
        step = 10 ** (len(str(int(exact))) - 2)
        assert 0 <= found - exact < step and found % step == 0


def test_interval_turns_round() -> None:
    evidence = replace(quiet(), advantage=estimate("advantage", 0.10, 0.05, 0.55))
    score = component(evidence, "advantage").score
    assert (score.low, score.value, score.high) == pytest.approx((25, 50, 75))


def test_score_is_monotone() -> None:
    scores = [
        component(replace(quiet(), excess_copies=estimate("c", x, x, x)), "copies").score.value
        for x in np.linspace(0, 1, 201)
    ]
    assert scores == sorted(scores, reverse=True)


def test_quiet_tables_pass_and_say_who_looked_and_what_would_have_shown() -> None:
    found = judge(quiet(), DEFAULT)
    assert found.level is Level.PASS
    assert found.rows_to_settle is None
    assert found.reasons[0].startswith("No evidence of a leak larger than")
    assert "3.10 %" in found.reasons[0]
    assert "Closest record; outsider" in found.reasons[1]
    assert all(c.level is Level.PASS for c in found.components)


def test_overall_is_the_lowest_component() -> None:
    evidence = replace(quiet(), identified=estimate("identified_share", 0.004, 0.0, 0.009))
    found = judge(evidence, DEFAULT)
    parts = [c.score for c in found.components]
    assert found.score.value == min(p.value for p in parts)
    assert found.score.low == min(p.low for p in parts)
    assert found.score.high == min(p.high for p in parts)


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        ({"advantage": estimate("advantage", 0.2, 0.18, 0.22)}, "advantage"),
        ({"tpr": (estimate("tpr_at_fpr_0.01", 0.05, 0.04, 0.06, 0.01),)}, "tail"),
        ({"identified": estimate("identified_share", 0.05, 0.04, 0.06)}, "identified"),
        ({"excess_copies": estimate("excess_copies", 0.02, 0.015, 0.025)}, "copies"),
    ],
)
def test_each_component_can_fail_alone(change: dict[str, object], failing: str) -> None:
    evidence = replace(quiet(), p_value=0.001, **change)  # type: ignore[arg-type]
    found = judge(evidence, DEFAULT)
    assert found.level is Level.FAIL
    assert [c.id for c in found.components if c.level is Level.FAIL] == [failing]
    assert found.score.high is not None
    assert found.score.high < 50
    assert "lies beyond the limit" in next(c.reason for c in found.components if c.id == failing)


def test_attacks_fail_nobody_without_a_significant_exact_test_but_copies_do() -> None:
    loud = estimate("advantage", 0.3, 0.2, 0.4)
    found = judge(replace(quiet(), advantage=loud, p_value=0.2), DEFAULT)
    assert found.level is Level.INCONCLUSIVE
    assert any("exact test over all attacks is not significant" in r for r in found.reasons)
    copied = estimate("excess_copies", 0.02, 0.015, 0.025)
    assert judge(replace(quiet(), excess_copies=copied, p_value=0.8), DEFAULT).level is Level.FAIL


def test_near_copies_fail_a_table_and_never_hold_up_a_pass() -> None:
    shown = estimate("excess_near_copies", 0.17, 0.14, 0.17)
    found = judge(replace(quiet(), excess_near_copies=shown, p_value=0.8), DEFAULT)
    assert found.level is Level.FAIL
    copies = next(c for c in found.components if c.id == "copies")
    assert (copies.value, copies.low) == (0.17, 0.14)
    assert "nearly copy training rows" in copies.reason
    # an interval that a table of few distinct values gives without any leak
    chance = estimate("excess_near_copies", -0.003, -0.02, 0.011)
    quiet_too = judge(replace(quiet(), excess_near_copies=chance), DEFAULT)
    assert quiet_too == judge(quiet(), DEFAULT)


def test_of_exact_and_near_copies_the_heavier_is_shown() -> None:
    exact = estimate("excess_copies", 0.20, 0.19, 0.20)
    near = estimate("excess_near_copies", 0.01, 0.005, 0.01)
    both = replace(quiet(), excess_copies=exact, excess_near_copies=near)
    assert component(both, "copies").value == 0.20
    alone = replace(both, excess_copies=None)
    assert component(alone, "copies").value == 0.01


def test_copies_of_people_who_stand_out_fail_a_table_whose_copies_are_few() -> None:
    few = estimate("excess_copies", 0.001, 0.0005, 0.0011)
    shown = estimate("excess_isolated_copies", 0.0115, 0.0052, 0.0125)
    found = judge(replace(quiet(), excess_copies=few, excess_isolated_copies=shown), DEFAULT)
    assert found.level is Level.FAIL
    assert "people who stand out" in next(c.reason for c in found.components if c.id == "copies")
    wide = estimate("excess_isolated_copies", 0.0, -0.5, 0.0)
    alone = replace(quiet(), excess_copies=few)
    assert judge(replace(alone, excess_isolated_copies=wide), DEFAULT) == judge(alone, DEFAULT)


def test_replayed_identifiers_fail_a_table_without_a_single_copied_row() -> None:
    shown = estimate("excess_replay", 0.10, 0.097, 0.10)
    found = judge(replace(quiet(), excess_replay=shown, p_value=0.8), DEFAULT)
    assert found.level is Level.FAIL
    assert "carry an identifier" in next(c.reason for c in found.components if c.id == "copies")


def test_straddling_is_inconclusive_and_says_how_many_rows_would_settle_it() -> None:
    evidence = replace(quiet(), advantage=estimate("advantage", 0.05, -0.02, 0.12))
    found = judge(evidence, DEFAULT)
    assert found.level is Level.INCONCLUSIVE
    # half-width 0.07 has to shrink to 0.05, with room for the next sample: (1.4 * 1.43)^2
    assert found.rows_to_settle == pytest.approx(4000 * (1.4 * 1.4294) ** 2, rel=0.07)
    assert f"About {found.rows_to_settle} members" in found.reasons[-1]


def test_a_value_on_the_limit_is_settled_by_no_number_of_rows() -> None:
    evidence = replace(quiet(), advantage=estimate("advantage", 0.10, 0.05, 0.15))
    found = judge(evidence, DEFAULT)
    assert found.rows_to_settle is None
    assert found.reasons[-1] == "More rows alone would not settle it."


def test_beyond_the_limit_the_quickest_component_settles_it() -> None:
    evidence = replace(
        quiet(),
        p_value=0.001,
        advantage=estimate("advantage", 0.101, 0.08, 0.12),
        identified=estimate("identified_share", 0.03, 0.005, 0.05),
    )
    rows = judge(evidence, DEFAULT).rows_to_settle
    assert rows is not None
    assert rows < 20_000


@pytest.mark.parametrize("field", ["advantage", "identified", "excess_copies"])
def test_not_tested_never_passes(field: str) -> None:
    found = judge(replace(quiet(), **{field: None}), DEFAULT)
    assert found.level is Level.INCONCLUSIVE
    assert any("NOT TESTED" in r and "lists it as required" in r for r in found.reasons)
    assert any("could not be measured" in r for r in found.reasons)


def test_what_the_policy_does_not_require_may_be_missing_but_may_still_fail() -> None:
    policy = replace(DEFAULT, required_components=("advantage", "tail", "identified"))
    missing = judge(replace(quiet(), excess_copies=None), policy)
    assert missing.level is Level.PASS
    assert any("lists it as not required" in reason for reason in missing.reasons)
    copied = estimate("excess_copies", 0.02, 0.015, 0.025)
    assert judge(replace(quiet(), excess_copies=copied), policy).level is Level.FAIL


def test_required_tests_must_have_been_measured() -> None:
    policy = replace(DEFAULT, required_tests=("shadow",))
    found = judge(quiet(), policy)
    assert found.level is Level.INCONCLUSIVE
    assert found.rows_to_settle is None
    assert any("'shadow'" in r for r in found.reasons)
    assert judge(replace(quiet(), measured=("shadow",)), policy).level is Level.PASS


def test_a_pass_without_power_is_not_a_pass() -> None:
    found = judge(replace(quiet(), detectable_advantage=0.2), DEFAULT)
    assert found.level is Level.INCONCLUSIVE
    assert found.rows_to_settle == 16_000
    assert judge(replace(quiet(), detectable_advantage=None), DEFAULT).level is Level.INCONCLUSIVE
    assert judge(replace(quiet(), p_value=None), DEFAULT).level is Level.INCONCLUSIVE


def test_invalid_inputs_overrule_everything() -> None:
    notice = Notice(
        "blind-baseline", "Train and holdout differ in the column age.", severity="invalid"
    )
    loud = estimate("advantage", 0.3, 0.28, 0.32)
    found = judge(replace(quiet(), advantage=loud, p_value=0.0, notices=(notice,)), DEFAULT)
    assert found.level is Level.INVALID
    assert notice.message in found.reasons
    warned = replace(quiet(), notices=(replace(notice, severity="warn"),))
    assert judge(warned, DEFAULT).level is Level.PASS


def test_a_small_significant_leak_passes_under_its_name() -> None:
    found = judge(replace(quiet(), p_value=0.002), DEFAULT)
    assert found.level is Level.PASS
    assert found.reasons[0].startswith("A leak was found (p = 0.002")


def test_reversed_scores_are_remarked() -> None:
    found = judge(replace(quiet(), p_value=0.002, is_reversed=True), DEFAULT)
    assert any("points the other way" in r for r in found.reasons)


def test_tail_uses_the_smallest_supported_rate() -> None:
    rates = quiet().tpr
    for n, expected in ((4000, "0.01"), (5000, "0.001"), (400, "0.01"), (500, "0.01")):
        chosen = replace(quiet(), n_nonmembers=n, tpr=rates).tail_estimate
        assert chosen is not None
        assert chosen.name == f"tpr_at_fpr_{expected}"
    unresolved = replace(rates[1], value=None, low=None, high=None)
    nothing = replace(quiet(), n_nonmembers=60, tpr=(rates[0], unresolved))
    assert nothing.tail_estimate is None
    assert judge(nothing, DEFAULT).level is Level.INCONCLUSIVE


def with_epsilon(limit: float) -> Policy:
    return replace(DEFAULT, epsilon=replace(DEFAULT.advantage, name="epsilon", value=limit))


def test_epsilon_contradicts_or_stays_silent() -> None:
    bound = Estimate("epsilon_lower", 2.3, 2.3, None, 4000, 0.0)
    found = judge(replace(quiet(), epsilon=bound), with_epsilon(1.0))
    assert found.level is Level.FAIL
    assert any("2.30 contradicts the claimed 1" in r for r in found.reasons)
    silent = judge(replace(quiet(), epsilon=bound), with_epsilon(3.0))
    assert silent.level is Level.PASS
    assert any("cannot confirm" in r for r in silent.reasons)
    assert judge(quiet(), with_epsilon(3.0)).level is Level.PASS


def test_pure_and_repeatable() -> None:
    assert judge(quiet(), DEFAULT) == judge(quiet(), DEFAULT)


def test_forbidden_words_and_whole_sentences() -> None:
    loud = replace(quiet(), advantage=estimate("advantage", 0.3, 0.28, 0.32), p_value=0.001)
    weak = replace(quiet(), detectable_advantage=0.2, excess_copies=None, is_reversed=True)
    for evidence in (quiet(), loud, weak):
        for reason in judge(evidence, DEFAULT).reasons:
            assert not re.search(r"\b(safe|anonymous|anonymised|compliant)\b", reason.lower())
            assert reason.endswith((".", ";")), reason
            assert reason[0].isupper()


def audited(n: int, seed: int, exposed: float = 0.0, shift: float = 0.0) -> Evidence:
    """Evidence from simulated scores of five attacks; ``exposed`` members are copied."""
    rng = np.random.default_rng(seed)
    is_member = rng.permutation(np.arange(2 * n) < n)
    copied = is_member & (rng.random(2 * n) < exposed)
    scores = {f"a{j}": rng.normal(size=2 * n) + shift * is_member + 8 * copied for j in range(5)}
    test = permutation_test(scores, is_member, Streams(seed), n_permutations=200)
    best = strongest(scores, is_member, Streams(seed), p_value=test.p_value)
    copies = difference(int(copied.sum()), n, 0, n)
    return Evidence(
        n,
        n,
        best.bulk.estimate("advantage"),
        best.tail.estimates[2:],
        identified(best.tail.scores, is_member).share,
        Estimate("excess_copies", copies.value, copies.low, copies.high, n, 0.0),
        test.p_value,
        power_of(n, n).advantage,
        best.bulk.headline,
        best.tail.headline,
        is_reversed=test.is_reversed,
    )


def test_simulated_tables_end_where_they_should() -> None:
    assert judge(audited(4000, 0), DEFAULT).level is Level.PASS
    assert judge(audited(300, 0), DEFAULT).level is Level.INCONCLUSIVE
    assert judge(audited(4000, 1, exposed=0.01), DEFAULT).level is Level.FAIL
    five = judge(audited(4000, 2, exposed=0.05), DEFAULT)
    assert {c.id for c in five.components if c.level is Level.FAIL} >= {"tail", "copies"}
    everybody = judge(audited(1000, 3, shift=0.6), DEFAULT)
    assert component_levels(everybody)["advantage"] is Level.FAIL


def component_levels(found: object) -> dict[str, Level | None]:
    return {c.id: c.level for c in found.components}  # type: ignore[attr-defined]


def test_nothing_is_ever_failed_at_small_sizes_without_a_leak() -> None:
    levels = [judge(audited(60, seed), DEFAULT).level for seed in range(40)]
    assert Level.FAIL not in levels
    assert Level.PASS not in levels
