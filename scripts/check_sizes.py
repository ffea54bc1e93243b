"""The size gate: rooms stay small (functions ≤ 40 lines, files ≤ 400, templates ≤ 120).

A function is measured from its `def` line to its last line, docstring
included, decorators not. Prints what is too long and exits 1; silent when all
fits.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

FUNCTION_LINES = 40
FILE_LINES = 400
TEMPLATE_LINES = 120
TREES = ("src", "tests", "scripts", "bench")
FILE_SUFFIXES = {".py", ".sql", ".js", ".css", ".mjs"}
MADE_BY_MACHINE = ("/web/static/", "/node_modules/", "/store/migrations/", "/store/sql/schema.sql")


def main(root: Path) -> int:
    findings = [finding for path in sources(root) for finding in too_long(path, root)]
    for finding in findings:
        print(finding)
    return 1 if findings else 0


def sources(root: Path) -> Iterator[Path]:
    for tree in TREES:
        for path in sorted((root / tree).rglob("*")):
            shown = path.as_posix()
            if path.is_file() and not any(part in shown for part in MADE_BY_MACHINE):
                yield path


def too_long(path: Path, root: Path) -> Iterator[str]:
    shown = path.relative_to(root)
    if path.suffix in FILE_SUFFIXES:
        yield from long_file(path, shown, FILE_LINES)
    if path.suffix == ".html" and path.is_relative_to(root / "src"):
        yield from long_file(path, shown, TEMPLATE_LINES)
    if path.suffix == ".py":
        yield from long_functions(path, shown)


def long_file(path: Path, shown: Path, limit: int) -> Iterator[str]:
    lines = path.read_text(encoding="utf-8").count("\n")
    if lines > limit:
        yield f"{shown}: {lines} lines, at most {limit}: split it by what it is about"


def long_functions(path: Path, shown: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                where = f"{shown}:{node.lineno}"
                yield f"{where}: {node.name} has {lines} lines, at most {FUNCTION_LINES}"


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent.parent))
