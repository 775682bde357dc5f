"""Where an audit stands, in words: what the corridor reports, turned into a short list of steps."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Stage:
    """One line of the list.

    Attributes
    ----------
    task : the name under which the corridor reports it; empty for steps it does not report
    title : what is being done
    detail : what is counted, with room for ``{done}`` and ``{total}``
    """

    task: str
    title: str
    detail: str = ""


_READ = Stage("", "Reading the three tables")
_CHECKS = Stage("checks", "Counting copies and checking the holdout", "Check {done} of {total}")
_STAND_IN = Stage(
    "stand-in generators", "Finding a generator like the one used", "Tried {done} of {total}"
)
_ATTACKS = Stage("attacks", "Attacking the synthetic table", "Attack {done} of {total}")
_STATISTICS = Stage(
    "statistics", "Working out how sure the findings are", "Result {done} of {total}"
)
_REPORT = Stage("", "Writing the report")
QUICK = (_READ, _CHECKS, _ATTACKS, _STATISTICS, _REPORT)
FULL = (_READ, _CHECKS, _STAND_IN, _ATTACKS, _STATISTICS, _REPORT)
EXAMINING = (Stage("", "Reading the three tables and comparing their columns"),)

_WITHIN = {
    "placebo": ("Control table {done} of {total} attacked", ""),
    "shadows": ("Practice copy {done} of {total} trained", "Learning from the practice copies"),
}
"""Tasks that are a part of a step, by the first word of their name: while and after."""


@dataclass(frozen=True)
class Track:
    """The steps of one audit and the one it is at."""

    stages: tuple[Stage, ...]
    at: int = 0
    detail: str = ""
    done: int = 0
    total: int = 0

    def heard(self, task: str, done: int, total: int) -> Track:
        """The track after the corridor said ``task``: ``done`` of ``total``.

        A step that is done hands over to the next; nothing ever goes backwards, and tasks that
        nobody has words for change nothing.
        """
        for place, stage in enumerate(self.stages):
            if stage.task and stage.task == task and place >= self.at:
                if done >= total:
                    return Track(self.stages, min(place + 1, len(self.stages) - 1))
                return self._counting(place, stage.detail, done, total)
        words = _WITHIN.get(task.split(" ", maxsplit=1)[0])
        if words is None:
            return self
        if done >= total:  # what follows is not counted, and takes a while
            return Track(self.stages, self.at, words[1])
        return self._counting(self.at, words[0], done, total)

    def _counting(self, place: int, words: str, done: int, total: int) -> Track:
        detail = words.format(done=done, total=total)
        return replace(self, at=place, detail=detail, done=done, total=total)
