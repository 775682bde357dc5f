"""The pytest plug-in, in a pytest of its own that finds it by its entry point."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from synthaudit.corridor import AuditRun
from synthaudit.integrations.pytest_plugin import assert_private

ROOT = Path(__file__).parents[2]
TESTS = """
from pathlib import Path
from synthaudit.report.model import AuditReport
HERE = Path(__file__).parent

def test_release(assert_private):
    assert_private(HERE / "leaky.json")

def test_release_under_another_policy(assert_private):
    assert_private(AuditReport.from_json((HERE / "null.json").read_text()), policy=HERE / "p.toml")
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as a user gets it, unpacked where Python looks for packages."""
    folder = tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


def test_a_failure_prints_the_verdict(
    installed: Path, finished: dict[str, AuditRun], tmp_path: Path
) -> None:
    from test_gate_rejudge import ALL, policy_text

    for name, run in finished.items():
        (tmp_path / f"{name}.json").write_text(run.report.to_json())
    (tmp_path / "p.toml").write_text(policy_text(ALL))
    (tmp_path / "test_it.py").write_text(TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(installed)},
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed, 1 passed" in done.stdout
    assert "FAIL: Leak above the limit" in done.stdout and "Not tested" in done.stdout
    # the assertion is shown where the user wrote it, not inside the plug-in
    assert "pytest_plugin.py" not in done.stdout.split("short test summary")[0]


def test_the_function_does_what_the_fixture_does(finished: dict[str, AuditRun]) -> None:
    with pytest.raises(AssertionError, match="under the policy 'strict'"):
        assert_private(finished["null"].report, policy="strict")
