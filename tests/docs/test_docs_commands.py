"""Every command of the docs is executed: in a shell, on real files, one page after the other.

Only the plug-ins are fewer: a shim on the PATH adds a short list of attacks and no shadows to
``audit``, and the slowest check is left out, so that a page takes seconds. What a page prepares
itself is prepared by its commands; what it takes for granted (a real table, a release) is laid out
here.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import make_population
from finished_audits import QUICK, without_slow_checks

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SHIM = """#!/bin/sh
case "$1" in
  audit) set -- "$@" --shadows 0 --jobs 1 --attacks {attacks} ;;
  claims) case "$*" in *--report*) ;; *) set -- "$@" --shadows 0 --attacks {attacks} ;; esac ;;
esac
exec "{python}" -m synthaudit "$@"
"""
VERDICTS = {"audit": {0, 1, 3}, "gate": {0, 1, 3}, "claims": {0, 1, 3}, "doctor": {0, 3}}
"""Commands whose exit code is a verdict; every other one must exit with 0."""
CLAIMS = re.search(r"```toml\n(.*?)```", (DOCS / "claims.md").read_text(), re.DOTALL)


@pytest.fixture
def workshop(tmp_path: Path) -> Path:
    """A folder with what pages take for granted, and the command on the PATH."""
    real = make_population(240, 5)
    real.to_csv(tmp_path / "people.csv", index=False)
    release = make_population(120, 6)
    for folder in (tmp_path, tmp_path / "vendor", tmp_path / "buyer"):
        folder.mkdir(exist_ok=True)
    release.to_csv(tmp_path / "release.csv", index=False)
    release.to_csv(tmp_path / "vendor" / "release.csv", index=False)
    release.to_parquet(tmp_path / "release.parquet")
    split = tmp_path / "split"
    split.mkdir()
    for name, part in (("train", real[:120]), ("holdout", real[120:])):
        part.to_csv(split / f"{name}.csv", index=False)
        part.to_parquet(split / f"{name}.parquet")
    assert CLAIMS is not None
    (tmp_path / "claims.toml").write_text(CLAIMS.group(1))
    shim = tmp_path / "bin" / "synthaudit"
    shim.parent.mkdir()
    shim.write_text(SHIM.format(attacks=",".join(QUICK), python=sys.executable))
    shim.chmod(0o755)
    return tmp_path


def execute(line: str, workshop: Path) -> subprocess.CompletedProcess[str]:
    """One line in a shell, as a reader would paste it."""
    where = os.environ["PATH"]
    environment = {
        "PATH": f"{workshop / 'bin'}:{where}",
        "PYTHONPATH": without_slow_checks(workshop / "bin"),
        "GITHUB_STEP_SUMMARY": str(workshop / "summary.md"),
    }
    done = subprocess.run(
        ["sh", "-c", line], cwd=workshop, capture_output=True, text=True, check=False,
        env=os.environ | environment,
    )  # fmt: skip
    allowed = {0}
    command = re.match(r"synthaudit (\S+)", line)
    if command is not None:
        allowed = VERDICTS.get(command.group(1), {0})
    assert done.returncode in allowed, f"{line}\n{done.stdout}\n{done.stderr}"
    return done


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text("utf-8"), flags=re.DOTALL)


def console_lines(page: Path) -> list[str]:
    """Lines after a dollar sign, in order."""
    return [
        line.removeprefix("$ ")
        for block in blocks(page, "console")
        for line in block.splitlines()
        if line.startswith("$ ")
    ]


PAGES = [
    "evidence.md", "claims.md", "how-to/pipeline.md", "how-to/buyer.md",
    "how-to/vendor-holds-the-data.md", "recipes.md",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_run_in_its_order(page: str, workshop: Path) -> None:
    lines = console_lines(DOCS / page)
    assert lines
    if page == "claims.md":  # takes a finished audit for granted
        execute(AUDIT, workshop)
    for line in lines:
        execute(line, workshop)


AUDIT = (
    "synthaudit audit --train split/train.csv --holdout split/holdout.csv --synthetic release.csv "
    "--out audit --quiet"
)


def commands_in(value: object) -> Iterator[str]:
    """Command lines anywhere in a YAML file."""
    if isinstance(value, dict):
        for item in value.values():
            yield from commands_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from commands_in(item)
    elif isinstance(value, str) and value.startswith("synthaudit "):
        yield " ".join(value.split())


def recipe_commands() -> list[str]:
    """Command lines of the recipes in YAML and Python, each once."""
    import yaml

    page = DOCS / "recipes.md"
    found = [line for text in blocks(page, "yaml") for line in commands_in(yaml.safe_load(text))]
    for text in blocks(page, "python"):
        found += [
            node.value
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Constant) and str(node.value).startswith("synthaudit audit ")
        ]
    return list(dict.fromkeys(found))


@pytest.mark.slow
def test_the_command_of_every_recipe_runs(workshop: Path) -> None:
    commands = recipe_commands()
    assert len(commands) == 5  # GitHub, GitLab, Airflow, Dagster, DVC; dbt's is on the console
    for line in commands:
        execute(line, workshop)
    summary = (workshop / "summary.md").read_text()
    assert summary.startswith("### synthaudit: ")
    assert (workshop / "audit" / "junit.xml").is_file()
    assert (workshop / "audit" / "metrics.json").is_file() and (workshop / "metrics.json").is_file()


def test_every_page_with_commands_is_executed() -> None:
    with_commands = {
        str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md") if blocks(page, "console")
    }
    # generators.md shows options, with what does not matter left out as dots
    assert with_commands <= {*PAGES, "generators.md"}


@pytest.mark.sdv
@pytest.mark.slow
def test_the_code_for_data_teams_runs(workshop: Path) -> None:
    pytest.importorskip("sdv")
    code = "\n".join(blocks(DOCS / "how-to" / "data-team.md", "python"))
    script = workshop / "page.py"
    script.write_text(PREFACE + code)
    done = subprocess.run(
        [sys.executable, script], cwd=workshop, capture_output=True, text=True, check=False,
        env=os.environ
        | {"PYTHONPATH": without_slow_checks(workshop / "bin"), "PYTHONWARNINGS": "ignore"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (workshop / "report.html").read_text().startswith("<!doctype html>")
    assert "INCONCLUSIVE" in done.stdout


PREFACE = """# the same calls with fewer attacks
from dataclasses import replace

import synthaudit.corridor as corridor

real_run = corridor.run_audit
def quick(train, holdout, synthetic, request, *rest):
    return real_run(
        train, holdout, synthetic,
        replace(request, attacks=("closest_record", "tracing"), shadows=0, generator=None, jobs=1),
        *rest,
    )
corridor.run_audit = quick
"""


def test_pages_link_to_pages_that_exist() -> None:
    for page in DOCS.rglob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
