"""The guard between a generator, which may be anybody's code, and an audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from synthaudit.errors import GeneratorError, SynthauditError
from synthaudit.types import Generator

if TYPE_CHECKING:
    import pandas as pd


def synthesize_checked(
    generator: Generator,
    train: pd.DataFrame,
    n_rows: int,
    seed: int,
    *,
    unlike: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Run a generator and make sure that what comes back is a table like the training table.

    Parameters
    ----------
    generator : Generator
    train : pandas.DataFrame
        Handed over as a copy: a generator that scribbles on it harms nobody.
    n_rows : int
        Rows wanted; what a generator makes beyond them is cut off.
    seed : int
    unlike : pandas.DataFrame, optional
        What the generator made with another seed; making the very same again is an error.

    Returns
    -------
    pandas.DataFrame
        ``n_rows`` rows, the columns of ``train`` in their order, dtypes as in ``train`` wherever
        the values allow, a plain index.

    Raises
    ------
    GeneratorError
        When the generator raises, or returns something else than such a table. The message names
        the kind of failure, columns and counts, never a value; the cause is chained.
    """
    name = generator.card.id
    try:
        made = generator.synthesize(train.copy(), n_rows, seed)
    except SynthauditError:
        raise
    except Exception as error:
        # the text of a foreign error may quote cells, so it stays in the chained cause only
        raise GeneratorError(
            f"generator {name} raised {type(error).__name__} on {train.shape[0]} rows x "
            f"{train.shape[1]} columns; run it on the same table by itself to see why"
        ) from error
    frame = _like(name, made, train, n_rows)
    if unlike is not None and frame.equals(unlike):
        raise GeneratorError(
            f"generator {name} made the same table for two seeds; make it use the seed it is given"
        )
    return frame


def _like(name: str, made: object, train: pd.DataFrame, n_rows: int) -> pd.DataFrame:
    import pandas as pd

    from synthaudit.generators.dtypes import like

    if not isinstance(made, pd.DataFrame):
        raise GeneratorError(
            f"generator {name} returned {type(made).__name__}; it must return a pandas DataFrame"
        )
    require_columns(f"generator {name}", made.columns, train)
    if len(made) < n_rows:
        raise GeneratorError(
            f"generator {name} returned {len(made)} of the {n_rows} rows asked for; "
            "it must be able to make that many"
        )
    ordered = made.iloc[:n_rows].reset_index(drop=True)
    if not ordered.columns.equals(train.columns):
        ordered = ordered[list(train.columns)]
    return like(ordered, train)


def require_columns(who: str, made: Iterable[object], train: pd.DataFrame) -> None:
    """Raise a GeneratorError unless the names are those of ``train``, in any order."""
    got, wanted = Counter(map(str, made)), Counter(map(str, train.columns))
    missing, extra = sorted((wanted - got).elements()), sorted((got - wanted).elements())
    if missing:
        raise GeneratorError(
            f"{who} left out columns {', '.join(missing)}; it must return those of the training "
            "table"
        )
    if extra:
        raise GeneratorError(
            f"{who} returned columns the training table lacks or has once only "
            f"({', '.join(extra)}); it must leave them out"
        )
