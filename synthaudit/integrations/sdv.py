"""SDV for data teams: its metadata as a schema, and one call from a synthesizer to a report."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthaudit.corridor import run_audit
from synthaudit.data.split import side_of_rows
from synthaudit.errors import InputError, UsageError
from synthaudit.policy import Policy
from synthaudit.report.model import AuditReport
from synthaudit.request import AuditRequest
from synthaudit.seeds import Streams
from synthaudit.types import Column, ColumnKind, Notice, Schema

if TYPE_CHECKING:
    import pandas as pd

KINDS = {
    "numerical": ColumnKind.NUMERIC,
    "datetime": ColumnKind.DATETIME,
    "categorical": ColumnKind.CATEGORY,
    "boolean": ColumnKind.BOOLEAN,
    "id": ColumnKind.IDENTIFIER,
}
"""SDV's types to kinds. ``unknown`` is inferred; every other one (names, addresses, e-mail, ...) is
free text: tested for replay, kept out of distances."""


def schema_of(metadata: Any) -> Schema:
    """Column kinds from SDV's metadata of one table.

    Parameters
    ----------
    metadata : ``sdv.metadata.Metadata`` or ``SingleTableMetadata``, its dictionary, or a path to
        the JSON file SDV saved

    Raises
    ------
    InputError
        When it is no metadata, or describes several tables.
    """
    content = _as_dict(metadata)
    tables = content.get("tables", {"table": content})
    if not isinstance(tables, dict) or len(tables) != 1:
        raise InputError(f"The SDV metadata describe {len(tables)} tables; give those of one.")
    (table,) = tables.values()
    columns = table.get("columns") if isinstance(table, dict) else None
    if not isinstance(columns, dict) or not columns:
        raise InputError("The SDV metadata describe no column; give metadata of a table.")
    return Schema(
        tuple(
            Column(str(name), KINDS.get(described["sdtype"], ColumnKind.TEXT), 0, 0)
            for name, described in columns.items()
            if described.get("sdtype") not in (None, "unknown")
        )
    )


def _as_dict(metadata: Any) -> dict[str, Any]:
    if isinstance(metadata, str | Path):
        try:
            content = json.loads(Path(metadata).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(
                f"The SDV metadata {Path(metadata).name} cannot be read as JSON: give the file "
                "that metadata.save_to_json() wrote."
            ) from error
    else:
        content = metadata.to_dict() if hasattr(metadata, "to_dict") else metadata
    if not isinstance(content, dict):
        raise InputError(f"A {type(metadata).__name__} is no SDV metadata.")
    return content


def audit_synthesizer(
    synthesizer: Any,
    real: pd.DataFrame,
    metadata: Any = None,
    *,
    holdout: pd.DataFrame | None = None,
    group_key: str | None = None,
    seed: int = 0,
    attacks: Sequence[str] = ("all",),
    policy: str | Path | Policy = "default",
    shadows: int = 16,
    max_candidates: int | None = None,
    jobs: int | None = None,
    split: str = "assumed",
) -> AuditReport:
    """Audit an SDV single-table synthesizer.

    Without a ``holdout``, ``real`` is split in two at random, a fresh copy of the synthesizer
    (settings, constraints and transformers kept) is fitted on one half, and its output is audited
    against the other: the answer is about the recipe on half the rows. A synthesizer that was
    fitted on all rows leaves no holdout, and is never audited itself; the report says so.

    With a ``holdout``, ``real`` is what the synthesizer was fitted on, and what a fitted one
    samples is audited; one that is not fitted is copied and fitted on ``real``.

    Shadows are trained with the same class, settings and metadata, as an insider would; constraints
    and transformers added to the object are not part of them. Classes of other people are attacked
    with a stand-in. The synthesizer and the tables are never changed.

    Parameters
    ----------
    synthesizer : a synthesizer of ``sdv.single_table``, fitted or not (SDV 1.38 or 2.x)
    real : DataFrame
        Every real row, or with a holdout the training rows.
    metadata : optional
        Column kinds for the audit; the synthesizer's own when None.
    group_key : str, optional
        Column naming the person: all rows of one person land on one side of the split, and persons
        are counted instead of rows.
    split : str
        With a holdout: ``random`` when it came from a random split. Without one it does.
    others : as in :func:`synthaudit.audit`

    Raises
    ------
    UsageError, InputError
        One sentence: what is wrong, what was found, what to do.
    """
    from synthaudit.generators import sdv_objects

    if not hasattr(synthesizer, "get_metadata") or not hasattr(synthesizer, "sample"):
        raise UsageError(
            f"A {type(synthesizer).__name__} is no SDV synthesizer; audit its output with "
            "synthaudit.audit(train, holdout, synthetic)."
        )
    fitted = sdv_objects.is_fitted(synthesizer)
    train, others = (real, holdout) if holdout is not None else _split(real, group_key, seed)
    described = sdv_objects.metadata_of(synthesizer) if metadata is None else metadata
    release = Streams(seed).integer("release")
    if holdout is not None and fitted:
        synthetic = sdv_objects.sampled(synthesizer, len(train), release)
    else:
        synthetic = sdv_objects.refitted(synthesizer, train, len(train), release)
    with tempfile.TemporaryDirectory() as folder:
        recipe = sdv_objects.recipe_of(synthesizer, Path(folder)) if shadows else None
        request = AuditRequest(
            seed=seed,
            attacks=tuple(attacks),
            policy=policy,
            schema=schema_of(described),
            generator=recipe,
            shadows=shadows,
            max_candidates=max_candidates,
            jobs=jobs,
            group_key=group_key,
            split=split if holdout is not None else "random",
        )
        report = run_audit(train, others, synthetic, request).report
    notice = _what_was_audited(len(real), len(train), fitted, holdout is not None)
    return report.model_copy(update={"warnings": (*report.warnings, notice)})


def _split(
    real: pd.DataFrame, group_key: str | None, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two random halves; one person never on both sides."""
    if group_key is not None and group_key not in real:
        raise UsageError(f"There is no column {group_key!r} to group by; name one of the table.")
    persons = None if group_key is None else real[group_key].to_numpy()
    held = side_of_rows(len(real), persons, 0.5, Streams(seed))
    return real[~held].reset_index(drop=True), real[held].reset_index(drop=True)


def _what_was_audited(n_real: int, n_train: int, fitted: bool, with_holdout: bool) -> Notice:
    if with_holdout:
        what = (
            "The synthesizer was fitted by the caller, who vouches that it was fitted on these "
            "training rows and never saw the holdout."
            if fitted
            else "A copy of the synthesizer was fitted on the training rows for this audit."
        )
        return Notice("synthesizer", what)
    lost = (
        " The synthesizer that was handed over had been fitted already, which leaves no holdout: "
        "it was not audited itself."
        if fitted
        else ""
    )
    return Notice(
        "synthesizer",
        f"The {n_real:,} real rows were split at random and a fresh copy of the synthesizer was "
        f"fitted on {n_train:,} of them: the audit speaks of this recipe on so many rows.{lost}",
    )
