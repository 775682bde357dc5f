"""Tables that do not fit into memory: sampled fairly, read whole, searched like the others."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from numpy.testing import assert_array_equal
from pyarrow import parquet

from synthaudit.attacks._cell_keys import CellKeys
from synthaudit.data import draw_challenge, load_tables, release, streams
from synthaudit.data.release import encode_whole
from synthaudit.data.streams import extent_of, parts, sample
from synthaudit.data.views import AdversaryView, Geometry
from synthaudit.errors import InputError
from synthaudit.seeds import Streams
from synthaudit.types import TableInput

SHAPES = ("csv", "csv.gz", "parquet", "directory")
ABOUT = TableInput("synthetic", "s", "csv", "", 0, 0)


def people(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 90, n).astype(float),
            "wage": rng.lognormal(10, 0.5, n).round(2),
            "town": rng.choice(["Ulm, old town", "Köln", "Bonn"], n),
            "smokes": rng.choice(["yes", "no"], n),
        }
    )
    frame.loc[rng.random(n) < 0.05, "age"] = np.nan
    return frame


def written(frame: pd.DataFrame, folder: Path, shape: str) -> Path:
    path = folder / f"table.{shape}"
    if shape == "csv":
        frame.to_csv(path, index=False)
    elif shape == "csv.gz":
        path.write_bytes(gzip.compress(frame.to_csv(index=False).encode()))
    elif shape == "parquet":
        frame.to_parquet(path)
    else:
        path.mkdir()
        for i in range(0, len(frame), 400):
            table = pa.Table.from_pandas(frame.iloc[i : i + 400], preserve_index=False)
            parquet.write_table(table, path / f"part-{i:05}.parquet")
    return path


@pytest.mark.parametrize("shape", SHAPES)
def test_extents_are_told_without_reading(shape: str, tmp_path: Path) -> None:
    extent = extent_of(written(people(2000, 0), tmp_path, shape))
    assert extent is not None and extent.n_columns == 4 and extent.can_stream
    if extent.is_exact:
        assert extent.n_rows == 2000
    else:
        assert 700 < extent.n_rows < 5000


@pytest.mark.parametrize("end", ["", "\n", "\r\n\r\n"])
def test_small_text_is_counted(end: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"a,b\n1,2\n3,4\n5,6" + end.encode())
    found = extent_of(tmp_path / "t.csv")
    assert found is not None and found.is_exact and found.n_rows == 3
    (tmp_path / "t.csv").write_bytes(b'a,b\n1,"2\n3"\n5,6\n')
    found = extent_of(tmp_path / "t.csv")
    assert found is not None and not found.is_exact
    (tmp_path / "t.csv").write_bytes(b"a,b\n" + b"10,20\n" * 300_000)
    found = extent_of(tmp_path / "t.csv")
    assert found is not None and not found.is_exact and abs(found.n_rows - 300_000) < 1_000


@pytest.mark.parametrize("content", [b'{"a": 1}\n', b"PK\x03\x04", b"\x80\x04\x95", b"ARROW1"])
def test_what_the_reader_refuses_or_reads_whole_has_no_extent(
    content: bytes, tmp_path: Path
) -> None:
    (tmp_path / "t").write_bytes(content)
    assert extent_of(tmp_path / "t") is None


def test_frames_have_an_extent_and_cannot_be_read_in_parts() -> None:
    extent = extent_of(people(10, 0))
    assert extent is not None and (extent.n_rows, extent.can_stream) == (10, False)


@pytest.mark.parametrize("shape", SHAPES)
def test_parts_hold_every_row_once_in_order(
    shape: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "BATCH_ROWS", 100)
    monkeypatch.setattr(streams, "BLOCK_BYTES", 1 << 12)
    frame = people(2000, 1)
    found = list(parts(written(frame, tmp_path, shape), "synthetic", n_rows=300))
    assert len(found) > 3
    assert sum(part.n_rows for part in found) == 2000
    wages = []
    for part in found:
        column = part.columns[part.names.index("wage")]
        values = column.values
        if column.levels is not None:
            values = np.array(column.levels.to_pylist())[values].astype(float)
        wages.append(values)
    assert_array_equal(np.concatenate(wages), frame["wage"])


def test_a_sample_is_fair_and_in_file_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every row is as likely as every other: each tenth of the file gives about a tenth."""
    monkeypatch.setattr(streams, "BATCH_ROWS", 64)
    n, k = 3000, 250
    path = written(pd.DataFrame({"row": np.arange(n)}), tmp_path, "parquet")
    counts = np.zeros(10)
    for seed in range(20):
        drawn = sample(path, "synthetic", k, np.random.default_rng(seed), ABOUT)
        rows = drawn.table.columns[0].values
        assert drawn.n_rows == n and rows.size == k
        assert (np.diff(rows) > 0).all()
        counts += np.bincount(rows * 10 // n, minlength=10)
    assert abs(counts - 20 * k / 10).max() < 5 * np.sqrt(20 * k / 10)


def test_fewer_rows_than_asked_for_are_all_kept(tmp_path: Path) -> None:
    path = written(people(30, 2), tmp_path, "csv")
    drawn = sample(path, "synthetic", 100, np.random.default_rng(0), ABOUT)
    assert drawn.n_rows == drawn.table.n_rows == 30


def test_what_cannot_be_read_in_parts_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("a,b\n1,é\n".encode("utf-16"))
    assert extent_of(tmp_path / "t.csv") is None
    with pytest.raises(InputError, match="convert it to Parquet"):
        list(parts(tmp_path / "t.csv", "synthetic"))
    (tmp_path / "r.csv").write_text("a,b\n1,2\n1,2,secret\n")
    with pytest.raises(InputError, match="check its quotes") as caught:
        list(parts(tmp_path / "r.csv", "synthetic"))
    assert "secret" not in str(caught.value) + str(caught.value.__cause__)


@pytest.mark.parametrize("shape", ["csv", "directory"])
def test_the_whole_table_is_searched_and_counted(
    shape: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sampled table with all of it on disk answers like the table in memory."""
    monkeypatch.setattr(release, "parts", lambda *a: parts(*a, n_rows=500))
    monkeypatch.setattr(streams, "BATCH_ROWS", 200)
    monkeypatch.setattr(streams, "BLOCK_BYTES", 1 << 13)
    train, holdout, made = people(300, 3), people(300, 4), people(1800, 5)
    made.iloc[1700:1750] = train.iloc[:50].to_numpy()
    path = written(made, tmp_path, shape)
    some = load_tables(train, holdout, path, most_rows={"synthetic": 200}, streams=Streams(0))
    assert some.sampled == {"synthetic": 1800} and len(some.frames["synthetic"]) == 200
    assert some.inputs["synthetic"].n_rows == 1800
    view = draw_challenge(some, Streams(0)).adversary
    assert view.encoder is not None
    whole = encode_whole(path, some.real, some.schema, view.encoder, 1800)
    assert len(whole.sizes) > 2 and whole.n_rows == 1800
    view = view.with_whole(whole)
    encoded = view.encode(load_tables(train, holdout, path).frames["synthetic"])
    full = AdversaryView(
        view.candidates, encoded, view.schema, view.candidate_frame, view.synthetic_frame
    )
    for geometry in Geometry:
        found, wanted = (each.nearest_synthetic(4, geometry) for each in (view, full))
        assert_array_equal(found.distances, wanted.distances)
        assert_array_equal(found.rows, wanted.rows)
    assert (view.nearest_synthetic(1).distances == 0).sum() >= 50
    sampled_only = view.nearest_synthetic(1, sample_only=True)
    assert sampled_only.rows.max() < 200
    for keys in (CellKeys.exact, lambda v: CellKeys.binned(v, 8)):
        for one, other in zip(
            keys(view).tallies([(0,), (1, 2)], 2), keys(full).tallies([(0,), (1, 2)]), strict=True
        ):
            assert_array_equal(one.in_pool, other.in_pool)
            assert_array_equal(one.in_table, other.in_table)
            assert (one.n_rows, one.n_rows_found) == (other.n_rows, other.n_rows_found)
    folder = whole.folder
    del view, whole
    assert not folder.exists()
