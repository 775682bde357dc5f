"""Generators by name: ``cart:min_leaf=20``, ``sdv:TVAESynthesizer:epochs=300``, ...

Naming a generator may execute code: ``python:`` imports the module, ``command:`` runs the program,
and an entry point loads the package behind it. Nothing is ever unpickled.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Sequence
from typing import Any, ClassVar, Literal, get_args, get_origin, get_type_hints

from synthaudit.errors import UsageError
from synthaudit.generators.registry import built_ins, load_third_party, third_party
from synthaudit.types import Generator


def parse_generator(spec: str, filters: Sequence[str] = ()) -> Generator:
    """The generator a text names.

    Parameters
    ----------
    spec : str
        ``NAME[:param=value...]``, ``sdv:CLASS[:param=value...]``, ``python:module:function`` or
        ``command:TEMPLATE``, and after it any filters, each after a bar: ``cart | dcr:0.3``.
    filters : sequence of str
        More post-processing that is part of the release, in order: ``dcr:0.3``, ``dedup``.

    Raises
    ------
    UsageError
        When a name, a parameter or a value does not exist or fit; says what does.
    """
    spec, barred = _split_filters(spec)
    name, _, rest = spec.partition(":")
    generator = _named(name.strip(), rest)
    if barred or filters:
        from synthaudit.generators.filters import Filtered, parse_filter

        generator = Filtered(generator, tuple(map(parse_filter, (*barred, *filters))))
    return generator


def _split_filters(spec: str) -> tuple[str, list[str]]:
    """The generator's part of a spec and the filters after its bars."""
    from synthaudit.generators.filters import FILTERS

    parts = [part.strip() for part in spec.split(" | ")]
    if not spec.lstrip().startswith("command:"):
        return parts[0], parts[1:]
    # the arguments of a program may hold bars of their own: known filters only, from the right
    known = {kind.name for kind in FILTERS}
    n_filters = 0
    while n_filters < len(parts) - 1 and parts[-1 - n_filters].partition(":")[0] in known:
        n_filters += 1
    return spec.rsplit(" | ", n_filters)[0].strip(), parts[len(parts) - n_filters :]


def _named(name: str, rest: str) -> Generator:
    if name in built_ins():
        return _from_class(built_ins()[name], name, rest)
    others = third_party()
    if name not in others:
        raise UsageError(unknown("generator", name, (*built_ins(), *others)))
    thing = load_third_party(others[name])
    if isinstance(thing, type):
        return _from_class(thing, name, rest)
    if rest:
        raise UsageError(f"generator {name!r} takes no parameters, got {rest!r}; leave them out")
    if not isinstance(thing, Generator):
        raise UsageError(
            f"entry point {name!r} is no generator (it lacks card or synthesize); "
            "name a class or an object that has both"
        )
    return thing


def _from_class(cls: type[Any], name: str, rest: str) -> Generator:
    maker = getattr(cls, "from_spec", None)
    made = maker(rest) if maker is not None else cls(**read_settings(cls, name, rest))
    if not isinstance(made, Generator):
        raise UsageError(f"{name!r} is no generator: it lacks card or synthesize; choose another")
    return made


def split_settings(name: str, text: str) -> dict[str, str]:
    """``a=1:b=x`` as ``{"a": "1", "b": "x"}``."""
    settings: dict[str, str] = {}
    for part in text.split(":") if text.strip() else ():
        key, equals, value = part.partition("=")
        key = key.strip()
        if not equals or not key:
            raise UsageError(f"{name}: parameters are written name=value, got {part.strip()!r}")
        if key in settings:
            raise UsageError(f"{name}: parameter {key!r} is given twice; give it once")
        settings[key] = value.strip()
    return settings


def read_settings(cls: type[Any], name: str, text: str) -> dict[str, Any]:
    """Settings of a dataclass, each read as its field's type."""
    hints = get_type_hints(cls)
    fields = [f.name for f in dataclasses.fields(cls) if get_origin(hints[f.name]) is not ClassVar]
    given = split_settings(name, text)
    for key in given:
        if key not in fields:
            raise UsageError(unknown(f"{name} parameter", key, fields))
    return {key: _read_value(name, key, value, hints[key]) for key, value in given.items()}


def _read_value(name: str, key: str, text: str, kind: Any) -> Any:
    if get_origin(kind) is Literal:
        choices = get_args(kind)
        if text in choices:
            return text
        raise UsageError(f"{name}: {unknown(key, text, choices)}")
    if kind is bool:
        if text.lower() in ("true", "false"):
            return text.lower() == "true"
        raise UsageError(f"{name}: {key} must be true or false, got {text!r}")
    try:
        return kind(text)
    except ValueError:
        wanted = {int: "a whole number", float: "a number"}.get(kind, kind.__name__)
        raise UsageError(f"{name}: {key} must be {wanted}, got {text!r}") from None


def unknown(what: str, got: str, known: Sequence[str]) -> str:
    """One sentence: what does not exist, what does, and what was probably meant."""
    close = difflib.get_close_matches(got, known, n=1)
    guess = f"; did you mean {close[0]!r}?" if close else ""
    there = ", ".join(known) if known else "none"
    return f"unknown {what} {got!r}: there is {there}{guess}"


def fingerprint(generator: Generator) -> str:
    """A text that is the same for the same generator with the same settings: for content keys.

    Generators whose identity is more than their fields (a program's file, a package's version)
    say so in a ``fingerprint`` property of their own.
    """
    own = getattr(generator, "fingerprint", None)
    if isinstance(own, str):
        return own
    cls: Any = type(generator)
    if not dataclasses.is_dataclass(cls):
        return f"{generator.card.id}({cls.__module__}.{cls.__qualname__})"
    settings = [f"{f.name}={getattr(generator, f.name)!r}" for f in dataclasses.fields(cls)]
    return f"{generator.card.id}({','.join(settings)})"
