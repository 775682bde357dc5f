"""One audit on the page: its files, where it stands, and the rules for forgetting it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from synthaudit.serve.folders import erase
from synthaudit.serve.stages import EXAMINING, Track
from synthaudit.serve.uploads import ROLES


class State(StrEnum):
    """Where an audit stands."""

    EXAMINING = "examining"
    READY = "ready"
    """Examined: settings are to be chosen."""
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    """The files cannot be used, or the audit broke off; ``problem`` says why."""


AT_WORK = (State.EXAMINING, State.WAITING, State.RUNNING)


@dataclass(eq=False)
class Session:
    """One audit.

    Attributes
    ----------
    id : str
        In its addresses.
    folder : Path
        Holds everything of this audit and nothing else.
    files : dict of str to Path
        The uploaded tables by role, until the audit is over.
    names : dict of str to str
        Their names by role; they stay when the files are gone.
    watchers : int
        Open event streams: tabs that show this audit.
    seen : float
        When somebody last looked, on the monotonic clock.
    """

    id: str
    folder: Path
    files: dict[str, Path] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    state: State = State.EXAMINING
    track: Track = field(default_factory=lambda: Track(EXAMINING))
    policy: str = "default"
    thorough: bool = True
    findings: dict[str, Any] | None = None
    verdict: dict[str, Any] | None = None
    problem: str = ""
    watchers: int = 0
    seen: float = field(default_factory=time.monotonic)
    began: float = field(default_factory=time.monotonic)

    @property
    def title(self) -> str:
        """What the audit is called on the page: the name of the synthetic file."""
        return self.names.get("synthetic", "")

    @property
    def out(self) -> Path:
        """Where the outputs are written."""
        return self.folder / "out"

    def look(self) -> None:
        """Somebody is looking."""
        self.seen = time.monotonic()

    def is_forgotten(self, after: float) -> bool:
        """Nobody has looked for ``after`` seconds, and no tab is open."""
        return self.watchers == 0 and time.monotonic() - self.seen > after

    def enter(self, state: State, track: Track | None = None) -> None:
        """Go on to ``state``; the clock starts anew."""
        self.state = state
        self.began = time.monotonic()
        if track is not None:
            self.track = track

    def drop_tables(self) -> None:
        """Remove what was uploaded; outputs stay."""
        for role in (*ROLES, "scratch"):
            erase(self.folder / role)
        self.files = {}

    def news(self, n_ahead: int) -> dict[str, Any]:
        """What a progress page shows, for JSON."""
        track = self.track
        return {
            "state": self.state.value,
            "at": track.at,
            "detail": track.detail,
            "done": track.done,
            "total": track.total,
            "seconds": int(time.monotonic() - self.began),
            "ahead": n_ahead,
        }
