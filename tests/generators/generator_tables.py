"""Tables that hold every dtype a generator may meet, and the awkward shapes."""

from __future__ import annotations

import numpy as np
import pandas as pd


def every_dtype(n_rows: int = 240, seed: int = 5) -> pd.DataFrame:
    """Numbers, dates, categories and booleans in every common dtype, most with missing cells."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 3, n_rows)
    gone = rng.random(n_rows) < 0.1
    whole = rng.integers(18, 90, n_rows) + 3 * kind
    day = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n_rows), unit="D")
    moment = pd.Series(day + pd.to_timedelta(rng.integers(0, 86400, n_rows), unit="s"))
    job = pd.Series(np.array(["clerk", "driver", "nurse"])[kind], dtype=object)
    return pd.DataFrame(
        {
            "int64": whole,
            "int8": (kind * 20 - 15 + rng.integers(0, 5, n_rows)).astype("int8"),
            "uint8": rng.integers(0, 250, n_rows).astype("uint8"),
            "thousands": rng.integers(1, 90, n_rows) * 1000,
            "large": 2**60 + rng.integers(0, 10**6, n_rows),
            "Int64": pd.Series(whole).mask(gone).astype("Int64"),
            "float64": rng.normal(kind, 1.0),
            "float64-gaps": np.where(gone, np.nan, rng.normal(kind, 1.0)),
            "float64-whole": np.where(gone, np.nan, whole.astype(float)),
            "float32": rng.normal(0, 1, n_rows).astype("float32"),
            "Float64": pd.Series(rng.normal(0, 1, n_rows)).mask(gone).astype("Float64"),
            "cents": (np.exp(rng.normal(5, 1, n_rows))).round(2),
            "zeros": np.where(rng.random(n_rows) < 0.9, 0.0, rng.exponential(500, n_rows).round()),
            "infinite": np.where(rng.random(n_rows) < 0.05, np.inf, rng.normal(0, 1, n_rows)),
            "date": pd.Series(day).mask(gone),
            "date-s": pd.Series(day).astype("datetime64[s]"),
            "moment": moment.mask(gone),
            "zoned": pd.Series(day).dt.tz_localize("Europe/Berlin"),
            "span": pd.to_timedelta(rng.integers(1, 500, n_rows), unit="min"),
            "object": job.mask(gone, None),
            "string": job.mask(gone).astype("string"),
            "category": job.mask(gone).astype(
                pd.CategoricalDtype(["nurse", "driver", "clerk", "x"])
            ),
            "ordered": pd.Categorical.from_codes(kind, ["low", "mid", "high"], ordered=True),
            "category-int": pd.Series(kind + 7).astype("category"),
            "bool": rng.random(n_rows) < 0.3,
            "boolean": pd.Series(rng.random(n_rows) < 0.3).mask(gone).astype("boolean"),
            "object-bool": pd.Series(rng.random(n_rows) < 0.3, dtype=object).mask(gone, None),
            "binary": (rng.random(n_rows) < 0.4).astype("int64"),
            "rare": np.where(np.arange(n_rows) == 17, "once", "often"),
            "names": [f"person {i}" for i in range(n_rows)],
            "constant": 3,
            "empty": np.full(n_rows, np.nan),
            "nothing": pd.Series([None] * n_rows, dtype=object),
        }
    )


def people(n_rows: int, seed: int = 0) -> pd.DataFrame:
    """A small ordinary table with dependence, for the slower generators."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 3, n_rows)
    table = pd.DataFrame(
        {
            "age": rng.integers(18, 60, n_rows) + 10 * kind,
            "income": np.exp(rng.normal(7 + kind, 0.5)).round(2),
            "job": np.array(["clerk", "driver", "nurse"])[kind],
            "married": rng.random(n_rows) < 0.3 + 0.2 * kind,
            "joined": pd.Timestamp("2015-01-01")
            + pd.to_timedelta(rng.integers(0, 3000, n_rows), unit="D"),
        }
    )
    table.loc[rng.random(n_rows) < 0.1, "income"] = np.nan
    return table


AWKWARD = {
    "ten rows": every_dtype(10),
    "one row": every_dtype(1),
    "two rows": every_dtype(2),
    "one number": every_dtype()[["float64-gaps"]],
    "one category": every_dtype()[["object"]],
    "one constant": every_dtype()[["constant"]],
    "nothing but missing": every_dtype()[["empty", "nothing"]],
    "numbers only": every_dtype()[["int64", "cents", "float64-gaps"]],
    "categories only": every_dtype()[["object", "bool", "category"]],
    "odd index": every_dtype(30).set_index(pd.Index(range(100, 130))[::-1]),
    "names that are numbers": every_dtype(30)[["int64", "object"]].set_axis([3, 1], axis=1),
    "all rows alike": pd.concat([every_dtype(1)] * 20, ignore_index=True),
}
