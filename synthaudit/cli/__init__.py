"""The command line: parse, call, print, exit. It holds no rule of its own.

One file per command. A new command is a new file and its name in the list below, whose order is the
order ``--help`` shows. Commands import what they call inside their function: ``--help`` must answer
in well under a second.
"""

from synthaudit.cli import (  # noqa: F401 # isort: skip - a command registers itself
    audit,
    audit_generator,
    doctor,
    selftest,
    policy,
    split,
    gate,
    verify,
    replay,
    claims,
    list,  # noqa: A004 - the command's own name
    render,
    compare,
    serve,
)
from synthaudit.cli.app import app
from synthaudit.cli.main import main

__all__ = ["app", "main"]
