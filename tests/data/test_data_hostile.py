"""Whatever the tables hold: an audit, or one sentence. Never a traceback, never a cell."""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from data_people import BLOCKS, CITIES, draw, load, three, write_csv

from synthaudit.data import split_table
from synthaudit.errors import SynthauditError

Rng = np.random.Generator
DAY = pd.Timestamp("2020-01-01")


def dates(rng: Rng, n: int, step: str = "D") -> pd.Series:
    return pd.Series(DAY + pd.to_timedelta(rng.integers(0, 900, n), step))


def some(*cells: Any) -> Callable[[Rng, int], list[Any]]:
    return lambda rng, n: [cells[i] for i in rng.integers(0, len(cells), n)]


MAKERS: list[Callable[[Rng, int], Any]] = [
    lambda rng, n: rng.normal(size=n),
    lambda rng, n: rng.normal(size=n) * 1e300,
    lambda rng, n: rng.normal(size=n).astype("float32"),
    lambda rng, n: rng.normal(size=n).astype(str),
    lambda rng, n: np.full(n, np.inf),
    lambda rng, n: rng.integers(-5, 5, n),
    lambda rng, n: pd.array(rng.integers(0, 5, n), dtype="Int64"),
    lambda rng, n: rng.integers(0, 2**63 - 1, n),
    lambda rng, n: rng.integers(0, 2**64 - 1, n, dtype=np.uint64),
    lambda rng, n: [10**30 + i for i in range(n)],
    lambda rng, n: np.arange(n),
    lambda rng, n: rng.integers(0, 2, n).astype(bool),
    lambda rng, n: pd.Series(rng.integers(0, 9, n)).astype("category"),
    lambda rng, n: pd.cut(rng.normal(size=n), 4),
    lambda rng, n: [decimal.Decimal(int(x)) / 8 for x in rng.integers(0, 99, n)],
    lambda rng, n: [str(uuid.UUID(int=int(x))) for x in rng.integers(0, 2**60, n)],
    dates,
    lambda rng, n: dates(rng, n).dt.strftime("%d/%m/%Y"),
    lambda rng, n: dates(rng, n).dt.strftime("%m/%d/%y"),
    lambda rng, n: dates(rng, n, "h").dt.tz_localize("UTC"),
    lambda rng, n: [datetime.date(int(y), 1, 1) for y in rng.integers(1, 9999, n)],
    some(None),
    some("x"),
    some("a", "B", "b ", "", "NA", None),
    some("1,5", "2,25", "3"),
    some("Yes", "no", True, 1, None),
    some(True, False, None),
    some(1, "a", 2.5, None, pd.NA, pd.NaT, True),
    some("é", "e\u0301", "\u200b", "\n", " , ", '"'),
    some([1], [2, 3]),
]


@pytest.mark.parametrize("seed", range(60))
def test_any_three_frames_are_audited_or_refused(seed: int) -> None:
    rng = np.random.default_rng(seed)
    makers = [[MAKERS[i] for i in rng.integers(0, len(MAKERS), 4)] for _ in range(3)]
    if seed % 2:
        makers = [makers[0]] * 3
    frames = {}
    for table, chosen in zip(("train", "holdout", "synthetic"), makers, strict=True):
        n = int(rng.integers(1, 60))
        frames[table] = pd.DataFrame({f"c{i}": pd.Series(m(rng, n)) for i, m in enumerate(chosen)})
    try:
        view = draw(frames).adversary
    except SynthauditError as error:
        assert "\n" not in str(error)
        return
    again = view.encode(view.candidate_frame)
    for block in BLOCKS:
        np.testing.assert_array_equal(getattr(again, block), getattr(view.candidates, block))
    assert not np.isinf(view.candidates.scaled).any()


TOKENS = [b'"', b"\n", b"\r", b",", b";", b"\x00", b"\xff", b"\xe9", b'""', b"\n\n", b"\t", b"NA"]


@pytest.mark.parametrize("seed", range(80))
def test_any_damage_to_a_file_is_survived_or_refused(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    frames = three(40)
    paths = write_csv(frames, tmp_path)
    if seed % 4 == 0:
        frames["train"].to_parquet(paths["train"])
    content = bytearray(paths["train"].read_bytes())
    for _ in range(int(rng.integers(1, 5))):
        place = int(rng.integers(0, len(content)))
        what = rng.integers(0, 4)
        if what == 0:
            content[place:place] = TOKENS[rng.integers(0, len(TOKENS))]
        elif what == 1:
            del content[place : place + int(rng.integers(1, 20))]
        elif what == 2 and rng.random() < 0.3:
            del content[max(place, 1) :]
        else:
            content[place] = int(rng.integers(0, 256))
    paths["train"].write_bytes(bytes(content))
    try:
        load(paths)
        split_table(paths["train"], tmp_path / "out")
    except SynthauditError as error:
        assert not any(city in str(error) for city in CITIES)
        assert "\n" not in str(error)


def test_dates_far_and_near_share_one_unit() -> None:
    frames = three()
    frames["train"]["born"] = frames["train"]["born"].astype(str)
    frames["train"].loc[0, "born"] = "1164-11-23"
    loaded = load(frames)
    units = {str(loaded.frames[name]["born"].dtype) for name in ("train", "holdout")}
    assert units == {"datetime64[us]"}
    assert draw(frames).n_candidates == 240


def test_big_integers_with_gaps_on_one_side_share_one_type() -> None:
    frames = three()
    frames["train"]["big"] = 2**60 + frames["train"]["age"]
    frames["holdout"]["big"] = pd.array([1, None] * 60, dtype="Int64")
    frames["synthetic"]["big"] = 0.5
    loaded = load(frames)
    assert [str(loaded.frames[n]["big"].dtype) for n in ("train", "holdout")] == ["Int64"] * 2
    assert draw(frames).adversary.candidate_frame["big"].max() == frames["train"]["big"].max()
