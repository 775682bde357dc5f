"""Any Python function ``(frame, n_rows, seed) -> frame`` as a generator."""

from __future__ import annotations

import hashlib
import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from synthaudit.errors import UsageError
from synthaudit.types import Card

if TYPE_CHECKING:
    import pandas as pd

    Synthesize = Callable[[pd.DataFrame, int, int], pd.DataFrame]


@dataclass(frozen=True)
class PythonGenerator:
    """A function that fits and samples; whatever it does to its input stays in a copy.

    Parameters
    ----------
    function : callable
        ``(train, n_rows, seed) -> frame``. It must draw all its randomness from ``seed``.
    name : str, optional
        What to call it; its module and name otherwise.
    """

    function: Synthesize
    name: str = ""

    card: ClassVar[Card] = Card(
        id="python",
        title="Python function",
        question="What does this function make of the table?",
        how_to_read=(
            "python:module:function imports the module, and so executes it; the function takes "
            "(frame, n_rows, seed) and returns a frame with the same columns."
        ),
        references=("the project's own",),
    )

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise UsageError(
                f"python: a generator must be a function of (frame, n_rows, seed), got "
                f"{type(self.function).__name__}"
            )

    @classmethod
    def from_spec(cls, text: str) -> PythonGenerator:
        """``module:function``; dots lead into classes and objects of the module.

        Raises
        ------
        UsageError
            When the module cannot be imported or has no such function.
        """
        module_name, colon, path = (part.strip() for part in text.partition(":"))
        if not colon or not module_name or not path:
            raise UsageError(f"python: generators are written python:module:function, got {text!r}")
        try:
            thing: object = importlib.import_module(module_name)
        except Exception as error:
            raise UsageError(
                f"python: module {module_name!r} could not be imported ({type(error).__name__}); "
                "check its name and that it can be found from here"
            ) from error
        for part in path.split("."):
            if not hasattr(thing, part):
                raise UsageError(f"python: {module_name!r} has no {path!r}; name a function of it")
            thing = getattr(thing, part)
        return cls(thing, f"{module_name}:{path}")  # type: ignore[arg-type]

    @property
    def fingerprint(self) -> str:
        """Name and digest of the module's source and of what the function carries with it.

        Arguments bound with ``functools.partial``, defaults and enclosed variables count; what the
        function reads elsewhere while it runs is not seen.
        """
        function = self.function
        try:
            source = inspect.getsource(inspect.getmodule(function) or type(function))
        except (OSError, TypeError):
            source = ""
        text = f"{source}\x1f{_carried(function)}"
        name = self.name or _name_of(function)
        return f"python: {name}({hashlib.sha256(text.encode()).hexdigest()[:16]})"

    def synthesize(self, train: pd.DataFrame, n_rows: int, seed: int) -> pd.DataFrame:
        """Call the function with a copy of ``train``."""
        return self.function(train.copy(), n_rows, seed)


def wrap(function: Synthesize, name: str = "") -> PythonGenerator:
    """A function as a generator, for the Python API."""
    return PythonGenerator(function, name)


def _name_of(thing: object) -> str:
    if isinstance(thing, partial):
        return _name_of(thing.func)
    qualname = getattr(thing, "__qualname__", type(thing).__qualname__)
    return f"{getattr(thing, '__module__', '')}:{qualname}"


def _carried(thing: object) -> str:
    """What a function brings along besides its source, as text.

    The ``repr`` of an object may hold its address; then a stored shadow is made again, which costs
    time and is never wrong.
    """
    if isinstance(thing, partial):
        bound = [
            *map(_carried, thing.args),
            *(f"{k}={_carried(v)}" for k, v in thing.keywords.items()),
        ]
        return f"partial({_carried(thing.func)},{','.join(bound)})"
    if inspect.isfunction(thing):
        enclosed = [_carried(cell.cell_contents) for cell in thing.__closure__ or ()]
        defaults = [_carried(value) for value in thing.__defaults__ or ()]
        named = [f"{k}={_carried(v)}" for k, v in (thing.__kwdefaults__ or {}).items()]
        return f"{_name_of(thing)}({','.join([*enclosed, *defaults, *named])})"
    if inspect.ismethod(thing):
        return f"{_carried(thing.__func__)} of {thing.__self__!r}"
    return repr(thing)
