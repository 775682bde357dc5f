"""Nothing that is read is ever executed: no pickles, no eval, no shell, no imports from reports."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synthaudit.data.store import ArrayStore
from synthaudit.report.model import AuditReport

PACKAGE = Path(__file__).parents[2] / "synthaudit"
FILES = sorted(PACKAGE.rglob("*.py"))
# who may start a process, and who may import by name
STARTERS = {"generators/process.py", "generators/guardian.py", "report/pdf.py"}
# (the parallel room imports native libraries early, from a fixed list)
IMPORTERS = {"registry.py", "generators/registry.py", "generators/python.py", "parallel.py"}
NEVER_CALLED = {"eval", "exec", "compile", "__import__", "breakpoint"}
NEVER_IMPORTED = {"pickle", "cloudpickle", "dill", "marshal", "shelve", "yaml", "pty", "ctypes"}
NEVER_OF_OS = {"system", "popen", "execv", "execve", "execvp", "spawnv", "spawnl", "startfile"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_way_to_execute_what_was_read(path: Path) -> None:
    name = str(path.relative_to(PACKAGE))
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            roots = {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            roots = {(node.module or "").split(".")[0]}
        else:
            roots = set()
        assert not roots & NEVER_IMPORTED, f"{name} imports {roots}"
        assert "subprocess" not in roots or name in STARTERS, f"{name} may start no process"
        assert "importlib" not in roots or name in IMPORTERS or not _imports_by_name(path), name
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert node.value.id != "os" or node.attr not in NEVER_OF_OS, f"{name}: os.{node.attr}"
            if node.value.id in ("np", "numpy") and node.attr == "load":
                assert "allow_pickle=False" in path.read_text(), f"{name} may unpickle"
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name):
            assert node.func.id not in NEVER_CALLED, f"{name} calls {node.func.id}"
        for keyword in node.keywords:
            is_true = isinstance(keyword.value, ast.Constant) and keyword.value.value is True
            assert keyword.arg not in ("shell", "allow_pickle") or not is_true, name


def _imports_by_name(path: Path) -> bool:
    return "import_module" in path.read_text(encoding="utf-8")


def committed_report() -> dict[str, Any]:
    paths = sorted((PACKAGE.parent / "reports").rglob("report.json"))
    content: dict[str, Any] = json.loads(paths[0].read_text())
    return content


def test_a_report_causes_no_import() -> None:
    content = committed_report()
    for make in (AuditReport.to_html, AuditReport.to_text, AuditReport.to_markdown):
        make(AuditReport.from_json(json.dumps(content)))  # whatever an honest one needs
    before = set(sys.modules)
    content["config"]["generator"] = "python:this:s"  # importing it would print a poem
    content["tool"]["name"] = "antigravity"
    content["command"] = "python -c 'import antigravity'"
    for result in content["results"]:
        result["references"] = ["antigravity", "python:this:s"]
    hostile = AuditReport.from_json(json.dumps(content))
    for make in (AuditReport.to_html, AuditReport.to_text, AuditReport.to_markdown):
        make(hostile)
    assert not set(sys.modules) - before
    assert "this" not in sys.modules and "antigravity" not in sys.modules


class Bomb:
    """Says so when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("unpickled",))


@pytest.mark.parametrize("poison", ["pickle", "npy of objects", "lying header", "text", "nan"])
def test_a_stored_shadow_is_data_or_nothing(poison: str, tmp_path: Path, capsys: Any) -> None:
    store = ArrayStore(tmp_path)
    store.put("key", np.ones((3, 2), dtype=np.float32))
    assert store.get("key", 3) is not None
    assert store.get("key", 4) is None  # of another audit
    path = tmp_path / "key.npy"
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (10000000000000, 7), }"
    if poison == "npy of objects":
        np.save(path, np.array([Bomb(), Bomb()], dtype=object), allow_pickle=True)
    elif poison == "pickle":
        import pickle

        path.write_bytes(pickle.dumps(Bomb()))
    elif poison == "lying header":
        path.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
    elif poison == "text":
        path.write_bytes(b"\x93NUMPY\x01\x00\x10\x00__import__('os')")
    else:
        store.put("key", np.full((3, 2), np.nan, dtype=np.float32))
    assert store.get("key", 3) is None
    assert capsys.readouterr().out == ""
