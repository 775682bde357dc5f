"""Exit codes: what a pipeline may rely on."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes; part of the public contract."""

    POLICY_MET = 0
    LEAK = 1
    BAD_INPUT = 2
    INCONCLUSIVE = 3
    INTERNAL = 4
    INTERRUPTED = 130
    UNREAD = 141
    """Whoever read standard output went away (128 + SIGPIPE, as other programs do)."""


def exit_code(level: str) -> Exit:
    """The exit code of a verdict."""
    return {"PASS": Exit.POLICY_MET, "FAIL": Exit.LEAK}.get(str(level), Exit.INCONCLUSIVE)
