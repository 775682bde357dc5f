"""Synthesizers of the Synthetic Data Vault that the user holds as objects."""

from __future__ import annotations

import copy
import inspect
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthaudit.generators.sdv import (
    SYNTHESIZERS,
    SdvGenerator,
    fit,
    hushed,
    sample,
    seed_sampling,
    seeded,
)
from synthaudit.seeds import Streams

if TYPE_CHECKING:
    import pandas as pd


def metadata_of(synthesizer: Any) -> dict[str, Any]:
    """The metadata a synthesizer was made with, as a dictionary."""
    content: dict[str, Any] = synthesizer.get_metadata().to_dict()
    return content


def is_fitted(synthesizer: Any) -> bool:
    """Whether it was fitted."""
    return bool(synthesizer.get_info().get("is_fit"))


def recipe_of(synthesizer: Any, folder: Path) -> SdvGenerator | None:
    """A generator with the same class, settings and metadata; None for classes of other people.

    ``folder`` receives the metadata, which shadows read: it must outlive them. Constraints and
    transformers that were added afterwards are not in the recipe.
    """
    name = type(synthesizer).__name__
    if name not in SYNTHESIZERS or not type(synthesizer).__module__.startswith("sdv."):
        return None
    path = folder / "metadata.json"
    path.write_text(json.dumps(metadata_of(synthesizer)), encoding="utf-8")
    usual = inspect.signature(type(synthesizer)).parameters
    changed = tuple(
        (key, value)
        for key, value in sorted(synthesizer.get_parameters().items())
        if key in usual and value != usual[key].default and (value or usual[key].default)
    )
    return SdvGenerator(name, changed, str(path))


def refitted(synthesizer: Any, train: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
    """Rows of a copy that is fitted afresh; constraints and transformers are kept.

    The synthesizer itself is not touched.
    """
    streams = Streams(seed, ("generator", "sdv-object"))
    (table,) = metadata_of(synthesizer)["tables"]
    with hushed(), seeded(streams.integer("fit")):
        mine = copy.deepcopy(synthesizer)
        fit(mine, train.reset_index(drop=True), table)
        seed_sampling(mine, streams)
        return sample(mine, n_rows)


def sampled(synthesizer: Any, n_rows: int, seed: int) -> pd.DataFrame:
    """Rows of a fitted synthesizer, whose own state is not moved."""
    streams = Streams(seed, ("generator", "sdv-object"))
    with hushed(), seeded(streams.integer("fit")):
        mine = copy.deepcopy(synthesizer)
        seed_sampling(mine, streams)
        return sample(mine, n_rows)
