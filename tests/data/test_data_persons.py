"""Several rows a person: who is who, whole persons drawn, nobody their own reference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from data_people import people

from synthaudit.data import Challenge, Tables, draw_challenge, load_tables
from synthaudit.data.persons import draw_persons, nearest_of_others, numbered, persons_apart
from synthaudit.data.views import Geometry
from synthaudit.errors import InputError
from synthaudit.seeds import Streams
from synthaudit.types import ColumnKind


def visits(n_persons: int, seed: int, prefix: str, most: int = 5) -> pd.DataFrame:
    """One to ``most`` rows a person; some rows are repeated word for word."""
    rng = np.random.default_rng(seed)
    frame = people(n_persons * most, seed)
    key = np.repeat(np.arange(n_persons), rng.integers(1, most + 1, n_persons))
    frame = frame.iloc[: key.size].copy()
    twins = rng.permutation(key.size)[: key.size // 3]
    frame.iloc[twins] = frame.iloc[np.zeros(twins.size, dtype=int)].to_numpy()
    frame = frame.infer_objects()
    frame["who"] = [f"{prefix}{k}" for k in key]
    return frame


def tables(**changes: Any) -> dict[str, pd.DataFrame]:
    frames = {
        "train": visits(40, 1, "t"),
        "holdout": visits(60, 2, "h"),
        "synthetic": visits(50, 3, "s").drop(columns="who"),
    }
    return frames | changes


def load(frames: dict[str, Any], key: str | None = "who") -> Tables:
    return load_tables(frames["train"], frames["holdout"], frames["synthetic"], group_key=key)


def draw(frames: dict[str, Any], **settings: Any) -> Challenge:
    return draw_challenge(load(frames), Streams(0), **settings)


def test_the_key_is_read_and_takes_no_part() -> None:
    frames = tables()
    loaded = load(frames)
    assert "who" not in [column.name for column in loaded.schema.columns]
    assert [n.code for n in loaded.notices if n.column == "who"] == ["grouped-by-person"]
    for name in ("train", "holdout"):
        codes = loaded.persons[name]
        same = frames[name]["who"].to_numpy()
        assert (pd.factorize(codes)[0] == pd.factorize(same)[0]).all()
    assert not set(loaded.persons["train"]) & set(loaded.persons["holdout"])


def test_a_key_in_all_tables_is_an_identifier_and_one_person_is_the_same_in_both() -> None:
    frames = tables()
    frames["synthetic"]["who"] = [f"x{i}" for i in range(len(frames["synthetic"]))]
    frames["holdout"].loc[frames["holdout"]["who"] == "h3", "who"] = "t3"
    loaded = load(frames)
    kinds = {column.name: column.kind for column in loaded.schema.columns}
    assert kinds["who"] is ColumnKind.IDENTIFIER
    both = set(loaded.persons["train"]) & set(loaded.persons["holdout"])
    assert len(both) == 1
    challenge = draw_challenge(loaded, Streams(0))
    assert "who" not in challenge.adversary.candidate_frame
    # a member's holdout rows are nobody's non-member rows
    rows = challenge.source_rows[~challenge.is_member]
    assert not (frames["holdout"]["who"].iloc[rows] == "t3").any()


def test_numbers_and_texts_are_one_key(tmp_path: Path) -> None:
    frames = tables()
    for name in ("train", "holdout"):
        frames[name]["who"] = frames[name]["who"].str[1:].astype(int)
    frames["holdout"]["who"] = frames["holdout"]["who"].astype(float)
    loaded = load(frames)
    assert len(set(loaded.persons["holdout"]) & set(loaded.persons["train"])) == 40


def test_rows_without_a_key_are_persons_of_their_own() -> None:
    frames = tables()
    frames["train"].loc[frames["train"].index[:4], "who"] = None
    loaded = load(frames)
    assert np.unique(loaded.persons["train"][:4]).size == 4
    assert any("4 rows without a key" in n.message for n in loaded.notices)


@pytest.mark.parametrize("name", ["train", "holdout"])
def test_a_key_that_is_not_there(name: str) -> None:
    frames = tables()
    frames[name] = frames[name].drop(columns="who")
    with pytest.raises(InputError, match=f"{name} has no column 'who'"):
        load(frames)


def test_everybody_in_both_tables_is_refused() -> None:
    frames = tables()
    frames["holdout"]["who"] = "t1"
    with pytest.raises(InputError, match="no non-member"):
        draw(frames)


def test_whole_persons_are_drawn() -> None:
    frames = tables()
    challenge = draw(frames)
    assert challenge.persons is not None
    for side, name in ((True, "train"), (False, "holdout")):
        rows = challenge.source_rows[challenge.is_member == side]
        whose = frames[name]["who"]
        drawn = whose.iloc[rows].value_counts()
        assert drawn.equals(whose.value_counts()[drawn.index])
    assert len(frames["train"]) == challenge.n_members >= challenge.n_nonmembers
    assert challenge.n_members - challenge.n_nonmembers < 5
    assert challenge.n_persons == (40, np.unique(challenge.persons).size - 40)
    capped = draw(frames, max_candidates=30)
    assert max(capped.n_members, capped.n_nonmembers) <= 30


def test_the_order_of_files_moves_nothing() -> None:
    frames = tables()
    rng = np.random.default_rng(5)
    mixed = {n: f.iloc[rng.permutation(len(f))].reset_index(drop=True) for n, f in frames.items()}
    first, second = draw(frames, max_candidates=60), draw(mixed, max_candidates=60)
    np.testing.assert_array_equal(first.is_member, second.is_member)
    np.testing.assert_array_equal(first.persons, second.persons)
    np.testing.assert_array_equal(
        first.adversary.candidates.values, second.adversary.candidates.values
    )


def test_identical_persons_are_told_apart_consistently() -> None:
    keys = np.array([7, 8, 7, 8, 7, 9], dtype=np.uint64)
    persons = np.array([0, 0, 1, 1, 2, 2])
    found = persons_apart(keys, persons)
    assert found[0] == found[1] != found[2] == found[3]
    other = persons_apart(keys, np.array([1, 1, 0, 0, 2, 2]))
    assert {int(found[0]), int(found[2])} == {int(other[0]), int(other[2])}


def test_drawing_takes_at_least_one_person() -> None:
    keys = np.arange(6, dtype=np.uint64)
    persons = np.array([0, 0, 0, 1, 1, 1])
    rows = draw_persons(keys, persons, np.ones(6, dtype=bool), 2)
    assert rows.tolist() in ([0, 1, 2], [3, 4, 5])
    assert numbered(np.array([9, 4, 9, 1])).tolist() == [0, 1, 0, 2]


@pytest.mark.parametrize("geometry", list(Geometry))
def test_a_persons_own_rows_are_never_the_reference(geometry: Geometry) -> None:
    """Against all pairs of distances, computed one by one."""
    view = draw(tables(), max_candidates=40).adversary
    assert view.persons is not None
    index, numbers = view.pool_index(geometry), geometry.numbers(view.candidates)
    everything = index.query(numbers, view.candidates.codes, index.n_rows)
    found = view.nearest_candidates(3, geometry)
    for i in range(view.n_candidates):
        others = view.persons[everything.rows[i]] != view.persons[i]
        np.testing.assert_allclose(found.distances[i], everything.distances[i][others][:3])
        assert (view.persons[found.rows[i]] != view.persons[i]).all()


def test_too_few_others_are_said_so() -> None:
    view = draw(tables(), max_candidates=40).adversary
    index, numbers = view.pool_index(Geometry.RANK), view.candidates.ranks
    persons = np.zeros(index.n_rows, dtype=np.int64)
    persons[0] = 1
    asked = np.arange(index.n_rows)
    found = nearest_of_others(index, numbers, view.candidates.codes, 2, persons, asked)
    assert (found.rows[1:, 0] == 0).all() and (found.rows[1:, 1] == -1).all()
    assert np.isinf(found.distances[1:, 1]).all() and np.isfinite(found.distances[0]).all()
