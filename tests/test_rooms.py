"""The plan of the house, executed: which folder may import what, how many modules it holds, and how long they are."""

from __future__ import annotations

import graphlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import barograph
from tests.source_tree import ROOT, circle, import_graph, imports, package_code, packaged, sources

LINES, MODULES = 400, 20

# room -> (rooms it may import, third parties it may import). The longest room that a file lies in is its room.
ROOMS = {
    "barograph": (set(), {"numpy"}),
    "db": (
        {"barograph", "db"},
        {"numpy", "sqlalchemy", "psutil", "pandas", "pyarrow", "pydantic", "yaml", "google_crc32c"},
    ),
    "db/records": ({"barograph"}, {"numpy"}),
    "collectors": ({"barograph", "db"}, {"torch", "numpy", "psutil", "rich"}),
    "collectors/integrations": (
        {"barograph", "db", "collectors"},
        {"torch", "transformers", "lightning", "pytorch_lightning", "accelerate"},
    ),
    "dashboard/analysis": ({"barograph", "db/records"}, {"numpy", "scipy"}),
    "dashboard/charts": ({"barograph"}, {"altair", "pandas", "numpy"}),
    "dashboard/services": (
        {"barograph", "db", "dashboard/analysis", "dashboard/charts"},
        {
            "numpy",
            "pandas",
            "apprise",
            "jinja2",
            "markupsafe",
            "prometheus_client",
            "pydantic",
            "vl_convert",
            "watchdog",
        },
    ),
    "dashboard/web": (
        {"barograph", "db", "dashboard/services", "dashboard/charts", "dashboard/analysis"},
        {"streamlit", "starlette", "pandas", "numpy"},
    ),
    "dashboard/commands": ({"barograph", "db", "dashboard/services"}, {"typer", "rich"}),
    "dashboard": (set(), set()),
}
HEAVY = {"torch", "streamlit", "altair", "pandas", "scipy"}
# importing a room does not load these
NEVER_LOADED = {
    "barograph": HEAVY | {"sqlalchemy", "numpy"},
    "barograph.db": HEAVY | {"sqlalchemy", "pydantic", "yaml"},
    "barograph.db.store": HEAVY | {"pydantic", "yaml"},
    "barograph.collectors": HEAVY - {"torch"} | {"transformers", "lightning", "accelerate", "tensorboard"},
    "barograph.dashboard.analysis.forecasting": HEAVY - {"scipy"} | {"sqlalchemy"},
    "barograph.dashboard.analysis.detectors": HEAVY - {"scipy"} | {"sqlalchemy"},
    "barograph.dashboard.charts": {"torch", "streamlit", "sqlalchemy"},
    "barograph.dashboard.commands": HEAVY,
}


def room_of(path: Path) -> str | None:
    return max((room for room in ROOMS if path.is_relative_to(room)), key=len, default=None)


def trespasses(path: Path, code: str) -> list[str]:
    """What a file imports although its room may not."""
    room = room_of(path)
    if room is None:
        return []
    ours, others = ROOMS[room]
    out = []
    for name in imports(path, code):
        top, _, rest = name.partition(".")
        if top == "barograph":
            place = barograph._PLACES.get(rest, rest)  # `from barograph import watch` is an import of its room
            target = room_of(Path(place.replace(".", "/"))) or "barograph"
            if target != room and not any(Path(target).is_relative_to(one) for one in ours):
                out.append(name)
        elif top not in sys.stdlib_module_names and top not in others:
            out.append(name)
    return sorted(out)


def test_every_file_has_a_room_and_there_are_few():
    assert not [str(path) for path in packaged() if room_of(path) is None]
    assert len(ROOMS) <= 12


def test_no_arrow_goes_upward():
    graphlib.TopologicalSorter({room: ours - {room} for room, (ours, _) in ROOMS.items()}).prepare()


def test_every_file_keeps_to_its_room():
    assert not {str(path): wrong for path in sources() if (wrong := trespasses(path, (ROOT / path).read_text()))}


@pytest.mark.parametrize(
    ("path", "code", "found"),
    [
        ("db/store.py", "import torch", "torch"),
        ("db/store.py", "from ..collectors import watch", "barograph.collectors.watch"),
        ("collectors/watch.py", "from ..dashboard.services import health", "barograph.dashboard.services.health"),
        ("dashboard/web/pages/02_Run.py", "import altair", "altair"),
        (
            "dashboard/analysis/forecasting/laws/mtl.py",
            "from ....web.cache import x",
            "barograph.dashboard.web.cache.x",
        ),
        ("barograph/interval.py", "from .db import Store", "barograph.db.Store"),
        ("dashboard/services/health.py", "from barograph import watch", "barograph.watch"),
        ("dashboard/services/health.py", "from ...dashboard import anything", "barograph.dashboard.anything"),
    ],
)
def test_the_check_can_fail(path, code, found):
    assert trespasses(Path(path), code) == [found]


def test_no_files_import_one_another_in_a_circle():
    assert not circle(import_graph(package_code()))


def test_a_circle_is_found():
    code = {
        Path("db/a.py"): "def late():\n    from .tables import b",
        Path("db/tables/b.py"): "from ..c import C",
        Path("db/c.py"): "import barograph.db.a",
        Path("db/d.py"): "from . import a, c",
    }
    assert set(circle(import_graph(code))) == {"barograph.db.a", "barograph.db.tables.b", "barograph.db.c"}


@pytest.mark.parametrize("room", NEVER_LOADED)
def test_importing_a_room_stays_light(room):
    code = f"import sys, importlib; importlib.import_module({room!r}); print(*{{m.split('.')[0] for m in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not NEVER_LOADED[room] & set(done.stdout.split())


def test_no_file_grows_beyond_one_idea():
    assert not {str(p): n for p in sources() if (n := len((ROOT / p).read_text().splitlines())) > LINES}


def crowded(paths: list[Path]) -> dict[str, int]:
    counts = Counter(str(path.parent) for path in paths if path.name != "__init__.py")
    return {folder: n for folder, n in counts.items() if n > MODULES}


def test_no_folder_becomes_an_attic():
    assert not crowded([path for path in sources() if path.parts[0] != "tests"])


def test_a_crowded_folder_is_found():
    full = [Path(f"db/export/module_{i}.py") for i in range(MODULES)]
    assert not crowded([*full, Path("db/export/__init__.py"), Path("db/store.py")])
    assert crowded([*full, Path("db/export/one_more.py")]) == {"db/export": MODULES + 1}


def test_tests_have_no_packages():
    assert not [str(p) for p in sources() if p.parts[0] == "tests" and p.name == "__init__.py"]
