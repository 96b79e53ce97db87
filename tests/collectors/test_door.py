"""The store beside the collectors is found, whatever else is called `db`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
USE = """
from collectors import watch
with watch(store="runs.db", name="a") as run:
    run.log(loss=1.0)
from collectors._door import store
print(store().Store("runs.db").runs()[0].state)
"""


def python(code, cwd, path):
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"PYTHONPATH": str(path)}
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, env=environment, capture_output=True, text=True, timeout=120
    )
    assert told.returncode == 0, told.stderr
    return told.stdout.split()


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Folders for the import path: the checkout, a plain install and an editable one of a copy of it."""
    base = tmp_path_factory.mktemp("installed")
    copy = base / "source"
    copy.mkdir()
    for name in ("collectors", "db", "dashboard"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("app.py", "pyproject.toml", "requirements.txt", "README.md", "LICENSE"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, copy / name)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", base / "plain", copy], check=True, timeout=300)
    subprocess.run([*pip, "--target", base / "editable", "--editable", copy], check=True, timeout=300)
    return {"checkout": ROOT, "plain": base / "plain", "editable": base / "editable"}


def run_in(project, place, code):
    if place.name != "editable":
        return python(code, project, place)
    return python(f"import site; site.addsitedir({str(place)!r})\n{code}", project, "")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["checkout", "plain", "editable"])
def test_a_package_called_db_is_neither_run_nor_hidden(tmp_path, installed, kind):
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "__init__.py").write_text("print('theirs')\nmine = 7\n")
    assert run_in(tmp_path, installed[kind], USE + "import db; print(db.mine)") == ["finished", "theirs", "7"]
    if kind == "checkout":  # and where theirs was there first
        assert run_in(tmp_path, installed[kind], "import db" + USE + "print(db.mine)") == ["theirs", "finished", "7"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["checkout", "plain", "editable"])
def test_a_data_folder_called_db(tmp_path, installed, kind):
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "data.csv").write_text("1,2\n")
    assert run_in(tmp_path, installed[kind], USE) == ["finished"]


def test_the_store_is_one_with_db_where_that_is_ours(tmp_path):
    code = "import db\nfrom collectors._door import store\nprint(store() is db)"
    assert python(code, tmp_path, ROOT) == ["True"]


def test_without_the_store_it_says_what_is_missing(tmp_path):
    shutil.copytree(ROOT / "collectors", tmp_path / "collectors")
    code = "from collectors._door import store\ntry: store()\nexcept ImportError as e: print(e)"
    assert "belong side by side" in " ".join(python(code, tmp_path, tmp_path))
