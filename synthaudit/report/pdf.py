"""The page as PDF, printed by a Chromium that is installed already.

The browser prints the same self-contained page, with the layout its style sheet plans for A4. It is
started without a profile, without network use of its own and in a directory that is removed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from synthaudit.errors import UsageError
from synthaudit.report.model import AuditReport

BROWSERS = (
    "chromium",
    "chromium-browser",
    "chromium-headless-shell",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-extensions",
    "--disable-component-update",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-pdf-header-footer",
    # the page needs nothing from anywhere: every name resolves to nowhere
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
SECONDS = 120


def render_pdf(report: AuditReport) -> bytes:
    """The whole page, printed on A4.

    Raises
    ------
    UsageError
        When no Chromium is installed, or it does not print.
    """
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise UsageError(
            "A PDF needs an installed Chromium and none was found: install one, or print the HTML "
            "report from any browser."
        )
    with tempfile.TemporaryDirectory(prefix="synthaudit-pdf-") as folder:
        page, target = Path(folder, "report.html"), Path(folder, "report.pdf")
        report.to_html(page)
        for sandbox in ((), ("--no-sandbox",)):
            # a container run as root has no sandbox; the page is our own and runs no script
            _print(browser, (*FLAGS, *sandbox), folder, page, target)
            if target.is_file():
                return target.read_bytes()
    raise UsageError(
        f"{Path(browser).name} printed no PDF: print the HTML report from any browser instead."
    )


def _print(browser: str, flags: tuple[str, ...], folder: str, page: Path, target: Path) -> None:
    command = [
        browser,
        *flags,
        f"--user-data-dir={folder}/profile",
        f"--print-to-pdf={target}",
        page.as_uri(),
    ]
    try:
        process = subprocess.Popen(  # noqa: S603
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        process.wait(SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        if isinstance(error, subprocess.TimeoutExpired):
            # the browser is several processes: all of them are ended, and only they
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        raise UsageError(
            f"{Path(browser).name} did not print ({type(error).__name__}): print the HTML report "
            "from any browser instead."
        ) from error
