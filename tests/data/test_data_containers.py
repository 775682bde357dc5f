"""The same data give the same numbers, whatever container they come in."""

from __future__ import annotations

import gzip
import pickle
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_people import TABLES, assert_same, codes, draw, load, three, write_csv, write_parquet
from hypothesis import HealthCheck, given, settings
from hypothesis.extra.pandas import column, data_frames, range_indexes
from pyarrow import feather

from synthaudit.data import draw_challenge
from synthaudit.data.readers import read_table
from synthaudit.errors import InputError
from synthaudit.seeds import Streams

WORDS = ["None", "NA", "nan", "null", "?", "-", "n/a", "True", "false", "1", "2.50", "1e3", "007"]
# pandas does not quote a lone carriage return: such a file is broken before we see it
TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs",), exclude_characters="\x00\r"),
    max_size=5,
)
CELLS = {
    "whole": st.one_of(st.none(), st.integers(-(2**40), 2**40)),
    "fine": st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
    "text": st.one_of(st.none(), st.sampled_from(WORDS), TEXT),
    "words": st.sampled_from(WORDS),
    "flag": st.one_of(st.none(), st.booleans()),
}


def table(draw_: st.DrawFn) -> pd.DataFrame:
    n = draw_(st.integers(1, 12))
    cells = {name: draw_(st.lists(kind, min_size=n, max_size=n)) for name, kind in CELLS.items()}
    frame = pd.DataFrame({name: pd.Series(c, dtype=object) for name, c in cells.items()})
    frame["whole"] = frame["whole"].astype("Int64")
    frame["fine"] = frame["fine"].astype(float)
    days = draw_(st.lists(st.integers(-20_000, 40_000), min_size=n, max_size=n))
    frame["day"] = pd.to_datetime(pd.Series(days), unit="D")
    return frame


tables = st.composite(table)()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables, tables, tables)
def test_csv_and_parquet_and_frames_are_one(
    train: pd.DataFrame, holdout: pd.DataFrame, synthetic: pd.DataFrame
) -> None:
    frames = dict(zip(TABLES, (train, holdout, synthetic), strict=True))
    with tempfile.TemporaryDirectory() as name:
        text = load(write_csv(frames, Path(name)))
        typed = load(write_parquet(frames, Path(name)))
        mixed = load({**write_csv(frames, Path(name)), "synthetic": synthetic})
    for other in (typed, mixed):
        assert text.schema == other.schema
        for table_ in TABLES:
            pd.testing.assert_frame_equal(text.frames[table_], other.frames[table_])
        assert_same(draw_challenge(text, Streams(3)), draw_challenge(other, Streams(3)))


@settings(max_examples=40, deadline=None)
@given(
    data_frames(
        [column("a", dtype=float), column("b", dtype=int), column("c", dtype=bool)],
        index=range_indexes(min_size=2, max_size=8),
    )
)
def test_inputs_are_never_modified(frame: pd.DataFrame) -> None:
    before = frame.copy(deep=True)
    load(dict.fromkeys(TABLES, frame))
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    "form", ["csv", "csv.gz", "tsv", "feather", "parts", "arrow", "polars", "str"]
)
def test_every_source_gives_the_same_challenge(form: str, tmp_path: Path) -> None:
    frames = three()
    plain = draw(frames)
    sources: dict[str, object] = {}
    for name, frame in frames.items():
        path = tmp_path / f"{name}.{form}"
        if form == "csv.gz":
            path.write_bytes(gzip.compress(frame.to_csv(index=False).encode()))
        elif form == "tsv":
            frame.to_csv(path, index=False, sep="\t")
        elif form == "feather":
            feather.write_feather(pa.Table.from_pandas(frame), str(path))
        elif form == "parts":
            path.mkdir()
            pq.write_table(pa.Table.from_pandas(frame.iloc[:50]), path / "part-0.parquet")
            pq.write_table(pa.Table.from_pandas(frame.iloc[50:]), path / "part-1.parquet")
        elif form == "arrow":
            sources[name] = pa.Table.from_pandas(frame, preserve_index=False)
        elif form == "polars":
            sources[name] = pytest.importorskip("polars").from_pandas(frame)
        else:
            frame.to_csv(path, index=False)
            sources[name] = str(path)
        sources.setdefault(name, path)
    loaded = load(sources)
    assert_same(plain, draw_challenge(loaded, Streams(0)))
    about = loaded.inputs["train"]
    assert (about.name, about.n_rows, about.n_columns) == ("train", 120, 6)
    assert "/" not in about.source
    assert len(about.sha256) == 64
    assert len({table.sha256 for table in loaded.inputs.values()}) == 3


@pytest.mark.parametrize("written", ["csv", "parquet"])
def test_content_decides_where_the_name_lies(written: str, tmp_path: Path) -> None:
    frames = three()
    honest = load(write_csv(frames, tmp_path))
    lying = {}
    for name, frame in frames.items():
        lying[name] = tmp_path / f"{name}.{'parquet' if written == 'csv' else 'csv'}"
        if written == "csv":
            frame.to_csv(lying[name], index=False)
        else:
            frame.to_parquet(lying[name])
    loaded = load(lying)
    assert "format-by-content" in codes(loaded)
    assert_same(draw_challenge(honest, Streams(0)), draw_challenge(loaded, Streams(0)))


def test_truncated_and_foreign_files_are_refused_in_one_sentence(tmp_path: Path) -> None:
    frames = three()
    paths = write_parquet(frames, tmp_path)
    whole = paths["synthetic"].read_bytes()
    for content, words in {
        whole[:2000]: "cut short",
        gzip.compress(b"a,b\n1,2\n" * 999)[:40]: "truncated gzip",
        b"PK\x03\x04 etc": "Excel",
        b"7z\xbc\xaf\x27\x1c etc": "7z",
        b"$FL2@(#) SPSS DATA FILE": "SPSS",
        b"<stata_dta><header>": "Stata",
        bytes(12) + b"\xc2\xea\x81\x60\xb3\x14": "SAS",
        b"RDX3\nX\n": "R data",
        b"\x89HDF\r\n\x1a\n": "HDF5",
        pickle.dumps(frames["synthetic"]): "runs whatever code is in it",
        pickle.dumps(frames["synthetic"], protocol=2): "pickle",
        b'[{"age": 3}]': "JSON",
        b'{"age": [3]}': "JSON",
        b"": "no bytes",
        b" \n\n ": "no header",
    }.items():
        paths["synthetic"].write_bytes(content)
        with pytest.raises(InputError, match=words) as error:
            load(paths)
        assert "synthetic" in str(error.value)
        assert str(tmp_path) not in str(error.value)
        assert "\n" not in str(error.value)


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    frames = three()
    for source in (tmp_path / "nowhere.csv", tmp_path, 7, [1, 2], None, np.zeros((3, 2))):
        with pytest.raises(InputError, match="holdout"):
            load({**frames, "holdout": source})


def test_hive_partitions_are_columns(tmp_path: Path) -> None:
    frames = three()
    for name, frame in frames.items():
        table_ = pa.Table.from_pandas(frame.assign(region=np.where(frame["age"] > 50, "n", "s")))
        pq.write_to_dataset(table_, str(tmp_path / name), partition_cols=["region"])
    loaded = load({name: tmp_path / name for name in frames})
    assert "region" in loaded.schema.categories


def test_lazy_polars_frames_are_collected() -> None:
    polars = pytest.importorskip("polars")
    frames = three()
    lazy = {name: polars.from_pandas(frame).lazy() for name, frame in frames.items()}
    assert_same(draw(frames), draw(lazy))


@pytest.mark.parametrize("container", ["parquet", "feather", "arrow"])
def test_text_that_is_not_utf8_is_one_sentence(tmp_path: Path, container: str) -> None:
    # found by damaging honest files: the library read the file and stopped later, with a traceback
    broken = pa.array([b"Oslo", b"\xff\xfe\x00", b"x"], pa.binary())
    towns = pa.Array.from_buffers(pa.string(), 3, broken.buffers())
    data = pa.table({"town": towns, "n": [1, 2, 3]})
    path = tmp_path / f"t.{container}"
    if container == "parquet":
        pq.write_table(data, path)
    elif container == "feather":
        feather.write_feather(data, path, compression="uncompressed")
    source = data if container == "arrow" else path
    with pytest.raises(InputError, match=r"^train: the cells of column 'town' are damaged .*\.$"):
        read_table(source, "train")
