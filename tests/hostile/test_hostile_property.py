"""Any three tables through the whole audit and every container, and any bytes through every reader.

Quick here; ``SYNTHAUDIT_EXAMPLES=500 pytest tests/hostile/test_hostile_property.py`` looks longer,
and ``fuzz/run.py`` follows branches (see ``docs/reliability.md``).
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hostile_outcomes import assert_same, attempt
from hostile_tables import CONTAINERS, TABLES
from hypothesis import HealthCheck, given, settings

from synthaudit import AuditReport, SynthauditError, audit
from synthaudit.data import draw_challenge, load_tables
from synthaudit.data.encode import form_of
from synthaudit.planting import LEAKS, Leak, plant
from synthaudit.seeds import Streams

FUZZ = Path(__file__).parents[2] / "fuzz"
sys.path.insert(0, str(FUZZ))
from targets import TARGETS, corpus  # noqa: E402

EXAMPLES = int(os.environ.get("SYNTHAUDIT_EXAMPLES", "6"))
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=6)
NAMES = st.one_of(st.sampled_from(["id", "age", "Age", " age ", "=1+1", "<b>", "נ"]), TEXT)
CELLS = {
    "whole": st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
    "small": st.integers(0, 3),
    "real": st.floats(),
    "plain": st.floats(-1e6, 1e6).map(lambda value: round(value, 2)),
    "text": st.one_of(st.none(), TEXT),
    "word": st.sampled_from(["Oslo", "oslo ", "Bergen", "NA", "", "?", None]),
    "truth": st.sampled_from([True, False, None]),
    "spelled": st.sampled_from(["1,5", "2.5", "1 000", "1e400", "-", "0x1F", "١٢"]),
    "date": st.sampled_from(["2020-02-29", "31/12/1999", "12/31/99", "0001-01-01", "9999-12-31"]),
    "clock": st.sampled_from(["12:30:00", "0 days 00:00:01", "-1 days +23:59:59", "24:00"]),
    "odd": st.sampled_from([1, "a", 2.5, None, True, pd.NaT, b"x", (1,), float("inf")]),
}


def drawn(pool: list[Any], n_rows: int, rng: np.random.Generator) -> pd.Series[Any]:
    """A column of cells drawn from a pool, as pandas would hold them."""
    cells = [pool[i] for i in rng.integers(0, len(pool), n_rows)]
    return pd.Series(cells, dtype=object).infer_objects()


@st.composite
def three_tables(draw: st.DrawFn) -> list[pd.DataFrame]:
    """Tables that mostly agree about their columns, of one to sixty rows."""
    kinds = draw(st.lists(st.sampled_from(sorted(CELLS)), min_size=1, max_size=4))
    names = draw(st.lists(NAMES, min_size=len(kinds), max_size=len(kinds), unique=True))
    frames = []
    for _ in range(3):
        n_rows = draw(st.one_of(st.integers(1, 25), st.integers(20, 60)))
        # one table in five holds something else in a column
        own = [draw(st.sampled_from([kind] * 4 + ["odd"])) for kind in kinds]
        rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        columns = {}
        for name, kind in zip(names, own, strict=True):
            pool = draw(st.lists(CELLS[kind], min_size=1, max_size=8))
            columns[name] = drawn(pool, n_rows, rng)
        frames.append(pd.DataFrame(columns))
    return frames


GENERATORS = (
    None, "cart", "cart:min_leaf=1", "copula", "bayes-net", "interpolation", "noisy-bootstrap",
    "marginals",
)  # fmt: skip


@st.composite
def requests(draw: st.DrawFn) -> tuple[list[pd.DataFrame], dict[str, Any]]:
    """Three tables and what may be asked of them: one audit in three trains shadows."""
    frames = draw(three_tables())
    names = st.sampled_from(list(frames[0].columns))
    asked = draw(
        st.fixed_dictionaries(
            {"shadows": st.sampled_from([0, 0, 4])},
            optional={
                "group_key": names,
                "split": st.one_of(st.sampled_from(["random", "not-random"]),
                                   names.map("stratified:{}".format)),
                "exposure_by": names.map(lambda name: (name,)),
                "max_candidates": st.integers(1, 30),
                "prevalence": st.floats(0.001, 0.999),
                "selftest": st.booleans(),
                "policy": st.sampled_from(["strict", "lenient"]),
            },
        )
    )  # fmt: skip
    if asked["shadows"]:
        asked["generator"] = draw(st.sampled_from(GENERATORS))
        asked["shadow_rows"] = draw(st.one_of(st.none(), st.integers(9, 30)))
    return frames, asked


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(requests())
def test_any_three_tables_are_audited_or_refused(
    request_: tuple[list[pd.DataFrame], dict[str, Any]],
) -> None:
    frames, asked = request_
    before = [frame.copy(deep=True) for frame in frames]
    try:
        report = audit(*frames, jobs=1, **asked)
    except SynthauditError as error:
        assert "\n" not in str(error) and str(error).endswith(".")
        return
    for frame, copy in zip(frames, before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)
    broken = {result.id: result.reason for result in report.results if result.status == "FAILED"}
    assert broken == {}
    assert report.level != "PASS", "sixty rows pass nothing"
    assert AuditReport.from_json(report.to_json()) == report
    assert report.to_html() and report.to_markdown() and report.to_text()


@st.composite
def written_tables(draw: st.DrawFn) -> list[pd.DataFrame]:
    """Three tables of columns that every container can hold, each of one kind throughout."""
    kinds = draw(st.lists(st.sampled_from(sorted(set(CELLS) - {"odd"})), min_size=1, max_size=4))
    pools = [draw(st.lists(CELLS[kind], min_size=1, max_size=8)) for kind in kinds]
    frames = []
    for _ in range(3):
        n_rows = draw(st.integers(1, 25))
        rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        columns = {f"c{j}": drawn(pool, n_rows, rng) for j, pool in enumerate(pools)}
        frames.append(pd.DataFrame(columns))
    return frames


@settings(max_examples=5 * EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(written_tables())
def test_the_container_moves_no_number(tables: list[pd.DataFrame]) -> None:
    frames = dict(zip(TABLES, tables, strict=True))
    with tempfile.TemporaryDirectory() as folder:
        expected, *others = [attempt(made(frames, Path(folder))) for made in CONTAINERS.values()]
        for outcome in others:
            assert_same(expected, outcome)


@settings(max_examples=5 * EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(three_tables())
def test_leaks_can_be_planted_into_any_table(frames: list[pd.DataFrame]) -> None:
    try:
        tables = load_tables(*frames)
    except SynthauditError:
        return
    train, before = tables.frames["train"], tables.frames["synthetic"]
    for how in sorted({leak.how for leak in LEAKS}):
        leak = Leak(how, 0.5)
        if not leak.fits_rows(len(train), len(before)):
            continue
        planted, n = plant(tables, leak, np.zeros(len(train)), Streams(1))
        made = planted.frames["synthetic"]
        assert n == round(0.5 * len(train)) and made.shape == before.shape
        for name in before:  # encoding reads it as it would have
            assert form_of([train[name], made[name]]) is form_of([train[name], before[name]])
        draw_challenge(planted, Streams(0), jobs=1)


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_honest_files_are_read_or_refused(name: str) -> None:
    rng = np.random.default_rng(7)
    for honest in corpus(name):
        for _ in range(4 * EXAMPLES if name not in ("audit", "report") else EXAMPLES):
            content = bytearray(honest)
            for _ in range(int(rng.integers(1, 6))):
                place = int(rng.integers(0, len(content) + 1))
                change = int(rng.integers(0, 4))
                if change == 0:
                    content[place:place] = bytes(rng.integers(0, 256, 3, dtype=np.uint8))
                elif change == 1:
                    del content[place : place + int(rng.integers(1, 30))]
                elif change == 2 and len(content) > place:
                    content[place] ^= 1 << int(rng.integers(0, 8))
                else:
                    content[place:place] = content[: int(rng.integers(0, 40))]
            TARGETS[name](bytes(content))


def unknown_keys(content: Any) -> list[Any]:
    """Copies of nested mappings and lists, each with one unknown key somewhere."""
    if isinstance(content, dict):
        made: list[Any] = [{**content, "zzz_unknown": 1}]
        for key, value in content.items():
            made += [{**content, key: changed} for changed in unknown_keys(value)]
        return made
    if isinstance(content, list) and content:
        return [[changed, *content[1:]] for changed in unknown_keys(content[0])]
    return []


def test_unknown_keys_are_refused_at_every_depth_of_a_report() -> None:
    import json

    honest = json.loads(corpus("report")[0])
    assert AuditReport.from_json(json.dumps(honest))
    changed = unknown_keys(honest)
    assert len(changed) > 40
    for content in changed:
        with pytest.raises(SynthauditError, match=r"damaged|schema version"):
            AuditReport.from_json(json.dumps(content))
