"""One import name: whatever else is called `db`, `collectors` or `dashboard`, ours is found and theirs stays theirs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.source_tree import ROOMS, ROOT

USE = """
from barograph import Store, watch
with watch(store="runs.db", name="a") as run:
    run.log(loss=1.0)
print(Store("runs.db").runs()[0].state)
"""


def python(code: str, cwd: Path, path: Path | str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"PYTHONPATH": str(path)}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Folders for the import path: a plain install and an editable one of a copy of the checkout."""
    base = tmp_path_factory.mktemp("installed")
    copy = base / "source"
    for name in ROOMS:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", base / "plain", copy], check=True, timeout=300)
    subprocess.run([*pip, "--target", base / "editable", "--editable", copy], check=True, timeout=300)
    return base


def printed(project: Path, installed: Path, kind: str, code: str) -> list[str]:
    """What the code prints, run from the project's folder."""
    if kind == "editable":
        code = f"import site; site.addsitedir({str(installed / kind)!r})\n{code}"
    done = python(code, project, "" if kind == "editable" else ROOT if kind == "checkout" else installed / kind)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["checkout", "plain", "editable"])
def test_a_package_called_db_is_neither_run_nor_hidden(tmp_path, installed, kind):
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "__init__.py").write_text("print('theirs')\nmine = 7\n")
    after = printed(tmp_path, installed, kind, USE + "import db; print(db.mine)")
    before = printed(tmp_path, installed, kind, "import db" + USE + "print(db.mine)")
    assert (after, before) == (["finished", "theirs", "7"], ["theirs", "finished", "7"])


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["checkout", "plain", "editable"])
def test_a_data_folder_called_db(tmp_path, installed, kind):
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "data.csv").write_text("1,2\n")
    assert printed(tmp_path, installed, kind, USE) == ["finished"]


def test_an_error_of_the_store_is_one_class(tmp_path):
    code = (
        "from barograph import Store, StoreError\n"
        "try: Store('no/such/folder/runs.db').runs()\n"
        "except StoreError: print('caught')"
    )
    assert printed(tmp_path, tmp_path, "checkout", code) == ["caught"]


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("from collectors import watch", "from barograph import watch"),
        ("from collectors.evaluation.evaluator import evaluator", "from barograph import watch"),
        ("from db import Store", "from barograph import Store"),
        ("import dashboard.analysis", "from barograph.dashboard import"),
    ],
)
def test_an_old_script_ends_in_one_sentence_with_the_new_line(tmp_path, line, instead):
    done = python(line, tmp_path, ROOT)
    last = done.stderr.splitlines()[-1]
    assert done.returncode == 1 and last.startswith("ImportError: ") and instead in last
    assert not done.stderr.count("During handling")
