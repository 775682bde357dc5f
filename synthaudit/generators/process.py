"""Running somebody's program: no shell, little environment, a time limit, nothing left behind."""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import signal
import subprocess
import sys
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
_GUARDIAN = Path(__file__).with_name("guardian.py")
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def run(
    arguments: Sequence[str],
    timeout: float,
    keep: Sequence[str],
    train: pd.DataFrame,
    largest: int,
    guardian: Guardian,
) -> None:
    """Run a program in the guardian's directory to its end.

    Parameters
    ----------
    train : pandas.DataFrame
        Only to blank its cells in what is shown of standard error.
    largest : int
        Bytes a file the program writes may have; the system ends it at more.
    guardian : Guardian
        Whoever holds the directory.

    Raises
    ------
    GeneratorError
        When it cannot be started, fails or takes more than ``timeout`` seconds. The message shows
        the last lines of its standard error with every number and every word of the table blanked;
        the lines as they are stay in a note on the exception (PEP 678), for a terminal only.
    """
    order = {
        "arguments": list(arguments),
        "environment": _environment(guardian.folder, keep),
        "largest": largest,
    }
    said = guardian.run(order, timeout)
    if said is None:
        what = f"took more than {timeout:g} seconds and was ended; allow more with timeout="
        raise _failure(what, guardian.stderr, train)
    word, _, number = said.partition(" ")
    if word == "refused":
        raise GeneratorError(
            f"command: {Path(arguments[0]).name!r} could not be started "
            f"({os.strerror(int(number))}); check that it is installed, executable and on the PATH"
        )
    code = int(number) if word == "ended" else -signal.SIGKILL
    if code == -signal.SIGXFSZ:
        what = f"wrote a file of more than {largest >> 20:,} MB and was ended; see size="
        raise _failure(what, guardian.stderr, train)
    if code:
        how = f"exit code {code}" if code > 0 else f"signal {-code}"
        raise _failure(f"failed with {how}; repair it", guardian.stderr, train)


class Guardian:
    """A process that outlives us just long enough to end the program and remove its directory.

    A context manager. The directory goes when the context is left, however that happens: an error,
    an interrupt, or a kill of this very process (see ``guardian.py``).
    """

    def __enter__(self) -> Guardian:
        # mkdtemp makes the directory for this user alone (mode 0700): it holds the training table
        self.folder = Path(tempfile.mkdtemp(prefix="synthaudit-"))
        self.stderr = tempfile.TemporaryFile()
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-S", str(_GUARDIAN), str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.stderr,
            start_new_session=True,
        )
        return self

    def run(self, order: dict[str, object], timeout: float) -> str | None:
        """Have the program run: what the guardian says of its end; None when it is late."""
        send, receive = self.process.stdin, self.process.stdout
        assert send is not None and receive is not None  # noqa: S101 - both are pipes
        send.write(json.dumps(order).encode() + b"\n")
        send.flush()
        ready, _, _ = select.select([receive], [], [], min(timeout, 1e9))
        return receive.readline().decode().strip() if ready else None

    def __exit__(self, *_: object) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        # it ends the program and removes the directory before it goes
        self.process.wait()
        self.stderr.close()


def _environment(folder: Path, keep: Sequence[str]) -> dict[str, str]:
    """The little a program needs; no token, no proxy, no home directory of the user."""
    handed = {name: os.environ[name] for name in (*HANDED_ON, *keep) if name in os.environ}
    # set before the user's own choices, so that keep=HOME means the real one
    ours = {"HOME": str(folder), "TMPDIR": str(folder), "PYTHONHASHSEED": "0"}
    return {"PATH": os.defpath, **dict.fromkeys(ONE_THREAD, "1"), **ours, **handed}


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
