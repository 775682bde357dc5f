"""The whole command over hostile tables: an exit code that is meant, and no plug-in that breaks."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from hostile_tables import CONTENT, TABLES, as_csv, as_frames, good_tables

from synthaudit import AuditReport, audit
from synthaudit.cli import main

QUICK = "closest_record,value_fingerprint,tracing"
# every kind once, every defect that leaves an audit to be made; all attacks
AUDITED = (
    ("numeric", "infinities"), ("numeric", "one row each"), ("integer", "gaps in train"),
    ("boolean", "column only"), ("category", "one synthetic row"), ("category", "mixed types"),
    ("datetime", "two date formats"), ("zoned", "synthetic as text"), ("timedelta", "upper case"),
    ("time", "unseen values"), ("text", "column only"), ("identifier", "column only"),
    ("nested", "extra column"), ("binary", "duplicate rows"), ("missing", "column only"),
    ("constant", "column only"), ("distinct", "many columns"), ("category", "formulas"),
    ("numeric", "extreme numbers"),
)  # fmt: skip


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """The command in this process; its exit code."""
    monkeypatch.setattr(sys, "argv", ["synthaudit", *map(str, arguments)])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


def numbers(report: AuditReport) -> dict[str, float]:
    """Every number of a report but the time it took."""
    return {name: value for name, value in report.metrics().items() if "seconds" not in name}


@pytest.mark.parametrize(("kind", "defect"), AUDITED)
def test_no_plug_in_breaks(kind: str, defect: str) -> None:
    frames = CONTENT[defect](good_tables(kind))
    assert frames is not None
    report = audit(*(frames[name] for name in TABLES), shadows=0, jobs=1)
    broken = {result.id: result.reason for result in report.results if result.status == "FAILED"}
    assert broken == {}
    if defect == "column only" and kind not in ("boolean", "nested"):
        attacks = [result for result in report.results if result.kind == "attack"]
        assert {result.status for result in attacks} == {"SKIPPED"}
        assert report.level in ("INVALID", "INCONCLUSIVE")
    missing = [result for result in report.results if result.status == "SKIPPED"]
    assert all(re.fullmatch(r".+[.]", result.reason) for result in missing)
    if len(frames["synthetic"]) == 1 or defect == "column only":
        assert report.level != "PASS"
    for text in (report.to_html(), report.to_markdown(), report.to_text()):
        assert "nan" not in re.findall(r"\bnan\b", text)


@pytest.mark.parametrize("name", [*(d for d in CONTENT if "name" in d and "long" not in d)])
def test_hostile_names_through_the_command(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    frames = CONTENT[name](good_tables("category"))
    assert frames is not None
    flags = [part for t, path in as_csv(frames, tmp_path).items() for part in (f"--{t}", path)]
    assert run(monkeypatch, "doctor", *flags) in (0, 2, 3)
    code = run(
        monkeypatch, "audit", *flags, "--out", tmp_path / "out", "--attacks", QUICK, "--shadows", 0
    )
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", said.out + said.err)
    if name == "two columns of one name":
        assert code == 2 and "thing" in said.err and not (tmp_path / "out").exists()
        return
    assert code == 3, said.err  # forty rows settle nothing
    assert {path.name for path in tmp_path.iterdir()} == {*(f"{t}.csv" for t in TABLES), "out"}
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert "<script>=1" not in (tmp_path / "out" / "report.html").read_text()
    schema = tmp_path / "out" / "schema.toml"
    again = run(
        monkeypatch, "audit", *flags, "--out", tmp_path / "again", "--schema", schema,
        "--attacks", QUICK, "--shadows", 0, "--quiet",
    )  # fmt: skip
    repeated = json.loads((tmp_path / "again" / "report.json").read_text())
    assert again == code and repeated["verdict"] == report["verdict"]


@pytest.mark.parametrize("defect", ["no synthetic rows", "no train rows", "no common column"])
def test_what_cannot_be_audited_is_exit_2_and_one_sentence(
    defect: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    frames = CONTENT[defect](good_tables("numeric"))
    assert frames is not None
    flags = [part for t, path in as_csv(frames, tmp_path).items() for part in (f"--{t}", path)]
    assert run(monkeypatch, "audit", *flags, "--out", tmp_path / "out", "--quiet") == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1 and said.err.startswith("synthaudit: ") and not said.out
    assert not (tmp_path / "out").exists()


def test_two_tables_of_one_kind_of_trouble_at_once(tmp_path: Path) -> None:
    """Defects add up: every content defect after every other would be a long list; a chain is."""
    frames = good_tables("numeric")
    for defect in ("infinities", "column order", "duplicate rows", "unicode name"):
        made = CONTENT[defect](frames)
        assert made is not None
        frames = made
    one = audit(*as_frames(frames, tmp_path).values(), attacks=QUICK.split(","), shadows=0, jobs=1)
    paths = as_csv(frames, tmp_path)
    other = audit(*(paths[t] for t in TABLES), attacks=QUICK.split(","), shadows=0, jobs=1)
    assert numbers(one) == numbers(other)
