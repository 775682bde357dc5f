"""Generators by name."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import ClassVar

import pandas as pd
import pytest

from synthaudit.errors import UsageError
from synthaudit.generators import catalog, parse_generator, registry
from synthaudit.generators.bayes_net import BayesNet
from synthaudit.generators.cart import Cart
from synthaudit.generators.noisy_bootstrap import NoisyBootstrap
from synthaudit.types import Card


def test_names_and_parameters() -> None:
    assert parse_generator("cart") == Cart()
    assert parse_generator("cart:min_leaf=20") == Cart(min_leaf=20)
    assert parse_generator("cart:min_leaf=20:order=few-levels") == Cart(20, "few-levels")
    assert parse_generator(" cart : min_leaf = 7 ") == Cart(min_leaf=7)
    assert parse_generator("bayes-net:smoothing=0.5") == BayesNet(smoothing=0.5)
    assert parse_generator("noisy-bootstrap:noise=0:flip=1") == NoisyBootstrap(0.0, 1.0)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("crat", "did you mean 'cart'"),
        ("crat", "copula"),
        ("", "unknown generator ''"),
        ("cart:leaf=3", "min_leaf"),
        ("cart:min_leaf", "name=value"),
        ("cart:min_leaf=x", "whole number"),
        ("cart:min_leaf=2.5", "whole number"),
        ("cart:min_leaf=0", "at least 1"),
        ("cart:min_leaf=1:min_leaf=2", "twice"),
        ("cart:order=given-up", "few-levels"),
        ("bayes-net:bins=1000", "1 to 64"),
        ("bayes-net:smoothing=-1", "0 or more"),
        ("bayes-net:smoothing=nan", "0 or more"),
        ("noisy-bootstrap:flip=1.5", "from 0 to 1"),
        ("interpolation:k=0", "at least 1"),
        ("copula:margins=gamma", "interpolated"),
        ("noisy-bootstrap:scale=log", "spread"),
        ("marginals:bins=0", "at least 1"),
    ],
)
def test_what_does_not_exist_is_one_sentence_that_says_what_does(spec: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        parse_generator(spec)
    assert "\n" not in str(caught.value)


def test_catalog_has_unique_ids_and_words() -> None:
    cards = catalog()
    assert len({card.id for card in cards}) == len(cards)
    assert all(card.title and card.question and card.how_to_read for card in cards)


def test_listing_imports_nothing_heavy() -> None:
    code = (
        "import sys; from synthaudit.generators import catalog, parse_generator; catalog(); "
        "parse_generator('cart'); "
        "print(sorted({'pandas','sklearn','scipy','numba','sdv','torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@dataclass(frozen=True)
class Guest:
    """A generator of another package."""

    share: float = 0.5
    card: ClassVar[Card] = Card("guest", "Guest", "Who?", "Read.")

    def synthesize(self, train: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
        return train.sample(n_rows, replace=True, random_state=seed, ignore_index=True)


GUEST = Guest(0.25)


def _offer(monkeypatch: pytest.MonkeyPatch, **named: str) -> None:
    points = [EntryPoint(name, value, registry.GROUP) for name, value in named.items()]
    monkeypatch.setattr(registry, "entry_points", lambda group: points)


def test_entry_points_offer_classes_and_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    _offer(monkeypatch, guest=f"{__name__}:Guest", ready=f"{__name__}:GUEST")
    assert parse_generator("guest:share=0.1") == Guest(0.1)
    assert parse_generator("ready") is GUEST
    assert "guest" in {card.id for card in catalog()}
    with pytest.raises(UsageError, match="takes no parameters"):
        parse_generator("ready:share=1")


def test_an_entry_point_cannot_take_a_built_ins_name(monkeypatch: pytest.MonkeyPatch) -> None:
    _offer(monkeypatch, cart=f"{__name__}:Guest")
    assert parse_generator("cart") == Cart()


def test_a_broken_entry_point_is_listed_with_its_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    _offer(monkeypatch, ghost="no_such_module_anywhere:Ghost")
    card = next(card for card in catalog() if card.id == "ghost")
    assert "could not be loaded" in card.how_to_read
