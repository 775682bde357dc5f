"""MOSTLY AI's figures against the code of the package itself.

``make test`` unpacks the package, without the deep-learning libraries it asks for, into
``.venv/mostlyai``. Its distances are measured between embeddings of a language model that those
libraries run, so here the embeddings are numbers of ours, and everything after them is theirs.
"""

from __future__ import annotations

import importlib
import os
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from check_views import array_view, context, value

from synthaudit.checks.vendor_mostlyai import IDENTICAL, VendorMostlyai, dcr_share, nndr
from synthaudit.neighbors import Neighbors

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def package() -> Iterator[Any]:
    """``mostlyai.qa._distances`` without the package's ``__init__``, which loads torch."""
    place = Path(os.environ.get("SYNTHAUDIT_MOSTLYAI_QA", ROOT / ".venv" / "mostlyai"))
    folder = place / "mostlyai" / "qa"
    if not folder.is_dir():
        pytest.skip("mostlyai-qa is not unpacked in .venv/mostlyai: 'make test' does it")
    before = set(sys.modules)
    for name, path in (("mostlyai", place / "mostlyai"), ("mostlyai.qa", folder)):
        module = types.ModuleType(name)
        module.__path__ = [str(path)]
        sys.modules[name] = module
    yield importlib.import_module("mostlyai.qa._distances")
    for name in set(sys.modules) - before:
        if name.startswith("mostlyai"):
            del sys.modules[name]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_every_figure_agrees_where_the_distances_do(package: Any, seed: int) -> None:
    # one number a row: the mean of one rank difference is the Euclidean distance
    rng = np.random.default_rng(seed)
    train, holdout, synthetic = (rng.random((80, 1)).astype(np.float32) for _ in range(3))
    synthetic[:9] = train[:9]
    synthetic[9:12] = holdout[9:12]
    theirs = package.calculate_distances(syn_embeds=synthetic, trn_embeds=train, hol_embeds=holdout)
    finding = VendorMostlyai().run(array_view((train, holdout, synthetic)), context())
    share = package.calculate_dcr_share(theirs["dcr_syn_trn"], theirs["dcr_syn_hol"])
    assert value(finding, "dcr_share") == pytest.approx(share, abs=1e-6)
    for pair, ours in (("syn_trn", "training"), ("syn_hol", "holdout"), ("trn_hol", "trn_hol")):
        distances, ratios = theirs[f"dcr_{pair}"], theirs[f"nndr_{pair}"]
        assert value(finding, f"ims_{ours}") == pytest.approx(package.calculate_ims(distances))
        assert value(finding, f"dcr_{ours}") == pytest.approx(
            package.calculate_dcr(distances), abs=1e-6
        )
        assert value(finding, f"nndr_{ours}") == pytest.approx(
            package.calculate_nndr(ratios), abs=1e-6
        )


def test_the_definitions_agree_on_their_own_distances(package: Any) -> None:
    rng = np.random.default_rng(3)
    train, holdout, synthetic = (rng.normal(size=(120, 8)) for _ in range(3))
    synthetic[:20] = train[:20]
    found = package.calculate_distances(syn_embeds=synthetic, trn_embeds=train, hol_embeds=holdout)
    share = package.calculate_dcr_share(found["dcr_syn_trn"], found["dcr_syn_hol"])
    assert dcr_share(found["dcr_syn_trn"], found["dcr_syn_hol"]) == pytest.approx(share, abs=1e-12)
    first, second = (np.linalg.norm(synthetic[:, None] - t[None], axis=2) for t in (train, holdout))
    for distances, pair in ((first, "syn_trn"), (second, "syn_hol")):
        two = np.sort(distances, axis=1)[:, :2]
        near = Neighbors(two, np.zeros(two.shape, dtype=np.int64))
        assert nndr(near) == pytest.approx(package.calculate_nndr(found[f"nndr_{pair}"]), abs=1e-6)
        assert package.calculate_ims(two[:, 0]) == np.mean(two[:, 0] <= IDENTICAL)
