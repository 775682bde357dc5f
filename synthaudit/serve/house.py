"""Every audit of this run: who works, who waits, who is forgotten."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from synthaudit.errors import UsageError
from synthaudit.policy import PRESETS
from synthaudit.serve.folders import erase
from synthaudit.serve.process import DIED, JobError, run_job
from synthaudit.serve.sessions import Session, State
from synthaudit.serve.settings import Settings, new_secret
from synthaudit.serve.stages import FULL, QUICK, Track

SWEEP_EVERY = 1.0
EXAMINATIONS_AT_ONCE = 2
AUDITS_AT_ONCE = 1
"""An audit uses every core: two at once would both take twice as long."""


class House:
    """Keeps the sessions and their work; lives in the server's event loop."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.settings = settings
        self.sessions: dict[str, Session] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._examining = asyncio.Semaphore(EXAMINATIONS_AT_ONCE)
        self._auditing = asyncio.Semaphore(AUDITS_AT_ONCE)

    def open_session(self) -> Session:
        """A session with an empty private folder.

        Raises
        ------
        UsageError
            When as many audits are kept as are allowed.
        """
        for old in [s for s in self.sessions.values() if s.state is State.REFUSED]:
            erase(old.folder)
            del self.sessions[old.id]
        if len(self.sessions) >= self.settings.max_audits:
            raise UsageError(
                f"{len(self.sessions)} audits are open, which is the most this page keeps: finish "
                "one of them first."
            )
        name = new_secret()[:16]
        session = Session(name, self.folder / f"audit-{name}")
        session.folder.mkdir(mode=0o700)
        self.sessions[name] = session
        return session

    def examine(self, session: Session, files: dict[str, Path]) -> None:
        """Have the doctor look at the files."""
        session.files = files
        session.names = {role: path.name for role, path in files.items()}
        session.enter(State.EXAMINING)
        self._begin(session, self._examination(session))

    def start(self, session: Session, policy: str, *, thorough: bool) -> None:
        """Queue the audit.

        Raises
        ------
        UsageError
            When there is no such policy.
        """
        if policy not in PRESETS:
            raise UsageError(f"There is no such policy: choose one of {', '.join(PRESETS)}.")
        if session.state is not State.READY:
            return  # pressed twice
        session.policy, session.thorough = policy, thorough
        session.enter(State.WAITING, Track(FULL if thorough else QUICK))
        self._begin(session, self._audit(session))

    def n_ahead(self, session: Session) -> int:
        """Audits that come first."""
        if session.state is not State.WAITING:
            return 0
        waiting = (s for s in self.sessions.values() if s.state is State.WAITING)
        n_running = sum(s.state is State.RUNNING for s in self.sessions.values())
        return n_running + sum(s.began < session.began for s in waiting)

    async def remove(self, session: Session) -> None:
        """End the session's work, if any, and remove all its files."""
        self.sessions.pop(session.id, None)
        task = self._tasks.pop(session.id, None)
        if task is not None:
            task.cancel()
            # not awaited itself: its cancellation could not be told from our own
            await asyncio.wait({task})
        await asyncio.to_thread(erase, session.folder)

    async def sweep(self) -> None:
        """Forget, for ever, what nobody looks at any more. Runs until cancelled."""
        last = time.monotonic()
        while True:
            await asyncio.sleep(SWEEP_EVERY)
            # a computer that slept has not looked away
            slept = time.monotonic() - last > 60 * SWEEP_EVERY
            last = time.monotonic()
            for session in list(self.sessions.values()):
                if slept:
                    session.look()
                elif session.is_forgotten(self.settings.forget_after):
                    await self.remove(session)

    async def close(self) -> None:
        """End everything and remove every file."""
        for session in list(self.sessions.values()):
            await self.remove(session)

    def _begin(self, session: Session, work: Any) -> None:
        self._tasks[session.id] = asyncio.get_running_loop().create_task(work)

    async def _examination(self, session: Session) -> None:
        async with self._examining:
            session.findings = await self._work(session, {"step": "examine"})
        if session.findings is not None:
            session.enter(State.READY)

    async def _audit(self, session: Session) -> None:
        async with self._auditing:
            session.enter(State.RUNNING)
            job = {
                "step": "audit",
                "policy": session.policy,
                "thorough": session.thorough,
                "jobs": self.settings.jobs,
                "out": str(session.out),
            }
            session.verdict = await self._work(session, job)
        # the real rows have served their purpose
        await asyncio.to_thread(session.drop_tables)
        if session.verdict is not None:
            session.enter(State.DONE)

    async def _work(self, session: Session, job: dict[str, Any]) -> dict[str, Any] | None:
        """Run a job; None, and the session refused, when it came to nothing."""
        files = {role: str(path) for role, path in session.files.items()}

        def heard(task: str, done: int, total: int) -> None:
            session.track = session.track.heard(task, done, total)

        try:
            return await run_job(
                self.settings.command, job | {"files": files}, session.folder / "scratch", heard
            )
        except (JobError, OSError, ValueError) as error:
            session.problem = str(error) if isinstance(error, JobError) else DIED
            await asyncio.to_thread(session.drop_tables)
            session.enter(State.REFUSED)
            return None
