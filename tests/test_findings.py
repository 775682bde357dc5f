"""Row-level findings: only when asked for, only for their owner, and right."""

from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import make_case

from synthaudit.assemble.exposed import Witnesses, exposed_of
from synthaudit.corridor import AuditRun, run_audit
from synthaudit.outputs import write_outputs
from synthaudit.report.confidential import Exposed
from synthaudit.request import AuditRequest

N_ROWS, LEAK = 240, 0.4
N_COPIED = round(N_ROWS * LEAK)


def audited(leak: float, seed: int = 11) -> AuditRun:
    request = AuditRequest(shadows=0, attacks=("closest_record", "tracing"), jobs=1)
    return run_audit(*make_case(N_ROWS, seed, leak), request)


@pytest.fixture(scope="module")
def leaky() -> AuditRun:
    return audited(LEAK)


@pytest.fixture(scope="module")
def exposed(leaky: AuditRun) -> tuple[Exposed, ...]:
    return exposed_of(leaky.observations, leaky.measured)


def test_copied_rows_are_listed_with_their_copies(exposed: tuple[Exposed, ...]) -> None:
    # the synthetic table's first rows are the training table's first rows, at the same positions
    by_row = {one.row: one for one in exposed}
    assert set(range(N_COPIED)) <= set(by_row)
    for row in range(N_COPIED):
        assert by_row[row].singled_out
        assert by_row[row].synthetic_rows[0] == row
        assert len(by_row[row].columns) == 10, "a copy agrees in every column"
    others = [one for one in exposed if one.row >= N_COPIED]
    assert len(others) <= 0.05 * N_ROWS
    assert all(len(one.columns) < 10 for one in others)


def test_ranks_and_p_values_are_those_of_the_attack_that_names(
    leaky: AuditRun, exposed: tuple[Exposed, ...]
) -> None:
    assert leaky.measured.strongest is not None
    scores = leaky.measured.strongest.tail.scores
    is_member = leaky.observations.challenge.is_member
    rows = leaky.observations.challenge.source_rows
    outside = scores[~is_member]
    for one in exposed[:: len(exposed) // 7]:
        mine = scores[is_member & (rows == one.row)][0]
        assert one.rank == 1 + sum(other > mine for other in scores)
        assert one.p_value == (1 + sum(other >= mine for other in outside)) / (outside.size + 1)
    assert [one.rank for one in exposed] == sorted(one.rank for one in exposed)
    singled = sum(one.singled_out for one in exposed)
    assert leaky.report.identified is not None and singled == leaky.report.identified.n


def test_witnesses_agree_with_a_slow_twin(leaky: AuditRun) -> None:
    """Every synthetic row weighed by hand: the best witness of a copy is found, and no better."""
    witnesses = Witnesses.of(leaky.observations)
    for candidate in range(0, witnesses.candidates.shape[0], 40):
        agrees = witnesses.synthetic == witnesses.candidates[candidate]
        weight = (agrees * witnesses.surprise[candidate]).sum(axis=1)
        rows, columns = witnesses.of_candidate(candidate)
        place = int(np.flatnonzero(witnesses.file_rows == rows[0])[0])
        assert len(columns) == agrees[place].sum()
        if agrees.all(axis=1).any():
            assert weight[place] == pytest.approx(weight.max())


def test_nothing_leaks_and_hardly_anybody_is_listed() -> None:
    run = audited(0.0)
    found = exposed_of(run.observations, run.measured)
    assert len(found) <= 0.05 * N_ROWS
    assert not any(one.singled_out for one in found)


def test_files_are_written_only_when_asked_for_and_only_for_their_owner(
    leaky: AuditRun, exposed: tuple[Exposed, ...], tmp_path: Path
) -> None:
    write_outputs(leaky, tmp_path / "plain")
    assert not (tmp_path / "plain" / "confidential").exists()
    written = write_outputs(leaky, tmp_path / "asked", findings=True)
    folder = tmp_path / "asked" / "confidential"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("findings.parquet", "findings.html"):
        assert folder / name in written
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    frame = pd.read_parquet(folder / "findings.parquet")
    assert list(frame["row"]) == [one.row for one in exposed]
    assert list(frame["synthetic_rows"][0]) == list(exposed[0].synthetic_rows)
    page = (folder / "findings.html").read_text(encoding="utf-8")
    assert f"{len(exposed)} training rows are listed" in page
    shareable = (tmp_path / "asked" / "report.html").read_text(encoding="utf-8")
    assert shareable == (tmp_path / "plain" / "report.html").read_text(encoding="utf-8")


def test_an_audit_without_a_measured_attack_lists_nobody(tmp_path: Path) -> None:
    run = run_audit(*make_case(3, 5), AuditRequest(shadows=0, attacks=("closest_record",), jobs=1))
    assert exposed_of(run.observations, run.measured) == ()
    write_outputs(run, tmp_path, findings=True)
    page = (tmp_path / "confidential" / "findings.html").read_text(encoding="utf-8")
    assert "No training row is listed" in page
    assert len(pd.read_parquet(tmp_path / "confidential" / "findings.parquet")) == 0


def grouped(leak: float) -> AuditRun:
    """Two rows a person in both real tables; whole persons leak."""
    train, holdout, synthetic = make_case(N_ROWS, 12, leak)
    for side, frame in enumerate((train, holdout)):
        frame["who"] = [f"p{side}-{i // 2}" for i in range(N_ROWS)]
    request = AuditRequest(
        shadows=0, attacks=("closest_record", "tracing"), jobs=1, group_key="who"
    )
    return run_audit(train, holdout, synthetic, request)


def test_all_rows_of_an_exposed_person_are_listed(tmp_path: Path) -> None:
    run = grouped(LEAK)
    found = exposed_of(run.observations, run.measured)
    by_row = {one.row: one for one in found}
    assert set(range(N_COPIED)) <= set(by_row)
    for row in range(0, N_COPIED, 2):
        assert by_row[row].rank == by_row[row + 1].rank
        assert by_row[row].synthetic_rows[0] == row
    written = write_outputs(run, tmp_path, save_scores=True, findings=True)
    scores = pd.read_parquet(next(p for p in written if p.name == "candidates.parquet"))
    assert scores.groupby("person")["strongest"].nunique().max() == 1
    assert scores["person"].nunique() == len(scores) // 2
