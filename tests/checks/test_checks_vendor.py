"""The common tools' definitions: naive twins, and the tools themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from check_views import array_view, context, value, view_of

from synthaudit.checks.vendor_mostlyai import VendorMostlyai, dcr_share
from synthaudit.checks.vendor_new_rows import VendorNewRows, matched
from synthaudit.checks.vendor_sdmetrics import (
    Ruler,
    VendorSdmetrics,
    closer_to_training,
    overfitting_score,
    random_table,
)
from synthaudit.data.views import AuditorView


def mixed(n_rows: int, seed: int) -> pd.DataFrame:
    """Floats, integers with gaps, categories, booleans and dates, some missing."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "amount": rng.normal(100, 20, n_rows),
            "count": rng.integers(0, 40, n_rows),
            "level": rng.normal(size=n_rows),
            "grade": rng.choice(list("abc"), n_rows),
            "town": rng.choice(["n", "e", "s", "w"], n_rows),
            "member": rng.random(n_rows) < 0.3,
            "since": pd.Timestamp("2020-01-01")
            + pd.to_timedelta(rng.integers(0, 900, n_rows), "D"),
        }
    )
    frame.loc[rng.random(n_rows) < 0.1, "level"] = np.nan
    frame.loc[rng.random(n_rows) < 0.1, "grade"] = None
    return frame


def three(seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    train, holdout, synthetic = mixed(120, seed), mixed(70, seed + 1), mixed(90, seed + 2)
    synthetic.iloc[:10] = train.iloc[:10]
    return train, holdout, synthetic


def naive_dcr(asked: pd.DataFrame, reference: pd.DataFrame) -> list[float]:
    """The published definition, cell by cell."""
    answer = []
    for _, a in asked.iterrows():
        best = np.inf
        for _, b in reference.iterrows():
            total = 0.0
            for name in asked.columns:
                x, y = a[name], b[name]
                if pd.isna(x) or pd.isna(y):
                    total += float(pd.isna(x) != pd.isna(y))
                elif name in ("amount", "count", "level", "since"):
                    span = reference[name].max() - reference[name].min()
                    total += min(abs(y - x) / span, 1.0)
                else:
                    total += float(x != y)
            best = min(best, total / len(asked.columns))
        answer.append(best)
    return answer


def test_distance_equals_the_published_definition() -> None:
    train, _, synthetic = three()
    view = view_of(train, mixed(70, 1), synthetic)
    found = Ruler.of(view.train).dcr(view.synthetic)
    asked = view.frames["synthetic"].iloc[:25]
    assert found[:25] == pytest.approx(naive_dcr(asked, train), abs=1e-12)


def test_a_column_flat_in_the_reference_is_compared_by_equality() -> None:
    train = np.array([[1.0, 0.0], [1.0, 10.0]])
    asked = np.array([[1.0, 5.0], [2.0, 0.0], [np.nan, 10.0]])
    view = array_view((train, np.array([[3.0, 4.0]]), asked))
    assert Ruler.of(view.train).dcr(view.synthetic) == pytest.approx([0.25, 0.5, 0.5])


def test_score_by_hand() -> None:
    assert overfitting_score(0.25) == 1.0
    assert overfitting_score(0.6) == pytest.approx(0.8)
    assert overfitting_score(1.0) == 0.0


def test_ties_go_to_the_holdout_as_the_tool_has_it() -> None:
    rng = np.random.default_rng(1)
    codes = rng.integers(1, 3, (60, 2))
    view = array_view(codes=(codes, codes, codes))
    assert closer_to_training(view.train, view.holdout, view.synthetic) == 0.0


def test_null_shows_what_unequal_sizes_alone_give() -> None:
    rng = np.random.default_rng(2)
    tables = tuple(rng.normal(size=(n, 4)) for n in (450, 50, 200))
    finding = VendorSdmetrics().run(array_view(tables), context())
    share = next(e for e in finding.estimates if e.name == "closer_to_training")
    assert share.null is not None and share.low is not None and share.high is not None
    assert share.null > 0.8  # far from one half, though nothing leaked
    assert share.low - 0.05 < share.null < share.high + 0.05


def test_random_table_stays_in_range() -> None:
    train, holdout, synthetic = three()
    view = view_of(train, holdout, synthetic)
    noise = random_table(view.train, view.schema, 500, np.random.default_rng(0))
    low, high = np.nanmin(view.train.values, axis=0), np.nanmax(view.train.values, axis=0)
    assert (np.nanmin(noise.values, axis=0) >= low).all()
    assert (np.nanmax(noise.values, axis=0) <= high).all()
    whole = view.schema.numbers.index("count")
    assert (noise.values[:, whole] % 1 == 0).all()
    gaps = np.isnan(noise.values).mean(axis=0)
    assert gaps == pytest.approx(np.isnan(view.train.values).mean(axis=0), abs=0.06)


def _metadata(frame: pd.DataFrame) -> dict[str, object]:
    kinds = {"f": "numerical", "i": "numerical", "b": "boolean", "M": "datetime"}
    return {
        "columns": {
            str(name): {"sdtype": kinds.get(column.dtype.kind, "categorical")}
            for name, column in frame.items()
        }
    }


def _as_frame(view: AuditorView, table: object, like: pd.DataFrame) -> pd.DataFrame:
    """An encoded table turned back into the frame it stands for."""
    values, codes = table.values, table.codes  # type: ignore[attr-defined]
    answer = {}
    for j, name in enumerate(view.schema.numbers):
        numbers = pd.Series(values[:, j])
        is_date = like[name].dtype.kind == "M"
        answer[name] = pd.to_datetime(numbers, unit="s") if is_date else numbers
    for j, name in enumerate(view.schema.categories):
        known = dict(zip(view.train.codes[:, j], view.frames["train"][name], strict=True))
        answer[name] = pd.Series([known[code] for code in codes[:, j]], dtype=object)
    return pd.DataFrame(answer)[list(like.columns)]


@pytest.mark.sdv
@pytest.mark.parametrize("seed", [0, 10, 20])
def test_overfitting_protection_agrees_with_sdmetrics(seed: int) -> None:
    package = pytest.importorskip("sdmetrics.single_table.privacy.dcr_overfitting_protection")
    train, holdout, synthetic = three(seed)
    theirs = package.DCROverfittingProtection.compute_breakdown(
        train, synthetic, holdout, _metadata(train), None
    )
    finding = VendorSdmetrics().run(view_of(train, holdout, synthetic), context())
    share = theirs["synthetic_data_percentages"]["closer_to_training"]
    assert value(finding, "closer_to_training") == pytest.approx(share, abs=1e-6)
    assert value(finding, "dcr_overfitting_protection") == pytest.approx(theirs["score"], abs=1e-6)


@pytest.mark.sdv
def test_baseline_protection_agrees_with_sdmetrics_on_one_random_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    package = pytest.importorskip("sdmetrics.single_table.privacy.dcr_baseline_protection")
    train, holdout, synthetic = three(30)
    view, asked = view_of(train, holdout, synthetic), context()
    rng = asked.streams.rng("random-table")
    noise = random_table(view.train, view.schema, len(synthetic), rng)
    frame = _as_frame(view, noise, train)
    monkeypatch.setattr(
        package.DCRBaselineProtection, "_generate_random_data", lambda *_: frame.copy()
    )
    theirs = package.DCRBaselineProtection.compute_breakdown(
        train, synthetic, _metadata(train), None
    )
    ours = value(VendorSdmetrics().run(view, asked), "dcr_baseline_protection")
    assert ours == pytest.approx(theirs["score"], abs=1e-6)


def test_mostlyai_figures_by_hand() -> None:
    rng = np.random.default_rng(3)
    train, holdout, fresh = (rng.random((50, 3)).astype(np.float32) for _ in range(3))
    synthetic = np.concatenate([train[:12], fresh[12:]])
    finding = VendorMostlyai().run(array_view((train, holdout, synthetic)), context())
    far = {
        name: np.abs(synthetic[:, None].astype(float) - real[None].astype(float)).mean(axis=2)
        for name, real in (("train", train), ("holdout", holdout))
    }
    first = {name: d.min(axis=1) for name, d in far.items()}
    two = np.sort(far["train"], axis=1)[:, :2]
    assert value(finding, "ims_training") == pytest.approx(12 / 50)
    assert value(finding, "ims_holdout") == 0.0
    assert value(finding, "dcr_share") == pytest.approx(np.mean(first["train"] < first["holdout"]))
    assert value(finding, "dcr_training") == pytest.approx(first["train"].mean(), abs=1e-9)
    tenth = np.sort((two[:, 0] + 1e-8) / (two[:, 1] + 1e-8))[9]
    assert value(finding, "nndr_training") == pytest.approx(tenth, abs=1e-12)


def test_mostlyai_splits_ties_in_half_and_cuts_tables_to_one_size() -> None:
    zero = np.zeros(4)
    assert dcr_share(zero, zero) == 0.5
    rng = np.random.default_rng(4)
    tables = tuple(rng.normal(size=(n, 4)) for n in (450, 50, 200))
    finding = VendorMostlyai().run(array_view(tables), context())
    assert {e.n for e in finding.estimates} == {50}


def test_new_rows_by_hand() -> None:
    train = np.array([[100.0, 0.0], [50.0, np.nan], [-10.0, 3.0]])
    asked = np.array(
        [
            [101.0, 0.0],  # 1 within 1 % of 101
            [102.0, 0.0],  # 2 is not within 1.02
            [50.0, np.nan],  # missing matches missing
            [50.0, 1.0],
            [-10.1, 2.98],
            [100.0, 1e-9],  # nothing but 0 is near 0
        ]
    )
    view = array_view((train, train, asked))
    assert matched(view.synthetic, view.train).tolist() == [True, False, True, False, True, False]
    assert value(VendorNewRows().run(view, context()), "new_row_synthesis") == pytest.approx(0.5)


@pytest.mark.sdv
@pytest.mark.parametrize("seed", [0, 10, 20])
def test_new_rows_agree_with_sdmetrics(seed: int) -> None:
    package = pytest.importorskip("sdmetrics.single_table.new_row_synthesis")
    train, holdout, synthetic = three(seed)
    # near enough to count by the tool's tolerance, and not near enough
    synthetic.iloc[10:20] = train.iloc[10:20]
    synthetic.loc[10:14, "amount"] *= 1.005
    synthetic.loc[15:19, "amount"] *= 1.02
    theirs = package.NewRowSynthesis.compute_breakdown(
        train.copy(), synthetic.copy(), _metadata(train)
    )
    ours = value(VendorNewRows().run(view_of(train, holdout, synthetic), context()),
                 "new_row_synthesis")  # fmt: skip
    assert ours == pytest.approx(theirs["score"], abs=1e-6)
    assert ours == pytest.approx(1 - theirs["num_matched_rows"] / len(synthetic))
    assert 0.7 < ours < 0.9
