"""Memory is planned before the work, and what is sampled is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from synthaudit import plan as module
from synthaudit.errors import UsageError
from synthaudit.plan import (
    BASE_BYTES,
    SAMPLED_ROWS,
    MemoryPlan,
    needed,
    parse_bytes,
    plan_memory,
    sampling_notices,
)


@pytest.mark.parametrize(
    ("text", "n"), [("8GB", 8e9), ("500 MB", 5e8), ("1.5g", 1.5e9), ("2048", 2048), ("1GiB", 1e9)]
)
def test_amounts_of_memory(text: str, n: float) -> None:
    assert parse_bytes(text) == n


@pytest.mark.parametrize("text", ["", "much", "-1GB", "0", "8 gigs"])
def test_no_amounts_of_memory(text: str) -> None:
    with pytest.raises(UsageError, match="looks like '8GB'"):
        parse_bytes(text)


@pytest.fixture
def tables(tmp_path: Path) -> tuple[Path, Path, Path]:
    rng = np.random.default_rng(0)
    paths = []
    for name, n in (("train", 4_000), ("holdout", 3_000), ("synthetic", 400_000)):
        frame = pd.DataFrame(rng.integers(0, 9, (n, 4)), columns=list("abcd"))
        frame.to_parquet(tmp_path / f"{name}.parquet")
        paths.append(tmp_path / f"{name}.parquet")
    return paths[0], paths[1], paths[2]


def test_what_fits_is_kept_whole(tables: tuple[Path, Path, Path]) -> None:
    plan = plan_memory(*tables, memory=10**11)
    assert plan is not None and plan.most_rows == {}
    assert plan.kept == {"train": 4_000, "holdout": 3_000, "synthetic": 400_000}
    assert "of the 100.0 GB allowed" in plan.to_text()


def test_an_estimate_is_called_one(tables: tuple[Path, Path, Path], tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    large.write_bytes(b"a,b,c,d\n" + b"1,2,3,4\n" * 200_000)
    plan = plan_memory(tables[0], tables[1], large, memory=10**11)
    assert plan is not None and plan.rough == {"synthetic"}
    assert "train 4,000, holdout 3,000, synthetic about " in plan.to_text()


def test_the_largest_tables_are_sampled_first(tables: tuple[Path, Path, Path]) -> None:
    limit = int(BASE_BYTES + 150e6)
    plan = plan_memory(*tables, memory=limit)
    assert plan is not None and set(plan.most_rows) == {"synthetic"}
    assert plan.n_bytes <= limit
    assert plan.most_rows["synthetic"] <= SAMPLED_ROWS
    # one row more would not fit
    more = {**plan.kept, "synthetic": plan.kept["synthetic"] + 1}
    assert needed(more, plan.n_columns) > limit
    assert "all are searched from disk" in plan.to_text()


def test_real_tables_are_sampled_when_they_must(tables: tuple[Path, Path, Path]) -> None:
    plan = plan_memory(*tables, memory=int(BASE_BYTES + 8e6))
    assert plan is not None and set(plan.most_rows) == {"train", "holdout", "synthetic"}
    assert len(set(plan.most_rows.values())) == 1


def test_too_little_is_refused(tables: tuple[Path, Path, Path]) -> None:
    with pytest.raises(UsageError, match="give more memory"):
        plan_memory(*tables, memory=int(BASE_BYTES))


def test_frames_are_never_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pd.DataFrame(np.zeros((5_000, 4)))
    monkeypatch.setattr(module, "BASE_BYTES", 0.0)
    with pytest.raises(UsageError, match="as Parquet or CSV"):
        plan_memory(frame, frame, frame, memory=10_000)


def test_sources_of_unknown_size_are_not_planned(tmp_path: Path) -> None:
    frame = pd.DataFrame(np.zeros((5, 4)))
    assert plan_memory(frame, frame, tmp_path / "nothing.csv", memory=None) is None


def test_the_estimate_grows_with_everything() -> None:
    sizes = {"train": 1_000, "holdout": 1_000, "synthetic": 1_000}
    small = needed(sizes, 10)
    assert needed({**sizes, "synthetic": 2_000}, 10) > small
    assert needed(sizes, 20) > small


def test_what_was_sampled_is_said() -> None:
    kept = {"train": 500, "holdout": 400, "synthetic": 250}
    assert sampling_notices(kept, {}) == ()
    found = sampling_notices(kept, {"train": 9_000, "synthetic": 70_000})
    assert [notice.code for notice in found] == ["rows-sampled", "release-sampled"]
    assert "9,000" in found[0].message and "500 drawn at random" in found[0].message
    assert "70,000" in found[1].message and "250 drawn at random" in found[1].message
    assert MemoryPlan(1, kept, 3).kept == kept
