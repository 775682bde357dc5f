"""How tests drive the installed Chromium.

Needs Chromium and chromedriver. Where neither is installed the tests are skipped with the reason,
unless ``CI`` is set: there a missing browser is a failure.
"""

from __future__ import annotations

import importlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
OVERFLOWING = """
const wide = document.documentElement.clientWidth;
return [...document.querySelectorAll('body *')].filter(e => {
  if (e.closest('.scroll') || e.closest('svg') || e.closest('.skip')) return false;
  const box = e.getBoundingClientRect();
  return box.width > 0 && (box.right > wide + 1 || box.left < -1);
}).map(e => e.tagName + '.' + e.className);
"""
"""Elements that stick out of the page at the side."""
AXE = (
    "const done = arguments[0]; axe.run().then(r => done([r.passes.map(p => p.id), "
    "r.violations.map(v => v.id + ': ' "
    "+ v.nodes.slice(0, 3).map(n => n.html.slice(0, 120)).join(' | '))]))"
)


def needed(module: str) -> ModuleType:
    """A module of the dev extra: missing is a failure in CI and a reason to skip elsewhere."""
    if os.environ.get("CI"):
        return importlib.import_module(module)
    found: ModuleType = pytest.importorskip(module, reason=f"{module} is not installed")
    return found


def browser_paths() -> tuple[str, str]:
    """Chromium and its driver."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    if chromium is None or driver is None:
        message = "no Chromium with chromedriver on this machine"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return chromium, driver


@contextmanager
def started(profile: Path, **preferences: object) -> Iterator[Chrome]:
    """A headless Chromium with an empty profile, its network and console logged."""
    chromium, driver = browser_paths()
    needed("selenium")
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = chromium
    for flag in FLAGS:
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={profile}")
    options.add_experimental_option("prefs", preferences)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    chrome = Chrome(options, Service(driver))
    try:
        # what a new tab of the browser's own asks for is not a request of the first page
        chrome.get("about:blank")
        chrome.get_log("performance")
        yield chrome
    finally:
        chrome.quit()


def resized(browser: Chrome, width: int, height: int = 900) -> None:
    """Give the page a size."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def scheme(browser: Chrome, wanted: str | None) -> None:
    """``light``, ``dark``, or the browser's own."""
    features = [{"name": "prefers-color-scheme", "value": wanted}] if wanted else []
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def violations(browser: Chrome) -> tuple[list[str], list[str]]:
    """What the accessibility engine passed and what it found on the page that is open."""
    folder = Path(str(needed("axe_core_python").__file__)).parent
    browser.execute_script((folder / "axe.min.js").read_text(encoding="utf-8"))
    passed, found = browser.execute_async_script(AXE)
    return passed, found
