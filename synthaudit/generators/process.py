"""Running somebody's program: no shell, little environment, a time limit, nothing left behind."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from synthaudit.errors import GeneratorError

if TYPE_CHECKING:
    import pandas as pd

N_LINES = 5
"""Last lines of standard error that are shown."""
HANDED_ON = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ")
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def run(
    arguments: Sequence[str],
    folder: Path,
    timeout: float,
    keep: Sequence[str],
    train: pd.DataFrame,
) -> None:
    """Run a program in ``folder`` to its end.

    Parameters
    ----------
    train : pandas.DataFrame
        Only to blank its cells in what is shown of standard error.

    Raises
    ------
    GeneratorError
        When it cannot be started, fails or takes more than ``timeout`` seconds. The message shows
        the last lines of its standard error with every number and every word of the table blanked;
        the lines as they are stay in a note on the exception (PEP 678), for a terminal only.
    """
    with tempfile.TemporaryFile() as stderr:
        try:
            process = subprocess.Popen(  # noqa: S603 - running the user's program is the point
                list(arguments),
                cwd=folder,
                env=_environment(folder, keep),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
            )
        except OSError as error:
            raise GeneratorError(
                f"command: {Path(arguments[0]).name!r} could not be started ({error.strerror}); "
                "check that it is installed, executable and on the PATH"
            ) from error
        code = 0
        late = False
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            late = True
        finally:
            # the program when it is late or we are interrupted, and children that outlive it
            _end(process)
        if late:
            what = f"took more than {timeout:g} seconds and was ended; allow more with timeout="
            raise _failure(what, stderr, train)
        if code:
            how = f"exit code {code}" if code > 0 else f"signal {-code}"
            raise _failure(f"failed with {how}; repair it", stderr, train)


def _environment(folder: Path, keep: Sequence[str]) -> dict[str, str]:
    """The little a program needs; no token, no proxy, no home directory of the user."""
    handed = {name: os.environ[name] for name in (*HANDED_ON, *keep) if name in os.environ}
    # set before the user's own choices, so that keep=HOME means the real one
    ours = {"HOME": str(folder), "TMPDIR": str(folder), "PYTHONHASHSEED": "0"}
    return {"PATH": os.defpath, **dict.fromkeys(ONE_THREAD, "1"), **ours, **handed}


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the program's process group: itself and every child that did not leave the group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _failure(what: str, stderr: IO[bytes], train: pd.DataFrame) -> GeneratorError:
    stderr.seek(0, os.SEEK_END)
    stderr.seek(max(0, stderr.tell() - 8192))
    text = stderr.read().decode("utf-8", "replace")
    lines = [line.strip()[:300] for line in text.splitlines() if line.strip()][-N_LINES:]
    shown = f" (it said: {blanked(' / '.join(lines), train)})" if lines else ""
    error = GeneratorError(f"command: the program {what}{shown}")
    if lines:
        error.add_note("\n".join(["standard error of the program:", *lines]))
    return error


def blanked(text: str, train: pd.DataFrame) -> str:
    """``text`` without any number and without any word that a cell of the table holds."""
    words: set[str] = set()
    for j in range(train.shape[1]):
        column = train.iloc[:, j]
        if column.dtype.kind not in "iufbmM":
            for cell in column.dropna().unique():
                words.update(re.findall(r"[^\W\d_]+", str(cell).lower()))
    without_numbers = re.sub(r"\d+(?:[.,:\-]\d+)*", "#", text)
    return re.sub(
        r"[^\W\d_]+",
        lambda word: "…" if word.group().lower() in words else word.group(),
        without_numbers,
    )
