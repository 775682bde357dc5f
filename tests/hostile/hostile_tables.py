"""Columns of every kind, and everything that can be wrong with a table that holds one.

``KINDS`` make the column under test; ``DEFECTS`` take three good tables (a column ``age``, a column
``city`` and the column under test, called ``thing``) and give back three sources with one thing
wrong. A defect that makes no sense for a kind says so by giving None.
"""

from __future__ import annotations

import datetime
import gzip
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

TABLES = ("train", "holdout", "synthetic")
N_ROWS = 40
Rng = np.random.Generator
Frames = dict[str, pd.DataFrame]
Sources = dict[str, Any]
THING = "thing"

_WORDS = np.array(["amber", "bramble", "cobalt", "dahlia", "ember", "fjord", "granite", "heather"])
_LEVELS = np.array(["Lillehammer", "Ærøskøbing", "Szeged", "naïve  spot"], dtype=object)
_DAY = pd.Timestamp("2011-03-01")


def _identifier(rng: Rng, n: int) -> list[str]:
    return [f"PX{number:08d}" for number in rng.choice(10**8, n, replace=False)]


KINDS: dict[str, Callable[[Rng, int], Any]] = {
    "numeric": lambda rng, n: rng.normal(5000, 900, n).round(2),
    "integer": lambda rng, n: rng.integers(18, 9000, n),
    "boolean": lambda rng, n: rng.random(n) < 0.4,
    "category": lambda rng, n: _LEVELS[rng.integers(0, 4, n)],
    "datetime": lambda rng, n: _DAY + pd.to_timedelta(rng.integers(0, 4000, n), "D"),
    "zoned": lambda rng, n: (
        _DAY.tz_localize("Europe/Oslo") + pd.to_timedelta(rng.integers(0, 90_000, n), "h")
    ),
    "timedelta": lambda rng, n: pd.to_timedelta(rng.integers(-9000, 400_000, n), "s"),
    "time": lambda rng, n: [
        datetime.time(*map(int, parts)) for parts in zip(*rng.integers(0, 24, (3, n)), strict=True)
    ],
    "text": lambda rng, n: [" ".join(words) for words in _WORDS[rng.integers(0, 8, (n, 12))]],
    "identifier": _identifier,
    "nested": lambda rng, n: [[int(x), 4711] for x in rng.integers(0, 9, n)],
    "binary": lambda rng, n: [bytes([int(x), 200]) for x in rng.integers(0, 200, n)],
    "missing": lambda rng, n: [None] * n,
    "constant": lambda rng, n: ["Sameville"] * n,
    "distinct": lambda rng, n: rng.permutation(n) + 1000,
}
"""By name: what the column under test holds."""


def good_tables(kind: str, n: int = N_ROWS) -> Frames:
    """Three tables with a column of the kind and two ordinary ones."""
    frames = {}
    for seed, name in enumerate(TABLES):
        rng = np.random.default_rng(seed)
        frames[name] = pd.DataFrame(
            {
                "age": rng.integers(18, 90, n),
                THING: pd.Series(KINDS[kind](rng, n)),
                "city": _LEVELS[rng.integers(0, 3, n)],
            }
        )
    return frames


def _with(frames: Frames, table: str, cells: Any, name: str = THING) -> Frames:
    changed = frames[table].copy()
    changed[name] = cells
    return {**frames, table: changed}


def _objects(frames: Frames, table: str) -> pd.Series:
    return frames[table][THING].astype(object).copy()


def _spelled(frames: Frames, table: str) -> list[str]:
    return [str(cell) for cell in frames[table][THING]]


def _each(change: Callable[[pd.DataFrame], pd.DataFrame], *tables: str) -> Callable[..., Frames]:
    def defect(frames: Frames) -> Frames:
        return {
            name: change(frame.copy()) if name in (tables or TABLES) else frame
            for name, frame in frames.items()
        }

    return defect


def _gaps(table: str) -> Callable[[Frames], Frames]:
    def defect(frames: Frames) -> Frames:
        return _with(frames, table, frames[table][THING].where(np.arange(N_ROWS) % 3 > 0))

    return defect


def _all_gone(frames: Frames) -> Frames:
    return _with(frames, "synthetic", None)


def _infinite(frames: Frames) -> Frames | None:
    if frames["train"][THING].dtype.kind not in "if":
        return None
    cells = frames["synthetic"][THING].astype(float)
    cells.iloc[[1, 5]] = np.inf, -np.inf
    return _with(frames, "synthetic", cells)


def _extreme(frames: Frames) -> Frames | None:
    if frames["train"][THING].dtype.kind not in "if":
        return None
    for table in ("train", "synthetic"):
        cells = frames[table][THING].astype(float)
        cells.iloc[[1, 5, 6, 7]] = 1.7e308, -4e160, 5e-324, -2e-244
        frames = _with(frames, table, cells)
    return frames


def _all_infinite(frames: Frames) -> Frames | None:
    if frames["train"][THING].dtype.kind not in "if":
        return None
    return _with(frames, "train", np.full(N_ROWS, np.inf))


def _mixed(frames: Frames) -> Frames:
    cells = _objects(frames, "train")
    odd = [1, "oddity", 2.5, None, True, pd.NaT, datetime.date(2020, 2, 29)]
    cells.iloc[: len(odd)] = pd.Series(odd, dtype=object)
    return _with(frames, "train", cells)


def _unseen(frames: Frames) -> Frames:
    cells = frames["synthetic"][THING]
    if cells.dtype.kind in "ifmM" or hasattr(cells.dtype, "tz"):
        return _with(frames, "synthetic", cells + (cells.max() - cells.min()))
    if cells.dtype.kind == "b":
        return _with(frames, "synthetic", True)
    return _with(frames, "synthetic", [f"unseen {i % 4}" for i in range(N_ROWS)])


def _as_text(table: str) -> Callable[[Frames], Frames]:
    return lambda frames: _with(frames, table, _spelled(frames, table))


def _as_category(frames: Frames) -> Frames | None:
    # of lists there are no categories, and Parquet keeps categories of durations as bare integers
    if isinstance(frames["holdout"][THING].iloc[0], list | pd.Timedelta):
        return None
    return _with(frames, "holdout", frames["holdout"][THING].astype("category"))


def _as_float(frames: Frames) -> Frames | None:
    if frames["train"][THING].dtype.kind not in "ib":
        return None
    return _with(frames, "synthetic", frames["synthetic"][THING].astype("float32"))


def _padded(frames: Frames) -> Frames:
    return _with(frames, "synthetic", [f"  {cell} " for cell in _spelled(frames, "synthetic")])


def _upper(frames: Frames) -> Frames:
    return _with(frames, "synthetic", [cell.upper() for cell in _spelled(frames, "synthetic")])


def _words_for_missing(frames: Frames) -> Frames:
    cells = _objects(frames, "synthetic")
    cells.iloc[:4] = pd.Series(["NA", "null", "?", ""], dtype=object)
    return _with(frames, "synthetic", cells)


def _commas(frames: Frames) -> Frames | None:
    if frames["train"][THING].dtype.kind != "f":
        return None
    cells = [f"{cell:.2f}".replace(".", ",") for cell in frames["synthetic"][THING]]
    return _with(frames, "synthetic", cells)


def _groups(frames: Frames) -> Frames | None:
    if frames["train"][THING].dtype.kind not in "if":
        return None
    return _with(frames, "train", [f"{cell * 1000:,.2f}" for cell in frames["train"][THING]])


def _two_date_formats(frames: Frames) -> Frames | None:
    cells = frames["synthetic"][THING]
    if cells.dtype.kind != "M" and not hasattr(cells.dtype, "tz"):
        return None
    spelled = [cell.strftime("%Y-%m-%d" if i % 2 else "%d.%m.%Y") for i, cell in enumerate(cells)]
    return _with(frames, "synthetic", spelled)


def _renamed(name: str) -> Callable[[Frames], Frames]:
    return _each(lambda frame: frame.rename(columns={THING: name}))


def _twice(same: bool) -> Callable[[Frames], Frames]:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        again = frame[THING] if same else frame["age"] + 1
        both = pd.concat([frame, again.rename(THING)], axis=1)
        return both[["age", "city", THING]]

    return _each(change)


def _many(frames: Frames) -> Frames:
    return {
        name: pd.concat([frame, *(frame[THING].rename(f"{THING} {i}") for i in range(30))], axis=1)
        for name, frame in frames.items()
    }


CONTENT: dict[str, Callable[[Frames], Frames | None]] = {
    "nothing": lambda frames: frames,
    "gaps in train": _gaps("train"),
    "gaps in synthetic": _gaps("synthetic"),
    "synthetic all missing": _all_gone,
    "infinities": _infinite,
    "all infinite": _all_infinite,
    "extreme numbers": _extreme,
    "mixed types": _mixed,
    "unseen values": _unseen,
    "synthetic as text": _as_text("synthetic"),
    "train as text": _as_text("train"),
    "holdout as category": _as_category,
    "synthetic as single": _as_float,
    "white space": _padded,
    "upper case": _upper,
    "words for missing": _words_for_missing,
    "decimal commas": _commas,
    "thousands separators": _groups,
    "two date formats": _two_date_formats,
    "unicode name": _renamed("Größe — 身長 🧍"),
    "right-to-left name": _renamed("\u202eגיל\u202c"),
    "hostile name": _renamed("<script>=1+1|%s{0}../../etc\x1b[31m"),
    "long name": _renamed("n" * 100_000),
    "empty name": _renamed(""),
    "blank name": _renamed("   "),
    "same column twice": _twice(same=True),
    "two columns of one name": _twice(same=False),
    "many columns": _many,
    "column order": _each(lambda frame: frame[["city", THING, "age"]], "synthetic"),
    "extra column": _each(lambda frame: frame.assign(surplus=1), "synthetic"),
    "column missing in synthetic": _each(lambda frame: frame.drop(columns=THING), "synthetic"),
    "column missing in holdout": _each(lambda frame: frame.drop(columns=THING), "holdout"),
    "column only": _each(lambda frame: frame[[THING]]),
    "no common column": _each(lambda frame: frame.add_prefix("other "), "holdout"),
    "duplicate rows": _each(lambda frame: frame.iloc[np.arange(N_ROWS) % 3], "synthetic"),
    "one synthetic row": _each(lambda frame: frame.iloc[:1], "synthetic"),
    "one row each": _each(lambda frame: frame.iloc[:1]),
    "no synthetic rows": _each(lambda frame: frame.iloc[:0], "synthetic"),
    "no train rows": _each(lambda frame: frame.iloc[:0], "train"),
    "formulas": lambda frames: _with(frames, "train", [f"=1+{i}" for i in range(N_ROWS)]),
}
"""Defects of the content: the same in every container."""


def as_frames(frames: Frames, _: Path) -> Sources:
    """The tables as they are."""
    return dict(frames)


def as_csv(frames: Frames, folder: Path) -> Sources:
    """The tables as CSV files."""
    paths = {name: folder / f"{name}.csv" for name in frames}
    for name, frame in frames.items():
        frame.to_csv(paths[name], index=False)
    return dict(paths)


def as_parquet(frames: Frames, folder: Path) -> Sources | None:
    """The tables as Parquet files; None where Parquet cannot hold them."""
    paths = {name: folder / f"{name}.parquet" for name in frames}
    for name, frame in frames.items():
        try:
            frame.to_parquet(paths[name])
        except (ValueError, TypeError, OverflowError):  # names twice, cells of many types
            return None
    return dict(paths)


CONTAINERS: dict[str, Callable[[Frames, Path], Sources | None]] = {
    "frames": as_frames,
    "csv": as_csv,
    "parquet": as_parquet,
}
FileDefect = Callable[[Path, bytes, pd.DataFrame], None]


def _ragged(path: Path, content: bytes, _: pd.DataFrame) -> None:
    lines = content.split(b"\n")
    lines[7] += b",surplus"
    path.write_bytes(b"\n".join(lines))


def _recoded(encoding: str) -> FileDefect:
    def defect(path: Path, content: bytes, _: pd.DataFrame) -> None:
        path.write_bytes(content.decode().encode(encoding, "replace"))

    return defect


def _delimited(delimiter: str) -> FileDefect:
    def defect(path: Path, _: bytes, frame: pd.DataFrame) -> None:
        frame.to_csv(path, index=False, sep=delimiter)

    return defect


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # addresses of sockets must be short
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(here)


def _in_its_place(make: Callable[[Path], None]) -> FileDefect:
    def defect(path: Path, _: bytes, __: pd.DataFrame) -> None:
        path.unlink()
        make(path)

    return defect


def _cut_parquet(path: Path, _: bytes, frame: pd.DataFrame) -> None:
    frame.to_parquet(path)
    path.write_bytes(path.read_bytes()[:-40])


def _damaged_parquet(path: Path, _: bytes, frame: pd.DataFrame) -> None:
    frame.to_parquet(path)
    content = bytearray(path.read_bytes())
    content[40 : len(content) // 2] = b"\xa5" * (len(content) // 2 - 40)
    path.write_bytes(bytes(content))


def _written(change: Callable[[bytes], bytes]) -> FileDefect:
    return lambda path, content, _: _write(path, change(content))


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _header_end(content: bytes) -> int:
    return content.find(b"\n") + 1


FILES: dict[str, FileDefect] = {
    "header only": _written(lambda content: content[: _header_end(content)]),
    "no header": _written(lambda content: content[_header_end(content) :]),
    "ragged": _ragged,
    "semicolons": _delimited(";"),
    "tabs": _delimited("\t"),
    "colons": _delimited(":"),
    "spaces": _delimited(" "),
    "byte order mark": _recoded("utf-8-sig"),
    "utf-16": _recoded("utf-16"),
    "utf-16 without a mark": _recoded("utf-16-be"),
    "latin-1": _recoded("latin-1"),
    "nul bytes": _written(lambda content: content.replace(b"1", b"\0")),
    "one nul byte": _written(lambda content: content[:200] + b"\0" + content[200:]),
    "only nul bytes": _written(lambda content: b"\0" * len(content)),
    "open quote": _written(lambda content: content[:300] + b'"' + content[300:]),
    "cut short": _written(lambda content: content[: len(content) * 2 // 3]),
    "cut gzip": _written(lambda content: gzip.compress(content)[:-60]),
    "gzip in gzip": _written(lambda content: gzip.compress(gzip.compress(content))),
    "cut parquet": _cut_parquet,
    "damaged parquet": _damaged_parquet,
    "parquet magic only": _written(lambda _: b"PAR1"),
    "arrow magic only": _written(lambda _: b"\xff\xff\xff\xff"),
    "empty": _written(lambda _: b""),
    "directory": _in_its_place(lambda path: path.mkdir()),
    "not there": _in_its_place(lambda path: None),
    "link to nowhere": _in_its_place(lambda path: path.symlink_to("nowhere")),
    "link to itself": _in_its_place(lambda path: path.symlink_to(path.name)),
    "device": _in_its_place(lambda path: path.symlink_to("/dev/zero")),
    "socket": _in_its_place(_socket),
}
"""Defects of one file: what is on disk where a good table should be."""
