"""The page in a real browser: opens from disk, asks for nothing, fits, prints, is accessible."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import chromium
import pytest
from chromium import OVERFLOWING, browser_paths, needed, resized, started, violations
from example_comparisons import COMPARISONS
from example_reports import EXAMPLES, failing
from test_report_confidential import exposed
from test_report_hostile import hostile_report, poisoned

from synthaudit.report.comparison import Comparison
from synthaudit.report.confidential import render_findings

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

pytestmark = pytest.mark.browser
REPORTS = pytest.mark.parametrize("name", EXAMPLES)
COMPARED = tuple(f"compare-{name}" for name in COMPARISONS)
PAGES = (*EXAMPLES, *COMPARED, "findings")
ALL = pytest.mark.parametrize("name", PAGES)
WIDTHS = pytest.mark.parametrize("width", [390, 768, 1280])


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with started(tmp_path_factory.mktemp("profile")) as chrome:
        yield chrome


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    found = {}
    for name, make in EXAMPLES.items():
        found[name] = folder / f"{name}.html"
        make().to_html(found[name])
    others = {f"compare-{name}": make().to_html() for name, make in COMPARISONS.items()}
    others["findings"] = render_findings(failing(), exposed(40))
    for name, page in others.items():
        found[name] = folder / f"{name}.html"
        found[name].write_text(page, encoding="utf-8")
    return found


def opened(browser: Chrome, path: Path) -> None:
    browser.get(path.as_uri())


@ALL
@WIDTHS
def test_nothing_sticks_out(browser: Chrome, files: dict[str, Path], name: str, width: int) -> None:
    resized(browser, width)
    opened(browser, files[name])
    browser.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert browser.execute_script(OVERFLOWING) == []
    wide = browser.execute_script("return document.documentElement.scrollWidth")
    assert wide <= width


@WIDTHS
def test_names_without_a_space_do_not_push_the_page_wide(
    browser: Chrome, tmp_path: Path, width: int
) -> None:
    page = tmp_path / "long.html"
    hostile_report("W" * 400).to_html(page)
    resized(browser, width)
    opened(browser, page)
    browser.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert browser.execute_script(OVERFLOWING) == []
    data = poisoned(json.loads(COMPARISONS["unlike"]().to_json()), "W" * 400)
    page.write_text(Comparison.model_validate(data).to_html(), encoding="utf-8")
    opened(browser, page)
    assert browser.execute_script(OVERFLOWING) == []


@ALL
@WIDTHS
def test_every_figure_can_be_seen(
    browser: Chrome, files: dict[str, Path], name: str, width: int
) -> None:
    resized(browser, width)
    opened(browser, files[name])
    browser.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
    sizes = browser.execute_script(
        "return [...document.querySelectorAll('svg[role=img]')]"
        ".filter(e => e.closest('.opt') === null)"
        ".map(e => [e.getBoundingClientRect().width, e.getBoundingClientRect().height])"
    )
    assert (len(sizes) > 0) == (name not in {"invalid", "findings"})
    assert all(width > 40 and height > 15 for width, height in sizes)


@ALL
def test_it_asks_the_network_for_nothing_and_complains_of_nothing(
    browser: Chrome, files: dict[str, Path], name: str
) -> None:
    browser.get_log("performance")
    browser.get_log("browser")
    opened(browser, files[name])
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
    assert asked == [files[name].as_uri()]
    assert browser.get_log("browser") == []


AXE = [
    *((name, "light", 1280) for name in PAGES),
    *(
        (name, "dark", 1280)
        for name in ("fail", "pass", "inconclusive", "invalid", "compare-releases")
    ),
    *((name, "light", 390) for name in ("fail", "partial", "compare-unlike")),
]


@pytest.mark.parametrize(("name", "scheme", "width"), AXE)
def test_accessibility_engine_finds_nothing(
    browser: Chrome, files: dict[str, Path], name: str, scheme: str, width: int
) -> None:
    resized(browser, width)
    chromium.scheme(browser, scheme)
    opened(browser, files[name])
    browser.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
    passed, found = violations(browser)
    # the engine has looked at contrast, headings and landmarks, not merely started
    assert {"color-contrast", "heading-order", "region", "landmark-one-main"} <= set(passed) | {
        item.split(":")[0] for item in found
    }
    chromium.scheme(browser, None)
    assert found == []


@ALL
def test_the_keyboard_walks_through_in_reading_order(
    browser: Chrome, files: dict[str, Path], name: str
) -> None:
    resized(browser, 1280)
    opened(browser, files[name])
    stops = browser.execute_script(
        "return [...document.querySelectorAll('a[href], summary, [tabindex]')]"
        ".map(e => [e.tabIndex, e.tagName])"
    )
    assert {index for index, _ in stops} == {0}
    if name != "findings":
        assert stops[0][1] == "A"


@pytest.mark.parametrize("name", ["fail", "compare-releases"])
def test_every_stop_of_the_keyboard_can_be_seen(
    browser: Chrome, files: dict[str, Path], name: str
) -> None:
    """Tab goes down the page, and whatever has the focus has an outline and lies on the screen."""
    resized(browser, 1280)
    opened(browser, files[name])
    from selenium.webdriver import ActionChains, Keys

    tops = []
    n_stops = browser.execute_script(
        "return document.querySelectorAll('a[href], summary, [tabindex]').length"
    )
    for _ in range(min(n_stops, 12)):
        ActionChains(browser).send_keys(Keys.TAB).perform()
        width, top, size = browser.execute_script(
            "const e = document.activeElement, b = e.getBoundingClientRect();"
            "return [getComputedStyle(e).outlineStyle, b.top + scrollY, b.width * b.height]"
        )
        assert width != "none" and size > 0
        tops.append(top)
    skip, *rest = tops
    assert skip <= 40
    assert rest == sorted(rest)


@REPORTS
def test_the_first_screen_holds_the_whole_card(
    browser: Chrome, files: dict[str, Path], name: str
) -> None:
    resized(browser, 1280, 900)
    opened(browser, files[name])
    bottom = browser.execute_script(
        "return document.querySelector('.verdict').getBoundingClientRect().bottom"
    )
    assert bottom <= 900


def printed(browser: Chrome, path: Path) -> list[str]:
    """The text of every printed page, and a check that they are A4."""
    opened(browser, path)
    settings = {"preferCSSPageSize": True, "printBackground": True}
    pdf = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", settings)["data"])
    pages = needed("pypdf").PdfReader(io.BytesIO(pdf)).pages
    sizes = {(round(float(p.mediabox.width)), round(float(p.mediabox.height))) for p in pages}
    assert sizes <= {(595, 842), (596, 842), (594, 842), (595, 841)}
    return [" ".join(page.extract_text().split()) for page in pages]


@pytest.mark.parametrize("name", ["fail", "compare-two"])
def test_it_needs_neither_scripts_nor_a_network(
    browser: Chrome, files: dict[str, Path], name: str
) -> None:
    """Scripts switched off and the network cut: the same pages, word for word."""
    before = printed(browser, files[name])
    try:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        browser.execute_cdp_cmd("Network.enable", {})
        offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
        browser.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
        assert printed(browser, files[name]) == before
    finally:
        online = offline | {"offline": False, "downloadThroughput": -1, "uploadThroughput": -1}
        browser.execute_cdp_cmd("Network.emulateNetworkConditions", online)
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@REPORTS
def test_it_prints_on_a4_with_the_summary_on_two_pages(
    browser: Chrome, files: dict[str, Path], name: str
) -> None:
    pages = printed(browser, files[name])
    assert 4 <= len(pages) <= 20
    assert "Can someone tell who was in the training data?" in pages[0]
    assert "How sure" in pages[0] and "What to do" in pages[0] and "In short" not in pages[0]
    assert "In short" in pages[1]
    if name != "invalid":
        assert "What decided the verdict" in pages[1]
    assert "1 Could someone tell who is in the training data?" in pages[2], "page three begins it"
    assert all(f"{number} of {len(pages)}" in page for number, page in enumerate(pages, start=1))
    everything = " ".join(pages)
    for heading in ("Regulation annex", "Methods", "Reproduce", "For the person who decides"):
        assert heading in everything
    assert "Epsilon" in everything, "what is folded on a screen is open on paper"


@pytest.mark.parametrize("name", COMPARED)
def test_a_comparison_prints_on_few_pages(
    browser: Chrome, files: dict[str, Path], name: str
) -> None:
    pages = printed(browser, files[name])
    assert 1 <= len(pages) <= 4
    assert "Side by side" in pages[0]


def test_members_and_others_differ_in_grey_print(browser: Chrome, files: dict[str, Path]) -> None:
    """Not by colour alone: the lines of non-members are dashed, those of members are not."""
    opened(browser, files["fail"])
    dashes = browser.execute_script(
        "const d = c => [...document.querySelectorAll(c)].map(e => getComputedStyle(e)"
        ".strokeDasharray); return [d('.curve.member'), d('.curve.nonmember')]"
    )
    assert set(dashes[0]) == {"none"} and "none" not in dashes[1] and dashes[1]


def test_the_pdf_is_printed_by_the_installed_browser(files: dict[str, Path]) -> None:
    from synthaudit.report.pdf import render_pdf

    browser_paths()
    pdf = render_pdf(EXAMPLES["fail"]())
    assert pdf.startswith(b"%PDF")
    assert len(pdf) > 20_000


def test_without_a_browser_the_pdf_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    from synthaudit.errors import UsageError
    from synthaudit.report.pdf import render_pdf

    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="needs an installed Chromium"):
        render_pdf(EXAMPLES["fail"]())
