"""How kernels are compiled: cached on disk, without the interpreter lock, without reference counts.

Kernels allocate nothing (scratch is handed in), so they need none of numba's reference counting,
whose atomic counters would take a third of the time, and more when two threads share them. The
switch for that has an underscore in numba; a version without it gets the plain compilation, which
is slower and gives the same answers.

The cache of compiled code stands beside the package or, when that folder is read-only, in numba's
per-user cache folder. Where neither can be written numba refuses to cache; kernels are then
compiled anew in every process.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from numba import njit

PLAIN = {"nogil": True, "error_model": "numpy"}
LEAN = {**PLAIN, "_nrt": False}


@cache
def _edition(room: Path) -> str:
    """A digest of this room's sources and of the private ones of the room a kernel lives in.

    Numba's cache notices a change of the kernel's own file only, not of the parts pasted into it,
    of a constant imported from another file, or of the fields of a tuple it is handed. It names its
    files by the qualified name of the function; with the digest in that name, code compiled from
    other sources is never found.
    """
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for file in [*sorted(here.glob("*.py")), *(sorted(room.glob("_*.py")) if room != here else [])]:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def kernel(function: Callable[..., Any]) -> Any:
    """Compile ``function`` on its first call, for the types it is called with."""
    room = Path(function.__code__.co_filename).parent
    function.__qualname__ = f"{function.__qualname__}_{_edition(room)}"
    for options in ({**LEAN, "cache": True}, LEAN, {**PLAIN, "cache": True}):
        try:
            return njit(**options)(function)
        except (RuntimeError, KeyError, TypeError):  # no place to cache, or no such option
            continue
    return njit(**PLAIN)(function)


def part(function: Callable[..., Any]) -> Any:
    """A piece of kernels, pasted into each of them; never compiled by itself."""
    return njit(inline="always", error_model="numpy")(function)
