"""The page as people meet it: a real server, a real Chromium, real files, real audits."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import chromium
import pytest
from running_server import Running, small_tables

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

pytestmark = pytest.mark.browser
WIDTHS = (390, 768, 1280)
ENTER = "\ue007"  # the key, for WebDriver


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory, downloads: Path) -> Iterator[Chrome]:
    preferences = {"download.default_directory": str(downloads)}
    with chromium.started(tmp_path_factory.mktemp("profile"), **preferences) as chrome:
        yield chrome


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return small_tables(tmp_path_factory.mktemp("tables"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path / "tmp", "--max-upload", "1", "--forget-after", "0.1") as server:
        yield server


def until(condition: Callable[[], object], seconds: float = 240) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def found(browser: Chrome, selector: str) -> list[WebElement]:
    return browser.find_elements("css selector", selector)


def text(browser: Chrome) -> str:
    return str(browser.execute_script("return document.body.innerText"))


def press(browser: Chrome, words: str, *, sure: bool | None = None) -> None:
    """Press a button or link with the keyboard; ``sure`` answers the question that follows."""
    from selenium.webdriver.support.expected_conditions import alert_is_present
    from selenium.webdriver.support.ui import WebDriverWait

    button = next(b for b in found(browser, "button, a.button") if words in b.text)
    button.send_keys(ENTER)
    if sure is not None:
        alert = WebDriverWait(browser, 10).until(alert_is_present())
        alert.accept() if sure else alert.dismiss()


def choose(browser: Chrome, files: dict[str, Path]) -> None:
    for role, path in files.items():
        found(browser, f"#{role}")[0].send_keys(str(path))


def examined(browser: Chrome, server: Running, files: dict[str, Path]) -> None:
    """Choose files on a new start page and wait for the findings."""
    browser.get(server.address)
    choose(browser, files)
    press(browser, "Check the files")
    until(lambda: found(browser, "#settings"))


def begun(browser: Chrome, thoroughness: str) -> None:
    found(browser, f"#{thoroughness}")[0].send_keys(" ")
    press(browser, "Start the audit")
    until(lambda: found(browser, ".stages"))


def inspected(browser: Chrome) -> None:
    """Nothing sticks out at any width, and the accessibility engine is content, light and dark."""
    browser.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
    for width in WIDTHS:
        chromium.resized(browser, width)
        assert browser.execute_script(chromium.OVERFLOWING) == [], width
    for scheme in ("light", "dark"):
        chromium.scheme(browser, scheme)
        passed, problems = chromium.violations(browser)
        assert problems == [] and "color-contrast" in passed
    chromium.scheme(browser, None)


def in_reading_order(browser: Chrome) -> bool:
    """Nothing jumps the queue of the tabulator, and the first stop skips to the page itself."""
    focusable = "a[href], button, input, summary, [tabindex]"
    order = browser.execute_script(
        f"return [...document.querySelectorAll('{focusable}')].map(e => e.tabIndex)"
    )
    first = found(browser, focusable)[0]
    return set(order) == {0} and first.get_attribute("class") == "skip"


def asked_elsewhere(browser: Chrome, server: Running) -> list[str]:
    """Requests of the browser's log that did not go to the server."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    urls = [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
    assert any(url.startswith(server.address) for url in urls)
    # the browser's own empty tab loads things of its own, none of them from a network
    return [url for url in urls if url.startswith("http") and not url.startswith(server.address)]


def complaints(browser: Chrome) -> list[str]:
    """What the browser's console says, content security policy and all."""
    return [entry["message"] for entry in browser.get_log("browser")]


def test_from_three_files_to_the_pack(
    browser: Chrome, server: Running, tables: dict[str, Path], downloads: Path
) -> None:
    browser.get_log("performance"), browser.get_log("browser")
    browser.get(server.address)
    inspected(browser)
    examined(browser, server, tables)
    assert "150 rows, 7 columns" in text(browser) and "PASS is out of reach" in text(browser)
    assert in_reading_order(browser)
    inspected(browser)
    begun(browser, "quick")
    until(lambda: found(browser, ".verdict"))
    assert "Can someone tell who was in the training data?" in text(browser)
    inspected(browser)
    # nothing of the real tables is left, although the report is still there
    assert not [path for path in server.files() if path.suffix == ".csv"]
    press(browser, "Download the pack")
    pack = downloads / "audit-of-synthetic_leaky.zip"
    until(pack.exists)
    with zipfile.ZipFile(pack) as archive:
        names = set(archive.namelist())
        report = json.loads(archive.read("audit/report.json"))
    assert {"audit/report.html", "audit/report.md", "audit/evidence/MANIFEST.json"} <= names
    assert report["inputs"]["synthetic"]["source"] == "synthetic_leaky.csv"
    press(browser, "Read the whole report")
    until(lambda: len(browser.window_handles) == 2)
    first, second = browser.window_handles
    browser.switch_to.window(second)
    until(lambda: "Every attack and every check" in text(browser))
    browser.close()
    browser.switch_to.window(first)
    assert asked_elsewhere(browser, server) == [] and complaints(browser) == []
    press(browser, "Finish and remove")
    until(lambda: "All files of that audit were removed" in text(browser))
    assert server.files() == []


def test_two_audits_at_once_and_a_tab_that_is_closed(
    browser: Chrome, server: Running, tables: dict[str, Path]
) -> None:
    examined(browser, server, tables)
    begun(browser, "full")
    first = browser.current_window_handle
    running = browser.current_url
    browser.switch_to.new_window("tab")
    examined(browser, server, tables)
    begun(browser, "quick")
    until(lambda: "One other audit is before this one" in text(browser))
    assert browser.current_url != running
    # longer than what is forgotten after: an open tab, if in the background, is a look
    time.sleep(8)
    second = browser.current_window_handle
    browser.switch_to.window(first)
    assert "The audit is running" in browser.title
    moved = found(browser, ".stages .past")
    assert moved and not found(browser, "#lost")[0].is_displayed()
    inspected(browser)
    browser.close()
    browser.switch_to.window(second)
    # the closed one is ended, and the one that waited gets its turn by itself
    until(lambda: found(browser, ".verdict"))
    browser.get(running)
    until(lambda: "not here any more" in text(browser))
    inspected(browser)


def test_cancelling_asks_first_and_removes_everything(
    browser: Chrome, server: Running, tables: dict[str, Path]
) -> None:
    examined(browser, server, tables)
    begun(browser, "full")
    until(lambda: found(browser, ".stages .past"))
    press(browser, "Cancel and remove", sure=False)
    assert found(browser, ".stages") and server.files()
    press(browser, "Cancel and remove", sure=True)
    until(lambda: "All files of that audit were removed" in text(browser))
    until(lambda: server.files() == [], 10)


def test_files_that_cannot_be_used(
    browser: Chrome, server: Running, tables: dict[str, Path], tmp_path: Path
) -> None:
    workbook = tmp_path / "book.xlsx"
    workbook.write_bytes(b"PK\x03\x04 not a table")
    browser.get(server.address)
    choose(browser, tables | {"synthetic": workbook})
    press(browser, "Check the files")
    until(lambda: found(browser, "#problem"))
    assert "synthetic is a ZIP archive or an Excel workbook" in text(browser)
    assert browser.switch_to.active_element.get_attribute("id") == "problem"
    inspected(browser)
    assert server.files() == []


def test_files_over_the_limit(
    browser: Chrome, server: Running, tables: dict[str, Path], tmp_path: Path
) -> None:
    large = tmp_path / "large.csv"
    large.write_text("a,b\n" + "1,2\n" * 600_000)
    browser.get(server.address)
    choose(browser, tables | {"synthetic": large})
    # said before anything is sent ...
    assert found(browser, "#too-large")[0].is_displayed()
    assert not found(browser, "form.choose button")[0].is_enabled()
    inspected(browser)
    # ... and by the server to those who send it all the same
    browser.execute_script("HTMLFormElement.prototype.submit.call(document.forms[0])")
    until(lambda: found(browser, "#problem"))
    assert "larger than 1 MB together" in text(browser)
    assert server.files() == []


def test_without_javascript(browser: Chrome, server: Running, tables: dict[str, Path]) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(server.address)
        choose(browser, tables)
        found(browser, "form.choose button")[0].send_keys(ENTER)
        until(lambda: found(browser, "#settings"))
        found(browser, "#quick")[0].send_keys(" ")
        found(browser, "button[form=settings]")[0].send_keys(ENTER)
        until(lambda: found(browser, ".verdict"))
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_a_server_that_goes_away_is_said(
    browser: Chrome, server: Running, tables: dict[str, Path]
) -> None:
    browser.get(server.address)
    choose(browser, tables)
    press(browser, "Check the files")
    until(lambda: found(browser, ".stages"))
    server.stop()
    until(found(browser, "#lost")[0].is_displayed, 20)
    assert list(server.folder.iterdir()) == []


def test_closing_says_goodbye_in_style(browser: Chrome, server: Running) -> None:
    browser.get(server.address)
    press(browser, "Close synthaudit")
    until(lambda: "is closed" in text(browser))
    assert server.process.wait(20) == 0
    inspected(browser)
