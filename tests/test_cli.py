"""The command line, run as people and pipelines run it."""

from __future__ import annotations

import json
import os
import re
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from conftest import make_case

ROOT = Path(__file__).parents[1]
FILES = ("report.json", "report.html", "report.md", "schema.toml")


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "synthaudit", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "100", "NO_COLOR": "1"} | environment,
    )


def tables(folder: Path, leak: float, n_rows: int = 150) -> list[object]:
    """Three CSV files on disk and the flags that name them."""
    flags: list[object] = []
    for name, frame in zip(
        ("train", "holdout", "synthetic"), make_case(n_rows, 5, leak), strict=True
    ):
        frame.to_csv(folder / f"{name}.csv", index=False)
        flags += [f"--{name}", folder / f"{name}.csv"]
    return flags


@pytest.fixture(scope="module")
def leaky(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """One audit of a table whose every row is a copy, with scores saved."""
    folder = tmp_path_factory.mktemp("leaky")
    done = run(
        "audit", *tables(folder, 1.0), "--out", folder / "out", "--save-scores", "--findings",
        "--shadows", 0,
    )  # fmt: skip
    return folder, done


def test_a_leak_exits_with_1_and_writes_everything(
    leaky: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, done = leaky
    assert done.returncode == 1, done.stderr
    assert "FAIL" in done.stdout and "Traceback" not in done.stderr
    assert {path.name for path in (folder / "out").iterdir()} == {*FILES, "confidential"}
    report = json.loads((folder / "out" / "report.json").read_text())
    assert report["verdict"]["level"] == "FAIL" and report["schema_version"]
    for key in ("attack", "auc", "advantage", "tpr_at_fpr_0.01"):
        assert report["headline"][key]
    for key in ("value", "low", "high"):
        assert key in report["verdict"]["score"] and key in report["headline"]["auc"]
    assert {"sha256", "rows", "columns"} <= set(report["inputs"]["train"])


def test_saved_scores_are_one_row_a_candidate_and_private(
    leaky: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, _ = leaky
    path = folder / "out" / "confidential" / "candidates.parquet"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    scores = pd.read_parquet(path)
    assert len(scores) == 300 and set(scores["source"]) == {"train", "holdout"}
    for source in ("train", "holdout"):
        assert sorted(scores.loc[scores["source"] == source, "row"]) == list(range(150))
    assert "score_closest_record" in scores and scores.notna().all().all()
    # a copied row is at distance 0, so the file and the flags were matched up rightly
    assert scores.loc[scores["source"] == "train", "score_closest_record"].min() == 0


def test_findings_are_private_and_said_to_be_written(
    leaky: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, done = leaky
    path = folder / "out" / "confidential" / "findings.parquet"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and str(path) in done.stdout
    found = pd.read_parquet(path)
    assert len(found) == 150, "every row is a copy"
    assert (found["synthetic_rows"].str[0] == found["row"]).all()


def test_nothing_shareable_holds_a_cell(
    leaky: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, done = leaky
    incomes = pd.read_csv(folder / "train.csv")["income"].astype(str)
    distinctive = [value for value in incomes if len(value.replace(".", "")) >= 6]
    assert len(distinctive) > 30
    for text in (done.stdout, done.stderr, *((folder / "out" / f).read_text() for f in FILES)):
        assert not any(re.search(rf"(?<!\d){re.escape(v)}(?!\d)", text) for v in distinctive)


def test_a_report_renders_again_without_the_data(
    leaky: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    folder, done = leaky
    report = folder / "out" / "report.json"
    again = run("render", report, "--to", "html", "--out", tmp_path / "again.html")
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "again.html").read_text() == (folder / "out" / "report.html").read_text()
    text = run("render", report, "--to", "text")
    assert "FAIL" in text.stdout and text.stdout.strip() in done.stdout
    wrong = run("render", report, "--to", "docx")
    assert wrong.returncode == 2 and "html" in wrong.stderr
    pdf = run("render", report, "--to", "pdf", "--out", tmp_path / "again.pdf", PATH="/nowhere")
    assert pdf.returncode == 2 and "Chromium" in pdf.stderr
    assert not (tmp_path / "again.pdf").exists()


def test_json_on_standard_output_is_the_report(tmp_path: Path) -> None:
    done = run(
        "audit", *tables(tmp_path, 0.0, 60), "--out", tmp_path / "out", "--json", "-",
        "--shadows", 0, "--attacks", "closest_record,tracing", "--quiet",
    )  # fmt: skip
    assert done.returncode == 3  # 60 rows cannot settle anything
    report = json.loads(done.stdout)
    assert report == json.loads((tmp_path / "out" / "report.json").read_text())
    attacks = [r["id"] for r in report["results"] if r["kind"] == "attack"]
    assert sorted(attacks) == ["closest_record", "tracing"]
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["audit"], "train"),
        (["audit", "--train", "a", "--holdout", "b", "--synthetic", "c"], "a"),
        (["frobnicate"], "frobnicate"),
        (["render", "nothing.json"], "nothing.json"),
        (["audit", "--attacks", "astrology"], "astrology"),
        (["audit", "--policy", "nonsense"], "nonsense"),
        (["audit", "--shadows", "3"], "even"),
        (["audit", "--generator", "kart"], "cart"),
        (["audit", "--attacks", "insider"], "--generator"),
    ],
)
def test_bad_usage_is_exit_2_and_no_traceback(
    arguments: list[str], says: str, tmp_path: Path
) -> None:
    if len(arguments) == 3 and arguments[0] == "audit":
        arguments = [*arguments, *map(str, tables(tmp_path, 0.0, 40)), "--out", str(tmp_path / "o")]
    done = run(*arguments)
    assert done.returncode == 2, done.stderr
    assert says in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "o").exists(), "nothing may be written for bad usage"


def test_doctor_reads_and_judges_without_attacking(tmp_path: Path) -> None:
    done = run("doctor", *tables(tmp_path, 0.0, 60))
    assert done.returncode == 3, done.stderr
    for word in ("train.csv: 60 rows", "income", "numeric", "datetime", "In the way"):
        assert word in done.stdout


def test_split_makes_a_recorded_holdout(tmp_path: Path) -> None:
    make_case(40, 6)[0].to_csv(tmp_path / "real.csv", index=False)
    done = run("split", "--real", tmp_path / "real.csv", "--out", tmp_path / "s", "--seed", 4)
    assert done.returncode == 0, done.stderr
    train, holdout = (pd.read_csv(tmp_path / "s" / f"{n}.csv") for n in ("train", "holdout"))
    assert len(train) == len(holdout) == 20
    record = json.loads((tmp_path / "s" / "split.json").read_text())
    assert record["seed"] == 4 and len(json.dumps(record)) > 200


def test_list_names_every_plug_in() -> None:
    from synthaudit.generators.registry import catalog
    from synthaudit.registry import discover_attacks, discover_checks

    done = run("list")
    assert done.returncode == 0, done.stderr
    for plugin in (*discover_attacks(), *discover_checks()):
        assert f"  {plugin.card.id} " in done.stdout
    for card in catalog():
        assert f"  {card.id} " in done.stdout


@pytest.mark.parametrize("flag", ["--help", "--version"])
def test_help_and_version_are_quick(flag: str) -> None:
    run(flag)  # once for the byte code
    best = min(timed(flag) for _ in range(3))
    assert best < 0.5


def timed(flag: str) -> float:
    """Processor time: on a busy machine the clock on the wall tells of the others."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert run(flag).returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def test_an_internal_error_withholds_its_text_and_exits_with_4(tmp_path: Path) -> None:
    # a plug-in discovery that breaks is nobody's input error
    (tmp_path / "sitecustomize.py").write_text(
        "import synthaudit.registry as r\n"
        "def broken(*_): raise ValueError('secret cell value 4711')\n"
        "r.select_attacks = broken\n"
    )
    done = run("audit", *tables(tmp_path, 0.0, 40), PYTHONPATH=str(tmp_path))
    assert done.returncode == 4
    assert "Internal error: ValueError" in done.stderr
    assert "4711" not in done.stderr and "Traceback" not in done.stderr
