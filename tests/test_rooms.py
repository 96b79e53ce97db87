"""The plan of the house, executed: who may import whom, what must not be loaded, and how long a file may be."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = {"app", "collectors", "db", "dashboard", "benchmarks", "tests"}
LONGEST = 400

# room -> (what it may import of ours, third parties it may import). The first room whose path fits a file is its room.
DB_TOOLS = {"sqlalchemy", "numpy", "psutil"}
ROOMS = {
    "db/importers/": ({"db"}, DB_TOOLS | {"pandas", "pyarrow"}),
    "db/export.py": ({"db"}, DB_TOOLS | {"pandas", "pyarrow"}),
    "db/frame.py": ({"db"}, DB_TOOLS | {"pandas", "pyarrow"}),
    "db/": ({"db"}, DB_TOOLS),
    "collectors/_door.py": ({"collectors", "db"}, set()),
    "collectors/integrations/huggingface.py": ({"collectors"}, {"torch", "transformers"}),
    "collectors/integrations/lightning.py": ({"collectors"}, {"torch", "lightning", "pytorch_lightning"}),
    "collectors/integrations/accelerate.py": ({"collectors"}, {"torch", "accelerate"}),
    "collectors/": ({"collectors"}, {"torch", "numpy", "psutil", "rich"}),
    "dashboard/laws/": ({"dashboard.laws"}, {"numpy", "scipy"}),
    "dashboard/detectors/": ({"dashboard.detectors", "dashboard.laws"}, {"numpy", "scipy"}),
    "dashboard/measures/": ({"dashboard.measures", "dashboard.laws"}, {"numpy", "scipy"}),
    "dashboard/health.py": ({"dashboard", "db"}, {"numpy"}),
    "dashboard/news.py": ({"dashboard", "db"}, {"numpy"}),
    "dashboard/alerts.py": ({"dashboard", "db"}, {"apprise"}),
    "dashboard/picture.py": ({"dashboard", "db"}, {"numpy", "altair", "pandas", "vl_convert"}),
    "dashboard/metrics.py": ({"dashboard", "db"}, {"numpy", "starlette"}),
    "dashboard/charts/": (
        {"dashboard.charts", "dashboard.laws", "dashboard.detectors", "dashboard.measures"},
        {"altair", "pandas", "numpy"},
    ),
    "dashboard/folders.py": ({"dashboard", "db"}, {"watchdog"}),
    "dashboard/uploads.py": ({"dashboard", "db"}, {"numpy"}),
    "dashboard/watcher.py": ({"dashboard", "db"}, {"numpy", "starlette", "watchdog"}),
    "dashboard/outlook.py": ({"dashboard", "db"}, {"numpy"}),
    "dashboard/run_view.py": ({"dashboard", "db"}, {"numpy"}),
    "dashboard/comparing.py": ({"dashboard", "db"}, {"numpy"}),
    "dashboard/report.py": ({"dashboard"}, {"pandas", "vl_convert"}),
    "dashboard/routes.py": ({"dashboard", "db"}, {"numpy", "starlette", "watchdog"}),
    "dashboard/data.py": ({"dashboard", "db"}, {"pandas", "numpy", "streamlit"}),
    "dashboard/selection.py": ({"dashboard", "db"}, {"pandas", "numpy", "streamlit"}),
    "dashboard/cli.py": ({"dashboard", "db"}, {"typer", "rich"}),
    "dashboard/commands/": ({"dashboard", "db"}, {"typer", "rich"}),
    "dashboard/pages/": ({"dashboard"}, {"streamlit", "pandas", "numpy"}),
    "dashboard/": ({"dashboard"}, {"streamlit", "pandas", "numpy"}),
    "app.py": ({"dashboard"}, {"streamlit", "starlette"}),
}
FRAMEWORKS = {"transformers", "lightning", "pytorch_lightning", "accelerate", "tensorboard"}
# importing a room's door must not load these
NEVER_LOADED = {
    "db": {"torch", "streamlit", "altair", "scipy", "pandas"},
    "dashboard.laws": {"torch", "streamlit", "altair", "pandas", "sqlalchemy", "db"},
    "dashboard.detectors": {"torch", "streamlit", "altair", "pandas", "sqlalchemy", "db"},
    "dashboard.cli": {"torch", "streamlit", "altair", "scipy", "pandas"},
    "dashboard.charts": {"torch", "streamlit", "sqlalchemy", "db"},
    "collectors": {"streamlit", "altair", "pandas", "scipy", "dashboard", *FRAMEWORKS},
    "collectors.integrations.summary_writer": {"streamlit", "altair", "pandas", "scipy", "dashboard", *FRAMEWORKS},
}


def sources() -> list[Path]:
    tracked = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Path(line) for line in tracked.splitlines() if (ROOT / line).exists()]


def imports(path: Path, code: str) -> set[str]:
    """Absolute dotted names that a file imports; relative imports are resolved."""
    found = set()
    package = list(path.with_suffix("").parts[:-1])
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            found |= {f"{stem}.{alias.name}" for alias in node.names} if node.level or stem in OURS else {stem}
    return found


def room_of(path: Path) -> tuple[set[str], set[str]] | None:
    return next((rule for room, rule in ROOMS.items() if str(path).startswith(room)), None)


def trespasses(path: Path, code: str) -> list[str]:
    ours, others = room_of(path)
    out = []
    for name in imports(path, code):
        top = name.split(".")[0]
        if top in OURS:
            if not any(name == room or name.startswith(room + ".") for room in ours):
                out.append(name)
        elif top not in sys.stdlib_module_names and top not in others:
            out.append(name)
    return out


def test_every_file_keeps_to_its_room():
    wrong = {str(p): t for p in sources() if room_of(p) and (t := trespasses(p, (ROOT / p).read_text()))}
    assert not wrong


def test_the_check_can_fail():
    assert trespasses(Path("db/store.py"), "import torch") == ["torch"]
    assert trespasses(Path("collectors/watch.py"), "from db import Store") == ["db.Store"]
    assert trespasses(Path("dashboard/pages/02_Run.py"), "import altair") == ["altair"]
    assert trespasses(Path("dashboard/laws/mtl.py"), "from ..data import store") == ["dashboard.data.store"]


@pytest.mark.parametrize("room", NEVER_LOADED)
def test_importing_a_room_stays_light(room):
    code = f"import sys, importlib; importlib.import_module({room!r}); print(*{{m.split('.')[0] for m in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not NEVER_LOADED[room] & set(done.stdout.split())


def test_no_file_grows_beyond_one_idea():
    long = {str(p): n for p in sources() if (n := len((ROOT / p).read_text().splitlines())) > LONGEST}
    assert not long


def test_tests_have_no_packages():
    assert not [str(p) for p in sources() if p.parts[0] == "tests" and p.name == "__init__.py"]
