"""Loading and compiling: late, cached, and possible where nothing can be written."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synthaudit.neighbors import compiled


def test_importing_does_not_load_the_compiler() -> None:
    code = "import sys, synthaudit.neighbors; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def double(value: int) -> int:
    return 2 * value


@pytest.mark.parametrize("refused", [{"cache"}, {"_nrt"}, {"cache", "_nrt"}])
def test_kernels_compile_without_what_is_refused(
    refused: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No place for a cache is a RuntimeError in numba, an unknown option a KeyError."""
    true_njit = compiled.njit

    def njit(**options: Any) -> Callable[..., Any]:
        if "cache" in refused & options.keys():
            raise RuntimeError("no locator available")
        if "_nrt" in refused & options.keys():
            raise KeyError("Unrecognized options")
        return true_njit(**options)  # type: ignore[no-any-return]

    monkeypatch.setattr(compiled, "njit", njit)
    assert compiled.kernel(double)(21) == 42


def test_code_compiled_from_other_private_sources_is_not_found(tmp_path: Path) -> None:
    """A tuple with other fields, in a file beside the kernel's own, must not meet old code."""
    (tmp_path / "_tuples.py").write_text("one")
    (tmp_path / "public.py").write_text("one")
    first = compiled._edition(tmp_path)
    compiled._edition.cache_clear()
    (tmp_path / "public.py").write_text("two")
    assert compiled._edition(tmp_path) == first
    compiled._edition.cache_clear()
    (tmp_path / "_tuples.py").write_text("two")
    assert compiled._edition(tmp_path) != first
