"""Screenshots of the example reports and comparisons, for docs/report.md.

Needs Chromium, selenium and Pillow.

Run from the root of a checkout: ``python docs/screenshots/make.py``.
"""

from __future__ import annotations

import base64
import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "tests" / "report"))

from example_comparisons import COMPARISONS  # noqa: E402
from example_reports import EXAMPLES  # noqa: E402

PAGES = {name: make().to_html for name, make in EXAMPLES.items()}
PAGES |= {f"compare-{name}": make().to_html for name, make in COMPARISONS.items()}
SHOTS = [(name, name, 1280, 900, "light") for name in EXAMPLES]
SHOTS += [("compare-releases", "compare", 1280, 1500, "light")]
SHOTS += [("fail", "fail-dark", 1280, 900, "dark"), ("fail", "fail-phone", 390, 844, "light")]


def browser(profile: str) -> Chrome:
    """A headless Chromium with an empty profile."""
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={profile}")
    return Chrome(options, Service(shutil.which("chromedriver")))


def main() -> None:
    """Write one picture per line of SHOTS, reduced to 96 colours."""
    with tempfile.TemporaryDirectory() as folder:
        chrome = browser(f"{folder}/profile")
        for report, name, width, height, scheme in SHOTS:
            page = Path(folder) / f"{report}.html"
            page.write_text(PAGES[report](), encoding="utf-8")
            chrome.execute_cdp_cmd(
                "Emulation.setDeviceMetricsOverride",
                {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
            )
            media = [{"name": "prefers-color-scheme", "value": scheme}]
            chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
            chrome.get(page.as_uri())
            png = base64.b64decode(chrome.get_screenshot_as_base64())
            picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(96)
            picture.save(HERE / f"{name}.png", optimize=True)
        chrome.quit()


if __name__ == "__main__":
    main()
