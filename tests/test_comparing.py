"""Comparing finished audits on disk: paired where it can be, and never by mistake."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from conftest import make_case
from typer.testing import CliRunner

from synthaudit.cli import app
from synthaudit.comparing import MOST_TABLES, compare
from synthaudit.corridor import run_audit
from synthaudit.errors import InputError, UsageError
from synthaudit.outputs import write_outputs
from synthaudit.report.comparison import Comparison
from synthaudit.request import AuditRequest

N_ROWS = 200


def audited(folder: Path, leak: float, *, seed: int = 7, save: bool = True) -> Path:
    request = AuditRequest(shadows=0, attacks=("closest_record", "tracing"), jobs=1)
    run = run_audit(*make_case(N_ROWS, seed, leak), request)
    write_outputs(run, folder, save_scores=save)
    return folder


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Three tables from the same people, one from others, one whose scores were not kept."""
    root = tmp_path_factory.mktemp("audits")
    return {
        "leaky": audited(root / "leaky", 0.4),
        "quiet": audited(root / "quiet", 0.0),
        "nearly": audited(root / "nearly", 0.38),
        "others": audited(root / "others", 0.0, seed=8),
        "bare": audited(root / "bare", 0.0, save=False),
    }


def test_the_same_people_are_compared_with_themselves(audits: dict[str, Path]) -> None:
    found = compare([audits["leaky"], audits["quiet"] / "report.json"])
    (pair,) = found.pairs
    assert pair.paired and not pair.why
    assert [table.label for table in found.tables] == ["leaky", "quiet"]
    gain = pair.difference("advantage")
    assert gain is not None and gain.told_apart and gain.value > 0.25
    first, second = found.tables
    assert first.advantage.value is not None and second.advantage.value is not None
    assert gain.value == pytest.approx(first.advantage.value - second.advantage.value)
    assert not found.cautions and not found.has_trend


def test_pairing_tells_more_than_independence(audits: dict[str, Path]) -> None:
    """Two tables that leak nearly the same people: the people's luck cancels out."""
    paired = compare([audits["leaky"], audits["nearly"]]).pairs[0]
    folder = audits["nearly"].parent / "without" / "nearly"
    shutil.copytree(audits["nearly"], folder, dirs_exist_ok=True)
    shutil.rmtree(folder / "confidential")
    unpaired = compare([audits["leaky"], folder]).pairs[0]
    assert paired.paired and not unpaired.paired
    for one, other in zip(paired.differences, unpaired.differences, strict=True):
        assert one.value == other.value
        # 2 false alarms among 200 non-members say little, paired or not
        share = 1.0 if one.quantity.startswith("tpr") else 0.8
        assert one.high - one.low < share * (other.high - other.low)
    assert not paired.told_apart


def test_an_audit_does_not_differ_from_itself(audits: dict[str, Path]) -> None:
    found = compare([audits["leaky"], audits["leaky"]])
    assert [table.label for table in found.tables] == ["leaky (1)", "leaky (2)"]
    assert not found.pairs[0].told_apart
    assert any("same synthetic file" in line for line in found.cautions)


@pytest.mark.parametrize(
    ("other", "why"), [("others", "other people"), ("bare", "not beside both reports")]
)
def test_what_cannot_be_paired_says_why(audits: dict[str, Path], other: str, why: str) -> None:
    found = compare([audits["leaky"], audits[other]])
    assert not found.pairs[0].paired
    assert why in found.pairs[0].why
    assert why in found.to_text().replace("\n    ", " ") and why in found.to_html()
    if other == "others":
        assert any("different training files" in line for line in found.cautions)


def test_scores_of_another_audit_in_the_same_directory_are_not_used(
    audits: dict[str, Path], tmp_path: Path
) -> None:
    stale = tmp_path / "stale"
    shutil.copytree(audits["quiet"], stale)
    shutil.copy(
        audits["others"] / "confidential" / "candidates.parquet",
        stale / "confidential" / "candidates.parquet",
    )
    found = compare([audits["leaky"], stale])
    assert not found.pairs[0].paired and "not beside both" in found.pairs[0].why
    (stale / "confidential" / "candidates.parquet").write_bytes(b"nothing of the kind")
    with pytest.raises(InputError, match="repeat the audit with --save-scores"):
        compare([audits["leaky"], stale])


def test_all_differences_together_widen_every_one(audits: dict[str, Path]) -> None:
    two = compare([audits["leaky"], audits["quiet"]])
    three = compare([audits["leaky"], audits["quiet"], audits["nearly"]])
    assert len(three.pairs) == 3
    for one, other in zip(two.pairs[0].differences, three.pairs[0].differences, strict=True):
        assert one.value == other.value
        assert other.high - other.low > one.high - one.low


def test_order_does_not_matter(audits: dict[str, Path]) -> None:
    there = compare([audits["leaky"], audits["quiet"]]).pairs[0].differences
    back = compare([audits["quiet"], audits["leaky"]]).pairs[0].differences
    for one, other in zip(there, back, strict=True):
        assert (one.value, one.low, one.high) == pytest.approx(
            (-other.value, -other.high, -other.low)
        )


def test_too_few_too_many_and_no_report(audits: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="needs 2 to"):
        compare([audits["leaky"]])
    with pytest.raises(UsageError, match="13 were given"):
        compare([audits["leaky"]] * (MOST_TABLES + 1))
    with pytest.raises(InputError, match="cannot be read"):
        compare([audits["leaky"], tmp_path / "nowhere"])


def test_labels_are_the_shortest_that_differ(audits: dict[str, Path], tmp_path: Path) -> None:
    for place in ("north/audit", "south/audit"):
        shutil.copytree(audits["bare"], tmp_path / place)
    shutil.copy(audits["bare"] / "report.json", tmp_path / "north" / "other.json")
    found = compare(
        [tmp_path / "north/audit", tmp_path / "south/audit", tmp_path / "north/other.json"]
    )
    assert [table.label for table in found.tables] == ["north/audit", "south/audit", "other"]


def test_the_command_writes_page_text_and_json(audits: dict[str, Path], tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app, ["compare", str(audits["leaky"]), str(audits["quiet"]), "--out", str(tmp_path / "c")]
    )
    assert done.exit_code == 0, done.output
    assert "less than leaky (table 1)" in done.output.replace("\n", " ")
    files = {path.name for path in (tmp_path / "c").iterdir()}
    assert files == {"comparison.html", "comparison.json", "comparison.txt"}
    data = json.loads((tmp_path / "c" / "comparison.json").read_text(encoding="utf-8"))
    assert Comparison.model_validate(data).pairs[0].paired


def test_persons_are_compared_with_themselves(tmp_path: Path) -> None:
    """Grouped audits pair by person, and never with one that counted rows."""
    places = []
    for name, leak, key in (("a", 0.5, "who"), ("b", 0.0, "who"), ("rows", 0.0, None)):
        train, holdout, synthetic = make_case(N_ROWS, 7, leak)
        for side, frame in enumerate((train, holdout)):
            frame["who"] = [f"p{side}-{i // 2}" for i in range(N_ROWS)]
        request = AuditRequest(
            shadows=0, attacks=("closest_record", "tracing"), jobs=1, group_key=key
        )
        if key is None:
            synthetic["who"] = [f"s-{i}" for i in range(N_ROWS)]
        write_outputs(
            run_audit(train, holdout, synthetic, request), tmp_path / name, save_scores=True
        )
        places.append(tmp_path / name)
    both = compare(places[:2]).pairs[0]
    assert both.paired
    assert both.told_apart
    mixed = compare(places[1:]).pairs[0]
    assert not mixed.paired
    assert "group" in mixed.why or "other people" in mixed.why
