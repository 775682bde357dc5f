"""Progress for people and for logs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from synthaudit.parallel import Progress


class listener:  # noqa: N801 - used like the function it stands for
    """Progress for people: a Rich bar on a terminal, plain lines elsewhere, silence if asked."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet

    def __enter__(self) -> Progress:
        from synthaudit.parallel import no_progress

        if self.quiet:
            return no_progress
        if not sys.stderr.isatty():
            return _PlainLines()
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self.bars = Progress(
            TextColumn("{task.description:<42}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self.bars.start()
        tasks: dict[str, object] = {}

        def listen(task: str, done: int, total: int) -> None:
            if task not in tasks:
                tasks[task] = self.bars.add_task(task, total=total)
            self.bars.update(tasks[task], completed=done, total=total)  # type: ignore[arg-type]

        return listen

    def __exit__(self, *_: object) -> None:
        if hasattr(self, "bars"):
            self.bars.stop()


def announce(train: Path, holdout: Path, synthetic: Path, memory: int | None) -> None:
    """Print the plan and its estimate before the work begins."""
    from synthaudit.cli.say import say
    from synthaudit.plan import plan_memory

    plan = plan_memory(train, holdout, synthetic, memory)
    if plan is not None:
        say(plan.to_text(), err=True)


class _PlainLines:
    """One line per finished step: what logs and pipelines can read."""

    def __call__(self, task: str, done: int, total: int) -> None:
        if done == total:
            print(f"synthaudit: {task} ({total})", file=sys.stderr, flush=True)
