"""Three uploaded files onto the disk: private, under names that cannot lead anywhere else."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import IO

import python_multipart  # noqa: F401 - Starlette reads forms with it, and says so only then
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.types import Message, Receive

from synthaudit.errors import InputError
from synthaudit.serve.settings import MEGABYTE

ROLES = ("train", "holdout", "synthetic")
_FRAMING = 64_000  # bytes of a form that are not file content
_LONGEST = 120


class TooLargeError(InputError):
    """The request is larger than was allowed."""


def limited(receive: Receive, limit: int, sentence: str) -> Receive:
    """``receive`` that gives up beyond ``limit`` bytes.

    What comes after the limit is read and thrown away: a server that answers and hangs up while a
    browser is still sending gets its answer replaced by 'connection reset'.
    """
    n_bytes = 0

    async def counted() -> Message:
        nonlocal n_bytes
        message = await receive()
        n_bytes += len(message.get("body", b""))
        if n_bytes > limit:
            while message.get("more_body", False):
                message = await receive()
            raise TooLargeError(sentence)
        return message

    return counted


async def small_form(request: Request) -> FormData:
    """A form of a few short fields."""
    receive = limited(request.receive, _FRAMING, "This form is larger than it can be.")
    return await Request(request.scope, receive).form(max_files=0, max_fields=8)


async def receive_tables(request: Request, folder: Path, limit: int) -> dict[str, Path]:
    """Write the three files of a form below ``folder``, one folder per role, mode 0600.

    Raises
    ------
    InputError
        When a file is missing, or the three are larger than ``limit`` bytes together.
    """
    sentence = (
        f"The three files are larger than {limit / MEGABYTE:,.0f} MB together, which is this "
        "page's limit; start 'synthaudit serve' with a larger --max-upload, or use the "
        "synthaudit audit command."
    )
    receive = limited(request.receive, limit + _FRAMING, sentence)
    async with Request(request.scope, receive).form(max_files=3, max_fields=3) as form:
        given = {role: _given(form, role) for role in ROLES}
        missing = [role for role, upload in given.items() if upload is None]
        if missing:
            raise InputError(
                f"No file was chosen for {' and '.join(missing)}: choose one for each of the "
                "three tables."
            )
        paths = {}
        for role, upload in given.items():
            if upload is not None:
                paths[role] = folder / role / plain_name(upload.filename or "")
                await run_in_threadpool(_keep, upload.file, paths[role])
        return paths


def _given(form: FormData, role: str) -> UploadFile | None:
    upload = form.get(role)
    # a browser sends a nameless empty file for a field that was left alone
    return upload if isinstance(upload, UploadFile) and upload.filename else None


def _keep(source: IO[bytes], path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as target:
        shutil.copyfileobj(source, target, MEGABYTE)


def plain_name(given: str) -> str:
    """The last part of a file's name with nothing in it that could lead elsewhere or mislead.

    The end is kept, because it tells the format. ``table`` when nothing is left.
    """
    last = given.replace("\\", "/").rpartition("/")[2]
    clean = "".join(c for c in last if c.isprintable()).strip().lstrip(".")
    while len(clean.encode()) > _LONGEST:
        clean = clean[1:]
    return clean or "table"
