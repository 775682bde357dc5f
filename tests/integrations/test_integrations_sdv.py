"""SDV for data teams: metadata as a schema, synthesizers as objects; SDV 1.38 and 2.x."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import make_population
from finished_audits import QUICK

from synthaudit import audit, audit_synthesizer
from synthaudit.errors import InputError, UsageError
from synthaudit.integrations.sdv import schema_of
from synthaudit.types import ColumnKind, Status, ThreatModel

N = 240
SHADOW = "shadow"


@pytest.fixture(autouse=True)
def quiet_sdv() -> Iterator[None]:
    """SDV's own warnings when the tests call it directly."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def people(n_rows: int = N, seed: int = 1) -> pd.DataFrame:
    """The shared population with a key and a repeated person."""
    return make_population(n_rows, seed).assign(
        key=[f"P{i:05}" for i in range(n_rows)], person=np.arange(n_rows) // 2
    )


def test_types_become_kinds(tmp_path: Path) -> None:
    columns = {
        "a": "numerical", "b": "datetime", "c": "categorical", "d": "boolean", "e": "id",
        "f": "email", "g": "unknown",
    }  # fmt: skip
    table = {"columns": {name: {"sdtype": sdtype} for name, sdtype in columns.items()}}
    wanted = {
        "a": ColumnKind.NUMERIC, "b": ColumnKind.DATETIME, "c": ColumnKind.CATEGORY,
        "d": ColumnKind.BOOLEAN, "e": ColumnKind.IDENTIFIER, "f": ColumnKind.TEXT,
    }  # fmt: skip
    path = tmp_path / "metadata.json"
    path.write_text(json.dumps(table))
    for metadata in (table, {"tables": {"people": table}}, path, str(path)):
        assert {c.name: c.kind for c in schema_of(metadata).columns} == wanted


def test_what_is_no_metadata_of_one_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{")
    for bad in ({"tables": {"a": {}, "b": {}}}, {"columns": {}}, 7, tmp_path / "bad.json"):
        with pytest.raises(InputError, match="metadata"):
            schema_of(bad)


def test_metadata_overrule_what_would_be_inferred() -> None:
    tables = [make_population(60, seed)[["age", "income"]] for seed in (1, 2, 3)]
    metadata = {"columns": {"age": {"sdtype": "categorical"}, "income": {"sdtype": "numerical"}}}
    report = audit(*tables, metadata=metadata, attacks=QUICK, shadows=0, jobs=1)
    kinds = {column.name: column.kind for column in report.inputs.schema_.columns}
    assert kinds == {"age": ColumnKind.CATEGORY, "income": ColumnKind.NUMERIC}
    assert report.config.schema == "given"
    with pytest.raises(UsageError, match="not both"):
        audit(*tables, metadata=metadata, schema="schema.toml")


def test_what_is_no_synthesizer_is_refused() -> None:
    with pytest.raises(UsageError, match="no SDV synthesizer"):
        audit_synthesizer(object(), people())


def made(frame: pd.DataFrame, **settings: Any) -> Any:
    """A Gaussian copula synthesizer, not fitted, and its metadata."""
    single_table = pytest.importorskip("sdv.single_table")
    from sdv.metadata import Metadata

    metadata = Metadata.detect_from_dataframes({"people": frame})
    return single_table.GaussianCopulaSynthesizer(metadata, **settings)


def fit(synthesizer: Any, frame: pd.DataFrame) -> None:
    from sdv.metadata import Metadata

    by_table = not hasattr(Metadata, "detect_from_dataframe")
    synthesizer.fit({"people": frame} if by_table else frame)


@pytest.mark.sdv
@pytest.mark.slow
def test_the_one_liner_splits_fits_and_trains_shadows_of_the_same_recipe() -> None:
    real = people()
    before = real.copy()
    synthesizer = made(real, default_distribution="norm")
    report = audit_synthesizer(
        synthesizer,
        real,
        attacks=(*QUICK, SHADOW),
        shadows=4,
        jobs=1,
        group_key="person",
    )
    pd.testing.assert_frame_equal(real, before)
    assert not synthesizer.get_info()["is_fit"]  # a copy was fitted
    assert report.inputs.train.rows == report.inputs.holdout.rows == N // 2
    assert report.config.group_key == "person" and report.config.split == "random"
    kinds = {column.name: column.kind for column in report.inputs.schema_.columns}
    assert kinds["key"] is ColumnKind.IDENTIFIER
    shadow = report.result(SHADOW)
    assert shadow is not None and shadow.status is Status.MEASURED, shadow
    assert shadow.threat_model is ThreatModel.INSIDER
    assert report.generator is not None and "default_distribution='norm'" in report.generator.name
    (notice,) = [n for n in report.warnings if n.code == "synthesizer"]
    assert "split at random" in notice.message and "not audited itself" not in notice.message


@pytest.mark.sdv
@pytest.mark.slow
def test_a_fitted_one_needs_a_holdout_to_be_audited_itself() -> None:
    real, holdout = people(120, 1), people(120, 2)
    synthesizer = made(real)
    fit(synthesizer, real)
    quick = {"attacks": QUICK, "shadows": 0, "jobs": 1}
    alone = audit_synthesizer(synthesizer, real, **quick)  # type: ignore[arg-type]
    assert any("leaves no holdout" in n.message for n in alone.warnings)
    assert alone.inputs.train.rows == 60
    itself = audit_synthesizer(synthesizer, real, holdout=holdout, **quick)  # type: ignore[arg-type]
    assert any("vouches" in n.message for n in itself.warnings)
    assert itself.inputs.train.rows == itself.inputs.synthetic.rows == 120
    again = audit_synthesizer(synthesizer, real, holdout=holdout, **quick)  # type: ignore[arg-type]
    # the object's own state was not moved: the same release, the same numbers
    assert again.inputs.synthetic.sha256_content == itself.inputs.synthetic.sha256_content
    assert itself.config.split == "assumed" and alone.config.split == "random"


@pytest.mark.sdv
def test_no_person_is_on_both_sides() -> None:
    from synthaudit.integrations.sdv import _split

    train, holdout = _split(people(), "person", 3)
    assert not set(train["person"]) & set(holdout["person"])
    assert len(train) + len(holdout) == N
    with pytest.raises(UsageError, match="no column"):
        _split(people(), "nobody", 3)
