"""Coverage-guided fuzzing of everything that reads bytes somebody else wrote (needs atheris).

    python -m venv fuzzing && fuzzing/bin/pip install -e . atheris
    fuzzing/bin/python fuzz/run.py TARGET [--runs 10000] [--seed 0]

A finding ends the run with a traceback and the input in ``crash-...``; no finding ends it with the
number of executions.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import atheris


def main() -> None:
    """Fuzz one target."""
    # targets import late; what is imported here is watched for new branches
    with atheris.instrument_imports(include=["synthaudit"]):
        import synthaudit.claims.file
        import synthaudit.data
        import synthaudit.evidence.manifest
        import synthaudit.generators.spec
        import synthaudit.policy
        import synthaudit.report.model  # noqa: F401
    from targets import TARGETS, corpus

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="corpus-"))
    for number, content in enumerate(corpus(asked.target)):
        (folder / str(number)).write_bytes(content)
    options = [
        f"-runs={asked.runs}", f"-seed={asked.seed + 1}", "-max_len=4096", "-timeout=30",
        "-rss_limit_mb=4096", "-print_final_stats=1", "-verbosity=0",
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(folder)], TARGETS[asked.target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
