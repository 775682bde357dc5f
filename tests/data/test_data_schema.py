"""The schema file: written, edited, given back, refused."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from data_people import assert_same, load, three
from hypothesis import given, settings
from hypothesis import strategies as st

from synthaudit.data import draw_challenge, read_schema, write_schema
from synthaudit.errors import InputError
from synthaudit.seeds import Streams
from synthaudit.types import Column, ColumnKind, Schema

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12)
COLUMNS = st.builds(
    Column,
    TEXT,
    st.sampled_from(list(ColumnKind)),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.one_of(st.none(), st.floats(1e-9, 1e12)),
    TEXT,
)


@settings(max_examples=100, deadline=None)
@given(st.lists(COLUMNS, max_size=5, unique_by=lambda c: c.name))
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, columns: list[Column]
) -> None:
    schema = Schema(tuple(sorted(columns, key=lambda c: c.name)))
    path = tmp_path_factory.mktemp("schema") / "schema.toml"
    write_schema(schema, path)
    assert read_schema(path) == schema


def test_given_back_unchanged_it_changes_nothing(tmp_path: Path) -> None:
    frames = three()
    loaded = load(frames)
    path = tmp_path / "schema.toml"
    write_schema(loaded.schema, path)
    for source in (path, str(path), loaded.schema):
        again = load(frames, schema=source)
        assert again.schema == loaded.schema
        assert_same(draw_challenge(loaded, Streams(0)), draw_challenge(again, Streams(0)))


def test_a_changed_kind_is_obeyed(tmp_path: Path) -> None:
    frames = three()
    path = tmp_path / "schema.toml"
    write_schema(load(frames).schema, path)
    text = path.read_text()
    assert tomllib.loads(text)["columns"]["visits"]["kind"] == "numeric"
    head, tail = text.split('[columns."visits"]')
    path.write_text(head + '[columns."visits"]' + tail.replace('"numeric"', '"category"', 1))
    assert "visits" in load(frames, schema=path).schema.categories


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("version = 1\n[columns.a]\nkind = 'numbr'\n", "has the kind 'numbr'; use one of numeric"),
        ("version = 1\n[columns.a]\nn_distinct = 3\n", "has the kind None"),
        ("version = 1\n[columns.a]\nkind = 'text'\nknd = 1\n", "unknown entry 'knd'"),
        ("version = 1\n[colums.a]\nkind = 'text'\n", "unknown entry 'colums'; known are columns"),
        ("version = 2\n", "has version 2"),
        ("[columns.a]\nkind = 'text'\n", "has version None"),
        ("version = 1\ncolumns = 3\n", "one .columns.NAME. table per column"),
        ("version = 1\n[columns]\na = 'text'\n", "'a' in the schema file is not a table"),
        (
            "version = 1\n[columns.a]\nkind = 'text'\nn_missing = 'two'\n",
            "n_missing must be a number, got str",
        ),
        ("version = 1\n[columns.a]\nkind = 'text'\nn_missing = true\n", "must be a number"),
        ("version = [", "not valid TOML"),
        (b"\xff\xfe", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    content: str | bytes, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "schema.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=words) as error:
        read_schema(path)
    assert "\n" not in str(error.value)
    assert str(tmp_path) not in str(error.value)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'none.toml' cannot be read"):
        read_schema(tmp_path / "none.toml")
