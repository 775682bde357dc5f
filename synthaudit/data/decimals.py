"""Numbers with a decimal comma or with thousands separators, told apart by what is unambiguous.

``12,5`` can only be a decimal comma and ``1,234,567`` only thousands; ``1,234`` can be either.
One table is taken to keep one convention: an ambiguous column follows its table's clear ones.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Any

from synthaudit.data.columns import Form, RawColumn, text_column
from synthaudit.data.numerals import matches, missing_words
from synthaudit.data.readers import RawTable
from synthaudit.types import Notice

_COMMA = r"^[+-]?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+)(,[0-9]+)?$"
_COMMA_CLEAR = r"(^[+-]?0,)|(^[+-]?[0-9]{4,},)|(,[0-9]{1,2}$)|(,[0-9]{4,}$)|(\.[0-9]{3},)"
_GROUPS = r"^[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?$"
_GROUPS_CLEAR = r"(,[0-9]{3},[0-9]{3})|(,[0-9]{3}\.[0-9])"


class Convention(StrEnum):
    """How a column writes its numbers."""

    PLAIN = "plain"
    COMMA = "decimal-comma"
    GROUPS = "thousands-separators"
    UNCLEAR = "unclear"


def convention_of(column: RawColumn) -> Convention:
    """The convention of one column; PLAIN for everything that is not numbers with commas."""
    if column.form is not Form.TEXT:
        return Convention.PLAIN
    import pyarrow as pa

    if not bool(matches(column.levels, ",").any()):
        return Convention.PLAIN
    levels = column.levels.filter(pa.array(~missing_words(column.levels)))
    can_comma = bool(matches(levels, _COMMA).all())
    can_groups = bool(matches(levels, _GROUPS).all())
    if can_comma and (bool(matches(levels, _COMMA_CLEAR).any()) or not can_groups):
        return Convention.COMMA
    if can_groups and (bool(matches(levels, _GROUPS_CLEAR).any()) or not can_comma):
        return Convention.GROUPS
    return Convention.UNCLEAR if can_comma else Convention.PLAIN


def plain_numbers(table: RawTable) -> tuple[RawTable, list[Notice]]:
    """The same table with every number written the plain way, and what was changed."""
    found = [convention_of(column) for column in table.columns]
    clear = {c for c in found if c in (Convention.COMMA, Convention.GROUPS)}
    fallback = clear.pop() if len(clear) == 1 else Convention.UNCLEAR
    columns, notices = [], []
    for name, column, own in zip(table.names, table.columns, found, strict=True):
        convention = fallback if own is Convention.UNCLEAR else own
        if convention is not Convention.PLAIN:
            notices.append(_notice(table.input.name, name, convention))
        columns.append(_rewritten(column, convention))
    return replace(table, columns=tuple(columns)), notices


def _rewritten(column: RawColumn, convention: Convention) -> RawColumn:
    import pyarrow as pa
    import pyarrow.compute as pc

    if convention is Convention.COMMA:
        without = pc.replace_substring(column.levels, ".", "")
        levels = pc.replace_substring(without, ",", ".")
    elif convention is Convention.GROUPS:
        levels = pc.replace_substring(column.levels, ",", "")
    else:
        return column
    again: Any = text_column(levels)
    # two spellings of one number can have become one level
    codes = again.values[column.values]
    return replace(column, values=codes, levels=pa.array(again.levels))


def _notice(table: str, name: str, convention: Convention) -> Notice:
    where = f"{table}.{name}"
    if convention is Convention.UNCLEAR:
        message = (
            f"{where}: its commas can be decimal commas or thousands separators; the column was "
            "read as text: write its numbers without commas."
        )
        return Notice("unclear-numbers", message, table, name, "warn")
    how = "a decimal comma" if convention is Convention.COMMA else "thousands separators"
    return Notice(convention.value, f"{where} has numbers with {how}.", table, name)
