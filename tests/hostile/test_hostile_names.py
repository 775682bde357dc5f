"""Names and categories that attack whoever reads the outputs: inert in every file."""

from __future__ import annotations

import json
import re
import sys
import tomllib
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from synthaudit.cli import main

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></desc></svg><svg onload=alert(1)>",
    "[click](javascript:alert(1))",
    "| a | b |",
    "=HYPERLINK(\"http://evil.example\")",
    "+cmd|' /C calc'!A0",
    "../../../../etc/passwd",
    "%s%n{0.__class__.__init__.__globals__}",
    "{{ 7 * 7 }}{% raw %}",
    "\x1b]8;;http://evil.example\x07link\x1b]8;;\x07\x1b[2J",
    "\u202egnp.exe",
    "::error file=x::owned",
    "]]><!-- &lt;b&gt;",
    "$(touch owned) `touch owned`",
    "Z" + "\u0300" * 300,
)  # fmt: skip
N_ROWS = 60


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Everything an audit of hostile names and categories writes and prints."""
    folder = tmp_path_factory.mktemp("hostile")
    flags: list[str] = []
    for seed, table in enumerate(("train", "holdout", "synthetic")):
        rng = np.random.default_rng(seed)
        columns: dict[str, Any] = {name: rng.normal(size=N_ROWS).round(3) for name in HOSTILE[:8]}
        for name in HOSTILE[8:]:
            columns[name] = np.array(HOSTILE, dtype=object)[rng.integers(0, 5, N_ROWS)]
        frame = pd.DataFrame(columns)
        if table == "synthetic":  # a leak, so that there are findings to write about
            frame.iloc[:40] = pd.read_parquet(folder / "train.parquet").iloc[:40]
        frame.to_parquet(folder / f"{table}.parquet")
        flags += [f"--{table}", str(folder / f"{table}.parquet")]
    arguments = [
        "audit", *flags, "--out", str(folder / "out"), "--shadows", "0", "--findings",
        "--save-scores", "--evidence", "--junit", str(folder / "junit.xml"), "--github",
        "--metrics", str(folder / "metrics.json"), "--json", str(folder / "copy.json"),
        "--attacks", "closest_record,value_fingerprint",
    ]  # fmt: skip
    with pytest.MonkeyPatch.context() as patch, (folder / "said").open("w") as said:
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["synthaudit", *arguments])
        patch.setattr(sys, "stdout", said)
        patch.setattr(sys, "stderr", said)
        patch.setenv("GITHUB_STEP_SUMMARY", str(folder / "summary.md"))
        with pytest.raises(SystemExit) as left:
            main()
    assert left.value.code == 1, (folder / "said").read_text()
    return folder, (folder / "said").read_text()


class Tags(HTMLParser):
    """What a browser would see of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {(key, value or "") for key, value in attrs}


def test_nothing_is_written_elsewhere(written: tuple[Path, str]) -> None:
    folder, _ = written
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    strange = {
        file
        for file in files
        if not re.fullmatch(r"[\w.-]+(/[\w.-]+)*", file) or "owned" in file or "passwd" in file
    }
    assert strange == set()
    assert {"out/report.json", "out/confidential/findings.html", "junit.xml"} <= files


def test_pages_hold_no_foreign_tag_and_no_handler(written: tuple[Path, str]) -> None:
    pages = list(written[0].rglob("*.html"))
    assert len(pages) >= 2
    for page in pages:
        tags = Tags(page.read_text())
        assert not tags.seen & {"img", "iframe", "object", "embed", "link", "base", "form"}, page
        for key, value in tags.attributes:
            assert not key.startswith("on"), (page, key)
            assert not value.lower().lstrip().startswith(("javascript:", "http://evil")), value
        assert "alert(1)</script>" not in page.read_text()


def test_texts_hold_nothing_a_terminal_or_a_wiki_would_act_on(written: tuple[Path, str]) -> None:
    folder, said = written
    for text in (said, (folder / "out" / "report.md").read_text()):
        controls = {c for c in text if unicodedata.category(c) in {"Cc", "Cf"} and c != "\n"}
        assert controls <= {"\N{WORD JOINER}"}
    for path in (folder / "out" / "report.md", folder / "summary.md"):
        outside_code = re.sub(r"`[^`\n]*`", "", path.read_text())
        assert not re.search(r"(?<!\\)<(script|img)", outside_code)
        assert not re.search(r"(?<!\\)\]\(javascript:", outside_code)


def test_workflow_commands_are_ours_alone(written: tuple[Path, str]) -> None:
    commands = [line for line in written[1].splitlines() if line.startswith("::")]
    assert commands
    assert all(re.match(r"::(error|warning|notice) title=", line) for line in commands)
    assert not any(line.startswith("::error file=x") for line in commands)


def test_machine_readable_files_give_the_names_back(written: tuple[Path, str]) -> None:
    folder, _ = written
    wanted = {" ".join(name.split()) for name in HOSTILE}
    schema = tomllib.loads((folder / "out" / "schema.toml").read_text())
    assert set(schema["columns"]) == wanted
    for path in (folder / "out" / "report.json", folder / "copy.json"):
        assert path.read_text().isascii()
        columns = json.loads(path.read_text())["inputs"]["schema"]["columns"]
        assert {column["name"] for column in columns} == wanted
    assert json.loads((folder / "metrics.json").read_text())
    ElementTree.parse(folder / "junit.xml")  # noqa: S314 - written by us a moment ago
