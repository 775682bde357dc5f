"""Change the code in one place at a time, and see whether the tests written for it notice.

    python benchmarks/reliability/mutants.py synthaudit/verdict.py tests/test_verdict.py
    python benchmarks/reliability/mutants.py synthaudit/stats/tpr.py tests/stats/test_stats_tpr.py \
        tests/stats/test_stats_roc.py --most 30 --seed 1

A comparison takes the other edge, plus becomes minus, a constant moves, a truth value turns: a draw
of such changes, each in a copy of the checkout and each run against the tests named until the first
one fails. A change that no test notices is printed. It is a place to look at, not a fault: some
change nothing that anybody could see (a bound that is never met, a label order), the others are
tests that are missing. Words are left alone: messages, docstrings, annotations, decorators.

(cosmic-ray and mutmut do the same by trying every operator against every other; a draw of single
steps says as much about a file in minutes.)
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
COPIED = ("synthaudit", "tests", "sample_data", "reports", "docs", "pyproject.toml", "README.md")
LATE = 600.0
"""Seconds after which a change counts as noticed: it made something endless."""
OTHERS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.And: ast.Or, ast.Or: ast.And, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip


def changed(node: ast.AST) -> ast.AST | None:
    """The node after the smallest change to it; None where there is none to make."""
    new = copy.deepcopy(node)
    match new:
        case ast.Compare(ops=[first, *rest]) if type(first) in OTHERS:
            new.ops = [OTHERS[type(first)](), *rest]  # type: ignore[list-item]
        case ast.BinOp(op=op) | ast.BoolOp(op=op) if type(op) in OTHERS:
            new.op = OTHERS[type(op)]()  # type: ignore[assignment]
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.Invert(), operand=inner):
            return inner
        case ast.Constant(value=bool(value)):
            new.value = not value
        case ast.Constant(value=int(value)):
            new.value = value + 1
        case ast.Constant(value=float(value)):
            new.value = value * 1.5 + 0.01
        case _:
            return None
    return new


def code_of(node: ast.AST) -> Iterator[ast.AST]:
    """Every node but words: docstrings, texts put together, errors, annotations, decorators."""
    if isinstance(node, ast.JoinedStr | ast.Raise):
        return
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from code_of(child)


class Replaced(ast.NodeTransformer):
    """Exchanges one node of a tree for another, in place."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        """Exchange it, or go on."""
        if node is self.old:
            return self.new
        found: ast.AST = self.generic_visit(node)
        return found


def is_noticed(copied: Path, tests: list[str]) -> bool:
    """Whether one of the tests fails on the changed copy."""
    command = [sys.executable, "-m", "pytest", "-qx", "-p", "no:cacheprovider", *tests]
    environment = os.environ | {"PYTHONPATH": str(copied), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=copied, env=environment, capture_output=True, timeout=LATE, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def main() -> int:
    """Make the changes one after the other; 1 when the tests fail without any."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="a file of the package")
    parser.add_argument("tests", nargs="+", help="the tests that should notice")
    parser.add_argument("--most", type=int, default=20, help="changes drawn (20)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    text = (ROOT / options.source).read_text(encoding="utf-8")
    tree = ast.parse(text)
    places = [(node, new) for node in code_of(tree) if (new := changed(node)) is not None]
    rng = np.random.default_rng(options.seed)
    chosen = rng.permutation(len(places))[: options.most]
    drawn = [places[i] for i in sorted(chosen)]
    survived = 0
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder)
        for name in COPIED:
            here = ROOT / name
            (shutil.copytree if here.is_dir() else shutil.copy2)(here, copied / name)
        if is_noticed(copied, options.tests):
            print("The tests fail on the unchanged code; nothing can be told.")
            return 1
        for old, new in drawn:
            Replaced(old, new).visit(tree)
            (copied / options.source).write_text(ast.unparse(tree), encoding="utf-8")
            Replaced(new, old).visit(tree)
            if not is_noticed(copied, options.tests):
                survived += 1
                line = getattr(old, "lineno", 0)
                print(f"{options.source}:{line}: {ast.unparse(old)}  ->  {ast.unparse(new)}")
    print(f"{survived} of {len(drawn)} changes went unnoticed ({len(places)} places).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
