"""SDV, whichever of the supported versions is installed; and its traps, so that a change shows."""

from __future__ import annotations

import logging
import os
import random
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from generator_tables import every_dtype, people

from synthaudit.errors import GeneratorError, UsageError
from synthaudit.generators import fingerprint, parse_generator, synthesize_checked
from synthaudit.generators.sdv import SYNTHESIZERS, SdvGenerator

pytestmark = [
    pytest.mark.sdv,
    pytest.mark.skipif(
        not __import__("importlib.util").util.find_spec("sdv"), reason="SDV is not installed"
    ),
]
COPULA = SdvGenerator("GaussianCopulaSynthesizer")
QUICK = {
    "GaussianCopulaSynthesizer": (),
    "CTGANSynthesizer": (("epochs", 2),),
    "TVAESynthesizer": (("epochs", 2),),
    "CopulaGANSynthesizer": (("epochs", 2),),
}


@pytest.fixture(autouse=True)
def quiet_sdv() -> Iterator[None]:
    """SDV's own warnings when the tests call it directly."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.slow
@pytest.mark.parametrize("name", SYNTHESIZERS)
def test_every_synthesizer_keeps_the_contract(name: str) -> None:
    train = people(300)
    generator = SdvGenerator(name, QUICK[name])
    made = synthesize_checked(generator, train, 120, seed=1)
    assert made.shape == (120, 5)
    assert made.dtypes.to_dict() == train.dtypes.to_dict()
    pd.testing.assert_frame_equal(train, people(300))
    pd.testing.assert_frame_equal(made, synthesize_checked(generator, train, 120, seed=1))
    other = synthesize_checked(generator, train, 120, seed=2, unlike=made)
    assert (made["income"] == other["income"]).mean() < 0.2
    assert set(made["job"]) <= set(train["job"])


def test_every_dtype_and_awkward_tables() -> None:
    train = every_dtype(200)
    made = synthesize_checked(COPULA, train, 100, seed=1)
    assert made.dtypes.to_dict() == train.dtypes.to_dict()
    assert (made["constant"] == 3).all()
    assert made["empty"].isna().all()
    for column in ("int64", "cents", "date", "zoned", "span"):
        assert made[column].nunique() > 10
        assert made[column].min() >= train[column].min()
        assert made[column].max() <= train[column].max()
    for awkward in (train[["constant"]], train.head(10), train[["cents"]]):
        assert synthesize_checked(COPULA, awkward, 7, seed=1).shape == (7, awkward.shape[1])
    assert synthesize_checked(COPULA, train, 0, seed=1).shape == (0, train.shape[1])


def test_unique_numbers_are_modelled_and_not_made_up_as_keys() -> None:
    train = people(200).assign(unique=np.arange(200.0) ** 2)
    made = synthesize_checked(COPULA, train, 200, seed=1)
    # SDV detects a key here and would count 0, 1, 2, ...
    assert made["unique"].max() > 2000
    assert not made["unique"].is_monotonic_increasing


def test_seeds_move_the_missing_cells_too() -> None:
    train = people(400)
    first, second = (synthesize_checked(COPULA, train, 400, seed=s) for s in (1, 2))
    gaps = [frame["income"].isna().to_numpy() for frame in (first, second)]
    assert 15 < gaps[0].sum() < 70
    assert not np.array_equal(*gaps)


def test_the_traps_are_still_there() -> None:
    """When this fails SDV has changed: look again at how ``seed_sampling`` must seed it."""
    import sdv.single_table
    from sdv.metadata import Metadata

    train = people(200)
    metadata = Metadata.detect_from_dataframes({"table": train})
    by_table = not hasattr(Metadata, "detect_from_dataframe")

    def fresh(numpy_seed: int, own_seed: int | None) -> pd.DataFrame:
        np.random.seed(numpy_seed)  # noqa: NPY002
        synthesizer = sdv.single_table.GaussianCopulaSynthesizer(metadata)
        synthesizer.fit({"table": train} if by_table else train)
        if own_seed is not None:
            synthesizer._set_random_state(own_seed)
        sampled = synthesizer.sample(50)
        return sampled["table"] if by_table else sampled

    # one fixed seed after every fit, whatever the global state
    pd.testing.assert_frame_equal(fresh(1, None), fresh(2, None))
    moved = fresh(1, 1), fresh(1, 2)
    assert not moved[0].equals(moved[1])
    # and even then the same cells are missing
    pd.testing.assert_series_equal(moved[0]["income"].isna(), moved[1]["income"].isna())


@pytest.mark.slow
def test_neural_synthesizers_still_follow_the_global_states() -> None:
    """When this fails SDV has changed: look again at what ``seeded`` must set."""
    import sdv.single_table
    import torch
    from sdv.metadata import Metadata

    train = people(200)
    metadata = Metadata.detect_from_dataframes({"table": train})
    by_table = not hasattr(Metadata, "detect_from_dataframe")

    def fresh(numpy_seed: int, torch_seed: int) -> pd.DataFrame:
        np.random.seed(numpy_seed)  # noqa: NPY002
        torch.manual_seed(torch_seed)
        synthesizer = sdv.single_table.TVAESynthesizer(metadata, epochs=2)
        synthesizer.fit({"table": train} if by_table else train)
        sampled = synthesizer.sample(50)
        return sampled["table"] if by_table else sampled

    pd.testing.assert_frame_equal(fresh(1, 1), fresh(1, 1))
    assert not fresh(1, 1).equals(fresh(1, 2))


def test_global_states_are_put_back() -> None:
    import torch

    def states() -> tuple[object, ...]:
        numpy_state = np.random.get_state()  # noqa: NPY002
        return (
            random.getstate(),
            numpy_state[1].tobytes(),
            numpy_state[2],
            torch.get_rng_state().numpy().tobytes(),
            torch.get_num_threads(),
            logging.root.manager.disable,
            tuple(map(str, warnings.filters)),
        )

    before = states()
    COPULA.synthesize(people(100), 20, seed=1)
    assert states() == before
    with pytest.raises(UsageError):
        SdvGenerator("GaussianCopulaSynthesizer", (("leaf", 3),)).synthesize(people(100), 20, 1)
    assert states() == before


def test_the_global_states_change_nothing() -> None:
    import torch

    made = []
    for seed in (1, 2):
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002
        torch.manual_seed(seed)
        made.append(COPULA.synthesize(people(100), 40, seed=1))
    pd.testing.assert_frame_equal(*made)


@pytest.mark.slow
def test_another_process_with_another_hash_seed_makes_the_same_table() -> None:
    here = Path(__file__).parent
    code = (
        "from generator_tables import people; from synthaudit.generators import parse_generator; "
        "made = parse_generator('sdv:TVAESynthesizer:epochs=1').synthesize(people(150), 40, 1); "
        "print(made.to_csv())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": path_with(here)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(outputs) == 1


def path_with(folder: Path) -> str:
    return os.pathsep.join([str(folder), str(folder.parents[1]), os.environ.get("PYTHONPATH", "")])


def test_nothing_is_said(
    capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder
) -> None:
    COPULA.synthesize(people(100), 20, seed=1)
    assert capfd.readouterr() == ("", "")
    assert not recwarn.list


def test_given_metadata_is_used(tmp_path: Path) -> None:
    from sdv.metadata import Metadata

    train = people(150)
    metadata = Metadata.detect_from_dataframes({"table": train}, infer_keys=None)
    metadata.update_column("age", sdtype="categorical", table_name="table")
    path = tmp_path / "metadata.json"
    metadata.save_to_json(path)
    spec = f"sdv:GaussianCopulaSynthesizer:metadata={path}"
    made = synthesize_checked(parse_generator(spec), train, 150, seed=1)
    # as a category it can only repeat observed values
    assert set(made["age"]) <= set(train["age"])
    before = fingerprint(parse_generator(spec))
    path.write_text(path.read_text() + "\n")
    assert fingerprint(parse_generator(spec)) != before


def test_parameters_by_name() -> None:
    generator = parse_generator(
        "sdv:CTGANSynthesizer:epochs=7:generator_dim=(64, 64):log_frequency=false:verbose=False"
    )
    assert generator == SdvGenerator(
        "CTGANSynthesizer",
        (
            ("epochs", 7),
            ("generator_dim", (64, 64)),
            ("log_frequency", False),
            ("verbose", False),
        ),
    )
    assert "sdv" in fingerprint(generator)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("sdv:", "GaussianCopulaSynthesizer"),
        ("sdv:CTGANSynthesiser", "did you mean 'CTGANSynthesizer'"),
        ("sdv:TVAESynthesizer:epochs", "name=value"),
    ],
)
def test_what_does_not_exist(spec: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_generator(spec)


def test_a_parameter_that_does_not_exist_is_named_when_fitting() -> None:
    generator = parse_generator("sdv:TVAESynthesizer:epoch=3")
    with pytest.raises(UsageError, match="did you mean 'epochs'"):
        synthesize_checked(generator, people(50), 10, 1)


def test_errors_of_sdv_carry_no_cells() -> None:
    generator = SdvGenerator("GaussianCopulaSynthesizer", (("default_distribution", "gauss"),))
    with pytest.raises(GeneratorError, match="generator sdv raised") as caught:
        synthesize_checked(generator, people(50), 10, 1)
    assert "gauss" not in str(caught.value)
