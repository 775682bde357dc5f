"""Making a proper holdout before anything is generated: random, person-disjoint, recorded."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from synthaudit._version import __version__
from synthaudit.counted import are, plural
from synthaudit.data.cells import as_texts
from synthaudit.data.columns import RawColumn
from synthaudit.data.files import write_atomically
from synthaudit.data.records import Records, read_records
from synthaudit.errors import InputError, UsageError
from synthaudit.seeds import Streams
from synthaudit.types import Ints, Notice


@dataclass(frozen=True)
class Split:
    """What was written.

    Attributes
    ----------
    train, holdout, record : the two tables and ``split.json``
    n_train, n_holdout : rows
    n_groups : distinct persons, when a group key was given
    """

    train: Path
    holdout: Path
    record: Path
    n_train: int
    n_holdout: int
    n_groups: int | None = None
    notices: tuple[Notice, ...] = ()

    @property
    def written(self) -> tuple[Path, ...]:
        """Every file written."""
        return self.train, self.holdout, self.record


def split_table(
    real: str | Path,
    out_dir: str | Path,
    *,
    holdout_share: float = 0.5,
    group_key: str | None = None,
    seed: int = 0,
) -> Split:
    """Split a real table at random into a training table and a holdout the generator never sees.

    Parameters
    ----------
    real : path of a CSV, Parquet or Feather file
    out_dir : where ``train``, ``holdout`` (in the format of the input, cells verbatim) and
        ``split.json`` are written, each atomically
    holdout_share : share of rows held out, in (0, 1)
    group_key : column naming the person; all rows of one person land on one side. Rows without a
        key are persons of their own.
    seed : of the split

    Raises
    ------
    UsageError, InputError
        When the share is out of range, the column does not exist, or one side would be empty.
    """
    if not 0.0 < holdout_share < 1.0:
        msg = f"holdout_share must lie between 0 and 1, got {holdout_share}; 0.5 is a good choice."
        raise UsageError(msg)
    source, folder = Path(real), Path(out_dir)
    records = read_records(source)
    groups = _groups(records.n_rows, None if group_key is None else records.column(group_key))
    is_held = _draw(groups, holdout_share, Streams(seed))
    paths = {side: folder / f"{side}{records.suffix}" for side in ("train", "holdout")}
    if source.resolve() in [path.resolve() for path in paths.values()]:
        msg = f"The split would overwrite its own input {source.name!r}; choose another directory."
        raise UsageError(msg)
    rows = {"train": np.flatnonzero(~is_held), "holdout": np.flatnonzero(is_held)}
    mode = source.stat().st_mode & 0o666 if source.is_file() else 0o600
    about = {side: _write(records, rows[side], paths[side], mode) for side in ("train", "holdout")}
    n_groups = None if group_key is None else int(groups.max()) + 1
    record = {
        "synthaudit": __version__,
        "seed": seed,
        "holdout_share": holdout_share,
        "group_key": group_key,
        "n_groups": n_groups,
        "real": {
            "source": records.raw.input.source,
            "sha256": records.raw.input.sha256,
            "n_rows": records.n_rows,
        },
        **about,
    }
    path = folder / "split.json"
    write_atomically(path, (json.dumps(record, indent=2) + "\n").encode())
    sizes = (rows["train"].size, rows["holdout"].size)
    notices = () if group_key is not None else _repeated_rows(records, is_held)
    return Split(paths["train"], paths["holdout"], path, *sizes, n_groups, notices)


def side_of_rows(
    n_rows: int, persons: np.ndarray[Any, Any] | None, holdout_share: float, streams: Streams
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which rows are held out, ``(n_rows,)``; rows of one person stay together.

    Parameters
    ----------
    persons : (n_rows,) of anything comparable by equality, or None; missing ones are alone
    """
    groups = np.arange(n_rows, dtype=np.int64)
    if persons is not None:
        import pandas as pd

        groups = pd.factorize(persons)[0].astype(np.int64)
        alone = np.flatnonzero(groups < 0)
        groups[alone] = groups.max(initial=-1) + 1 + np.arange(alone.size)
    return _draw(groups, holdout_share, streams)


def _write(records: Records, rows: Ints, path: Path, mode: int) -> dict[str, Any]:
    content = records.content(rows)
    write_atomically(path, content, mode)
    digest = hashlib.sha256(content).hexdigest()
    return {"source": path.name, "sha256": digest, "n_rows": int(rows.size)}


def _groups(n_rows: int, key: RawColumn | None) -> Ints:
    """A group number for every row: 0.. in order of first appearance."""
    if key is None:
        return np.arange(n_rows, dtype=np.int64)
    import pandas as pd

    cells = as_texts(key)
    numbers = np.full(n_rows, -1, dtype=np.int64)
    numbers[~cells.missing] = pd.factorize(cells.present)[0]
    alone = np.flatnonzero(cells.missing)
    numbers[alone] = numbers.max(initial=-1) + 1 + np.arange(alone.size)
    return numbers


def _draw(groups: Ints, share: float, streams: Streams) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which rows are held out: whole groups in random order, up to the nearest to the share."""
    sizes = np.bincount(groups)
    if sizes.size < 2:
        what = "row" if groups.size == sizes.size else "person"
        msg = f"The real table has {sizes.size} {what}; a split needs at least two."
        raise InputError(msg)
    order = streams.rng("split").permutation(sizes.size)
    held = np.cumsum(sizes[order])[:-1]
    n_groups_held = int(np.argmin(np.abs(held - share * groups.size))) + 1
    is_held_group = np.zeros(sizes.size, dtype=bool)
    is_held_group[order[:n_groups_held]] = True
    answer: np.ndarray[Any, np.dtype[np.bool_]] = is_held_group[groups]
    return answer


def _repeated_rows(
    records: Records, is_held: np.ndarray[Any, np.dtype[np.bool_]]
) -> tuple[Notice, ...]:
    """Say so when identical rows ended up on both sides: perhaps they are one person."""
    import pandas as pd

    frame = pd.DataFrame(
        {i: as_texts(column).objects() for i, column in enumerate(records.raw.columns)}
    )
    keys = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    n_both = int(np.isin(keys[is_held], keys[~is_held]).sum())
    if not n_both:
        return ()
    message = (
        f"{plural(n_both, 'row')} of the holdout {are(n_both)} identical to a row of train; if the "
        "persons are the same, split again with a group key."
    )
    return (Notice("repeated-rows", message, "holdout", severity="warn"),)
