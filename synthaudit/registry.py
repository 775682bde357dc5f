"""Finding plug-ins: a new attack or check is one new file, seen here without being named anywhere.

A plug-in module ends with ``PLUGINS = (SomeAttack(), ...)``. Modules whose name starts with an
underscore are private. Third parties use the entry-point groups ``synthaudit.attacks`` and
``synthaudit.checks``; an entry point names one plug-in or a tuple of them. Nothing is imported
until asked for.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Any, cast

from synthaudit.errors import SynthauditError, UsageError
from synthaudit.types import Attack, Check, Need, ThreatModel

THREAT_MODELS = (ThreatModel.OUTSIDER, ThreatModel.STAND_IN, ThreatModel.INSIDER)


def _built_in(room: str) -> Iterator[Any]:
    package = importlib.import_module(f"synthaudit.{room}")
    names = sorted(info.name for info in pkgutil.iter_modules(package.__path__))
    for name in names:
        if not name.startswith("_"):
            module = importlib.import_module(f"synthaudit.{room}.{name}")
            yield from getattr(module, "PLUGINS", ())


def _third_party(room: str) -> Iterator[Any]:
    for entry in sorted(entry_points(group=f"synthaudit.{room}"), key=lambda entry: entry.name):
        found = entry.load()
        yield from found if isinstance(found, tuple) else (found,)


def _discover(room: str) -> tuple[Any, ...]:
    plugins: dict[str, Any] = {}
    for plugin in (*_built_in(room), *_third_party(room)):
        if plugin.card.id in plugins:
            raise SynthauditError(
                f"Two plug-ins of {room} call themselves {plugin.card.id!r}: rename one of them."
            )
        plugins[plugin.card.id] = plugin
    return tuple(plugins.values())


def discover_attacks() -> tuple[Attack, ...]:
    """Every attack, ordered so that one that combines the others' scores comes last."""
    attacks = cast("tuple[Attack, ...]", _discover("attacks"))
    return tuple(sorted(attacks, key=lambda attack: Need.SCORES in attack.card.needs))


def discover_checks() -> tuple[Check, ...]:
    """Every check, by file name."""
    return cast("tuple[Check, ...]", _discover("checks"))


def select_attacks(wanted: tuple[str, ...]) -> tuple[Attack, ...]:
    """The attacks named by ids, by threat model or by ``all``.

    Raises
    ------
    UsageError
        When a name is neither an attack id nor a threat model.
    """
    attacks = discover_attacks()
    known = {attack.card.id for attack in attacks}
    groups = {str(model) for model in THREAT_MODELS}
    unknown = [name for name in wanted if name not in known | groups | {"all"}]
    if unknown:
        raise UsageError(
            f"There is no attack or threat model {unknown[0]!r}: use 'all', one of "
            f"{', '.join(sorted(groups))}, or ids from 'synthaudit list'."
        )
    return tuple(
        attack
        for attack in attacks
        if "all" in wanted or attack.card.id in wanted or _threat_models(attack) & set(wanted)
    )


def _threat_models(attack: Attack) -> set[str]:
    """Threat models an attack can run under: one that is lent a generator serves two."""
    if Need.GENERATOR in attack.card.needs:
        return {str(ThreatModel.STAND_IN), str(ThreatModel.INSIDER)}
    return {str(attack.card.threat_model)}
