"""The real worker: the same numbers as the command, and words for what it reports."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from pathlib import Path

import pytest
from running_server import small_tables

from synthaudit.serve.process import JobError, run_job
from synthaudit.serve.settings import worker_command
from synthaudit.serve.stages import FULL, QUICK, Track


def work(folder: Path, job: dict[str, object]) -> tuple[dict[str, object], list[str]]:
    heard: list[str] = []
    answer = asyncio.run(
        run_job(worker_command(), job, folder / "scratch", lambda *said: heard.append(said[0]))
    )
    return answer, heard


def test_the_numbers_are_those_of_the_command(tmp_path: Path) -> None:
    from synthaudit import audit

    tables = small_tables(tmp_path)
    files = {role: str(path) for role, path in tables.items()}
    out = tmp_path / "audit" / "out"
    job = {"step": "audit", "files": files, "policy": "strict", "thorough": False}
    answer, heard = work(tmp_path, {**job, "jobs": 1, "out": str(out)})
    report = audit(*files.values(), policy="strict", shadows=0, jobs=1)
    written = json.loads((out / "report.json").read_text())
    assert written["verdict"] == json.loads(report.to_json())["verdict"]
    assert written["results"] and written["config"]["policy"] == "strict"
    assert answer["level"] == report.verdict.level.value
    assert 'class="card verdict' in str(answer["card"]) and "<style" not in str(answer["card"])
    assert {"checks", "attacks", "statistics"} <= set(heard)
    content = (out.parent / "pack.zip").read_bytes()
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert {"audit/report.html", "audit/schema.toml", "audit/evidence/sheet.md"} <= set(names)


def test_the_pack_leaves_out_what_is_confidential(tmp_path: Path) -> None:
    from synthaudit.serve.worker import pack

    out = tmp_path / "out"
    for name in ("report.html", "confidential/candidates.parquet", "evidence/sheet.md"):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(name)
    pack(out, tmp_path / "pack.zip")
    names = zipfile.ZipFile(tmp_path / "pack.zip").namelist()
    assert names == ["audit/evidence/sheet.md", "audit/report.html"]


def test_the_findings_are_the_doctors(tmp_path: Path) -> None:
    tables = small_tables(tmp_path)
    files = {role: str(path) for role, path in tables.items()}
    found, _ = work(tmp_path, {"step": "examine", "files": files | {"holdout": files["train"]}})
    assert any("train and holdout are the same table" in str(stop) for stop in found["stops"])
    assert [table["n_rows"] for table in found["tables"]] == [150] * 3
    reachable = {policy["name"]: policy["reachable"] for policy in found["policies"]}
    assert reachable == {"default": False, "strict": False, "lenient": True}


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    files = {role: str(path) for role, path in small_tables(tmp_path).items()}
    Path(files["train"]).write_bytes(b"")
    with pytest.raises(JobError, match="train is empty"):
        work(tmp_path, {"step": "examine", "files": files})


def test_what_breaks_inside_keeps_its_text(tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"Internal error: KeyError.*withheld"):
        work(tmp_path, {"step": "examine", "files": {}})


def test_steps_go_forward_only() -> None:
    track = Track(FULL).heard("checks", 2, 4)
    assert (track.at, track.detail, track.done, track.total) == (1, "Check 2 of 4", 2, 4)
    track = track.heard("checks", 4, 4)
    assert (track.at, track.total) == (2, 0)
    track = track.heard("attacks", 1, 3)
    assert track.at == 3 and track.heard("checks", 1, 4) == track
    assert track.heard("telling tables apart", 1, 5) == track
    within = track.heard("shadows of cart", 3, 16)
    assert (within.at, within.detail) == (3, "Practice copy 3 of 16 trained")
    assert within.heard("shadows of cart", 16, 16).total == 0
    for task in ("attacks", "statistics"):
        within = within.heard(task, 3, 3)
    assert within.stages[within.at].title == "Writing the report"


def test_every_step_the_corridor_reports_has_words() -> None:
    tasks = {stage.task for stage in (*QUICK, *FULL)}
    assert {"", "checks", "stand-in generators", "attacks", "statistics"} == tasks
