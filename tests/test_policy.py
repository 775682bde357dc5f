"""Policies: presets, typed limits, refusals in one sentence."""

from __future__ import annotations

import dataclasses
import tomllib
from importlib import resources
from pathlib import Path

import pytest

from synthaudit.errors import InputError
from synthaudit.policy import COMPONENTS, PRESETS, QUANTITIES, Policy

TEXT = (resources.files("synthaudit") / "policies" / "default.toml").read_text("utf-8")


@pytest.mark.parametrize("name", PRESETS)
def test_presets_load_and_every_number_has_a_reason(name: str) -> None:
    policy = Policy.load(name)
    assert policy.name == name
    assert policy.required_components == COMPONENTS
    for limit in policy.limits:
        assert limit.quantity == QUANTITIES[limit.name]
        assert len(limit.reason) > 40
        assert len(limit.source) > 20
        assert 0 < limit.value < 1


def test_strict_is_stricter_and_lenient_more_lenient() -> None:
    strict, default, lenient = (Policy.load(n) for n in ("strict", "default", "lenient"))
    for a, b, c in zip(strict.limits, default.limits, lenient.limits, strict=True):
        assert a.value < b.value < c.value


def test_default_numbers_are_what_the_docs_say() -> None:
    policy = Policy.load("default")
    assert [limit.value for limit in policy.limits] == [0.10, 0.02, 0.01, 0.002, 0.10]
    assert policy.epsilon is None


def test_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "house.toml"
    path.write_text(TEXT.replace('name = "default"', 'name = "house"'), encoding="utf-8")
    assert Policy.load(path).name == "house"
    assert Policy.load(str(path)).advantage == Policy.load("default").advantage


def test_optional_epsilon_and_required_tests() -> None:
    extra = '[limits.epsilon]\nquantity = "epsilon"\nlimit = 1.0\nreason = "a"\nsource = "b"\n\n'
    text = TEXT.replace("[required]", extra + "[required]").replace(
        "tests = []", 'tests = ["shadow", "shadow"]'
    )
    policy = Policy.parse(text)
    assert policy.epsilon is not None
    assert policy.epsilon.value == 1.0
    assert policy.required_tests == ("shadow",)
    assert len(policy.limits) == 6


def changed(old: str, new: str) -> str:
    assert old in TEXT, "the test must change something"
    return TEXT.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("not toml =", "not valid TOML"),
        (changed("schema = 1", "schema = 2"), "'schema' must be 1, but is 2"),
        (changed("schema = 1", "schema = true"), "'schema' must be 1"),
        (changed("schema = 1", "schema = 1\ncolour = 3"), "unknown key 'colour'"),
        (changed("[limits.identified]", "[limits.identity]"), "unknown key 'identity'"),
        (changed("limit = 0.10", "limit = 0.10\nlimt = 1"), "unknown key 'limt'"),
        (changed("limit = 0.10", 'limit = "0.10"'), "must be a number"),
        (changed("limit = 0.10", "limit = true"), "must be a number"),
        (changed("limit = 0.10", "limit = 10"), "percent must be written as a rate"),
        (changed("limit = 0.10", "limit = 0"), "between 0 and 1"),
        (changed("limit = 0.10", "limit = nan"), "between 0 and 1"),
        (changed("[limits.excess_tpr]", "[required.x]"), "[limits.excess_tpr] is missing"),
        (changed('components = ["advantage"', 'components = ["auc"'), "unknown component 'auc'"),
        (changed("tests = []", "tests = [3]"), "must be a list of names"),
        (changed('name = "default"', 'name = ""'), "'name' at the top must be text"),
        (changed("[limits.advantage]", "[[limits.advantage]]"), "must be a table"),
    ],
)
def test_refusals_are_one_sentence(text: str, says: str) -> None:
    with pytest.raises(InputError) as refused:
        Policy.parse(text, "house.toml")
    message = str(refused.value)
    assert says in message
    assert "house.toml" in message
    assert message.endswith(".")
    assert "\n" not in message


@pytest.mark.parametrize(
    "quantity", ["re-identification-probability", "Re-identification probability", "auc", "k"]
)
def test_quantities_are_not_mixed(quantity: str) -> None:
    text = changed(
        'quantity = "membership-advantage"\nlimit = 0.10', f'quantity = "{quantity}"\nlimit = 0.09'
    )
    with pytest.raises(InputError, match="is a membership-advantage, but the file gives a"):
        Policy.parse(text)


def test_missing_file_and_wrong_encoding(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="default, strict, lenient"):
        Policy.load("stricter")
    path = tmp_path / "p.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8"):
        Policy.load(path)


def test_frozen_and_replaceable() -> None:
    policy = Policy.load("default")
    with pytest.raises(dataclasses.FrozenInstanceError):
        policy.name = "x"  # type: ignore[misc]
    assert dataclasses.replace(policy, name="x").limits == policy.limits


def test_presets_are_plain_toml_without_forbidden_words() -> None:
    for name in PRESETS:
        text = (resources.files("synthaudit") / "policies" / f"{name}.toml").read_text("utf-8")
        tomllib.loads(text)
        for word in ("anonymous", "compliant", " safe"):
            assert word not in text.lower()


@pytest.mark.parametrize("name", PRESETS)
def test_a_policy_shows_every_limit_with_its_reason(name: str) -> None:
    policy = Policy.load(name)
    text = policy.to_text()
    flat = " ".join(text.split())
    for limit in policy.limits:
        assert f"{limit.name} = {limit.value:g} ({limit.quantity})" in flat
        assert " ".join(limit.reason.split()) in flat and " ".join(limit.source.split()) in flat
    assert "required components: advantage" in text
    assert max(map(len, text.splitlines())) <= 100
