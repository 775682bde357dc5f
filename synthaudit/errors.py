"""The error tree: everything the project raises on purpose.

::

    SynthauditError
    ├── UsageError          a flag, an attack id, a setting that cannot be used      exit 2
    ├── InputError          a table, a schema file, a policy file that cannot be used exit 2
    ├── NotApplicable       a plug-in declines: its result is SKIPPED, with the reason
    ├── GeneratorError      a generator failed, hung or returned something else than a table
    └── PolicyViolation     raised by ``report.raise_for_policy()``                    exit 1 or 3

Messages are one sentence: what is wrong, what was found, what to do. They carry column names and
counts, never the value of a cell: they end up in logs, tickets and screenshots.
"""

from __future__ import annotations


class SynthauditError(Exception):
    """Base class of every error raised on purpose."""


class UsageError(SynthauditError):
    """The command or call asks for something that does not exist or cannot be combined."""


class InputError(SynthauditError):
    """A file or table cannot be used as it is."""


class NotApplicable(SynthauditError):  # noqa: N818 - it is a decline, not an error
    """A plug-in declines to run on these inputs; its result becomes SKIPPED with this reason."""


class GeneratorError(SynthauditError):
    """A generator failed to turn a training table into a synthetic one."""


class PolicyViolation(SynthauditError):  # noqa: N818 - a verdict, not an error
    """The verdict of a report is not PASS."""
