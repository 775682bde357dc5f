"""The page in this process, with a worker that only pretends."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from running_server import files_below
from starlette.testclient import TestClient

from synthaudit.serve.app import make_app
from synthaudit.serve.sessions import Session, State
from synthaudit.serve.settings import Settings

FAKE = str(Path(__file__).with_name("fake_worker.py"))
OWN = "http://127.0.0.1:8123"
TABLE = b"a,b\n1,2\n3,4\n"

Page = Callable[..., "Asked"]


class Asked:
    """A client inside the token, with the application behind it."""

    def __init__(self, folder: Path, manner: str, **options: object) -> None:
        command = (sys.executable, FAKE, manner)
        self.settings = Settings(port=8123, command=command, **options)  # type: ignore[arg-type]
        self.folder = folder
        self.app = make_app(folder, self.settings)
        self.client = TestClient(self.app, base_url=OWN, headers={"Origin": OWN})
        self.inside = f"/{self.settings.token}"

    @property
    def sessions(self) -> list[Session]:
        return list(self.app.app.state.house.sessions.values())

    def upload(self, **content: bytes) -> object:
        given = {"train": TABLE, "holdout": TABLE, "synthetic": TABLE} | content
        files = {role: (f"{role}.csv", bytes_) for role, bytes_ in given.items()}
        return self.client.post(f"{self.inside}/audits", files=files)

    def act(self, session: Session, action: str, **fields: str) -> object:
        return self.client.post(f"{self.inside}/audits/{session.id}/{action}", data=fields)

    def see(self, session: Session, what: str = "") -> object:
        return self.client.get(f"{self.inside}/audits/{session.id}{what}")

    def until(self, session: Session, state: State) -> None:
        end = time.monotonic() + 20
        while session.state is not state:
            assert time.monotonic() < end, session.state
            time.sleep(0.02)

    def ready(self) -> Session:
        before = set(self.sessions)
        self.upload()
        (session,) = set(self.sessions) - before
        self.until(session, State.READY)
        return session

    def files(self) -> list[Path]:
        return files_below(self.folder)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    opened: list[Asked] = []

    def start(manner: str, **options: object) -> Asked:
        opened.append(Asked(tmp_path, manner, **options))
        opened[-1].client.__enter__()
        return opened[-1]

    yield start
    for asked in opened:
        asked.client.__exit__(None, None, None)


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stream:  # noqa: PTH123
            return stream.read().split()[2] != "Z"
    except FileNotFoundError:
        return False


def test_the_whole_way(page: Page) -> None:
    asked = page("finish")
    session = asked.ready()
    seen = asked.see(session)
    assert "&lt;b&gt;.csv" in seen.text and "<i>age" not in seen.text
    assert "A doubt." in seen.text and "PASS is out of reach" not in seen.text
    asked.act(session, "start", policy="default", thorough="quick")
    asked.until(session, State.DONE)
    assert "<h1>the card</h1>" in asked.see(session).text
    report = asked.see(session, "/report")
    assert report.text == "<p>the report</p>"
    assert "style-src 'unsafe-inline'" in report.headers["content-security-policy"]
    pack = asked.see(session, "/pack")
    assert pack.content == b"PK" and "audit-of-synthetic.zip" in pack.headers["content-disposition"]
    # the tables are gone as soon as the audit is over
    assert {path.name for path in asked.files()} == {"report.html", "pack.zip"}
    finished = asked.act(session, "remove")
    assert "were removed" in finished.text and asked.files() == [] and not asked.sessions
    assert asked.see(session).status_code == 404 and "not here any more" in asked.see(session).text


def test_uploads_are_private(page: Page) -> None:
    asked = page("for ever")
    session = asked.ready()
    for path in session.files.values():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(session.folder.stat().st_mode) == 0o700


def test_refused_files_are_removed_and_the_sentence_is_shown(page: Page) -> None:
    asked = page("refuse")
    asked.upload()
    (session,) = asked.sessions
    asked.until(session, State.REFUSED)
    seen = asked.see(session)
    assert "train is damaged; export it again." in seen.text and 'role="alert"' in seen.text
    assert asked.files() == []
    asked.upload()  # the refused one makes room
    assert session not in asked.sessions and len(asked.sessions) == 1


def test_a_worker_that_dies_is_said(page: Page) -> None:
    asked = page("die")
    session = asked.ready()
    asked.act(session, "start", policy="strict", thorough="full")
    asked.until(session, State.REFUSED)
    assert "ran out of memory" in asked.see(session).text and asked.files() == []


def test_a_worker_that_cannot_be_started_is_said(page: Page, tmp_path: Path) -> None:
    asked = page("finish")
    object.__setattr__(asked.settings, "command", (str(tmp_path / "none"),))
    asked.upload()
    (session,) = asked.sessions
    asked.until(session, State.REFUSED)
    assert asked.files() == []


@pytest.mark.parametrize("role", ["train", "holdout", "synthetic"])
def test_a_missing_file_is_named(page: Page, role: str) -> None:
    asked = page("finish")
    files = {r: (f"{r}.csv", TABLE) for r in ("train", "holdout", "synthetic") if r != role}
    answer = asked.client.post(f"{asked.inside}/audits", files=files)
    assert answer.status_code == 400 and f"No file was chosen for {role}" in answer.text
    assert asked.files() == [] and not asked.sessions


@pytest.mark.parametrize("content", [b"", b"--no boundary", b"\xff" * 100])
def test_a_garbled_form_is_refused(page: Page, content: bytes) -> None:
    asked = page("finish")
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data", "text/plain"):
        headers = {"Content-Type": kind}
        answer = asked.client.post(f"{asked.inside}/audits", content=content, headers=headers)
        assert answer.status_code == 400 and 'role="alert"' in answer.text
    assert asked.files() == [] and not asked.sessions


def test_too_large_is_refused_in_a_sentence(page: Page) -> None:
    asked = page("finish", max_upload=1_000_000)
    answer = asked.upload(synthetic=b"x" * 1_100_000)
    assert answer.status_code == 413 and "1 MB together" in answer.text
    assert asked.files() == [] and not asked.sessions
    assert asked.upload(synthetic=b"x" * 900_000).status_code == 200


def test_names_cannot_lead_anywhere(page: Page) -> None:
    asked = page("for ever")
    files = {
        "train": ("../../../../etc/passwd", TABLE),
        "holdout": ("..", TABLE),
        "synthetic": ("C:\\data\\" + "ä" * 300 + "\u202etxt.csv", TABLE),
    }
    asked.client.post(f"{asked.inside}/audits", files=files)
    (session,) = asked.sessions
    assert session.names["train"] == "passwd" and session.names["holdout"] == "table"
    assert session.names["synthetic"].endswith("ätxt.csv")
    assert all(session.folder in path.resolve().parents for path in session.files.values())


def test_one_audit_works_and_the_others_wait(page: Page) -> None:
    asked = page("for ever")
    first, second, third = asked.ready(), asked.ready(), asked.ready()
    for session in (first, second, third):
        asked.act(session, "start", policy="default", thorough="full")
    asked.until(first, State.RUNNING)
    assert "One other audit is before this one" in asked.see(second).text
    assert "2 other audits are before this one" in asked.see(third).text
    assert {s.state for s in (second, third)} == {State.WAITING}
    asked.act(first, "remove")
    asked.until(second, State.RUNNING)
    assert third.state is State.WAITING
    asked.act(third, "remove")  # the one that waits can be cancelled as well
    assert asked.sessions == [second]
    assert not first.folder.exists() and not third.folder.exists() and second.folder.exists()


def test_cancelling_ends_the_worker_and_its_children(page: Page) -> None:
    asked = page("for ever")
    session = asked.ready()
    asked.act(session, "start", policy="default", thorough="full")
    end = time.monotonic() + 20
    while not (session.folder / "child").exists() or session.track.done == 0:
        assert time.monotonic() < end
        time.sleep(0.02)
    child = int((session.folder / "child").read_text())
    assert alive(child)
    asked.act(session, "remove")
    assert not alive(child) and asked.files() == []


def test_what_nobody_looks_at_is_forgotten(page: Page) -> None:
    asked = page("for ever", forget_after=1.5)
    session = asked.ready()
    asked.act(session, "start", policy="default", thorough="full")
    asked.until(session, State.RUNNING)
    end = time.monotonic() + 20
    while asked.sessions or asked.files():
        assert time.monotonic() < end
        time.sleep(0.05)
    assert asked.see(session).status_code == 404


def test_what_is_watched_is_kept(page: Page) -> None:
    asked = page("for ever", forget_after=1.5)
    session = asked.ready()
    session.watchers += 1
    time.sleep(4)
    assert asked.sessions == [session]


def test_only_so_many_audits_are_kept(page: Page) -> None:
    asked = page("for ever", max_audits=2)
    asked.ready(), asked.ready()
    answer = asked.upload()
    assert answer.status_code == 400 and "finish one of them first" in answer.text
    assert len(asked.sessions) == 2


def test_settings_that_do_not_exist_are_refused(page: Page) -> None:
    asked = page("finish")
    session = asked.ready()
    answer = asked.act(session, "start", policy="/etc/passwd", thorough="quick")
    assert answer.status_code == 400 and "no such policy" in answer.text
    assert session.state is State.READY
    assert asked.act(session, "start", policy="x" * 100_000).status_code == 400


def test_a_report_that_is_not_there_yet(page: Page) -> None:
    asked = page("for ever")
    session = asked.ready()
    assert asked.see(session, "/report").status_code == 404
    assert asked.see(session, "/pack").status_code == 404


def test_without_a_script_the_page_refreshes_itself(page: Page) -> None:
    asked = page("for ever")
    session = asked.ready()
    asked.act(session, "start", policy="default", thorough="full")
    asked.until(session, State.RUNNING)
    assert '<noscript><meta http-equiv="refresh"' in asked.see(session).text


def test_the_end_of_the_server_ends_everything(page: Page, tmp_path: Path) -> None:
    asked = page("for ever")
    session = asked.ready()
    asked.act(session, "start", policy="default", thorough="full")
    asked.until(session, State.RUNNING)
    asked.client.__exit__(None, None, None)
    assert asked.files() == []
    asked.client.__enter__()  # for the fixture's sake


def test_errors_of_our_own_keep_what_they_quote(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = page("finish")
    client = TestClient(asked.app, OWN, raise_server_exceptions=False)

    def explode(*_: object, **__: object) -> None:
        raise RuntimeError("the cell 4711")

    monkeypatch.setattr(os, "open", explode)
    answer = client.post(
        f"{asked.inside}/audits",
        files={r: (r, TABLE) for r in ("train", "holdout", "synthetic")},
        headers={"Origin": OWN},
    )
    assert answer.status_code == 500
    assert "Internal error: RuntimeError" in answer.text and "4711" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
