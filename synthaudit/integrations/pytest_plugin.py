"""A pytest plug-in: ``assert_private(report, policy=...)``, as a fixture and as a function.

Registered under the entry point ``pytest11``, so it is there wherever the package is installed; it
costs nothing until it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from synthaudit.policy import Policy
    from synthaudit.report.model import AuditReport


def assert_private(
    report: AuditReport | str | Path, policy: str | Path | Policy | None = None
) -> None:
    """Assert that the verdict of an audit is PASS.

    Parameters
    ----------
    report : AuditReport, or the path of a ``report.json``
    policy : str, path or Policy, optional
        Judge the report under this policy instead of the one it was made with; no table is needed.

    Raises
    ------
    AssertionError
        When the verdict is anything but PASS, INCONCLUSIVE included: the message is the verdict as
        the terminal shows it, with what was and what was not tested.
    """
    __tracebackhide__ = True
    from synthaudit.gate import rejudge
    from synthaudit.types import Level

    found = _read(report) if isinstance(report, str | Path) else report
    if policy is not None:
        found = rejudge(found, policy)
    if found.level is not Level.PASS:
        raise AssertionError(f"not private under the policy '{found.verdict.policy}'\n{found}")


def _read(path: str | Path) -> AuditReport:
    from synthaudit.outputs import read_report

    return read_report(Path(path))


@pytest.fixture(name="assert_private", scope="session")
def _assert_private() -> Callable[..., None]:
    """``assert_private(report, policy=None)``: fails with the verdict unless it is PASS."""
    return assert_private
