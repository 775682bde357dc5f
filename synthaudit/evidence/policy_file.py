"""A policy as the TOML file it could have been read from, with every reason and source."""

from __future__ import annotations

import json
from collections.abc import Iterable

from synthaudit.report.grounds import PolicyUsed


def policy_toml(policy: PolicyUsed) -> str:
    """``Policy.parse(policy_toml(used(policy))) == policy``."""
    lines = [
        "schema = 1",
        f"name = {_quoted(policy.name)}",
        f"description = {_quoted(policy.description)}",
    ]
    for limit in policy.limits:
        lines += [
            "",
            f"[limits.{limit.name}]",
            f"quantity = {_quoted(limit.quantity)}",
            f"limit = {limit.value!r}",
            f"reason = {_quoted(limit.reason)}",
            f"source = {_quoted(limit.source)}",
        ]
    lines += [
        "",
        "[required]",
        f"components = {_listed(policy.required_components)}",
        f"tests = {_listed(policy.required_tests)}",
        f"reason = {_quoted(policy.required_reason)}",
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are TOML's, but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _listed(names: Iterable[str]) -> str:
    return "[" + ", ".join(_quoted(name) for name in names) + "]"
