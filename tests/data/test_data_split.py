"""A holdout made before generating: random, person-disjoint, recorded, verbatim."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_people import people

from synthaudit.data import file_digest, load_tables, split_table
from synthaudit.data.records import cut_lines
from synthaudit.data.split import side_of_rows
from synthaudit.errors import InputError, UsageError
from synthaudit.seeds import Streams

ODD = (
    'name;note;code\r\n'
    '"Smith; John";"two\r\nlines, ""quoted""";007\r\n'
    "Anna;;1,50\r\n"
    "  Bo ;NA;1.500\r\n"
    "Li;plain;0x1\r\n"
)  # fmt: skip


def test_cells_are_copied_byte_for_byte(tmp_path: Path) -> None:
    real = tmp_path / "real.csv"
    real.write_bytes(ODD.encode())
    done = split_table(real, tmp_path / "out", seed=3)
    header, *rows = cut_lines(ODD.encode())
    parts = [done.train.read_bytes(), done.holdout.read_bytes()]
    assert all(part.startswith(header) for part in parts)
    together = [line for part in parts for line in cut_lines(part)[1:]]
    assert sorted(together) == sorted(rows)
    assert done.n_train == done.n_holdout == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("zipped", [False, True])
def test_encodings_and_gzip_stay(encoding: str, zipped: bool, tmp_path: Path) -> None:
    text = "name,city\n" + "".join(f"p{i},Bodø\n" for i in range(20))
    content = text.encode(encoding)
    real = tmp_path / ("real.csv.gz" if zipped else "real.csv")
    real.write_bytes(gzip.compress(content) if zipped else content)
    done = split_table(real, tmp_path / "out")
    assert done.train.name == ("train.csv.gz" if zipped else "train.csv")
    parts = [path.read_bytes() for path in (done.train, done.holdout)]
    texts = [(gzip.decompress(p) if zipped else p).decode(encoding) for p in parts]
    lines = [line for part in texts for line in part.splitlines()[1:]]
    assert sorted(lines) == sorted(text.splitlines()[1:])


def test_parquet_keeps_types(tmp_path: Path) -> None:
    frame = people(50, 1)
    table = pa.Table.from_pandas(frame).append_column(
        "money", pa.array([None] * 50, pa.decimal128(9, 2))
    )
    pq.write_table(table, tmp_path / "real.parquet")
    done = split_table(tmp_path / "real.parquet", tmp_path, holdout_share=0.2)
    parts = [pq.read_table(path) for path in (done.train, done.holdout)]
    assert [part.num_rows for part in parts] == [40, 10]
    assert all(part.schema.equals(table.schema) for part in parts)
    both = pa.concat_tables(parts).to_pylist()
    assert sorted(map(str, both)) == sorted(map(str, table.to_pylist()))


def test_the_record(tmp_path: Path) -> None:
    real = tmp_path / "real.csv"
    people(30, 1).to_csv(real, index=False)
    done = split_table(real, tmp_path / "out", seed=11, holdout_share=0.3)
    record = json.loads(done.record.read_text())
    assert (record["seed"], record["holdout_share"], record["group_key"]) == (11, 0.3, None)
    assert record["real"] == {"source": "real.csv", "sha256": file_digest(real), "n_rows": 30}
    for side, n_rows in (("train", 21), ("holdout", 9)):
        path = tmp_path / "out" / f"{side}.csv"
        assert record[side] == {
            "source": path.name, "sha256": file_digest(path), "n_rows": n_rows,
        }  # fmt: skip
    assert str(tmp_path) not in done.record.read_text()
    assert done.written == (done.train, done.holdout, done.record)


def test_the_same_seed_gives_the_same_bytes_and_another_another_split(tmp_path: Path) -> None:
    real = tmp_path / "real.csv.gz"
    people(60, 1).to_csv(real, index=False)
    first = split_table(real, tmp_path / "a", seed=1)
    second = split_table(real, tmp_path / "b", seed=1)
    third = split_table(real, tmp_path / "c", seed=2)
    assert first.train.read_bytes() == second.train.read_bytes()
    assert first.train.read_bytes() != third.train.read_bytes()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_one_person_never_lands_on_both_sides(share: float, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = people(500, 1).assign(person=rng.integers(0, 80, 500).astype(float))
    frame.loc[:9, "person"] = np.nan
    frame.to_csv(tmp_path / "real.csv", index=False)
    done = split_table(tmp_path / "real.csv", tmp_path, holdout_share=share, group_key="person")
    train, holdout = pd.read_csv(done.train), pd.read_csv(done.holdout)
    assert set(train["person"].dropna()).isdisjoint(holdout["person"].dropna())
    assert len(train) + len(holdout) == 500
    assert abs(len(holdout) / 500 - share) < 0.02
    assert done.n_groups == frame["person"].nunique() + 10


def test_sides_of_rows_in_memory_hold_whole_persons() -> None:
    rng = np.random.default_rng(0)
    for persons in (
        rng.integers(500, 560, 300),
        rng.choice(["Ann", "Bo", "Li", "Mo"], 300),
        np.array([*[None] * 150, *rng.integers(0, 30, 150)], dtype=object),
    ):
        held = side_of_rows(300, persons, 0.5, Streams(1))
        sides = pd.DataFrame({"person": persons, "held": held}).dropna().groupby("person")["held"]
        assert (sides.nunique() == 1).all() and 0.2 < held.mean() < 0.8
    assert 30 < held[:150].sum() < 120  # without a name everybody is somebody else
    alone = side_of_rows(301, None, 0.5, Streams(1))
    assert alone.sum() in (150, 151)


def test_the_split_is_random(tmp_path: Path) -> None:
    frame = pd.DataFrame({"row": np.arange(200)})
    frame.to_csv(tmp_path / "real.csv", index=False)
    means = []
    for seed in range(40):
        done = split_table(tmp_path / "real.csv", tmp_path / "out", seed=seed)
        means.append(pd.read_csv(done.holdout)["row"].mean())
    # the mean of 100 of 200 without replacement: spread 4.09
    assert abs(np.mean(means) - 99.5) < 4 * 4.09 / np.sqrt(40)
    assert 2.5 < np.std(means) < 6


def test_identical_rows_on_both_sides_are_said_unless_grouped(tmp_path: Path) -> None:
    frame = people(20, 1).iloc[[0, 1] * 20]
    frame.to_csv(tmp_path / "real.csv", index=False)
    done = split_table(tmp_path / "real.csv", tmp_path / "out")
    assert [n.code for n in done.notices] == ["repeated-rows"]
    done = split_table(tmp_path / "real.csv", tmp_path / "out", group_key="income")
    assert done.notices == ()


def test_splits_can_be_audited(tmp_path: Path) -> None:
    people(80, 1).to_parquet(tmp_path / "real.parquet")
    done = split_table(tmp_path / "real.parquet", tmp_path / "out")
    loaded = load_tables(done.train, done.holdout, people(40, 2))
    assert loaded.inputs["holdout"].n_rows == 40


def test_refusals(tmp_path: Path) -> None:
    real = tmp_path / "train.csv"
    people(20, 1).to_csv(real, index=False)
    before = real.read_bytes()
    with pytest.raises(UsageError, match=r"overwrite its own input 'train\.csv'"):
        split_table(real, tmp_path)
    assert real.read_bytes() == before
    for share in (0.0, 1.0, -1, 2):
        with pytest.raises(UsageError, match="between 0 and 1"):
            split_table(real, tmp_path / "out", holdout_share=share)
    with pytest.raises(InputError, match="no column 'person' to group by"):
        split_table(real, tmp_path / "out", group_key="person")
    people(1, 1).to_csv(tmp_path / "one.csv", index=False)
    with pytest.raises(InputError, match="has 1 row; a split needs at least two"):
        split_table(tmp_path / "one.csv", tmp_path / "out")
    people(9, 1).assign(who=5).to_csv(tmp_path / "same.csv", index=False)
    with pytest.raises(InputError, match="has 1 person"):
        split_table(tmp_path / "same.csv", tmp_path / "out", group_key="who")
    with pytest.raises(InputError, match=r"no file 'none.csv'"):
        split_table(tmp_path / "none.csv", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_files_keep_the_permissions_of_the_input(tmp_path: Path) -> None:
    real = tmp_path / "real.csv"
    people(20, 1).to_csv(real, index=False)
    real.chmod(0o600)
    done = split_table(real, tmp_path / "out")
    assert done.train.stat().st_mode & 0o777 == 0o600
    assert done.holdout.stat().st_mode & 0o777 == 0o600


def test_a_cell_with_a_stray_quote_is_refused_not_miscut(tmp_path: Path) -> None:
    real = tmp_path / "real.csv"
    real.write_text('a,b\n1,5" pipe\n2,x\n3,"y"\n')
    with pytest.raises(InputError, match="3 rows but"):
        split_table(real, tmp_path / "out")
