"""Every kind of column, with everything that can be wrong: an answer, or one sentence.

Never a traceback, never a row or a column that goes without a word, never a cell in a message, and
never another answer for the same data in another container.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hostile_outcomes import BLOCKS, assert_same, attempt
from hostile_tables import (
    CONTAINERS,
    CONTENT,
    FILES,
    KINDS,
    TABLES,
    as_csv,
    as_parquet,
    good_tables,
)

from synthaudit.data import Challenge, Tables

ABOUT_CELLS = {
    "unreadable-cells", "missing-words", "infinite-cells", "extreme-numbers", "empty-column",
    "dates-from-numbers",
}  # fmt: skip
# CSV has no lists and no bytes: there the column is text, which is other data
UNTYPED = ("nested", "binary")


def assert_nothing_silent(frames: dict[str, pd.DataFrame], tables: Tables) -> None:
    """Every row is kept, and every column and cell that is not is spoken of."""
    kept = {column.name for column in tables.schema.columns}
    spoken = " ".join(notice.message for notice in tables.notices)
    for table, frame in frames.items():
        loaded = tables.frames[table]
        assert len(loaded) == len(frame)
        for place, given in enumerate(map(str, frame.columns), 1):
            name = " ".join(given.split())
            if name not in kept:
                assert repr(name) in spoken or f"column {place} " in spoken, name[:50]
                continue
            cells = frame.iloc[:, place - 1]
            # an empty cell and one of white space are missing in every container
            given_gaps = cells.isna() | (cells.map(str).str.strip() == "")
            new_gaps = int(loaded[name].isna().sum() - given_gaps.sum())
            told = any(
                notice.code in ABOUT_CELLS and notice.column == name and notice.table == table
                for notice in tables.notices
            )
            assert new_gaps <= 0 or told, f"{new_gaps} cells of {table}.{name[:50]} went missing"


def assert_no_cell(tables: Tables, frames: dict[str, pd.DataFrame]) -> None:
    spoken = " ".join(notice.message for notice in tables.notices)
    for frame in frames.values():
        for place in range(frame.shape[1]):
            cells = {str(cell) for cell in frame.iloc[:, place]}
            long = [cell for cell in cells if len(cell) >= 6 and cell not in ("nan", "None")]
            assert not any(cell in spoken for cell in long)


def assert_sound(challenge: Challenge) -> None:
    """Finite coordinates, and an encoder that gives the candidates their own codes back."""
    view = challenge.adversary
    again = view.encode(view.candidate_frame)
    for block in BLOCKS:
        array = getattr(view.candidates, block)
        np.testing.assert_array_equal(getattr(again, block), array)
        if block != "values":
            assert not np.isinf(array).any()


# a defect that makes no sense for a kind gives None
POSSIBLE = [
    (kind, defect)
    for kind in KINDS
    for defect, make in CONTENT.items()
    if make(good_tables(kind)) is not None
]


@pytest.mark.parametrize(("kind", "defect"), POSSIBLE)
def test_content(kind: str, defect: str, tmp_path: Path) -> None:
    frames = CONTENT[defect](good_tables(kind))
    assert frames is not None
    outcomes = {}
    for container, made in CONTAINERS.items():
        sources = made(frames, tmp_path)
        if sources is None:
            continue
        outcomes[container] = outcome = attempt(sources)
        if isinstance(outcome, str):
            continue
        tables, challenge = outcome
        assert_nothing_silent(frames, tables)
        assert_no_cell(tables, frames)
        assert_sound(challenge)
    assert "frames" in outcomes and "csv" in outcomes
    if kind not in UNTYPED:
        for outcome in outcomes.values():
            assert_same(outcomes["frames"], outcome)


# what a damaged file may be: read as the honest file is, refused, or read with a warning
SAME = {"semicolons", "tabs", "byte order mark", "utf-16", "utf-16 without a mark"}
REFUSED = {
    "header only", "no header", "ragged", "colons", "spaces", "only nul bytes", "cut gzip",
    "gzip in gzip", "cut parquet", "damaged parquet", "parquet magic only", "arrow magic only",
    "empty", "directory", "not there", "link to nowhere", "link to itself", "device", "socket",
}  # fmt: skip


@cache
def honest_outcome(kind: str) -> Any:
    """What the tables give without a defect: the container does not matter (see above)."""
    with TemporaryDirectory() as folder:
        return attempt(as_csv(good_tables(kind), Path(folder)))


@pytest.mark.parametrize("table", ["train", "synthetic"])
@pytest.mark.parametrize("defect", FILES)
@pytest.mark.parametrize("kind", KINDS)
def test_files(kind: str, defect: str, table: str, tmp_path: Path) -> None:
    frames = good_tables(kind)
    sources = as_csv(frames, tmp_path)
    path = sources[table]
    FILES[defect](path, path.read_bytes(), frames[table])
    outcome = attempt(sources)
    if isinstance(outcome, str):
        assert defect not in SAME, outcome
        assert table in outcome and str(tmp_path) not in outcome
        return
    assert defect not in REFUSED
    tables, challenge = outcome
    assert_sound(challenge)
    assert_no_cell(tables, frames)
    if defect in SAME:
        assert_same(honest_outcome(kind), outcome)
    elif "nul" in defect:
        assert any(notice.code == "nul-characters" for notice in tables.notices)


def test_latin_1_is_read_with_a_warning_and_its_letters(tmp_path: Path) -> None:
    frames = good_tables("category")
    sources = as_csv(frames, tmp_path)
    honest = attempt(sources)
    for path in sources.values():
        path.write_bytes(path.read_bytes().decode().encode("latin-1"))
    outcome = attempt(sources)
    assert_same(honest, outcome)
    assert {notice.table for notice in outcome[0].notices if notice.code == "encoding"} == {*TABLES}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else and come back")
def test_a_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    sources = as_csv(good_tables("numeric"), tmp_path)
    sources["holdout"].chmod(0)
    for folder in (tmp_path, *tmp_path.parents[:-2]):
        folder.chmod(0o755)
    os.seteuid(65534)
    try:
        outcome = attempt(sources)
    finally:
        os.seteuid(0)
    assert isinstance(outcome, str) and "holdout" in outcome and "permission" in outcome.lower()


def test_a_header_longer_than_the_sample_is_read_whole(tmp_path: Path) -> None:
    frames = {
        name: pd.concat(
            [frame, *(frame["age"].rename(f"{i} {'long name ' * 20}") for i in range(400))], axis=1
        )
        for name, frame in good_tables("category", 12).items()
    }
    csv, parquet = attempt(as_csv(frames, tmp_path)), attempt(as_parquet(frames, tmp_path) or {})
    assert not isinstance(csv, str) and len(csv[0].schema.columns) == 403
    assert_same(csv, parquet)


@pytest.mark.parametrize("length", [9_999, 10_001, 200_000, 1_000_000])
def test_names_have_one_limit_in_every_container(length: int, tmp_path: Path) -> None:
    frames = {
        name: frame.rename(columns={"thing": "n" * length})
        for name, frame in good_tables("numeric").items()
    }
    outcomes = [attempt(made(frames, tmp_path)) for made in CONTAINERS.values()]
    for outcome in outcomes:
        assert isinstance(outcome, str) == (length > 10_000)
        if isinstance(outcome, str):
            assert re.search("name|header", outcome)


def test_half_a_surrogate_pair_in_a_name_is_no_crash() -> None:
    frames = good_tables("numeric")
    for frame in frames.values():
        names = ["half \ud83e" if name == "thing" else name for name in frame.columns]
        frame.columns = pd.Index(names, dtype=object)  # pandas' own texts refuse it
    tables, _ = attempt(frames)
    assert "half ?" in {column.name for column in tables.schema.columns}


@pytest.mark.slow
def test_two_thousand_columns_of_every_kind(tmp_path: Path) -> None:
    kinds = [kind for kind in KINDS if kind not in UNTYPED]
    frames = {}
    for seed, table in enumerate(TABLES):
        rng = np.random.default_rng(seed)
        frames[table] = pd.DataFrame(
            {f"c{i}": pd.Series(KINDS[kinds[i % len(kinds)]](rng, 30)) for i in range(2000)}
        )
    outcome = attempt(as_csv(frames, tmp_path))
    assert not isinstance(outcome, str)
    assert_nothing_silent(frames, outcome[0])
    assert len(outcome[0].schema.columns) == 2000
