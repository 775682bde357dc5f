"""Screenshots of the local page, for docs/how-to/local-page.md. Needs Chromium and Pillow.

Walks through a whole audit of a part of sample_data. Run from the root of a checkout:
``python docs/screenshots/serve.py``; with ``--all DIRECTORY`` every step is pictured at two widths,
light and dark, for looking through.
"""

from __future__ import annotations

import base64
import io
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from PIL import Image
from selenium.webdriver import Chrome

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "serve")]

import chromium  # noqa: E402
from running_server import Running  # noqa: E402

N_ROWS = 600
ENTER = "\ue007"
LOOKS = [(width, scheme) for width in (1280, 390) for scheme in ("light", "dark")]


def tables(folder: Path) -> dict[str, Path]:
    """The first rows of the sample tables under names a person might give."""
    names = {"train": "patients-train", "holdout": "patients-holdout"}
    found = {}
    for role, source in (
        ("train", "train"),
        ("holdout", "holdout"),
        ("synthetic", "synthetic_leaky"),
    ):
        found[role] = folder / f"{names.get(role, 'patients-synthetic')}.csv"
        frame = pd.read_csv(ROOT / "sample_data" / f"{source}.csv", nrows=N_ROWS)
        frame.to_csv(found[role], index=False)
    return found


def until(condition: Callable[[], object]) -> None:
    """Wait."""
    end = time.monotonic() + 300
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.05)


class Photographer:
    """Takes pictures of the page as it is."""

    def __init__(self, chrome: Chrome, everything: Path | None) -> None:
        self.chrome = chrome
        self.everything = everything

    def take(self, name: str) -> None:
        """One picture for the docs, or one for each look."""
        if self.everything is None:
            self._save(HERE / f"{name}.png", 1280, "light")
            return
        for width, scheme in LOOKS:
            self._save(self.everything / f"{name}-{width}-{scheme}.png", width, scheme)

    def _save(self, path: Path, width: int, scheme: str) -> None:
        chromium.resized(self.chrome, width, 600)
        chromium.scheme(self.chrome, scheme)
        height = self.chrome.execute_script("return document.documentElement.scrollHeight")
        chromium.resized(self.chrome, width, height)
        png = base64.b64decode(self.chrome.get_screenshot_as_base64())
        Image.open(io.BytesIO(png)).convert("RGB").quantize(64).save(path, optimize=True)


def walk(
    chrome: Chrome, server: Running, files: dict[str, Path], take: Callable[[str], None]
) -> None:
    """From the first page to the verdict."""

    def found(selector: str) -> list:  # type: ignore[type-arg]
        return chrome.find_elements("css selector", selector)

    chrome.get(server.address)
    for role, path in files.items():
        found(f"#{role}")[0].send_keys(str(path))
    take("serve-1-files")
    found("form.choose button")[0].send_keys(ENTER)
    until(lambda: found("#settings"))
    take("serve-2-findings")
    found("button[form=settings]")[0].send_keys(ENTER)
    until(lambda: any("Practice copy" in e.text for e in found("#detail")))
    take("serve-3-audit")
    until(lambda: found(".verdict"))
    take("serve-4-report")


def main() -> None:
    """Write the pictures."""
    everything = Path(sys.argv[2]) if sys.argv[1:2] == ["--all"] else None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            Running(folder / "tmp") as server,
            chromium.started(folder / "profile") as chrome,
        ):
            walk(chrome, server, tables(folder), Photographer(chrome, everything).take)


if __name__ == "__main__":
    main()
