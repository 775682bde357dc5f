"""Known leaks in the user's own table: planted as said, and the large ones are seen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import make_case

from synthaudit import audit
from synthaudit.data import Tables, load_tables
from synthaudit.parallel import Context
from synthaudit.planting import LEAKS, Leak, plant
from synthaudit.registry import select_attacks
from synthaudit.seeds import Streams
from synthaudit.selftest import Planted, to_text, yardstick

QUICK = ("calibrated_closest_record", "value_fingerprint")
STREAMS = Streams(0)


@pytest.fixture(scope="module")
def tables() -> Tables:
    return load_tables(*make_case(300, seed=4))


def test_copies_are_planted_word_for_word(tables: Tables) -> None:
    before = tables.frames["synthetic"].copy()
    planted, n = plant(tables, Leak("copy", 0.05), np.zeros(300), STREAMS)
    assert n == 15
    made = planted.frames["synthetic"]
    assert made.shape == before.shape and (made.dtypes == before.dtypes).all()
    assert tables.frames["synthetic"].equals(before)
    rows = {tuple(map(str, row)) for row in tables.frames["train"].itertuples(index=False)}
    assert sum(tuple(map(str, row)) in rows for row in made.itertuples(index=False)) >= 15
    changed = (made.map(str) != before.map(str)).any(axis=1)
    assert changed.sum() == 15


def test_near_copies_keep_categories_and_move_numbers_on_their_grid(tables: Tables) -> None:
    planted, n = plant(tables, Leak("near", 0.2), np.zeros(300), STREAMS)
    before, made = tables.frames["synthetic"], planted.frames["synthetic"]
    new = made[(made.map(str) != before.map(str)).any(axis=1)]
    assert len(new) == n == 60
    assert (new["age"] == new["age"].round()).all()
    assert (new["joined"] == new["joined"].dt.normalize()).all()
    by_income = tables.frames["train"]["income"].to_numpy()
    nearest = [np.abs(by_income - income).min() for income in new["income"]]
    assert np.median(nearest) < 0.05 * by_income.std()
    copied = new["income"].isin(by_income)
    assert copied.mean() < 0.2


def test_changed_copies_differ_in_a_quarter_of_the_columns(tables: Tables) -> None:
    planted, n = plant(tables, Leak("changed", 0.05), np.zeros(300), STREAMS)
    before, made = tables.frames["synthetic"], planted.frames["synthetic"]
    new = made[(made.map(str) != before.map(str)).any(axis=1)].astype(str).to_numpy()
    train = tables.frames["train"].astype(str).to_numpy()
    best = [max((row == real).sum() for real in train) for row in new]
    assert len(new) == n
    # 10 columns, two or three taken from elsewhere, which may be equal by luck
    assert min(best) >= 7 and np.mean(best) < 9.5


def test_outliers_are_the_most_outlying(tables: Tables) -> None:
    outlying = np.zeros(300)
    outlying[[17, 230, 4]] = [3.0, 2.0, 1.0]
    planted, n = plant(tables, Leak("outliers", 0.01), outlying, STREAMS)
    assert n == 3
    rows = {tuple(map(str, row)) for row in planted.frames["synthetic"].itertuples(index=False)}
    for row in (4, 17, 230):
        assert tuple(map(str, tables.frames["train"].iloc[row])) in rows


@pytest.fixture(scope="module")
def found(tables: Tables) -> tuple[Planted, ...]:
    return yardstick(tables, select_attacks(QUICK), Context(Streams(1)))


def test_the_large_leaks_are_seen_and_nothing_is_not(found: tuple[Planted, ...]) -> None:
    seen = {one.label: one.seen for one in found}
    assert seen["nothing planted"] is False
    assert seen["5 % of the training rows copied word for word"] is True
    assert seen["20 % of the training rows copied with a little noise on every number"] is True
    assert len(found) == 1 + sum(leak.fits_rows(300, 300) for leak in LEAKS)
    text = to_text(found)
    assert "exact copies counted" in text and "planted leaks were seen" in text


def test_a_table_that_leaks_by_itself_is_no_yardstick() -> None:
    leaky = load_tables(*make_case(300, seed=4, leak=0.4))
    found = yardstick(leaky, select_attacks(QUICK[:1]), Context(Streams(1)))
    assert found[0].seen is True
    assert {one.seen for one in found[1:]} == {None}
    assert "leaks as it came" in to_text(found)


def test_an_audit_reports_it_when_asked() -> None:
    report = audit(*make_case(120, 6), attacks=QUICK[:1], shadows=0, jobs=1, selftest=True)
    assert report.yardstick[0].label == "nothing planted"
    assert len(report.yardstick) > 5 and "--selftest" in report.command
    plain = audit(*make_case(120, 6), attacks=QUICK[:1], shadows=0, jobs=1)
    assert plain.yardstick == ()
    assert plain.headline == report.headline


def test_the_command_prints_it(tmp_path: Path) -> None:
    flags: list[str] = []
    for name, frame in zip(("train", "holdout", "synthetic"), make_case(120, 6), strict=True):
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
        flags += [f"--{name}", str(tmp_path / f"{name}.csv")]
    command = [sys.executable, "-m", "synthaudit", "selftest", *flags, "--attacks", QUICK[0], "-q"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "nothing planted" in done.stdout and "not seen" in done.stdout


def test_leaks_fit_a_table_whose_cells_are_held_otherwise() -> None:
    # found by Hypothesis: gaps in the synthetic table alone, and cells at the end of their range
    train, holdout, synthetic = make_case(60, seed=4)
    for frame in (train, holdout, synthetic):
        frame["when"] = pd.Timestamp("2262-04-11") - pd.to_timedelta(frame["income"] % 9, "D")
        frame["large"] = 2**63 - 1 - 1000 * frame["age"].astype(np.int64)
    synthetic["age"] = synthetic["age"].where(np.arange(len(synthetic)) % 2 > 0)
    tables = load_tables(train, holdout, synthetic)
    for how in ("copy", "near", "changed", "outliers"):
        planted, n = plant(tables, Leak(how, 0.2), np.zeros(60), STREAMS)
        made = planted.frames["synthetic"]
        assert n == 12 and made["when"].notna().all()
        assert (made["large"] > 2**62).all()
