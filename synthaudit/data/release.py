"""A synthetic table larger than memory: encoded once, part by part, and searched from disk."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np

from synthaudit.data.encode import Encoder
from synthaudit.data.readers import RawTable
from synthaudit.data.streams import parts
from synthaudit.data.tables import align_part
from synthaudit.errors import InputError
from synthaudit.parallel import Progress, no_progress
from synthaudit.types import EncodedTable, Schema


@dataclass(frozen=True, eq=False)
class WholeRelease:
    """Every row of the synthetic table, in encoded parts that are mapped from a scratch folder.

    Attributes
    ----------
    folder : Path
        Removed together with this object; holds nothing but the synthetic table.
    sizes : (n_parts,) rows of each part
    """

    folder: Path
    sizes: list[int] = field(default_factory=list)

    @property
    def n_rows(self) -> int:
        """Rows of the whole table."""
        return sum(self.sizes)

    def parts(self) -> Iterator[EncodedTable]:
        """The parts in the order of the file; arrays are read from disk as they are used."""
        for i in range(len(self.sizes)):
            yield EncodedTable(
                *(
                    np.load(self._file(i, each.name), mmap_mode="r", allow_pickle=False)
                    for each in fields(EncodedTable)
                )
            )

    def append(self, table: EncodedTable) -> None:
        """Add a part."""
        for each in fields(EncodedTable):
            np.save(self._file(len(self.sizes), each.name), getattr(table, each.name))
        self.sizes.append(table.n_rows)

    def _file(self, part: int, name: str) -> Path:
        return self.folder / f"{part}-{name}.npy"


def encode_whole(
    path: Path,
    real: dict[str, RawTable],
    schema: Schema,
    encoder: Encoder,
    n_rows: int,
    progress: Progress = no_progress,
) -> WholeRelease:
    """Align and encode every row of a synthetic table, a part at a time.

    Parameters
    ----------
    path : Path
        A Parquet file, a directory of Parquet parts, or UTF-8 text.
    real : the raw real tables the schema was inferred from
    encoder : fitted on them
    n_rows : int
        About how many rows there are.

    Raises
    ------
    InputError
        When the scratch disk is too small, or a part lacks an audited column.
    """
    n_bytes = n_rows * (16 * len(encoder.numbers) + 4 * len(encoder.categories))
    free = shutil.disk_usage(tempfile.gettempdir()).free
    if n_bytes > free:
        raise InputError(
            f"The synthetic table needs about {n_bytes / 1e9:.0f} GB of scratch disk and "
            f"{free / 1e9:.0f} GB are free; set TMPDIR to a larger disk."
        )
    folder = Path(tempfile.mkdtemp(prefix="synthaudit-"))
    release = WholeRelease(folder)
    weakref.finalize(release, shutil.rmtree, folder, ignore_errors=True)
    for part in parts(path, "synthetic"):
        release.append(encoder.transform(align_part(real, part, schema)))
        progress("whole synthetic table", min(release.n_rows, n_rows - 1), n_rows)
    progress("whole synthetic table", release.n_rows, release.n_rows)
    return release
