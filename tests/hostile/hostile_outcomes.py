"""What the data room makes of three sources, and whether two containers come to the same."""

from __future__ import annotations

from typing import Any

import numpy as np
from hostile_tables import TABLES, Sources

from synthaudit.data import Challenge, Tables, draw_challenge, load_tables
from synthaudit.errors import InputError
from synthaudit.seeds import Streams

BLOCKS = ("ranks", "scaled", "values", "codes")


def sentence(error: InputError) -> str:
    """The message, held to what every refusal must be: one sentence that names a table."""
    text = str(error)
    assert "\n" not in text and text.endswith("."), text
    assert len(text) < 500, text[:500]
    assert any(table in text for table in (*TABLES, "tables", "common column")), text
    return text


def attempt(sources: Sources) -> tuple[Tables, Challenge] | str:
    """What the data room makes of three sources."""
    try:
        tables = load_tables(*(sources[name] for name in TABLES))
        challenge = draw_challenge(tables, Streams(0), jobs=1)
    except InputError as error:
        return sentence(error)
    return tables, challenge


def assert_same(one: Any, other: Any) -> None:
    """The same refusal, or the same schema and the same numbers bit for bit."""
    if isinstance(one, str) or isinstance(other, str):
        assert one == other
        return
    (tables, challenge), (tables_, challenge_) = one, other
    assert tables.schema == tables_.schema
    np.testing.assert_array_equal(challenge.is_member, challenge_.is_member)
    for block in BLOCKS:
        for name in TABLES:
            np.testing.assert_array_equal(
                getattr(challenge.auditor.table(name), block),
                getattr(challenge_.auditor.table(name), block),
            )
