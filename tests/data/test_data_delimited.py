"""Delimited text as people really save it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from data_people import assert_same, codes, draw, load, three, write_csv

from synthaudit.data import draw_challenge
from synthaudit.data.delimited import find_delimiter, header_of, read_delimited
from synthaudit.errors import InputError
from synthaudit.seeds import Streams


def saved(frame: pd.DataFrame, **options: object) -> str:
    return frame.to_csv(index=False, **options)


@pytest.mark.parametrize(
    ("write", "code"),
    [
        (lambda f: saved(f).encode("utf-8-sig"), None),
        (lambda f: saved(f).encode("utf-16"), "encoding"),
        (lambda f: saved(f).encode("utf-16-le"), "encoding"),
        (lambda f: saved(f).encode("utf-16-be"), "encoding"),
        (lambda f: saved(f).encode("utf-32"), "encoding"),
        (lambda f: saved(f, sep=";").encode(), "delimiter"),
        (lambda f: saved(f, sep="\t").encode(), "delimiter"),
        (lambda f: saved(f, sep="|").encode(), "delimiter"),
        (lambda f: saved(f, sep=";", decimal=",").encode(), "decimal-comma"),
        (lambda f: saved(f, lineterminator="\r\n", quoting=1).encode(), None),
        (lambda f: saved(f, lineterminator="\r").encode(), None),
        (lambda f: saved(f).rstrip("\n").encode(), None),
        (lambda f: b"\n \r\n" + saved(f).encode() + b"\n\n", None),
        (lambda f: b"sep=;\n" + saved(f, sep=";").encode(), "delimiter"),
        (lambda f: f.to_csv(index=True).encode(), "index-column"),
        # R: no name for the row names; and the classic closing delimiter
        (lambda f: f.to_csv(index=True).encode().removeprefix(b","), "index-column"),
        (lambda f: saved(f).replace("\n", ",\n").replace(",\n", "\n", 1).encode(), "empty-column"),
        (lambda f: saved(f).replace("\n", ",\n").encode(), "empty-column"),
    ],
)
def test_the_same_table_however_it_was_saved(
    write: Callable[[pd.DataFrame], bytes], code: str | None, tmp_path: Path
) -> None:
    frames = three()
    paths = write_csv(frames, tmp_path)
    clean = load(paths)
    paths["synthetic"].write_bytes(write(frames["synthetic"]))
    loaded = load(paths)
    assert code in codes(loaded) if code else codes(loaded) == codes(clean)
    assert_same(draw_challenge(clean, Streams(0)), draw_challenge(loaded, Streams(0)))


def test_how_numbers_are_written_is_said_in_its_own_words(tmp_path: Path) -> None:
    frames = three()
    for name, written, words in (
        ("decimal-comma", lambda v: f"{v:.2f}".replace(".", ","), "a decimal comma"),
        ("thousands-separators", lambda v: f"{1e6 + v:,.2f}", "thousands separators"),
    ):
        given = {
            table: frame.assign(wage=[written(float(i) + 0.25) for i in range(len(frame))])
            for table, frame in frames.items()
        }
        said = [n.message for n in load(write_csv(given, tmp_path)).notices if n.code == name]
        assert said == [f"{table}.wage has numbers with {words}." for table in given]


def test_latin_1_is_a_guess_and_said(tmp_path: Path) -> None:
    frames = three()
    for frame in frames.values():
        frame["city"] = frame["city"].replace("Bodo", "Bodø")
    paths = write_csv(frames, tmp_path)
    clean = load(paths)
    paths["synthetic"].write_bytes(paths["synthetic"].read_text().encode("latin-1"))
    loaded = load(paths)
    (notice,) = [n for n in loaded.notices if n.code == "encoding"]
    assert (notice.table, notice.severity) == ("synthetic", "warn")
    assert_same(draw_challenge(clean, Streams(0)), draw_challenge(loaded, Streams(0)))


def test_utf_8_cut_inside_a_character_is_not_taken_for_latin_1() -> None:
    with pytest.raises(InputError, match="cut short"):
        read_delimited("a,b\n1,Bodø".encode()[:-1], "train")
    with pytest.raises(InputError, match="cut short"):
        read_delimited("a,b\n1,x".encode("utf-16")[:-1], "train")


def test_quotes_newlines_and_delimiters_inside_cells() -> None:
    names, columns, _, _ = read_delimited(b'a,"b\nc"\n"x\r\ny","say ""no"", then;go"\n', "t")
    assert names == ["a", "b\nc"]
    assert [column.to_pylist() for column in columns] == [["x\r\ny"], ['say "no", then;go']]


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n", ";"),
        ("a\n1\n", ","),
        ("a|b\n1|2\n", "|"),
        ('"x;y";b,c\n1,2\n', ","),
        ("name;note\nA;one, two\nB;three\n", ";"),
        ("a\tb,c\n1\t2\n", "\t"),
    ],
)
def test_delimiters(text: str, delimiter: str) -> None:
    assert find_delimiter(text) == delimiter


def test_header_of_tables_with_one_field_more() -> None:
    assert header_of("a,b\n1,2,3\n4,5,6\n", ",") == ["", "a", "b"]
    assert header_of("a,b\n1,2,\n4,5,\n", ",") == ["a", "b", ""]
    assert header_of("a,b\n1,2\n4,5,6\n", ",") == ["a", "b"]


def test_a_long_file_whose_sample_ends_inside_a_cell() -> None:
    row = "1," + '"' + "word\n" * 3000 + '"\n'
    names, columns, dialect, _ = read_delimited(("a,b\n" + row * 20).encode(), "train")
    assert (names, dialect.delimiter, len(columns[1])) == (["a", "b"], ",", 20)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n1,2,secret\n3,4\n", r"record 3 has 3 fields where the header has 2;"),
        ("a,b\n1,2\n1\n3\n", r"record 3 has 1 fields .* \(and 1 more like it\)"),
        ('a,b\n1,2\n3,"secret\n5,6\n', "quote opened in record 3 is never closed"),
    ],
)
def test_broken_records_are_named_by_number_and_never_quoted(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as error:
        read_delimited(text.encode(), "holdout")
    assert "holdout" in str(error.value)
    chain = [str(error.value), str(error.value.__cause__), str(error.value.__context__)]
    assert not any("secret" in text for text in chain)


def test_header_only_and_missing_header(tmp_path: Path) -> None:
    frames = three()
    paths = write_csv(frames, tmp_path)
    for text in ("age,income,city,smoker,born,visits\n", "age,income,city,smoker,born,visits"):
        paths["synthetic"].write_text(text)
        with pytest.raises(InputError, match="synthetic has a header but no rows"):
            load(paths)
    frames["synthetic"].to_csv(paths["synthetic"], index=False, header=False)
    with pytest.raises(InputError, match="synthetic seems to lack its header") as error:
        load(paths)
    assert "Oslo" not in str(error.value)
    for name, frame in frames.items():
        frame.to_csv(paths[name], index=False, header=False)
    with pytest.raises(InputError, match="train seems to lack its header"):
        load(paths)


def test_columns_named_by_numbers_are_no_missing_header(tmp_path: Path) -> None:
    frames = {n: f.set_axis(range(f.shape[1]), axis=1) for n, f in three().items()}
    loaded = load(write_csv(frames, tmp_path))
    assert sorted(column.name for column in loaded.schema.columns) == list("012345")
    assert_same(draw(frames), draw_challenge(loaded, Streams(0)))
