"""The wheel: the same bytes twice, and nothing in it that is not needed."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The wheel built twice, from two places and with two clocks."""
    built = []
    for clock in ("1000000000", "1700000000"):
        source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
        for name in ("synthaudit", "pyproject.toml", "README.md", "LICENSE"):
            (source / name).symlink_to(ROOT / name)
        subprocess.run(
            [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, source],
            check=True,
            capture_output=True,
            env={k: v for k, v in os.environ.items() if k != "SOURCE_DATE_EPOCH"}
            | {"PYTHONHASHSEED": clock},
        )
        built += out.glob("*.whl")
    return built


@pytest.mark.slow
def test_two_builds_are_the_same_bytes(wheels: list[Path]) -> None:
    assert len(wheels) == 2 and wheels[0].name == wheels[1].name
    assert wheels[0].read_bytes() == wheels[1].read_bytes()


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_what_it_reads(wheels: list[Path]) -> None:
    with zipfile.ZipFile(wheels[0]) as wheel:
        names = [name for name in wheel.namelist() if ".dist-info/" not in name]
        size = sum(item.file_size for item in wheel.infolist())
    assert all(name.startswith("synthaudit/") for name in names)
    kinds = {Path(name).suffix for name in names}
    # code, policies, the parts of the page
    assert kinds <= {".py", ".toml", ".j2", ".css", ".js", ".html", ".svg", ".typed"}, kinds
    assert not any("__pycache__" in name or "test" in Path(name).parts for name in names)
    assert {"synthaudit/py.typed", "synthaudit/policies/default.toml"} <= set(names)
    assert size < 4_000_000
