"""Which generators exist: the modules of this package, and third parties' entry points.

A new built-in is one new file: a frozen dataclass with a ``card`` and ``synthesize`` is found here
without being registered. Modules of this package import nothing heavy, so looking is cheap.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from synthaudit.errors import GeneratorError
from synthaudit.types import Card, Generator

GROUP = "synthaudit.generators"
"""Entry-point group under which other packages offer generators."""


@cache
def built_ins() -> dict[str, type[Generator]]:
    """The classes of this package by the id on their card, in alphabetical order."""
    package = importlib.import_module("synthaudit.generators")
    found: dict[str, type[Generator]] = {}
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        for thing in vars(module).values():
            here = isinstance(thing, type) and thing.__module__ == module.__name__
            if here and isinstance(vars(thing).get("card"), Card):
                found[vars(thing)["card"].id] = thing
    return dict(sorted(found.items()))


def third_party() -> dict[str, EntryPoint]:
    """Entry points of other packages; a name that a built-in has is the built-in's."""
    offered = {point.name: point for point in entry_points(group=GROUP)}
    return {name: offered[name] for name in sorted(offered) if name not in built_ins()}


def load_third_party(point: EntryPoint) -> object:
    """Load (and so execute) what an entry point names.

    Raises
    ------
    GeneratorError
        When loading fails, whatever the reason.
    """
    try:
        return point.load()
    except Exception as error:
        raise GeneratorError(
            f"generator {point.name!r} of another package could not be loaded "
            f"({type(error).__name__}); repair or remove that package"
        ) from error


def catalog() -> tuple[Card, ...]:
    """The cards of all generators, built-ins first; loads the packages that offer others."""
    cards: list[Card] = [vars(cls)["card"] for cls in built_ins().values()]
    for name, point in third_party().items():
        try:
            card = getattr(load_third_party(point), "card", None)
        except GeneratorError as error:
            card = _without_words(name, str(error))
        cards.append(card if isinstance(card, Card) else _without_words(name, "It has no card."))
    return tuple(cards)


def _without_words(name: str, why: str) -> Card:
    return Card(id=name, title=name, question="A generator of another package.", how_to_read=why)
