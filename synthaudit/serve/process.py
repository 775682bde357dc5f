"""A worker process: started, listened to, and ended with everything it started."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from synthaudit.errors import SynthauditError

DIED = (
    "The audit stopped without a word, most likely because the computer ran out of memory: close "
    "other programs, or audit a random part of the rows of each table."
)
_LONGEST_LINE = 16_000_000
_PATIENCE = 3.0
_ROOT = Path(__file__).parents[2]


class JobError(SynthauditError):
    """A job came to nothing; the message is the sentence for people."""


async def run_job(
    command: Sequence[str],
    job: dict[str, Any],
    scratch: Path,
    heard: Callable[[str, int, int], None],
) -> dict[str, Any]:
    """Have a worker do ``job`` and return its answer; cancelling ends the worker.

    Parameters
    ----------
    command : sequence of str
        Starts the worker.
    job : dict
        See :mod:`synthaudit.serve.worker`.
    scratch : Path
        For whatever the worker and its own workers put on disk on the way: arrays shared between
        processes hold rows of the tables.
    heard : callable
        Told of the progress.

    Raises
    ------
    JobError
        When the worker refused the job or died.
    """
    scratch.mkdir(mode=0o700, exist_ok=True)
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=None if os.environ.get("SYNTHAUDIT_DEBUG") else asyncio.subprocess.DEVNULL,
        env=_environment(scratch),
        start_new_session=True,
        limit=_LONGEST_LINE,
    )
    try:
        return await _conversation(process, job, heard)
    finally:
        await _end(process)


async def _conversation(
    process: asyncio.subprocess.Process,
    job: dict[str, Any],
    heard: Callable[[str, int, int], None],
) -> dict[str, Any]:
    if process.stdin is None or process.stdout is None:
        raise JobError(DIED)
    with suppress(ConnectionError):
        process.stdin.write(json.dumps(job).encode() + b"\n")
        await process.stdin.drain()
    async for line in process.stdout:
        said = json.loads(line)
        if "progress" in said:
            heard(*said["progress"])
        elif "refused" in said:
            raise JobError(said["refused"])
        else:
            answer: dict[str, Any] = said["done"]
            return answer
    raise JobError(DIED)


def _environment(scratch: Path) -> dict[str, str]:
    """The server's, with temporary files inside ``scratch`` and this package importable."""
    existing = os.environ.get("PYTHONPATH")
    return os.environ | {
        "TMPDIR": str(scratch),
        "JOBLIB_TEMP_FOLDER": str(scratch),
        "PYTHONPATH": os.pathsep.join([str(_ROOT), *([existing] if existing else [])]),
    }


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask the worker's whole group to end, and insist after a while.

    The first signal lets joblib's resource tracker, which ignores it, tidy up shared memory.
    """
    _signal(process.pid, signal.SIGTERM)
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(process.wait(), _PATIENCE)
    for _ in range(int(_PATIENCE / 0.05)):
        if not _signal(process.pid, 0):
            return
        await asyncio.sleep(0.05)
    _signal(process.pid, signal.SIGKILL)
    await process.wait()


def _signal(group: int, number: int) -> bool:
    """Whether the process group was still there to be signalled."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):  # macOS says the latter of zombies
        return False
    return True
