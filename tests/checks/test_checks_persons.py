"""Checks count persons: what one person's rows repeat is one occurrence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from check_views import codes_of, context, get, value

from synthaudit.checks._units import deal, one_row_each, units_of
from synthaudit.checks.blind_classifier import BlindClassifier
from synthaudit.checks.exact_copies import ExactCopies
from synthaudit.checks.holdout_overlap import HoldoutOverlap
from synthaudit.checks.identifier_replay import IdentifierReplay
from synthaudit.checks.near_copies import NearCopies
from synthaudit.checks.rare_values import RareValues
from synthaudit.data import draw_challenge, load_tables
from synthaudit.data.views import AuditorView
from synthaudit.errors import NotApplicable
from synthaudit.seeds import Streams


def visits(n_persons: int, seed: int, prefix: str = "p", times: int = 3) -> pd.DataFrame:
    """``times`` identical rows a person: nothing but the key says they are one."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "who": [f"{prefix}{i}" for i in range(n_persons)],
            "age": rng.integers(18, 90, n_persons),
            "income": rng.lognormal(8, 1, n_persons).round(1),
            "town": rng.choice(list("abcdef"), n_persons),
        }
    )
    return frame.loc[frame.index.repeat(times)].reset_index(drop=True)


def view_of(
    train: pd.DataFrame, holdout: pd.DataFrame, synthetic: pd.DataFrame, key: str | None = "who"
) -> AuditorView:
    tables = load_tables(train, holdout, synthetic, group_key=key)
    return draw_challenge(tables, Streams(0)).auditor


def without(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns="who")


@pytest.mark.parametrize("check", [ExactCopies(), NearCopies()], ids=["exact", "near"])
def test_chance_copies_cancel_at_nine_to_one(check: ExactCopies | NearCopies) -> None:
    """Synthetic rows repeat real persons of both tables alike: no excess, whatever the sizes."""
    found, inside = [], 0
    name = "excess_copies" if isinstance(check, ExactCopies) else "excess_near_copies"
    for seed in range(30):
        real = visits(200, seed)
        who = np.random.default_rng(seed).permutation(200)
        holdout = real[real["who"].isin([f"p{i}" for i in who[:20]])]
        train = real[real["who"].isin([f"p{i}" for i in who[20:]])]
        synthetic = without(real).sample(60, random_state=seed)
        if isinstance(check, NearCopies):
            synthetic["income"] = synthetic["income"] + 0.01
        estimate = get(check.run(view_of(train, holdout, synthetic), context()), name)
        found.append(estimate.value)
        inside += (estimate.low or 0) <= 0 <= (estimate.high or 0)
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(30)
    # 95 % intervals: fewer than 24 of 30 would happen once in thousands
    assert inside >= 24


def test_a_copied_person_is_one_unit() -> None:
    train, holdout = visits(60, 1, "t"), visits(60, 2, "h")
    synthetic = pd.concat([without(train).iloc[:30], without(visits(60, 3)).iloc[30:]])
    estimate = get(
        ExactCopies().run(view_of(train, holdout, synthetic), context()), "excess_copies"
    )
    assert estimate.value == pytest.approx(30 / len(synthetic))
    assert "10 lie in train and 0 in the holdout" in estimate.note


def test_rows_of_one_person_are_no_repetition_and_persons_in_both_invalidate() -> None:
    train, holdout = visits(100, 1, "t"), visits(100, 2, "h")
    synthetic = without(visits(100, 3))
    plain = codes_of(HoldoutOverlap().run(view_of(train, holdout, synthetic, None), context()))
    assert "repeated-rows" in plain
    grouped = codes_of(HoldoutOverlap().run(view_of(train, holdout, synthetic), context()))
    assert grouped == {}
    # other rows, the same persons: only the key can tell
    mixed = holdout.assign(who=np.where(holdout.index < 9, train["who"], holdout["who"]))
    found = codes_of(HoldoutOverlap().run(view_of(train, mixed, synthetic), context()))
    assert found["persons-in-train-and-holdout"] == "warn"
    mixed = holdout.assign(who=np.where(holdout.index < 60, train["who"], holdout["who"]))
    found = codes_of(HoldoutOverlap().run(view_of(train, mixed, synthetic), context()))
    assert found["persons-in-train-and-holdout"] == "invalid"


def test_a_value_of_one_persons_rows_is_rare() -> None:
    train, holdout = visits(60, 1, "t"), visits(60, 2, "h")
    synthetic = without(visits(60, 3)).assign(income=np.resize(train["income"], 180))
    found = RareValues().run(view_of(train, holdout, synthetic), context())
    assert value(found, "excess_rare_numbers") > 0.4
    # as rows every value occurs three times, and nothing is anybody's own
    with pytest.raises(NotApplicable):
        RareValues().run(view_of(train, holdout, synthetic, None), context())


def test_a_replayed_key_is_found_and_counted_by_person() -> None:
    train, holdout, synthetic = visits(80, 1, "t"), visits(80, 2, "h"), visits(80, 3, "s")
    synthetic.loc[:59, "who"] = train["who"].iloc[:60].to_numpy()
    found = IdentifierReplay().run(view_of(train, holdout, synthetic), context())
    estimate = get(found, "excess_replay")
    assert estimate.value == pytest.approx(60 / 240)
    assert "20 lie in train and 0 in the holdout" in estimate.note


def test_the_blind_classifier_does_not_learn_persons() -> None:
    """Rows of one person in two folds would give the person, and so the table, away."""
    train, holdout = visits(12, 1, "t", 30), visits(12, 2, "h", 30)
    rng = np.random.default_rng(0)
    for frame in (train, holdout):  # nearly equal rows: content does not keep them together
        frame["income"] = frame["income"] + rng.normal(0, 0.01, len(frame))
    view = view_of(train, holdout, without(visits(60, 3)))
    grouped = get(BlindClassifier().run(view, context()), "blind_auc")
    assert (grouped.low or 0) < 0.5
    rows = view_of(without(train), without(holdout), without(visits(60, 3)), None)
    assert value(BlindClassifier().run(rows, context()), "blind_auc") > 0.9


def test_units_and_deals() -> None:
    view = view_of(visits(10, 1, "t"), visits(5, 2, "h"), without(visits(5, 3)))
    whose, in_train, in_holdout = units_of(view)
    assert (in_train.sum(), in_holdout.sum(), whose.size) == (10, 5, 45)
    assert one_row_each(np.array([4, 4, 2, 2, 9])).tolist() == [0, 2, 4]
    labels = deal(whose, 30, np.random.default_rng(0))
    assert labels.sum() == 30
    assert all(np.unique(labels[whose == unit]).size == 1 for unit in range(15))
    # one row each: exactly as many as asked for
    assert deal(np.arange(45), 31, np.random.default_rng(0)).sum() == 31
