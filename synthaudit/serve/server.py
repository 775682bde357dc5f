"""The listening socket, the signals, and the end of the run."""

from __future__ import annotations

import os
import platform
import signal
import socket
import tempfile
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import uvicorn

from synthaudit.errors import UsageError
from synthaudit.serve.app import make_app
from synthaudit.serve.folders import private_folder
from synthaudit.serve.settings import Settings

LOOPBACK = "127.0.0.1"


def listening_socket(port: int) -> socket.socket:
    """A socket on the loopback address; 0 takes a free port.

    Raises
    ------
    UsageError
        When the port is taken or not allowed.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except OSError as error:
        listener.close()
        raise UsageError(
            f"Port {port} cannot be used ({error.strerror}): choose another with --port, or leave "
            "--port out to have a free one found."
        ) from None
    listener.listen()
    return listener


def serve(
    settings: Settings, listener: socket.socket, announce: Callable[[], None], *, browse: bool
) -> None:
    """Answer until told to stop, then remove every file.

    Ends on Ctrl+C, SIGTERM, SIGHUP (the terminal's window was closed) and the page's own button.
    """
    with private_folder() as folder, _temporary_files_in(folder):
        server = _server(folder, settings)
        with _stopping(server):
            announce()
            if browse and _has_screen():
                webbrowser.open(settings.opening_address)
            with _private_files():
                server.run(sockets=[listener])


def _server(folder: Path, settings: Settings) -> uvicorn.Server:
    def leave() -> None:
        server.should_exit = True

    config = uvicorn.Config(
        make_app(folder, settings, leave),
        access_log=False,  # addresses hold the token
        log_level="critical",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
        ws="none",
    )
    server = uvicorn.Server(config)
    return server


@contextmanager
def _private_files() -> Iterator[None]:
    """Whatever is created from here on is readable by this user only.

    After the browser was started: its own files are no business of ours.
    """
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    """Uploads are buffered where they are removed with everything else."""
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


@contextmanager
def _stopping(server: uvicorn.Server) -> Iterator[None]:
    """Signals end the run in order.

    uvicorn raises what it caught a second time when it is through: by then all is tidied up, but
    for the folder, so the second one must not end the process on the spot.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        server.should_exit = True

    wanted = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]
    before = {number: signal.signal(number, stop) for number in wanted}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _has_screen() -> bool:
    """Whether a browser would get a window; without one a text browser would take the terminal."""
    if platform.system() == "Linux":
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True
