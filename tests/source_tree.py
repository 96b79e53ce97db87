"""The source files of the package, their imports and their classes, as the guards at the top of the tests read them."""

from __future__ import annotations

import ast
import functools
import graphlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("barograph", "db", "collectors", "dashboard")  # the folders at the top that the distribution holds


def sources() -> list[Path]:
    """Every Python file of the checkout that git knows, relative to its root."""
    known = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    listed = subprocess.run(known, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Path(line) for line in listed.splitlines() if (ROOT / line).exists()]


def packaged() -> list[Path]:
    """The files that the distribution holds."""
    return [path for path in sources() if path.parts[0] in ROOMS]


def module_of(path: Path) -> str:
    """`db/tables/schema.py` -> `barograph.db.tables.schema`."""
    parts = path.with_suffix("").parts
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    return ".".join(parts if parts[0] == "barograph" else ("barograph", *parts))


def imports(path: Path, code: str) -> set[str]:
    """Absolute dotted names that a file imports, inside its functions too."""
    package = module_of(path.parent / "__init__.py").split(".")
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level]
            found |= {".".join([*base, *([node.module] if node.module else []), alias.name]) for alias in node.names}
    return found


def import_graph(code: dict[Path, str]) -> dict[str, set[str]]:
    """Module -> the modules among these files that it imports."""
    modules = {module_of(path) for path in code}

    def resolved(name: str) -> str | None:
        while name and name not in modules:
            name = name.rpartition(".")[0]
        return name or None

    graph = {}
    for path, text in code.items():
        found = {resolved(name) for name in imports(path, text)}
        graph[module_of(path)] = {name for name in found if name} - {module_of(path)}
    return graph


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Modules that import one another in a circle, the first again at the end; empty where there is none."""
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def classes(code: dict[Path, str]) -> Iterator[tuple[str, str, int, set[str]]]:
    """(module, name, lines, names of its bases) of each class at a file's top."""
    for path, text in code.items():
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef):
                bases = {ast.unparse(base).partition("[")[0].rpartition(".")[2] for base in node.bases}
                yield module_of(path), node.name, (node.end_lineno or 0) - node.lineno + 1, bases


@functools.cache
def package_code() -> dict[Path, str]:
    """Path -> text of the files that the distribution holds."""
    return {path: (ROOT / path).read_text() for path in packaged()}
