"""Speaks like a worker without computing: quick, and as slow or rude as a test wants it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

POLICY = {"name": "default", "description": "", "limit": 0.1, "reachable": True}
FOUND = {
    "tables": [{"role": "train", "file": "<b>.csv", "n_rows": 3, "n_columns": 2, "format": "csv"}],
    "columns": [
        {"name": "<i>age", "kind": "numeric", "n_distinct": 3, "n_missing": 0, "reason": "numbers"}
    ],
    "n_columns": 1,
    "stops": [],
    "doubts": ["A doubt."],
    "remarks": [],
    "advantage": 0.2,
    "policies": [POLICY],
}


def say(**line: object) -> None:
    print(json.dumps(line), flush=True)


def main(manner: str) -> None:
    job = json.loads(sys.stdin.readline())
    if job["step"] == "examine" and manner != "refuse":
        say(done=FOUND)
    elif manner == "refuse":
        say(refused="train is damaged; export it again.")
    elif manner == "die":
        sys.exit(3)
    elif manner == "finish":
        say(progress=["checks", 1, 2])
        out = Path(job["out"])
        out.mkdir()
        (out / "report.html").write_text("<p>the report</p>")
        (out.parent / "pack.zip").write_bytes(b"PK")
        say(done={"level": "PASS", "card": "<h1>the card</h1>"})
    else:  # works for ever, and so does its child
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        Path(job["out"]).with_name("child").write_text(str(child.pid))
        say(progress=["checks", 1, 2])
        time.sleep(600)


if __name__ == "__main__":
    main(sys.argv[1])
