"""Any function as a generator."""

from __future__ import annotations

from functools import partial

import pandas as pd
import pytest
from generator_tables import people

from synthaudit.errors import UsageError
from synthaudit.generators import fingerprint, parse_generator, synthesize_checked
from synthaudit.generators.python import PythonGenerator, wrap
from synthaudit.types import Generator


def resample(train: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
    return train.sample(n_rows, replace=True, random_state=seed, ignore_index=True)


class Shop:
    """Functions may live in classes."""

    @staticmethod
    def resample(train: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
        return resample(train, n_rows, seed)


def leafy(train: pd.DataFrame, n_rows: int, seed: int, leaf: int = 5) -> pd.DataFrame:
    return resample(train, n_rows, seed + leaf)


not_a_function = 3


@pytest.mark.parametrize("path", ["resample", "Shop.resample"])
def test_named_in_a_spec(path: str) -> None:
    generator = parse_generator(f"python:{__name__}:{path}")
    made = synthesize_checked(generator, people(40), 30, seed=1)
    pd.testing.assert_frame_equal(made, resample(people(40), 30, 1))


def test_given_as_an_object() -> None:
    generator = wrap(lambda t, n, s: resample(t, n, s + 1))
    assert isinstance(generator, Generator)
    assert len(generator.synthesize(people(40), 30, 1)) == 30


def test_the_function_gets_a_copy() -> None:
    def scribble(train: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
        train["age"] = 0
        return train

    train = people(20)
    wrap(scribble).synthesize(train, 20, 0)
    pd.testing.assert_frame_equal(train, people(20))


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("python:", "python:module:function"),
        ("python:os", "python:module:function"),
        ("python:no_such_module_here:f", "could not be imported .ModuleNotFoundError."),
        (f"python:{__name__}:absent", "has no 'absent'"),
        (f"python:{__name__}:not_a_function", "must be a function"),
    ],
)
def test_what_cannot_be_used_is_said(spec: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_generator(spec)


def test_fingerprints_see_what_a_function_carries() -> None:
    def made_with(leaf: int) -> PythonGenerator:
        return wrap(lambda train, n_rows, seed: leafy(train, n_rows, seed, leaf))

    def defaulted(leaf: int) -> PythonGenerator:
        return wrap(lambda t, n, s, leaf=leaf: leafy(t, n, s, leaf))  # type: ignore[misc]

    generators = [
        wrap(resample),
        wrap(leafy),
        wrap(partial(leafy, leaf=5)),
        wrap(partial(leafy, leaf=20)),
        made_with(5),
        made_with(20),
        defaulted(5),
        defaulted(20),
    ]
    assert len({fingerprint(g) for g in generators}) == len(generators)
    assert fingerprint(wrap(partial(leafy, leaf=5))) == fingerprint(wrap(partial(leafy, leaf=5)))
    assert fingerprint(made_with(5)) == fingerprint(made_with(5))
    named = f"python:{__name__}:leafy"
    assert fingerprint(parse_generator(named)) == fingerprint(parse_generator(named))
