"""The digest of what a table says: one table one digest, whatever the container."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import make_population

from synthaudit.data.content import identify


def digest(frame: pd.DataFrame, path: Path) -> str:
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".feather":
        frame.to_feather(path)
    else:
        frame.to_csv(path, index=False)
    return identify(path, "train").sha256_content


def test_by_hand(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("b,a\nx,1\n,2.50\n")
    rows = sorted(hashlib.sha256(row).digest() for row in (b"1:11:x", b"3:2.5-"))
    wanted = hashlib.sha256(b"1:a1:b|2|" + b"".join(rows)).hexdigest()
    assert identify(tmp_path / "t.csv", "train").sha256_content == wanted


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.parquet", "t.feather"])
def test_containers_rows_and_columns_do_not_matter(name: str, tmp_path: Path) -> None:
    frame = make_population(200, 1)
    reference = digest(frame, tmp_path / "reference.csv")
    moved = frame.sample(frac=1, random_state=1)[sorted(frame, reverse=True)]
    assert digest(moved.reset_index(drop=True), tmp_path / name) == reference


def test_every_cell_and_every_repetition_matters(tmp_path: Path) -> None:
    frame = make_population(40, 2).astype({"age": float})
    seen = {digest(frame, tmp_path / "t.csv")}
    for column in frame:
        changed = frame.copy()
        changed[column] = changed[column].astype(object)
        changed.loc[7, column] = None if pd.notna(changed.loc[7, column]) else 1
        seen.add(digest(changed, tmp_path / "t.csv"))
    seen.add(digest(pd.concat([frame, frame.iloc[:1]]), tmp_path / "t.csv"))
    swapped = frame.copy()
    swapped.loc[[1, 2], "income"] = frame.loc[[2, 1], "income"].to_numpy()
    seen.add(digest(swapped, tmp_path / "t.csv"))
    seen.add(digest(frame.rename(columns={"age": "Age"}), tmp_path / "t.csv"))
    assert len(seen) == frame.shape[1] + 4


def test_cells_do_not_run_together_and_missing_is_no_text(tmp_path: Path) -> None:
    pairs = [("ab", "c"), ("a", "bc"), ("abc", None), (None, "abc"), ("-", "abc"), ("1:a", "x")]
    frames = [pd.DataFrame([pair, ("u", "v")], columns=["x", "y"]) for pair in pairs]
    assert len({digest(frame, tmp_path / "t.parquet") for frame in frames}) == len(pairs)


def test_spellings_of_one_value_are_one_value(tmp_path: Path) -> None:
    texts = {
        "plain": "n,b,d\n1,true,2020-01-02\n2.5,false,\n",
        "other": "n,b,d\n1.0,True,2020-01-02 00:00:00\n2.50,FALSE,NaT\n",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.csv").write_text(text)
    found = {identify(tmp_path / f"{name}.csv", "train").sha256_content for name in texts}
    assert len(found) == 1
    typed = pd.DataFrame(
        {"n": [1.0, 2.5], "b": [True, False], "d": pd.to_datetime(["2020-01-02", None])}
    )
    assert {digest(typed, tmp_path / "t.parquet")} == found


def test_infinite_and_extreme_numbers_are_themselves_in_every_container(tmp_path: Path) -> None:
    # an audit treats them as missing, or as the largest size; a digest must tell them apart
    frames = [
        pd.DataFrame({"n": [1.5, value]}) for value in (np.inf, -np.inf, np.nan, 1e300, 1e200, 0.0)
    ]
    typed = [digest(frame, tmp_path / "t.parquet") for frame in frames]
    assert len(set(typed)) == len(frames)
    assert [digest(frame, tmp_path / "t.csv") for frame in frames] == typed
