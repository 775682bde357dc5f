"""Any single-table synthesizer of the Synthetic Data Vault, seeded and hushed.

The only file that may import SDV and torch, and only inside functions: importing SDV takes longer
than most audits of small tables. SDV 1.38 and 2.x are supported; from 2.0 on single-table
synthesizers take and return ``{table: frame}``.

Three traps, each with a test that fails when SDV changes:

- Sampling starts from one fixed seed after every fit, whatever the global states say; only the
  private ``_set_random_state`` moves it. Unseeded shadows would share their noise.
- Which cells come back missing is drawn by the column transformers, from seeds fixed by column
  name, even then: they are seeded here too.
- Neural synthesizers fit by numpy's and torch's global states, which are set and restored.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from synthaudit.errors import GeneratorError, UsageError
from synthaudit.generators.spec import split_settings, unknown
from synthaudit.seeds import Streams
from synthaudit.types import Card

if TYPE_CHECKING:
    import pandas as pd

SYNTHESIZERS = (
    "GaussianCopulaSynthesizer",
    "CTGANSynthesizer",
    "TVAESynthesizer",
    "CopulaGANSynthesizer",
)
TABLE = "table"


@dataclass(frozen=True)
class SdvGenerator:
    """An SDV single-table synthesizer with its parameters.

    Parameters
    ----------
    synthesizer : str
        One of ``SYNTHESIZERS``.
    parameters : tuple of (name, value)
        Passed to its constructor.
    metadata : str, optional
        A metadata file that SDV saved as JSON. Without one, SDV detects it in the training table,
        except that numbers, dates and short lists of levels are never taken for keys or personal
        data (SDV would make such columns up instead of modelling them).

    References
    ----------
    Patki, Wedge & Veeramachaneni (2016), doi:10.1109/DSAA.2016.49; Xu et al. (2019), CTGAN and
    TVAE, arXiv:1907.00503.
    """

    synthesizer: str
    parameters: tuple[tuple[str, Any], ...] = ()
    metadata: str | None = None

    card: ClassVar[Card] = Card(
        id="sdv",
        title="Synthetic Data Vault",
        question="What would this SDV synthesizer make of the table?",
        how_to_read=(
            "sdv:NAME[:param=value...] with NAME one of " + ", ".join(SYNTHESIZERS) + "; "
            "metadata=FILE names metadata saved by SDV. Needs the sdv extra."
        ),
        references=(
            "Patki, Wedge & Veeramachaneni 2016, doi:10.1109/DSAA.2016.49",
            "Xu et al. 2019, arXiv:1907.00503",
        ),
    )

    def __post_init__(self) -> None:
        if self.synthesizer not in SYNTHESIZERS:
            raise UsageError(unknown("SDV synthesizer", self.synthesizer, SYNTHESIZERS))

    @classmethod
    def from_spec(cls, text: str) -> SdvGenerator:
        """``NAME[:param=value...]``; values are Python literals, anything else is text.

        Raises
        ------
        UsageError
            When SDV has no such synthesizer, or is not installed.
        """
        from importlib.util import find_spec

        name, _, rest = text.partition(":")
        settings = split_settings(f"sdv:{name}", rest)
        metadata = settings.pop("metadata", None)
        made = cls(name.strip(), tuple((k, _literal(v)) for k, v in settings.items()), metadata)
        if find_spec("sdv") is None:
            raise UsageError(
                "sdv: generators need the package sdv, which is not installed; install "
                "'synthaudit-privacy[sdv]'"
            )
        return made

    @property
    def fingerprint(self) -> str:
        """Name, parameters, SDV's version and the digest of the metadata file."""
        from importlib.metadata import version

        from synthaudit.generators.command import digest_of

        shown = [f"{name}={value!r}" for name, value in sorted(self.parameters)]
        if self.metadata is not None:
            shown.append(f"metadata={digest_of(self.metadata)}")
        return f"sdv {version('sdv')}: {self.synthesizer}({','.join(shown)})"

    def synthesize(self, train: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
        """Fit a new synthesizer on ``train`` and sample ``n_rows`` rows.

        Raises
        ------
        UsageError
            When the synthesizer has no such parameter.
        GeneratorError
            When SDV cannot be seeded any more or returns too few rows.
        """
        from synthaudit.generators.dtypes import like
        from synthaudit.generators.plain import plain_frame

        plain = plain_frame(train)
        # a column without two values has nothing to learn from, and some synthesizers choke on it
        told = [name for name in plain if plain[name].nunique(dropna=False) > 1]
        if n_rows == 0 or not told:
            return train.iloc[np.zeros(n_rows, dtype=np.int64)].reset_index(drop=True)
        streams = Streams(seed, ("generator", "sdv"))
        with hushed(), seeded(streams.integer("fit")):
            sampled = self._sample(plain[told], n_rows, streams)
        if len(sampled) < n_rows:
            raise GeneratorError(
                f"sdv:{self.synthesizer} returned {len(sampled)} of the {n_rows} rows asked for; "
                "ask for fewer rows or loosen its constraints"
            )
        for name in plain.columns.difference(told):
            sampled[name] = plain[name].iloc[0]
        return like(sampled[list(plain.columns)].reset_index(drop=True), train)

    def _sample(self, plain: pd.DataFrame, n_rows: int, streams: Streams) -> pd.DataFrame:
        import sdv.single_table

        maker = getattr(sdv.single_table, self.synthesizer)
        synthesizer = maker(_metadata(plain, self.metadata), **self._checked(maker))
        fit(synthesizer, plain, TABLE)
        seed_sampling(synthesizer, streams)
        return sample(synthesizer, n_rows)

    def _checked(self, maker: Any) -> dict[str, Any]:
        """The parameters, each known to the synthesizer."""
        import inspect

        known = [p for p in inspect.signature(maker).parameters if p not in ("self", "metadata")]
        for name, _ in self.parameters:
            if name not in known:
                raise UsageError(unknown(f"sdv:{self.synthesizer} parameter", name, known))
        return dict(self.parameters)


def fit(synthesizer: Any, frame: pd.DataFrame, table: str) -> None:
    """Fit, whichever way this version of SDV takes its table."""
    synthesizer.fit({table: frame} if _takes_tables() else frame)


def sample(synthesizer: Any, n_rows: int) -> pd.DataFrame:
    """Sample, whichever way this version of SDV gives its table."""
    sampled = synthesizer.sample(num_rows=n_rows)
    frame: pd.DataFrame = next(iter(sampled.values())) if _takes_tables() else sampled
    return frame


def _takes_tables() -> bool:
    from importlib.metadata import version

    return int(version("sdv").split(".")[0]) >= 2


def _literal(text: str) -> Any:
    import ast

    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        # spec files are typed by hand: true is what most people write
        return {"true": True, "false": False, "none": None}.get(text.lower(), text)


def _metadata(plain: pd.DataFrame, path: str | None) -> Any:
    from sdv.metadata import Metadata

    if path is not None:
        given = Metadata.load_from_json(path).to_dict()
        return Metadata.load_from_dict(about_columns(given, [str(name) for name in plain]))
    metadata = Metadata.detect_from_dataframes({TABLE: plain}, infer_keys=None)
    described = metadata.to_dict()["tables"][TABLE]["columns"]
    for name in plain:
        column = plain[name]
        wanted = {"i": "numerical", "u": "numerical", "f": "numerical", "M": "datetime"}.get(
            column.dtype.kind, "categorical"
        )
        modelled = described[name]["sdtype"] in ("numerical", "datetime", "categorical", "boolean")
        # names and free text, different in most rows, may well be made up
        few_levels = column.nunique() <= len(column) // 2
        if not modelled and (wanted != "categorical" or few_levels):
            metadata.update_column(name, sdtype=wanted, table_name=TABLE)
    return metadata


def about_columns(metadata: dict[str, Any], columns: list[str]) -> dict[str, Any]:
    """One table's metadata, cut to some of its columns, the table named as here.

    The audit lends no identifiers, so keys may be gone. Ranges and levels that SDV 2 notes from the
    real table are left out: the candidates reach beyond the rows they were noted from.

    Raises
    ------
    UsageError
        When the metadata describe several tables, or lack one of the columns.
    """
    if len(metadata["tables"]) != 1:
        raise UsageError(
            f"The SDV metadata describe {len(metadata['tables'])} tables; give those of one."
        )
    (table,) = metadata["tables"].values()
    lacking = [name for name in columns if name not in table["columns"]]
    if lacking:
        raise UsageError(
            f"The SDV metadata lack {len(lacking)} of the columns (the first is {lacking[0]!r}); "
            "describe every column."
        )
    kept = {
        name: {
            key: value
            for key, value in table["columns"][name].items()
            if not key.startswith("range_") and key != "high_cardinality"
        }
        for name in columns
    }
    described: dict[str, Any] = {"columns": kept}
    if table.get("primary_key") in kept:
        described["primary_key"] = table["primary_key"]
    return {**metadata, "tables": {TABLE: described}, "relationships": []}


def seed_sampling(synthesizer: Any, streams: Streams) -> None:
    """Move the sampling away from SDV's fixed seeds: the model's and the transformers'."""
    try:
        synthesizer._set_random_state(streams.integer("sample"))
        transformers = synthesizer._data_processor._hyper_transformer.field_transformers
        for name, transformer in transformers.items():
            if transformer is None:  # the model itself takes the column as it is
                continue
            state = np.random.RandomState(streams.integer("transformer", str(name)))
            transformer.set_random_state(state, "reverse_transform")
    except AttributeError as error:
        raise GeneratorError(
            "this version of SDV can no longer be seeded, so that shadows would share their "
            "noise; use sdv 1.38 or 2.0"
        ) from error


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed the global states that SDV follows, one thread each, and put everything back."""
    import torch
    from threadpoolctl import threadpool_limits

    # the global state is what SDV follows, hence the legacy calls
    before = random.getstate(), np.random.get_state(), torch.get_rng_state()  # noqa: NPY002
    n_threads = torch.get_num_threads()
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    try:
        with threadpool_limits(limits=1):
            yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])  # noqa: NPY002
        torch.set_rng_state(before[2])
        torch.set_num_threads(n_threads)


@contextmanager
def hushed() -> Iterator[None]:
    """No warnings, log lines or progress bars of SDV (they may name cells)."""
    import logging
    import warnings
    from contextlib import redirect_stderr, redirect_stdout
    from io import StringIO

    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
