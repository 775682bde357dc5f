"""How kernels are compiled: cached on disk where that is possible, without the interpreter lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit


def kernel(function: Callable[..., Any]) -> Any:
    """Compile ``function`` on first use, without the interpreter lock.

    The machine code is cached beside the package or, when that folder is read-only, in numba's
    per-user cache. Where neither can be written numba refuses to cache at all; the kernel is then
    compiled anew in every process, which is slow but right.
    """
    try:
        return njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:
        return njit(nogil=True, error_model="numpy")(function)
