"""Runs one program for a parent that may die at any moment, and tidies up after both.

A script of its own (``python -I -S guardian.py FOLDER``), standard library only. It holds the
private directory of the run: when its standard input ends, because the parent is done, was
interrupted or was killed outright, it ends the program with every child that stayed in its process
group, removes the directory and goes. Nothing else on the machine would do that after a SIGKILL.

Standard input: one line of JSON (``arguments``, ``environment``, ``largest``), then nothing until
the end. Standard output: ``refused ERRNO`` or ``ended CODE``. Standard error is the
program's.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading


def watch(process: subprocess.Popen[bytes] | None, folder: str) -> None:
    """Wait for the end of standard input, then leave nothing behind."""
    sys.stdin.buffer.read()
    end_group(process)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)  # whatever the main thread waits for


def end_group(process: subprocess.Popen[bytes] | None) -> None:
    """Kill the program's process group: itself and every child that did not leave the group."""
    if process is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def start(order: dict[str, object], folder: str) -> subprocess.Popen[bytes]:
    """The program, in a session of its own, with little environment and files of bounded size."""
    largest, (_, most) = int(str(order["largest"])), resource.getrlimit(resource.RLIMIT_FSIZE)
    if most != resource.RLIM_INFINITY:
        largest = min(largest, most)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    return subprocess.Popen(  # noqa: S603 - running the user's program is the point
        list(order["arguments"]),  # type: ignore[call-overload]
        cwd=folder,
        env=dict(order["environment"]),  # type: ignore[call-overload]
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def main() -> None:
    """Take one order, run it, report, and wait to be told that the directory is no longer used."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    folder = sys.argv[1]
    line = sys.stdin.buffer.readline()
    if not line:  # the parent went before it said anything
        watch(None, folder)
    process = None
    try:
        process = start(json.loads(line), folder)
        said = ""
    except OSError as error:
        said = f"refused {error.errno}"
    watcher = threading.Thread(target=watch, args=(process, folder))
    watcher.start()
    if process is not None:
        said = f"ended {process.wait()}"
        end_group(process)  # children that outlive it
    with contextlib.suppress(OSError):
        sys.stdout.write(said + "\n")
        sys.stdout.flush()
    watcher.join()


if __name__ == "__main__":
    main()
