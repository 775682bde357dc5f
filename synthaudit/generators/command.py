"""Any external program as a generator: a table file in, a table file out.

The program gets a directory of its own, a scrubbed environment and a time limit, and no shell. It
is still the user's program with the user's rights: naming it executes it.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from synthaudit.errors import GeneratorError, InputError, UsageError
from synthaudit.types import Card

if TYPE_CHECKING:
    import pandas as pd

PLACES = ("train", "train_parquet", "out", "out_parquet", "dir", "rows", "seed")
_PLACE = re.compile(r"\{([a-z_]+)\}")
_OPTION = re.compile(r"(timeout|size|env)=([^:\s]*):")


@dataclass(frozen=True)
class CommandGenerator:
    """A program that reads a training table and writes a synthetic one.

    Parameters
    ----------
    template : str
        Split into arguments as a shell would, but run without one. ``{train}`` and ``{out}`` stand
        for the paths of CSV files, ``{train_parquet}`` and ``{out_parquet}`` for Parquet ones,
        ``{dir}`` for the directory they lie in (for containers), ``{rows}`` for the number of rows
        to write and ``{seed}`` for a whole number to draw all randomness from.
    timeout : float
        Seconds after which the program and all its children are killed.
    keep : tuple of str
        Environment variables handed on besides PATH and the language.
    size : int
        Megabytes a file it writes may have.
    """

    template: str
    timeout: float = 3600.0
    keep: tuple[str, ...] = ()
    size: int = 4096

    card: ClassVar[Card] = Card(
        id="command",
        title="External program",
        question="What does this program make of the table?",
        how_to_read=(
            "command:TEMPLATE runs a program with {train}, {out}, {rows} and {seed} filled in, "
            "without a shell; command:timeout=60:size=500:env=NAME,NAME:TEMPLATE limits its "
            "seconds and the megabytes of a file it writes, and hands environment variables on."
        ),
        references=("the project's own",),
    )

    def __post_init__(self) -> None:
        places = {name for part in self.arguments for name in _PLACE.findall(part)}
        odd = sorted(places - set(PLACES))
        if odd:
            raise UsageError(
                f"command: there is no {{{odd[0]}}}; the template may hold "
                + ", ".join(f"{{{name}}}" for name in PLACES)
            )
        reads = places & {"train", "train_parquet", "dir"}
        writes = places & {"out", "out_parquet", "dir"}
        if not reads or not writes:
            raise UsageError(
                "command: the template must say where the program finds the training table "
                "({train}) and where it is to write its own ({out})"
            )
        if not self.timeout > 0.0:
            raise UsageError(f"command: timeout must be more than 0 seconds, got {self.timeout}")
        if not self.size > 0:
            raise UsageError(f"command: size must be more than 0 megabytes, got {self.size}")

    @classmethod
    def from_spec(cls, text: str) -> CommandGenerator:
        """``[timeout=SECONDS:][size=MEGABYTES:][env=NAME,NAME:]TEMPLATE``."""
        timeout, keep, size = cls.timeout, cls.keep, cls.size
        rest = text.strip()
        while option := _OPTION.match(rest):
            name, value = option.groups()
            rest = rest[option.end() :].lstrip()
            if name == "env":
                keep = tuple(part for part in value.split(",") if part)
                continue
            try:
                number = float(value)
                timeout, size = (number, size) if name == "timeout" else (timeout, int(number))
            except (ValueError, OverflowError):
                unit = "seconds" if name == "timeout" else "megabytes"
                raise UsageError(
                    f"command: {name} must be a number of {unit}, got {value!r}"
                ) from None
        return cls(rest, timeout, keep, size)

    @property
    def arguments(self) -> tuple[str, ...]:
        """The template's arguments, placeholders still in them."""
        try:
            parts = shlex.split(self.template)
        except ValueError:
            raise UsageError(
                "command: the template has an opening quote without a closing one; close it"
            ) from None
        if not parts:
            raise UsageError("command: the template is empty; write command:PROGRAM {train} {out}")
        return tuple(parts)

    @property
    def fingerprint(self) -> str:
        """The template and the digests of the files it names: an edited script is another one."""
        files = [f"{part}={digest_of(part)}" for part in self.arguments if _is_file(part)]
        return f"command: {self.template} ({','.join(files)})"

    def synthesize(self, train: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
        """Write ``train``, run the program, read what it wrote.

        Raises
        ------
        GeneratorError
            When the program cannot be started, fails, takes too long or writes no such table.
        """
        from synthaudit.generators.process import Guardian, run

        with Guardian() as guardian:
            folder = guardian.folder
            self._write(train, folder)
            arguments = self._filled(folder, n_rows, seed)
            largest = self.size << 20
            run(arguments, self.timeout, self.keep, train, largest, guardian)
            return self._read(train, folder)

    def _wants_parquet(self, place: str) -> bool:
        return any(f"{{{place}_parquet}}" in part for part in self.arguments)

    def _write(self, train: pd.DataFrame, folder: Path) -> None:
        from synthaudit.generators.plain import plain_frame

        plain = plain_frame(train)
        plain.to_csv(folder / "train.csv", index=False)
        if self._wants_parquet("train"):
            plain.to_parquet(folder / "train.parquet", index=False)

    def _filled(self, folder: Path, n_rows: int, seed: int) -> list[str]:
        values = {
            "train": str(folder / "train.csv"),
            "train_parquet": str(folder / "train.parquet"),
            "out": str(folder / "out.csv"),
            "out_parquet": str(folder / "out.parquet"),
            "dir": str(folder),
            "rows": str(n_rows),
            "seed": str(seed),
        }
        # one pass, so that a path that happens to hold braces is not filled again
        return [
            _PLACE.sub(lambda found: values[found.group(1)], part) if _PLACE.search(part) else part
            for part in map(_absolute, self.arguments)
        ]

    def _read(self, train: pd.DataFrame, folder: Path) -> pd.DataFrame:
        from synthaudit.data.decimals import plain_numbers
        from synthaudit.data.readers import read_table
        from synthaudit.generators.checked import require_columns
        from synthaudit.generators.dtypes import column_like

        path = folder / ("out.parquet" if self._wants_parquet("out") else "out.csv")
        if not path.is_file():
            raise GeneratorError(
                f"command: the program ended without writing {path.name}; have it write its table "
                "to {out}"
            )
        try:
            raw, _ = plain_numbers(read_table(path, "the program's output"))
        except InputError as error:
            raise GeneratorError(f"command: {error}") from error
        require_columns("command", raw.names, train)
        import pandas as pd

        by_name = dict(zip(raw.names, raw.columns, strict=True))
        parts = [
            column_like(by_name[str(name)], train.iloc[:, j])
            for j, name in enumerate(train.columns)
        ]
        made = pd.DataFrame(dict(enumerate(parts)))
        made.columns = train.columns
        return made


def digest_of(path: str) -> str:
    """The first 16 digits of the SHA-256 of a file, or a word when there is none."""
    from synthaudit.data.files import file_digest

    return file_digest(Path(path))[:16] if _is_file(path) else "no-such-file"


def _absolute(part: str) -> str:
    """The program runs in a directory of its own, so files named from here get their full path.

    Symbolic links stay: an interpreter finds its environment by the link it was called through.
    """
    return str(Path(part).absolute()) if _is_file(part) else part


def _is_file(part: str) -> bool:
    try:
        return Path(part).is_file()
    except (OSError, ValueError):  # a program text given as an argument is no possible path
        return False
