"""The command as a process: what it says, how it ends, and what it leaves behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from running_server import ROOT, Running, small_tables

from synthaudit.serve.folders import private_folder, sweep_abandoned

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="processes are looked at in /proc"
)


def upload(server: Running, tables: dict[str, Path]) -> str:
    """Send three files; the address of the audit."""
    files = {role: (path.name, path.read_bytes()) for role, path in tables.items()}
    origin = {"Origin": f"http://127.0.0.1:{server.port}"}
    answer = httpx2.post(f"{server.address}audits", files=files, headers=origin, timeout=20)
    assert answer.status_code == 303, answer.text
    return f"http://127.0.0.1:{server.port}{answer.headers['location']}"


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def children(pid: int) -> list[int]:
    """Processes the server started, as the kernel tells it."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    """Running: not gone, and not a zombie nobody has asked for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_in_the_middle_of_work_leaves_nothing(tmp_path: Path, number: int) -> None:
    tables = small_tables(tmp_path)
    with Running(tmp_path / "tmp") as server:
        upload(server, tables)
        until(lambda: bool(children(server.process.pid)))
        (folder,) = server.folder.iterdir()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        kept = [path for path in server.files() if path.suffix == ".csv"]
        assert len(kept) == 3 and {stat.S_IMODE(p.stat().st_mode) for p in kept} == {0o600}
        (worker,) = children(server.process.pid)
        said = server.stop(number)
        assert "every file was removed" in said and "Traceback" not in said
        assert server.process.returncode == 0
        assert list(server.folder.iterdir()) == []
        until(lambda: not alive(worker), 10)


def test_after_a_kill_the_worker_ends_and_the_next_start_tidies_up(tmp_path: Path) -> None:
    tables = small_tables(tmp_path)
    server = Running(tmp_path / "tmp")
    upload(server, tables)
    until(lambda: bool(children(server.process.pid)))
    (worker,) = children(server.process.pid)
    server.stop(signal.SIGKILL)
    assert server.files()
    until(lambda: not alive(worker), 10)
    with Running(tmp_path / "tmp") as following:
        assert following.files() == []


def test_a_folder_in_use_is_not_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "synthaudit-serve-stranger").mkdir()  # no lock: not one of ours
    with private_folder() as folder:
        (folder / "table.csv").write_text("a\n1\n")
        sweep_abandoned()
        assert (folder / "table.csv").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["synthaudit-serve-stranger"]


def test_it_listens_on_this_computer_only(tmp_path: Path) -> None:
    with Running(tmp_path / "tmp") as server:
        listening = [
            line.split()
            for name in ("tcp", "tcp6")
            for line in Path(f"/proc/net/{name}").read_text(encoding="ascii").splitlines()[1:]
            if line.split()[1].endswith(f":{server.port:04X}") and line.split()[3] == "0A"
        ]
        assert [fields[1] for fields in listening] == [f"0100007F:{server.port:04X}"]


def test_it_answers_where_it_says_and_stops_by_its_button(tmp_path: Path) -> None:
    with Running(tmp_path / "tmp") as server:
        assert httpx2.get(server.address).status_code == 200
        origin = {"Origin": f"http://127.0.0.1:{server.port}"}
        goodbye = httpx2.post(f"{server.address}quit", headers=origin)
        assert "is closed" in goodbye.text and "<style>" in goodbye.text
        assert server.process.wait(20) == 0
        assert list(server.folder.iterdir()) == []


def refused(*options: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "synthaudit", "serve", "--no-open", *options],
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
    return done.stderr


def test_what_the_how_to_says_can_be_typed() -> None:
    import typer

    from synthaudit.cli import app

    page = (ROOT / "docs" / "how-to" / "local-page.md").read_text(encoding="utf-8")
    command = typer.main.get_command(app).commands["serve"]  # type: ignore[attr-defined]
    flags = {flag for option in command.params for flag in (*option.opts, *option.secondary_opts)}
    lines = [line for line in page.splitlines() if line.startswith("synthaudit serve")]
    used = {word for line in lines for word in line.split() if word.startswith("--")}
    assert len(lines) >= 3 and used and used <= flags
    for picture in re.findall(r"\]\(([^)]+\.png)\)", page):
        assert (ROOT / "docs" / "how-to" / picture).exists()


def test_a_port_that_is_taken_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = refused("--port", str(taken.getsockname()[1]))
    assert "cannot be used" in said and "--port" in said


def test_without_the_extra_it_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "uvicorn.py").write_text("raise ModuleNotFoundError(name='uvicorn')\n")
    said = refused(PYTHONPATH=os.pathsep.join([str(tmp_path), str(ROOT)]))
    assert said.strip() == (
        "synthaudit: The local page needs the 'serve' extra (uvicorn is missing): install "
        "'.[serve]'."
    )
