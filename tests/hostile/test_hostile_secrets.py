"""Nothing of a table's cells, no network and no temporary file, even when things go wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from conftest import make_case

from synthaudit.cli import main

PACKAGE = str(Path(__file__).parents[2] / "synthaudit")
MARKER = "Zanzibar-4711"
QUICK = "closest_record,value_fingerprint"
# the last door itself, and what it prints with
DOOR = ("cli/main.py", "cli/say.py", "plugins.py")


@pytest.fixture
def flags(tmp_path: Path) -> list[str]:
    """Three CSV files full of markers, and the flags of a quick audit of them."""
    words: list[str] = []
    for name, frame in zip(("train", "holdout", "synthetic"), make_case(40, 5), strict=True):
        frame["job"] = [f"{MARKER}-{i % 4}" for i in range(len(frame))]
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
        words += [f"--{name}", str(tmp_path / f"{name}.csv")]
    return [*words, "--attacks", QUICK, "--shadows", "0", "--jobs", "1", "--save-scores"]


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["synthaudit", *map(str, arguments)])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


class Fault:
    """Raises an error that quotes a cell in the n-th call inside the package."""

    def __init__(self, at: int) -> None:
        self.at, self.n = at, 0

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        file = frame.f_code.co_filename
        if event != "call" or not file.startswith(PACKAGE) or file.endswith(DOOR):
            return
        self.n += 1
        if self.n == self.at:
            sys.settrace(None)
            raise ValueError(f"could not convert {MARKER}-1 of row 17")


def audited(
    fault: Fault, flags: list[str], out: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[int, int]:
    """The exit code of an audit with a fault, and how many calls it made."""
    before = sys.gettrace()
    sys.settrace(fault)
    try:
        code = run(monkeypatch, "audit", *flags, "--out", out)
    finally:
        sys.settrace(before)
    return code, fault.n


def test_an_error_anywhere_quotes_no_cell(
    flags: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    private = tmp_path / "tmp"
    private.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(private))
    code, n_calls = audited(Fault(0), flags, tmp_path / "sound", monkeypatch)
    assert code == 3 and n_calls > 2_000
    capsys.readouterr()
    # evenly over the whole run, and densely over its end, where things are written
    points = [round(n_calls * (i + 0.5) / 5) for i in range(5)]
    points += [n_calls - 2 - 37 * i for i in range(3)]
    codes = []
    for n, point in enumerate(points):
        out = tmp_path / f"out-{n}"
        code, _ = audited(Fault(point), flags, out, monkeypatch)
        codes.append(code)
        said = capsys.readouterr()
        assert MARKER not in said.out + said.err and "Traceback" not in said.err
        if code == 4:
            assert said.err.count("Internal error: ") == 1, said.err
        shareable = [path for path in out.rglob("*") if path.is_file()] if out.exists() else []
        if (out / "report.json") in shareable:  # a fault after the last file changes no file
            assert json.loads((out / "report.json").read_text())["verdict"]
        else:
            assert code not in (0, 1, 3)
        for path in shareable:
            assert path.suffix != ".part"
            assert MARKER.encode() not in path.read_bytes()
            if path.parent.name == "confidential":
                assert not path.stat().st_mode & 0o077
    assert 4 in codes and 3 in codes
    assert list(private.iterdir()) == []


NO_NETWORK = """
import sys
def watch(event, arguments):
    if event.startswith("socket.") and event not in ("socket.__new__", "socket.gethostname"):
        with open({log!r}, "a") as log:
            log.write(f"{{event}} {{arguments[1:]}}\\n")
        raise RuntimeError("no network here")
sys.addaudithook(watch)
"""


@pytest.mark.slow
def test_an_audit_with_workers_and_shadows_needs_no_network(
    flags: list[str], tmp_path: Path
) -> None:
    log = tmp_path / "network.log"
    (tmp_path / "sitecustomize.py").write_text(NO_NETWORK.format(log=str(log)))
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | {"PYTHONPATH": path}
    tried = subprocess.run(
        [sys.executable, "-c", "import socket; socket.create_connection(('127.0.0.1', 9))"],
        env=environment,
        capture_output=True,
        check=False,
    )
    assert b"no network here" in tried.stderr and "socket." in log.read_text()
    log.unlink()
    arguments = [part if part != "0" else "4" for part in flags]
    arguments[arguments.index("--attacks") + 1] = "closest_record,shadow_lira"
    arguments[arguments.index("--jobs") + 1] = "2"
    done = subprocess.run(
        [sys.executable, "-m", "synthaudit", "audit", *arguments, "--generator", "cart",
         "--out", str(tmp_path / "out")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1, 3), done.stderr
    assert not log.exists(), log.read_text()
    for kind in ("shadow_lira", "closest_record"):
        assert f'"{kind}"' in (tmp_path / "out" / "report.json").read_text()
