"""``synthaudit list``: what there is, in one line each."""

from __future__ import annotations

from collections.abc import Iterable

from synthaudit.generators.registry import catalog
from synthaudit.registry import discover_attacks, discover_checks
from synthaudit.types import Card, Need

_NEEDS = {
    Need.GENERATOR: "a generator (named, or a stand-in chosen by measurement)",
    Need.SCORES: "the scores of other attacks",
    Need.OUTSIDER_ATTACKS: "the cheap outsider attacks",
}


def _line(card: Card) -> str:
    needs = [_NEEDS[need] for need in sorted(card.needs) if need is not Need.OUTSIDER_ATTACKS]
    suffix = f" Needs {' and '.join(needs)}." if needs else ""
    return f"  {card.id:<28} {card.question}{suffix}"


def _section(title: str, cards: Iterable[Card]) -> str:
    return "\n".join([title, *(_line(card) for card in cards)])


def catalogue_text() -> str:
    """Attacks by threat model, checks and generators."""
    attacks = [attack.card for attack in discover_attacks()]
    outsider = [card for card in attacks if Need.GENERATOR not in card.needs]
    shadow = [card for card in attacks if Need.GENERATOR in card.needs]
    generators = [
        *catalog(),
    ]
    return "\n\n".join(
        [
            _section("Attacks: outsider (the synthetic table and a pool of people)", outsider),
            _section("Attacks: stand-in and insider (+ a generator to train shadows with)", shadow),
            _section(
                "Checks (the auditor, who sees all labels)", (c.card for c in discover_checks())
            ),
            _section("Generators (for --generator)", generators),
        ]
    )
