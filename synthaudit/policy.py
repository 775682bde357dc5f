"""The limits a synthetic table is held to, each with its type, its reason and its source.

Limits are *typed*: a re-identification probability (0.09 in clinical-trial guidance) is not a
membership advantage and not an AUC, so a policy file names the quantity of every number and a
number of another quantity is refused instead of being compared with the wrong thing.
"""

from __future__ import annotations

import re
import textwrap
import tomllib
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from synthaudit.errors import InputError

PRESETS = ("default", "strict", "lenient")
COMPONENTS = ("advantage", "tail", "identified", "copies")
"""Components of the score, in the order in which they are reported."""
SCHEMA = 1

QUANTITIES = {
    "advantage": "membership-advantage",
    "excess_tpr": "excess-true-positive-rate",
    "identified": "share-of-members",
    "excess_copies": "share-of-synthetic-rows",
    "detectable_advantage": "membership-advantage",
    "epsilon": "epsilon",
}
"""The quantity each limit is a number of."""
_OTHER = {
    "auc": "an AUC runs from 0.5 (chance) to 1, an advantage from 0 to 1",
    "re-identification-probability": "the probability of re-identifying a person in a released "
    "record is not what a membership attack measures",
    "share-of-records": "say whether members or synthetic rows are counted",
}
_REQUIRED = ("advantage", "excess_tpr", "identified", "excess_copies", "detectable_advantage")


@dataclass(frozen=True)
class Limit:
    """One number with what it is a number of, and why it is that number."""

    name: str
    quantity: str
    value: float
    reason: str
    source: str


@dataclass(frozen=True)
class Policy:
    """What is accepted, and what must have been measured before anything is accepted.

    Attributes
    ----------
    advantage : Limit
        Largest membership advantage (TPR - FPR) of the strongest attack.
    excess_tpr : Limit
        Largest TPR - FPR at the smallest supported FPR <= 1 %.
    identified : Limit
        Largest share of members that can be singled out at 5 % false identifications.
    excess_copies : Limit
        Largest share of synthetic rows that copy a training row beyond the holdout's rate.
    detectable_advantage : Limit
        An audit whose smallest detectable advantage is larger than this cannot PASS.
    epsilon : Limit or None
        A claimed epsilon: a measured lower bound above it contradicts the claim.
    required_components : tuple of str
        Components that must have been measured for a PASS.
    required_tests : tuple of str
        Ids of attacks and checks that must have been MEASURED for a PASS.
    """

    name: str
    description: str
    advantage: Limit
    excess_tpr: Limit
    identified: Limit
    excess_copies: Limit
    detectable_advantage: Limit
    epsilon: Limit | None = None
    required_components: tuple[str, ...] = COMPONENTS
    required_tests: tuple[str, ...] = ()
    required_reason: str = ""
    limits: tuple[Limit, ...] = field(init=False, repr=False)
    """All limits, in order."""

    def __post_init__(self) -> None:
        found = [getattr(self, name) for name in QUANTITIES]
        object.__setattr__(self, "limits", tuple(limit for limit in found if limit is not None))

    def to_text(self) -> str:
        """For a terminal: every limit, what it is a number of, why it is that number."""
        lines = [f"Policy {self.name}: {self.description}".rstrip(": "), ""]
        for limit in self.limits:
            lines.append(f"{limit.name} = {limit.value:g}  ({limit.quantity})")
            for title, words in (("reason", limit.reason), ("source", limit.source)):
                lines += _wrapped(title, words)
        if self.epsilon is None:
            lines.append("epsilon: no claim to test (add [limits.epsilon] to a copy)")
        lines += ["", f"required components: {', '.join(self.required_components) or 'none'}"]
        lines.append(f"required tests: {', '.join(self.required_tests) or 'none'}")
        if self.required_reason:
            lines += _wrapped("reason", self.required_reason)
        lines += ["", "An audit that could not have seen detectable_advantage cannot PASS."]
        return "\n".join(lines)

    @classmethod
    def load(cls, name_or_path: str | Path) -> Policy:
        """A preset by name (``default``, ``strict``, ``lenient``) or a TOML file by path.

        Raises
        ------
        InputError
            No such preset or file; not TOML; unknown keys; a number of the wrong quantity or
            outside its range. One sentence each.
        """
        if isinstance(name_or_path, str) and name_or_path in PRESETS:
            folder = resources.files("synthaudit") / "policies"
            return cls.parse((folder / f"{name_or_path}.toml").read_text("utf-8"), name_or_path)
        path = Path(name_or_path)
        if not path.is_file():
            raise InputError(
                f"There is no policy '{name_or_path}': give one of {', '.join(PRESETS)} or the "
                "path of a TOML file."
            )
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            raise InputError(
                f"The policy file {path.name} is not UTF-8 text; save it as UTF-8."
            ) from None
        return cls.parse(text, path.name)

    @classmethod
    def parse(cls, text: str, origin: str = "policy") -> Policy:
        """A policy from TOML text; ``origin`` names it in error messages."""
        try:
            content = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"The policy {origin} is not valid TOML: {error}.") from None
        return _Reader(origin).policy(content)


def _wrapped(title: str, words: str) -> list[str]:
    return textwrap.wrap(f"{title}: {words}", 88, initial_indent="    ", subsequent_indent="    ")


@dataclass(frozen=True)
class _Reader:
    """Turns parsed TOML into a Policy and refuses what it does not know."""

    origin: str

    def refuse(self, sentence: str) -> InputError:
        return InputError(f"Policy {self.origin}: {sentence}")

    def known(self, content: dict[str, Any], where: str, keys: tuple[str, ...]) -> None:
        unknown = sorted(set(content) - set(keys))
        if unknown:
            raise self.refuse(
                f"unknown key '{unknown[0]}' {where}; the keys are {', '.join(keys)}."
            )

    def text(
        self, content: dict[str, Any], key: str, where: str, default: str | None = None
    ) -> str:
        value = content.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.refuse(f"'{key}' {where} must be text that is not empty; write it.")
        return value

    def table(self, content: dict[str, Any], key: str) -> dict[str, Any]:
        value = content.get(key, {})
        if not isinstance(value, dict):
            raise self.refuse(f"'{key}' must be a table; write [{key}].")
        return value

    def policy(self, content: dict[str, Any]) -> Policy:
        keys = ("schema", "name", "description", "limits", "required")
        self.known(content, "at the top", keys)
        if content.get("schema") != SCHEMA or isinstance(content.get("schema"), bool):
            found = content.get("schema", "nothing")
            raise self.refuse(f"'schema' must be {SCHEMA}, but is {found!r}; see the presets.")
        limits = self.table(content, "limits")
        self.known(limits, "in [limits]", tuple(QUANTITIES))
        missing = [name for name in _REQUIRED if name not in limits]
        if missing:
            raise self.refuse(f"[limits.{missing[0]}] is missing; copy it from a preset.")
        read = {name: self.limit(name, self.table(limits, name)) for name in limits}
        required = self.table(content, "required")
        self.known(required, "in [required]", ("components", "tests", "reason"))
        components = self.names(required, "components", COMPONENTS)
        strangers = [c for c in components if c not in COMPONENTS]
        if strangers:
            raise self.refuse(
                f"unknown component '{strangers[0]}' in [required]; the components are "
                f"{', '.join(COMPONENTS)}."
            )
        return Policy(
            name=self.text(content, "name", "at the top"),
            description=self.text(content, "description", "at the top", ""),
            advantage=read["advantage"],
            excess_tpr=read["excess_tpr"],
            identified=read["identified"],
            excess_copies=read["excess_copies"],
            detectable_advantage=read["detectable_advantage"],
            epsilon=read.get("epsilon"),
            required_components=components,
            required_tests=self.names(required, "tests", ()),
            required_reason=self.text(required, "reason", "in [required]", ""),
        )

    def names(self, content: dict[str, Any], key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        value = content.get(key, list(default))
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.refuse(f"'{key}' in [required] must be a list of names.")
        return tuple(dict.fromkeys(value))

    def limit(self, name: str, content: dict[str, Any]) -> Limit:
        where = f"in [limits.{name}]"
        self.known(content, where, ("quantity", "limit", "reason", "source"))
        quantity = self.text(content, "quantity", where)
        wanted = QUANTITIES[name]
        if quantity != wanted:
            why = _OTHER.get(re.sub(r"[\s_]+", "-", quantity.lower()), "they cannot be compared")
            raise self.refuse(
                f"limits.{name} is a {wanted}, but the file gives a {quantity}: {why}; "
                f"give a {wanted}."
            )
        value = content.get("limit")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(f"'limit' {where} must be a number; write limit = 0.05, say.")
        top = 50.0 if name == "epsilon" else 1.0
        if not 0.0 < value < top:
            raise self.refuse(
                f"'limit' {where} must lie between 0 and {top:g} (both excluded), but is {value:g}"
                + ("; percent must be written as a rate." if value >= top else ".")
            )
        return Limit(
            name,
            quantity,
            float(value),
            self.text(content, "reason", where),
            self.text(content, "source", where),
        )
