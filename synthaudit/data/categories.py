"""One set of levels for a text column over three tables.

Levels are matched by their text. White space around a cell, a word for missing where another table
has a gap, and lost leading zeros are repaired. Levels that differ from a real level in case or in
the sign between words only (``Self-emp`` and ``self emp``) are matched with a warning: copies must
not hide behind their spelling.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from synthaudit.counted import plural
from synthaudit.data.cells import Cells, as_texts
from synthaudit.data.columns import Form, RawColumn
from synthaudit.data.numerals import MISSING_WORDS
from synthaudit.types import Notice

REAL = ("train", "holdout")
Key = TypeVar("Key")
_BETWEEN = re.compile(r"(?<=\w)[\s\-]+(?=\w)|_+")


def read_texts(name: str, raws: dict[str, RawColumn]) -> tuple[dict[str, Cells], list[Notice]]:
    """The column as texts in every table, with one list of levels for all of them."""
    cells = {table: as_texts(raw) for table, raw in raws.items()}
    notices = _trim_notices(name, raws)
    cells = _restore_zeros(name, raws, cells, notices)
    cells = share_levels(cells)
    return _words_as_missing(name, cells, notices), notices


def share_levels(cells: dict[Key, Cells]) -> dict[Key, Cells]:
    """The same cells with positions in one list of levels."""
    import pandas as pd

    sizes = [len(_levels(column)) for column in cells.values()]
    stacked = np.concatenate([_levels(column) for column in cells.values()])
    step, levels = pd.factorize(stacked)
    starts = np.cumsum([0, *sizes])
    answer = {}
    for (table, column), start in zip(cells.items(), starts, strict=False):
        moved = np.append(step[start : start + len(_levels(column))], -1).astype(np.int32)
        codes = moved[np.where(column.missing, -1, column.values)]
        answer[table] = replace(column, values=codes, levels=np.asarray(levels, dtype=object))
    return answer


def _levels(column: Cells) -> NDArray[Any]:
    return np.empty(0, dtype=object) if column.levels is None else column.levels


def _trim_notices(name: str, raws: dict[str, RawColumn]) -> list[Notice]:
    trimmed = [table for table, raw in raws.items() if raw.n_trimmed]
    if not trimmed:
        return []
    everywhere = len(trimmed) == len(raws)
    if everywhere:
        message = f"{name!r} has white space around cells in every table; it was removed."
        return [Notice("white-space", message, None, name)]
    notices = []
    for table in trimmed:
        message = (
            f"{table}.{name}: white space around {raws[table].n_trimmed:,} of "
            f"{raws[table].n_present:,} cells, not in every table; it was removed."
        )
        notices.append(Notice("white-space", message, table, name, "warn"))
    return notices


def _restore_zeros(
    name: str, raws: dict[str, RawColumn], cells: dict[str, Cells], notices: list[Notice]
) -> dict[str, Cells]:
    """Codes of fixed width (postal codes) lose their leading zeros when read as numbers."""
    texts = [_levels(cells[table]) for table in REAL if raws[table].form is Form.TEXT]
    levels = [str(level) for part in texts for level in part]
    widths = {len(level) for level in levels}
    if len(widths) != 1 or not all(level.isascii() and level.isdigit() for level in levels):
        return cells
    width = widths.pop()
    answer = {}
    for table, column in cells.items():
        own = _levels(column)
        padded = np.empty(own.size, dtype=object)
        padded[:] = [
            text.zfill(width) if (text := str(level)).isascii() and text.isdigit() else text
            for level in own
        ]
        if bool(np.any(padded != own)):
            message = f"{table}.{name} had lost the leading zeros of its codes; they were put back."
            notices.append(Notice("leading-zeros", message, table, name, "warn"))
        answer[table] = replace(column, levels=padded)
    return answer


def _words_as_missing(
    name: str, cells: dict[str, Cells], notices: list[Notice]
) -> dict[str, Cells]:
    """Where one table has gaps and another a word for missing, the word is a gap by another name.

    Only when no table has both: then ``None`` or ``NA`` is a level of its own, and stays one.
    """
    levels = _levels(next(iter(cells.values())))
    words = np.array([str(level).lower() in MISSING_WORDS for level in levels], dtype=bool)
    if not bool(words.any()):
        return cells
    used = {table: words[column.values] & ~column.missing for table, column in cells.items()}
    with_word = [table for table in cells if bool(used[table].any())]
    with_gap = [table for table, column in cells.items() if column.n_missing]
    if not with_word or not with_gap or set(with_word) & set(with_gap):
        return cells
    answer = dict(cells)
    for table in with_word:
        n_words = int(np.count_nonzero(used[table]))
        message = (
            f"{table}.{name}: a word for missing stands in {plural(n_words, 'cell')} where the "
            "other tables have empty cells; it is treated as missing."
        )
        notices.append(Notice("missing-words", message, table, name, "warn"))
        answer[table] = replace(cells[table], missing=cells[table].missing | used[table])
    return answer


def fold(level: str) -> str:
    """A level without case and without the kind of sign that joins its words."""
    return _BETWEEN.sub(" ", level).strip().casefold()


def match_spelling(name: str, cells: dict[str, Cells]) -> tuple[dict[str, Cells], list[Notice]]:
    """Match levels that differ from a level of an earlier table in spelling only.

    Never when two levels of the earlier tables fold to the same text: then case means something.
    """
    levels = _levels(cells["train"])
    folded = np.array([fold(str(level)) for level in levels], dtype=object)
    if len(set(folded.tolist())) == levels.size:
        return cells, []
    target = np.arange(levels.size, dtype=np.int32)
    notices: list[Notice] = []
    seen = np.zeros(levels.size, dtype=bool)
    answer = {}
    for table, column in cells.items():
        counts = np.bincount(column.present, minlength=levels.size)
        by_fold: dict[str, list[int]] = {}
        for i in np.flatnonzero(seen):
            by_fold.setdefault(folded[i], []).append(int(i))
        moved = target.copy()
        for i in np.flatnonzero((counts > 0) & ~seen):
            known = by_fold.get(folded[i], [])
            if len(known) == 1:
                moved[i] = known[0]
        changed = moved != target
        if bool((counts[changed] > 0).any()):
            n_levels = int(np.count_nonzero(changed & (counts > 0)))
            message = (
                f"{table}.{name}: levels of the other tables, but in another case or with another "
                f"sign between words, were matched: {plural(n_levels, 'level')} in "
                f"{plural(int(counts[changed].sum()), 'cell')}."
            )
            notices.append(Notice("level-spelling", message, table, name, "warn"))
        seen |= (counts > 0) & ~changed
        values = np.where(column.missing, -1, moved[column.values]).astype(np.int32)
        answer[table] = replace(column, values=values)
    return answer, notices
