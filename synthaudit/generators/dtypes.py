"""Giving foreign output the dtypes of the training table, wherever its values allow.

A vendor's CSV brings whole numbers back as floats, categories as numbers and dates as text. Values
are never dropped here: a column that cannot be read as the training column's kind is an error, and
a number that has grown fractions keeps them (that is how the generator is, and it is measured).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from synthaudit.errors import GeneratorError

if TYPE_CHECKING:
    import pandas as pd

TRUE_WORDS = {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False}


def like(frame: pd.DataFrame, train: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with the dtypes of ``train``, column by column (same columns, same order).

    Raises
    ------
    GeneratorError
        When a column holds values that are not of the training column's kind; says how many.
    """
    import pandas as pd

    parts = {j: like_column(frame.iloc[:, j], train.iloc[:, j]) for j in range(train.shape[1])}
    made = pd.DataFrame(parts)
    made.columns = train.columns
    return made


def like_column(made: pd.Series[Any], train: pd.Series[Any]) -> pd.Series[Any]:
    """One column with the dtype of the training column."""
    if made.dtype == train.dtype and train.dtype.kind != "O":
        return made
    kind = train.dtype.kind
    if kind in "iuf":
        return _numbers(made, train)
    if kind in "mM":
        return _moments(made, train)
    return _levels(made, train)


def _numbers(made: pd.Series[Any], train: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    plain = made.astype(object) if isinstance(made.dtype, pd.CategoricalDtype) else made
    numbers = pd.to_numeric(plain, errors="coerce")
    _refuse_lost(made, numbers, "numbers")
    if train.dtype.kind == "f":
        return numbers.astype(train.dtype)
    values = numbers.to_numpy(dtype=np.float64, na_value=np.nan)
    missing = np.isnan(values)
    if not np.array_equal(np.rint(values[~missing]), values[~missing]):
        return pd.Series(values, index=made.index)
    limits = np.iinfo(np.dtype(f"{train.dtype.kind}{getattr(train.dtype, 'itemsize', 8)}"))
    fits = (values[~missing] >= limits.min) & (values[~missing] <= limits.max)
    if not fits.all() or (missing.any() and isinstance(train.dtype, np.dtype)):
        return pd.Series(values, index=made.index)
    return (
        numbers.astype("Int64").astype(train.dtype)
        if missing.any()
        else numbers.astype(train.dtype)
    )


def _moments(made: pd.Series[Any], train: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    if made.dtype.kind in "iuf":
        # a bare number says nothing of its unit or origin: pandas would read nanoseconds
        raise GeneratorError(
            f"column {made.name!r} came back as numbers where the training table has dates or "
            "times; write them as ISO 8601 text"
        )
    if train.dtype.kind == "m":
        spans = pd.to_timedelta(made, errors="coerce")
        _refuse_lost(made, spans, "durations")
        return spans.astype(train.dtype)
    zone = getattr(train.dtype, "tz", None)
    moments = pd.to_datetime(made, errors="coerce", format="ISO8601", utc=zone is not None)
    _refuse_lost(made, moments, "dates or times")
    if zone is None and getattr(moments.dtype, "tz", None) is not None:
        moments = moments.dt.tz_localize(None)
    return moments.astype(train.dtype)


def _levels(made: pd.Series[Any], train: pd.Series[Any]) -> pd.Series[Any]:
    """Levels matched by their spelling, so that 1, 1.0 and "1" of a CSV find their level again."""
    import pandas as pd

    missing = made.isna()
    if isinstance(train.dtype, pd.CategoricalDtype):
        known = list(train.dtype.categories)
    elif train.dtype.kind == "b":
        known = [True, False]
    else:
        known = list(pd.unique(train.dropna()))
    by_spelling = {_spelling(level): level for level in known}
    if train.dtype.kind == "b":
        by_spelling |= TRUE_WORDS
    distinct = pd.unique(made[~missing].astype(object))
    level_of = {value: by_spelling.get(_spelling(value), value) for value in distinct}
    levels = made.astype(object).map(level_of, na_action="ignore").astype(object)
    if isinstance(train.dtype, pd.CategoricalDtype):
        fresh = [v for v in dict.fromkeys(level_of.values()) if v not in set(known)]
        if fresh:
            return pd.Series(
                pd.Categorical(levels, [*known, *fresh], ordered=train.dtype.ordered),
                index=made.index,
            )
        return levels.astype(train.dtype)
    if train.dtype.kind == "b":
        return _truths(made, levels, missing, train)
    if isinstance(train.dtype, np.dtype):
        return levels.where(~missing, train[train.isna()].iloc[0] if train.isna().any() else None)
    texts = levels.map(str, na_action="ignore")
    return texts.astype(train.dtype)


def _truths(
    made: pd.Series[Any], levels: pd.Series[Any], missing: pd.Series[bool], train: pd.Series[Any]
) -> pd.Series[Any]:
    odd = int((~levels[~missing].isin([True, False])).sum())
    if odd:
        raise GeneratorError(
            f"column {made.name!r} holds {odd} values that are not true or false, as the training "
            "table has them; make the generator write true and false"
        )
    if missing.any() and isinstance(train.dtype, np.dtype):
        return levels.astype("boolean")  # plain bool has no missing
    return levels.astype(train.dtype)


def _spelling(value: object) -> str:
    text = str(value)
    return text[:-2] if isinstance(value, float) and text.endswith(".0") else text


def _refuse_lost(made: pd.Series[Any], read: pd.Series[Any], wanted: str) -> None:
    n_lost = int((read.isna() & made.notna()).sum())
    if n_lost:
        raise GeneratorError(
            f"column {made.name!r} holds {n_lost} of {len(made)} values that are not {wanted}, as "
            f"the training table has them; make the generator write {wanted}"
        )
