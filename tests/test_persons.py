"""Several rows a person, through a whole audit: drawn, scored, counted and recorded by person."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import make_population

from synthaudit import AuditReport, InputError, audit
from synthaudit.attacks.shadow.splits import half_splits
from synthaudit.seeds import Streams

QUICK = ("calibrated_closest_record", "value_fingerprint", "density_ratio")


def visits(ids: range, seed: int, most: int = 4) -> pd.DataFrame:
    """Persons of one population with one to four similar rows each."""
    rng = np.random.default_rng(seed)
    persons = make_population(ids.stop, seed=77).iloc[list(ids)].assign(who=list(ids))
    rows = persons.loc[persons.index.repeat(rng.integers(1, most + 1, len(persons)))]
    rows = rows.reset_index(drop=True)
    rows["balance"] = (rows["balance"] + rng.normal(0, 5, len(rows))).round(2)
    return rows


def case(leak: int = 0) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Fresh persons as the synthetic table, the first ``leak`` rows of train copied into it."""
    train, holdout, fresh = (visits(range(i * 130, i * 130 + 130), i) for i in range(3))
    synthetic = fresh.drop(columns="who")
    copied = train.drop(columns="who").iloc[:leak]
    return train, holdout, pd.concat([copied, synthetic.iloc[leak:]], ignore_index=True)


def quick(tables: Any, **settings: Any) -> AuditReport:
    return audit(*tables, attacks=QUICK, shadows=0, jobs=1, group_key="who", **settings)


def numbers(report: AuditReport) -> dict[str, Any]:
    content = json.loads(report.to_json())
    for key in ("seconds", "created", "inputs", "command"):
        del content[key]
    for result in content["results"]:
        del result["seconds"]
    return content


@pytest.fixture(scope="module")
def leaky() -> AuditReport:
    return quick(case(150))


def test_persons_are_counted_everywhere(leaky: AuditReport) -> None:
    assert leaky.power is not None and leaky.identified is not None
    persons = (leaky.power.n_members, leaky.power.n_nonmembers)
    assert all(100 < n <= 130 for n in persons)
    assert leaky.identified.of == persons[0]
    auc = leaky.result("value_fingerprint").estimate("auc")  # type: ignore[union-attr]
    assert auc is not None and auc.n == sum(persons)
    assert sum(s.n_members for s in leaky.strata) == persons[0]
    assert leaky.coverage.n_members_attacked > persons[0]
    assert "Whole persons were attacked" in leaky.coverage.note


def test_it_is_recorded(leaky: AuditReport) -> None:
    assert leaky.config.group_key == "who"
    assert "--group-key who" in leaky.command
    assert any(w.code == "grouped-by-person" for w in leaky.warnings)


def test_a_leak_is_found_and_nothing_is_not(leaky: AuditReport) -> None:
    assert leaky.level == "FAIL"
    assert leaky.permutation is not None and leaky.permutation.p_value < 0.01
    harmless = quick(case())
    assert harmless.level not in {"FAIL", "INVALID"}


def test_the_order_of_rows_moves_no_number(leaky: AuditReport) -> None:
    rng = np.random.default_rng(3)
    shuffled = [frame.iloc[rng.permutation(len(frame))] for frame in case(150)]
    assert numbers(quick(shuffled)) == numbers(leaky)


def test_one_row_a_person_changes_no_attack() -> None:
    tables = [frame.drop_duplicates("who") for frame in case()[:2]]
    synthetic = case()[2]
    grouped = quick((*tables, synthetic))
    plain = audit(
        *(frame.drop(columns="who") for frame in tables),
        synthetic,
        attacks=QUICK,
        shadows=0,
        jobs=1,
    )
    for id_ in QUICK[:2]:
        mine, theirs = grouped.result(id_), plain.result(id_)
        assert mine is not None and theirs is not None
        ends = (
            [(e.value, e.low) for e in mine.estimates],
            [(e.value, e.low) for e in theirs.estimates],
        )
        assert ends[0] == ends[1]


def test_shadows_are_trained_on_whole_persons() -> None:
    persons = np.repeat(np.arange(50), 3)
    membership = half_splits(150, 4, Streams(0), persons)
    for row in membership:
        for person in range(50):
            assert np.unique(row[persons == person]).size == 1
    assert (membership[0] ^ membership[1]).all()
    assert abs(int(membership[0].sum()) - 75) <= 3


def test_an_unknown_key_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column 'nobody'"):
        audit(*case(), group_key="nobody", shadows=0)
    flags: list[str] = []
    for name, frame in zip(("train", "holdout", "synthetic"), case(), strict=True):
        frame.to_parquet(tmp_path / f"{name}.parquet")
        flags += [f"--{name}", str(tmp_path / f"{name}.parquet")]
    command = [sys.executable, "-m", "synthaudit", "doctor", *flags, "--group-key"]
    done = subprocess.run([*command, "nobody"], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1
    done = subprocess.run([*command, "who"], capture_output=True, text=True, check=False)
    assert "Rows are grouped into persons by 'who'" in done.stdout


def test_a_generator_is_audited_by_person(tmp_path: Path) -> None:
    from synthaudit.releases import audit_releases
    from synthaudit.request import AuditRequest

    real = pd.concat([visits(range(80), 1), visits(range(80, 160), 2)], ignore_index=True)
    request = AuditRequest(
        attacks=QUICK,
        generator="noisy-bootstrap:noise=0.02:flip=0.02",
        shadows=4,
        jobs=1,
        group_key="who",
    )
    audit_releases(real, request, 1, tmp_path)
    report = AuditReport.from_json((tmp_path / "release-1" / "report.json").read_bytes())
    assert report.config.group_key == "who"
    assert report.power is not None
    assert 140 <= report.power.n_members + report.power.n_nonmembers <= 160
    assert "who" not in [column.name for column in report.inputs.schema_.columns]
    # rows of the training half hardly blurred, and persons of the holdout were in no training half
    assert report.level == "FAIL"
    assert not any(w.code == "persons-in-train-and-holdout" for w in report.warnings)
