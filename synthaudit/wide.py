"""Very wide tables: what an audit bounds so that it ends, said in one sentence of the report.

Most of the work grows with the number of columns. What would grow with its square or its third
power is bounded by the constants gathered here, each documented where it is used. Tables of up to
100 columns are bounded by none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from synthaudit.attacks.repeated_offset import MOST_LEFT_OUT, RepeatedOffset
from synthaudit.attacks.rotation_aligned import MOST_AXES, RotationAligned
from synthaudit.generators.bayes_net import MOST_TOGETHER
from synthaudit.generators.cart import MOST_PREDICTORS
from synthaudit.types import Attack, ColumnKind, Need, Notice, Schema


def width_notices(schema: Schema, attacks: Sequence[Attack], n_shadows: int) -> tuple[Notice, ...]:
    """What is bounded because of the number of columns; nothing where nothing is.

    Parameters
    ----------
    schema : Schema
    attacks : those that will run
    n_shadows : shadows asked for; without any the placebo tables come from a Bayesian network
    """
    bounded = list(_bounded(schema, attacks, n_shadows))
    if not bounded:
        return ()
    n_columns = len(schema.numbers) + len(schema.categories)
    return (
        Notice(
            "wide-tables",
            f"The tables have {n_columns:,} columns to compare, so some of the work is bounded: "
            f"{'; '.join(bounded)}. Every column still takes part in every attack and check that "
            "looks at columns one by one or at whole rows.",
        ),
    )


def _bounded(schema: Schema, attacks: Sequence[Attack], n_shadows: int) -> Iterator[str]:
    n_numbers = len(schema.numbers)
    n_columns = n_numbers + len(schema.categories)
    if n_numbers and n_columns > MOST_LEFT_OUT and _among(attacks, RepeatedOffset):
        yield (
            "repeated offsets are looked for in every number column, between records that are "
            "near in all columns and not in all others"
        )
    if n_numbers > MOST_AXES and _among(attacks, RotationAligned):
        yield f"rotations are looked for among the {MOST_AXES} longest axes of the number columns"
    shadows = n_shadows and any(Need.GENERATOR in attack.card.needs for attack in attacks)
    # generators make columns of one value too, but neither keys nor free text
    n_made = len(schema.columns) - len(schema.of_kind(ColumnKind.IDENTIFIER, ColumnKind.TEXT))
    if n_made > min(MOST_TOGETHER, MOST_PREDICTORS):
        made = "shadows and stand-ins made by trees (cart) or a network (bayes-net)"
        yield (
            f"{made if shadows else 'the placebo tables'} relate a column to no more than "
            f"{max(MOST_TOGETHER, MOST_PREDICTORS)} others"
        )


def _among(attacks: Sequence[Attack], kind: type) -> bool:
    return any(isinstance(attack, kind) for attack in attacks)
