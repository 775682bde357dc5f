"""One job in a process of its own: ``python -m synthaudit.serve.worker``.

The job is one line of JSON on standard input, which stays open: when it ends, the server is gone
and the worker ends itself with everything it started. Answers are lines of JSON on what was
standard output; whatever else prints goes to standard error, so that no library can garble the
channel.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from synthaudit.errors import SynthauditError
from synthaudit.parallel import Progress

SHADOWS = 16
"""Practice copies of the generator in a thorough audit; what ``synthaudit audit`` trains too."""
PACK = "pack.zip"


def examine_tables(job: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """What the doctor finds."""
    from synthaudit.examine import examine
    from synthaudit.serve.findings import findings

    files = job["files"]
    return findings(examine(files["train"], files["holdout"], files["synthetic"])).plain()


def audit_tables(job: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """The audit: outputs, evidence and their archive are written; the report's first screen."""
    from synthaudit.corridor import run_audit
    from synthaudit.evidence.pack import write_pack
    from synthaudit.outputs import write_outputs
    from synthaudit.report.html import render_verdict
    from synthaudit.request import AuditRequest

    files = job["files"]
    request = AuditRequest(
        policy=job["policy"], shadows=SHADOWS if job["thorough"] else 0, jobs=job["jobs"]
    )
    run = run_audit(files["train"], files["holdout"], files["synthetic"], request, progress)
    out = Path(job["out"])
    write_outputs(run, out)
    write_pack(run.report, out)
    pack(out, out.parent / PACK)
    return {"level": run.report.level.value, "card": render_verdict(run.report)}


def pack(out: Path, target: Path) -> None:
    """Everything shareable in one archive: never what lies in ``confidential/``."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(out.rglob("*")):
            inside = path.relative_to(out)
            if path.is_file() and inside.parts[0] != "confidential":
                archive.write(path, Path("audit") / inside)


STEPS: dict[str, Callable[[dict[str, Any], Progress], dict[str, Any]]] = {
    "examine": examine_tables,
    "audit": audit_tables,
}


def main() -> None:
    """Do one job and say what came of it."""
    channel = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)
    job = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_server, daemon=True).start()

    def say(**line: Any) -> None:
        channel.write(json.dumps(line) + "\n")

    def progress(task: str, done: int, total: int) -> None:
        say(progress=[task, done, total])

    try:
        answer = STEPS[job["step"]](job, progress)
    except SynthauditError as error:
        say(refused=str(error))
    except MemoryError:
        say(
            refused="The computer does not have enough free memory for these tables: close other "
            "programs, or audit a random part of the rows of each table."
        )
    except Exception as error:  # noqa: BLE001 - its text may quote cells; its place does not
        from synthaudit.plugins import place_of

        say(
            refused=f"Internal error: {place_of(error)}. The text of the error is withheld, since "
            "it may quote the tables; please report it."
        )
    else:
        say(done=answer)


def _end_with_server() -> None:
    # not through sys.stdin: a thread that waits in its lock crashes the interpreter's exit
    while os.read(0, 1024):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
