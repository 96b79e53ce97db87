"""The shape of the source: sizes of classes, and the folders that the distribution holds."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.source_tree import ROOMS, ROOT, classes, module_of, package_code, packaged, sources

LINES = 400
# Folders whose members are found by being there: one test goes through all of them.
PLUGINS = (
    "commands", "detectors", "futures", "importers", "integrations", "laws", "measures", "migrations", "pages",
    "questions", "signals",
)  # fmt: skip


def sizes(code: dict[Path, str]) -> dict[str, int]:
    """Lines of each class together with those of its bases that are ours."""
    found = list(classes(code))
    own = {name: (lines, bases) for _, name, lines, bases in found}

    def whole(name: str, seen: set[str]) -> int:
        if name not in own or name in seen:
            return 0
        seen.add(name)
        lines, bases = own[name]
        return lines + sum(whole(base, seen) for base in bases)

    return {f"{module}.{name}": whole(name, set()) for module, name, _, _ in found}


def folders_of(paths: list[Path]) -> set[str]:
    return {module_of(path.parent / "__init__.py") for path in paths}


def test_no_class_grows_too_long_with_its_bases():
    assert not {name: lines for name, lines in sizes(package_code()).items() if lines > LINES}


def test_the_bases_count():
    code = {
        Path("db/a.py"): "class Part:\n" + "    x = 1\n" * 300,
        Path("db/b.py"): "from . import a\nclass Whole(a.Part):\n" + "    y = 1\n" * 200,
    }
    assert sizes(code) == {"barograph.db.a.Part": 301, "barograph.db.b.Whole": 502}


def places_for_test(path: Path) -> list[str]:
    """Where the test of a module may stand: under its own name; that of a plug-in also where all of its folder are."""
    name = re.sub(r"^[0-9]+_", "", path.stem).strip("_").lower()
    places = [f"tests/{path.parent}/test_{name}.py"]
    if not any(part.startswith("_") for part in path.with_suffix("").parts):
        for folder in path.parents:
            if folder.name in PLUGINS:
                places += [f"tests/{folder}/test_conformance.py", f"tests/{folder.parent}/test_{folder.name}.py"]
    return places


@pytest.mark.parametrize("room", ROOMS)
def test_a_module_has_its_test_by_name(room):
    tests = {str(path) for path in sources()}
    modules = [path for path in packaged() if path.is_relative_to(room) and path.name != "__init__.py"]
    assert modules and not [str(path) for path in modules if not tests & set(places_for_test(path))]


def test_where_a_test_stands():
    assert places_for_test(Path("db/journal/fold.py")) == ["tests/db/journal/test_fold.py"]
    assert places_for_test(Path("dashboard/commands/_app.py")) == ["tests/dashboard/commands/test_app.py"]
    assert "tests/dashboard/web/test_pages.py" in places_for_test(Path("dashboard/web/pages/01_Runs.py"))
    assert "tests/collectors/signals/test_conformance.py" in places_for_test(Path("collectors/signals/loss.py"))
    assert places_for_test(Path("dashboard/analysis/detectors/_support/x.py")) == [
        "tests/dashboard/analysis/detectors/_support/test_x.py"
    ]


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_the_distribution_holds_every_folder():
    setuptools = PROJECT["tool"]["setuptools"]
    assert setuptools["packages"] == sorted(folders_of(packaged()))
    assert setuptools["package-dir"] == {f"barograph.{room}": room for room in ("db", "collectors", "dashboard")}


def test_a_folder_of_pages_is_a_package_too():
    assert folders_of([Path("dashboard/web/pages/01_Runs.py"), Path("barograph/plugins.py")]) == {
        "barograph.dashboard.web.pages",
        "barograph",
    }


def test_the_demo_installs_the_base_the_dashboard_and_a_torch():
    listed = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
    project = PROJECT["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dashboard"]
    assert sorted(line for line in listed if not line.startswith("torch==")) == sorted(wanted)
    assert len(listed) == len(wanted) + 1
