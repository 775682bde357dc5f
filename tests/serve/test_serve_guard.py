"""Who is let in: host, token, origin; and what every answer carries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from synthaudit.serve.app import make_app
from synthaudit.serve.settings import Settings

SETTINGS = Settings(port=8123)
OWN = "http://127.0.0.1:8123"
INSIDE = f"/{SETTINGS.token}"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    app = make_app(tmp_path, SETTINGS)
    with TestClient(app, base_url=OWN, follow_redirects=False) as client:
        yield client


def test_the_address_with_the_token_opens(client: TestClient) -> None:
    answer = client.get(f"{INSIDE}/")
    assert answer.status_code == 200
    assert "Choose three tables" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/wrong/",
        f"/{SETTINGS.token[:-1]}/",
        f"/{SETTINGS.token}x/",
        f"/{SETTINGS.token.swapcase()}/",
        "/%F0%9F%98%80/",
        f"//{SETTINGS.token}/",
        "/static/serve.css",
        "/favicon.ico",
    ],
    # a token in an identifier would differ from worker to worker
    ids=["none", "wrong", "short", "long", "swapped", "emoji", "empty-first", "style", "icon"],
)
def test_nothing_is_answered_without_the_token(client: TestClient, path: str) -> None:
    answer = client.get(f"{OWN}{path}")
    assert answer.status_code == 403
    assert SETTINGS.token not in answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8123", "127.0.0.1", "127.0.0.1:80", "127.0.0.2:8123", ""]
)
def test_a_foreign_name_for_this_computer_is_refused(client: TestClient, host: str) -> None:
    answer = client.get(f"{INSIDE}/", headers={"Host": host})
    assert answer.status_code == 421
    assert SETTINGS.token not in answer.text


def test_localhost_is_this_computer_too(client: TestClient) -> None:
    assert client.get(f"{INSIDE}/", headers={"Host": "localhost:8123"}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:8123", None])
@pytest.mark.parametrize("path", ["/audits", "/quit", "/audits/x/start", "/audits/x/remove"])
def test_only_this_page_may_change_anything(
    client: TestClient, path: str, origin: str | None
) -> None:
    headers = {"Origin": origin} if origin is not None else {}
    assert client.post(f"{INSIDE}{path}", headers=headers).status_code == 403


def test_another_page_may_not_even_read(client: TestClient) -> None:
    answer = client.get(f"{INSIDE}/", headers={"Origin": "http://127.0.0.1:9"})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/", "/static/serve.css", "/static/none", "/audits/none", "/no"])
def test_every_answer_is_strict(client: TestClient, path: str) -> None:
    answer = client.get(f"{INSIDE}{path}")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"


def test_the_ticket_opens_once(client: TestClient) -> None:
    assert client.get("/open/wrong").status_code == 403
    first = client.get(f"/open/{SETTINGS.ticket}")
    assert first.status_code == 303 and first.headers["location"] == f"{INSIDE}/"
    assert client.get(f"/open/{SETTINGS.ticket}").status_code == 403


def test_secrets_are_long_and_differ() -> None:
    other = Settings(port=1)
    secrets = {SETTINGS.token, SETTINGS.ticket, other.token, other.ticket}
    assert len(secrets) == 4 and all(len(secret) >= 43 for secret in secrets)


def test_files_beside_the_assets_cannot_be_asked_for(client: TestClient) -> None:
    for name in ("page.html", "base.html", "..%2Fapp.py", "serve.css%00", "../app.py"):
        assert client.get(f"{INSIDE}/static/{name}").status_code == 404
