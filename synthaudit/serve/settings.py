"""What one run of the local page was asked for, and its secrets."""

from __future__ import annotations

import secrets
import sys
from dataclasses import dataclass, field

MEGABYTE = 1_000_000


def new_secret() -> str:
    """256 bits, safe in an address."""
    return secrets.token_urlsafe(32)


def worker_command() -> tuple[str, ...]:
    """Starts a worker; ``-P`` keeps files of the current folder from posing as modules."""
    return (sys.executable, "-P", "-m", "synthaudit.serve.worker")


@dataclass(frozen=True)
class Settings:
    """Options of ``synthaudit serve``.

    Attributes
    ----------
    port : int
        Of the listening socket on 127.0.0.1.
    max_upload : int
        Bytes the three files of one audit may have together.
    forget_after : float
        Seconds after the last look at an audit (an open tab is a look) at which it is ended and
        its files are removed.
    max_audits : int
        Audits kept at once, whatever their state; bounds the disk used.
    jobs : int or None
        Workers of one audit; every core when None.
    token : str
        In every address; without it nothing is answered.
    ticket : str
        Good for one visit: the browser is started with it, because a command line can be read by
        every user of the machine.
    command : tuple of str
        Starts a worker process.
    """

    port: int
    max_upload: int = 500 * MEGABYTE
    forget_after: float = 15 * 60.0
    max_audits: int = 8
    jobs: int | None = None
    token: str = field(default_factory=new_secret)
    ticket: str = field(default_factory=new_secret)
    command: tuple[str, ...] = field(default_factory=worker_command)

    @property
    def address(self) -> str:
        """The page's address, token included."""
        return f"http://127.0.0.1:{self.port}/{self.token}/"

    @property
    def opening_address(self) -> str:
        """Leads to the page once."""
        return f"http://127.0.0.1:{self.port}/open/{self.ticket}"
